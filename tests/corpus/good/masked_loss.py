import numpy as np


def _checked(U, V, Y, M):
    """Return the inputs as arrays of numbers."""
    U = np.asarray(U, dtype=float)
    V = np.asarray(V, dtype=float)
    Y = np.asarray(Y, dtype=float)
    M = np.asarray(M, dtype=bool)
    return U, V, Y, M


def gradient(U, V, Y, M):
    """Return (dJ_dU, dJ_dV): (n, r), (m, r)."""
    U, V, Y, M = _checked(U, V, Y, M)
    n = U.shape[0]
    m = V.shape[0]
    # forward sweep
    t1 = M.reshape(-1)                 # (m*n,)
    # reverse sweep
    # 6: J = sum((U @ V' - Y)[M]^2) + 0.1*sum(concat(U, V)^2)
    t2 = np.zeros(m * n)               # (m*n,)
    t2[t1] = 2 * (U @ V.T - Y).reshape(-1)[t1]
    t3 = t2.reshape(n, m)              # (n, m)
    t4 = 0.2 * np.concatenate([U, V])  # (m + n, r)
    dJ_dU = t3 @ V + t4[:n]            # (n, r)
    dJ_dV = t3.T @ U + t4[n:]          # (m, r)
    return dJ_dU, dJ_dV
