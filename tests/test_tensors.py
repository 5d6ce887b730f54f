"""Indexing, einsum and linear algebra: value, gradient and Hessian against JAX and NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff
from exprdiff.forward import tangents
from exprdiff.frontend.lower import lower
from exprdiff.graph import input_, interning
from exprdiff.indexed import Indexed
from exprdiff.interpret import interpret
from exprdiff.reverse import adjoints
from exprdiff.verify import verify

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
    "m": np.array([True, False, True, True, False]),
    "o": np.array([False, True, False, True, True]),
    "h": np.array([False, True, True, False]),
    "M": RNG.normal(size=(4, 5)) > 0,
    "W": RNG.normal(size=(3, 4)) > 0,
    "r": RNG.normal(size=3),
    "R": RNG.normal(size=(4, 3)),
}
TYPES = {
    "x": "x: real[n]", "b": "b: real[m]", "A": "A: real[m, m]", "B": "B: real[m, 2]",
    "X": "X: real[4, 5]", "T": "T: real[p, m, q]", "S": "S: real[p, m, m]",
    "k": "data k: int[e]", "j": "data j: int[e]", "i": "data i: int",
    "m": "data m: bool[n]", "o": "data o: bool[5]", "h": "data h: bool[4]",
    "M": "data M: bool[4, 5]",
    "W": "data W: bool[m, q]",
    "r": "r: real[3]", "R": "R: real[e, 3]",
}  # fmt: skip


def huber_loss(r, delta):
    return jnp.where(jnp.abs(r) <= delta, r**2 / 2, delta * (jnp.abs(r) - delta / 2))


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
    "sum(x[::2]^3) + sum(x[3:0:-2]*x[4]) + mean(x[1::3]^2)":
        lambda x: jnp.sum(x[::2] ** 3) + jnp.sum(x[3:0:-2] * x[4]) + jnp.mean(x[1::3] ** 2),
    "sum(x[::-3]^3)*sum(x[:2:-1]^2) + sum(x[1:][::2][::-1]*x[:-1][::2])":
        lambda x: jnp.sum(x[::-3] ** 3) * jnp.sum(x[:2:-1] ** 2)
        + jnp.sum(x[1:][::2][::-1] * x[:-1][::2]),
    "mean(x[m]^3) + sum(x[m])*x[0]":
        lambda x, m: jnp.mean(x[m] ** 3) + jnp.sum(x[m]) * x[0],
    "sum(X[:, o]^2 @ X[0, o]) + sum(X[h, 0]^3) + sum(X[h][:, o]^2)":
        lambda X, o, h: jnp.sum(X[:, o] ** 2 @ X[0, o]) + jnp.sum(X[h, 0] ** 3)
        + jnp.sum(X[h][:, o] ** 2),
    "sum(X[M]^3) + sum(T[:, W]^2)":
        lambda X, T, M, W: jnp.sum(X[M] ** 3) + jnp.sum(T[:, W] ** 2),
    "sum(X[k[:, None], j[None, 1:]]^2)":
        lambda X, k, j: jnp.sum(X[k[:, None], j[None, 1:]] ** 2),
    "sum(where(m[1:], x[1:], x[:-1]^2))":
        lambda x, m: jnp.sum(jnp.where(m[1:], x[1:], x[:-1] ** 2)),
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
SHAPES = {
    "sum(concat(x, x^2, 3)[::-1]*concat(1, x, x))":
        lambda x: jnp.sum(jnp.concatenate([x, x**2, jnp.array([3.0])])[::-1]
                          * jnp.concatenate([jnp.ones(1), x, x])),
    "sum(concat(A, B, axis=1)^3*concat(B, A^2, axis=-1))":
        lambda A, B: jnp.sum(jnp.concatenate([A, B], axis=1) ** 3
                             * jnp.concatenate([B, A**2], axis=-1)),
    "sum(stack(b, b^2, axis=1)^3 @ B' @ A)":
        lambda A, b, B: jnp.sum(jnp.stack([b, b**2], axis=1) ** 3 @ B.T @ A),
    "sum(stack(b, sin(b))^2) + prod(vector(b[0], b[1]*b[2], 2))":
        lambda b: jnp.sum(jnp.stack([b, jnp.sin(b)]) ** 2) + 2 * b[0] * b[1] * b[2],
    "sum(reshape(X, 2, 10)[0]^3) + sum(reshape(X, -1)[3:7]^2)":
        lambda X: jnp.sum(X.reshape(2, 10)[0] ** 3) + jnp.sum(X.ravel()[3:7] ** 2),
    "sum(reshape(T, p*q, -1)^3 @ A)":
        lambda T, A: jnp.sum(T.reshape(8, 3) ** 3 @ A),
    "sum(reshape(reshape(T, -1, q)^2, p, m, q)*T)":
        lambda T: jnp.sum((T.reshape(-1, 4) ** 2).reshape(2, 3, 4) * T),
    "sum(repeat(x, 3)^2*repeat(x^3, 3)) + sum(repeat(X, 2, axis=0)^3)":
        lambda x, X: jnp.sum(jnp.repeat(x, 3) ** 2 * jnp.repeat(x**3, 3))
        + jnp.sum(jnp.repeat(X, 2, axis=0) ** 3),
    "sum(repeat(B, m, axis=1)^2 * repeat(B, m, axis=-1))":
        lambda B: jnp.sum(jnp.repeat(B, 3, axis=1) ** 3),
    "sum(roll(x, 2)*x^2) + sum(roll(X, -1, axis=1)*X^2) + sum(roll(X, n)^2*X)":
        lambda x, X: jnp.sum(jnp.roll(x, 2) * x**2) + jnp.sum(jnp.roll(X, -1, axis=1) * X**2)
        + jnp.sum(jnp.roll(X, 5) ** 2 * X),
    "sum(flip(X)*X^2) + sum(flip(X, axis=0)^2*X) + sum(flip(x)*x^2)":
        lambda X, x: jnp.sum(jnp.flip(X) * X**2) + jnp.sum(jnp.flip(X, 0) ** 2 * X)
        + jnp.sum(jnp.flip(x) * x**2),
    "sum(pad(X, ((1, 0), (2, 3)))^3) + sum(pad(x, (0, 2))*pad(x^2, (1, 1)))":
        lambda X, x: jnp.sum(jnp.pad(X, ((1, 0), (2, 3))) ** 3)
        + jnp.sum(jnp.pad(x, (0, 2)) * jnp.pad(x**2, (1, 1))),
    "sum(squeeze(expand_dims(x, axis=0)*x[:, None, None], axis=1)^3)":
        lambda x: jnp.sum((x[None, :] * x[:, None]) ** 3),
    "sum(broadcast_to(x, 3, n)^2 @ x)":
        lambda x: jnp.sum(jnp.broadcast_to(x, (3, 5)) ** 2 @ x),
    "sum(kron(A, B)^2) + sum(kron(b, b^2)[2:]^3)":
        lambda A, B, b: jnp.sum(jnp.kron(A, B) ** 2) + jnp.sum(jnp.kron(b, b**2)[2:] ** 3),
    "sum(cross(R, r)^3) + sum(cross(r, r^2)*R)":
        lambda R, r: jnp.sum(jnp.cross(R, r) ** 3) + jnp.sum(jnp.cross(r, r**2) * R),
    "sum(cumsum(x)^2) + sum(cumsum(X, axis=0)^3) + sum(cumsum(X)^2)":
        lambda x, X: jnp.sum(jnp.cumsum(x) ** 2) + jnp.sum(jnp.cumsum(X, axis=0) ** 3)
        + jnp.sum(jnp.cumsum(X, axis=1) ** 2),
    "sum(cumprod(X)^2) + sum(cumprod(b, axis=0)*b)":
        lambda X, b: jnp.sum(jnp.cumprod(X, axis=1) ** 2) + jnp.sum(jnp.cumprod(b) * b),
    "sum(sort(x)^2*x) + sum(sort(X, axis=0)[1:]^3)":
        lambda x, X: jnp.sum(jnp.sort(x) ** 2 * x) + jnp.sum(jnp.sort(X, axis=0)[1:] ** 3),
    "var(x)^2 + sum(std(X, axis=1)^3) + std(x)*x[0]":
        lambda x, X: jnp.var(x) ** 2 + jnp.sum(jnp.std(X, axis=1) ** 3) + jnp.std(x) * x[0],
    "x[argmax(x^2)]^3*x[argmin(x)] + sum(X[argmax(X, axis=0), 0]^2)":
        lambda x, X: x[jnp.argmax(x**2)] ** 3 * x[jnp.argmin(x)]
        + jnp.sum(X[jnp.argmax(X, axis=0), 0] ** 2),
    "sum(x^2) if any(x > 1) and all(x < 9) else sum(x^3)":
        lambda x: jnp.where(jnp.any(x > 1) & jnp.all(x < 9), jnp.sum(x**2), jnp.sum(x**3)),
    "huber(x, 0) + huber(X, 1, delta=0.3)":
        lambda x, X: jnp.mean(huber_loss(x, 1)) + jnp.mean(huber_loss(X - 1, 0.3)),
    "slogdet(A)[1]^2 + sum(slogdet(S)^2)":
        lambda A, S: jnp.linalg.slogdet(A)[1] ** 2 + jnp.sum(jnp.linalg.slogdet(S)[1] ** 2) + 2,
}  # fmt: skip
PROGRAMS = INDEXED | MATRICES | SHAPES


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


@pytest.mark.parametrize("formula", PROGRAMS)
def test_forward_mode(formula):
    """Tangents, and tangents of gradients, against JAX: every rule for forward mode."""
    function = PROGRAMS[formula]
    source, names, values = program(formula, function)
    real = tuple(i for i, v in enumerate(values) if v.dtype == float)
    along = [np.cos(np.arange(v.size) + i).reshape(v.shape) for i, v in enumerate(values)]
    with interning():
        lowered = lower(exprdiff.parse(source))
        nodes = {x.name: x.node for x in lowered.inputs}
        output = lowered.outputs[0].node
        seeds = {nodes[names[i]]: input_(f"d{i}", nodes[names[i]].shape) for i in real}
        first = adjoints(output, [nodes[names[0]]])[nodes[names[0]]]
        found = tangents([output, first], {x: Indexed(d) for x, d in seeds.items()})
        roots = [found[output], found[first]]
        verify(roots)
        given = {nodes[name]: v for name, v in zip(names, values, strict=True)}
        given |= {seeds[nodes[names[i]]]: along[i] for i in real}
        tangent, second = interpret(roots, given)

    def of_reals(*reals):
        full = list(values)
        for i, v in zip(real, reals, strict=True):
            full[i] = v
        return function(*full)

    at, way = [values[i] for i in real], [along[i] for i in real]
    close(tangent, jax.jvp(of_reals, at, way)[1])
    close(second, jax.jvp(jax.grad(of_reals), at, way)[1])


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


def test_running_products_are_exact_at_zeros():
    """Where the textbook divides by an element, against the product rule written out."""
    module = exprdiff.compile("x: real[n]\ndata w: real[n]\ny = w @ cumprod(x)")
    w = np.array([1.0, -2, 3, 0.5])
    for x in ([2.0, 0, 3, 4], [0.0, 0, 1, 2], [5.0, 1, 2, 0]):
        want = [sum(w[i] * np.prod(np.delete(x[: i + 1], k)) for i in range(k, 4))
                for k in range(4)]  # fmt: skip
        close(module.gradient(x, w), want)


def test_equal_elements_are_sorted_in_order():
    module = exprdiff.compile("x: real[n]\ndata w: real[n]\ny = w @ sort(x)")
    close(module.gradient([2.0, 1, 2, 1], [1.0, 2, 3, 4]), [3.0, 1, 4, 2])


def test_the_spread_of_equal_elements_has_derivative_zero():
    module = exprdiff.compile("x: real[n]\ny = std(x)")
    close(module.gradient([2.0, 2, 2]), np.zeros(3))
