"""Nodes with labels on their axes, as in index notation: the language of derivative rules.

``A[i, j] * x[j]`` aligns by label, so a rule written for plain numbers holds for arrays of any
rank, broadcast in any way, with any further labels passive (batches, or the output's labels that a
Jacobian keeps). Arithmetic here builds graph nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import exact
from .graph import BOOL, INT, MAP, NUMBER, REAL, Label, Labels, Node, Op, fresh, make, number
from .normal import add, contract

#: Elementwise operators that the registry supplies: "power", "reciprocal", "less", "not", ...
operators: dict[str, Callable[..., Indexed]] = {}


class Indexed:
    """A node and a distinct label for each of its axes."""

    __slots__ = ("labels", "node")

    def __init__(self, node: Node, labels: Sequence[Label] | None = None):
        self.node = node
        self.labels: Labels = fresh(node.rank) if labels is None else tuple(labels)

    @property
    def sizes(self) -> dict[Label, object]:
        """The size of each label."""
        return dict(zip(self.labels, self.node.shape, strict=True))

    def to(self, out: Sequence[Label], sizes: dict | None = None) -> Node:
        """Return a node whose axes are `out`: transposed, broadcast (`sizes`) or summed to fit."""
        out = tuple(out)
        if out == self.labels:
            return self.node
        if self.node.dtype != REAL:
            return _rearranged(self, out, sizes or {})
        return contract(1, [(self.node, self.labels)], out, sizes)

    def sum(self, over: Sequence[Label]) -> Indexed:
        """Return the sum over the labels `over`."""
        return product([self], [k for k in self.labels if k not in over])

    def __mul__(self, other) -> Indexed:
        return product([self, indexed(other)])

    def __rmul__(self, other) -> Indexed:
        return product([indexed(other), self])

    def __truediv__(self, other) -> Indexed:
        return product([self, reciprocal(indexed(other))])

    def __rtruediv__(self, other) -> Indexed:
        return product([indexed(other), reciprocal(self)])

    def __add__(self, other) -> Indexed:
        return total([(1, self), (1, indexed(other))])

    def __radd__(self, other) -> Indexed:
        return total([(1, indexed(other)), (1, self)])

    def __sub__(self, other) -> Indexed:
        return total([(1, self), (-1, indexed(other))])

    def __rsub__(self, other) -> Indexed:
        return total([(1, indexed(other)), (-1, self)])

    def __neg__(self) -> Indexed:
        return product([self], coefficient=-1)

    def __pow__(self, other) -> Indexed:
        return operators["power"](self, indexed(other))

    def __lt__(self, other) -> Indexed:
        return operators["less"](self, indexed(other))

    def __le__(self, other) -> Indexed:
        return operators["less_equal"](self, indexed(other))

    def __gt__(self, other) -> Indexed:
        return operators["greater"](self, indexed(other))

    def __ge__(self, other) -> Indexed:
        return operators["greater_equal"](self, indexed(other))

    def equals(self, other) -> Indexed:
        """Return the boolean ``self == other``."""
        return operators["equal"](self, indexed(other))

    def differs(self, other) -> Indexed:
        """Return the boolean ``self != other``."""
        return operators["not_equal"](self, indexed(other))

    def __invert__(self) -> Indexed:
        return operators["not"](self)

    def __and__(self, other) -> Indexed:
        return operators["and"](self, indexed(other))

    def __or__(self, other) -> Indexed:
        return operators["or"](self, indexed(other))


def _rearranged(x: Indexed, out: Labels, sizes: dict) -> Node:
    """Return a boolean or an integer with the axes `out`.

    Along an axis that a boolean loses it is whether any is true; integers lose axes of size 1.
    """
    known = {**sizes, **x.sizes}
    if x.node.op in (operators["holds"], operators["integer"]):
        # An arrangement of an arrangement is one.
        x = Indexed(x.node.operands[0], [x.labels[k] for k in x.node.labels[0]])
    kept = tuple(k for k in x.labels if k in out)
    if len(kept) < len(x.labels):
        if x.node.dtype == BOOL:
            x = Indexed(contract(1, [(x.node, x.labels)], kept), kept).differs(0)
        else:
            items = tuple(("all",) if k in out else ("int", 0) for k in x.labels)
            attrs, shape = (items,), [known[k] for k in kept]
            node = make(operators["index"], [x.node], [x.labels], kept, attrs, shape, INT)
            x = Indexed(node, kept)
    if x.labels == out:
        return x.node
    op = operators["holds" if x.node.dtype == BOOL else "integer"]
    return make(op, [x.node], [x.labels], out, (), [known[k] for k in out])


def indexed(value) -> Indexed:
    """Return `value` (an Indexed, or a number) as an Indexed."""
    return value if isinstance(value, Indexed) else Indexed(number(value), ())


def union(operands: Sequence[Indexed]) -> Labels:
    """Return all labels of `operands`: those of the highest rank, the others around them.

    What earlier operands add comes before, what later ones add comes after: NumPy's order for
    broadcasting and for outer products, so that no transpose is needed where none is meant.
    """
    widest: Labels = ()
    for x in operands:
        if len(x.labels) > len(widest):
            widest = x.labels
    if all(x.labels == widest or not x.labels for x in operands):
        return tuple(dict.fromkeys(widest))
    place = next(i for i, x in enumerate(operands) if x.labels == widest)
    before = [k for x in operands[:place] for k in x.labels if k not in widest]
    after = [k for x in operands[place:] for k in x.labels]
    return tuple(dict.fromkeys([*before, *after]))


def product(
    factors: Sequence[Indexed], out: Sequence[Label] | None = None, coefficient=1, sizes=None
) -> Indexed:
    """Return the product of `factors`, summed over the labels that are not in `out`.


    `sizes` serves labels of `out` that no factor has.
    """
    out = union(factors) if out is None else tuple(out)
    return Indexed(contract(coefficient, [(x.node, x.labels) for x in factors], out, sizes), out)


def total(terms: Sequence[tuple[exact.Number, Indexed]], out=None, sizes=None) -> Indexed:
    """Return the sum of (coefficient, value) `terms`, broadcast to the labels `out`."""
    out = union([x for _, x in terms]) if out is None else tuple(out)
    return Indexed(add([(c, x.node, x.labels) for c, x in terms], out, sizes), out)


def apply(op: Op, operands: Sequence[Indexed], attrs: tuple = (), out=None) -> Indexed:
    """Return the elementwise `op` of `operands`, on the union of their labels."""
    assert op.family == MAP
    out = union(operands) if out is None else tuple(out)
    shape: dict = {}
    for x in operands:
        shape.update(zip(x.labels, x.node.shape, strict=True))
    nodes, labels = [x.node for x in operands], [x.labels for x in operands]
    return Indexed(op.renew(nodes, labels, out, attrs, tuple(shape[k] for k in out)), out)


def reciprocal(x: Indexed) -> Indexed:
    """Return ``1 / x``."""
    return operators["reciprocal"](x)


def literal(x: Indexed) -> exact.Number | None:
    """Return the number that `x` is, or None."""
    if x.node.op is NUMBER and x.node.dtype != BOOL:
        return x.node.value
    return None
