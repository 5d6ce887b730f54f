import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # 3: f = sum(arcsin(x))
    df_dx = 1 / np.sqrt((1 - x) * (1 + x))  # (n,)
    return df_dx
