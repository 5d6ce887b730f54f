import numpy as np


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(X, Y, W):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    Y = np.asarray(Y, dtype=float)
    W = np.asarray(W, dtype=float)
    return X, Y, W


def gradient(X, Y, W):
    """Return dJ_dW: (d, k)."""
    X, Y, W = _checked(X, Y, W)
    n = X.shape[0]
    # forward sweep
    P = softmax(X @ W, axis=1)  # (n, k)
    # reverse sweep
    # 6: P = softmax(X @ W)
    dJ_dW = X.T @ (P - Y) / n   # (d, k)
    return dJ_dW
