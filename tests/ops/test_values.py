"""Every elementwise operation against mpmath, over its domain; generated from the registry."""

import numpy as np
import pytest
from ops.support import (
    ELEMENTWISE,
    REAL_ELEMENTWISE,
    attributes_of,
    exact,
    graph_of,
    mp,
    operand_points,
    ulps,
    variants,
)

from exprdiff.graph import NONNEGATIVE, interning
from exprdiff.indexed import operators
from exprdiff.interpret import function

STEP = mp.ldexp(1, -53)


def spelled(name, operands, attrs):
    op = operators[name]
    return function(op.numpy, len(operands))(*map(np.asarray, operands), **attrs)


def blurred(name, operands, value, attrs):
    """The most that the exact value moves when an operand does by half a unit in its last place."""
    moved = [mp.mpf(0)]
    for i, x in enumerate(operands):
        for step in (STEP, -STEP):
            near = exact(name, [*operands[:i], x * (1 + step), *operands[i + 1 :]], attrs)
            if near is not None:
                moved.append(abs(near - value))
    return max(moved)


@pytest.mark.parametrize("name, attrs", variants(ELEMENTWISE))
def test_value(name, attrs):
    attrs = dict(attrs)
    op = operators[name]
    by_result, by_operand = op.ulps
    tried = 0
    for operands in operand_points(name):
        value = exact(name, operands, attrs)
        if value is None:
            continue
        if by_operand and abs(operands[0]) > 1e15:
            continue  # an operand's last place is many periods wide
        tried += 1
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            got = spelled(name, operands, attrs)
        assert np.shape(got) == ()
        if op.dtype == "bool":
            assert bool(got) == value, operands
            continue
        error = ulps(float(got), value)
        if error > by_result and by_operand:
            unit = abs(mp.mpf(float(got)) - value) / error
            error -= 2 * by_operand * float(blurred(name, operands, value, attrs) / unit)
        assert error <= by_result, f"{name}{operands} = {float(got)!r}, not {mp.nstr(value, 20)}"
    assert tried >= (2 if op.booleans else 20)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_finite(name):
    """An operation that claims so is finite for finite operands."""
    op = operators[name]
    if not op.finite or op.dtype == "bool":
        return
    for attrs in attributes_of(name):
        for operands in operand_points(name):
            with np.errstate(all="raise", under="ignore"):
                assert np.isfinite(spelled(name, operands, attrs)), operands


@pytest.mark.parametrize("name, attrs", variants(REAL_ELEMENTWISE))
def test_least_value(name, attrs):
    """An operation that says its values are positive, or not negative, is right.

    In floats: what underflows to 0 is not positive, and a guard against 0 is needed.
    """
    with interning():
        _, y = graph_of(name, dict(attrs))
        if y.node.low:
            for operands in operand_points(name):
                with np.errstate(all="ignore"):
                    value = spelled(name, operands, dict(attrs))
                assert value > 0 or np.isnan(value) or (value == 0 and y.node.low == NONNEGATIVE)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_total(name):
    """An operation that claims to be defined everywhere is nan nowhere."""
    op = operators[name]
    if not op.total or op.dtype == "bool" or len(op.parameters) > 1:
        return
    for attrs in attributes_of(name):
        for operands in operand_points(name):
            if abs(operands[0]) % 1:
                with np.errstate(all="ignore"):
                    assert not np.isnan(spelled(name, operands, attrs)), operands
