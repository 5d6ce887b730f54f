import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(X, y, w):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    w = np.asarray(w, dtype=float)
    return X, y, w


def hvp(X, y, w, w_dot):
    """Return the Hessian times the direction: (d,)."""
    X, y, w = _checked(X, y, w)
    w_dot = np.asarray(w_dot, dtype=float)
    n = X.shape[0]
    z = X @ w  # (n,)
    return X.T @ (sigmoid(z) * sigmoid(-z) * (X @ w_dot)) / n
