import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(X, y, w, b):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    w = np.asarray(w, dtype=float)
    b = np.asarray(b, dtype=float)[()]
    return X, y, w, b


def gradient(X, y, w, b):
    """Return (dJ_dw, dJ_db): (d,), scalar."""
    X, y, w, b = _checked(X, y, w, b)
    n = X.shape[0]
    # forward sweep
    z = X @ w + b                    # (n,)
    # reverse sweep
    # 8: J = mean(softplus(z) - y * z) + 0.001 * sum(w^2)
    dJ_dz = (sigmoid(z) - y) / n     # (n,)
    # 7: z = X @ w + b
    dJ_dw = X.T @ dJ_dz + 0.002 * w  # (d,)
    dJ_db = np.sum(dJ_dz)
    return dJ_dw, dJ_db


def value_and_gradient(X, y, w, b):
    """Return J and (dJ_dw, dJ_db): scalar, (d,), scalar."""
    X, y, w, b = _checked(X, y, w, b)
    n = X.shape[0]
    # forward sweep
    z = X @ w + b                    # (n,)
    J = np.mean(np.logaddexp(0, z) - y * z) + 0.001 * np.sum(w**2)
    # reverse sweep
    # 8: J = mean(softplus(z) - y * z) + 0.001 * sum(w^2)
    dJ_dz = (sigmoid(z) - y) / n     # (n,)
    # 7: z = X @ w + b
    dJ_dw = X.T @ dJ_dz + 0.002 * w  # (d,)
    dJ_db = np.sum(dJ_dz)
    return J, (dJ_dw, dJ_db)
