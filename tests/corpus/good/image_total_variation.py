import numpy as np


def _checked(U, F):
    """Return the inputs as arrays of numbers."""
    U = np.asarray(U, dtype=float)
    F = np.asarray(F, dtype=float)
    return U, F


def gradient(U, F):
    """Return dE_dU: (n, m)."""
    U, F = _checked(U, F)
    # forward sweep
    t1 = U[1:] - U[:-1]                                    # (n - 1, m)
    t2 = np.roll(U, -1, axis=1) - U                        # (n, m)
    # reverse sweep
    # 4: E = sum((U - F)^2)/2 + sum((U[1:] - U[:-1])^2) + sum((roll(U, -1, axis=1) - U)^2)
    dE_dU = np.roll(2 * t2, 1, axis=1) - 2 * t2 + (U - F)  # (n, m)
    dE_dU[:-1] -= 2 * t1
    dE_dU[1:] += 2 * t1
    return dE_dU
