"""The Hessian of a softmax regression's loss, by its matrix of weights.

Measured: ``emit="hessian"`` of the cross entropy at n=500 examples, d=20 features, k=10 classes,
with targets that are known to sum to one in each row. The result has four indices. NumPy by hand
weighs the examples by ``P_c (1[c = e] - P_e)`` and multiplies twice by X, as one matrix product.
Goal: not slower than JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

SOURCE = """
data X: real[n, d]
data Y: real[n, k] simplex
W: real[d, k]
f = cross_entropy(X @ W, Y)
"""


def inputs(n, d, k):
    """Features, targets as rows of an identity, and weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return X, np.eye(k)[rng.integers(k, size=n)], rng.normal(size=(d, k)) / np.sqrt(d)


def loss(np):
    """The loss as a function of (X, Y, W) for a module like NumPy, without overflow."""

    def loss(X, Y, W):
        S = X @ W
        S = S - np.max(S, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(S), axis=1)) - np.sum(Y * S, axis=1))

    return loss


def probabilities(S):
    """The softmax of each row."""
    E = np.exp(S - np.max(S, axis=1, keepdims=True))
    return E / np.sum(E, axis=1, keepdims=True)


def by_hand(X, Y, W):
    """One product of X with X, weighed for every pair of classes."""
    (n, d), k = X.shape, Y.shape[1]
    P = probabilities(X @ W)
    weights = P[:, :, None] * (np.eye(k) - P[:, None, :]) / n
    weighed = X[:, None, None, :] * weights[:, :, :, None]
    return (X.T @ weighed.reshape(n, -1)).reshape(d, k, k, d).transpose(0, 1, 3, 2)


def cases(small=False):
    """One case."""
    n, d, k = (12, 4, 3) if small else (500, 20, 10)
    values = inputs(n, d, k)
    yield Case(
        f"Hessian of the softmax loss, n={n}, d={d}, k={k}",
        [
            peers.ours(SOURCE, "hessian", *values),
            peers.jax("hessian", lambda jax, jnp: jax.hessian(loss(jnp), 2), *values),
            peers.jax(
                "jacrev(grad)", lambda jax, jnp: jax.jacrev(jax.grad(loss(jnp), 2), 2), *values
            ),
            peers.autograd("hessian", lambda ag, agnp: ag.hessian(loss(agnp), 2), *values),
            peers.hand(by_hand, *values),
        ],
        [Goal("JAX")],
    )
