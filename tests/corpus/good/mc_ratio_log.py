import numpy as np


def _checked(u, M, x):
    """Return the inputs as arrays of numbers."""
    u = np.asarray(u, dtype=float)
    M = np.asarray(M, dtype=float)
    x = np.asarray(x, dtype=float)
    return u, M, x


def gradient(u, M, x):
    """Return df_dx: (n,)."""
    u, M, x = _checked(u, M, x)
    # 5: f = u' @ log(M @ x)
    df_dx = M.T @ (u / (M @ x))  # (n,)
    return df_dx
