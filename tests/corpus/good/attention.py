import numpy as np


def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _checked(Q, K, V):
    """Return the inputs as arrays of numbers."""
    Q = np.asarray(Q, dtype=float)
    K = np.asarray(K, dtype=float)
    V = np.asarray(V, dtype=float)
    return Q, K, V


def value_and_gradient(Q, K, V):
    """Return s and (ds_dQ, ds_dK, ds_dV): scalar, (n, d), (n, d), (n, m)."""
    Q, K, V = _checked(Q, K, V)
    d = Q.shape[1]
    # forward sweep
    t1 = np.sqrt(d)
    P = softmax(Q @ K.T / t1, axis=1)                            # (n, n)
    t2 = P @ V                                                   # (n, m)
    s = np.sum(t2**2)
    # reverse sweep
    # 5: s = sum((P @ V)^2)
    ds_dP = 2 * t2 @ V.T                                         # (n, n)
    ds_dV = 2 * P.T @ t2                                         # (n, m)
    # 4: P = softmax(Q @ K' / sqrt(d), axis=1)
    t3 = P * (ds_dP - np.sum(ds_dP * P, axis=1, keepdims=True))  # (n, n)
    ds_dQ = t3 @ K / t1                                          # (n, d)
    ds_dK = t3.T @ Q / t1                                        # (n, d)
    return s, (ds_dQ, ds_dK, ds_dV)
