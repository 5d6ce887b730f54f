import numpy as np


def _checked(T, U, V):
    """Return the inputs as arrays of numbers."""
    T = np.asarray(T, dtype=float)
    U = np.asarray(U, dtype=float)
    V = np.asarray(V, dtype=float)
    return T, U, V


def hessian(T, U, V):
    """Return the Hessian: (m, k, m, k)."""
    T, U, V = _checked(T, U, V)
    m = T.shape[0]
    k = U.shape[1]
    i = np.arange(m)
    d2f_dU2 = np.zeros((m, k, m, k))  # (m, k, m, k)
    d2f_dU2[i, :, i] = 2 * (V.T @ V)
    return d2f_dU2
