import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # 3: f = sum(log(x))
    df_dx = 1 / x  # (n,)
    return df_dx
