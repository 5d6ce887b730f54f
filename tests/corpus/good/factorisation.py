import numpy as np


def _checked(T, U, V):
    """Return the inputs as arrays of numbers."""
    T = np.asarray(T, dtype=float)
    U = np.asarray(U, dtype=float)
    V = np.asarray(V, dtype=float)
    return T, U, V


def gradient(T, U, V):
    """Return (df_dU, df_dV): (m, k), (n, k)."""
    T, U, V = _checked(T, U, V)
    # forward sweep
    t1 = T - U @ V.T       # (m, n)
    # reverse sweep
    # 4: f = sum((T - U @ V')^2)
    df_dU = -2 * t1 @ V    # (m, k)
    df_dV = -2 * t1.T @ U  # (n, k)
    return df_dU, df_dV
