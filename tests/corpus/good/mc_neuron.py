import numpy as np


def sech2(x):
    """1 / cosh(x)**2, without overflow."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def _checked(w, x, b, d):
    """Return the inputs as arrays of numbers."""
    w = np.asarray(w, dtype=float)
    x = np.asarray(x, dtype=float)
    b = np.asarray(b, dtype=float)[()]
    d = np.asarray(d, dtype=float)[()]
    return w, x, b, d


def gradient(w, x, b, d):
    """Return df_db."""
    w, x, b, d = _checked(w, x, b, d)
    # forward sweep
    t1 = w @ x + b
    # reverse sweep
    # 6: f = ((tanh(w' @ x + b) + 1)/2 - d)^2
    df_db = (0.5 * (np.tanh(t1) + 1) - d) * sech2(t1)
    return df_db
