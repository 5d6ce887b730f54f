import numpy as np


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def gradient(X):
    """Return df_dX: (n, n)."""
    X = _checked(X)
    n = X.shape[0]
    # 3: f = tr(X)
    df_dX = np.eye(n)  # (n, n)
    return df_dX
