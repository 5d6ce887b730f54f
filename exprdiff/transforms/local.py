"""Every value, every edge's derivative, and the output's derivative by every node: for reading.

Algorithms 6.1 and 6.2 of Goodfellow, Bengio and Courville, *Deep Learning* (2016), on the formula
as it was written, without rewriting: the forward sweep, the derivative of each node by each of its
operands, and the reverse sweep that multiplies and adds them up, one step of the chain rule a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..frontend.lowered import Input, Lowered
from ..graph import BOOL, LEAF, Node, input_, topological
from ..normal import rebuild
from .derived import DERIVATIVE, FORWARD, REVERSE, Derived, Options, Quantity, derivative_name
from .differentiate import textbook
from .products import by_reverse
from .structure import Structures


@dataclass(frozen=True)
class Local:
    """What the function ``local`` returns: three dictionaries.

    `values` and `derivatives` name nodes, `edges` pairs of them (the node, its operand); `results`
    are the nodes of all three in that order, each with the name of its quantity, if it has one.
    `output` is what the derivatives are of.
    """

    output: str
    values: list[str]
    edges: list[tuple[str, str]]
    derivatives: list[str]
    results: list[tuple[Node, str | None]]
    quantities: list[Quantity]
    primal: list[Node]


def local(lowered: Lowered, options: Options, wrt: list[Input], output: str) -> Local:
    """Return what the function ``local`` computes for the scalar output of that name."""
    unit = Derived(lowered, options, lowered.inputs, wrt)
    unit.outputs = [Quantity(x.name, x.node, unit.line(x.statement)) for x in lowered.outputs]
    unit.quantities = [Quantity(x.name, x.node, unit.line(x.statement)) for x in lowered.names]
    listed = {q.name for q in unit.quantities}
    unit.quantities += [q for q in unit.outputs if q.name not in listed]
    unit.origin = {n: lowered.statement_of(n) for n in lowered.nodes()}
    chosen = next(q for q in unit.outputs if q.name == output)
    textbook(unit, chosen)

    used = set(topological([chosen.node]))
    forward = [q for q in unit.quantities if q.sweep == FORWARD and q.node in used]
    reverse = [q for q in unit.quantities if q.sweep == REVERSE]
    names = {x.node: x.name for x in lowered.inputs if x.node in used}
    for q in forward:
        names.setdefault(q.node, q.name)
    active = {q.variable for q in reverse}
    values = [q.name for q in forward]
    results: list[tuple[Node, str | None]] = [(q.node, q.name) for q in forward]
    edges = []
    for node in reversed([q.node for q in forward if q.node.dtype != BOOL]):
        for operand, derivative in _edges(node, names, active):
            edges.append((names[node], operand))
            results.append((derivative, None))
    known = {derivative_name(output, v): v for v in active}
    results += [(q.node, q.name) for q in reverse]
    derivatives = [known[q.name] for q in reverse]
    primal = [q.node for q in forward]
    return Local(output, values, edges, derivatives, results, forward + reverse, primal)


def _edges(node: Node, names: Mapping[Node, str], active: set[str]):
    """Yield (name of an operand, derivative of the node by it) for each edge of the drawing.

    The derivative has the axes of the node and then those of the operand. What is written without
    a name of its own, such as the reciprocal in a quotient, is part of the node.
    """
    inside = _inside(node, names)
    ends = [
        x for x in dict.fromkeys(y for n in inside for y in n.operands)
        if x in names or x.op.family == LEAF
    ]  # fmt: skip
    leaves = {x: input_(f"{DERIVATIVE}{i}", x.shape, x.dtype) for i, x in enumerate(ends)}
    new: dict[Node, Node] = {x: leaves[x] if x in names else x for x in ends}
    for x in inside:
        new[x] = rebuild(x, [new[y] for y in x.operands])
    moving = [x for x in ends if x in names and names[x] in active and x.dtype != BOOL]
    if not moving:
        return
    copy = new[node]
    roots = by_reverse(copy, [leaves[x] for x in moving])
    structures = Structures(roots, set(topological([copy])))
    found = [structures.array(root) for root in roots]
    back: dict[Node, Node] = {leaf: x for x, leaf in leaves.items()} | {copy: node}
    for x in topological(found):
        if x not in back:
            back[x] = rebuild(x, [back[y] for y in x.operands])
    for x, derivative in zip(moving, found, strict=True):
        yield names[x], back[derivative]


def _inside(node: Node, names: Mapping[Node, str]) -> Sequence[Node]:
    """The node and what it is made of down to nodes that have names, operands first."""
    found, pending = {node}, [node]
    while pending:
        for x in pending.pop().operands:
            if x not in names and x.op.family != LEAF and x not in found:
                found.add(x)
                pending.append(x)
    return sorted(found, key=lambda x: x.serial)
