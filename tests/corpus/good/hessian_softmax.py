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


def hessian(X, Y, W):
    """Return the Hessian: (d, k, d, k)."""
    X, Y, W = _checked(X, Y, W)
    n = X.shape[0]
    k = Y.shape[1]
    t1 = softmax(X @ W, axis=1)                                           # (n, k)
    t2 = (X.T * np.sum(Y, axis=1))[:, None] * t1.T                        # (d, k, n)
    i = np.arange(k)
    d2J_dW2 = -np.tensordot(t2, t1[:, None] * X[:, :, None], axes=1) / n  # (d, k, d, k)
    d2J_dW2[:, i, :, i] += np.transpose(np.tensordot(t2, X, axes=1), (1, 0, 2)) / n
    return d2J_dW2
