import numpy as np


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
    t1 = np.exp(x)                                       # (n,)
    t2 = np.sum(t1)
    t3 = M @ t1 / t2                                     # (m,)
    # reverse sweep
    # 5: f = u' @ log(M @ exp(x)/sum(exp(x))) - 1/18*(x' @ x)
    t4 = u / t3                                          # (m,)
    df_dx = (M.T @ t4 / t2 - t4 @ t3 / t2) * t1 - x / 9  # (n,)
    return df_dx
