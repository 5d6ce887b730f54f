import numpy as np


def _checked(A, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, x


def gradient(A, x):
    """Return (ds_dA, ds_dx): (n, d), (d,)."""
    A, x = _checked(A, x)
    # forward sweep
    t1 = A @ x                                                            # (n,)
    t2 = np.linalg.norm(t1)
    # reverse sweep
    # 3: s = norm(A @ x) + norm1(x) + max(x)
    t3 = np.where(t2 > 0, t2, 1)
    ds_dA = np.outer(t1, x) / t3                                          # (n, d)
    t4 = x == np.max(x)                                                   # (d,)
    ds_dx = np.where(t4, 1 / np.sum(t4), 0) + np.sign(x) + A.T @ t1 / t3  # (d,)
    return ds_dA, ds_dx
