"""What reviewers found, in programs of two sizes: every function against JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

ELEMENTS = {
    "y[1:][-1]^3": lambda y: y[1:][-1] ** 3,
    "y[:-1][-1]^3": lambda y: y[:-1][-1] ** 3,
    "y[:3][-1]^3": lambda y: y[:3][-1] ** 3,
    "y[::2][-1]^3": lambda y: y[::2][-1] ** 3,
    "y[1:][-2]^3": lambda y: y[1:][-2] ** 3,
    "y[1:3][::-1][-1]^3": lambda y: y[1:3][::-1][-1] ** 3,
    "y[::-1][1:][-1]^3": lambda y: y[::-1][1:][-1] ** 3,
    "y[::-1][-1]^3*y[0]": lambda y: y[::-1][-1] ** 3 * y[0],
    "sin(y[1:])[-1]*y[0]": lambda y: jnp.sin(y[1:])[-1] * y[0],
    "(y[1:]*y[:-1])[-1]^2": lambda y: (y[1:] * y[:-1])[-1] ** 2,
    "sum(stack(y[1:], y[:-1])[:, -1]^2)": lambda y: y[-1] ** 2 + y[-2] ** 2,
    "sum(((y + y[::-1]) - y)^2)": lambda y: jnp.sum(((y + y[::-1]) - y) ** 2),
    "sum(outer(y, y)[1:][-1]^2)": lambda y: jnp.sum(jnp.outer(y, y)[1:][-1] ** 2),
}
ARRAYS = {
    "C[:, 1::2]^2": lambda C: C[:, 1::2] ** 2,
    "C[1::2, 1::2]'*2": lambda C: C[1::2, 1::2].T * 2,
    "C[:, 1:][:, -1]": lambda C: C[:, 1:][:, -1],
    "C'[::-1][-1]": lambda C: C.T[::-1][-1],
    "((triu(C) + C) - C) + C": lambda C: ((jnp.triu(C) + C) - C) + C,
    "(C + C[:, 0]) - C": lambda C: (C + C[:, 0]) - C,
    "C[1::2][:, None]*C[0]": lambda C: C[1::2][:, None] * C[0],
}


def values(size, *shape):
    return np.random.default_rng(size).normal(size=shape)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("size", [5, 6])
@pytest.mark.parametrize("formula", ELEMENTS)
def test_numbers(formula, size, level):
    kinds = ["gradient", "hessian", "hvp", "jvp", "hessian_sparsity", "local"]
    module = exprdiff.compile(f"y: real[m]; J = {formula}", emit=kinds, optimize=level)
    y, function = values(size, size), ELEMENTS[formula]
    way, hessian = np.cos(y), jax.hessian(function)(y)
    close(module.gradient(y), jax.grad(function)(y))
    close(module.hessian(y), hessian)
    close(module.hvp(y, way), hessian @ way)
    close(module.jvp(y, way), jax.grad(function)(y) @ way)
    close(module.local(y)[2]["y"], jax.grad(function)(y))
    assert np.all(module.hessian_sparsity(y)[np.asarray(hessian) != 0])


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("size", [4, 5])
@pytest.mark.parametrize("formula", ARRAYS)
def test_arrays(formula, size, level):
    kinds = ["jacobian", "jvp", "vjp", "jacobian_sparse", "jacobian_sparsity"]
    module = exprdiff.compile(f"C: real[n, n]; R = {formula}", emit=kinds, optimize=level)
    C, function = values(size, size, size), ARRAYS[formula]
    jacobian = np.asarray(jax.jacobian(function)(C))
    close(module.jacobian(C), jacobian)
    close(module.jvp(C, np.cos(C)), np.tensordot(jacobian, np.cos(C), 2))
    bar = np.cos(np.arange(np.size(function(C)))).reshape(np.shape(function(C)))
    close(module.vjp(C, bar), np.tensordot(bar, jacobian, bar.ndim))
    matrix = jacobian.reshape(-1, C.size)
    assert np.all(module.jacobian_sparsity(C)[matrix != 0])
    found = module.jacobian_sparse(C)
    if isinstance(found, tuple) and isinstance(found[0], np.ndarray):
        whole = np.zeros(matrix.shape)
        np.add.at(whole, found[1], found[0])
        close(whole, matrix)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("declared", ["n + 2", "n"])
def test_coordinates_of_a_gather(declared, level):
    source = f"z: real[{declared}]; data k: int[n]; J = z[k]^2"
    module = exprdiff.compile(source, emit=["jacobian", "jacobian_sparse"], optimize=level)
    k = np.array([3, -1, 0, 1])
    z = values(1, 6 if declared == "n + 2" else 4)
    data, (rows, columns) = module.jacobian_sparse(z, k)
    whole = np.zeros((4, z.size))
    np.add.at(whole, (rows, columns), data)
    close(whole, module.jacobian(z, k))


HELD = {
    "log(1 + exp(x))": lambda x, X: jnp.log1p(jnp.exp(x)),
    "1 - tanh(x)^2": lambda x, X: 1 - jnp.tanh(x) ** 2,
    "exp(x)/sum(exp(x))": lambda x, X: jax.nn.softmax(x),
    "X @ X @ x": lambda x, X: X @ X @ x,
    "(X*x) @ x": lambda x, X: (X * x) @ x,
    "X @ diag(x) @ x": lambda x, X: X @ jnp.diag(x) @ x,
}


@pytest.mark.parametrize("formula", HELD)
def test_derivatives_by_values_that_are_rewritten(formula):
    source = f"x: real[n]; data X: real[n, n]; z = {formula}; J = sum(z^3)"
    x, X = values(3, 4), values(4, 4, 4)
    z = np.asarray(HELD[formula](x, X))
    module = exprdiff.compile(source, wrt="z", emit=["gradient", "hessian", "jvp"])
    close(module.gradient(x, X), 3 * z**2)
    close(module.hessian(x, X), np.diag(6 * z))
    close(module.jvp(x, X, x), 3 * z**2 @ x)
    both = exprdiff.compile(source, wrt="x,z", emit="gradient").gradient(x, X)
    close(both[0], jax.grad(lambda x: jnp.sum(HELD[formula](x, X) ** 3))(x))
    close(both[1], 3 * z**2)


def test_a_value_that_happens_to_be_symmetric_is_no_symmetric_variable():
    source = "A: real[n, n]; B: real[n, n]; z = A + A'; J = sum(z*B)"
    module = exprdiff.compile(source, wrt="z", emit=["gradient", "jvp", "hvp"])
    A, B, way = values(1, 3, 3), values(2, 3, 3), values(3, 3, 3)
    close(module.gradient(A, B), B)
    close(module.jvp(A, B, way), np.sum(B * way))


def test_a_value_that_is_zero_is_a_variable_like_any_other():
    source = "A: real[n, n]; z = A - A; J = reshape(z', -1)[2]^2 + reshape(z', -1)[2]"
    module = exprdiff.compile(source, wrt="z", emit=["gradient", "hessian"])
    want = np.zeros((3, 3))
    want[2, 0] = 1
    close(module.gradient(values(1, 3, 3)), want)
    assert module.hessian(values(1, 3, 3))[2, 0, 2, 0] == 2


def test_slices_of_repeated_slices_twice():
    source = "x: real[n]; L = mean(repeat(flip(x^2), 2)[::-2]^2); return hessian(L, x)"
    module = exprdiff.compile(source, emit=["forward", "jvp"])
    x = values(1, 5)

    def function(x):
        return jnp.mean(jnp.repeat(x[::-1] ** 2, 2)[::-2] ** 2)

    close(module.forward(x), jax.hessian(function)(x))
    close(module.jvp(x, x), jax.jvp(jax.hessian(function), (x,), (x,))[1])


def test_no_two_signs_meet():
    for level in (0, 1):
        text = exprdiff.emit(
            "y: real[m]; J = mean(tanh(cos(y))) + sum(y^3)", emit=["hessian", "hvp"], optimize=level
        )
        assert "--" not in text
        assert "- -" not in text


def test_long_subscripts_are_broken():
    source = "A: real[n, m]; t = A[-2:1:-3, :0:-2]; J = sum(exp(t[::-1, ::-1] + t)^2*t)"
    module = exprdiff.compile(source, emit=["hessian", "gradient"])
    assert max(map(len, module.source.splitlines())) <= 100
    A = values(2, 9, 7)

    def function(A):
        t = A[-2:1:-3, :0:-2]
        return jnp.sum(jnp.exp(t[::-1, ::-1] + t) ** 2 * t)

    close(module.gradient(A), jax.grad(function)(A))
