"""Third derivatives of a softmax regression's loss: whole, along directions, and by products."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

RNG = np.random.default_rng(5)
X, W, V = RNG.normal(size=(6, 3)), RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
Y = np.eye(4)[RNG.integers(0, 4, 6)]
PROGRAM = """
data X: real[n, d]
data Y: real[n, k] simplex
W: real[d, k]
J = cross_entropy(X @ W, Y)
"""


def loss(W):
    return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(X @ W, axis=1), axis=1))


THIRD = jax.jacfwd(jax.hessian(loss))(W)


@pytest.mark.parametrize("level", [0, 1])
def test_the_whole_array(level):
    module = exprdiff.compile(PROGRAM + "return hessian(J, W)", emit="jacobian", optimize=level)
    np.testing.assert_allclose(module.jacobian(X, Y, W), THIRD, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("level", [0, 1])
def test_along_a_direction(level):
    source = PROGRAM + "data V: real[d, k]\nh = sum(grad(J, W)*V)\nreturn h"
    module = exprdiff.compile(source, emit=["hessian", "hvp"], optimize=level)
    wanted = np.tensordot(V, THIRD, 2)
    np.testing.assert_allclose(module.hessian(X, Y, W, V), wanted, rtol=1e-10, atol=1e-14)
    product = np.tensordot(wanted, W, 2)
    np.testing.assert_allclose(module.hvp(X, Y, W, V, W), product, rtol=1e-10, atol=1e-14)


def test_by_a_product_with_the_hessian_as_jacobian():
    source = PROGRAM + "return hessian(J, W)"
    module = exprdiff.compile(source, emit=["jvp", "vjp"])
    np.testing.assert_allclose(
        module.jvp(X, Y, W, V), np.tensordot(THIRD, V, 2), rtol=1e-10, atol=1e-14
    )
    bar = np.cos(np.arange(3 * 4 * 3 * 4)).reshape(3, 4, 3, 4)
    np.testing.assert_allclose(
        module.vjp(X, Y, W, bar), np.tensordot(bar, THIRD, 4), rtol=1e-10, atol=1e-13
    )
