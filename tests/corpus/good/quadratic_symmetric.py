import numpy as np


def _checked(A, b, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    b = np.asarray(b, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, b, x


def gradient(A, b, x):
    """Return df_dx: (n,)."""
    A, b, x = _checked(A, b, x)
    # 4: f = x' @ A @ x/2 - b' @ x
    df_dx = A @ x - b  # (n,)
    return df_dx
