import numpy as np


def _checked(x, y):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    y = np.asarray(y, dtype=float)
    return x, y


def gradient(x, y):
    """Return df_dx: (n,)."""
    x, y = _checked(x, y)
    # 4: f = sum(relu(x - y))
    df_dx = np.where(x - y > 0, 1.0, 0.0)  # (n,)
    return df_dx
