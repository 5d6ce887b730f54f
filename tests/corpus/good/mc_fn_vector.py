import numpy as np


def _checked(y, x):
    """Return the inputs as arrays of numbers."""
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float)
    return y, x


def gradient(y, x):
    """Return df_dx: (n,)."""
    y, x = _checked(y, x)
    # 4: f = -sum(y.*log(x.^2 + vector(1)))
    df_dx = -2 * y / (1 + x**2) * x  # (n,)
    return df_dx
