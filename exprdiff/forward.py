"""Forward-mode differentiation, symbol to symbol: the tangent of every node, operands first.

The dual of :mod:`exprdiff.reverse`: the tangent of a sum is the sum of tangents, of a contraction
the sum over its factors with the tangent in one's place, of a map the partial derivatives times the
tangents; other operations have a rule. Labels of the seeds stay in front of every tangent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .graph import ADD, BOOL, CONTRACT, MAP, REAL, Labels, Node, fresh, topological
from .indexed import Indexed, product, total


def tangents(outputs: Sequence[Node], seeds: Mapping[Node, Indexed]) -> dict[Node, Node]:
    """Return the tangent of every node between the keys of `seeds` and `outputs`.

    `seeds` gives the tangents of nodes: their last labels belong to the node's axes, in order, and
    those before are the same for all; they come first on every tangent, and then the node's own.
    An output that depends on no seed has the tangent 0.
    """
    kept: Labels = ()
    sizes: dict = {}
    result: dict[Node, Node] = {}
    for node, seed in seeds.items():
        kept = seed.labels[: len(seed.labels) - node.rank]
        sizes = dict(zip(kept, seed.node.shape, strict=False))
        result[node] = seed.node
    for node in topological(outputs):
        if node.dtype == REAL and node not in result and any(x in result for x in node.operands):
            result[node] = tangent(node, result, kept, sizes)
    for node in outputs:
        if node not in result:
            out = (*kept, *fresh(node.rank))
            shape = (*sizes.values(), *node.shape)
            result[node] = total([], out, dict(zip(out, shape, strict=True))).node
    return result


def tangent(node: Node, known: Mapping[Node, Node], kept: Labels = (), sizes=None) -> Node:
    """Return the tangent of one node, given those of its operands; what has none does not move.

    The labels `kept`, of those `sizes`, come first on every tangent, and then the node's own.
    """
    sizes = sizes or {}
    labels = fresh(node.rank)
    everything = sizes | dict(zip(labels, node.shape, strict=True))
    terms = [(1, t) for t in _terms(node, labels, kept, sizes, known)]
    return total(terms, (*kept, *labels), everything).node


def _terms(node: Node, labels: Labels, kept: Labels, sizes: dict, known: Mapping[Node, Node]):
    """Yield what the tangent of `node` is the sum of."""
    inner = dict(zip(range(node.rank), labels, strict=True))
    for k in node.summed:
        inner[k] = fresh(1)[0]
    xs = [
        Indexed(x, tuple(inner[k] for k in ls))
        for x, ls in zip(node.operands, node.labels, strict=True)
    ]
    moving = [Indexed(known[x.node], (*kept, *x.labels)) if x.node in known else None for x in xs]
    if node.op is ADD:
        for c, dx in zip(node.attrs, moving, strict=True):
            if dx is not None:
                yield product([dx], coefficient=c)
    elif node.op is CONTRACT:
        for i, dx in enumerate(moving):
            if dx is not None and dx.node.dtype != BOOL:
                factors = [*xs[:i], dx, *xs[i + 1 :]]
                present = {k for f in factors for k in f.labels}
                out = [k for k in (*kept, *labels) if k in present]
                yield product(factors, out, node.coefficient)
    elif node.op.family == MAP:
        y = Indexed(node, labels)
        for i, dx in enumerate(moving):
            if dx is not None and xs[i].node.dtype != BOOL:
                partial = node.op.partial(i, y, xs, node.attrs)
                if partial is not None and not partial.node.is_zero:
                    yield partial * dx
    else:
        y = Indexed(node, labels)
        yield node.op.push([_or_zero(dx, x, sizes) for dx, x in zip(moving, xs, strict=True)], y,
                           xs, node.attrs)  # fmt: skip


def _or_zero(dx: Indexed | None, x: Indexed, sizes: dict) -> Indexed:
    """Return a tangent, 0 where there is none."""
    if dx is not None:
        return dx
    out = (*sizes, *x.labels)
    return total([], out, sizes | x.sizes)
