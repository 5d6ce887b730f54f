import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(X, y, w, lam):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    w = np.asarray(w, dtype=float)
    lam = np.asarray(lam, dtype=float)[()]
    return X, y, w, lam


def hessian(X, y, w, lam):
    """Return the Hessian: (d, d)."""
    X, y, w, lam = _checked(X, y, w, lam)
    n, d = X.shape
    z = X @ w                                            # (n,)
    t1 = np.sqrt(sigmoid(z) * sigmoid(-z))[:, None] * X  # (n, d)
    return t1.T @ t1 / n + 2 * lam * np.eye(d)
