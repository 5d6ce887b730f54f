import numpy as np


def _checked(A, B, x, v):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    B = np.asarray(B, dtype=float)
    x = np.asarray(x, dtype=float)
    v = np.asarray(v, dtype=float)
    return A, B, x, v


def gradient(A, B, x, v):
    """Return df_dx: (n,)."""
    A, B, x, v = _checked(A, B, x, v)
    # 6: f = norm2(A @ B @ x - v)^2
    df_dx = 2 * (B.T @ (A.T @ (A @ (B @ x) - v)))  # (n,)
    return df_dx
