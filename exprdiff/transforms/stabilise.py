"""The passes that run the stabilising rules, and the reuse of what is computed anyway."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import Node, fresh, topological
from ..indexed import Indexed
from ..normal import rebuild
from ..ops.elementary import exp
from ..ops.reduce import log_softmax, logsumexp, softmax
from .rewrite import Fired, run
from .rules_stable import STABLE


def stabilise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which every stabilising rule has been applied."""
    return run(STABLE, [*roots, *soft], fired)


def specialise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which a function reuses what it computes anyway.

    A softmax beside the log_softmax (or logsumexp) of the same operand is the exponential of it.
    """
    order = topological([*roots, *soft])
    logs = {(n.operands[0], n.labels, n.attrs) for n in order if n.op is log_softmax}
    sums = {(n.operands[0], _reduced(n)): n for n in order if n.op is logsumexp}
    new: dict[Node, Node] = {}
    for node in order:
        result = rebuild(node, [new[x] for x in node.operands])
        if node.op is softmax:
            labels = fresh(node.rank)
            x = Indexed(result.operands[0], tuple(labels[k] for k in node.labels[0]))
            along = [labels[k] for k in node.attrs[0]]
            axes = tuple(sorted(node.labels[0].index(k) for k in node.attrs[0]))
            if (node.operands[0], node.labels, node.attrs) in logs:
                result = exp(log_softmax(x, along=along)).to(labels)
            elif (node.operands[0], axes) in sums:
                result = exp(x - logsumexp(x, along)).to(labels)
        new[node] = result
    return new


def _reduced(node: Node) -> tuple[int, ...]:
    """The axes of the operand that a reduction reduces."""
    return tuple(i for i, k in enumerate(node.labels[0]) if k >= node.rank)
