"""The product of a logistic regression's Hessian with a vector, without the Hessian.

Measured: ``emit="hvp"`` at n=20000 examples of d=200 features (X is 32 MB, more than most caches
hold), beside JAX's forward over reverse, both ways of autograd, and NumPy by hand: plainly, and in
blocks of rows, each read from memory once. All of them compute the point and the product anew in
each call, as a solver does that changes both.
Goal: not slower than JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal
from .hessian_logistic import SOURCE, curvature, inputs, loss


def plainly(X, y, lam, w, v):
    """The product, X read three times."""
    return X.T @ (curvature(X @ w) * (X @ v)) / len(y) + 2 * lam * v


def by_blocks(X, y, lam, w, v, rows=500):
    """The product, X read once: a block of rows stays in a core's cache."""
    both = np.stack([w, v], axis=1)
    total = np.zeros(len(w))
    for start in range(0, len(y), rows):
        block = X[start : start + rows]
        z, along = (block @ both).T
        total += (curvature(z) * along) @ block
    return total / len(y) + 2 * lam * v


def forward_over_reverse(jax, jnp):
    """JAX's own recommendation: the derivative of the gradient along a direction."""

    def hvp(X, y, lam, w, v):
        gradient = jax.grad(lambda w: loss(jnp)(X, y, lam, w))
        return jax.jvp(gradient, (w,), (v,))[1]

    return hvp


def autograd_forward(ag, agnp):
    """Forward over reverse in autograd."""

    def hvp(X, y, lam, w, v):
        gradient = ag.grad(lambda w: loss(agnp)(X, y, lam, w))
        return ag.make_jvp(gradient)(w)(v)[1]

    return hvp


def autograd_reverse(ag, agnp):
    """Autograd's own function, which is reverse over reverse."""

    def hvp(X, y, lam, w, v):
        return ag.hessian_vector_product(lambda w: loss(agnp)(X, y, lam, w))(w, v)

    return hvp


def cases(small=False):
    """One case."""
    n, d = (50, 6) if small else (20000, 200)
    values = *inputs(n, d), np.random.default_rng(1).normal(size=d)
    yield Case(
        f"Hessian-vector product of the logistic loss, n={n}, d={d}",
        [
            peers.ours(SOURCE, "hvp", *values),
            peers.jax("jvp(grad)", forward_over_reverse, *values),
            peers.autograd("make_jvp(grad)", autograd_forward, *values),
            peers.autograd("hessian_vector_product", autograd_reverse, *values),
            peers.hand(plainly, *values),
            peers.hand(by_blocks, *values, name="hand NumPy, blocks of 500 rows"),
        ],
        [Goal("JAX")],
    )
