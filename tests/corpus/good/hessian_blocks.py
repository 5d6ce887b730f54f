import numpy as np


def _checked(A, x, y):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    y = np.asarray(y, dtype=float)
    return A, x, y


def hessian(A, x, y):
    """Return the Hessian in 2 rows of blocks: (m, m), (m, n), (n, m), (n, n)."""
    A, x, y = _checked(A, x, y)
    t1 = A.T @ x                             # (n,)
    t2 = np.exp(t1 @ y)
    t3 = A @ y                               # (m,)
    d2f_dx_dy = t2 * (A + np.outer(t3, t1))  # (m, n)
    return (t2 * t3[:, None] * t3 + np.diag(6 * x), d2f_dx_dy), (d2f_dx_dy.T, t2 * t1[:, None] * t1)
