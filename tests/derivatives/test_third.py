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


x, A = RNG.uniform(0.5, 1.5, 5), RNG.normal(size=(5, 5))
FORMULAS = {
    "sum(x^4)": lambda x: jnp.sum(x**4),
    "logsumexp(A @ x)": lambda x: jax.nn.logsumexp(A @ x),
    "sum((x[1:] - x[:-1]^2)^3)": lambda x: jnp.sum((x[1:] - x[:-1] ** 2) ** 3),
    "sum(exp(x[::2]))*x[1]": lambda x: jnp.sum(jnp.exp(x[::2])) * x[1],
    "norm(x)*sum(x)": lambda x: jnp.linalg.norm(x) * jnp.sum(x),
    "prod(x)": jnp.prod,
    "sum(x^3)^2": lambda x: jnp.sum(x**3) ** 2,
    "x' @ A @ x^2": lambda x: x @ A @ x**2,
    "sum(tanh(A @ x)^2)": lambda x: jnp.sum(jnp.tanh(A @ x) ** 2),
    "sum(where(x > 1, x^3, x^4))": lambda x: jnp.sum(jnp.where(x > 1, x**3, x**4)),
    "x' @ solve(A + 9*eye(n), x^2)": lambda x: x @ jnp.linalg.solve(A + 9 * jnp.eye(5), x**2),
    "sum(cumsum(x)^3)": lambda x: jnp.sum(jnp.cumsum(x) ** 3),
    "sum(flip(x)*x^2)": lambda x: jnp.sum(x[::-1] * x**2),
    "sum(concat(x, x[1:])[2:-2]^3)": lambda x: jnp.sum(jnp.concatenate([x, x[1:]])[2:-2] ** 3),
    "sum((x @ x')^2)": lambda x: jnp.sum(jnp.outer(x, x) ** 2),
}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", FORMULAS)
def test_derivatives_of_hessians(formula, level):
    function = FORMULAS[formula]
    declared = "x: real[n]; data A: real[n, n]; " if "A" in formula else "x: real[n]; "
    source = f"{declared}J = {formula}; return hessian(J, x)"
    module = exprdiff.compile(source, emit=["jacobian", "jvp", "vjp"], optimize=level)
    values = {"x": x, "A": A} if "A" in formula else {"x": x}
    third = jax.jacfwd(jax.hessian(function))(x)
    close = {"rtol": 1e-9, "atol": 1e-9 * np.abs(third).max()}
    np.testing.assert_allclose(module.jacobian(**values), third, **close)
    way, bar = np.cos(x), np.sin(np.arange(25.0)).reshape(5, 5)
    np.testing.assert_allclose(module.jvp(**values, x_dot=way), third @ way, **close)
    pulled = np.tensordot(bar, third, 2)
    np.testing.assert_allclose(module.vjp(**values, result_bar=bar), pulled, **close)
