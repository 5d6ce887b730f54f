"""Products with a Jacobian: along directions of all weights of a network, and backwards.

Measured: ``emit="jvp"`` and ``emit="vjp"`` of a network of three layers with tanh, 128 - 256 -
256 - 32, on 256 examples, by its weights and shifts, beside JAX, autograd and NumPy by hand. JAX is
asked for the product alone, as exprdiff is. JAX and the hand take ``1 - tanh(x)^2``, which is cheap
and loses its digits where tanh nears 1; exprdiff and autograd keep them.
Goal: not slower than JAX.
"""

import numpy as np

from . import peers
from .harness import Case, Goal

SOURCE = """
data X: real[n, d]
A: real[d, h]
a: real[h]
B: real[h, h]
b: real[h]
C: real[h, m]
c: real[m]
F = tanh(X @ A + a)
G = tanh(F @ B + b)
Y = G @ C + c
"""


def network(np):
    """The network as a function of (X, A, a, B, b, C, c) for a module like NumPy."""

    def network(X, A, a, B, b, C, c):
        return np.tanh(np.tanh(X @ A + a) @ B + b) @ C + c

    return network


def jvp_by_hand(X, A, a, B, b, C, c, *directions):
    """The derivative along directions, layer by layer."""
    dA, da, dB, db, dC, dc = directions
    F = np.tanh(X @ A + a)
    dF = (1 - F * F) * (X @ dA + da)
    G = np.tanh(F @ B + b)
    dG = (1 - G * G) * (dF @ B + F @ dB + db)
    return dG @ C + G @ dC + dc


def vjp_by_hand(X, A, a, B, b, C, c, bar):
    """The gradient of sum(Y * bar)."""
    F = np.tanh(X @ A + a)
    G = np.tanh(F @ B + b)
    G_bar = (1 - G * G) * (bar @ C.T)
    F_bar = (1 - F * F) * (G_bar @ B.T)
    return (
        X.T @ F_bar, np.sum(F_bar, axis=0), F.T @ G_bar, np.sum(G_bar, axis=0),
        G.T @ bar, np.sum(bar, axis=0),
    )  # fmt: skip


def of_weights(np, X):
    """The network as a function of its weights in one tuple."""
    return lambda weights: network(np)(X, *weights)


def jax_jvp(jax, jnp):
    """JAX forwards."""
    return lambda X, *rest: jax.jvp(of_weights(jnp, X), (rest[:6],), (rest[6:],))[1]


def jax_vjp(jax, jnp):
    """JAX backwards."""
    return lambda X, *rest: jax.vjp(of_weights(jnp, X), rest[:6])[1](rest[6])


def autograd_jvp(ag, agnp):
    """Autograd forwards."""
    return lambda X, *rest: ag.make_jvp(of_weights(agnp, X))(rest[:6])(rest[6:])[1]


def autograd_vjp(ag, agnp):
    """Autograd backwards."""
    return lambda X, *rest: ag.make_vjp(of_weights(agnp, X))(rest[:6])[0](rest[6])


def cases(small=False):
    """Forwards and backwards."""
    n, d, h, m = (5, 4, 6, 3) if small else (256, 128, 256, 32)
    rng = np.random.default_rng(0)
    shapes = (d, h), (h,), (h, h), (h,), (h, m), (m,)
    weights = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes]
    values = rng.normal(size=(n, d)), *weights
    directions = [rng.normal(size=shape) for shape in shapes]
    cotangent = rng.normal(size=(n, m))
    layers = f"{d} - {h} - {h} - {m}, {n} examples"
    yield Case(
        f"Jacobian times direction, tanh network {layers}",
        [
            peers.ours(SOURCE, "jvp", *values, *directions),
            peers.jax("jvp", jax_jvp, *values, *directions),
            peers.autograd("make_jvp", autograd_jvp, *values, *directions),
            peers.hand(jvp_by_hand, *values, *directions),
        ],
        [Goal("JAX")],
    )
    yield Case(
        f"Cotangent times Jacobian, tanh network {layers}",
        [
            peers.ours(SOURCE, "vjp", *values, cotangent),
            peers.jax("vjp", jax_vjp, *values, cotangent),
            peers.autograd("make_vjp", autograd_vjp, *values, cotangent),
            peers.hand(vjp_by_hand, *values, cotangent),
        ],
        [Goal("JAX")],
    )
