import numpy as np


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def gradient(X):
    """Return df_dX: (n, n)."""
    X = _checked(X)
    # 3: f = sum((X + matrix(1)).^2)
    df_dX = 2 * (X + 1)  # (n, n)
    return df_dX
