"""q = x' @ A @ x

    1 | A: real[n, n]
    2 | x: real[n]
    3 | q = x' @ A @ x

Inputs: A (n, n), x (n,).
Output: q.
Operations: gradient 4.
Written by exprdiff; needs only NumPy.
"""

import numpy as np


def _checked(A, x):
    """Return the inputs as arrays, their shapes checked."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    if A.ndim != 2:
        raise ValueError(f"A has shape {A.shape}, but must be (n, n)")
    n = A.shape[0]
    if A.shape != (n, n):
        raise ValueError(f"A has shape {A.shape}, but must be (n, n)")
    if x.shape != (n,):
        raise ValueError(f"x has shape {x.shape}, but A is {A.shape}: n is {n}")
    return A, x


def gradient(A, x):
    """Return (dq_dA, dq_dx): (n, n), (n,)."""
    A, x = _checked(A, x)
    # 3: q = x' @ A @ x
    dq_dA = np.outer(x, x)   # (n, n)
    dq_dx = A.T @ x + A @ x  # (n,)
    return dq_dA, dq_dx


INPUTS = ("A", "x")
WRT = ("A", "x")
OUTPUTS = ("q",)
SOURCE = (
    "A: real[n, n]\n"
    "x: real[n]\n"
    "q = x' @ A @ x"
)
