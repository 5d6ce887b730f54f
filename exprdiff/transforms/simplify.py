"""Bring the adjoints into the form in which a person writes them.

Works on the derivative alone: the forward sweep keeps the user's order of evaluation, adjoint sums
are ours to order. Three steps for each node: scalars come out of products, what all terms of a sum
share comes out of the sum, and terms are put in reading order.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import exact
from ..graph import ADD, BOOL, CONTRACT, Node, is_whole, keep_whole, topological
from ..indexed import Indexed, reciprocal
from ..normal import Factor, add, contract, rebuild
from .rewrite import Fired, use_counts

MOST = 4  # scalars taken out of products into one: more would copy long chains again and again


def simplify(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new; nodes in `primal` stay, named ones keep their bounds.

    Identities over the reals that add no rounding beyond a reordering of adjoint sums.
    """
    roots = [*roots, *soft]
    uses = use_counts(roots)
    named = set(roots)
    new: dict[Node, Node] = {}
    kept: set[Node] = set()  # new nodes that must stay whole: named, or of the forward sweep
    shared: set[Node] = set()
    for node in topological(roots):
        if node in primal:
            new[node] = node
            kept.add(node)
            continue
        result = rebuild(node, [new[x] for x in node.operands])
        if result.op is CONTRACT:
            result = _turned(result, kept, shared)
        if result.op is CONTRACT:
            result = _hoist(result, kept, shared)
        if result.op is ADD:
            result = _aligned(_merged(result, kept, shared), kept, shared)
            result = _ordered(_factored(result, kept))
        if is_whole(node):
            keep_whole(result)
        new[node] = result
        if node in named:
            kept.add(result)
        if uses[node] > 1:
            shared.add(result)
    return new


def _factors(node: Node) -> list[Factor]:
    return list(zip(node.operands, node.labels, strict=True))


def _turned(node: Node, kept: set[Node], shared: set[Node]) -> Node:
    """Write a product that is only transposed and scaled here in the order that is wanted."""
    if len(node.operands) != 1 or node.summed:
        return node
    (x,), (labels,) = node.operands, node.labels
    if x.op not in (CONTRACT, ADD) or x in kept or x in shared or is_whole(x) or _selects(x):
        return node
    if sorted(labels) != list(node.axes):
        return node
    if x.op is ADD:
        if labels == node.axes:
            return node
        rows = [tuple(labels[k] for k in ls) for ls in x.labels]
        inner = add(zip(x.attrs, x.operands, rows, strict=True), node.axes, _sizes(node))
        return contract(node.coefficient, [(inner, node.axes)], node.axes)
    coefficient = exact.times(node.coefficient, x.coefficient)
    if coefficient is None:
        return node
    names = dict(enumerate(labels)) | {k: k + node.rank for k in x.summed}
    factors = [(f, tuple(names[k] for k in ls)) for f, ls in _factors(x)]
    return contract(coefficient, factors, node.axes, dict(enumerate(node.shape)))


def _hoist(node: Node, kept: set[Node], shared: set[Node]) -> Node:
    """Move numbers and scalar factors of inner products out, to the front."""
    coefficient = node.coefficient
    scalars: list[Factor] = []
    others: list[Factor] = []
    for x, labels in _factors(node):
        if x.op is CONTRACT and x not in kept and not _selects(x):
            outer = [f for f in _factors(x) if not f[1]] if labels else []
            if len(scalars) + len(outer) > MOST or (not labels and x in shared):
                others.append((x, labels))
                continue
            product = exact.times(coefficient, x.coefficient)
            if product is not None and (outer or x.coefficient != 1):
                coefficient = product
                scalars += outer
                inner = [f for f in _factors(x) if f not in outer]
                rest = contract(1, inner, x.axes, dict(enumerate(x.shape)))
                others.append((rest, labels))
                continue
        (others if labels else scalars).append((x, labels))
    coefficient, scalars = _cancelled(coefficient, scalars)
    scalars, others = _reduced(scalars), _reduced(others)
    if coefficient == -1 and len(others) == 1 and not scalars:
        x, labels = others[0]
        if x.op is ADD and x not in kept and x not in shared and labels == node.axes:
            terms = zip((-c for c in x.attrs), x.operands, x.labels, strict=True)
            return add(terms, x.axes, dict(enumerate(x.shape)))
    if scalars and others and node.summed:
        # A sum that others may share; what it is multiplied by stays outside.
        inner = contract(1, others, node.axes, _sizes(node))
        return contract(coefficient, [*scalars, (inner, node.axes)], node.axes)
    return contract(coefficient, scalars + others, node.axes, _sizes(node))


def _reduced(factors: list[Factor]) -> list[Factor]:
    """Let a factor meet its own reciprocal: ``x / x`` is 1, also in the limit at 0."""
    for i, (x, labels) in enumerate(factors):
        if x.op.inverts:
            base = x.operands[0], tuple(labels[k] for k in x.labels[0])
            if base in factors:
                j = factors.index(base)
                return _reduced([f for k, f in enumerate(factors) if k not in (i, j)])
    return factors


def _cancelled(coefficient: exact.Number, scalars: list[Factor]):
    """Let a coefficient meet the same number in a denominator: ``2*w / (2*C)`` is ``w / C``."""
    for i, (x, labels) in enumerate(scalars):
        bottom = x.operands[0] if x.op.inverts else x
        if x.op.inverts and bottom.op is CONTRACT and abs(bottom.coefficient) != 1:
            quotient = exact.over(coefficient, bottom.coefficient)
            if quotient in (1, -1):
                plain = contract(1, _factors(bottom), bottom.axes, dict(enumerate(bottom.shape)))
                inverse = reciprocal(Indexed(plain)).node
                return quotient, [*scalars[:i], (inverse, labels), *scalars[i + 1 :]]
    return coefficient, scalars


def _sizes(node: Node) -> dict:
    sizes = dict(enumerate(node.shape))
    for x, labels in _factors(node):
        sizes.update(zip(labels, x.shape, strict=True))
    return sizes


def _selects(node: Node) -> bool:
    return any(x.dtype == BOOL for x in node.operands)


def _merged(node: Node, kept: set[Node], shared: set[Node]) -> Node:
    """Write the terms of an inner sum that nothing else needs into the sum around it."""
    terms = []
    merged = False
    for c, x, labels in zip(node.attrs, node.operands, node.labels, strict=True):
        if x.op is ADD and x not in kept and x not in shared:
            merged = True
            for c2, x2, labels2 in zip(x.attrs, x.operands, x.labels, strict=True):
                product = exact.times(c, c2)
                if product is None:
                    return node
                terms.append((product, x2, tuple(labels[k] for k in labels2)))
        else:
            terms.append((c, x, labels))
    return add(terms, node.axes, dict(enumerate(node.shape))) if merged else node


def _aligned(node: Node, kept: set[Node], shared: set[Node]) -> Node:
    """Write the terms of a sum that are products in the sum's own order of axes."""
    if node.op is not ADD:
        return node  # its terms cancelled
    terms = []
    for c, x, labels in zip(node.attrs, node.operands, node.labels, strict=True):
        order = tuple(sorted(labels))
        if labels != order and len(set(labels)) == len(labels):
            x, labels = _turned(contract(1, [(x, labels)], order), kept, shared), order
        terms.append((c, x, labels))
    return add(terms, node.axes, dict(enumerate(node.shape)))


def _factored(node: Node, kept: set[Node]) -> Node:
    """Bring a factor that all terms share, and a common coefficient, out of a sum."""
    if node.op is not ADD:
        return node
    split = [_split(x, labels, kept) for x, labels in _factors(node)]
    first = split[0]
    common = [f for f in first if all(f in factors for factors in split[1:])]
    common = list(dict.fromkeys(common))
    size = abs(node.attrs[0])
    scale = size if size != 1 and all(abs(c) == size for c in node.attrs) else 1
    if not common and scale == 1:
        return node
    terms = []
    for c, factors in zip(node.attrs, split, strict=True):
        rest = list(factors)
        for f in common:
            rest.remove(f)
        coefficient = exact.over(c, scale)
        if coefficient is None:
            return node
        terms.append((coefficient, rest))
    labels = [k for k in node.axes if any(k in ls for _, rest in terms for _, ls in rest)]
    sizes = dict(enumerate(node.shape))
    for _, rest in terms:
        for x, ls in rest:
            sizes.update(zip(ls, x.shape, strict=True))
    inner = []
    for c, rest in terms:
        own = [k for k in labels if any(k in ls for _, ls in rest)]
        inner.append((c, contract(1, rest, own), tuple(own)))
    total = _ordered(add(inner, labels, sizes))
    return contract(scale, [*common, (total, tuple(labels))], node.axes, sizes)


def _split(x: Node, labels, kept: set[Node]) -> list[Factor]:
    """The factors of a term; inner labels of a sum within it get names of their own."""
    if x.op is not CONTRACT or x in kept or x.coefficient != 1 or x.summed:
        return [(x, tuple(labels))]
    return [(f, tuple(labels[k] for k in ls)) for f, ls in _factors(x)]


def _ordered(node: Node) -> Node:
    """Put matrix products first, and a positive term before a negative one."""
    if node.op is not ADD:
        return node
    terms = list(zip(node.attrs, node.operands, node.labels, strict=True))
    ordered = sorted(terms, key=lambda t: not (t[1].op is CONTRACT and bool(t[1].summed)))
    if ordered[0][0] < 0:
        positive = next((t for t in ordered if t[0] > 0), None)
        if positive is not None:
            ordered.remove(positive)
            ordered.insert(0, positive)
    if ordered == terms:
        return node
    return add(ordered, node.axes, dict(enumerate(node.shape)))
