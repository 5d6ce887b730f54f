import numpy as np


def _checked(M, x, u):
    """Return the inputs as arrays of numbers."""
    M = np.asarray(M, dtype=float)
    x = np.asarray(x, dtype=float)
    u = np.asarray(u, dtype=float)
    return M, x, u


def hessian(M, x, u):
    """Return the Hessian: (n, n)."""
    M, x, u = _checked(M, x, u)
    return 2 * M.T @ M
