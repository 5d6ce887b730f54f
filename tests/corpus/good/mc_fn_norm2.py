import numpy as np


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # forward sweep
    f = np.linalg.norm(x)
    # reverse sweep
    # 3: f = norm2(x)
    df_dx = x / np.where(f > 0, f, 1)  # (n,)
    return df_dx
