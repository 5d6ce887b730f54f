"""Functions of optimisation against SymPy to fifty digits, at random points and at their minima."""

from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy
from formulas.fits import FITS
from formulas.sympy_oracle import Exact, compare, exact, formulas, points, read
from oracles.checks import plural

import exprdiff
from exprdiff.compiler import LEVELS

FUNCTIONS = formulas(Path(__file__).with_name("minima.expr"))
CASES = [pytest.param(f, id=f.id) for f in FUNCTIONS]
PROBLEMS = [pytest.param(p, id=p.name.replace(" ", "-")) for p in FITS]
TOLERANCE = 1e-10
ROUNDING = 1e-5  # of a minimiser in the literature, relative to it
NOISE = 1e-14  # of a derivative that is 0 because terms cancel, relative to the largest
DOMAIN = (-2.0, 2.0)
POINTS = 3


def check(evaluate, function, point, names):
    """Compare value and partials with the exact ones, each on its scale; see `Exact.scales`."""
    expected, scales = function.scales(point)
    assert all(scale > 0 for scale in scales)
    actual = evaluate(point)
    compare(actual, expected, scales, TOLERANCE, ["value", *names])


def check_minimum(evaluate, function, least, point):
    """The value is the minimum, and the gradient 0 as nearly as the point's digits allow.

    The scale of a derivative is here how far it moves when the point does.
    """
    (exact_value, *_), (_, *scales) = function.scales(point)
    value, *slopes = evaluate(point)
    assert value == pytest.approx(least, rel=1e-5, abs=1e-8)
    assert abs(value - exact_value) <= TOLERANCE * max(1, abs(exact_value))
    for slope, scale in zip(slopes, scales, strict=True):
        assert abs(mpmath.mpf(float(slope))) <= ROUNDING * scale + NOISE * max(scales)


@pytest.mark.parametrize("function", CASES)
def test_functions(function):
    names, _, _ = read(function.source)
    for level in LEVELS:
        module = exprdiff.compile(function.source, optimize=level)
        assert names == module.WRT

        def evaluate(point, module=module):
            value, found = module.value_and_gradient(*point)
            return [value, *plural(found)]

        for point in points(function, names, POINTS, DOMAIN):
            check(evaluate, exact(function.source), point, names)
        for least, place in function.minima:
            check_minimum(evaluate, exact(function.source), least, [place[name] for name in names])


@cache
def summed(fit):
    x = sympy.symbols(f"x:{len(fit.near)}", real=True)
    rows = zip(*fit.data.values(), strict=True)
    return Exact(x, sum(fit.residual(x, *row) ** 2 for row in rows))


@pytest.mark.parametrize("fit", PROBLEMS)
def test_fits(fit):
    data = {name: np.array(column, dtype=float) for name, column in fit.data.items()}
    draw = np.random.default_rng(len(fit.program))
    near = np.array(fit.near, dtype=float)
    names = [f"x[{k}]" for k in range(len(near))]
    for level in LEVELS:
        module = exprdiff.compile(fit.program, optimize=level)

        def evaluate(point, module=module):
            value, found = module.value_and_gradient(x=np.array(point), **data)
            assert found.shape == near.shape
            return [value, *found]

        for _ in range(POINTS):
            check(evaluate, summed(fit), near * draw.uniform(0.8, 1.2, near.shape), names)
        check_minimum(evaluate, summed(fit), *fit.minimum)


def test_there_are_enough():
    assert len(FUNCTIONS) + len(FITS) >= 30
    assert sum(len(f.minima) for f in FUNCTIONS) >= 25
