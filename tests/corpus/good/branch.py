import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return ds_dx: (n,)."""
    x = _checked(x)
    # forward sweep
    t1 = x > 0                                                # (n,)
    t2 = np.where(t1, x, 1)                                   # (n,)
    t3 = np.sqrt(t2)                                          # (n,)
    # reverse sweep
    # 2: s = sum(where(x > 0, sqrt(x)*log(x), 0))
    ds_dx = np.where(t1, t3 / t2 + np.log(t2) / (2 * t3), 0)  # (n,)
    return ds_dx
