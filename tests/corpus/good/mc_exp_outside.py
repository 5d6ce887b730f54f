import numpy as np


def _checked(A, x):
    """Return the inputs as arrays of numbers."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    return A, x


def jacobian(A, x):
    """Return the Jacobian: (n, n)."""
    A, x = _checked(A, x)
    f = np.exp(A @ x)  # (n,)
    return f[:, None] * A
