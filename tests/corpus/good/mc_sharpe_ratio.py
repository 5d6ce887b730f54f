import numpy as np


def _checked(w, p, a, S):
    """Return the inputs as arrays of numbers."""
    w = np.asarray(w, dtype=float)
    p = np.asarray(p, dtype=float)
    a = np.asarray(a, dtype=float)[()]
    S = np.asarray(S, dtype=float)
    return w, p, a, S


def gradient(w, p, a, S):
    """Return df_dw: (n,)."""
    w, p, a, S = _checked(w, p, a, S)
    # forward sweep
    t1 = S @ w                               # (n,)
    t2 = t1 @ w
    t3 = t2**0.5
    f = (w @ p - a) / t3
    # reverse sweep
    # 6: f = (w' @ p - a)/(w' @ S @ w)^0.5
    df_dw = p / t3 - f / t3 * t2**-0.5 * t1  # (n,)
    return df_dw
