"""Derivatives in the language, nested, by names and parameters: by hand and against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("source", "point", "value", "derivative"),
    [
        ("f(t) = t^3\nu = f(x)\ny = diff(u, x, 2) + x", 2.0, 14.0, 7.0),
        ("y = diff(x^5, x, order=4)", 2.0, 240.0, 120.0),
        ("y = diff(x^5, x, 0)", 2.0, 32.0, 80.0),
        ("z = x^2\ny = diff(z^3, z) + z", 2.0, 52.0, 100.0),  # 3 z^2 + z
        ("z = x^2\nw = z*x\ny = diff(w, z)", 3.0, 3.0, 1.0),  # x stays, as the formula has it
        ("g(t) = diff(t^3, t)\ny = g(x^2) + g(2)", 2.0, 60.0, 96.0),
        ("y = diff(diff(exp(2*x), x)*x, x)", 0.5, 4 * np.e, 12 * np.e),
        ("y = diff(stop_gradient(x)*x, x) * x", 3.0, 9.0, 3.0),
        ("y = diff(7, x) + x", 3.0, 3.0, 1.0),
        ("y = diff(abs(x), x) + x", 0.0, 0.0, 1.0),
    ],
)
@pytest.mark.parametrize("level", [0, 1])
def test_scalars(source, point, value, derivative, level):
    module = exprdiff.compile(source, optimize=level)
    close(module.forward(point), value)
    close(module.gradient(point), derivative)


def test_a_derivative_is_taken_of_the_stable_form():
    module = exprdiff.compile("y = diff(log(1 + exp(x)), x)")
    assert (module.forward(1000.0), module.gradient(1000.0)) == (1.0, 0.0)


def test_points_are_differentiated_each():
    module = exprdiff.compile("y = diff(sin(x)*x, x)")
    x = np.linspace(-2, 2, 7)
    close(module.forward(x), np.sin(x) + x * np.cos(x))
    close(module.gradient(x), 2 * np.cos(x) - x * np.sin(x))


def test_physics_informed_loss():
    source = """
    data x: real[n]
    w, v, b: real[h]
    u = tanh(outer(x, w) + b) @ v
    r = diff(u, x, 2) + u
    J = mean(r^2)
    """
    rng = np.random.default_rng(3)
    x, w, v, b = rng.normal(size=6), *rng.normal(size=(3, 4))

    def u(t, w, v, b):
        return jnp.tanh(t * w + b) @ v

    def loss(w, v, b):
        second = jax.grad(jax.grad(u))
        return jnp.mean(jnp.stack([second(t, w, v, b) + u(t, w, v, b) for t in x]) ** 2)

    module = exprdiff.compile(source)
    close(module.forward(x, w, v, b), loss(w, v, b))
    for got, want in zip(
        module.gradient(x, w, v, b), jax.grad(loss, (0, 1, 2))(w, v, b), strict=True
    ):
        close(got, want)


@pytest.mark.parametrize(
    ("formula", "function"),
    [
        ("grad(sum(exp(A @ x)), x)", lambda A, x: jax.grad(lambda x: jnp.exp(A @ x).sum())(x)),
        ("jacobian(exp(A @ x), x)", lambda A, x: jax.jacobian(lambda x: jnp.exp(A @ x))(x)),
        ("jacobian(A @ x, A)", lambda A, x: jax.jacobian(lambda A: A @ x)(A)),
        ("jacobian(x, x)", lambda A, x: jnp.eye(len(x))),
        ("jacobian(A, x)", lambda A, x: jnp.zeros((*A.shape, len(x)))),
        ("hessian(sum(tanh(A @ x)), x)",
         lambda A, x: jax.hessian(lambda x: jnp.tanh(A @ x).sum())(x)),
        ("hessian(sum(tanh(A @ x)), A)",
         lambda A, x: jax.hessian(lambda A: jnp.tanh(A @ x).sum())(A)),
        ("diff(sum(x) * sin(t), t) * x", lambda A, x: jnp.sum(x) * jnp.cos(0.5) * x),
        ("diff(A * x^3, x)", lambda A, x: A * 3 * x**2),
        ("diff(x^3, x) @ x", lambda A, x: 3 * x**2 @ x),
        ("diff(A'* t^2, t)", lambda A, x: A.T),
    ],
)  # fmt: skip
@pytest.mark.parametrize("level", [0, 1])
def test_arrays(formula, function, level):
    rng = np.random.default_rng(1)
    A, x, t = rng.normal(size=(3, 3)), rng.normal(size=3), 0.5
    source = f"A: real[n, n]\nx: real[n]\nt: real\ny = {formula}"
    module = exprdiff.compile(f"{source}\nJ = sum(y^2)\nreturn y, J", optimize=level, of="J")
    value, total = module.forward(A, x, t)
    want = function(A, x)
    assert np.shape(value) == want.shape
    close(value, want)
    close(total, np.sum(want**2))
    gA, gx, _ = module.gradient(A, x, t)
    if "t" not in formula.replace("tanh", ""):
        close(gA, jax.grad(lambda A: jnp.sum(function(A, x) ** 2))(A))
        close(gx, jax.grad(lambda x: jnp.sum(function(A, x) ** 2))(x))
