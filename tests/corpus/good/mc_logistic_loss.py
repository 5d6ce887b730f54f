import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(u, M, w):
    """Return the inputs as arrays of numbers."""
    u = np.asarray(u, dtype=float)
    M = np.asarray(M, dtype=float)
    w = np.asarray(w, dtype=float)
    return u, M, w


def gradient(u, M, w):
    """Return df_dw: (n,)."""
    u, M, w = _checked(u, M, w)
    # 5: f = sum(log(exp(-u.*(M @ w)) + vector(1)))
    df_dw = -(M.T @ (sigmoid(-u * (M @ w)) * u))  # (n,)
    return df_dw
