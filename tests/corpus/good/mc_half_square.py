import numpy as np


def _checked(A, X):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    X = np.asarray(X, dtype=float)
    return A, X


def jacobian(A, X):
    """Return the Jacobian: (n, n, n, n)."""
    A, X = _checked(A, X)
    n = A.shape[0]
    i = np.arange(n)
    df_dX = np.zeros((n, n, n, n))  # (n, n, n, n)
    df_dX[i, :, i] -= 0.5 * X.T
    df_dX[:, i, :, i] -= 0.5 * X
    return df_dX
