import numpy as np


def cofactor(A):
    """The matrix of cofactors, det(A) * inv(A).T, also where A is singular."""
    U, s, Vt = np.linalg.svd(A)
    k = s.shape[-1]
    others = np.prod(np.where(np.eye(k, dtype=bool), 1, s[..., None, :]), axis=-1)
    sign = np.linalg.det(U) * np.linalg.det(Vt)
    return sign[..., None, None] * (U * others[..., None, :]) @ Vt


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def gradient(X):
    """Return df_dX: (n, n)."""
    X = _checked(X)
    # 3: f = det(X)
    df_dX = cofactor(X)  # (n, n)
    return df_dX
