"""Keep what is zero out of a derivative: deltas are eliminated by renaming, never multiplied.

Works on the derivative alone, operands first. A value that depends on a seed's delta is kept as a
sum of parts (:mod:`.places`) and a dense rest: a product with a delta reads its other factors along
the diagonal, a product summed with one loses a label, a slice moves the places. A product is
distributed over the parts of a factor, never over the terms of its rest, so that chains stay
linear. Where the parts would be too many, or an operation mixes elements, they become an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ..dims import Size
from ..graph import ADD, CONTRACT, EYE, Label, Labels, Node, fresh, number, topological
from ..indexed import Indexed
from ..normal import add, contract, rebuild
from ..ops.indexing import Item, index, place, slice_size
from ..ops.matrices import inv, solution
from .places import (
    Apart,
    At,
    Chosen,
    Part,
    Place,
    array_of,
    at_places,
    element,
    entire,
    inside,
    is_whole,
    labels_of,
    merged,
    sliced,
)

MOST_PARTS = 24  # that one value is kept as
MOST_ELEMENTS = 2000  # single elements among them


@dataclass(frozen=True)
class Structure:
    """A value as the sum of `parts` and of a dense `rest`, which may be None."""

    parts: tuple[Part, ...]
    rest: Node | None = None

    def array(self, shape: Sequence[Size]) -> Node:
        """Return the value as one array."""
        axes = tuple(range(len(shape)))
        terms = [] if self.rest is None else [(1, self.rest, axes)]
        terms += [(1, array_of(part, shape), axes) for part in self.parts]
        return add(terms, axes, dict(zip(axes, shape, strict=True)))


def turned(structure: Structure, rank: int) -> Structure:
    """Return the structure of the transpose: the first `rank` axes come last."""
    parts = [replace(p, places=(*p.places[rank:], *p.places[:rank])) for p in structure.parts]
    rest = structure.rest
    if rest is not None:
        axes = (*rest.axes[rank:], *rest.axes[:rank])
        rest = Indexed(rest, rest.axes).to(axes)
    return Structure(tuple(parts), rest)


class _Nowhere(Exception):
    """Slices that do not meet: what would be read is 0."""


class _Product:
    """A product in the making: its factors, and where the labels that parts have stand.

    `bound` maps a label of the contraction to the place that a part has for it.
    """

    def __init__(self, factors: Iterable[Indexed] = (), bound=(), sizes=()):
        self.factors: list[Indexed] = list(factors)
        self.bound: dict[Label, Place] = dict(bound)
        self.sizes: dict[Label, Size] = dict(sizes)

    def with_array(self, x: Node, labels: Labels) -> _Product:
        """Return this product with a dense factor more, its axes called `labels`."""
        return _Product([*self.factors, Indexed(x, labels)], self.bound, self.sizes)

    def with_part(self, part: Part, labels: Labels) -> _Product:
        """Return this product with a part as one more factor, its axes called `labels`."""
        own = part.copy()
        result = _Product([*self.factors, own.value], self.bound, {**self.sizes, **own.sizes})
        # Waiting under names of their own, its places take part in what is substituted.
        waiting = fresh(len(labels))
        result.bound.update(zip(waiting, own.places, strict=True))
        for k, name in zip(labels, waiting, strict=True):
            where = result.bound.pop(name)
            result.bound[k] = result.unified(result.bound.get(k), where)
        return result

    def unified(self, known: Place | None, new: Place) -> Place:
        """Let two places of one label be the same place, and return it."""
        if known is None or known == new:
            return new
        if is_whole(new, self.sizes):
            self.substitute(new.label, known)
            return known
        if is_whole(known, self.sizes):
            self.substitute(known.label, new)
            return new
        if isinstance(known, At) and isinstance(new, At):
            count = self.sizes[known.label]
            if (known.first, known.step, count) == (new.first, new.step, self.sizes[new.label]):
                self.substitute(new.label, At(known.label, count))
                return known
        raise Apart

    def substitute(self, label: Label, other: Place) -> None:
        """Read everything that has `label` at the places `other` instead."""
        if label in labels_of([other]):
            raise Apart
        places = {k: inside(p, label, other, self.sizes) for k, p in self.bound.items()}
        self.factors = [at_places(x, label, other, self.sizes) for x in self.factors]
        self.bound = places
        del self.sizes[label]

    def sliced(self, where: Place, n: Size, item: Item) -> Place:
        """Return the place, in a slice of an axis of size `n`, of what stands at `where` in it."""
        (label,) = fresh(1)
        wanted, count = sliced(label, n, item), slice_size(n, *item[1:4])
        self.sizes[label] = count
        if is_whole(where, self.sizes):
            self.substitute(where.label, wanted)
            return At(label, count)
        if not isinstance(where, At) or wanted.step != 1 or where.step != 1:
            raise Apart
        # Two stretches of one axis: what both have, counted from where it begins.
        low, high = _later(where.first, wanted.first), _earlier(
            where.first + self.sizes[where.label], wanted.first + count
        )
        self.sizes[label] = both = high - low
        if isinstance(both, int) and both <= 0:
            raise _Nowhere
        self.substitute(where.label, At(label, self.sizes[where.label], low - where.first))
        return At(label, count, low - wanted.first)

    def finished(self, coefficient, out: Labels, shape: Sequence[Size]) -> Part:
        """Return the product, summed over all labels but `out`, as a part."""
        factors = self.factors
        for k, where in self.bound.items():
            factors = [at_places(x, k, where, self.sizes) for x in factors]
        sizes = self.sizes | {k: n for k, n in zip(out, shape, strict=True) if k not in self.bound}
        places = [self.bound.get(k) or At(k, n) for k, n in zip(out, shape, strict=True)]
        labels = labels_of(places)
        present = {k for x in factors for k in x.labels}
        kept = tuple(k for k in labels if k in present)
        summed = {k: n for k, n in self.sizes.items() if k not in labels}
        value = contract(coefficient, [(x.node, x.labels) for x in factors], kept, summed)
        return Part(Indexed(value, kept), tuple(places), {k: sizes[k] for k in labels}).copy()


class Structures:
    """The pass over everything that `roots` need, but for the nodes in `primal`."""

    def __init__(self, roots: Sequence[Node], primal: set[Node]):
        self.known: dict[Node, Structure] = {}
        self.arrays: dict[Node, Node] = {}
        rules: dict = {EYE: self._delta, CONTRACT: self._product, ADD: self._sum}
        rules |= {index: self._read, place: self._placed, solution: self._solved}
        for node in topological(roots):
            rule: Callable | None = rules.get(node.op)
            if node in primal:
                self.arrays[node] = node
                continue
            found = None
            if rule is not None and (node.op is EYE or any(x in self.known for x in node.operands)):
                try:
                    found = rule(node)
                except Apart:
                    found = None
            if found is None:
                self.arrays[node] = rebuild(node, [self.array(x) for x in node.operands])
            elif found.parts:
                self.known[node] = found
            else:
                self.arrays[node] = found.array(node.shape)

    def array(self, node: Node) -> Node:
        """Return the array that a node of the old graph is."""
        if node not in self.arrays:
            self.arrays[node] = self.known[node].array(node.shape)
        return self.arrays[node]

    def of_root(self, node: Node) -> Structure:
        """Return the structure of a root, also where it adds slices into zeros without a delta."""
        if node in self.known:
            return self.known[node]
        array = self.array(node)
        terms = [(1, array, array.axes)]
        if array.op is ADD:
            terms = list(zip(array.attrs, array.operands, array.labels, strict=True))
        parts, rest = [], []
        for c, x, labels in terms:
            if x.op is place and labels == array.axes:
                part = _moved(x, entire(x.operands[0]), x.operands[1:])
                parts.append(replace(part, value=_scaled(c, part.value)))
            else:
                rest.append((c, x, labels))
        return _settled(parts, rest, array.shape, limited=False)

    # -- the rules: None, or Apart raised, where the node becomes an array -------------------------

    def _delta(self, node: Node) -> Structure:
        (label,), n = fresh(1), node.shape[0]
        one = Indexed(number(1), ())
        return Structure((Part(one, (At(label, n), At(label, n)), {label: n}),))

    def _product(self, node: Node) -> Structure:
        """Distribute a product over the parts of its factors."""
        products = [_Product()]
        for x, labels in zip(node.operands, node.labels, strict=True):
            found = self.known.get(x) or Structure((), self.array(x))
            made = [p.with_part(part, labels) for p in products for part in found.parts]
            if found.rest is not None:
                made += [p.with_array(found.rest, labels) for p in products]
            products = made
            _refuse_too_many(bool(p.sizes) for p in products)
        parts = [p.finished(node.coefficient, node.axes, node.shape) for p in products]
        return _settled(parts, [], node.shape)

    def _solved(self, node: Node) -> Structure | None:
        """The solutions for the columns of a delta are those of the inverse."""
        a, b = node.operands
        if a in self.known:
            return None
        found, rest = self.known[b], []
        if found.rest is not None:
            rest = [(1, rebuild(node, [self.array(a), found.rest]), node.axes)]
        (*batch, _, _), own = node.labels[0], node.labels[1]
        inverse = inv(Indexed(self.array(a))).node
        labels = (*batch, node.rank - 1, own[-1])
        parts = [
            _Product().with_array(inverse, labels).with_part(part, own)
            .finished(1, node.axes, node.shape) for part in found.parts
        ]  # fmt: skip
        return _settled(parts, rest, node.shape)

    def _sum(self, node: Node) -> Structure:
        parts, rest = [], []
        for c, x, labels in zip(node.attrs, node.operands, node.labels, strict=True):
            if x not in self.known:
                rest.append((c, self.array(x), labels))
                continue
            if len(set(labels)) < len(labels):
                raise Apart
            found = self.known[x]
            if found.rest is not None:
                rest.append((c, found.rest, labels))
            for part in found.parts:
                own = part.copy()
                at = dict(zip(labels, own.places, strict=True))
                new = {k: fresh(1)[0] for k in node.axes if k not in at}
                sizes = own.sizes | {new[k]: node.shape[k] for k in new}
                places = tuple(at.get(k) or At(new[k], node.shape[k]) for k in node.axes)
                parts.append(Part(_scaled(c, own.value), places, sizes))
        return _settled(parts, rest, node.shape)

    def _read(self, node: Node) -> Structure:
        """Elements that subscripts choose: the places of a part that they meet."""
        x, *arrays = node.operands
        found = self.known[x]
        rest = []
        if found.rest is not None:
            rest = [(1, rebuild(node, [found.rest, *map(self.array, arrays)]), node.axes)]
        parts = []
        for part in found.parts:
            with suppress(_Nowhere):
                parts.append(self._part_read(node, part.copy(), arrays))
        return _settled(parts, rest, node.shape)

    def _part_read(self, node: Node, part: Part, arrays: Sequence[Node]) -> Part:
        p = _Product([part.value], {}, part.sizes)
        waiting = fresh(len(part.places))
        p.bound.update(zip(waiting, part.places, strict=True))
        axes = zip(node.attrs[0], node.labels[0], node.operands[0].shape, waiting, strict=True)
        for item, k, n, name in axes:
            where = p.bound.pop(name)
            if item[0] == "all":
                p.bound[k] = where
            elif item[0] == "int":
                p.unified(where, element(item[1], n))
            elif item[0] == "slice":
                # Two slices along one axis of the part are a diagonal.
                found = p.sliced(where, n, item)  # which may change what is bound
                p.bound[item[4]] = p.unified(p.bound.get(item[4]), found)
            else:
                own = []
                for r, m in zip(node.labels[item[1]], arrays[item[1] - 1].shape, strict=True):
                    (q,) = fresh(1)
                    p.sizes[q] = m
                    p.bound[r] = joint = p.unified(p.bound.get(r), At(q, m))
                    if not is_whole(joint, p.sizes):
                        raise Apart
                    own.append(joint.label)
                p.unified(where, Chosen(self.array(arrays[item[1] - 1]), tuple(own)))
        return p.finished(1, node.axes, node.shape)

    def _placed(self, node: Node) -> Structure:
        """An array of zeros with a part in it: the places move."""
        x, *arrays = node.operands
        found = self.known[x]
        parts = list(found.parts) + ([entire(found.rest)] if found.rest is not None else [])
        moved = [_moved(node, part, list(map(self.array, arrays))) for part in parts]
        return _settled(moved, [], node.shape)


def _later(a: Size, b: Size) -> Size:
    """Return the larger of two sizes. Raises Apart where that depends on their names."""
    if not isinstance(a - b, int):
        raise Apart
    return a if a - b > 0 else b


def _earlier(a: Size, b: Size) -> Size:
    return a + b - _later(a, b)


def _moved(node: Node, part: Part, arrays: Sequence[Node]) -> Part:
    """Return the part of the whole that `part` is, placed where the subscripts of `node` say."""
    own = part.copy()
    at = dict(zip(node.labels[0], own.places, strict=True))
    places: list[Place] = []
    for item, k, n in zip(node.attrs[0], node.axes, node.shape, strict=True):
        if item[0] == "all":
            places.append(at[k])
        elif item[0] == "int":
            places.append(element(item[1], n))
        elif item[0] == "slice":
            (label,) = fresh(1)
            inner = at[node.labels[0][item[4]]]
            count = {label: slice_size(n, *item[1:4])}
            places.append(inside(sliced(label, n, item), label, inner, own.sizes | count))
        else:
            labels = []
            for r in node.labels[item[1]]:
                where = at[r]
                if not is_whole(where, own.sizes):
                    raise Apart
                labels.append(where.label)
            places.append(Chosen(arrays[item[1] - 1], tuple(labels)))
    return replace(own, places=tuple(places))


def _scaled(coefficient, value: Indexed) -> Indexed:
    if coefficient == 1:
        return value
    return Indexed(contract(coefficient, [(value.node, value.labels)], value.labels), value.labels)


def _refuse_too_many(extended: Iterable[bool]) -> None:
    """Raise Apart where parts, of which some are no single elements, are too many."""
    found = list(extended)
    if sum(found) > MOST_PARTS or len(found) > MOST_ELEMENTS:
        raise Apart


def _settled(
    parts: Iterable[Part], rest: list, shape: Sequence[Size], limited: bool = True
) -> Structure:
    """Return the structure of a sum; `rest` are its dense terms (coefficient, node, labels).

    Raises Apart where it is `limited` and has too many parts.
    """
    axes = tuple(range(len(shape)))
    kept = []
    for part in merged(parts):
        if part.is_dense:
            rest.append((1, part.value.to(part.labels, part.sizes), axes))
        else:
            kept.append(part)
    if limited:
        _refuse_too_many(bool(part.labels) for part in kept)
    dense = None
    if rest:
        dense = add(rest, axes, dict(zip(axes, shape, strict=True)))
        if dense.is_zero:
            dense = None
    return Structure(tuple(kept), dense)
