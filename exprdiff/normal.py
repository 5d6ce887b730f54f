"""Contractions and sums in normal form: the constructors that every product and sum goes through.

Numbers, scalings, renamings and broadcasts are absorbed, deltas eliminated by renaming, like terms
collected; never is a product absorbed by another product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import exact
from .dims import Size
from .graph import (
    ADD,
    BOOL,
    CONTRACT,
    EYE,
    NUMBER,
    SIZE,
    Label,
    Labels,
    Node,
    is_whole,
    keep_whole,
    make,
    number,
    size,
)

Factor = tuple[Node, Labels]


def contract(
    coefficient: exact.Number,
    factors: Iterable[Factor],
    out: Sequence[Label],
    sizes: dict[Label, Size] | None = None,
) -> Node:
    """Return ``coefficient * sum over all labels not in out of the product of the factors``.

    `sizes` gives the size of labels that no factor may have: those in `out` broadcast, those not in
    `out` but listed are summed too. Numbers, scalings, renamings and broadcasts among the factors
    are absorbed, deltas are eliminated by renaming, repeated boolean factors are dropped.
    """
    out = tuple(out)
    known = dict(sizes) if sizes else {}
    kept: list[Factor] = []
    for node, labels in factors:
        for k, n in zip(labels, node.shape, strict=True):
            known[k] = n
        node, labels = _narrowed(node, labels)
        opened = _opened(node, tuple(labels), out)
        scaled = exact.times(coefficient, opened[0][0])
        if scaled is None:
            opened, scaled = [(1, node, tuple(labels))], coefficient
        coefficient = scaled
        for _, x, ls in opened:
            coefficient = _absorb(coefficient, x, ls, kept)
    if any(node.symmetric for node, _ in kept):
        kept = [(node, _in_order(node, labels, out)) for node, labels in kept]
    if any(node.op is EYE for node, _ in kept):
        kept = _rename_deltas(kept, out, known)
    for fact in [f for f in kept if f[0].op is not NUMBER and _sums_to_one(f[0])]:
        _sum_to_one(fact, kept, out, known)
    present = {k for _, ls in kept for k in ls}
    for k in known:
        if k not in present and k not in out:
            value = known[k]
            scaled = exact.times(coefficient, value) if isinstance(value, int) else None
            if scaled is None:
                kept.append((size(value), ()))
            else:
                coefficient = scaled
    if len(kept) > 1:
        kept = _cancel(kept)
    shape = tuple(known[k] for k in out)
    if coefficient == 0 and kept and all(node.total for node, _ in kept):
        kept = []
    if not kept and not shape:
        return number(coefficient)
    if len(kept) == 1 and coefficient == 1 and kept[0][0].dtype != BOOL:
        node, labels = kept[0]
        if labels == out and node.shape == shape:
            return node
    return make(CONTRACT, [n for n, _ in kept], [ls for _, ls in kept], out, (coefficient,), shape)


def _opened(node: Node, labels: Labels, out: Labels) -> list[tuple[exact.Number, Node, Labels]]:
    """Return the factors of a product with a delta that is summed here, so that it can go.

    All other products stay whole. The first has the product's coefficient.
    """
    whole = [(1, node, labels)]
    if node.op is not CONTRACT or node.summed or is_whole(node):
        return whole
    scale = node.coefficient
    if scale == 0 or not exact.is_ordinary(scale):
        return whole
    inner = [
        (x, tuple(labels[k] for k in ls)) for x, ls in zip(node.operands, node.labels, strict=True)
    ]
    if not any(x.op is EYE and not set(ls) <= set(out) for x, ls in inner):
        return whole
    return [(scale if i == 0 else 1, x, ls) for i, (x, ls) in enumerate(inner)]


def _in_order(node: Node, labels: Labels, out: Labels) -> Labels:
    """Put the last two labels of a symmetric factor in the order that they have in the result."""
    if not node.symmetric:
        return labels
    *_, i, j = labels
    if j in out and (i not in out or out.index(j) < out.index(i)):
        return (*labels[:-2], j, i)
    return labels


def _sums_to_one(node: Node) -> bool:
    """Whether the elements along an axis are known to sum to 1."""
    return node.op.sums_to_one or any(fact[0] == "simplex" for fact in node.facts)


def _sum_to_one(factor: Factor, kept: list[Factor], out: Labels, known: dict) -> None:
    """Drop a factor that is summed by itself along the axes where it sums to 1."""
    node, labels = factor
    over = node.attrs[0] if node.op.sums_to_one else (node.rank - 1,)
    gone = {labels[k] for k in over}
    others = [k for f in kept if f is not factor for k in f[1]]
    others += [k for i, k in enumerate(labels) if i not in over]
    if node.total and gone.isdisjoint(out) and gone.isdisjoint(others):
        kept.remove(factor)
        for k in gone:
            del known[k]


def _absorb(coefficient, node: Node, labels: Labels, kept: list[Factor]):
    """Append a factor in normal form; return the new coefficient."""
    if node.op is NUMBER:
        if node.dtype == BOOL:
            if not node.value:
                return 0
            return coefficient
        product = exact.times(coefficient, node.value)
        if product is not None:
            return product
    elif node.op is CONTRACT and len(node.operands) <= 1 and not node.summed and not is_whole(node):
        # Only a scaling that comes first, or an ordinary one, may change places with a factor.
        scale = node.coefficient
        if not kept or scale == 0 or exact.is_ordinary(scale):
            product = exact.times(coefficient, scale)
            if product is not None:
                for inner, axes in zip(node.operands, node.labels, strict=True):
                    _push(kept, inner, tuple(labels[k] for k in axes))
                return product
    _push(kept, node, labels)
    return coefficient


def _narrowed(node: Node, labels: Labels) -> Factor:
    """Leave out the axes along which a product or a sum is constant: they broadcast in use."""
    if not labels or len(node.operands) < 2 or node.op not in (CONTRACT, ADD) or is_whole(node):
        return node, labels
    present = {k for ls in node.labels for k in ls}
    axes = tuple(k for k in node.axes if k in present)
    if axes == node.axes:
        return node, labels
    if node.op is ADD:
        narrow = add(zip(node.attrs, node.operands, node.labels, strict=True), axes)
    else:
        narrow = contract(node.coefficient, zip(node.operands, node.labels, strict=True), axes)
    return narrow, tuple(labels[k] for k in axes)


def _push(kept: list[Factor], node: Node, labels: Labels) -> None:
    """Append a factor, but for a selection that is made already."""
    if node.dtype != BOOL or (node, labels) not in kept:
        kept.append((node, labels))


def _rename_deltas(kept: list[Factor], out: Labels, known: dict) -> list[Factor]:
    """Eliminate each delta that has a summed label by renaming that label to the other one."""
    index = 0
    while index < len(kept):
        node, labels = kept[index]
        if node.op is EYE:
            a, b = labels
            gone = b if b not in out else a if a not in out else None
            if a == b or gone is not None:
                stays = a if gone == b else b
                del kept[index]
                if a != b:
                    del known[gone]
                kept = [(n, tuple(stays if k == gone else k for k in ls)) for n, ls in kept]
                index = 0
                continue
        index += 1
    return kept


def _cancel(kept: list[Factor]) -> list[Factor]:
    """Drop each size that meets its own reciprocal: no size is 0 where its axis has elements."""
    for i, (node, _) in enumerate(kept):
        if node.op.inverts and node.operands[0].op is SIZE:
            for j, (other, _) in enumerate(kept):
                if other is node.operands[0]:
                    return _cancel([f for q, f in enumerate(kept) if q not in (i, j)])
    return kept


Term = tuple[exact.Number, Node, Labels]


def add(
    terms: Iterable[Term], out: Sequence[Label], sizes: dict[Label, Size] | None = None
) -> Node:
    """Return ``sum of coefficient * node`` over the terms, broadcast to the labels `out`.

    Like terms are collected, numbers are added up, ordinary coefficients of products come out.
    """
    out = tuple(out)
    known = dict(sizes) if sizes else {}
    collected: dict[tuple, exact.Number] = {}
    for coefficient, node, labels in terms:
        for k, n in zip(labels, node.shape, strict=True):
            known[k] = n
        if node.op is CONTRACT and not node.operands and node.coefficient == 0:
            continue
        node, labels = _narrowed(node, tuple(labels))
        coefficient, node, labels = _unscaled(coefficient, node, labels)
        labels = _in_order(node, labels, out)
        if node.op is NUMBER:
            scaled = exact.times(coefficient, exact.number(node.value))
            if scaled is not None:
                coefficient, node, labels = scaled, _one(), ()
        key = (node, labels)
        if key in collected:
            total = exact.plus(collected[key], coefficient)
            if total is None:
                # Out of range: keep it apart.
                axes = tuple(dict.fromkeys(labels))
                key = (contract(coefficient, [(node, labels)], axes), axes)
                total = collected.get(key, 0) + 1
            collected[key] = total
        else:
            collected[key] = coefficient
    shape = tuple(known[k] for k in out)
    kept = [(c, n, ls) for (n, ls), c in collected.items() if c != 0 or not n.total]
    if not kept:
        return full(0, shape)
    if len(kept) == 1:
        coefficient, node, labels = kept[0]
        return contract(coefficient, [(node, labels)], out, known_of(out, known))
    one, written = _one(), {}
    for c, n, ls in kept:
        key, c = ((number(c), ls), 1) if n is one else ((n, ls), c)
        written[key] = written.get(key, 0) + c
    operands, labels = [n for n, _ in written], [ls for _, ls in written]
    return make(ADD, operands, labels, out, tuple(written.values()), shape)


def known_of(out: Sequence[Label], known: dict[Label, Size]) -> dict[Label, Size]:
    """Return the sizes of the labels in `out` alone."""
    return {k: known[k] for k in out}


def _one() -> Node:
    return number(1)


def _unscaled(coefficient, node: Node, labels: Labels) -> Term:
    """Move an ordinary coefficient, a renaming or a broadcast out of a term."""
    if node.op is not CONTRACT or not exact.is_ordinary(node.coefficient) or is_whole(node):
        return coefficient, node, labels
    product = exact.times(coefficient, node.coefficient)
    if product is None:
        return coefficient, node, labels
    if len(node.operands) == 1 and not node.summed and node.operands[0].dtype != BOOL:
        axes = node.labels[0]
        return _unscaled(product, node.operands[0], tuple(labels[k] for k in axes))
    if not node.operands:
        return product, _one(), ()
    if node.coefficient == 1:
        return product, node, labels
    factors = list(zip(node.operands, node.labels, strict=True))
    return product, contract(1, factors, node.axes, dict(enumerate(node.shape))), labels


def rebuild(node: Node, operands: Sequence[Node]) -> Node:
    """Return `node` with other operands of the same shapes, in normal form again."""
    if all(a is b for a, b in zip(operands, node.operands, strict=True)):
        return node
    result = _rebuilt(node, operands)
    if is_whole(node):
        keep_whole(result)
    return result


def _rebuilt(node: Node, operands: Sequence[Node]) -> Node:
    sizes = dict(enumerate(node.shape))
    if node.op is CONTRACT:
        return contract(node.coefficient, zip(operands, node.labels, strict=True), node.axes, sizes)
    if node.op is ADD:
        terms = zip(node.attrs, operands, node.labels, strict=True)
        return add(terms, node.axes, sizes)
    return node.op.renew(operands, node.labels, node.axes, node.attrs, node.shape)


def full(value: exact.Number, shape: Sequence[Size]) -> Node:
    """Return an array of one number."""
    out = range(len(shape))
    return contract(value, (), out, dict(zip(out, shape, strict=True)))
