"""Exact numbers: canonical, in the range of floats, and the same as their fractions."""

import math
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exprdiff import exact

EXACT = st.one_of(
    st.integers(),
    st.fractions(),
    st.fractions(min_value=-1000, max_value=1000, max_denominator=1000),
)
FLOATS = st.floats()
NUMBERS = st.one_of(EXACT, FLOATS)
LIMITS = Fraction(sys.float_info.min), Fraction(sys.float_info.max)


def is_canonical(value):
    if isinstance(value, Fraction):
        return value.denominator != 1
    return type(value) in (int, float)


@given(NUMBERS)
def test_canonical(value):
    number = exact.number(value)
    assert is_canonical(number)
    assert number == value or number != number
    assert exact.key(exact.number(number)) == exact.key(number)


@given(NUMBERS, NUMBERS)
def test_keys_tell_numbers_apart(a, b):
    a, b = exact.number(a), exact.number(b)
    same = type(a) is type(b) and (repr(a) == repr(b))
    assert (exact.key(a) == exact.key(b)) == same


def test_keys_of_special_numbers():
    keys = [exact.key(v) for v in (0, 0.0, -0.0, False, True, 1, 1.0, math.inf, -math.inf)]
    assert len(set(keys)) == len(keys)
    assert exact.key(math.nan) == exact.key(float("nan"))
    assert exact.number(True) == 1
    assert type(exact.number(True)) is int


OPERATIONS = {
    "times": (exact.times, lambda a, b: a * b),
    "plus": (exact.plus, lambda a, b: a + b),
    "over": (exact.over, lambda a, b: a / b),
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(EXACT, EXACT)
def test_exact_operations(name, a, b):
    ours, theirs = OPERATIONS[name]
    a, b = exact.number(a), exact.number(b)
    if name == "over" and b == 0:
        assert ours(a, b) is None
        return
    right = theirs(Fraction(a), Fraction(b))
    result = ours(a, b)
    if right and not LIMITS[0] <= abs(right) <= LIMITS[1]:
        assert result is None
        return
    assert is_canonical(result)
    if isinstance(result, float):
        top = max(abs(right.numerator), right.denominator)
        assert top.bit_length() > exact.BITS
        assert result == float(right)
    else:
        assert result == right


@pytest.mark.parametrize("name", OPERATIONS)
@given(FLOATS, FLOATS)
def test_float_operations(name, a, b):
    ours, theirs = OPERATIONS[name]
    result = ours(a, b)
    if name == "over" and b == 0:
        assert result is None
        return
    right = theirs(a, b)
    if not math.isfinite(right):
        assert result is None
    elif result is not None:
        assert repr(result) == repr(right)
    else:
        assert abs(right) < sys.float_info.min


@given(NUMBERS, NUMBERS)
def test_never_raises_and_stays_in_range(a, b):
    """Exact and floating numbers mix; what leaves the range is refused, never an exception."""
    a, b = exact.number(a), exact.number(b)
    for ours, _ in OPERATIONS.values():
        result = ours(a, b)
        if result is not None:
            assert is_canonical(result)
            assert abs(result) <= sys.float_info.max


@given(NUMBERS, st.one_of(st.integers(-40, 40), FLOATS, st.fractions()))
def test_power(a, b):
    a, b = exact.number(a), exact.number(b)
    result = exact.power(a, b)
    if result is not None:
        assert is_canonical(result)
        assert not isinstance(result, float)
        assert result == Fraction(a) ** b
    if isinstance(b, int) and isinstance(a, int) and 0 < abs(a) < 64 and abs(b) < 10:
        assert result is not None


def test_power_refuses():
    assert exact.power(0, -1) is None
    assert exact.power(2, 10**9) is None
    assert exact.power(2, Fraction(1, 2)) is None
    assert exact.power(0, 0) == 1


@pytest.mark.parametrize(
    "a, b, product",
    [
        (Fraction(1, 10), 3, Fraction(3, 10)),
        (Fraction(1, 3), 3, 1),
        (10**300, 10**10, None),
        (Fraction(1, 10**300), Fraction(1, 10**10), None),
        (0, math.pi, 0),
        (1e-300, 1e-300, None),
        (0.0, 1e-300, 0.0),
        (math.inf, 2, None),
        (math.nan, 2, None),
    ],
)
def test_products(a, b, product):
    result = exact.times(a, b)
    assert result == product
    assert (result is None) == (product is None)


@given(NUMBERS)
def test_is_ordinary(value):
    value = exact.number(value)
    assert exact.is_ordinary(value) == (2**-20 <= abs(value) <= 2**20)
