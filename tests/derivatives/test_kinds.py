"""What can be asked for: outputs and inputs of several, values of the program, defaults, names."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

RNG = np.random.default_rng(4)
A, x, y = RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=4)
TWO = "data A: real[m, n]; x: real[n]; a: real; u = a*(A @ x); v = sum(u^2); return u, v"


def two(x, a):
    u = a * (A @ x)
    return u, jnp.sum(u**2)


def same(got, want):
    jax.tree.map(lambda g, w: np.testing.assert_allclose(g, w, rtol=1e-12), got, want)
    assert jax.tree.structure(got) == jax.tree.structure(want)


@pytest.mark.parametrize("level", [0, 1])
def test_two_outputs(level):
    module = exprdiff.compile(TWO, emit=["jacobian", "jvp", "vjp"], optimize=level)
    wanted = jax.jacobian(two, (0, 1))(x, 0.7)
    same(module.jacobian(A, x, 0.7), wanted)
    way = (np.cos(x), 0.3)
    same(module.jvp(A, x, 0.7, *way), jax.jvp(two, (x, 0.7), way)[1])
    bars = (np.sin(y), 1.9)
    same(module.vjp(A, x, 0.7, *bars), jax.vjp(two, x, 0.7)[1](bars))


def test_one_output_of_two():
    module = exprdiff.compile(TWO, emit=["jacobian", "vjp"], of="u", wrt="x")
    same(module.jacobian(A, x, 0.7), jax.jacobian(lambda x: two(x, 0.7)[0])(x))
    same(module.vjp(A, x, 0.7, y), 0.7 * A.T @ y)


def test_defaults_of_a_program_without_a_number():
    module = exprdiff.compile("data A: real[m, n]; x: real[n]; y = exp(A @ x)")
    assert {"forward", "jacobian", "vjp"} <= set(vars(module))
    assert not {"gradient", "hessian", "jvp"} & set(vars(module))
    assert module.WRT == ("x",)
    same(module.vjp(A, x, y), A.T @ (y * np.exp(A @ x)))


NAMES = "data A: real[m, n]; x: real[n]; z = A @ x; p = sigmoid(z); J = sum(p^2*z) + sum(x^2)"


def after(z=None, p=None, x=x):
    z = A @ x if z is None else z
    p = jax.nn.sigmoid(z) if p is None else p
    return jnp.sum(p**2 * z) + jnp.sum(x**2)


@pytest.mark.parametrize("level", [0, 1])
def test_derivatives_by_values_of_the_program(level):
    module = exprdiff.compile(NAMES, wrt=["x", "z", "p", "J"], optimize=level)
    z = A @ x
    found = dict(zip(module.WRT, module.gradient(A, x), strict=True))
    assert list(found) == ["x", "z", "p", "J"]
    same(found["x"], jax.grad(lambda x: after(x=x))(x))
    same(found["z"], jax.grad(lambda z: after(z))(z))
    same(found["p"], jax.grad(lambda p: after(z, p))(jax.nn.sigmoid(z)))
    assert found["J"] == 1
    value, again = module.value_and_gradient(A, x)
    same(value, after(z))
    same(again, module.gradient(A, x))


@pytest.mark.parametrize("level", [0, 1])
def test_second_derivatives_by_a_value(level):
    module = exprdiff.compile(NAMES, wrt="z", emit=["hessian", "hvp", "jvp"], optimize=level)
    z, way = A @ x, np.cos(y)
    same(module.hessian(A, x), jax.hessian(lambda z: after(z))(z))
    same(module.hvp(A, x, way), jax.hessian(lambda z: after(z))(z) @ way)
    same(module.jvp(A, x, way), jax.grad(lambda z: after(z))(z) @ way)


def test_two_names_of_one_value_are_two():
    module = exprdiff.compile("c = a + b; d = a + b; e = c*d^2", wrt=["a", "c", "d"])
    assert module.gradient(1.0, 2.0) == (27, 9, 18)


def test_second_derivatives_need_independent_variables():
    with pytest.raises(exprdiff.ExprDiffError, match="'z' depends on 'x'"):
        exprdiff.compile(NAMES, wrt="x,z", emit="hvp")


def test_a_cotangent_of_another_shape_is_refused():
    module = exprdiff.compile("data A: real[m, n]; x: real[n]; y = A @ x", emit="vjp")
    with pytest.raises(ValueError, match=r"y_bar has shape \(3,\), but must be \(m,\)"):
        module.vjp(A, x, x)


def test_lower_blocks_are_the_transposes_of_the_upper_ones():
    text = exprdiff.emit(
        "data A: real[m, n]; x: real[m]; y: real[n]; f = exp(x' @ A @ y)", emit="hessian"
    )
    assert "d2f_dx_dy.T" in text
    assert text.count("A + ") == 1


def test_the_weighted_product_of_a_matrix_with_itself_takes_half_the_work():
    text = exprdiff.emit(
        "data X: real[n, d]; data s: real[n] nonnegative; w: real[d]; f = sum(s*(X @ w)^2)",
        emit="hessian",
    )
    assert "np.sqrt(s)[:, None] * X" in text
    assert ".T @ t" in text


def test_a_weight_of_unknown_sign_has_no_root():
    module = exprdiff.compile(
        "data X: real[n, d]; data s: real[n]; w: real[d]; f = sum(s*(X @ w)^2)", emit="hessian"
    )
    assert "sqrt" not in module.source
    np.testing.assert_allclose(module.hessian(A, -np.ones(4), x), -2 * A.T @ A)


def test_jacobians_by_a_symmetric_matrix_are_symmetric_in_it():
    """Elements that mirror each other are one variable, whichever mode the Jacobian takes."""
    S = A @ A.T
    module = exprdiff.compile(
        "S: real[n, n] symmetric; data x: real[n]; y = S @ x", emit=["jacobian", "jvp"]
    )
    half = np.einsum("ij,k->ijk", np.eye(4), y)
    jacobian = module.jacobian(S, y)
    np.testing.assert_allclose(jacobian, (half + np.transpose(half, (0, 2, 1))) / 2)
    np.testing.assert_allclose(module.jvp(S, y, S), np.tensordot(jacobian, S, 2))
