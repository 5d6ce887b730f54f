"""Reductions and operations along axes: values, derivatives and shapes, from the registry."""

import itertools
import math

import numpy as np
import pytest
from ops.support import ALONG, CHOOSING, REDUCTIONS, mp

import exprdiff
from exprdiff.dims import dim
from exprdiff.graph import input_, interning
from exprdiff.indexed import Indexed, operators, product
from exprdiff.interpret import interpret
from exprdiff.ops import REGISTRY
from exprdiff.ops.define import AXIS, KEEPDIMS
from exprdiff.reverse import adjoints
from exprdiff.verify import verify

#: Functions of one operand, with an axis and perhaps keepdims, that the language has.
REDUCING = [
    n
    for n, f in REGISTRY.items()
    if f.parameters[1:] == (AXIS, KEEPDIMS) and n == f.name and n not in CHOOSING
]
ALONG_AXIS = [n for n in REGISTRY if n in ALONG]

#: Operands besides the first.
DIRECTIONS = {
    "prod_mixed": 2, "running_product_mixed": 2, "running_product_adjoint": 1,
    "running_product_adjoint_mixed": 3, "sorted_as": 1, "unsorted_as": 1,
}  # fmt: skip

VECTORS = [
    [0.3, -1.2, 0.7, 2.1],
    [1e-3, 2e3, -0.5, 1.5],
    [-700.0, 650.0, 20.0, 3.0],
    [0.5],
]
NAMES = [*REDUCTIONS, *ALONG]
E_STEP = mp.mpf(10) ** -25


def operation(name, x: Indexed, *others: Indexed) -> Indexed:
    """Apply to all labels of `x`."""
    op = operators[name]
    return op(x, x.labels) if name in REDUCTIONS else op(x, *others, along=x.labels)


def scalar(name, weights: Indexed | None, x: Indexed, *others: Indexed):
    """The operation's result as one number: its sum with weights, where it keeps the axis."""
    y = operation(name, x, *others)
    return y if name in REDUCTIONS else product([weights, y], ())


def oracle(name, x, directions=()):
    if name == "prod_others":
        return [mp.fprod(x[:i] + x[i + 1 :]) for i in range(len(x))]
    if name in ("sorted_as", "unsorted_as"):
        order = sorted(range(len(x)), key=lambda i: x[i])
        (v,) = directions
        return [v[i] if name == "sorted_as" else v[order.index(k)] for k, i in enumerate(order)]
    if name == "running_product_mixed":
        return [mixed(x[: i + 1], [h[: i + 1] for h in directions]) for i in range(len(x))]
    if name.startswith("running_product_adjoint"):
        g, *directions = directions
        return [
            mp.fsum(
                g[i] * mixed(x[: i + 1], [*(h[: i + 1] for h in directions), unit(i + 1, k)])
                for i in range(k, len(x))
            )
            for k in range(len(x))
        ]
    if name == "prod_mixed":
        return [mixed(x[:i] + x[i + 1 :], [h[:i] + h[i + 1 :] for h in directions])
                for i in range(len(x))]  # fmt: skip
    return operators[name].oracle(mp, x)


def unit(count, k):
    return [mp.mpf(i == k) for i in range(count)]


def mixed(x, directions):
    """The mixed derivative of the product of `x`: a sum over the places of the directions."""
    total = mp.mpf(0)
    for places in itertools.permutations(range(len(x)), len(directions)):
        factors = [v for i, v in enumerate(x) if i not in places]
        total += mp.fprod(factors) * mp.fprod(h[i] for h, i in zip(directions, places, strict=True))
    return total


def directions_of(name, x):
    random = np.random.default_rng(5)
    count = DIRECTIONS.get(name, 0)
    return [list(random.normal(size=len(x))) for _ in range(count)]


def lifted(rows):
    return [[mp.mpf(v) for v in row] for row in rows]


@pytest.mark.parametrize("x", VECTORS, ids=lambda x: str(x))
@pytest.mark.parametrize("name", NAMES)
def test_value(name, x):
    directions = directions_of(name, x)
    with interning():
        nodes = [input_(f"x{i}", (dim("n"),)) for i in range(1 + len(directions))]
        labels = Indexed(nodes[0]).labels
        y = operation(name, *(Indexed(v, labels) for v in nodes))
        got = interpret([y.node], dict(zip(nodes, [x, *directions], strict=True)))[0]
    right = oracle(name, lifted([x])[0], lifted(directions))
    right = np.array([float(v) for v in np.atleast_1d(right)])
    scale = np.max(np.abs(right)) if name in ("softmax", "prod_mixed") else np.abs(right)
    assert np.all(np.abs(np.atleast_1d(got) - right) <= 1e-14 * scale + 1e-300)


@pytest.mark.parametrize("x", VECTORS[:2], ids=lambda x: str(x))
@pytest.mark.parametrize("name", NAMES)
def test_derivatives(name, x):
    """Gradient and Hessian against differences of the oracle; the third order is there too."""
    directions, weights = directions_of(name, x), [0.7, -1.1, 0.4, 1.9]
    with interning():
        nodes = [input_(f"x{i}", (dim("n"),)) for i in range(1 + len(directions))]
        v = input_("v", (dim("n"),))
        labels = Indexed(v).labels
        value = scalar(name, Indexed(v, labels), *(Indexed(u, labels) for u in nodes))
        values = dict(zip([*nodes, v], [x, *directions, weights], strict=True))
        gradient = adjoints(value.node, nodes[:1])[nodes[0]]
        slope = product([Indexed(gradient, labels), Indexed(v, labels)], ())
        second = adjoints(slope.node, nodes[:1])[nodes[0]]
        slope = product([Indexed(second, labels), Indexed(v, labels)], ())
        third = adjoints(slope.node, nodes[:1])[nodes[0]]
        verify([gradient, second, third])
        got = interpret([gradient, second, third], values)

    def f(at):
        y = oracle(name, at, lifted(directions))
        return y if name in REDUCTIONS else mp.fsum(a * b for a, b in zip(weights, y, strict=True))

    def along(g, at, direction):
        ahead = [a + E_STEP * d for a, d in zip(at, direction, strict=True)]
        behind = [a - E_STEP * d for a, d in zip(at, direction, strict=True)]
        return (g(ahead) - g(behind)) / (2 * E_STEP)

    with mp.workdps(120):
        start = lifted([x])[0]
        units = [[mp.mpf(i == j) for j in range(len(x))] for i in range(len(x))]
        right = [[along(f, start, e) for e in units]]
        right.append([along(lambda a, e=e: along(f, a, e), start, weights) for e in units])
        right.append([
            along(lambda a, e=e: along(lambda b: along(f, b, e), a, weights), start, weights)
            for e in units
        ])  # fmt: skip
    for mine, exact in zip(got, right, strict=True):
        exact = np.array([float(v) for v in exact])
        near = 1e-30 + 1e-12 * np.max(np.abs(exact))
        np.testing.assert_allclose(mine, exact, rtol=1e-11, atol=near)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_duality(name, axes):
    """<u, J v> = <J' u, v>, with another label on the adjoint that stays."""
    op = operators[name]
    one_axis = name in ("prod_others", "prod_mixed") or op.single
    if one_axis and len(axes) > 1:
        return
    random = np.random.default_rng(7)
    data = [random.normal(size=(3, 4)) for _ in range(1 + DIRECTIONS.get(name, 0))]
    tangents = [random.normal(size=(3, 4)) for _ in data]
    with interning():
        xs = [input_(f"x{i}", (dim("n"), dim("m"))) for i in range(len(data))]
        vs = [input_(f"v{i}", (dim("n"), dim("m"))) for i in range(len(data))]
        labels = Indexed(xs[0]).labels
        at, dx = [Indexed(x, labels) for x in xs], [Indexed(v, labels) for v in vs]
        over = [labels[k] for k in axes]
        y = op(*at, over) if name in REDUCTIONS else op(*at, along=over)
        u = input_("u", (dim("b"), *y.node.shape))
        (b,) = Indexed(input_("b", (dim("b"),))).labels
        g = Indexed(u, (b, *y.labels))
        pulled = op.pull(g, y, at, y.node.attrs)
        pushed = op.push(dx, y, at, y.node.attrs)
        left = product([g, pushed], (b,))
        pairs = [(p, v) for p, v in zip(pulled, dx, strict=True) if p is not None]
        terms = [product([p, v], (b,)) for p, v in pairs]
        shape = tuple(n for k, n in enumerate((3, 4)) if name in ALONG or k not in axes)
        values = dict(zip([*xs, *vs], [*data, *tangents], strict=True))
        values[u] = random.normal(size=(2, *shape))
        right, *rest = interpret([left.node, *(t.node for t in terms)], values)
    np.testing.assert_allclose(right, sum(rest), rtol=1e-11, atol=1e-12)


AXES = [None, 0, 1, 2, -1, -2, -3, (0, 1), (0, 2), (-1, 0), (0, 1, 2)]
SHAPES = [(2, 3, 4), (1, 3, 1), (2, 0, 3)]


def slices(x, axis):
    """Arrange the reduced axes last, as one; return that and where the others are."""
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(k % x.ndim for k in axes)
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    moved = np.transpose(x, rest + axes)
    count = math.prod(x.shape[k] for k in axes)
    return moved.reshape(*moved.shape[: len(rest)], count), rest, axes


def by_the_book(name, x, axis, keepdims):
    """Reduce slice by slice with the oracle."""
    rows, _, axes = slices(x, axis)
    result = np.empty(rows.shape[:-1])
    for index in np.ndindex(result.shape):
        result[index] = float(REGISTRY[name].oracle(mp, [mp.mpf(float(v)) for v in rows[index]]))
    return np.expand_dims(result, sorted(axes)) if keepdims else result


def written(axis, keepdims=False):
    text = "" if axis is None else f", axis={axis}"
    return text + (", keepdims=true" if keepdims else "")


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("name", REDUCING)
def test_reduction_over_axes(name, axis, keepdims):
    """Compiled over each axis, and its gradient against the graph's own evaluation."""
    source = f"x: real[n, m, k]\nu = {name}(x{written(axis, keepdims)})\nJ = sum(u * u)"
    module = exprdiff.compile(source + "\nreturn u, J", of="J")
    plain = exprdiff.compile(source + "\nreturn u, J", of="J", optimize=0)
    for shape in SHAPES:
        x = np.random.default_rng(3).uniform(-2, 2, shape)
        if 0 in shape:
            if name in ("max", "min", "norminf", "logsumexp", "mean", "var", "std"):
                continue  # NumPy refuses, or has no mean
            if name == "norm" and isinstance(axis, tuple | None):
                continue  # see test_norm_of_nothing
        u, value = module.forward(x)
        expected = by_the_book(name, x, axis, keepdims)
        assert np.shape(u) == expected.shape
        np.testing.assert_allclose(u, expected, rtol=1e-13, atol=1e-14)
        assert value == pytest.approx(np.sum(expected**2), rel=1e-12)
        found = module.gradient(x)
        assert found.shape == x.shape
        np.testing.assert_allclose(found, plain.gradient(x), rtol=1e-12, atol=1e-13)
        if 0 < x.size <= 3 or (axis in (1, (0, 2)) and x.size):
            _against_differences(module.forward, x, found)


def _against_differences(forward, x, found):
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        slope = (forward(x + step)[-1] - forward(x - step)[-1]) / 2e-6
        assert found[index] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -3, (0, 1), (-1, 0), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("name", ALONG_AXIS)
def test_along_axes(name, axis):
    source = f"x: real[n, m, k]\nu = {name}(x{written(axis)})\nJ = sum(u * u * u)"
    module = exprdiff.compile(source + "\nreturn u, J", of="J")
    plain = exprdiff.compile(source + "\nreturn u, J", of="J", optimize=0)
    for shape in SHAPES[:2]:
        x = np.random.default_rng(3).uniform(-2, 2, shape)
        rows, rest, axes = slices(x, -1 if axis is None else axis)
        expected = np.empty_like(rows)
        for index in np.ndindex(rows.shape[:-1]):
            row = [mp.mpf(float(v)) for v in rows[index]]
            expected[index] = [float(v) for v in REGISTRY[name].oracle(mp, row)]
        expected = expected.reshape([shape[k] for k in rest + axes])
        expected = np.transpose(expected, np.argsort(rest + axes))
        u, _ = module.forward(x)
        np.testing.assert_allclose(u, expected, rtol=1e-13, atol=1e-15)
        found = module.gradient(x)
        np.testing.assert_allclose(found, plain.gradient(x), rtol=1e-12, atol=1e-13)
        _against_differences(module.forward, x, found)


@pytest.mark.parametrize("name", ["max", "min"])
def test_nothing_has_no_extremum(name):
    module = exprdiff.compile(f"x: real[n]\nJ = {name}(x)")
    with pytest.raises(ValueError, match="zero-size"):
        module.forward(np.empty(0))


@pytest.mark.parametrize("name", REDUCING)
def test_of_a_scalar(name):
    """A reduction of one number is a function of that number."""
    module = exprdiff.compile(f"x: real\nJ = {name}(x)")
    for x in (0.7, 2.5):
        right = REGISTRY[name].oracle(mp, [mp.mpf(x)])
        assert module.forward(x) == pytest.approx(float(right))
        assert np.isfinite(module.gradient(x))
