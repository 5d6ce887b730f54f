"""Every stabilising rule tests itself: both sides, their derivatives, where it must not fire."""

import mpmath
import numpy as np
import pytest

import exprdiff
from exprdiff.compiler import compile_text
from exprdiff.graph import INPUT, topological
from exprdiff.interpret import interpret
from exprdiff.reverse import adjoints
from exprdiff.transforms.pipeline import Options
from exprdiff.transforms.rules_stable import STABLE
from exprdiff.verify import verify

RNG = np.random.default_rng(11)
IDS = [str(rule) for rule in STABLE]


def leaves(rule):
    return [n for n in topological([rule.left.node, rule.right.node]) if n.op is INPUT]


def draw(node):
    if node.rank == 2:
        return RNG.uniform(0.0, 1.0, size=(3, 3)) + 2 * np.eye(3)
    return RNG.uniform(0.2, 2.0, size=(3,) if node.shape else ())


def evaluate(value, points):
    total = value.sum(value.labels).node
    inputs = list(points)
    found = adjoints(total, inputs)
    results = interpret([value.node, *(found[x] for x in inputs)], points, {"k": 3})
    return results[0], results[1:]


@pytest.mark.parametrize("rule", list(STABLE), ids=IDS)
def test_both_sides_and_their_derivatives_agree(rule):
    for _ in range(5):
        points = {node: draw(node) for node in leaves(rule)}
        left, left_gradient = evaluate(rule.left, points)
        right, right_gradient = evaluate(rule.right, points)
        np.testing.assert_allclose(right, left, rtol=1e-10)
        for a, b in zip(left_gradient, right_gradient, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", [r for r in STABLE if r.at], ids=str)
def test_the_reason_holds(rule):
    """Where the reason speaks, the right side and its derivatives are finite.

    The left side's are not, or its value is further from the truth.
    """
    at = {name: float(value) for name, value in rule.at}
    values = {n: np.array([at[n.name[1:]], 0, 0])[: 3 if n.shape else 1] for n in leaves(rule)}
    points = {n: v if n.shape else v[0] for n, v in values.items()}
    left, left_gradient = evaluate(rule.left, points)
    right, right_gradient = evaluate(rule.right, points)
    assert np.all(np.isfinite(right))
    assert np.all(np.isfinite(np.hstack(right_gradient)))
    truth = np.array(high_precision(rule.left.node, values), dtype=float)
    with np.errstate(invalid="ignore"):
        further = np.any(np.abs(left - truth) > np.abs(right - truth))
    assert further or not np.all(np.isfinite(np.hstack([left, *left_gradient])))


def high_precision(root, values):
    """Evaluate a pattern at 800 digits; every value is a list along the axis."""
    results = {}
    with mpmath.workdps(800):
        for node in topological([root]):
            xs = [results[x] for x in node.operands]
            name = node.op.name
            if node.op is INPUT:
                results[node] = [mpmath.mpf(v) for v in values[node]]
            elif name == "number":
                results[node] = [mpmath.mpf(node.value)]
            elif node.summed:
                results[node] = [mpmath.fsum(xs[0])]
            elif name in ("softmax", "log_softmax"):
                results[node] = node.op.oracle(mpmath, xs[0])
            elif name in ("logsumexp", "norm"):
                results[node] = [node.op.oracle(mpmath, xs[0])]
            else:
                count = max(map(len, xs))
                rows = [[x[i % len(x)] for x in xs] for i in range(count)]
                results[node] = [elementwise(node, row) for row in rows]
        return results[root]


def elementwise(node, xs):
    if node.op.name == "add":
        return sum(c * x for c, x in zip(node.attrs, xs, strict=True))
    if node.op.name == "contract":
        return node.coefficient * mpmath.fprod(xs)
    return node.op.oracle(mpmath, *xs)


@pytest.mark.parametrize("rule", [r for r in STABLE if r.unless], ids=str)
def test_it_leaves_its_neighbour_alone(rule):
    assert str(rule) not in exprdiff.emit(rule.unless)


SOURCES = {
    "y = log(1 + exp(x))": "softplus",
    "y = 3 + log(exp(2*x) + 1)": "softplus",
    "y = log(1/(1 + exp(-x)))": "log_sigmoid",
    "A: real[n, k]\ny = sum(log(sum(exp(A), axis=1)))": "logsumexp",
    "A: real[n, k]\ny = sum(exp(A)/sum(exp(A), axis=1, keepdims=true)*A)": "softmax(v)",
    "A: real[n, k]\ny = sum(A - log(sum(exp(A), axis=0)))": "log_softmax",
    "y = 2*x + exp(z) - 1": "expm1",
    "y = 1 - exp(z)": "expm1",
    "y = log(1 + x*z)": "log1p",
    "y = sqrt((x - 1)^2 + z^2)": "hypot",
    "x: real[n]\ny = sqrt(sum(x^2))": "norm",
    "y = 1/(1 + exp(-x))": "sigmoid",
    "y = exp(x)/(1 + exp(x))": "sigmoid",
    "y = log(exp(a) + exp(b))": "logaddexp",
    "A: real[n, n]\nx: real[n]\ny = sum(x*log(det(A)))": "logdet",
    "A: real[b, n, n]\ny = sum(log(det(inv(A))))": "logdet(inv(A))",
}


@pytest.mark.parametrize(("source", "rule"), SOURCES.items(), ids=list(SOURCES))
def test_it_fires_in_programs_and_is_named(source, rule):
    checked = []

    def watch(name, roots):
        verify(roots)
        checked.append(name)

    text = compile_text(source, watch=watch).text
    assert "Rewritten, line" in text
    assert rule in text.split('"""')[1]
    assert len(checked) > 5
    plain = compile_text(source, Options(stabilise=False)).text
    assert "Rewritten" not in plain
