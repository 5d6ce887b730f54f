import numpy as np


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def jacobian(X):
    """Return the Jacobian: (n, k, n, k)."""
    X = _checked(X)
    n, k = X.shape
    P = softmax(X, axis=1)          # (n, k)
    i = np.arange(n)
    j = np.arange(k)
    dP_dX = np.zeros((n, k, n, k))  # (n, k, n, k)
    dP_dX[i[:, None], j, i[:, None], j] += P
    dP_dX[i, :, i] -= P[:, None] * P[:, :, None]
    return dP_dX


def jacobian_sparse(X):
    """Return the Jacobian: the blocks along its diagonal, (n, k, k)."""
    X = _checked(X)
    k = X.shape[1]
    P = softmax(X, axis=1)            # (n, k)
    i = np.arange(k)
    t1 = -P[:, None] * P[:, :, None]  # (n, k, k)
    t1[:, i, i] += P
    return t1
