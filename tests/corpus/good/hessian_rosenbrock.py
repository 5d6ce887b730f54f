import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def hessian(x):
    """Return the Hessian: (n, n)."""
    x = _checked(x)
    n = x.shape[0]
    t1 = x[:-1]                 # (n - 1,)
    t2 = -400 * t1              # (n - 1,)
    i = np.arange(n - 1)
    d2f_dx2 = np.zeros((n, n))  # (n, n)
    d2f_dx2[i, i] += 2 - 400 * (x[1:] - t1**2) + 800 * t1 * t1
    d2f_dx2[i + 1, i] += t2
    d2f_dx2[i, i + 1] += t2
    d2f_dx2[i + 1, i + 1] += 200
    return d2f_dx2
