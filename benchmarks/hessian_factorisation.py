"""The Hessian of a matrix factorisation's squared error by one factor.

Measured: ``emit="hessian"`` of ``sum((T - U @ V')^2)`` by U, 200 x 10, with T 200 x 150: the dense
result has the four indices of U twice, 32 MB, of which one two-hundredth is not zero. NumPy by hand
writes the one block ``2 V'V`` into the diagonal of zeros; the system clears memory when it is first
touched, so there the zeros are paid by whoever reads them.
Goal: at least 100 times as fast as JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

SOURCE = """
data T: real[m, n]
U: real[m, k]
data V: real[n, k]
f = sum((T - U @ V')^2)
"""


def by_diagonal(T, U, V):
    """The block in each place of the diagonal."""
    m, k = U.shape
    H = np.zeros((m, k, m, k))
    np.einsum("ikil->ikl", H)[:] = 2 * (V.T @ V)
    return H


def error(np):
    """The error as a function of (T, U, V) for a module like NumPy."""
    return lambda T, U, V: np.sum((T - U @ V.T) ** 2)


def cases(small=False):
    """One case."""
    m, n, k = (6, 5, 3) if small else (200, 150, 10)
    rng = np.random.default_rng(0)
    values = rng.normal(size=(m, n)), rng.normal(size=(m, k)), rng.normal(size=(n, k))
    yield Case(
        f"Hessian of `sum((T - U @ V')^2)` by U, {m} x {k}, T {m} x {n}",
        [
            peers.ours(SOURCE, "hessian", *values),
            peers.jax("hessian", lambda jax, jnp: jax.hessian(error(jnp), 1), *values),
            peers.autograd("hessian", lambda ag, agnp: ag.hessian(error(agnp), 1), *values),
            peers.hand(by_diagonal, *values),
        ],
        [Goal("JAX", 100)],
    )
