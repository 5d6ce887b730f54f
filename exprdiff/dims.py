"""Symbolic sizes of axes: an ``int``, or a :class:`Dim`, a polynomial in the program's size names.

``real[n, d]`` has sizes ``n`` and ``d``; joining two vectors makes ``n + m``, slicing ``n - 1``,
reshaping ``n*m``. Polynomials are kept in one canonical form, so equal sizes compare equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEEPEST = 20  # divisions in divisions


class Quotient(str):
    """A whole quotient ``(n+1)//2`` of a size, as a name among the names of a polynomial."""

    __slots__ = ("divisor", "names", "numerator")

    def __new__(cls, numerator: Dim, divisor: int):
        text = str(numerator).replace(" ", "")
        if text.count("//") >= DEEPEST:
            raise ValueError("divisions of divisions of a size")
        self = super().__new__(cls, f"({text})//{divisor}")
        self.numerator, self.divisor, self.names = numerator, divisor, numerator.names
        return self

    def value(self, sizes: dict[str, int]) -> int:
        """Return the number it stands for."""
        return self.numerator.value(sizes) // self.divisor


@dataclass(frozen=True, slots=True)
class Dim:
    """A size that is not known until run time.

    `terms` is a sorted tuple of (monomial, coefficient), a monomial a sorted tuple of names with
    repeats; the constant term has the empty monomial. Use :func:`dim` and arithmetic to make one.
    """

    terms: tuple[tuple[tuple[str, ...], int], ...]

    def __add__(self, other: Size) -> Size:
        return _make(list(self.terms) + list(_terms(other)))

    __radd__ = __add__

    def __mul__(self, other: Size) -> Size:
        return _make(
            [(tuple(sorted(a + b)), c * k) for a, c in self.terms for b, k in _terms(other)]
        )

    __rmul__ = __mul__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __rsub__(self, other: Size) -> Size:
        return self * -1 + other

    def divided(self, divisor: Size) -> Size | None:
        """Return the polynomial q with ``q * divisor == self``, or None if there is none.

        Long division by the leading term, in graded lexicographic order.
        """
        rest: Size = self
        quotient: Size = 0
        lead, factor = min(_terms(divisor), key=_order, default=((), 0))
        while rest != 0:
            monomial, coefficient = min(_terms(rest), key=_order)
            names = list(monomial)
            for name in lead:
                if name not in names:
                    return None
                names.remove(name)
            if factor == 0 or coefficient % factor:
                return None
            step = _make([(tuple(names), coefficient // factor)])
            quotient, rest = quotient + step, rest - step * divisor
        return quotient

    @property
    def names(self) -> tuple[str, ...]:
        """The size names in it, sorted."""
        factors = {name for monomial, _ in self.terms for name in monomial}
        return tuple(sorted({n for x in factors for n in getattr(x, "names", (x,))}))

    @property
    def is_name(self) -> bool:
        """Whether it is one plain name."""
        return len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1

    def value(self, sizes: dict[str, int]) -> int:
        """Return the number it stands for, given a number for every name."""
        total = 0
        for monomial, coefficient in self.terms:
            for name in monomial:
                coefficient *= name.value(sizes) if isinstance(name, Quotient) else sizes[name]
            total += coefficient
        return total

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in sorted(self.terms, key=lambda t: (-len(t[0]), t[0])):
            size = abs(coefficient)
            alone = size == 1 and len(monomial) == 1
            factors = "*".join(
                f"({name})" if isinstance(name, Quotient) and not alone else name
                for name in monomial
            )
            term = (
                factors if factors and size == 1 else f"{size}*{factors}" if factors else f"{size}"
            )
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} {term}" if text else term if sign == "+" else f"-{term}"
        return text


Size = int | Dim


def dim(name: str) -> Dim:
    """Return the size called `name`."""
    return Dim((((name,), 1),))


def count_of(mask: str) -> Dim:
    """Return how many elements of the boolean input called `mask` are true, as a size."""
    return dim(f"count({mask})")


def divide(size: Size, divisor: int) -> Size:
    """Return ``size // divisor``. Raises ValueError for divisions of divisions without end."""
    if isinstance(size, int):
        return size // divisor
    whole = [(m, c // divisor) for m, c in size.terms if c % divisor == 0 or not m]
    rest = _make([(m, c if m else c % divisor) for m, c in size.terms if not m or c % divisor])
    if isinstance(rest, Dim):
        whole.append(((Quotient(rest, divisor),), 1))
    return _make(whole)


def read(text: str) -> Size:
    """Return the size that ``str`` wrote as `text`."""
    stack: list[tuple[Size, Size | None]] = []  # the sums and products outside the open brackets
    total: Size = 0
    term: Size | None = None
    for token in re.findall(r"\)//\d+|\w+\(\w+\)|\w+|\S", text):
        if token == "(":
            stack.append((total, term))
            total, term = 0, None
        elif token in "+-":
            total += 0 if term is None else term
            term = 1 if token == "+" else -1
        elif token != "*":
            if token.startswith(")"):
                inner = total + (0 if term is None else term)
                factor = divide(inner, int(token[3:])) if len(token) > 1 else inner
                total, term = stack.pop()
            else:
                factor = int(token) if token.isdigit() else dim(token)
            term = factor if term is None else term * factor
    return total + (0 if term is None else term)


def product(sizes) -> Size:
    """Return the product of `sizes`: the number of elements of an array of that shape."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def evaluate(size: Size, sizes: dict[str, int]) -> int:
    """Return `size` as a number, given a number for every name."""
    return size if isinstance(size, int) else size.value(sizes)


def names_of(shape) -> tuple[str, ...]:
    """Return the size names that occur in `shape`, in order of first appearance."""
    seen: dict[str, None] = {}
    for size in shape:
        for name in size.names if isinstance(size, Dim) else ():
            seen.setdefault(name)
    return tuple(seen)


def show_shape(shape) -> str:
    """Return `shape` as Python writes it: ``(n, d)``, ``(n,)``, ``()``."""
    inner = ", ".join(str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def _terms(size: Size):
    if isinstance(size, Dim):
        return size.terms
    return (((), size),) if size else ()


def _order(term) -> tuple:
    return -len(term[0]), term[0]


def _make(terms) -> Size:
    total: dict[tuple[str, ...], int] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, 0) + coefficient
    kept = tuple(sorted((m, c) for m, c in total.items() if c))
    if not kept:
        return 0
    if kept[0][0] == () and len(kept) == 1:
        return kept[0][1]
    return Dim(kept)
