import numpy as np


def _checked(x, A, c, y):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    A = np.asarray(A, dtype=float)
    c = np.asarray(c, dtype=float)[()]
    y = np.asarray(y, dtype=float)
    return x, A, c, y


def gradient(x, A, c, y):
    """Return df_dx: (n,)."""
    x, A, c, y = _checked(x, A, c, y)
    # 6: f = x' @ A @ x + c*(sin(y)' @ x)
    df_dx = A.T @ x + A @ x + c * np.sin(y)  # (n,)
    return df_dx
