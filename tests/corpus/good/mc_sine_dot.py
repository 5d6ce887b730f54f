import numpy as np


def _checked(x, y):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    y = np.asarray(y, dtype=float)
    return x, y


def gradient(x, y):
    """Return df_dx: (n,)."""
    x, y = _checked(x, y)
    # 4: f = sin(x)' @ y
    df_dx = y * np.cos(x)  # (n,)
    return df_dx
