import numpy as np


def sech2(x):
    """1 / cosh(x)**2, without overflow."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def _checked(A, x):
    """Return the inputs as arrays, their shapes checked."""
    A = np.asarray(A, dtype=float)
    x = np.asarray(x, dtype=float)
    if A.ndim != 2:
        raise ValueError(f"A has shape {A.shape}, but must be (m, n)")
    n = A.shape[1]
    if x.shape != (n,):
        raise ValueError(f"x has shape {x.shape}, but A is {A.shape}: n is {n}")
    return A, x


def jvp(A, x, x_dot):
    """Return the Jacobian times the direction: (m,)."""
    A, x = _checked(A, x)
    x_dot = np.asarray(x_dot, dtype=float)
    if x_dot.shape != x.shape:
        raise ValueError(f"x_dot has shape {x_dot.shape}, but must be {x.shape}")
    return sech2(A @ x) * (A @ x_dot)


def vjp(A, x, y_bar):
    """Return the cotangent times the Jacobian: (n,)."""
    A, x = _checked(A, x)
    y_bar = np.asarray(y_bar, dtype=float)
    if y_bar.shape != (A.shape[0],):
        raise ValueError(f"y_bar has shape {y_bar.shape}, but must be (m,)")
    return A.T @ (y_bar * sech2(A @ x))
