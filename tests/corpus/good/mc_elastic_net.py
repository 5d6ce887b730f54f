import numpy as np


def _checked(M, x, u, a, b):
    """Return the inputs as arrays of numbers."""
    M = np.asarray(M, dtype=float)
    x = np.asarray(x, dtype=float)
    u = np.asarray(u, dtype=float)
    a = np.asarray(a, dtype=float)[()]
    b = np.asarray(b, dtype=float)[()]
    return M, x, u, a, b


def gradient(M, x, u, a, b):
    """Return df_dx: (n,)."""
    M, x, u, a, b = _checked(M, x, u, a, b)
    # 7: f = norm2(M @ x - u)^2 + a*norm1(x) + b*norm2(x)^2
    df_dx = 2 * (M.T @ (M @ x - u)) + 2 * b * x + a * np.sign(x)  # (n,)
    return df_dx
