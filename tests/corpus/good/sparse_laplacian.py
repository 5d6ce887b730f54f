import numpy as np


def _checked(X):
    """Return the inputs as arrays of numbers."""
    X = np.asarray(X, dtype=float)
    return X


def hessian_sparse(X):
    """Return the Hessian: (data, (rows, columns)) for scipy.sparse.coo_array, (k*n, k*n)."""
    X = _checked(X)
    n, k = X.shape
    t1 = np.full((n, k - 1), 2.0)   # (n, k - 1)
    t2 = np.full((n, k - 1), -2.0)  # (n, k - 1)
    t3 = np.full((n - 1, k), 2.0)   # (n - 1, k)
    t4 = np.full((n - 1, k), -2.0)  # (n - 1, k)
    i = np.arange(n)
    j = np.arange(k - 1)
    p = np.arange(n - 1)
    q = np.arange(k)
    values1 = t1.ravel()
    values2 = t2.ravel()
    values3 = t3.ravel()
    values4 = t4.ravel()
    data = np.concatenate([values1, values2, values2, values1, values3, values4, values4, values3])
    index1 = (i[:, None] * k + j).ravel()
    index2 = (i[:, None] * k + (j + 1)).ravel()
    index3 = (p[:, None] * k + q).ravel()
    index4 = ((p + 1)[:, None] * k + q).ravel()
    rows = np.concatenate([index1, index2, index1, index2, index3, index4, index3, index4])
    columns = np.concatenate([index1, index1, index2, index2, index3, index3, index4, index4])
    return data, (rows, columns)
