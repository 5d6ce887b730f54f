import numpy as np


def _checked(A, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, x


def gradient(A, x):
    """Return df_dx: (n,)."""
    A, x = _checked(A, x)
    # 4: f = sum(A @ x)
    df_dx = np.sum(A, axis=0)  # (n,)
    return df_dx
