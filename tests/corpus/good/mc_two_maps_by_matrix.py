import numpy as np


def _checked(A, B, x, v):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    B = np.asarray(B, dtype=float)
    x = np.asarray(x, dtype=float)
    v = np.asarray(v, dtype=float)
    return A, B, x, v


def gradient(A, B, x, v):
    """Return df_dB: (n, n)."""
    A, B, x, v = _checked(A, B, x, v)
    # 6: f = norm2(A @ B @ x - v)^2
    df_dB = 2 * np.outer(A.T @ (A @ (B @ x) - v), x)  # (n, n)
    return df_dB
