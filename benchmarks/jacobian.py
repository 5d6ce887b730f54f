"""Jacobians: dense, block diagonal, tridiagonal, and of a network that is narrow at one end.

Measured: ``emit="jacobian"`` of

- ``exp(A @ x)`` by x, A 400 x 300, where a row is a row of A times a number;
- the softmax of each row of a 50 x 20 matrix, four indices, zero between different rows;
- Broyden's tridiagonal system in 500 unknowns, and in 30, where SymPy takes part;
- a network of three layers with tanh, its ends 200 and 4 wide or 4 and 200: from which end the
  chain of matrices is multiplied decides, and the program states the sizes.

Each is beside both modes of JAX, autograd, and NumPy by hand. Where the derivative of tanh occurs,
JAX and the hand take ``1 - tanh(x)^2``, which is cheap and loses its digits where tanh nears 1;
exprdiff and autograd keep them.
Goal: not slower than the better mode of JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

EXPONENTIAL = """
data A: real[m, n]
x: real[n]
y = exp(A @ x)
"""
SOFTMAX = """
Z: real[m, n]
P = softmax(Z, axis=1)
"""
BROYDEN = """
x: real[n]
r = (3 - 2*x[1:-1])*x[1:-1] - x[:-2] - 2*x[2:] + 1
"""
NETWORK = """
data A: real[{h}, {d}]
data B: real[{h}, {h}]
data C: real[{m}, {h}]
x: real[{d}]
y = tanh(C @ tanh(B @ tanh(A @ x)))
"""


def exponential(np):
    """exp(A @ x)."""
    return lambda A, x: np.exp(A @ x)


def exponential_by_hand(A, x):
    """Its Jacobian: the rows of A, scaled."""
    return np.exp(A @ x)[:, None] * A


def softmax(np):
    """The softmax of each row."""

    def softmax(Z):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        return E / np.sum(E, axis=1, keepdims=True)

    return softmax


def softmax_by_hand(Z):
    """Its Jacobian: a block a row."""
    m, n = Z.shape
    P = softmax(np)(Z)
    J = np.zeros((m, n, m, n))
    np.einsum("ijik->ijk", J)[:] = P[:, :, None] * (np.eye(n) - P[:, None, :])
    return J


def broyden(np):
    """The system's residuals."""
    return lambda x: (3 - 2 * x[1:-1]) * x[1:-1] - x[:-2] - 2 * x[2:] + 1


def broyden_by_hand(x):
    """Its Jacobian: three diagonals."""
    n = len(x)
    J = np.zeros((n - 2, n))
    i = np.arange(n - 2)
    J[i, i] = -1
    J[i, i + 1] = 3 - 4 * x[1:-1]
    J[i, i + 2] = -2
    return J


def broyden_in_sympy(n):
    """What makes the arguments and the matrix for SymPy."""

    def build(sympy):
        x = sympy.symbols(f"x:{n}")
        return [x], sympy.Matrix(broyden_of_symbols(x)).jacobian(x)

    return build


def broyden_of_symbols(x):
    """The system's residuals, one by one."""
    return [(3 - 2 * b) * b - a - 2 * c + 1 for a, b, c in zip(x, x[1:], x[2:], strict=False)]


def network(np):
    """Three layers."""
    return lambda A, B, C, x: np.tanh(C @ np.tanh(B @ np.tanh(A @ x)))


def network_by_hand(from_output):
    """Its Jacobian, the chain of matrices multiplied from the output or from the input."""

    def jacobian(A, B, C, x):
        a = np.tanh(A @ x)
        b = np.tanh(B @ a)
        y = np.tanh(C @ b)
        a, b, y = 1 - a**2, 1 - b**2, 1 - y**2
        if from_output:
            return ((y[:, None] * C * b) @ B * a) @ A
        return y[:, None] * (C @ (b[:, None] * (B @ (a[:, None] * A))))

    return jacobian


def both_modes(function, by, *values):
    """The contenders that differentiate a program: JAX in both modes, and autograd."""
    return [
        peers.jax("jacrev", lambda jax, jnp: jax.jacrev(function(jnp), by), *values),
        peers.jax("jacfwd", lambda jax, jnp: jax.jacfwd(function(jnp), by), *values),
        peers.autograd("jacobian", lambda ag, agnp: ag.jacobian(function(agnp), by), *values),
    ]


def cases(small=False):
    """Six cases."""
    rng = np.random.default_rng(0)
    m, n = (5, 4) if small else (400, 300)
    values = rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=n)
    yield Case(
        f"Jacobian of `exp(A @ x)`, A {m} x {n}",
        [
            peers.ours(EXPONENTIAL, "jacobian", *values),
            *both_modes(exponential, 1, *values),
            peers.hand(exponential_by_hand, *values),
        ],
        [Goal("JAX")],
    )
    m, n = (4, 3) if small else (50, 20)
    Z = rng.normal(size=(m, n))
    yield Case(
        f"Jacobian of the softmax of each row, {m} x {n}",
        [
            peers.ours(SOFTMAX, "jacobian", Z),
            *both_modes(softmax, 0, Z),
            peers.hand(softmax_by_hand, Z),
        ],
        [Goal("JAX")],
    )
    for n in (6, 5) if small else (500, 30):
        x = rng.normal(size=n)
        with_symbols = [peers.sympy("jacobian, lambdify", broyden_in_sympy(n), x)]
        yield Case(
            f"Jacobian of Broyden's tridiagonal system, {n} unknowns",
            [
                peers.ours(BROYDEN, "jacobian", x),
                *both_modes(broyden, 0, x),
                *(with_symbols if n <= 30 else ()),
                peers.hand(broyden_by_hand, x),
            ],
            [Goal("JAX")],
        )
    h, wide, narrow = (7, 6, 2) if small else (200, 200, 4)
    for d, m in (wide, narrow), (narrow, wide):
        shapes = (h, d), (h, h), (m, h)
        weights = [rng.normal(size=shape) / np.sqrt(shape[1]) for shape in shapes]
        values = *weights, rng.normal(size=d)
        yield Case(
            f"Jacobian of a tanh network, {d} - {h} - {h} - {m}",
            [
                peers.ours(NETWORK.format(d=d, h=h, m=m), "jacobian", *values),
                *both_modes(network, 3, *values),
                peers.hand(network_by_hand(m < d), *values),
            ],
            [Goal("JAX")],
        )
