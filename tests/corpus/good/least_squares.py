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
    # forward sweep
    r = A @ x - b    # (m,)
    # reverse sweep
    # 4: r = A @ x - b
    df_dx = A.T @ r  # (n,)
    return df_dx
