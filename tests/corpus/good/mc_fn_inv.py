import numpy as np


def _checked(x, X, y):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    return x, X, y


def gradient(x, X, y):
    """Return df_dX: (n, n)."""
    x, X, y = _checked(x, X, y)
    # forward sweep
    t1 = np.linalg.inv(X)                # (n, n)
    # reverse sweep
    # 5: f = x' @ inv(X) @ y
    df_dX = -np.outer(t1.T @ x, t1 @ y)  # (n, n)
    return df_dX
