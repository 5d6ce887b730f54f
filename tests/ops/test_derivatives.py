"""Derivatives of every elementwise function against differences in many digits, to second order."""

import numpy as np
import pytest
from ops.support import (
    COMPOSITE,
    PUBLIC_ELEMENTWISE,
    REAL_ELEMENTWISE,
    derivative,
    evaluate,
    gradient,
    graph_of,
    mp,
    operand_points,
    variants,
)

from exprdiff.graph import interning
from exprdiff.verify import verify

#: Second derivatives that pass through 0 by a difference: right to an absolute error there.
CROSSING = {"acos", "asin", "atanh", "hypot", "sigmoid", "softplus", "log_sigmoid", "logaddexp",
            "silu"}  # fmt: skip
TIES = {"clip", "huber_of", "maximum", "minimum"}  # where operands meet, a convention holds instead
JUMPS = {"floor_divide", "mod"}  # at whole quotients
SLOW = {"digamma", "erf", "erfc", "gamma", "gelu", "lgamma", "normcdf", "polygamma"}  # for mpmath
ULPS = 8
ROUGH = {"beta": 1024, "lbeta": 1024}  # differences of digammas cancel
NAMES = sorted(
    {*REAL_ELEMENTWISE, *(set(PUBLIC_ELEMENTWISE) & set(COMPOSITE))} - {"real", "stop_gradient"}
)


def moderate(name, most):
    """Points from which differences can be taken, at most about so many."""
    chosen = [
        p
        for p in operand_points(name)
        if all(x == 0 or 1e-20 <= abs(x) <= 1e6 for x in p if not isinstance(x, bool))
    ]
    if name in TIES:
        chosen = [p for p in chosen if len(set(map(abs, p))) == len(p)]
    if name in JUMPS:
        chosen = [p for p in chosen if p[0] and p[1] and mp.frac(mp.mpf(p[0]) / p[1])]
    return chosen[:: max(1, round(len(chosen) / most))]


def orders(inputs, y, highest):
    """Yield (operand numbers, derivative) for each mixed derivative up to an order."""
    real = [i for i, x in enumerate(inputs) if x.dtype == "real"]
    level = [((), y)]
    for _ in range(highest):
        found = []
        for by, value in level:
            found += [
                ((*by, i), d) for i, d in zip(real, gradient(value, inputs), strict=True)
                if not by or i >= by[-1]
            ]  # fmt: skip
        yield from found
        level = found


def blur(name, operands, by, attrs):
    """How much the derivative moves with its operands, relative to how they do."""
    moved = []
    for i, x in enumerate(operands):
        if not isinstance(x, bool):
            slope = derivative(name, operands, (*by, i), attrs)
            size = max(abs(x), 1) if name in CROSSING else abs(x)
            moved.append(abs(size * (0 if slope is None else slope)))
    return max(moved)


@pytest.mark.parametrize("name, attrs", variants(NAMES))
def test_derivatives(name, attrs):
    attrs = dict(attrs)
    points = moderate(name, 12 if name in SLOW else 32)
    with interning():
        inputs, y = graph_of(name, attrs)
        wanted = dict(orders(inputs, y, 2))
        verify([d.node for d in wanted.values()])
        found = evaluate(list(wanted.values()), inputs, points)
    tried = 0
    for by, values in zip(wanted, found, strict=True):
        for operands, got in zip(points, values, strict=True):
            right = derivative(name, operands, by, attrs)
            if right is None:
                continue
            tried += 1
            close = ULPS * 2**-53 * abs(right) + mp.ldexp(1, -1022)
            where = f"{name}{operands} by {by}: {got!r}, not {mp.nstr(right, 20)}"
            assert np.isfinite(got), where
            error = abs(mp.mpf(float(got)) - right)
            if error > close:
                more = ULPS * 2**-53 * blur(name, operands, by, attrs)
                if name in CROSSING:
                    more += ULPS * 2**-53 * max(abs(1 / x) if x else 0 for x in operands)
                assert error <= (close + more) * ROUGH.get(name, 1), where
    assert tried >= 20


@pytest.mark.parametrize("name, attrs", variants(NAMES))
def test_third_order(name, attrs):
    """Rules are closed: the third derivative is a graph of the registry's functions, and right."""
    attrs = dict(attrs)
    points = [(0.3, 0.6, 0.9), (0.7, 0.2, 0.4), (1.7, 1.2, 2.6), (-0.6, 0.35, 0.1)]
    with interning():
        inputs, y = graph_of(name, attrs)
        points = [p[: len(inputs)] for p in points]
        points = [tuple(x > 0.5 if n.dtype == "bool" else x for x, n in zip(p, inputs, strict=True))
                  for p in points]  # fmt: skip
        wanted = {by: d for by, d in orders(inputs, y, 3) if len(by) == 3}
        verify([d.node for d in wanted.values()])
        found = evaluate(list(wanted.values()), inputs, points)
    for by, values in zip(wanted, found, strict=True):
        for operands, got in zip(points, values, strict=True):
            right = derivative(name, operands, by, attrs)
            if right is not None:
                assert float(got) == pytest.approx(float(right), rel=1e-12, abs=1e-13), operands
