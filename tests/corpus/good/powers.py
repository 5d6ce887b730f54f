import numpy as np


def _checked(x, z):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)[()]
    z = np.asarray(z, dtype=float)[()]
    return x, z


def gradient(x, z):
    """Return (dy_dx, dy_dz)."""
    x, z = _checked(x, z)
    # 1: y = x^3 + x^-2 + x^0.5 + 2^x + x^z
    t1 = x == 0
    t2 = z * np.where(t1 & (z == 0), 1, x)**(z - 1)
    dy_dx = t2 + 2**x * np.log(2) + 0.5 * x**-0.5 - 2 * x**-3 + 3 * x**2
    dy_dz = x**z * np.log(np.where(t1, 1, x))
    return dy_dx, dy_dz
