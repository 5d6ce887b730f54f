import numpy as np


def _checked(v, x):
    """Return the inputs as arrays of numbers."""
    v = np.asarray(v, dtype=float)
    x = np.asarray(x, dtype=float)
    return v, x


def gradient(v, x):
    """Return df_dx: (n,)."""
    v, x = _checked(v, x)
    # 4: f = v' @ x
    df_dx = v.copy()  # (n,)
    return df_dx
