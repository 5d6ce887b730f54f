"""Formulas of physics and functions of optimisation: value and derivatives against SymPy's.

The text of a formula is read twice: by exprdiff, and, with ``^`` for ``**``, by SymPy, which
differentiates it; both are evaluated at random points, SymPy's in 40 digits.
"""

from pathlib import Path

import numpy as np
import pytest
import sympy
from formulas.arrays import ARRAYS

import exprdiff

HERE = Path(__file__).parent
POINTS = 3
DIGITS = 40
FUNCTIONS = {
    "sinc": lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "abs": sympy.Abs,
    "pi": sympy.pi,
    "exp": sympy.exp,
}


def entries(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    rows = [[part.strip() for part in line.split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


PHYSICS, OPTIMISATION = entries("physics.txt"), entries("optimisation.txt")


def exact(formula, names):
    """SymPy's reading of the right side, its numbers exact, and its symbols."""
    symbols = {n: sympy.Symbol(n, real=True) for n in names}
    text = formula.partition("=")[2].replace("^", "**")
    return sympy.parse_expr(text, {**FUNCTIONS, **symbols}, transformations=(
        sympy.parsing.sympy_parser.auto_number, sympy.parsing.sympy_parser.rationalize,
    )), symbols  # fmt: skip


def compare(module, expression, symbols, point, rtol=1e-10):
    """Compare with SymPy at a point: derivatives relative to the largest, the value to itself."""
    at = {symbols[n]: sympy.Float(float(v), DIGITS) for n, v in point.items()}
    right = float(expression.evalf(DIGITS, subs=at))
    slopes = [float(sympy.diff(expression, symbols[n]).evalf(DIGITS, subs=at)) for n in point]
    value, gradient = module.value_and_gradient(*point.values())
    gradient = np.atleast_1d(gradient)
    assert np.all(np.isfinite([value, right, *gradient, *slopes]))
    assert value == pytest.approx(right, rel=rtol, abs=rtol * 1e-3)
    scale = max(map(abs, slopes))
    np.testing.assert_allclose(gradient, slopes, rtol=rtol, atol=rtol * 1e-3 * scale)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", PHYSICS)
def test_physics(name, level):
    formula, ranges = PHYSICS[name]
    bounds = dict(part.strip().split("=") for part in ranges.split(",") if part.strip())
    module = exprdiff.compile(formula, optimize=level)
    expression, symbols = exact(formula, module.INPUTS)
    random = np.random.default_rng(sum(map(ord, name)))
    assert set(bounds) <= set(module.INPUTS)
    for _ in range(POINTS if level else 1):
        point = {}
        for x in module.INPUTS:
            low, high = map(float, bounds.get(x, "0.5:1.5").split(":"))
            point[x] = random.uniform(low, high)
        compare(module, expression, symbols, point)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", OPTIMISATION)
def test_optimisation(name, level):
    formula, minimum = OPTIMISATION[name]
    module = exprdiff.compile(formula, optimize=level)
    expression, symbols = exact(formula, module.INPUTS)
    random = np.random.default_rng(sum(map(ord, name)))
    for _ in range(POINTS if level else 1):
        compare(module, expression, symbols, {x: random.uniform(-2, 2) for x in module.INPUTS})
    if minimum:
        place, _, least = minimum.partition(":")
        point = {k.strip(): float(v) for k, v in (part.split("=") for part in place.split(","))}
        value, gradient = module.value_and_gradient(**point)
        assert value == pytest.approx(float(least), abs=1e-12)
        np.testing.assert_allclose(gradient, 0, atol=1e-9)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name, level):
    program, function, count, data = ARRAYS[name]
    module = exprdiff.compile(program, optimize=level)
    symbols = sympy.symbols(f"x:{count}", real=True)
    expression = sympy.sympify(function(symbols))
    numbers = {n: np.arange(1.0, size + 1) for n, size in data.items()}
    random = np.random.default_rng(sum(map(ord, name)))
    for _ in range(POINTS if level else 1):
        x = random.uniform(-1.5, 1.5, count)
        at = {s: sympy.Float(v, DIGITS) for s, v in zip(symbols, x, strict=True)}
        value, gradient = module.value_and_gradient(x=x, **numbers)
        right = float(expression.evalf(DIGITS, subs=at))
        slopes = [float(sympy.diff(expression, s).evalf(DIGITS, subs=at)) for s in symbols]
        assert np.all(np.isfinite(gradient))
        assert value == pytest.approx(right, rel=1e-10)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-13 * max(map(abs, slopes)))


def test_there_are_enough():
    assert len(PHYSICS) >= 100
    assert len(OPTIMISATION) + len(ARRAYS) >= 40
