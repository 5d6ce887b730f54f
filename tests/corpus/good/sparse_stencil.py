import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def jacobian_sparse(x):
    """Return the Jacobian: (diagonals, offsets) for scipy.sparse.diags_array, (n - 2, n)."""
    x = _checked(x)
    n = x.shape[0]
    t1 = x[1:-1]  # (n - 2,)
    return (np.full(n - 2, -1.0), 3 - 2 * t1 - 2 * t1, np.full(n - 2, -2.0)), (0, 1, 2)


def jacobian_sparsity(x):
    """Return where the Jacobian may differ from 0: a boolean matrix, (n - 2, n)."""
    x = _checked(x)
    n = x.shape[0]
    i = np.arange(n - 2)
    pattern = np.zeros((n - 2, n), dtype=bool)
    pattern[i, i + 2] = True
    pattern[i, i] = True
    pattern[i, i + 1] = True
    return pattern
