import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # 3: f = sum(arctan(x))
    df_dx = 1 / (1 + x**2)  # (n,)
    return df_dx
