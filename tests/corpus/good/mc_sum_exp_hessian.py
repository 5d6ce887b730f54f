import numpy as np


def _checked(A, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, x


def hessian(A, x):
    """Return the Hessian: (n, n)."""
    A, x = _checked(A, x)
    t1 = np.sqrt(np.exp(A @ x))[:, None] * A  # (n, n)
    return t1.T @ t1
