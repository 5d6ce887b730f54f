"""Appending derivatives to a program, each with a name and the source line that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import CONTRACT, LEAF, Node, input_, keep_whole, topological
from ..indexed import Indexed
from ..ops.calculus import held
from ..reverse import adjoints
from .derived import REVERSE, Derived, Quantity, derivative_name

MOST_PATHS = 3  # paths of a derivative that a note tells


def differentiate(unit: Derived, output: Quantity) -> None:
    """Append the derivative of `output` by every named value, in the order of the reverse sweep."""
    names = {x.node: x.name for x in unit.wrt}
    for q in unit.quantities:
        if q.node is not output.node:
            names.setdefault(q.node, q.name)

    def settle(node: Node, adjoint: Indexed) -> Indexed:
        if node in names and adjoint.node.op is CONTRACT and adjoint.node.operands:
            keep_whole(adjoint.node)
        return adjoint

    found = adjoints(output.node, [x.node for x in unit.wrt], settle=settle)
    consumers: dict[Node, list[Node]] = {}
    for node in reversed(topological([output.node])):
        users = consumers.get(node, ())
        unit.origin.setdefault(node, min((unit.origin[x] for x in users), default=0))
        for x in node.operands:
            if x in found and node in found:
                consumers.setdefault(x, []).append(node)
    derivatives = []
    for node, adjoint in found.items():
        if node in names:
            users = consumers.get(node, ())
            first = min((unit.origin[x] for x in users), default=unit.lowered.outputs[0].statement)
            name = derivative_name(output.name, names[node])
            note = _paths(unit, users)
            derivatives.append(
                Quantity(name, adjoint, unit.line(first), REVERSE, names[node], note)
            )
    order = {x.name: i + 1 for i, x in enumerate(unit.wrt)}
    derivatives.sort(key=lambda q: (-q.line, order.get(q.variable, 0)))
    unit.quantities += derivatives


def _paths(unit: Derived, users: Sequence[Node]) -> str:
    """Say through which parts of the formula a derivative comes, where there are several."""
    users = list(dict.fromkeys(users))
    spans = [unit.lowered.spans.get(x) for x in users[:MOST_PATHS]]
    if not 1 < len(users) <= MOST_PATHS or None in spans or not unit.lowered.is_pointwise:
        return ""
    text = unit.lowered.source.text
    parts = [text[s.start : s.end].strip() for s in sorted(spans)]
    parts = [p[1:-1] if p.startswith("(") and p.endswith(")") else p for p in parts]
    note = "through " + ", and through ".join(parts)
    return note if len(note) <= 50 and note.isprintable() else ""


def textbook(unit: Derived, output: Quantity) -> None:
    """Name every node, and append the derivative by each in terms of those of its consumers.

    Algorithm 6.2 of Goodfellow, Bengio and Courville, *Deep Learning* (2016): one step of the chain
    rule a line. The derivatives meet as leaves, so that nothing is simplified across them.
    """
    names = {x.node: x.name for x in unit.lowered.inputs}
    taken = {*names.values(), *(q.name for q in unit.quantities)}
    for q in unit.quantities:
        names.setdefault(q.node, q.name)
    forward, number = [], 0
    order = topological([q.node for q in unit.quantities])
    inside = {x for node in order if node.op is held for x in node.operands}
    for node in order:
        if node.op.family == LEAF:
            continue
        if node not in names and (node.op.inverts or node in inside):
            continue
        if node not in names:
            number += 1
            while f"t{number}" in taken:
                number += 1
            names[node] = f"t{number}"
        forward.append(Quantity(names[node], node, unit.line(unit.origin.get(node, 0))))
    reverse = []

    def settle(node: Node, adjoint: Indexed) -> Indexed:
        if node not in names:
            return adjoint
        name = derivative_name(output.name, names[node])
        at = min(
            (unit.origin.get(x, 0) for x in consumers.get(node, ())),
            default=unit.origin.get(node, 0),
        )
        reverse.append(Quantity(name, adjoint.node, unit.line(at), REVERSE, names[node]))
        return Indexed(input_(name, adjoint.node.shape), adjoint.labels)

    consumers: dict[Node, list[Node]] = {}
    for node in topological([output.node]):
        for x in node.operands:
            consumers.setdefault(x, []).append(node)
    found = adjoints(output.node, [x.node for x in unit.wrt], settle=settle)
    settled = {q.variable for q in reverse}
    for x in unit.wrt:
        if x.name not in settled:
            zero = Quantity(derivative_name(output.name, x.name), found[x.node], 0, REVERSE, x.name)
            reverse.append(zero)
    unit.quantities = forward + reverse
