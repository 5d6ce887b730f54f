import numpy as np


def _checked(a, p, q):
    """Return the inputs as arrays of numbers."""
    a = np.asarray(a, dtype=float)[()]
    p = np.asarray(p, dtype=float)
    q = np.asarray(q, dtype=float)
    return a, p, q


def jacobian(a, p, q):
    """Return the Jacobian: (n, n)."""
    a, p, q = _checked(a, p, q)
    n = p.shape[0]
    t1 = p - q                                                 # (n,)
    t2 = np.linalg.norm(t1)
    t3 = a / t2
    t4 = t3 * t1[:, None] * t1 / t2 / np.where(t2 > 0, t2, 1)  # (n, n)
    return t4 + (1 - t3) * np.eye(n)
