import numpy as np


def _checked(L, K, a):
    """Return the inputs as arrays of numbers."""
    L = np.asarray(L, dtype=float)[()]
    K = np.asarray(K, dtype=float)[()]
    a = np.asarray(a, dtype=float)[()]
    return L, K, a


def gradient(L, K, a):
    """Return (dy_dL, dy_dK, dy_da)."""
    L, K, a = _checked(L, K, a)
    # 4: y = log(L^a*K^(1 - a))
    dy_dL = a / L
    dy_dK = (1 - a) / K
    dy_da = np.log(L) - np.log(K)
    return dy_dL, dy_dK, dy_da
