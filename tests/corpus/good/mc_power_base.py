import numpy as np


def _checked(a, b):
    """Return the inputs as arrays of numbers."""
    a = np.asarray(a, dtype=float)[()]
    b = np.asarray(b, dtype=float)[()]
    return a, b


def gradient(a, b):
    """Return df_da."""
    a, b = _checked(a, b)
    # 4: f = a^b
    df_da = b * np.where((a == 0) & (b == 0), 1, a)**(b - 1)
    return df_da
