"""Formulas of physics in SI units, with constants of nature, to fifty digits.

Every number is compared on a scale of its own: sizes here run from 1e-54 to 1e33, and the norm of a
gradient by a mass and by a length means nothing. `Exact.scales` says what the scale is.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from formulas.sympy_oracle import DOMAIN, compare, exact, formulas, points, read
from oracles.checks import plural

import exprdiff
from exprdiff.compiler import LEVELS

FORMULAS = formulas(Path(__file__).with_name("physics.expr"))
CASES = [pytest.param(f, id=f.id) for f in FORMULAS]
TOLERANCE = 1e-10
POINTS = 3


@cache
def module(formula, optimize=1):
    return exprdiff.compile(formula.source, optimize=optimize)


def results(m, point):
    """Value and gradient at a point, which the three functions agree on."""
    value, found = m.value_and_gradient(*point)
    found, alone = plural(found), plural(m.gradient(*point))
    np.testing.assert_allclose([*alone, m.forward(*point)], [*found, value], rtol=1e-12)
    return [value, *found]


def test_there_are_a_hundred_and_each_is_named_once():
    assert len(FORMULAS) >= 100
    assert len({f.id for f in FORMULAS}) == len({f.source for f in FORMULAS}) == len(FORMULAS)
    assert len({f.field for f in FORMULAS}) >= 9
    inputs = {(f.field, name) for f in FORMULAS for name in read(f.source)[0]}
    unused = {(f.field, name) for f in FORMULAS for name in f.domains} - inputs
    assert not unused, "domains of no input"


@pytest.mark.parametrize("formula", CASES)
def test_value_and_partials_are_those_of_sympy(formula):
    names, _, _ = read(formula.source)
    for level in LEVELS:
        assert module(formula, level).WRT == module(formula, level).INPUTS == names
    for point in points(formula, names, POINTS, DOMAIN):
        expected, scales = exact(formula.source).scales(point)
        for level in LEVELS:
            actual = results(module(formula, level), point)
            compare(actual, expected, scales, TOLERANCE, ["value", *names])


@pytest.mark.parametrize("formula", CASES)
def test_many_points_at_once_are_each_point(formula):
    drawn = points(formula, read(formula.source)[0], POINTS)
    apart = np.transpose([results(module(formula), p) for p in drawn])
    value, found = module(formula).value_and_gradient(*np.transpose(drawn))
    together = [np.broadcast_to(x, POINTS) for x in (value, *plural(found))]
    np.testing.assert_allclose(together, apart, rtol=1e-9, atol=0)
