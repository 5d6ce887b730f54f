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
    # forward sweep
    t1 = M @ x - u                            # (m,)
    f = np.linalg.norm(t1)
    # reverse sweep
    # 5: f = norm2(M @ x - u)
    df_dx = M.T @ t1 / np.where(f > 0, f, 1)  # (n,)
    return df_dx
