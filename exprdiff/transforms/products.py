"""Jacobians, Hessians and their products with vectors, from the two modes of differentiation.

A Jacobian is reverse mode that keeps the labels of the output on the adjoint, or forward mode that
keeps those of the input on the tangent, whichever costs less; a Hessian is the Jacobian of the
gradient; its product with a direction is the tangent of the gradient (Pearlmutter, "Fast exact
multiplication by the Hessian", 1994), without the matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..forward import tangents
from ..graph import LEAF, Label, Node, eye, fresh, input_, topological
from ..indexed import Indexed, product, total
from ..ops.indexing import place
from ..reverse import adjoints, symmetric_part
from .contract import plan, weight
from .derived import DERIVATIVE, Quantity
from .sparsity import Form, form_of, pattern, stored
from .structure import Structure, Structures, turned

MOST_SWEEPS = 4  # of forward mode that are tried beside the one of reverse mode
GAIN = 0.5  # forward mode must cost less than this share of reverse mode


@dataclass
class Product:
    """What a function of this kind returns: `results`, in rows of `columns` where it is a matrix.

    `extra` are its arguments besides the inputs: directions, or cotangents. `called` are the names
    of the results. Where there are `forms`, the results are their values and then the arrays that
    number elements, form by form.
    """

    results: list[Node]
    extra: list[Node] = field(default_factory=list)
    columns: int = 0
    called: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    """The outputs to differentiate, the values to differentiate by, and the forward sweep."""

    outputs: Sequence[Quantity]
    variables: Sequence[Quantity]
    primal: set[Node]

    @property
    def nodes(self) -> list[Node]:
        return [x.node for x in self.variables]


def delta(node: Node) -> tuple[Indexed, tuple[Label, ...]]:
    """Return the derivative of a node by itself, axes ``[kept..., own...]``, and those kept."""
    names, own = fresh(node.rank), fresh(node.rank)
    factors = [Indexed(eye(n), (k, j)) for n, k, j in zip(node.shape, names, own, strict=True)]
    return product(factors, (*names, *own)), names


def by_reverse(u: Node, xs: Sequence[Node]) -> list[Node]:
    """Return the derivative of `u` by each of `xs`, axes ``[u..., x...]``, in one sweep."""
    seed = delta(u)[0] if u.rank else None
    found = adjoints(u, xs, seed)
    return [found[x] for x in xs]


def by_forward(u: Node, xs: Sequence[Node]) -> list[Node]:
    """Return the same by one sweep for each of `xs`."""
    results = []
    for x in xs:
        seed, kept = delta(x)
        found = tangents([u], {x: seed})[u]
        own = fresh(u.rank)
        results.append(Indexed(found, (*kept, *own)).to((*own, *kept)))
    return results


def cost(roots: Sequence[Node], known: set[Node]) -> float:
    """Return about how many operations `roots` take beyond the nodes that are `known`."""
    work = 0.0
    planned = plan(roots, (), known, [])
    for node in topological([planned[root] for root in roots]):
        if node in known or node.op.family == LEAF:
            continue
        if node.op is place:  # zeros come cheap
            work += weight(node.operands[0].shape)
            continue
        sizes = dict(enumerate(node.shape))
        for x, labels in zip(node.operands, node.labels, strict=True):
            sizes.update(zip(labels, x.shape, strict=True))
        work += max(1, len(node.operands) - 1) * weight(sizes.values())
    return work


def _candidates(u: Node, xs: Sequence[Node], primal: set[Node]):
    """Yield (roots, their structures) for each mode that is worth a try; reverse mode first."""
    modes: list[Callable] = [by_reverse]
    # The elements of a symmetric matrix do not move apart: its seed is no delta.
    declared = any(x.symmetric and not x.operands for x in xs)
    if u.rank and len(xs) <= MOST_SWEEPS and not declared:
        modes.append(by_forward)
    for mode in modes:
        roots = mode(u, xs)
        yield roots, Structures(roots, primal)


def jacobians(u: Node, xs: Sequence[Node], primal: set[Node]) -> list[Node]:
    """Return the derivative of `u` by each of `xs`, axes ``[u..., x...]``, as arrays.

    By the cheaper mode; reverse where the other is not much cheaper.
    """
    found = [[s.array(root) for root in roots] for roots, s in _candidates(u, xs, primal)]
    best = found[0]
    for other in found[1:]:
        if cost(other, primal) < GAIN * cost(best, primal):
            best = other
    return best


def _jacobian(r: Request) -> Product:
    rows = [jacobians(u.node, r.nodes, r.primal) for u in r.outputs]
    columns = len(r.nodes) if len(rows) > 1 else 0
    return Product([j for row in rows for j in row], [], columns, _first_names(r))


def _first_names(r: Request) -> list[str]:
    return [f"d{u.name}_d{x.name}" for u in r.outputs for x in r.variables]


def _second_names(r: Request) -> list[str]:
    (u,), names = r.outputs, [x.name for x in r.variables]
    pairs = [(x, y) for x in names for y in names]
    return [f"d2{u.name}_d{x}2" if x == y else f"d2{u.name}_d{x}_d{y}" for x, y in pairs]


def _hessian(r: Request) -> Product:
    """Blocks above the diagonal are computed, those below are their transposes."""
    (u,), xs = r.outputs, r.nodes
    found = adjoints(u.node, xs)
    blocks: dict[tuple[int, int], Node] = {}
    for i, x in enumerate(xs):
        known = r.primal | set(topological([found[x]]))
        for j, h in enumerate(jacobians(found[x], xs[i:], known), i):
            blocks[i, j] = h
            if j > i:
                rows, columns = fresh(x.rank), fresh(xs[j].rank)
                blocks[j, i] = Indexed(h, (*rows, *columns)).to((*columns, *rows))
    pairs = [(i, j) for i in range(len(xs)) for j in range(len(xs))]
    return Product([blocks[p] for p in pairs], [], len(xs), _second_names(r))


def structures(u: Node, xs: Sequence[Node], primal: set[Node]) -> list[Structure]:
    """Return the same derivatives as :func:`jacobians`, as parts, by the mode that needs fewer."""
    found = []
    for roots, s in _candidates(u, xs, primal):
        parts = [s.of_root(root) for root in roots]
        count = sum(stored(p, root.shape) for p, root in zip(parts, roots, strict=True))
        found.append((count, parts))
    return min(found, key=lambda pair: pair[0])[1]


def _in_forms(
    form: Callable, r: Request, us: Sequence[Node], names: list[str], symmetric: bool = False
) -> Product:
    """Return every derivative of `us`, of these names, in the form that it has.

    Of a `symmetric` matrix of blocks those below the diagonal are transposes.
    """
    found: list[list[Structure]] = []
    primal = set(r.primal)
    for u in us:
        primal |= set(topological([u]))
        row = [] if not symmetric else [turned(found[i][len(found)], r.nodes[i].rank)
                                        for i in range(len(found))]  # fmt: skip
        found.append([*row, *structures(u, r.nodes[len(row) :], primal)])
    forms = [
        form(s, (*u.shape, *x.shape), u.rank)
        for u, row in zip(us, found, strict=True)
        for x, s in zip(r.nodes, row, strict=True)
    ]
    results = [node for f in forms for node in (*f.values, *f.arrays)]
    return Product(results, [], len(r.nodes) if len(us) > 1 else 0, names, forms)


def _jacobian_in(form: Callable) -> Callable[[Request], Product]:
    return lambda r: _in_forms(form, r, [u.node for u in r.outputs], _first_names(r))


def _hessian_in(form: Callable) -> Callable[[Request], Product]:
    def make(r: Request) -> Product:
        found = adjoints(r.outputs[0].node, r.nodes)
        return _in_forms(form, r, [found[x] for x in r.nodes], _second_names(r), symmetric=True)

    return make


def _vjp(r: Request) -> Product:
    extra = [input_(f"{DERIVATIVE}{u.name}_bar", u.node.shape) for u in r.outputs]
    if len(extra) == 1:
        found = adjoints(r.outputs[0].node, r.nodes, Indexed(extra[0]))
    else:
        pairs = [(Indexed(u.node), c) for u, c in zip(r.outputs, extra, strict=True)]
        inner = [product([u, Indexed(c, u.labels)], ()) for u, c in pairs]
        found = adjoints(total([(1, x) for x in inner], ()).node, r.nodes)
    names = [f"{x.name}_bar" for x in r.variables]
    return Product([found[x] for x in r.nodes], extra, called=names)


def _directions(r: Request) -> tuple[list[Node], dict[Node, Indexed]]:
    extra = [input_(f"{DERIVATIVE}{x.name}_dot", x.node.shape) for x in r.variables]
    seeds = {x: Indexed(d) for x, d in zip(r.nodes, extra, strict=True)}
    # As in reverse mode: of an input that is declared symmetric, not of values that happen to be.
    declared = [x for x in seeds if x.symmetric and not x.operands]
    return extra, seeds | {x: symmetric_part(seeds[x]) for x in declared}


def _jvp(r: Request) -> Product:
    extra, seeds = _directions(r)
    roots = [u.node for u in r.outputs]
    moved = tangents(roots, seeds)
    return Product([moved[x] for x in roots], extra, called=[f"{u.name}_dot" for u in r.outputs])


def _hvp(r: Request) -> Product:
    extra, seeds = _directions(r)
    found = adjoints(r.outputs[0].node, r.nodes)
    moved = tangents([found[x] for x in r.nodes], seeds)
    return Product([moved[found[x]] for x in r.nodes], extra)


@dataclass(frozen=True)
class Kind:
    """A kind of function: what makes its results, and what they are.

    One of `second` order is of one output, a number; where the variables must not depend on each
    other they are `apart`.
    """

    make: Callable[[Request], Product]
    sentence: str
    second: bool = False
    apart: bool = False


KINDS = {
    "jacobian": Kind(_jacobian, "the Jacobian"),
    "hessian": Kind(_hessian, "the Hessian", second=True, apart=True),
    "jacobian_sparse": Kind(_jacobian_in(form_of), "the Jacobian"),
    "hessian_sparse": Kind(_hessian_in(form_of), "the Hessian", second=True, apart=True),
    "jacobian_sparsity": Kind(_jacobian_in(pattern), "where the Jacobian may differ from 0"),
    "hessian_sparsity": Kind(
        _hessian_in(pattern), "where the Hessian may differ from 0", second=True, apart=True
    ),
    "hvp": Kind(_hvp, "the Hessian times the direction", second=True, apart=True),
    "jvp": Kind(_jvp, "the Jacobian times the direction", apart=True),
    "vjp": Kind(_vjp, "the cotangent times the Jacobian"),
}
