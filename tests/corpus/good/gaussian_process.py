import numpy as np
from scipy.linalg import cho_solve


def _checked(K, y, s):
    """Return the inputs as arrays of numbers."""
    K = np.asarray(K, dtype=float)
    y = np.asarray(y, dtype=float)
    s = np.asarray(s, dtype=float)[()]
    return K, y, s


def gradient(K, y, s):
    """Return dL_ds."""
    K, y, s = _checked(K, y, s)
    n = K.shape[0]
    # forward sweep
    C = K + s * np.eye(n)                             # (n, n)
    t1 = cho_solve((np.linalg.cholesky(C), True), y)  # (n,)
    # reverse sweep
    # 6: C = K + s*eye(n)
    dL_ds = 0.5 * np.trace(np.linalg.inv(C) - np.outer(t1, t1))
    return dL_ds
