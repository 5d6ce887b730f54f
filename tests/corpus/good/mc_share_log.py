import numpy as np


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(u, M, x):
    """Return the inputs as arrays of numbers."""
    u = np.asarray(u, dtype=float)
    M = np.asarray(M, dtype=float)
    x = np.asarray(x, dtype=float)
    return u, M, x


def gradient(u, M, x):
    """Return df_dx: (n,)."""
    u, M, x = _checked(u, M, x)
    # forward sweep
    t1 = np.exp(x)                                             # (n,)
    t2 = M @ t1 / np.sum(t1)                                   # (m,)
    # reverse sweep
    # 5: f = u' @ log(M @ exp(x)/sum(exp(x))) - 1/18*(x' @ x)
    t3 = u / t2                                                # (m,)
    df_dx = softmax(x, axis=0) * (M.T @ t3 - t3 @ t2) - x / 9  # (n,)
    return df_dx
