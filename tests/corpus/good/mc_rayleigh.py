import numpy as np


def _checked(x, A):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    A = np.asarray(A, dtype=float)
    return x, A


def gradient(x, A):
    """Return df_dx: (n,)."""
    x, A = _checked(x, A)
    # forward sweep
    t1 = A.T @ x                                   # (n,)
    t2 = x @ x
    f = t1 @ x / t2
    # reverse sweep
    # 4: f = (x' @ A @ x)/(x' @ x)
    df_dx = t1 / t2 - 2 * f / t2 * x + A @ x / t2  # (n,)
    return df_dx
