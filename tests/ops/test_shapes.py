"""Functions of two and three operands, broadcast in every way that NumPy knows."""

import itertools

import numpy as np
import pytest
from ops.support import PUBLIC_ELEMENTWISE

import exprdiff
from exprdiff.graph import INPUT
from exprdiff.interpret import interpret
from exprdiff.ops import REGISTRY

TYPES = {"": (), "[n]": (3,), "[n, d]": (3, 4), "[d]": (4,), "[1]": (1,), "[n, 1]": (3, 1),
         "[1, d]": (1, 4), "[1, 1]": (1, 1), "[b, n, d]": (2, 3, 4)}  # fmt: skip
PAIRS = [
    (a, b) for a, b in itertools.product(TYPES, repeat=2)
    if all(x == y or 1 in (x, y) for x, y in zip(TYPES[a][::-1], TYPES[b][::-1], strict=False))
    # Sizes with different names never stretch: one of them would have to be 1 by name.
]  # fmt: skip
OPERATORS = ["x + y", "x - y", "x * y", "x / y", "x^y", "where(x > y, x, y)", "x if x < y else y"]
CALLS = [
    f"{name}(x, y)" for name in PUBLIC_ELEMENTWISE if len(REGISTRY[name].parameters) == 2
]  # fmt: skip
FORMULAS = OPERATORS + CALLS


def by_the_book(module, values):
    """Evaluate a module's own graph, forward and gradient, without its emitted code."""
    derived = module.graph
    nodes = [x.node for x in derived.inputs]
    assert all(n.op is INPUT for n in nodes)
    roots = [node for name in ("forward", "gradient") for node, _ in derived.functions[name]]
    return interpret(roots, dict(zip(nodes, values, strict=True)))


@pytest.mark.parametrize("formula", FORMULAS)
def test_broadcast(formula):
    assert len(PAIRS) > 40
    random = np.random.default_rng(2)
    scalar = exprdiff.compile(f"u = {formula}")
    for a, b in PAIRS:
        text = f"x: real{a}\ny: real{b}\nu = {formula}\nJ = sum(u * sin(u))\nreturn u, J"
        module = exprdiff.compile(text, of="J")
        x, y = random.uniform(0.2, 2.5, TYPES[a]), random.uniform(0.2, 2.5, TYPES[b])
        u, value = module.forward(x, y)
        assert np.shape(u) == np.broadcast_shapes(np.shape(x), np.shape(y)), (a, b)
        # One element at a time, by the function of scalars.
        pairs = zip(*map(np.ravel, np.broadcast_arrays(x, y)), strict=True)
        each = [float(scalar.forward(float(p), float(q))) for p, q in pairs]
        np.testing.assert_allclose(np.ravel(u), each, rtol=1e-14)
        found = module.gradient(x, y)
        assert [np.shape(g) for g in found] == [np.shape(x), np.shape(y)], (a, b)
        for mine, plain in zip((u, value, *found), by_the_book(module, (x, y)), strict=True):
            np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-13)
        for i, (at, g) in enumerate(zip((x, y), found, strict=True)):
            step = 1e-6 * random.choice([-1, 1], np.shape(at))
            ahead, behind = [x, y], [x, y]
            ahead[i], behind[i] = at + step, at - step
            slope = (module.forward(*ahead)[1] - module.forward(*behind)[1]) / 2
            assert np.sum(g * step) == pytest.approx(slope, rel=1e-5, abs=1e-11), (a, b)


@pytest.mark.parametrize("formula", FORMULAS)
def test_empty(formula):
    """Arrays without elements: the value has none, and the gradient is that of nothing."""
    text = f"x: real[n, d]\ny: real[d]\nu = {formula}\nJ = sum(u)\nreturn u, J"
    module = exprdiff.compile(text, of="J")
    for n, d in ((0, 3), (2, 0), (0, 0)):
        u, value = module.forward(np.empty((n, d)), np.ones(d))
        assert u.shape == (n, d)
        assert value == 0
        by_x, by_y = module.gradient(np.empty((n, d)), np.ones(d))
        assert by_x.shape == (n, d)
        assert by_y.shape == (d,)
        assert not by_y.any()


@pytest.mark.parametrize("bounds", [("", ""), ("[d]", ""), ("[n, 1]", "[d]"), ("[n, d]", "[1, d]")])
def test_clip_broadcasts(bounds):
    low, high = bounds
    text = f"x: real[n, d]\na: real{low}\nb: real{high}\nJ = sum(clip(x, a, b)^2)"
    module = exprdiff.compile(text)
    random = np.random.default_rng(4)
    x = random.normal(size=(3, 4))
    a, b = -random.uniform(0.1, 0.9, TYPES[low]), random.uniform(0.1, 0.9, TYPES[high])
    assert module.forward(x, a, b) == pytest.approx(np.sum(np.clip(x, a, b) ** 2))
    by_x, by_a, by_b = module.gradient(x, a, b)
    full = 2 * np.clip(x, a, b)
    np.testing.assert_array_equal(by_x, np.where((x >= a) & (x <= b), full, 0))
    reduced = [(np.where(x < a, full, 0), by_a, a), (np.where(x > b, full, 0), by_b, b)]
    for expected, found, operand in reduced:
        shape = (1,) * (2 - np.ndim(operand)) + np.shape(operand)
        axes = tuple(k for k in range(2) if shape[k] == 1)
        total = np.sum(expected, axis=axes).reshape(np.shape(operand))
        np.testing.assert_allclose(found, total, rtol=1e-13, atol=1e-15)
