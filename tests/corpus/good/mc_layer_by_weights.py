import numpy as np


def _checked(A, x, v):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    v = np.asarray(v, dtype=float)
    return A, x, v


def jacobian(A, x, v):
    """Return the Jacobian: (n, n, n)."""
    A, x, v = _checked(A, x, v)
    n = A.shape[0]
    i = np.arange(n)
    df_dA = np.zeros((n, n, n))  # (n, n, n)
    df_dA[i, i] = x
    return df_dA
