"""Python expressions as text with a precedence, and the axes of their value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .. import exact
from ..graph import Label, Labels
from ..ops.define import ATOM, PRODUCT, UNARY


@dataclass(frozen=True, slots=True)
class Expression:
    """Text, how tightly it binds, and the labels of its axes.

    `keepdims`, where given, is the text of the same reduction with its axes kept at size 1, and
    `kept` the labels of that form (None for an axis of size 1). `is_view` says that the value may
    share memory with an input; `is_name` that it is a plain variable,
    `is_symmetric` that its last two axes may change places. `inverse` is set for a
    reciprocal: what it divides by. ``rescaled(c)``, where given, writes c times the value.
    """

    text: str
    precedence: int = ATOM
    labels: Labels = ()
    keepdims: str | None = None
    kept: tuple[Label | None, ...] = ()
    is_view: bool = False
    is_name: bool = False
    is_symmetric: bool = False
    inverse: Expression | None = None
    rescaled: Callable[[exact.Number], Expression] | None = None

    @property
    def inverted(self) -> bool:
        """Whether it is a reciprocal that is best written as a division."""
        return self.inverse is not None

    def divisor(self, labels: Sequence[Label]) -> Expression:
        """Return what a reciprocal divides by, its axes called `labels`."""
        names = dict(zip(self.labels, labels, strict=True))
        return self.inverse.labelled([names[k] for k in self.inverse.labels])

    def at_least(self, precedence: int) -> str:
        """Return the text, in brackets if it binds less tightly than `precedence`."""
        return self.text if self.precedence >= precedence else f"({self.text})"

    def labelled(self, labels: Sequence[Label]) -> Expression:
        """Return the same value with its axes called `labels`."""
        if tuple(labels) == self.labels:
            return self
        names = dict(zip(self.labels, labels, strict=True))
        kept = self.kept if self.keepdims else ()
        kept = tuple(None if k is None else names[k] for k in kept)
        return Expression(
            self.text,
            self.precedence,
            tuple(labels),
            self.keepdims,
            kept,
            self.is_view,
            self.is_name,
            self.is_symmetric,
            self.inverse,
            self.rescaled,
        )


def literal(value: exact.Number | bool) -> Expression:
    """Return a number as Python writes it: exact where that is short, else to the nearest float."""
    if isinstance(value, bool | int):
        text = str(value)
        if len(text) > 20:
            text = repr(float(value))
    elif isinstance(value, Fraction) and not _is_decimal(value):
        negative = "-" if value < 0 else ""
        text = f"{negative}{abs(value.numerator)} / {value.denominator}"
        if len(text) > 30:
            text = repr(float(value))
        else:
            return Expression(text, PRODUCT)
    else:
        text = repr(float(value))
    if text in ("inf", "-inf", "nan"):
        return Expression(
            f"np.{text}" if text[0] != "-" else "-np.inf", ATOM if text[0] != "-" else UNARY
        )
    return Expression(text, UNARY if text.startswith("-") else ATOM)


def _is_decimal(value: Fraction) -> bool:
    """Whether `value` has a short decimal form."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1 and len(repr(float(value))) <= 12


def times(
    parts: Sequence[str], divisors: Sequence[str], coefficient: exact.Number = 1
) -> Expression:
    """Return ``coefficient * parts / divisors``; each text binds as tightly as its place asks.

    The first part must bind like a product, all others tighter. A fraction that has no short
    decimal form multiplies and divides, so that it costs no rounding.
    """
    parts, divisors = list(parts), list(divisors)
    if isinstance(coefficient, Fraction) and not _is_decimal(coefficient):
        number = literal(coefficient)
        if number.precedence == PRODUCT and parts:
            divisors.append(str(coefficient.denominator))
            coefficient = coefficient.numerator
    sign = ""
    if coefficient == -1 and parts and parts[0].startswith("-"):
        parts[0], coefficient = parts[0][1:], 1
    elif coefficient == -1 and parts:
        sign, coefficient = "-", 1
    if coefficient != 1 and parts and parts[0].startswith("1 / "):
        parts[0] = literal(coefficient).text + parts[0][1:]
    elif coefficient != 1 or not parts:
        parts.insert(0, literal(coefficient).text)
    text = " * ".join(parts) + "".join(f" / {d}" for d in divisors)
    precedence = PRODUCT if len(parts) + len(divisors) > 1 or sign else ATOM
    if sign:
        precedence = PRODUCT if len(parts) + len(divisors) > 1 else UNARY
        text = sign + text
    elif text.startswith("-") and precedence == ATOM:
        precedence = UNARY
    return Expression(text, precedence)
