import numpy as np


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def gradient(X):
    """Return ds_dX: (n, d)."""
    X = _checked(X)
    n = X.shape[0]
    # forward sweep
    Z = X - np.mean(X, axis=0)              # (n, d)
    # reverse sweep
    # 3: s = sum(Z^2)/(n - 1)
    ds_dZ = 2 * Z / (n - 1)                 # (n, d)
    # 2: Z = X - mean(X, axis=0, keepdims=true)
    ds_dX = ds_dZ - np.mean(ds_dZ, axis=0)  # (n, d)
    return ds_dX
