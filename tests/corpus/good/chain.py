import numpy as np


def _checked(A, B, C, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    B = np.asarray(B, dtype=float)
    C = np.asarray(C, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, B, C, x


def gradient(A, B, C, x):
    """Return df_dx: (n,)."""
    A, B, C, x = _checked(A, B, C, x)
    # 5: f = sum((A @ B @ C @ x)^2)
    df_dx = 2 * (C.T @ (B.T @ (A.T @ (A @ (B @ (C @ x))))))  # (n,)
    return df_dx
