"""Powers, comparisons, choices and rounding: what the operators of the language stand for.

Sums, products and quotients are graph families of their own and need no entry.
"""

from __future__ import annotations

import math
import operator

from .. import exact
from ..graph import BOOL, INT, NONNEGATIVE, NUMBER, POSITIVE, REAL
from ..indexed import Indexed, indexed, literal, product
from .define import (
    ATOM,
    BIT_AND,
    BIT_OR,
    COMPARE,
    POWER,
    PRODUCT,
    REALS,
    UNARY,
    Domain,
    Spelling,
    composite,
    elementwise,
    infix,
)

NONZERO = Domain(0, text="x != 0")


def _reciprocal_normal(x):
    if x.node.op.inverts:
        inner, labels = x.node.operands[0], x.node.labels[0]
        return Indexed(inner, tuple(x.labels[k] for k in labels))
    value = literal(x)
    if value == 0:
        return indexed(math.copysign(math.inf, value))  # as IEEE arithmetic has it
    folded = None if value is None else exact.over(1, value)
    return None if folded is None else indexed(folded)


reciprocal = elementwise(
    "reciprocal",
    "x",
    "The reciprocal.",
    lambda y, x: -(y / x),
    low=lambda node: node.operands[0].low,
    numpy=Spelling("1 / {0}", PRODUCT, (UNARY,)),
    formula="1 / x",
    domain=NONZERO,
    normal=_reciprocal_normal,
    inverts=True,
    oracle=lambda mp, x: 1 / x,
)


def _power_normal(x, y):
    exponent, base = literal(y), literal(x)
    if exponent == 1:
        return x
    if exponent == 0:
        return indexed(1)
    if exponent == -1:
        return reciprocal(x)
    if exponent is not None and base is not None:
        return _power_of_numbers(base, exponent)
    return None


def _power_of_numbers(base, exponent):
    """Fold ``2^10``, and what is too long to be exact; Python's integers would grow for ever."""
    folded = exact.power(base, exponent)
    if folded is None and isinstance(exponent, int) and abs(exponent) > 64:
        try:
            folded = float(base) ** exponent
        except OverflowError:
            folded = -math.inf if base < 0 and exponent % 2 else math.inf
        except ZeroDivisionError:
            folded = math.inf
    return None if folded is None else indexed(folded)


def _power_by_base(y, x, k):
    exponent = literal(k)
    if exponent is not None:
        return product([power(x, indexed(exponent - 1))], coefficient=exponent)
    return k * power(where(x.equals(0) & k.equals(0), 1, x), k - 1)


def _power_low(node):
    base, exponent = node.operands
    if base.low:
        return base.low
    even = exponent.op is NUMBER and isinstance(exponent.value, int) and exponent.value % 2 == 0
    return NONNEGATIVE if even else 0


power = elementwise(
    "power",
    "x y",
    "The power x^y.",
    _power_by_base,
    lambda y, x, k: y * log(where(x.equals(0), 1, x)),
    low=_power_low,
    numpy=Spelling("{0}**{1}", POWER, (POWER + 1, UNARY)),
    formula="x^y",
    convention="at x = 0 the limit in x; in y, 0",
    domain=(Domain(0, text="x > 0, or y an integer"), REALS),
    normal=_power_normal,
    oracle=lambda mp, x, y: x**y,
    synonyms=("pow",),
)


@composite("square", "x", "The square.", formula="x^2", oracle=lambda mp, x: x * x)
def square(x):
    return x**2


def _is_never_zero(x, y):
    """Whether x cannot be 0, and y is: then ``x = y`` is known to be false."""
    return literal(y) == 0 and (x.node.low == POSITIVE or x.node.op.inverts)


def _comparison(name, symbol, doc, holds, normal=None):
    return elementwise(
        name, "x y", doc, numpy=Spelling(f"{{0}} {symbol} {{1}}", COMPARE, (BIT_OR, BIT_OR)),
        dtype=BOOL, normal=normal, public=False, oracle=lambda mp, x, y: holds(x, y),
    )  # fmt: skip


less = _comparison("less", "<", "Whether x < y.", operator.lt)
less_equal = _comparison("less_equal", "<=", "Whether x <= y.", operator.le)
greater = _comparison("greater", ">", "Whether x > y.", operator.gt)
greater_equal = _comparison("greater_equal", ">=", "Whether x >= y.", operator.ge)
equal = _comparison("equal", "==", "Whether x = y.", operator.eq,
                    lambda x, y: indexed(False) if _is_never_zero(x, y) else None)  # fmt: skip
not_equal = _comparison("not_equal", "!=", "Whether x differs from y.", operator.ne,
                        lambda x, y: indexed(True) if _is_never_zero(x, y) else None)  # fmt: skip


def _and_normal(x, y):
    for a, b in ((x, y), (y, x)):
        if a.node.op is NUMBER:
            return b if a.node.value else a
    return None


def _not_normal(x):
    if x.node.op is not_:
        return Indexed(x.node.operands[0], tuple(x.labels[k] for k in x.node.labels[0]))
    return None


holds = elementwise(
    "holds", "x", "x itself, a boolean, with its axes arranged anew.",
    numpy=Spelling("{0}", ATOM, (ATOM,)), dtype=BOOL, booleans=(0,), public=False,
    oracle=lambda mp, x: x,
)  # fmt: skip
elementwise(
    "integer", "k", "k itself, an integer, with its axes arranged anew.", None,
    numpy=Spelling("{0}", ATOM, (ATOM,)), dtype=INT, public=False, oracle=lambda mp, x: x,
)  # fmt: skip
not_ = elementwise(
    "not", "x", "Whether x is false.",
    numpy=Spelling("~{0}", UNARY, (UNARY,)), dtype=BOOL, normal=_not_normal, booleans=(0,),
    public=False, oracle=lambda mp, x: not x,
)  # fmt: skip
and_ = elementwise(
    "and", "x y", "Whether both are true.",
    numpy=infix("&", BIT_AND), dtype=BOOL, commutative=True, booleans=(0, 1), normal=_and_normal,
    public=False, oracle=lambda mp, x, y: x and y,
)  # fmt: skip
or_ = elementwise(
    "or", "x y", "Whether either is true.",
    numpy=infix("|", BIT_OR), dtype=BOOL, commutative=True, booleans=(0, 1),
    public=False, oracle=lambda mp, x, y: x or y,
)  # fmt: skip
real = elementwise(
    "real", "x", "An integer as a real.", None,
    finite=True, numpy=Spelling("{0}.astype(float)", needs=(ATOM,)), public=False,
    oracle=lambda mp, x: x,
)  # fmt: skip


def _where_normal(c, a, b):
    if a.node is b.node and a.labels == b.labels:
        return a
    if c.node.op is NUMBER:
        return a if c.node.value else b
    if b.node.is_zero:
        return c * a
    if a.node.is_zero:
        return ~c * b
    return None


def _where_low(node):
    condition, x, y = node.operands
    low = x.low
    if condition.op is greater and condition.operands[0] is x and condition.operands[1].low:
        low = POSITIVE  # where(x > 0, x, ...) takes x only where it is positive
    return min(low, y.low)


where = elementwise(
    "where",
    "c x y",
    "x where c holds, else y.",
    None,
    lambda _, c, x, y: c,
    lambda _, c, x, y: ~c,
    finite=True,
    low=_where_low,
    numpy="np.where({0}, {1}, {2})",
    formula="x if c else y",
    example="where(x > 0, log(x), 0)",
    convention="the branch not taken contributes exactly 0",
    normal=_where_normal,
    booleans=(0,),
    oracle=lambda mp, c, x, y: x if c else y,
)


def _extremum(name, doc, wins, of):
    """``wins(x, y)`` says where x is taken; in a tie each operand gets half."""
    return elementwise(
        name,
        "x y",
        doc,
        lambda z, x, y: wins(x, y) * (1 / (1 + x.equals(y))),
        lambda z, x, y: wins(y, x) * (1 / (1 + x.equals(y))),
        finite=True,
        low=lambda node: of(x.low for x in node.operands),
        numpy=f"np.{name}({{0}}, {{1}})",
        convention="ties are shared equally",
        commutative=True,
        oracle=lambda mp, x, y: of(x, y),
    )


maximum = _extremum("maximum", "The larger of two.", operator.ge, max)
minimum = _extremum("minimum", "The smaller of two.", operator.le, min)

clip = elementwise(
    "clip",
    "x low high",
    "x, kept between low and high.",
    lambda y, x, low, high: (x >= low) & (x <= high),
    lambda y, x, low, high: (x < low) & (low <= high),
    lambda y, x, low, high: (x > high) | (low > high),
    finite=True,
    numpy="np.clip({0}, {1}, {2})",
    formula="minimum(maximum(x, low), high)",
    example="clip(x, 0, 1)",
    convention="at a bound the derivative by x is 1, by the bound 0",
    oracle=lambda mp, x, low, high: min(max(x, low), high),
)


def _step(name, doc, numpy, oracle):
    return elementwise(
        name,
        "x",
        doc,
        None,
        numpy=numpy,
        finite=True,
        convention="the derivative is 0",
        oracle=oracle,
    )


sign = _step("sign", "-1, 0 or 1.", "np.sign({0})", lambda mp, x: mp.sign(x))
floor = _step("floor", "The largest integer not above x.", "np.floor({0})",
              lambda mp, x: mp.floor(x))  # fmt: skip
ceil = _step("ceil", "The smallest integer not below x.", "np.ceil({0})",
             lambda mp, x: mp.ceil(x))  # fmt: skip
round_ = _step("round", "The nearest integer, halves to even.", "np.round({0})",
               lambda mp, x: mp.nint(x))  # fmt: skip
trunc = _step("trunc", "x without its fraction.", "np.trunc({0})",
              lambda mp, x: mp.floor(x) if x >= 0 else mp.ceil(x))  # fmt: skip


def _exact_quotient(mp, x, y):
    with mp.workdps(1300):  # as many digits as the largest quotient has
        return mp.floor(x / y)


floor_divide = elementwise(
    "floor_divide", "x y", "The largest integer not above x/y.", None, None,
    numpy="np.floor_divide({0}, {1})", public=False, domain=(Domain(), NONZERO),
    oracle=_exact_quotient,
)  # fmt: skip


def _exact_mod(mp, x, y):
    with mp.workdps(1300):  # as many digits as the largest quotient has
        return x - y * mp.floor(x / y)


mod = elementwise(
    "mod", "x y", "What remains of x after whole multiples of y, with the sign of y.",
    lambda z, x, y: indexed(1), lambda z, x, y: -floor_divide(x, y),
    numpy="np.mod({0}, {1})", formula="x - y*floor(x/y)", domain=(Domain(), NONZERO),
    convention="where it jumps the derivative is as beside it",
    oracle=_exact_mod,
)  # fmt: skip

abs_ = elementwise(
    "abs", "x", "The absolute value.", lambda y, x: sign(x),
    finite=True, low=NONNEGATIVE, numpy="np.abs({0})", convention="the derivative at 0 is 0",
    normal=lambda x: x if x.node.low and x.node.dtype == REAL else None,
    oracle=lambda mp, x: abs(x),
)  # fmt: skip

from .elementary import log  # noqa: E402  (the rule of `power` needs it, when it is applied)
