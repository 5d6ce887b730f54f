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


def gradient(X, y, w):
    """Return (dJ_dw, dJ_dz, dJ_dp): (d,), (n,), (n,)."""
    X, y, w = _checked(X, y, w)
    n = X.shape[0]
    # forward sweep
    z = X @ w                          # (n,)
    p = sigmoid(z)                     # (n,)
    # reverse sweep
    # 7: J = mean((p - y)^2)
    dJ_dp = 2 * (p - y) / n            # (n,)
    # 6: p = sigmoid(z)
    dJ_dz = dJ_dp * (p * sigmoid(-z))  # (n,)
    # 5: z = X @ w
    dJ_dw = X.T @ dJ_dz                # (d,)
    return dJ_dw, dJ_dz, dJ_dp
