import numpy as np


def _checked(a, b):
    """Return the inputs as arrays of numbers."""
    a = np.asarray(a, dtype=float)[()]
    b = np.asarray(b, dtype=float)[()]
    return a, b


def gradient(a, b):
    """Return df_db."""
    a, b = _checked(a, b)
    # forward sweep
    f = a**b
    # reverse sweep
    # 4: f = a^b
    df_db = f * np.log(np.where(a == 0, 1, a))
    return df_db
