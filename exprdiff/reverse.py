"""Reverse-mode differentiation, symbol to symbol.

Algorithms 6.5 and 6.6 of Goodfellow, Bengio and Courville, *Deep Learning* (2016): the graph is
pruned to what lies between the targets and the output, adjoints are memoised in one table, each
edge is visited once, and the result is graph again. Labels do the rest: the contribution to an
operand is one contraction, whose output labels are the operand's, so whatever was broadcast is
summed and whatever was summed is broadcast, and labels of the seed stay on every adjoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .graph import ADD, BOOL, CONTRACT, MAP, Label, Labels, Node, eye, fresh, topological
from .indexed import Indexed, indexed, operators, product, reciprocal, total

MOST_ALTERNATIVES = 4  # supports of a sum are joined by "or" up to this many terms

MOST_MASKS = 3  # masks that an adjoint carries apart

#: A boolean node and its labels: where it is false, an adjoint is 0.
Mask = tuple[Node, Labels]


@dataclass
class Contribution:
    """One path's share of an adjoint; where any of `masks` is false it is exactly 0."""

    value: Indexed
    masks: tuple[Mask, ...]


def adjoints(
    output: Node,
    targets: Iterable[Node],
    seed: Indexed | None = None,
    settle: Callable[[Node, Indexed], Indexed] | None = None,
) -> dict[Node, Node]:
    """Return the adjoint of every node between `targets` and `output`, and of the targets.

    `seed` is the adjoint of the output, 1 for a scalar if None; its labels beyond the output's own
    rank come first on every adjoint. An adjoint's axes are those labels and then its node's own.
    `settle`, where given, may replace each adjoint when it is complete (it gives them names).
    """
    targets = list(targets)
    seed = indexed(1) if seed is None else seed
    own = seed.labels[len(seed.labels) - output.rank :]
    kept = seed.labels[: len(seed.labels) - output.rank]
    order = topological([output])
    active = _active(order, targets)
    names: dict[Node, Labels] = {output: own}
    pending: dict[Node, list[Contribution]] = {output: [Contribution(seed, ())]}
    result: dict[Node, Node] = {}
    sizes = dict(zip(kept, seed.node.shape, strict=False))
    for node in reversed(order):
        shares = pending.pop(node, None)
        if shares is None or node not in active:
            continue
        labels = names.setdefault(node, fresh(node.rank))
        everything = sizes | dict(zip(labels, node.shape, strict=True))
        adjoint = total([(1, s.value) for s in shares], kept + labels, everything)
        masks = _support(shares)
        if node.symmetric and not node.operands:
            adjoint = symmetric_part(adjoint)
        if settle is not None:
            adjoint = settle(node, adjoint)
        result[node] = adjoint.node
        if adjoint.node.is_zero:
            continue
        for operand, share in _contributions(node, labels, adjoint, masks, kept, names, active):
            pending.setdefault(operand, []).append(share)
    for target in targets:
        if target not in result:
            shape = tuple(sizes.values()) + target.shape
            out = fresh(len(shape))
            result[target] = total([], out, dict(zip(out, shape, strict=True))).node
    return result


def symmetric_part(adjoint: Indexed) -> Indexed:
    """Return the derivative by a matrix whose elements (i, j) and (j, i) are one variable.

    It is the gradient in the space of symmetric matrices, whatever way a formula reads them; of a
    direction it is what lies in that space.
    """
    *rest, i, j = adjoint.labels
    turned = Indexed(adjoint.node, (*rest, j, i))
    half = Fraction(1, 2)
    return total([(half, adjoint), (half, turned)], adjoint.labels)


def _active(order: Sequence[Node], targets: Sequence[Node]) -> set[Node]:
    """The nodes that depend on a target."""
    active = set(targets)
    for node in order:
        if any(x in active for x in node.operands):
            active.add(node)
    return active


def _contributions(node, labels, adjoint, masks, kept, names, active):
    """Yield (operand, contribution) for every edge from `node` to an active operand."""
    inner = dict(zip(range(node.rank), labels, strict=True))
    for k in node.summed:
        inner[k] = fresh(1)[0]
    values = [
        Indexed(x, tuple(inner[k] for k in ls))
        for x, ls in zip(node.operands, node.labels, strict=True)
    ]
    y = Indexed(node, labels)
    if node.op is CONTRACT:
        yield from _through_contraction(y, values, adjoint, masks, kept, names, active)
    elif node.op is ADD:
        for c, x in zip(node.attrs, values, strict=True):
            if x.node in active:
                yield _share([adjoint], x, masks, kept, names, c)
    elif node.op.family == MAP:
        for i, x in enumerate(values):
            if x.node in active and x.node.dtype != BOOL:
                partial = node.op.partial(i, y, values, node.attrs)
                if partial is not None and not partial.node.is_zero:
                    yield _share([adjoint, partial], x, masks, kept, names)
    else:
        reached = [x for x in values if x.node in active]
        if reached:
            pulled = node.op.pull(adjoint, y, values, node.attrs)
            # Where elements mix along an axis, a zero adjoint in one place says nothing of another.
            mixed = set(node.op.axes_of(y, values, node.attrs))
            masks = [m for m in masks if mixed.isdisjoint(m[1])]
            for x, value in zip(values, pulled, strict=True):
                if value is not None and x.node in active:
                    yield _share([value], x, masks, kept, names, everywhere=True)


def _through_contraction(y, values, adjoint, masks, kept, names, active):
    """The adjoint of a factor is the contraction of the others with the incoming adjoint."""
    coefficient = y.node.coefficient
    for i, x in enumerate(values):
        if x.node not in active or x.node.dtype == BOOL:
            continue
        if x.node.op.inverts and all(k in y.labels for k in x.labels):
            # The quotient rule in terms of the quotient: d(a/b)/db = -(a/b)/b.
            base = x.node.operands[0]
            divisor = Indexed(base, tuple(x.labels[k] for k in x.node.labels[0]))
            if base in active:
                # Selections that y sums over are within it already.
                chosen = [
                    v for v in values if v.node.dtype == BOOL and set(v.labels) <= set(y.labels)
                ]
                factors = [adjoint, *chosen, y, reciprocal(divisor)]
                yield _share(factors, divisor, masks, kept, names, -1)
            continue
        others = [v for j, v in enumerate(values) if j != i]
        yield _share([adjoint, *others], x, masks, kept, names, coefficient)


def _share(factors, x: Indexed, masks, kept, names, coefficient=1, everywhere=False):
    """Return (operand, contribution): the product of `factors`, summed to the operand's labels.

    An axis that the operand runs along twice (a trace, a diagonal) comes back through a delta.
    """
    node = x.node
    out = names.setdefault(node, fresh(node.rank))
    free = [k for f in factors for k in f.labels]
    selecting = [m for m in masks if all(k in free or k in x.labels for k in m[1])]
    risky = everywhere or not all(f.node.finite for f in factors[1:])
    chosen = [Indexed(*m) for m in selecting] if risky else []
    deltas, first = [], {}
    renamed = {}
    for k, target, n in zip(x.labels, out, node.shape, strict=True):
        if k in first:
            deltas.append(Indexed(eye(n), (first[k], target)))
        else:
            first[k] = target
            renamed[k] = target
    moved = [_renamed(f, renamed) for f in [*factors, *chosen]]
    sizes = dict(zip(out, node.shape, strict=True))
    value = product([*moved, *deltas], kept + out, coefficient, sizes)
    support = [(n, tuple(renamed.get(k, k) for k in ls)) for n, ls in selecting]
    support += _selections(value)
    visible = set(kept + out)
    carried = list(dict.fromkeys(m for m in support if visible.issuperset(m[1])))
    if len(carried) > MOST_MASKS:  # one mask for all, or chains of choices would cost their square
        joined = _all(carried)
        carried = [(joined.node, joined.labels)]
    return node, Contribution(value, tuple(carried))


def _renamed(x: Indexed, names: dict[Label, Label]) -> Indexed:
    return Indexed(x.node, tuple(names.get(k, k) for k in x.labels))


def _selections(value: Indexed) -> list[Mask]:
    """The boolean factors of a product: it is 0 where one of them is false."""
    node = value.node
    if node.op is not CONTRACT:
        return []
    outer = dict(enumerate(value.labels))
    return [
        (x, tuple(outer[k] for k in ls))
        for x, ls in zip(node.operands, node.labels, strict=True)
        if x.dtype == BOOL and all(k in outer for k in ls)
    ]


def _support(shares: Sequence[Contribution]) -> tuple[Mask, ...]:
    """Where a sum of contributions may differ from 0: masks that all share, else one or another."""
    if not all(s.masks for s in shares):
        return ()
    common = [m for m in shares[0].masks if all(m in s.masks for s in shares[1:])]
    if common:
        return tuple(common)
    if len(shares) > MOST_ALTERNATIVES:
        return ()
    alternatives = [_all(s.masks) for s in shares]
    either = alternatives[0]
    for other in alternatives[1:]:
        if _opposite(either, other):
            return ()
        either = either | other
    return ((either.node, either.labels),)


def _all(masks: Sequence[Mask]) -> Indexed:
    result = Indexed(*masks[0])
    for mask in masks[1:]:
        result = result & Indexed(*mask)
    return result


def _opposite(a: Indexed, b: Indexed) -> bool:
    """Whether one is the negation of the other."""
    negated = operators["not"](a)
    return negated.node is b.node and negated.labels == b.labels
