"""Whatever the text, it ends in a module or in an ExprDiffError.

The quick run draws the same texts every time; the slow one new ones.
"""

import pytest
from fuzz import strategies
from fuzz.entry import check
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KINDS = ("noise", "alphabet", "tokens", "joined", "mutated", "programs")
QUICK = {"max_examples": 60, "derandomize": True, "database": None}
SLOW = {"max_examples": 4000, "database": None}
COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def strategy(kind):
    found = getattr(strategies, kind)
    return found() if callable(found) else found


def run(kind, options):
    @settings(**COMMON, **options)
    @given(strategy(kind), st.sampled_from([0, 1]))
    def holds(text, level):
        check(text, optimize=level)

    holds()


@pytest.mark.parametrize("kind", KINDS)
def test_quick(kind):
    run(kind, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_campaign(kind):
    run(kind, SLOW)


def test_programs_are_often_right():
    """The fuzzer reaches the whole compiler, not only its messages."""
    kinds = []

    @settings(**COMMON, max_examples=150, derandomize=True, database=None)
    @given(strategies.programs())
    def holds(text):
        kinds.append(check(text).startswith('"""'))

    holds()
    assert sum(kinds) >= 20


@pytest.mark.parametrize("piece", ["(", "[", "-", "x+", "f(", "x[", "not ", "x^", "'",
                                   "a if b else ", "\n", ";", "x;", "#", "x @ ",
                                   "sin(", "²"])  # fmt: skip
def test_long_texts(piece):
    check(piece * 3000)
    check("y = " + piece * 3000 + "x")
