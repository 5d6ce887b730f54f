import numpy as np


def sech2(x):
    """1 / cosh(x)**2, without overflow."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return df_dx: (n,)."""
    x = _checked(x)
    # 3: f = sum(tanh(x))
    df_dx = sech2(x)  # (n,)
    return df_dx
