import numpy as np


def _checked(x, A):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    A = np.asarray(A, dtype=float)
    return x, A


def hessian(x, A):
    """Return the Hessian: (n, n)."""
    x, A = _checked(x, A)
    return A + A.T
