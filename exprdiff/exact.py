"""Exact arithmetic on the numbers of a formula.

A number is an ``int``, else a :class:`~fractions.Fraction`, else a ``float`` (infinite, nan, -0.0,
or no longer worth keeping exact). `0.1 * 3` is therefore 3/10, written 0.3. Operations return None
where the result would leave the range of floats: there the order of evaluation stays the user's.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction

Number = int | Fraction | float

BITS = 256  # longest numerator or denominator kept exact
_LARGEST, _SMALLEST = Fraction(sys.float_info.max), Fraction(sys.float_info.min)


def number(value: Number) -> Number:
    """Return `value` in canonical form: int if integral, else Fraction, else float."""
    if value.__class__ is int:
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, bool):
        return int(value)
    return float(value)


def key(value: Number | bool):
    """Return a hashable key under which numbers are the same only if they are interchangeable."""
    if value.__class__ is float:
        return (float, repr(value))  # tells 0.0 from -0.0, and lets nan equal itself
    return (value.__class__, value)


def times(a: Number, b: Number) -> Number | None:
    """Return ``a * b``, or None where that overflows or underflows."""
    return _kept(a * b, a == 0 or b == 0)


def plus(a: Number, b: Number) -> Number | None:
    """Return ``a + b``, or None where that overflows."""
    return _kept(a + b, True)


def over(a: Number, b: Number) -> Number | None:
    """Return ``a / b``, or None where that overflows, underflows or divides by zero."""
    if b == 0:
        return None
    if isinstance(a, float) or isinstance(b, float):
        return _kept(float(a) / float(b), a == 0)
    return _kept(Fraction(a) / b, a == 0)


def power(a: Number, b: Number) -> Number | None:
    """Return ``a ** b`` for an integer `b` and an exact, moderate result; else None."""
    if not isinstance(b, int) or isinstance(a, float) or (a == 0 and b < 0):
        return None
    bits = max(Fraction(a).numerator.bit_length(), Fraction(a).denominator.bit_length())
    if bits * abs(b) > BITS:
        return None
    return number(Fraction(a) ** b)


def is_ordinary(value: Number) -> bool:
    """Whether multiplying by `value` early or late cannot matter to overflow in practice."""
    return 2**-20 <= abs(value) <= 2**20


def _kept(value: Number, may_vanish: bool) -> Number | None:
    if isinstance(value, float):
        if not math.isfinite(value) or (abs(value) < sys.float_info.min and not may_vanish):
            return None
        return value
    if value == 0:
        return 0
    if not _SMALLEST <= abs(value) <= _LARGEST:
        return None
    value = number(value)
    top = value if isinstance(value, int) else max(abs(value.numerator), value.denominator)
    return value if top.bit_length() <= BITS else float(value)
