import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(u, M, w):
    """Return the inputs as arrays of numbers."""
    u = np.asarray(u, dtype=float)
    M = np.asarray(M, dtype=float)
    w = np.asarray(w, dtype=float)
    return u, M, w


def hessian(u, M, w):
    """Return the Hessian: (n, n)."""
    u, M, w = _checked(u, M, w)
    t1 = -u * (M @ w)                                            # (m,)
    t2 = (u * np.sqrt(sigmoid(t1) * sigmoid(-t1)))[:, None] * M  # (m, n)
    return t2.T @ t2
