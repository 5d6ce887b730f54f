import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # 3: f = sum(cos(x))
    df_dx = -np.sin(x)  # (n,)
    return df_dx
