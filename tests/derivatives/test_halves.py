"""Sizes that are whole quotients, in programs of even and of odd sizes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

FORMULAS = {
    "mean(x[::2]^2)": lambda x: jnp.mean(x[::2] ** 2),
    "sum(x[::2][::-1][1:]^3)": lambda x: jnp.sum(x[::2][::-1][1:] ** 3),
    "sum((x[::2]*x[::2][::-1])^2)": lambda x: jnp.sum((x[::2] * x[::2][::-1]) ** 2),
    "mean(concat(x[::2], x[::2])^2)": lambda x: jnp.mean(jnp.concatenate([x[::2], x[::2]]) ** 2),
    "sum(x[::-2]^2)*x[0]": lambda x: jnp.sum(x[::-2] ** 2) * x[0],
    "mean(x[::3])*mean(x[1::2]^2)": lambda x: jnp.mean(x[::3]) * jnp.mean(x[1::2] ** 2),
    "mean(x[::2][:, None]*x[None, ::3])": lambda x: jnp.mean(x[::2][:, None] * x[None, ::3]),
}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("size", [4, 5, 6, 7])
@pytest.mark.parametrize("formula", FORMULAS)
def test_they_are_right(formula, size, level):
    kinds = ["forward", "gradient", "hessian", "hvp", "hessian_sparsity"]
    module = exprdiff.compile(f"x: real[n]; J = {formula}", emit=kinds, optimize=level)
    x = np.random.default_rng(size).normal(size=size)
    function = FORMULAS[formula]
    hessian = jax.hessian(function)(x)
    np.testing.assert_allclose(module.forward(x), function(x), rtol=1e-13)
    np.testing.assert_allclose(module.gradient(x), jax.grad(function)(x), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(module.hessian(x), hessian, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(module.hvp(x, x), hessian @ x, rtol=1e-12, atol=1e-13)
    assert np.all(module.hessian_sparsity(x)[np.asarray(hessian) != 0])
