import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _checked(x, m1, m2, s):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    m1 = np.asarray(m1, dtype=float)[()]
    m2 = np.asarray(m2, dtype=float)[()]
    s = np.asarray(s, dtype=float)[()]
    return x, m1, m2, s


def gradient(x, m1, m2, s):
    """Return (dL_dm1, dL_dm2, dL_ds)."""
    x, m1, m2, s = _checked(x, m1, m2, s)
    # forward sweep
    t1 = (x - m1) / s                  # (n,)
    t2 = np.log(s)
    t3 = np.log(2 * np.pi)
    t4 = -0.5 * t1**2 - t2 - 0.5 * t3  # (n,)
    t5 = (x - m2) / s                  # (n,)
    t6 = -0.5 * t5**2 - t2 - 0.5 * t3  # (n,)
    # reverse sweep
    # 9: L = -sum(logaddexp(logpdf(x, m1, s), logpdf(x, m2, s)))
    t7 = sigmoid(t4 - t6)              # (n,)
    t8 = t7 * t1                       # (n,)
    dL_dm1 = -np.sum(t8) / s
    t9 = sigmoid(t6 - t4)              # (n,)
    t10 = t9 * t5                      # (n,)
    dL_dm2 = -np.sum(t10) / s
    dL_ds = (np.sum(t9) + np.sum(t7) - t10 @ t5 - t8 @ t1) / s
    return dL_dm1, dL_dm2, dL_ds
