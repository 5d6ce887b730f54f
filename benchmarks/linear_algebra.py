"""Hessians of functions of a matrix: with four indices, by an inverse or a solution.

Measured: ``emit="hessian"`` of ``logdet(X)`` and of ``tr(inv(X) @ A)`` by X, and of
``x' @ solve(A, b)`` by A, for matrices of 12 and of 30 rows, beside jax.hessian, autograd, and
NumPy by hand from the formulas of the tables.
Goal: not slower than JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

LOGDET = """
X: real[n, n]
f = logdet(X)
"""
TRACE = """
X: real[n, n]
data A: real[n, n]
f = tr(inv(X) @ A)
"""
SOLVE = """
A: real[n, n]
data b: real[n]
data x: real[n]
f = x' @ solve(A, b)
"""


def logdet(np):
    """The logarithm of the determinant."""
    return lambda X: np.linalg.slogdet(X)[1]


def logdet_by_hand(X):
    """``-inv(X)[j, k] inv(X)[l, i]`` at i, j, k, l."""
    P = np.linalg.inv(X)
    return np.multiply(-P[None, :, :, None], P.T[:, None, None, :])


def trace(np):
    """The trace of a matrix divided by X."""
    return lambda X, A: np.trace(np.linalg.inv(X) @ A)


def trace_by_hand(X, A):
    """``P[l, i] Q[j, k] + P[j, k] Q[l, i]`` with P the inverse and Q = P A P."""
    P = np.linalg.inv(X)
    Q = P @ A @ P
    H = np.multiply(P[None, :, :, None], Q.T[:, None, None, :])
    H += np.multiply(Q[None, :, :, None], P.T[:, None, None, :])
    return H


def solve(np):
    """A number that is linear in the solution."""
    return lambda A, b, x: x @ np.linalg.solve(A, b)


def solve_by_hand(A, b, x):
    """``p[i] P[j, k] q[l] + p[k] P[l, i] q[j]``, p and q the solutions, P the inverse."""
    P = np.linalg.inv(A)
    p, q = x @ P, P @ b
    pq = p[:, None] * q
    H = np.multiply(P[None, :, :, None], pq[:, None, None, :])
    H += np.multiply(P.T[:, None, None, :], pq.T[None, :, :, None])
    return H


def cases(small=False):
    """Three functions of matrices of two sizes."""
    rng = np.random.default_rng(0)
    for n in (3, 4) if small else (12, 30):
        # Far from singular, so that everybody gets the same digits.
        M = rng.normal(size=(n, n)) / np.sqrt(n) + 3 * np.eye(n)
        for title, source, function, by_hand, values in (
            ("logdet(X)", LOGDET, logdet, logdet_by_hand, [M]),
            ("tr(inv(X) @ A)", TRACE, trace, trace_by_hand, [M, rng.normal(size=(n, n))]),
            ("x' @ solve(A, b)", SOLVE, solve, solve_by_hand, [M, *rng.normal(size=(2, n))]),
        ):
            yield Case(
                f"Hessian of `{title}`, {n} x {n}",
                [
                    peers.ours(source, "hessian", *values),
                    peers.jax("hessian", hessian_of(function), *values),
                    peers.autograd("hessian", autograd_hessian_of(function), *values),
                    peers.hand(by_hand, *values),
                ],
                [Goal("JAX")],
            )


def hessian_of(function):
    """JAX's Hessian by the first argument."""
    return lambda jax, jnp: jax.hessian(function(jnp))


def autograd_hessian_of(function):
    """Autograd's Hessian by the first argument."""
    return lambda ag, agnp: ag.hessian(function(agnp))
