import numpy as np


def _checked(x, A):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    A = np.asarray(A, dtype=float)
    return x, A


def gradient(x, A):
    """Return df_dx: (n,)."""
    x, A = _checked(x, A)
    # 4: f = 0.5*(x' @ A @ x)
    df_dx = 0.5 * (A.T @ x + A @ x)  # (n,)
    return df_dx
