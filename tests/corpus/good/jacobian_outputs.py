import numpy as np


def _checked(A, x, a):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    a = np.asarray(a, dtype=float)[()]
    return A, x, a


def jacobian(A, x, a):
    """Return the Jacobian in 2 rows of blocks: (m, n), (m,), (n,), scalar."""
    A, x, a = _checked(A, x, a)
    du_da = A @ x  # (m,)
    u = a * du_da  # (m,)
    return (a * A, du_da), (2 * a * (A.T @ u), 2 * (u @ du_da))
