import numpy as np


def _checked(a, b, c):
    """Return the inputs as arrays of numbers."""
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    c = np.asarray(c, dtype=float)
    return a, b, c


def gradient(a, b, c):
    """Return (dA_da, dA_db, dA_dc): (3,), (3,), (3,)."""
    a, b, c = _checked(a, b, c)
    # forward sweep
    t1 = b - a                               # (3,)
    t2 = c - a                               # (3,)
    t3 = np.cross(t1, t2)                    # (3,)
    t4 = np.linalg.norm(t3)
    # reverse sweep
    # 3: A = norm(cross(b - a, c - a))/2
    t5 = 0.5 * t3 / np.where(t4 > 0, t4, 1)  # (3,)
    dA_dc = np.cross(t5, t1)                 # (3,)
    dA_db = np.cross(t2, t5)                 # (3,)
    dA_da = -dA_dc - dA_db                   # (3,)
    return dA_da, dA_db, dA_dc
