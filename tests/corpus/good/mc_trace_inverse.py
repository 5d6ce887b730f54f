import numpy as np


def _checked(A, X):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    X = np.asarray(X, dtype=float)
    return A, X


def gradient(A, X):
    """Return df_dX: (n, n)."""
    A, X = _checked(A, X)
    # forward sweep
    t1 = np.linalg.inv(X)         # (n, n)
    # reverse sweep
    # 4: f = tr(A' @ inv(X))
    df_dX = -(t1.T @ (A @ t1.T))  # (n, n)
    return df_dX
