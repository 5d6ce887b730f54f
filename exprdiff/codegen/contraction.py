"""How a contraction is written: ``X.T @ r``, ``np.sum(g, axis=0)``, ``x * s[:, None]``, ``/ n``.

The plainest idiom that fits is taken; ``np.einsum`` only where nothing plainer exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .. import exact
from ..dims import Size, product
from ..graph import EYE, NUMBER, SIZE, Label, Node
from ..ops.define import BIT_AND
from .align import broadcast_to, reduced, shape_text, spread, transposed
from .expression import ATOM, PRODUCT, UNARY, Expression, literal, times

MATMUL_LIMIT = 2  # ranks up to which @ means what the labels say without a batch


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a contraction: its node and its text, labelled as in the contraction."""

    node: Node
    text: Expression

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.text.labels


def contraction(
    coefficient: exact.Number,
    factors: Sequence[Factor],
    divisors: Sequence[Factor],
    masks: Sequence[Factor],
    out: Sequence[Label],
    sizes: dict[Label, Size],
) -> Expression:
    """Return the text of ``coefficient * sum(factors / divisors where masks)`` with axes `out`."""
    out = tuple(out)
    factors, divisors, masks = ([_diagonal(f) for f in fs] for fs in (factors, divisors, masks))
    present = [k for f in (*factors, *divisors, *masks) for k in f.labels]
    gone = [k for k in dict.fromkeys(present) if k not in out]
    if masks:
        value = _selected(coefficient, factors, divisors, masks, out, gone)
        value = _sum(value, gone, [])
    elif not gone:
        value = _elementwise(coefficient, factors, divisors, out)
    else:
        value = _summing(coefficient, factors, divisors, out, gone, sizes)
    order = tuple(k for k in out if k in value.labels)
    value = transposed(value, order)
    if order != out:
        counts = [f for f in divisors if f.node.op is SIZE]
        if counts and not order:
            # An array without elements divides by 0 unharmed, a number does not.
            rest = [f for f in divisors if f not in counts]
            full = contraction(coefficient, factors, rest, masks, out, sizes)
            return replace(times([full.text], [f.text.at_least(UNARY) for f in counts]), labels=out)
        if not factors and not divisors and not masks:
            shape = shape_text([sizes[k] for k in out])
            if coefficient == 1:
                return Expression(f"np.ones({shape})", ATOM, out)
            return Expression(f"np.full({shape}, {literal(float(coefficient)).text})", ATOM, out)
        if all(f.node.op is SIZE for f in factors) and not divisors and not masks:
            value = Expression(f"float({value.text})")  # or the array would be one of integers
        return broadcast_to(value, out, shape_text([sizes[k] for k in out]))
    return value


def _diagonal(f: Factor) -> Factor:
    return Factor(f.node, diagonal(f.text))


def diagonal(x: Expression) -> Expression:
    """Take the diagonal along axes that have the same label."""
    labels = x.labels
    if len(set(labels)) == len(labels):
        return x
    distinct = tuple(dict.fromkeys(labels))
    if len(labels) == 2:
        return Expression(f"np.diagonal({x.text})", ATOM, distinct, is_view=True)
    names = _letters([labels])
    spec = f"{names(labels)}->{names(distinct)}"
    return Expression(f'np.einsum("{spec}", {x.text})', ATOM, distinct, is_view=True)


def _elementwise(coefficient, factors, divisors, out) -> Expression:
    """A product without a sum, in the order given."""
    if len(factors) == 1 and coefficient == 1 and not divisors:
        return factors[0].text
    tensors = [f for f in factors if f.labels]
    if len(factors) == len(tensors) == 2 and all(len(f.labels) == 1 for f in tensors):
        x, y = sorted(tensors, key=lambda f: out.index(f.labels[0]))
        if x.labels != y.labels:
            both = (*x.labels, *y.labels)
            outer = Expression(f"np.outer({x.text.text}, {y.text.text})", ATOM, both)
            return _scaled(coefficient, [], outer, divisors, out)
    present = {k for f in (*factors, *divisors) for k in f.labels}
    order = tuple(k for k in out if k in present)
    deltas = [f for f in factors if f.node.op is EYE]
    rest = [f for f in (*factors, *divisors) if f.node.op is not EYE]
    along = {f.labels for f in rest if f.labels}
    if len(deltas) == 1 and len(order) == 2 and len(along) == 1 and len(min(along)) == 1:
        # One vector on the diagonal, wherever its label stands in the delta.
        (label,) = min(along)
        others = [f for f in factors if f.node.op is not EYE]
        inner = _elementwise(coefficient, others, divisors, (label,))
        return Expression(f"np.diag({inner.text})", ATOM, order)
    factors = sorted(factors, key=lambda f: f.node.op is EYE)
    parts = [spread(f.text, order) for f in factors]
    bottoms = [spread(f.text, order).at_least(UNARY) for f in divisors]
    tops = [p.at_least(UNARY if i else PRODUCT) for i, p in enumerate(parts)]
    if tops and coefficient not in (1, -1) and " @ " in tops[0] and parts[0].precedence == PRODUCT:
        tops[0] = f"({tops[0]})"
    written = times(tops, bottoms, coefficient)
    loosest = parts[0].precedence if parts and tops[0] == parts[0].text else ATOM
    return Expression(written.text, min(written.precedence, max(PRODUCT, loosest)), order)


def _selected(coefficient, factors, divisors, masks, out, gone) -> Expression:
    """A product that is 0 where a mask is false."""
    present = {k for f in (*factors, *divisors, *masks) for k in f.labels}
    order = tuple(k for k in (*out, *gone) if k in present)
    if gone and not factors and not divisors and coefficient == 1 and len(masks) == 1:
        return spread(masks[0].text, order)  # a sum counts what is true
    zero = "0"
    if factors or divisors:
        value = _elementwise(coefficient, factors, divisors, order)
        value = spread(value, order) if value.labels else value
    else:
        value, zero = literal(float(coefficient)), "0.0"  # integers would make an integer array
    if len(masks) == 1 and masks[0].node.op.name == "not":
        condition = _negated(spread(masks[0].text, order).text)
        if condition:
            return Expression(f"np.where({condition}, {zero}, {value.text})", ATOM, order)
    tests = [spread(m.text, order) for m in masks]
    condition = (
        tests[0].text if len(tests) == 1 else " & ".join(t.at_least(BIT_AND + 1) for t in tests)
    )
    return Expression(f"np.where({condition}, {value.text}, {zero})", ATOM, order)


def _negated(text: str) -> str:
    """Return what `text` is the negation of, or nothing."""
    for head in ("~", "np.logical_not"):
        if text.startswith(head):
            inner = text[len(head) :]
            bracketed = inner.startswith("(") and _closes_last(inner)
            return inner[1:-1] if bracketed else inner
    return ""


def _summing(coefficient, factors, divisors, out, gone, sizes) -> Expression:
    """A product summed over the labels `gone`: pairwise, cheapest pair first."""
    scalars = [f for f in factors if not f.labels]
    items = [f.text for f in factors if f.labels]
    outer = [d for d in divisors if not any(k in gone for k in d.labels)]
    inner = [d for d in divisors if d not in outer]
    for d in inner:
        holder = next((i for i, x in enumerate(items) if set(d.labels) <= set(x.labels)), None)
        if holder is None:
            items.append(Expression(f"1 / {d.text.at_least(UNARY)}", PRODUCT, d.labels))
        else:
            x = items[holder]
            text = f"{x.at_least(PRODUCT)} / {spread(d.text, x.labels).at_least(UNARY)}"
            items[holder] = Expression(text, PRODUCT, x.labels)
    while len(items) > 1:
        i, j = _cheapest(items, out)
        keep = {k for q, x in enumerate(items) if q not in (i, j) for k in x.labels} | set(out)
        joined = _pair(items[i], items[j], keep, out)
        items = [x for q, x in enumerate(items) if q not in (i, j)]
        items.insert(i, joined)
    value = _sum(items[0], [k for k in gone if k in items[0].labels], outer, sizes)
    return _scaled(coefficient, scalars, value, outer, out)


def _sum(value: Expression, gone, divisors: list, sizes=None) -> Expression:
    """Sum `value` over `gone`; a division by the number of terms makes it a mean."""
    gone = [k for k in gone if k in value.labels]
    if not gone:
        return value
    function = "np.sum"
    for d in divisors:
        size = d.node.attrs[0] if d.node.op in (SIZE, NUMBER) else None
        if size is not None and size == product(sizes[k] for k in gone):
            divisors.remove(d)
            function = "np.mean"
            break
    axes = tuple(i for i, k in enumerate(value.labels) if k in gone)
    is_diagonal = value.text.startswith("np.diagonal(") and value.precedence == ATOM
    if is_diagonal and _closes_last(value.text) and len(value.labels) == 1 and function == "np.sum":
        return Expression(f"np.trace({value.text[12:-1]})", ATOM)
    head = f"{function}({value.text}"
    return reduced(value, axes, lambda axis: f"{head}{axis})", head)


def _closes_last(text: str) -> bool:
    """Whether the first bracket of `text` closes at its very end, so that it is one call."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in ")]":
            return i == len(text) - 1
    return False


def _scaled(coefficient, scalars, value: Expression, divisors, out) -> Expression:
    """``coefficient * scalars * value / divisors`` around a value that is no plain factor."""
    if coefficient == 1 and not scalars and not divisors:
        return value
    order = value.labels
    if any(k not in order for d in divisors for k in d.labels):  # a divisor has axes of its own
        order = tuple(k for k in out if k in order or any(k in d.labels for d in divisors))
        value = spread(value, order)
    leading = bool(scalars) or coefficient != 1
    text = value.at_least(UNARY) if leading else value.at_least(PRODUCT)
    if leading and _may_scale_first(value):
        text = value.text
    parts = [s.text.at_least(UNARY if i else PRODUCT) for i, s in enumerate(scalars)] + [text]
    written = times(parts, [spread(d.text, order).at_least(UNARY) for d in divisors], coefficient)
    loosest = value.precedence if parts == [value.text] else ATOM
    return Expression(written.text, min(written.precedence, max(PRODUCT, loosest)), order)


def _may_scale_first(value: Expression) -> bool:
    """Whether ``c * A @ B`` may scale A: only where A is no larger than the product."""
    return value.precedence == PRODUCT and value.text.count(" @ ") == 1 and len(value.labels) == 2


def _cheapest(items: Sequence[Expression], out) -> tuple[int, int]:
    """The pair whose joint labels are fewest; among equals the one that sums most."""
    best = None
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            both = set(items[i].labels) | set(items[j].labels)
            rest = {k for q, x in enumerate(items) if q not in (i, j) for k in x.labels}
            key = (len(both), -len(both - rest - set(out)), i, j)
            best = min(best, key) if best else key
    return best[2], best[3]


def _pair(x: Expression, y: Expression, keep: set[Label], out) -> Expression:
    """The product of two arrays, summed over the labels that nothing else needs."""
    x = _sum(x, [k for k in x.labels if k not in keep and k not in y.labels], [])
    y = _sum(y, [k for k in y.labels if k not in keep and k not in x.labels], [])
    shared = [k for k in x.labels if k in y.labels]
    gone = [k for k in shared if k not in keep]
    batch = [k for k in shared if k in keep]
    if not gone:
        union = x.labels if len(x.labels) >= len(y.labels) else y.labels
        order = tuple(sorted({*x.labels, *y.labels}, key=lambda k: _place(k, out, union)))
        a, b = spread(x, order), spread(y, order)
        return Expression(f"{a.at_least(PRODUCT)} * {b.at_least(UNARY)}", PRODUCT, order)
    if set(x.labels) == set(y.labels) and (len(x.labels) > 1 or batch):
        y = transposed(y, x.labels)
        text = f"{x.at_least(PRODUCT)} * {y.at_least(UNARY)}"
        if x.text == y.text:
            text = f"{x.at_least(ATOM)}**2"
        return _sum(Expression(text, PRODUCT, x.labels), gone, [])
    if len(gone) == 1 and not batch and max(len(x.labels), len(y.labels)) <= MATMUL_LIMIT:
        return _matmul(x, y, gone[0], out)
    if len(gone) == 1 and batch:
        batched = _batched(x, y, gone[0], batch, out)
        if batched is not None:
            return batched
    if gone and not batch:
        return _tensordot(x, y, gone, out)
    names = _letters([x.labels, y.labels])
    order = tuple(k for k in dict.fromkeys(x.labels + y.labels) if k not in gone)
    order = tuple(sorted(order, key=lambda k: _place(k, out, order)))
    spec = f"{names(x.labels)},{names(y.labels)}->{names(order)}"
    return Expression(f'np.einsum("{spec}", {x.text}, {y.text})', ATOM, order)


def _place(k: Label, out: Sequence[Label], otherwise: Sequence[Label]):
    """Sort key: labels in the order of `out`, any others after, in the order of `otherwise`."""
    if k in out:
        return (0, out.index(k))
    return (1, otherwise.index(k) if k in otherwise else -1)


def _matmul(x: Expression, y: Expression, inner: Label, out) -> Expression:
    """``x @ y`` of matrices and vectors, with the order that needs fewest transposes."""
    rows = [k for k in x.labels if k != inner]
    columns = [k for k in y.labels if k != inner]
    order = tuple(rows + columns)
    swapped = tuple(columns + rows)
    wanted = tuple(k for k in out if k in order)
    if wanted == swapped != order or (len(x.labels) == 1 and len(y.labels) == 2):
        x, y, rows, columns, order = y, x, columns, rows, swapped
    left = transposed(x, (*rows, inner))
    right = transposed(y, (inner, *columns))
    text = f"{left.at_least(PRODUCT)} @ {right.at_least(UNARY)}"
    return Expression(text, PRODUCT, order)


def _tensordot(x: Expression, y: Expression, gone: Sequence[Label], out) -> Expression:
    """A product summed over several axes, or of arrays of higher rank: one matrix product."""
    first = next((k for k in out if k in (*x.labels, *y.labels)), None)
    if first is not None and first in y.labels and first not in gone:
        x, y = y, x
    gone = [k for k in x.labels if k in gone]
    left, right = ([z.labels.index(k) for k in gone] for z in (x, y))
    count = len(gone)
    if left == list(range(len(x.labels) - count, len(x.labels))) and right == list(range(count)):
        axes = str(count)
    else:
        axes = f"({left}, {right})" if count > 1 else f"({left[0]}, {right[0]})"
    order = tuple(k for k in (*x.labels, *y.labels) if k not in gone)
    return Expression(f"np.tensordot({x.text}, {y.text}, axes={axes})", ATOM, order)


def _batched(x: Expression, y: Expression, inner: Label, batch, out) -> Expression | None:
    """``x @ y`` over leading batch axes, where both have rows and columns."""
    rows = [k for k in x.labels if k != inner and k not in batch]
    columns = [k for k in y.labels if k != inner and k not in batch]
    if len(rows) != 1 or len(columns) != 1:
        return None
    if out and [k for k in out if k in (*rows, *columns)] == [*columns, *rows]:
        x, y, rows, columns = y, x, columns, rows
    batch = sorted(batch, key=lambda k: _place(k, out, batch))
    left = _moved(x, (*batch, *rows, inner))
    right = _moved(y, (*batch, inner, *columns))
    return Expression(
        f"{left.at_least(PRODUCT)} @ {right.at_least(UNARY)}", PRODUCT, (*batch, *rows, *columns)
    )


def _moved(x: Expression, order) -> Expression:
    if x.labels[:-2] == tuple(order[:-2]) and x.labels != tuple(order):
        return Expression(f"np.swapaxes({x.text}, -1, -2)", ATOM, tuple(order))
    return transposed(x, order)


def _letters(rows):
    """Return a function that spells labels for einsum: i, j, k, ..."""
    alphabet = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = dict(zip(dict.fromkeys(k for row in rows for k in row), alphabet, strict=False))
    return lambda labels: "".join(names[k] for k in labels)
