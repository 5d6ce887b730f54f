"""Subscripts: ``x[1:, None, k]`` as NumPy reads it."""

from __future__ import annotations

from .. import messages, tensor_messages
from ..dims import Dim, Quotient, Size, count_of, product
from ..graph import BOOL, INPUT, INT, fresh
from ..indexed import Indexed
from ..ops import numpy_order as order
from ..ops.indexing import Item, nonzero, slice_bounds, slice_size, taken
from ..ops.numpy_order import Array
from ..ops.shaping import reshaped
from . import ast


def index(lowering, x: ast.Index, scope):
    """Return the value of ``operand[items]``; a generator, driven by `lowering`. Raises Mistake."""
    operand = yield lowering._value(x.operand, scope)
    if operand.covector:
        raise messages.stray_covector(operand.text, x.operand.span)
    dots = [i for i in x.items if isinstance(i, ast.Ellipsis_)]
    if len(dots) > 1:
        raise tensor_messages.ellipsis_twice(dots[1].span)
    read = []
    for item in x.items:
        read.append((item, (yield from _item(lowering, item, scope))))
    used = sum(_axes_of(item) for _, item in read)
    if used > operand.rank:
        raise tensor_messages.too_many_subscripts(operand.describe(), used, x.span)
    if not dots:
        read.append((x, "..."))
    whole = fresh(operand.rank)
    items: list[Item] = []
    arrays: list[Array] = []
    places: list[tuple[Item | None, int]] = []  # the order of the result, with new axes
    for written, item in read:
        if item == "...":
            for _ in range(operand.rank - used):
                places.append((("all",), len(items)))
                items.append(("all",))
        elif item == "new":
            places.append((None, 0))
        else:
            if _is_mask(item):
                operand, whole, item = _masked(item, operand, len(items), whole, written)
            n = operand.node.shape[len(items)]
            item = _checked(item, n, operand, written, arrays)
            if item[0] == "slice":
                _note_least(lowering.result.least, n, item)
            places.append((item, len(items)))
            items.append(item)
    aligned, block = order.broadcast(arrays, "[]") if arrays else ([], ())
    value = taken(Indexed(operand.node, whole), items, aligned) if _does(items) else None
    result = Indexed(operand.node, whole) if value is None else _in_order_of(value, block)
    return _with_new_axes(result, places, whole, block, bool(arrays))


def _in_order_of(value: Indexed, block) -> Indexed:
    """Return `value` with the axes of the index arrays in the order that these have together."""
    numbered = iter([k for k in block if k in value.labels])
    out = tuple(next(numbered) if k in block else k for k in value.labels)
    return value if out == value.labels else Indexed(value.to(out), out)


def _is_mask(item) -> bool:
    return isinstance(item, Array) and item.node.dtype == BOOL


def _axes_of(item) -> int:
    """How many axes a subscript is for."""
    if _is_mask(item):
        return item.rank
    return 0 if item in ("new", "...") else 1


def _masked(mask: Array, operand: Array, axis: int, whole, written):
    """Turn a mask into the numbers of the places that it chooses along an axis.

    A mask of several axes has them made one, as those of the operand are. Returns the operand, its
    labels and the numbers.
    """
    if mask.covector or mask.node.op is not INPUT or not mask.rank:
        raise tensor_messages.not_a_mask(mask.describe(), written.span)
    name = mask.node.name
    sizes = operand.node.shape[axis : axis + mask.rank]
    if sizes != mask.node.shape:
        raise tensor_messages.mask_differs(mask.describe(), operand.describe(), axis, written.span)
    node = mask.node
    if mask.rank > 1:
        (one,) = fresh(1)
        old = fresh(mask.rank)
        count = [product(sizes)]
        node = reshaped(Indexed(node, old), old, (one,), count).node
        joined = whole[axis : axis + mask.rank]
        value = reshaped(Indexed(operand.node, whole), joined, fresh(1), count)
        operand, whole = Array(value.node, operand._text), value.labels
    return operand, whole, Array(nonzero(node, count_of(name)).node, mask._text)


def _does(items) -> bool:
    return any(item[0] != "all" for item in items)


def _with_new_axes(result: Indexed, places, whole, block, numbered: bool) -> Array:
    """Put axes of size 1 where None stands."""
    if all(item is not None for item, _ in places):
        return Array(result.node)
    out, sizes, pending = [], {}, True
    advanced = [i for i, (item, _) in enumerate(places) if item and item[0] in ("int", "array")]
    apart = numbered and advanced != list(range(advanced[0], advanced[-1] + 1))
    if apart:
        out += [k for k in result.labels if k in block]
        pending = False
    for item, axis in places:
        if item is None:
            (k,) = fresh(1)
            out.append(k)
            sizes[k] = 1
        elif item[0] == "slice":
            out.append(item[4])
        elif item[0] == "all":
            out.append(whole[axis])
        elif numbered and pending:
            out += [k for k in result.labels if k in block]
            pending = False
    return Array(result.to(out, sizes))


def _item(lowering, item: ast.Expression, scope):
    """Read one subscript: "...", "new", a slice, a whole number, or the value of an array."""
    if isinstance(item, ast.Ellipsis_):
        return "..."
    if isinstance(item, ast.Name) and item.name == "None" and "None" not in lowering.values:
        return "new"
    if isinstance(item, ast.Slice):
        bounds = []
        for bound in (item.start, item.stop, item.step):
            size = None if bound is None else (yield lowering._size(bound, declared=False))
            bounds.append(size)
        start, stop, step = bounds
        step = 1 if step is None else step
        if not isinstance(step, int) or step == 0:
            raise tensor_messages.bad_step(item.step.span)
        return ("slice", start, stop, step)
    if _is_size(lowering, item, scope):
        return ("int", (yield lowering._size(item, declared=False)))
    return (yield lowering._value(item, scope))


def _is_size(lowering, x: ast.Expression, scope) -> bool:
    """Whether an expression is made of whole numbers and sizes alone."""
    pending = [x]
    while pending:
        y = pending.pop()
        if isinstance(y, ast.Unary):
            pending.append(y.operand)
        elif isinstance(y, ast.Arithmetic):
            pending += [y.first, *(operand for _, operand in y.rest)]
        elif isinstance(y, ast.Name):
            known = y.name in lowering.values or (scope is not None and y.name in scope)
            if known or y.name not in lowering.sizes:
                return False
        elif not (isinstance(y, ast.Number) and isinstance(y.value, int)):
            return False
    return True


def _note_least(least: dict[str, int], n: Size, item: Item) -> None:
    """Note how large a size must be for a slice to lie within its axis."""
    bounds = slice_bounds(n, *item[1:4])
    for room in (bounds[1] - bounds[0], n - bounds[1], bounds[0]):
        terms = dict(room.terms) if isinstance(room, Dim) else {}
        short = -terms.pop((), 0)
        if short > 0 and len(terms) == 1:
            ((names, factor),) = terms.items()
            if len(names) == 1 and factor > 0 and not isinstance(names[0], Quotient):
                name = str(names[0])
                least[name] = max(least.get(name, 0), -(-short // factor))


def _checked(item, n: Size, operand: Array, written, arrays: list[Array]) -> Item:
    """Return the item of an axis of size `n`, refusing what lies outside it."""
    if isinstance(item, Array):
        if item.covector or item.node.dtype != INT:
            raise tensor_messages.not_an_index(item.describe(), written.span)
        arrays.append(item)
        return ("array", len(arrays))
    if item[0] == "int":
        if isinstance(item[1], int) and isinstance(n, int) and not -n <= item[1] < n:
            raise tensor_messages.index_outside(item[1], operand.describe(), n, written.span)
        return item
    _, start, stop, step = item
    if (start, stop, step) in ((None, None, 1), (0, None, 1)):
        return ("all",)
    try:
        slice_size(n, start, stop, step)
    except ValueError:
        raise messages.size_too_long(written.span) from None
    return ("slice", start, stop, step, fresh(1)[0])
