import numpy as np


def _checked(M, x, u):
    """Return the inputs as arrays of numbers."""
    M = np.asarray(M, dtype=float)
    x = np.asarray(x, dtype=float)
    u = np.asarray(u, dtype=float)
    return M, x, u


def gradient(M, x, u):
    """Return df_dx: (n,)."""
    M, x, u = _checked(M, x, u)
    # 5: f = norm2(M @ x - u)^2
    df_dx = 2 * (M.T @ (M @ x - u))  # (n,)
    return df_dx
