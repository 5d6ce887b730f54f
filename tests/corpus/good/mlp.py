import numpy as np


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(X, Y, W1, W2, lam):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    Y = np.asarray(Y, dtype=float)
    W1 = np.asarray(W1, dtype=float)
    W2 = np.asarray(W2, dtype=float)
    lam = np.asarray(lam, dtype=float)[()]
    return X, Y, W1, W2, lam


def gradient(X, Y, W1, W2, lam):
    """Return (dJ_dW1, dJ_dW2): (d, h), (h, k)."""
    X, Y, W1, W2, lam = _checked(X, Y, W1, W2, lam)
    n = X.shape[0]
    # forward sweep
    H = np.maximum(X @ W1, 0)                                                # (n, h)
    S = H @ W2                                                               # (n, k)
    # reverse sweep
    # 10: J = cross_entropy(S, Y) + lam * (sum(W1^2) + sum(W2^2))
    dJ_dS = (softmax(S, axis=1) * np.sum(Y, axis=1, keepdims=True) - Y) / n  # (n, k)
    # 9: S = H @ W2
    dJ_dH = dJ_dS @ W2.T                                                     # (n, h)
    dJ_dW2 = H.T @ dJ_dS + 2 * lam * W2                                      # (h, k)
    # 8: H = relu(X @ W1)
    dJ_dW1 = X.T @ np.where(H > 0, dJ_dH, 0) + 2 * lam * W1                  # (d, h)
    return dJ_dW1, dJ_dW2
