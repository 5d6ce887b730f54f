import numpy as np


def _checked(A, X, B, C):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    X = np.asarray(X, dtype=float)
    B = np.asarray(B, dtype=float)
    C = np.asarray(C, dtype=float)
    return A, X, B, C


def gradient(A, X, B, C):
    """Return df_dX: (n, n)."""
    A, X, B, C = _checked(A, X, B, C)
    # 6: f = tr(A @ X' @ B @ X @ C)
    df_dX = B @ (X @ C) @ A + B.T @ (X @ A.T) @ C.T  # (n, n)
    return df_dX
