import numpy as np


def sech2(x):
    """1 / cosh(x)**2, without overflow."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(X, c, W1, b1, W2, b2, W3, b3):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    c = np.asarray(c, dtype=int)
    W1 = np.asarray(W1, dtype=float)
    b1 = np.asarray(b1, dtype=float)
    W2 = np.asarray(W2, dtype=float)
    b2 = np.asarray(b2, dtype=float)
    W3 = np.asarray(W3, dtype=float)
    b3 = np.asarray(b3, dtype=float)
    return X, c, W1, b1, W2, b2, W3, b3


def gradient(X, c, W1, b1, W2, b2, W3, b3):
    """Return 6 derivatives in the order of WRT."""
    X, c, W1, b1, W2, b2, W3, b3 = _checked(X, c, W1, b1, W2, b2, W3, b3)
    n = X.shape[0]
    k = W3.shape[1]
    # forward sweep
    H1 = np.maximum(X @ W1 + b1, 0)                                         # (n, h)
    t1 = H1 @ W2 + b2                                                       # (n, m)
    H2 = np.tanh(t1)                                                        # (n, m)
    # reverse sweep
    # 13: J = cross_entropy(H2 @ W3 + b3, c)
    t2 = np.where(c[:, None] == np.arange(k), 1 / n, 0)                     # (n, k)
    t3 = softmax(H2 @ W3 + b3, axis=1) * np.sum(t2, axis=1, keepdims=True)  # (n, k)
    t4 = t3 - t2                                                            # (n, k)
    dJ_dH2 = t4 @ W3.T                                                      # (n, m)
    dJ_dW3 = H2.T @ t4                                                      # (m, k)
    dJ_db3 = np.sum(t4, axis=0)                                             # (k,)
    # 12: H2 = tanh(H1 @ W2 + b2)
    t5 = dJ_dH2 * sech2(t1)                                                 # (n, m)
    dJ_dH1 = t5 @ W2.T                                                      # (n, h)
    dJ_dW2 = H1.T @ t5                                                      # (h, m)
    dJ_db2 = np.sum(t5, axis=0)                                             # (m,)
    # 11: H1 = relu(X @ W1 + b1)
    t6 = np.where(H1 > 0, dJ_dH1, 0)                                        # (n, h)
    dJ_dW1 = X.T @ t6                                                       # (d, h)
    dJ_db1 = np.sum(t6, axis=0)                                             # (h,)
    return dJ_dW1, dJ_db1, dJ_dW2, dJ_db2, dJ_dW3, dJ_db3
