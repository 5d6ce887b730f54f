"""The Hessian of a logistic regression's loss with a ridge, by its weights.

Measured: ``emit="hessian"`` at n=5000 examples of d=300 features, beside JAX, autograd and NumPy
by hand: the product ``(X.T * s) @ X``, and ``A.T @ A`` with ``A = sqrt(s) * X``, for which NumPy
calls a routine (syrk) that computes one half and mirrors it.
Goal: at least 2.5 times as fast as jax.hessian.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

SOURCE = """
data X: real[n, d]
data y: real[n]
data lam: real
w: real[d]
z = X @ w
J = mean(softplus(z) - y * z) + lam * sum(w^2)
"""


def inputs(n, d):
    """Features, labels, the weight of the ridge, and weights near the minimum's size."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return X, np.round(rng.uniform(size=n)), 0.001, rng.normal(size=d) / np.sqrt(d)


def loss(np):
    """The loss as a function of (X, y, lam, w) for a module like NumPy."""

    def loss(X, y, lam, w):
        z = X @ w
        return np.mean(np.logaddexp(z, 0) - y * z) + lam * np.sum(w**2)

    return loss


def curvature(z):
    """sigmoid(z) * sigmoid(-z), without overflow."""
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def by_gemm(X, y, lam, w):
    """The Hessian as one matrix product."""
    n, d = X.shape
    return (X.T * curvature(X @ w)) @ X / n + 2 * lam * np.eye(d)


def by_syrk(X, y, lam, w):
    """The Hessian as a matrix times its own transpose."""
    n, d = X.shape
    A = np.sqrt(curvature(X @ w) / n)[:, None] * X
    H = A.T @ A
    H.flat[:: d + 1] += 2 * lam
    return H


def cases(small=False):
    """One case."""
    n, d = (50, 6) if small else (5000, 300)
    values = inputs(n, d)
    by_w = 3
    yield Case(
        f"Hessian of the logistic loss, n={n}, d={d}",
        [
            peers.ours(SOURCE, "hessian", *values),
            peers.jax("hessian", lambda jax, jnp: jax.hessian(loss(jnp), by_w), *values),
            peers.jax(
                "jacfwd(grad)",
                lambda jax, jnp: jax.jacfwd(jax.grad(loss(jnp), by_w), by_w),
                *values,
            ),
            peers.jax(
                "jacrev(grad)",
                lambda jax, jnp: jax.jacrev(jax.grad(loss(jnp), by_w), by_w),
                *values,
            ),
            peers.autograd("hessian", lambda ag, agnp: ag.hessian(loss(agnp), by_w), *values),
            peers.hand(by_gemm, *values, name="hand NumPy, (X.T*s) @ X"),
            peers.hand(by_syrk, *values, name="hand NumPy, A.T @ A"),
        ],
        [Goal("JAX hessian", 2.5)],
    )
