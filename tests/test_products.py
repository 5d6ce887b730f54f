"""Jacobians, Hessians and products with them as functions of the module, against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

RNG = np.random.default_rng(2)
VALUES = {
    "x": RNG.uniform(0.5, 1.5, 4), "y": RNG.uniform(0.5, 1.5, 3), "A": RNG.normal(size=(4, 4)),
    "B": RNG.normal(size=(4, 3)), "a": np.array(0.7), "b": np.array(1.3),
}  # fmt: skip
TYPES = {"x": "real[n]", "y": "real[m]", "A": "real[n, n]", "B": "real[n, m]", "a": "real",
         "b": "real"}  # fmt: skip
SCALARS = {
    "x' @ A @ x": lambda A, x: x @ A @ x,
    "sum(exp(B' @ x)*y) + a*sum(x^3)":
        lambda B, x, y, a: jnp.sum(jnp.exp(B.T @ x) * y) + a * jnp.sum(x**3),
    "logsumexp(B @ y)*norm(x)":
        lambda B, x, y: jax.nn.logsumexp(B @ y) * jnp.linalg.norm(x),
    "sum((x[1:] - x[:-1]^2)^2)": lambda x: jnp.sum((x[1:] - x[:-1] ** 2) ** 2),
    "x' @ solve(A @ A' + eye(n), x)":
        lambda A, x: x @ jnp.linalg.solve(A @ A.T + jnp.eye(4), x),
    "prod(x) + cumprod(x)[2]*a": lambda x, a: jnp.prod(x) + jnp.cumprod(x)[2] * a,
    "(1 - a)^2 + 100*(b - a^2)^2": lambda a, b: (1 - a) ** 2 + 100 * (b - a**2) ** 2,
    "a*b": lambda a, b: a * b,
    "sum(where(x > 1, log(x), x^2))*b":
        lambda x, b: jnp.sum(jnp.where(x > 1, jnp.log(x), x**2)) * b,
}  # fmt: skip
ARRAYS = {
    "exp(A @ x)": lambda A, x: jnp.exp(A @ x),
    "A @ exp(x)": lambda A, x: A @ jnp.exp(x),
    "x*a + sin(x)": lambda x, a: x * a + jnp.sin(x),
    "softmax(B @ y)": lambda B, y: jax.nn.softmax(B @ y),
    "x @ y'": lambda x, y: jnp.outer(x, y),
    "concat(x, y)[::2]": lambda x, y: jnp.concatenate([x, y])[::2],
    "sort(x)*x": lambda x: jnp.sort(x) * x,
    "A @ A": lambda A: A @ A,
    "2*ones(3)*a": lambda a: 2 * jnp.ones(3) * a,
}  # fmt: skip


def case(formula, function, emit, level):
    names = list(function.__code__.co_varnames)
    source = "\n".join([*(f"{n}: {TYPES[n]}" for n in names), f"u = {formula}"])
    module = exprdiff.compile(source, emit=emit, optimize=level)
    values = [VALUES[n] for n in names]
    ways = [np.asarray(np.cos(1.0 + np.arange(v.size)).reshape(v.shape)) for v in values]
    return module, values, ways


def same(got, want):
    got = got if isinstance(got, tuple) else (got,)
    for g, w in zip(got, want, strict=True):
        assert np.shape(g) == np.shape(w)
        np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", SCALARS)
def test_second_order(formula, level):
    function = SCALARS[formula]
    module, values, ways = case(formula, function, ["hessian", "hvp"], level)
    every = range(len(values))
    found = module.hessian(*values)
    rows = found if len(values) > 1 else (found,)
    for row, want in zip(rows, jax.hessian(function, every)(*values), strict=True):
        same(row, want)
    along = jax.jvp(jax.grad(function, every), values, ways)[1]
    same(module.hvp(*values, *ways), along)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", {**SCALARS, **ARRAYS})
def test_first_order(formula, level):
    function = (SCALARS | ARRAYS)[formula]
    module, values, ways = case(formula, function, ["jacobian", "jvp", "vjp"], level)
    same(module.jacobian(*values), jax.jacobian(function, range(len(values)))(*values))
    value, tangent = jax.jvp(function, values, ways)
    same(module.jvp(*values, *ways), (tangent,))
    cotangent = np.asarray(np.sin(1.0 + np.arange(value.size)).reshape(value.shape))
    same(module.vjp(*values, cotangent), jax.vjp(function, *values)[1](cotangent))


def test_pointwise_programs_take_arrays():
    module = exprdiff.compile("f = a^3*b", emit=["hessian", "hvp", "jvp", "jacobian"])
    a, b = np.array([1.0, 2.0]), 3.0
    (aa, ab), (ba, bb) = module.hessian(a, b)
    np.testing.assert_allclose(aa, 6 * a * b)
    np.testing.assert_allclose(ab, 3 * a**2)
    np.testing.assert_allclose(ba, 3 * a**2)
    assert bb == 0
    np.testing.assert_allclose(module.jvp(a, b, 1.0, 0.0), 3 * a**2 * b)


@pytest.mark.parametrize(
    ("source", "emit", "wrt", "code"),
    [
        ("data A: real[n, n]\nx: real[n]\nf = x' @ A @ x", "hessian", None, "A + A.T"),
        ("data A: real[n, n] symmetric\nx: real[n]\nf = x' @ A @ x", "hessian", None, "2 * A"),
        ("data A: real[m, n]\nx: real[n]\ny = exp(A @ x)", "jacobian", None, "y[:, None] * A"),
        ("data A: real[m, n]\nx: real[n]\ny = A @ exp(x)", "jacobian", None, "A * np.exp(x)"),
        ("data A: real[m, n]\nx: real[n]\ny = exp(A @ x)", "jvp", None, "y * (A @ x_dot)"),
    ],
)
def test_closed_forms(source, emit, wrt, code):
    assert f"    return {code}\n" in exprdiff.emit(source, emit=emit, wrt=wrt)


def test_directions_are_checked():
    module = exprdiff.compile("x: real[n]\nf = sum(x^3)", emit="hvp")
    np.testing.assert_allclose(module.hvp([1, 2], [1, 0]), [6, 0])
    with pytest.raises(ValueError, match="x_dot has shape"):
        module.hvp([1, 2], [1, 0, 0])


def test_names_give_way():
    """Arguments besides the inputs never hide a name of the program."""
    module = exprdiff.compile("x_dot = 2*x\nf = x_dot^3 + hvp", emit=["hvp", "jvp", "vjp"])
    assert module.hvp(1.0, 2.0, 1.0, 0.0) == (48, 0)
    assert module.vjp(1.0, 2.0, 2.0) == (48, 2)
