import numpy as np


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def gradient(X):
    """Return df_dX: (n, n)."""
    X = _checked(X)
    # 3: f = log(det(inv(X)))
    df_dX = -np.linalg.inv(X).T  # (n, n)
    return df_dX
