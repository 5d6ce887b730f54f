"""Indexing, einsum and linear algebra: value, gradient and Hessian against JAX and NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

RNG = np.random.default_rng(7)
M = RNG.normal(size=(3, 3))
VALUES = {
    "x": RNG.normal(size=5),
    "b": RNG.normal(size=3),
    "A": M @ M.T + np.eye(3),
    "B": RNG.normal(size=(3, 2)),
    "X": RNG.normal(size=(4, 5)),
    "T": RNG.normal(size=(2, 3, 4)),
    "S": np.stack([M @ M.T + np.eye(3), M + 4 * np.eye(3)]),
    "k": np.array([1, 1, 3, 0]),
    "j": np.array([0, 2, 2, 4]),
    "i": np.array(2),
}
TYPES = {
    "x": "x: real[n]", "b": "b: real[m]", "A": "A: real[m, m]", "B": "B: real[m, c]",
    "X": "X: real[4, 5]", "T": "T: real[p, m, q]", "S": "S: real[p, m, m]",
    "k": "data k: int[e]", "j": "data j: int[e]", "i": "data i: int",
}  # fmt: skip

INDEXED = {
    "x[0]*x[-1]^2": lambda x: x[0] * x[-1] ** 2,
    "sum(x[1:n-1]^2)*x[n-1]": lambda x: jnp.sum(x[1:-1] ** 2) * x[-1],
    "sum((x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)":
        lambda x: jnp.sum((x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "sum(x[::-1]*x^2)": lambda x: jnp.sum(x[::-1] * x**2),
    "sum(x[:, None]*x[None, :]^2)": lambda x: jnp.sum(x[:, None] * x[None, :] ** 2),
    "sum(x[k]^3)+x[0]*x[-1]": lambda x, k: jnp.sum(x[k] ** 3) + x[0] * x[-1],
    "x[i]^2": lambda x, i: x[i] ** 2,
    "sum(X[1:, :-1]^3)": lambda X: jnp.sum(X[1:, :-1] ** 3),
    "sum(X[:, 0]*X[:, -1])": lambda X: jnp.sum(X[:, 0] * X[:, -1]),
    "sum(X[2]^2)": lambda X: jnp.sum(X[2] ** 2),
    "sum(X[::2, ::-1]^2*X[1::2])": lambda X: jnp.sum(X[::2, ::-1] ** 2 * X[1::2]),
    "sum(X[k, j]^2)": lambda X, k, j: jnp.sum(X[k, j] ** 2),
    "sum(X[:, k]^2)": lambda X, k: jnp.sum(X[:, k] ** 2),
    "sum(X[k]^2)": lambda X, k: jnp.sum(X[k] ** 2),
    "sum(X[k[1:], 0]^2)": lambda X, k: jnp.sum(X[k[1:], 0] ** 2),
    "sum(T[0, :, k]^2*x[j][:, None])":
        lambda T, x, k, j: jnp.sum(T[0, :, k] ** 2 * x[j][:, None]),
    "sum(T[:, 0, k]^3)": lambda T, k: jnp.sum(T[:, 0, k] ** 3),
    "sum(T[..., 0]*T[..., 1]^2)": lambda T: jnp.sum(T[..., 0] * T[..., 1] ** 2),
    "sum(T[1, ..., None]^2)": lambda T: jnp.sum(T[1, ..., None] ** 2),
    "prod(x[k])": lambda x, k: jnp.prod(x[k]),
    "sum(sin(x)[1:]*cos(x)[:-1])": lambda x: jnp.sum(jnp.sin(x)[1:] * jnp.cos(x)[:-1]),
}  # fmt: skip
MATRICES = {
    "sum(inv(A)^2)": lambda A: jnp.sum(jnp.linalg.inv(A) ** 2),
    "logdet(A)": lambda A: jnp.linalg.slogdet(A)[1],
    "det(A)^2": lambda A: jnp.linalg.det(A) ** 2,
    "b @ solve(A, b)": lambda b, A: b @ jnp.linalg.solve(A, b),
    "sum(solve(A, B)^2)": lambda A, B: jnp.sum(jnp.linalg.solve(A, B) ** 2),
    "sum(solve(S, B)^2)":
        lambda B, S: jnp.sum(jnp.linalg.solve(S, jnp.stack([B, B])) ** 2),
    "sum(solve(S, b)^2)":
        lambda b, S: jnp.sum(jnp.linalg.solve(S, jnp.stack([b, b])[..., None]) ** 2),
    "sum(inv(S)^2)": lambda S: jnp.sum(jnp.linalg.inv(S) ** 2),
    "sum(logdet(S)^2) + sum(det(S))":
        lambda S: jnp.sum(jnp.linalg.slogdet(S)[1] ** 2) + jnp.sum(jnp.linalg.det(S)),
    "sum(cholesky(A)^3)": lambda A: jnp.sum(jnp.linalg.cholesky(A) ** 3),
    "sum(tril(A)^3) + sum(triu(A, 1)^2)":
        lambda A: jnp.sum(jnp.tril(A) ** 3) + jnp.sum(jnp.triu(A, 1) ** 2),
    "sum(diag(b)^2 @ A) + sum(diag(A)^3)":
        lambda b, A: jnp.sum(jnp.diag(b) ** 2 @ A) + jnp.sum(jnp.diag(A) ** 3),
    'sum(einsum("bij,bjk->ik", S, S)^2)':
        lambda S: jnp.sum(jnp.einsum("bij,bjk->ik", S, S) ** 2),
    'sum(einsum("...ij,j", S, b)^3)':
        lambda b, S: jnp.sum(jnp.einsum("...ij,j", S, b) ** 3),
    'einsum("ii", A)^2': lambda A: jnp.trace(A) ** 2,
}  # fmt: skip
PROGRAMS = INDEXED | MATRICES


def program(formula, function):
    names = list(function.__code__.co_varnames[: function.__code__.co_argcount])
    lines = [TYPES[name] for name in names]
    return "\n".join([*lines, f"y = {formula}"]), names, [VALUES[name] for name in names]


def close(got, want, rtol=1e-9):
    assert np.shape(got) == np.shape(want)
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-10)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", PROGRAMS)
def test_value_and_gradient(formula, level):
    function = PROGRAMS[formula]
    source, _, values = program(formula, function)
    module = exprdiff.compile(source, optimize=level)
    real = tuple(i for i, v in enumerate(values) if v.dtype == float)
    before = [v.copy() for v in values]
    value, gradient = module.value_and_gradient(*values)
    assert all(np.array_equal(a, b) for a, b in zip(before, values, strict=True))
    close(value, function(*values))
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    for got, want in zip(gradient, jax.grad(function, real)(*values), strict=True):
        close(got, want)
        assert not any(np.shares_memory(got, v) for v in values)


@pytest.mark.parametrize("formula", PROGRAMS)
def test_second_order(formula):
    function = PROGRAMS[formula]
    source, names, values = program(formula, function)
    name, place = names[0], 0
    module = exprdiff.compile(f"{source}\nH = hessian(y, {name})\nreturn H", emit="forward")
    close(module.forward(*values), jax.hessian(function, place)(*values))


@pytest.mark.parametrize(
    "subscripts",
    ["ij,jk->ik", "ij,jk", "ii", "ii->i", "ij->ji", "ba", "bij,bjk->ik", "...ij,jk", "ij->",
     "...ij,...jk->...ik", " i j , j k -> i k "],
)  # fmt: skip
def test_einsum_as_numpy(subscripts):
    count = subscripts.count(",") + 1
    names = ["S", "S"] if "b" in subscripts and count == 2 else ["A", "A"]
    names = ["S", "A"] if subscripts == "...ij,jk" else names[:count]
    listed = list(dict.fromkeys(names))
    lines = [TYPES[n] for n in listed]
    lines.append(f'y = einsum("{subscripts}", {", ".join(names)})')
    module = exprdiff.compile("\n".join(lines), emit="forward")
    close(module.forward(*(VALUES[n] for n in listed)),
          np.einsum(subscripts, *(VALUES[n] for n in names)))  # fmt: skip


def test_gradient_of_det_at_singular_matrices():
    gradient = exprdiff.compile("A: real[n, n]\ny = det(A)").gradient
    close(gradient(np.diag([0.0, 2, 3])), np.diag([6.0, 0, 0]))
    close(gradient(np.ones((3, 3))), np.zeros((3, 3)))
    close(gradient(np.ones((1, 1))), np.ones((1, 1)))


def test_logdet_of_a_negative_determinant_is_nan():
    module = exprdiff.compile("A: real[n, n]\ny = logdet(A)")
    assert np.isnan(module.forward(np.diag([-1.0, 1])))


def test_results_are_no_views():
    for source in ("x: real[n]\ny = x[1:]", "X: real[n, d]\ny = X[0]", "x: real[n]\ny = x[::-1]"):
        value = np.ones((2, 2) if "X" in source else 3)
        assert not np.shares_memory(exprdiff.compile(source, emit="forward").forward(value), value)
