"""Safe arguments for branches that are not taken, so that they neither warn nor cost a nan.

NumPy evaluates both branches of a choice. Where a value matters only under a condition, an
operation that may overflow or leave its domain gets an operand that is harmless elsewhere: what
users of other tools write by hand as the "double where".
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import BOOL, CONTRACT, LEAF, MAP, POSITIVE, Node, topological
from ..indexed import Indexed, indexed, operators
from ..normal import contract, rebuild
from ..ops.arithmetic import where
from .rewrite import Fired

MOST_CONDITIONS = 3  # that a value carries apart

#: Boolean nodes and the axes of a value that theirs run along: it matters only where all hold.
Demand = frozenset


def guard(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which operations under a condition are safe where it fails."""
    demands = _demands(roots)
    new: dict[Node, Node] = {}
    for node in topological(roots):
        operands = [new[x] for x in node.operands]
        demand = demands[node]
        if demand and node.op is CONTRACT:
            new[node] = _unselected(node, operands, demand)
        elif demand and _is_risky(node, operands):
            ordered = sorted(demand, key=lambda d: d[0].serial)
            masks = [Indexed(new.get(m, m), ls) for m, ls in ordered]
            new[node] = _guarded(node, operands, masks)
        else:
            new[node] = rebuild(node, operands)
    return new


def _demands(roots: Sequence[Node]) -> dict[Node, Demand]:
    """For each node, conditions of which all hold wherever any of its users needs it."""
    demands: dict[Node, Demand] = {root: frozenset() for root in roots}
    for node in reversed(topological(roots)):
        own = demands[node]
        for x, conditions in _edges(node, own):
            known = demands.get(x)
            demands[x] = conditions if known is None else known & conditions
    return demands


def _edges(node: Node, own: Demand):
    """Yield (operand, conditions under which this user needs it), in the operand's own axes."""
    selections = []
    if node.op is CONTRACT:
        pairs = zip(node.operands, node.labels, strict=True)
        selections = [(x, ls) for x, ls in pairs if x.dtype == BOOL]
    for i, (x, labels) in enumerate(zip(node.operands, node.labels, strict=True)):
        if node.op.family not in (MAP, "contract", "add"):
            yield x, frozenset()
            continue
        conditions = list(own)
        # Of several selections the first decides where the others matter.
        first = selections.index((x, labels)) if (x, labels) in selections else len(selections)
        conditions += selections[:first]
        if node.op is where and i:
            mask = Indexed(node.operands[0], node.labels[0])
            mask = mask if i == 1 else ~mask
            conditions.append((mask.node, mask.labels))
        places = {k: axis for axis, k in enumerate(labels)}
        if len(places) == len(labels):
            inside = [c for c in conditions if all(k in places for k in c[1])]
            yield x, _joined({(m, tuple(places[k] for k in ls)) for m, ls in inside})
        else:
            yield x, frozenset()


def _joined(conditions: set) -> Demand:
    """Make one condition of many, or nested branches would cost the square of their depth."""
    if len(conditions) <= MOST_CONDITIONS:
        return frozenset(conditions)
    first, *rest = [Indexed(*c) for c in sorted(conditions, key=lambda c: c[0].serial)]
    for mask in rest:
        first = first & mask
    return frozenset([(first.node, first.labels)])


def _unselected(node: Node, operands: Sequence[Node], demand: Demand) -> Node:
    """Drop selections that a selection further out makes anyway."""
    kept = [
        (x, ls)
        for x, ls in zip(operands, node.labels, strict=True)
        if not (x.dtype == BOOL and (x, ls) in demand)
    ]
    if len(kept) == len(operands):
        return rebuild(node, operands)
    return contract(node.coefficient, kept, node.axes, dict(enumerate(node.shape)))


def _is_risky(node: Node, operands: Sequence[Node]) -> bool:
    """Whether an operation may warn: outside its domain, or by overflow."""
    op = node.op
    if op.family != MAP or op.dtype == BOOL or (op.finite and op.total):
        return False
    grows = op.total and not op.inverts
    return grows or op.domains[0].low != 0 or operands[0].low != POSITIVE


def _guarded(node: Node, operands: Sequence[Node], masks: Sequence[Indexed]) -> Node:
    condition = masks[0]
    for mask in masks[1:]:
        condition = condition & mask
    x = Indexed(operands[0], node.labels[0])
    if operands[0].op.family == LEAF and not node.labels[0] and operands[0].op.name != "input":
        return rebuild(node, operands)
    safe = where(condition, x, indexed(node.op.domains[0].inside))
    rest = [Indexed(n, ls) for n, ls in zip(operands[1:], node.labels[1:], strict=True)]
    attrs = dict(zip(node.op.attributes, node.attrs, strict=True))
    return operators[node.op.name](safe, *rest, **attrs).to(node.axes, dict(enumerate(node.shape)))
