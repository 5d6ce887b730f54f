import numpy as np


def _checked(T, U, V):
    """Return the inputs as arrays of numbers."""
    T = np.asarray(T, dtype=float)
    U = np.asarray(U, dtype=float)
    V = np.asarray(V, dtype=float)
    return T, U, V


def gradient(T, U, V):
    """Return df_dU: (m, k)."""
    T, U, V = _checked(T, U, V)
    # 5: f = norm2(T - U @ V')^2
    df_dU = -2 * ((T - U @ V.T) @ V)  # (m, k)
    return df_dU
