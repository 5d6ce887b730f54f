"""Axes in NumPy's order: transposing, inserting new axes, broadcasting, summing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType

from ..dims import Dim, Quotient, Size
from ..graph import Label
from .expression import ATOM, Expression


def transposed(x: Expression, order: Sequence[Label]) -> Expression:
    """Return `x` with its axes in `order` (the same labels)."""
    order = tuple(order)
    if order == x.labels:
        return x
    if x.is_symmetric and order[-2:] == x.labels[:-3:-1] and order[:-2] == x.labels[:-2]:
        return replace(x, labels=order, keepdims=None, kept=(), inverse=None, rescaled=None)
    positions = [x.labels.index(k) for k in order]
    base = x.at_least(ATOM)
    if positions == list(range(len(order)))[::-1]:
        text = base[:-2] if base.endswith(".T") and len(order) == 2 else f"{base}.T"
        view = x.is_view
    else:
        text, view = f"np.transpose({x.text}, {tuple(positions)})", x.is_view
    return Expression(text, ATOM, order, is_view=view)


def spread(x: Expression, out: Sequence[Label], trailing: bool = True) -> Expression:
    """Return `x` arranged so that NumPy's broadcasting puts its axes at their places in `out`.

    With `trailing` axes that NumPy would put in front by itself are left out.
    """
    out = tuple(out)
    order = tuple(k for k in out if k in x.labels)
    x = transposed(x, order) if order != x.labels else x
    if not order:
        return x
    missing = [k for k in out if k not in order]
    if not missing or (trailing and out[len(out) - len(order) :] == order):
        return x
    first = 0
    if trailing:
        while out[first] not in order:
            first += 1
    pattern = tuple(k if k in order else None for k in out[first:])
    if x.keepdims and x.kept == pattern:
        return Expression(x.keepdims, ATOM, order)
    index = ", ".join(":" if k in order else "None" for k in out[first:])
    while index.endswith(", :") and ("None" in index[:-3]):
        index = index[:-3]
    return replace(
        x, text=f"{x.at_least(ATOM)}[{index}]", precedence=ATOM, keepdims=None, is_name=False
    )


def broadcast_to(x: Expression, out: Sequence[Label], shape: str) -> Expression:
    """Return `x` as a full array over `out`; `shape` is the text of its shape."""
    if not x.labels:
        return Expression(f"np.full({shape}, {x.text})", ATOM, tuple(out))
    arranged = spread(x, out)
    return Expression(f"np.broadcast_to({arranged.text}, {shape})", ATOM, tuple(out), is_view=True)


def summed(x: Expression, over: Sequence[Label], function: str = "np.sum") -> Expression:
    """Return the sum (or mean) of `x` over labels that it has."""
    axes = tuple(i for i, k in enumerate(x.labels) if k in over)
    return reduced(x, axes, lambda axis: f"{function}({x.text}{axis})", f"{function}({x.text}")


def reduced(x: Expression, axes: Sequence[int], write, head: str | None = None) -> Expression:
    """Return a reduction of `x` over the numbered `axes`; ``write(axis)`` is its text.

    `head`, the call up to its options, is given where the call takes ``keepdims``.
    """
    rest = tuple(k for i, k in enumerate(x.labels) if i not in axes)
    axis = axis_option(axes, len(x.labels))
    keepdims = kept = None
    if head and rest:
        keepdims = f"{head}{axis}, keepdims=True)"
        kept = tuple(None if i in axes else k for i, k in enumerate(x.labels))
    return Expression(write(axis), ATOM, rest, keepdims=keepdims, kept=kept or ())


def axis_option(axes: Sequence[int], rank: int) -> str:
    """Return ``, axis=1``, or nothing where all axes are meant."""
    if len(axes) == rank:
        return ""
    return f", axis={axis_text(axes)}"


def axis_text(axes: Sequence[int]) -> str:
    """Return axis numbers as NumPy takes them."""
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


#: What the sizes of the program are called in the module being written, where that differs.
size_names: ContextVar[Mapping[str, str]] = ContextVar("size_names", default=MappingProxyType({}))


def size_text(size: Size) -> str:
    """Return a size as a Python expression."""
    if not isinstance(size, Dim):
        return str(size)
    text = ""
    for monomial, coefficient in sorted(size.terms, key=lambda t: (-len(t[0]), t[0])):
        count = abs(coefficient)
        factors = [str(count)] if count != 1 or not monomial else []
        alone = not factors and len(monomial) == 1
        factors += [_factor_text(name, alone) for name in monomial]
        term = " * ".join(factors)
        sign = "-" if coefficient < 0 else "+"
        text += f" {sign} {term}" if text else term if sign == "+" else f"-{term}"
    return text


def _factor_text(name: str, alone: bool) -> str:
    """Return a name of a size, or a whole quotient of one, as a factor of a product or alone."""
    renamed = size_names.get()
    if isinstance(name, Quotient):
        numerator = size_text(name.numerator)
        numerator = f"({numerator})" if " " in numerator else numerator
        text = f"{numerator} // {name.divisor}"
        return text if alone else f"({text})"
    if name.startswith("count("):
        mask = name[len("count(") : -1]
        return f"np.count_nonzero({renamed.get(mask, mask)})"
    return renamed.get(name, name)


def shape_tuple(shape: Sequence[Size], places: Mapping[str, str]) -> str:
    """Return a shape as a Python tuple, its names read where `places` say."""
    texts = [
        re.sub(r"[^\W\d]\w*", lambda m: places.get(m[0], m[0]), size_text(n)) for n in shape
    ]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def shape_text(shape: Sequence[Size]) -> str:
    """Return a shape as a Python tuple; a vector's as its size."""
    if len(shape) == 1:
        return size_text(shape[0])
    return f"({', '.join(map(size_text, shape))})"
