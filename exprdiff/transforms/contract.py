"""Contraction planning: the cheapest pairwise order for products of several factors.

``A @ B @ C @ x`` is evaluated right to left, whatever was written: three products of a matrix and a
vector, not two of matrices. A product inside a product is opened only where nothing else needs it;
where no other order is cheaper, the order stays the user's. The order is exact up to
:data:`MOST` factors (dynamic programming over subsets, as for matrix chains; Cormen et al.,
*Introduction to Algorithms*, section 15.2), beyond which groups are planned apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from .. import exact
from ..dims import Dim, Size, names_of
from ..graph import BOOL, CONTRACT, Label, Node, fresh, keep_whole, topological
from ..normal import Factor, contract, rebuild
from .rewrite import Fired, use_counts

MOST = 7  # factors whose order is planned together
TYPICAL = 1000  # what a size name counts for
GAIN = 0.95  # a new order must cost less than this share of the user's
SHARED = 0.5  # and less than this one where it computes again what others need too
SMALLER = 0.1  # or hold no array larger than this share of the user's, at no more cost
FAST = 16  # multiplications of a matrix product in the time in which one element is moved


@dataclass(frozen=True)
class Group:
    """A product opened into its factors, what its present form costs, its largest value inside."""

    coefficient: exact.Number
    factors: tuple[Factor, ...]
    cost: float
    peak: float = 0.0


def plan(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which products of three and more factors cost least.

    Symbolic sizes count alike; a tie keeps the user's order.
    """
    uses = use_counts(roots)
    groups: dict[Node, Group] = {}
    new: dict[Node, Node] = {}
    for node in topological([*roots, *soft]):
        result = rebuild(node, [new[x] for x in node.operands])
        if result.op is CONTRACT:
            single = {new[x] for x in node.operands if uses.get(x, 0) <= 1}
            result = _planned(result, single, groups)
        new[node] = result
    return new


def _planned(node: Node, single: set[Node], groups: dict[Node, Group]) -> Node:
    if any(x.dtype == BOOL for x in node.operands):
        return _selected_first(node)
    own = _Order([f for f in zip(node.operands, node.labels, strict=True) if f[1]], node.axes)
    group, opened = _opened(node, single, groups, own)
    groups[node] = group
    limit = GAIN
    if node.summed and not opened:
        # What others need too is computed in any case: it costs this product nothing.
        wider, opened = _opened(node, set(node.operands), groups, own)
        if opened:
            group, limit = Group(wider.coefficient, wider.factors, own.cost), SHARED
    tensors = [f for f in group.factors if f[1]]
    if len(tensors) > MOST or not any(_gone(tensors, node.axes)):
        return node
    if len(tensors) < 3 and not (opened and node.shape and _is_matrix_product(node, tensors)):
        return node
    order = _Order(tensors, node.axes) if opened else own
    if opened and order.cost >= limit * group.cost:
        smaller = limit == GAIN and order.peak <= SMALLER * group.peak
        if not smaller or order.cost > group.cost:
            return node
    scalars = [f for f in group.factors if not f[1]]
    result = order.build(group.coefficient, scalars, dict(enumerate(node.shape)))
    groups[result] = Group(group.coefficient, group.factors, order.cost, order.peak)
    return result


def _opened(
    node: Node, may: set[Node], groups: dict[Node, Group], own: _Order
) -> tuple[Group, bool]:
    """Return a product with the products in `may` among its factors opened, and if any was."""
    coefficient = node.coefficient
    factors: list[Factor] = []
    cost, peak = own.cost, own.peak
    opened = False
    for x, labels in zip(node.operands, node.labels, strict=True):
        group = groups.get(x) if x in may else None
        tensors = sum(bool(ls) for _, ls in group.factors) if group else 0
        fits = group and len(factors) + len(group.factors) <= 2 * MOST
        if fits and len(factors) + tensors <= MOST:
            product = exact.times(coefficient, group.coefficient)
            if product is not None:
                coefficient = product
                names = dict(zip(x.axes, labels, strict=True))
                for f, ls in group.factors:
                    for k in ls:
                        names.setdefault(k, fresh(1)[0])
                    factors.append((f, tuple(names[k] for k in ls)))
                cost += group.cost
                peak = max(peak, group.peak, weight(x.shape))
                opened = True
                continue
        factors.append((x, labels))
    return Group(coefficient, tuple(factors), cost, peak), opened


def _is_matrix_product(node: Node, factors: Sequence[Factor]) -> bool:
    """Whether a sum is one of two factors with different axes, and not of their product."""
    inner = any(x.summed for x in node.operands if x.op is CONTRACT)
    return not inner and len(factors) == 2 and set(factors[0][1]) != set(factors[1][1])


def _gone(factors: Sequence[Factor], out) -> list[Label]:
    return [k for _, ls in factors for k in ls if k not in out]


def _selected_first(node: Node) -> Node:
    """Let a selection meet the factors that share its labels before the others are contracted.

    Only factors that are finite may wait: where the selection is false the product is 0.
    """
    factors = list(zip(node.operands, node.labels, strict=True))
    chosen = {k for x, ls in factors if x.dtype == BOOL for k in ls}
    near = [f for f in factors if f[1] and chosen.issuperset(f[1])]
    far = [f for f in factors if f[1] and not chosen.issuperset(f[1])]
    scalars = [f for f in factors if not f[1]]
    if not far or not node.summed or not all(x.finite for x, _ in far):
        return node
    labels = tuple(dict.fromkeys(k for _, ls in near for k in ls))
    inner = contract(1, near, labels)
    keep_whole(inner)
    return contract(
        node.coefficient, [*scalars, (inner, labels), *far], node.axes, dict(enumerate(node.shape))
    )


class _Order:
    """The cheapest order of one product: `cost`, and how to build it."""

    def __init__(self, factors: Sequence[Factor], out: Sequence[Label]):
        self.factors, self.out = list(factors), tuple(out)
        self.sizes: dict[Label, float] = {}
        for x, ls in self.factors:
            for k, n in zip(ls, x.shape, strict=True):
                self.sizes[k] = _weight(n)
        self.everything = (1 << len(self.factors)) - 1
        self.best: dict[int, tuple[float, int]] = {}
        self.cost = self._plan()
        self.peak = self._peak()

    def _labels(self, group: int) -> frozenset[Label]:
        """Labels that the product of a group of factors still has."""
        inside = {k for i, (_, ls) in enumerate(self.factors) if group >> i & 1 for k in ls}
        needed = set(self.out)
        for i, (_, ls) in enumerate(self.factors):
            if not group >> i & 1:
                needed.update(ls)
        return frozenset(inside & needed)

    def _work(self, labels) -> float:
        work = 1.0
        for k in labels:
            work *= self.sizes[k]
        return work

    def _step(self, left: frozenset[Label], right: frozenset[Label], out: frozenset[Label]):
        """What a product of two costs: moving what it reads and writes, and multiplying.

        A product that sums multiplies fast, as matrix products do; others are bound by memory.
        """
        both = left | right
        moved = self._work(left) + self._work(right) + self._work(out)
        return moved + self._work(both) / (FAST if both != out else 1)

    def _peak(self) -> float:
        """The size of the largest value that is neither a factor nor the result."""
        peak, pending = 0.0, [self.everything] if self.factors else []
        while pending:
            group = pending.pop()
            part = self.best[group][1]
            if part:
                pending += [part, group ^ part]
                if group != self.everything:
                    peak = max(peak, self._work(self._labels(group)))
        return peak

    def _plan(self) -> float:
        count = len(self.factors)
        labels = {}
        for size in range(1, count + 1):
            for chosen in combinations(range(count), size):
                group = sum(1 << i for i in chosen)
                labels[group] = self._labels(group)
                if size == 1:
                    ls = self.factors[chosen[0]][1]
                    reduced = len(labels[group]) < len(ls)
                    self.best[group] = (self._work(set(ls)) if reduced else 0.0, 0)
                    continue
                lowest = chosen[0]
                self.best[group] = min(
                    (
                        self.best[part][0]
                        + self.best[group ^ part][0]
                        + self._step(labels[part], labels[group ^ part], labels[group]),
                        part,
                    )
                    for part in _parts(group)
                    if part >> lowest & 1
                )
        return self.best[self.everything][0] if count else 0.0

    def build(self, coefficient, scalars: Sequence[Factor], sizes) -> Node:
        """Return the product in this order; numbers and scalars come with the last step."""
        left, right = self.best[self.everything][1], 0
        right = self.everything ^ left
        parts = [self._node(left), self._node(right)]
        return contract(coefficient, [*scalars, *parts], self.out, sizes)

    def _node(self, group: int) -> Factor:
        members = [f for i, f in enumerate(self.factors) if group >> i & 1]
        part = self.best[group][1]
        if part:
            members = sorted(
                [(part, self._node(part)), (group ^ part, self._node(group ^ part))],
                key=lambda p: (p[0] & -p[0]).bit_length(),
            )
            members = [f for _, f in members]
        kept = self._labels(group)
        order = tuple(dict.fromkeys(k for _, ls in members for k in ls if k in kept))
        if {k for _, ls in members for k in ls} == kept:
            order = self._arranged(order)
        return contract(1, members, order), order

    def _arranged(self, labels: Sequence[Label]) -> tuple[Label, ...]:
        """The axes of a product that does not sum, as the matrix product around it likes them."""
        free = sorted((k for k in labels if k in self.out), key=self.out.index)
        gone = [k for k in labels if k not in self.out]
        first = bool(self.out) and self.out[0] in labels
        return (*free, *gone) if first else (*gone, *free)


def _parts(group: int):
    """Yield the proper subsets of a set of bits."""
    part = (group - 1) & group
    while part:
        yield part
        part = (part - 1) & group


def weight(sizes: Iterable[Size]) -> float:
    """Return about how many elements an array of these sizes has."""
    total = 1.0
    for size in sizes:
        total *= _weight(size)
    return total


def _weight(size: Size) -> float:
    if isinstance(size, Dim):
        return float(abs(size.value(dict.fromkeys(names_of([size]), TYPICAL))) or 1)
    return float(size or 1)
