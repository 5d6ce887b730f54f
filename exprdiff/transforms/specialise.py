"""The passes that compute one thing from another, within each emitted function."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import ADD, BOOL, CONTRACT, EYE, INPUT, NUMBER, POSITIVE, Node, fresh, topological
from ..indexed import Indexed
from ..normal import contract, rebuild
from ..ops.arithmetic import greater
from ..ops.elementary import exp, log, relu, sqrt
from ..ops.matrices import cho_solution, cholesky, inv, logdet, solution
from ..ops.reduce import log_softmax, logsumexp, softmax
from .rewrite import Fired, use_counts

MOST = 8  # factors of a product that are looked at


def specialise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which a function reuses what it computes anyway.

    A softmax beside the log_softmax (or logsumexp) of the same operand is the exponential of it;
    what relu(x) > 0 asks is asked of x where relu(x) is not computed.
    """
    order = topological([*roots, *soft])
    uses = use_counts(roots)
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
        elif node.op is greater and node.operands[0].op is relu and uses.get(node.operands[0]) == 1:
            x, bound = result.operands
            if bound.op is NUMBER and bound.value == 0:
                labels = [tuple(node.labels[0][k] for k in x.labels[0]), node.labels[1]]
                base = [x.operands[0], bound]
                result = greater.renew(base, labels, node.axes, (), node.shape)
        new[node] = result
    return new


def _reduced(node: Node) -> tuple[int, ...]:
    """The axes of the operand that a reduction reduces."""
    return tuple(i for i, k in enumerate(node.labels[0]) if k >= node.rank)


def square(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which ``X.T @ (s * X)`` with s >= 0 is ``A.T @ A``.

    With A = sqrt(s) * X (or y * X for s = y * y) the product is one of a matrix with itself, of
    which the libraries under NumPy compute one triangle (syrk): half the work. Dongarra, Du Croz,
    Hammarling and Duff, "A set of level 3 basic linear algebra subprograms" (1990).
    """
    new: dict[Node, Node] = {}
    for node in topological([*roots, *soft]):
        result = rebuild(node, [new[x] for x in node.operands])
        new[node] = _squared(result) if result.op is CONTRACT and result.summed else result
    return new


def _squared(node: Node) -> Node:
    """Return a product with itself, half of whose axes are each factor's; else the node."""
    half = node.rank // 2
    if node.rank != 2 * half or not half or node.shape[:half] != node.shape[half:]:
        return node
    first, second = node.axes[:half], node.axes[half:]
    swap = dict(zip(first + second, second + first, strict=True))
    scalars, mine, theirs, weights = [], [], [], []
    for x, labels in _opened_factors(node):
        sides = [any(k in side for k in labels) for side in (first, second)]
        if not labels:
            scalars.append((x, labels))
        elif all(sides):
            return node
        else:
            (mine if sides[0] else theirs if sides[1] else weights).append((x, labels))
    turned = [(x, tuple(swap.get(k, k) for k in labels)) for x, labels in mine]
    if not weights or len(turned) != len(theirs) or any(f not in theirs for f in turned):
        return node
    twice = list(dict.fromkeys(f for f in weights if weights.count(f) == 2))
    weights = [f for f in weights if f not in twice]
    if any(x.low == 0 or x.dtype == BOOL for x, _ in weights):
        return node
    summed = tuple(dict.fromkeys(k for _, labels in (*twice, *weights) for k in labels))
    if weights:
        root = sqrt(Indexed(contract(1, weights, summed), summed))
        twice.append((root.node, root.labels))
    inner = tuple(dict.fromkeys(k for _, labels in mine for k in labels if k not in first))
    if not set(summed) <= set(inner):
        return node
    weight = contract(1, twice, summed)
    factor = contract(1, [(weight, summed), *mine], (*inner, *first))
    pair = [(factor, (*inner, *first)), (factor, (*inner, *second))]
    return contract(node.coefficient, [*scalars, *pair], node.axes)


def _opened_factors(node: Node) -> list[tuple[Node, tuple]]:
    """The factors of a product, those of products that do not sum among them opened."""
    result = []
    pending = list(zip(node.operands, node.labels, strict=True))[::-1]
    while pending:
        x, labels = pending.pop()
        if x.op is CONTRACT and not x.summed and x.coefficient == 1 and len(pending) < MOST:
            inner = [(y, tuple(labels[k] for k in ls)) for y, ls in _factors(x)]
            pending += inner[::-1]
        else:
            result.append((x, labels))
    return result


def _factors(node: Node):
    return zip(node.operands, node.labels, strict=True)


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
