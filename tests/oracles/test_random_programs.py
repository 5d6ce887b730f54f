"""Random programs: gradients against central differences and two oracles, at both levels."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles.backends import NUMPY, ORACLES, Unsupported, central_differences
from oracles.checks import agree, gradients, interpreted, verified
from oracles.random_programs import Grammar

import exprdiff

TOLERANCE = 1e-9


def examples(count):
    """The settings of a test: the same programs on every run."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def programs(draw, most=4, depth=3):
    return Grammar(lambda options: draw(st.sampled_from(list(options)))).program(most, depth)


def expected(p, values, oracle):
    """Value and gradient where the oracle agrees with central differences, else None.

    They part where the point lies on a kink, or where the function is ill-conditioned.
    """
    positions = range(len(values))
    with np.errstate(all="ignore"):
        try:
            value, partials = getattr(ORACLES, oracle)(p, values, tuple(positions))
        except Unsupported:
            return None
        found = [value, *partials]
        if not all(np.all(np.isfinite(x)) and np.max(np.abs(x), initial=0) < 1e4 for x in found):
            return None
        differences = central_differences(lambda *a: p(NUMPY, *a), values, positions, 1e-5)
    scale = max(1.0, abs(float(value)), *(np.max(np.abs(g), initial=0) for g in partials))
    for a, b in zip(partials, differences, strict=True):
        if not np.max(np.abs(a - b), initial=0) <= 1e-5 * scale:
            return None
    return value, partials, scale


def check(p, seed=1, oracle="autograd"):
    """Check one program in every way; return whether there was anything to compare."""
    values = p.values(seed)
    known = expected(p, values, oracle)
    passes, m = verified(p.source)
    assert passes
    assert m.source == exprdiff.emit(p.source), "compiling twice gives different bytes"
    if known is None:
        return False
    value, partials, scale = known
    _, textbook = verified(p.source, optimize=0)
    plain = exprdiff.compile(p.source, stabilise=False)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        for what, module in (("-O1", m), ("-O0", textbook), ("unstabilised", plain)):
            _, ours, found = gradients(module, values, numbers=False)
            agree(ours, value, TOLERANCE, f"value at {what}")
            for name, a, b in zip(module.WRT, found, partials, strict=True):
                agree(a, b, TOLERANCE, f"derivative by {name} at {what}", scale)
    graph, _ = interpreted(m, values)
    for a, b in zip(graph, partials, strict=True):
        agree(a, b, TOLERANCE, "interpreter", scale)
    return True


@examples(150)
@given(programs(), st.integers(0, 5))
def test_random_programs(p, seed):
    check(p, seed)


@examples(5)
@given(programs(3, 2), st.integers(0, 5))
def test_random_programs_against_jax(p, seed):
    check(p, seed, "jax")


@pytest.mark.slow
@examples(1500)
@given(programs(6, 4), st.integers(0, 100))
def test_larger_random_programs(p, seed):
    check(p, seed)
