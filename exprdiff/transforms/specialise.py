"""The passes that compute one thing from another, within each emitted function."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import ADD, CONTRACT, EYE, INPUT, POSITIVE, Node, fresh, topological
from ..indexed import Indexed
from ..normal import contract, rebuild
from ..ops.elementary import exp, log
from ..ops.matrices import cho_solution, cholesky, inv, logdet, solution
from ..ops.reduce import log_softmax, logsumexp, softmax
from .rewrite import Fired


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


def factorise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which equations and determinants use Cholesky's factor.

    It serves every equation with the same matrix, which must be known to be positive definite.
    Golub and Van Loan, *Matrix Computations* (2013), section 4.2.
    """
    order = topological([*roots, *soft])
    definite: set[Node] = set()
    new: dict[Node, Node] = {}
    for node in order:
        if node.shape and _is_definite(node, definite):
            definite.add(node)
        result = rebuild(node, [new[x] for x in node.operands])
        if node.op in (solution, logdet) and node.operands[0] in definite:
            matrix, *rest = result.operands
            factor = cholesky(Indexed(matrix))
            if node.op is logdet:
                (i,) = fresh(1)
                diagonal = Indexed(contract(1, [(factor.node, (i, i))], (i,)), (i,))
                result = (2 * log(diagonal)).sum((i,)).node
            else:
                labels = fresh(node.rank)
                b = Indexed(rest[0], [labels[k] if k < node.rank else -1 for k in node.labels[1]])
                found = cho_solution(factor, b)
                result = found.to((*labels[:-1], found.labels[-1]))
        new[node] = result
    return new


def _is_definite(node: Node, known: set[Node]) -> bool:
    """Whether a matrix is known to be symmetric and positive definite."""
    if node.rank != 2 or not node.symmetric:
        return False
    if node.op is INPUT:
        return any(fact[0] == "posdef" for fact in node.facts)
    if node.op is inv:
        return node.operands[0] in known
    terms = zip(node.operands, node.labels, strict=True)
    if node.op is ADD:
        matrices = all(len(set(labels)) == 2 for _, labels in terms)
        return matrices and all(
            c > 0 and (x in known or x.op is EYE)
            for c, x in zip(node.attrs, node.operands, strict=True)
        )
    if node.op is CONTRACT and node.coefficient > 0 and not node.summed:
        matrices = [x for x, labels in terms if labels]
        numbers = [x for x in node.operands if not x.shape]
        return (
            len(matrices) == 1
            and (matrices[0] in known or matrices[0].op is EYE)
            and all(x.low == POSITIVE for x in numbers)
        )
    return False
