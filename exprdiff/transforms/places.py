"""Where the elements of a derivative stand: the parts of an array that is zero elsewhere.

A Jacobian of an elementwise function is a diagonal, of a stencil a few of them, of a product of
matrices blocks along one. A :class:`Part` says so: its values, over labels of their own, and for
each axis of the whole the place of the element with these labels. Two axes whose places have the
same label form a diagonal. Nothing of a part is ever multiplied by a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..dims import Size
from ..graph import Label, Labels, Node, eye, fresh, make
from ..indexed import Indexed, product, reciprocal, total
from ..ops.indexing import Item, Plan, _numbered, counted, place, taken


class Apart(Exception):
    """Places that do not fit each other: the value must become an array."""


@dataclass(frozen=True)
class At:
    """Element ``first + step * k`` of an axis of that `size`, where `label` counts k.

    `item` is the slice that says the same, where there is one as the user wrote it.
    """

    label: Label
    size: Size
    first: Size = 0
    step: int = 1
    item: Item | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Fixed:
    """One element of an axis."""

    index: Size


@dataclass(frozen=True)
class Chosen:
    """The elements of an axis that an array of integers numbers; its axes have `labels`."""

    node: Node
    labels: Labels


Place = At | Fixed | Chosen


@dataclass(frozen=True)
class Part:
    """Values and the places where they stand; `sizes` has the size of each label of the places.

    The labels of `value` are among those of the places; along the others it is constant.
    """

    value: Indexed
    places: tuple[Place, ...]
    sizes: dict[Label, Size] = field(hash=False)

    @property
    def labels(self) -> Labels:
        """The labels of the places, in order of first appearance."""
        return labels_of(self.places)

    def whole(self, place: Place) -> bool:
        """Whether a place runs along all of its axis."""
        return is_whole(place, self.sizes)

    @property
    def is_dense(self) -> bool:
        """Whether the part is the whole array."""
        return all(map(self.whole, self.places)) and len(self.labels) == len(self.places)

    @property
    def pattern(self) -> tuple:
        """What parts that stand in the same places have in common."""
        names = {k: i for i, k in enumerate(self.labels)}
        rows = []
        for p in self.places:
            match p:
                case At():
                    rows.append((names[p.label], self.sizes[p.label], p.first, p.step))
                case Fixed():
                    rows.append((p.index,))
                case Chosen():
                    rows.append((p.node, tuple(names[k] for k in p.labels)))
        return tuple(rows)

    def renamed(self, names: dict[Label, Label]) -> Part:
        """Return the same part with other labels."""
        value = Indexed(self.value.node, [names.get(k, k) for k in self.value.labels])
        sizes = {names.get(k, k): n for k, n in self.sizes.items()}
        return Part(value, tuple(substituted(p, names) for p in self.places), sizes)

    def copy(self) -> Part:
        """Return the same part with labels that nothing else uses."""
        return self.renamed(dict(zip(self.labels, fresh(len(self.labels)), strict=True)))


def element(index: Size, size: Size) -> Fixed:
    """Return the place of one element of an axis, counted from the front."""
    return Fixed(size + index if isinstance(index, int) and index < 0 else index)


def labels_of(places: Iterable[Place]) -> Labels:
    """Return the labels of places, in order of first appearance."""
    found: dict[Label, None] = {}
    for p in places:
        if isinstance(p, At):
            found.setdefault(p.label)
        elif isinstance(p, Chosen):
            found.update(dict.fromkeys(p.labels))
    return tuple(found)


def is_whole(place: Place, sizes: dict[Label, Size]) -> bool:
    """Whether a place runs along all of its axis, element by element."""
    return (
        isinstance(place, At)
        and place.first == 0
        and place.step == 1
        and sizes[place.label] == place.size
    )


def substituted(place: Place, names: dict[Label, Label]) -> Place:
    """Return a place with other labels."""
    if isinstance(place, At):
        return replace(place, label=names.get(place.label, place.label))
    if isinstance(place, Chosen):
        return Chosen(place.node, tuple(names.get(k, k) for k in place.labels))
    return place


def inside(outer: Place, label: Label, inner: Place, sizes: dict[Label, Size]) -> Place:
    """Return the place `outer` with what `label` counts read at the places `inner`.

    Raises Apart where that is no place.
    """
    if isinstance(outer, At) and outer.label == label:
        if isinstance(inner, At):
            if is_whole(replace(inner, size=sizes[label]), sizes):
                return replace(outer, label=inner.label)
            first = outer.first + outer.step * inner.first
            found = At(inner.label, outer.size, first, outer.step * inner.step)
            last = first + found.step * (sizes[inner.label] - 1)
            if found.step < 0 and not isinstance(last, int):
                raise Apart  # no slice says it: its bound may be one before the first element
            return found
        if isinstance(inner, Fixed):
            return Fixed(outer.first + outer.step * inner.index)
        if is_whole(outer, sizes):
            return inner
        raise Apart
    if isinstance(outer, Chosen) and label in outer.labels:
        array = at_places(Indexed(outer.node, outer.labels), label, inner, sizes)
        return Chosen(array.node, array.labels)
    return outer


def sliced(label: Label, size: Size, item: Item) -> At:
    """Return the places that the slice `item` chooses of an axis; `label` counts them."""
    _, first, step = counted(size, item)
    return At(label, size, first, step, item)


def as_slice(place: At, count: Size) -> tuple[Size | None, Size | None, int]:
    """Return start, stop and step of a place as NumPy writes them, from the end where shorter."""
    if place.item is not None:
        return place.item[1:4]
    size, first, step = place.size, place.first, place.step
    last = first + step * (count - 1)
    if step > 0:
        start = None if first == 0 else _from_end(first, size)
        stop = None if last == size - 1 else _from_end(last + 1, size)
    else:
        start = None if first == size - 1 else _from_end(first, size)
        stop = None if last == 0 else _from_end(last - 1, size)
    return start, stop, step


def _from_end(bound: Size, size: Size) -> Size:
    if isinstance(bound, int):
        return bound
    rest = bound - size
    return rest if isinstance(rest, int) and rest < 0 else bound


def at_places(x: Indexed, label: Label, where: Place, sizes: dict[Label, Size]) -> Indexed:
    """Return `x` with its axis `label`, where it has one, read at the places `where`.

    Raises Apart where NumPy has no plain subscript for it.
    """
    if label not in x.labels:
        return x
    known = {**sizes, **x.sizes}
    if isinstance(where, At) and is_whole(replace(where, size=known[label]), known):
        return Indexed(x.node, [where.label if k == label else k for k in x.labels])
    if x.labels.count(label) > 1:
        raise Apart
    if x.node.op.inverts:
        base = x.node.operands[0]
        inner = Indexed(base, [x.labels[k] for k in x.node.labels[0]])
        return reciprocal(at_places(inner, label, where, sizes))
    arrays: list[Indexed] = []
    item: Item
    if isinstance(where, At):
        if where.label in x.labels:
            raise Apart
        item = ("slice", *as_slice(where, sizes[where.label]), where.label)
    elif isinstance(where, Fixed):
        item = ("int", _from_end(where.index, known[label]))
    else:
        item, arrays = ("array", 1), [Indexed(where.node, where.labels)]
    return taken(x, [item if k == label else ("all",) for k in x.labels], arrays)


def merged(parts: Iterable[Part]) -> list[Part]:
    """Add up parts that stand in the same places; leave out those that are zero."""
    groups: dict[tuple, list[Part]] = {}
    for part in parts:
        if not part.value.node.is_zero:
            groups.setdefault(part.pattern, []).append(part)
    result = []
    for first, *others in groups.values():
        values = [first.value]
        for part in others:
            names = dict(zip(part.labels, first.labels, strict=True))
            values.append(part.renamed(names).value)
        value = values[0]
        if others:
            present = {k for v in values for k in v.labels}
            out = [k for k in first.labels if k in present]
            value = total([(1, v) for v in values], out)
        if not value.node.is_zero:
            result.append(replace(first, value=value))
    return result


def array_of(part: Part, shape: Sequence[Size]) -> Node:
    """Return the whole array, zero where the part does not stand."""
    labels, sizes = part.labels, part.sizes
    if part.is_dense:
        return part.value.to(labels, {k: sizes[k] for k in labels})
    square = len(shape) == 2 and len(labels) == 1 and all(map(part.whole, part.places))
    if square and not part.value.labels:
        delta = Indexed(eye(shape[0]))
        return product([part.value, delta], delta.labels).node
    return _placed(part, shape)


def _placed(part: Part, shape: Sequence[Size]) -> Node:
    ats = [p.label for p in part.places if isinstance(p, At)]
    blocks = {k for p in part.places if isinstance(p, Chosen) for k in p.labels}
    shared = {k for k in ats if ats.count(k) > 1 or k in blocks}
    items: list[Item] = []
    arrays: list[Indexed] = []
    whole: list[Label] = []
    for p, n in zip(part.places, shape, strict=True):
        (name,) = fresh(1)
        match p:
            case At() if p.label not in shared and part.whole(p):
                items.append(("all",))
                name = p.label
            case At():
                items.append(("slice", *as_slice(p, part.sizes[p.label]), p.label))
            case Fixed():
                items.append(("int", _from_end(p.index, n)))
            case Chosen():
                arrays.append(Indexed(p.node, p.labels))
                items.append(("array", len(arrays)))
        whole.append(name)
    plan = Plan.of(items, whole, [a.labels for a in arrays])
    value = part.value.to(plan.part, {k: part.sizes[k] for k in plan.part})
    nodes, labels = [value, *(a.node for a in arrays)], [plan.part, *(a.labels for a in arrays)]
    return make(place, nodes, labels, whole, (_numbered(items, plan.part),), shape)


def entire(node: Node) -> Part:
    """Return the part that is all of `node`."""
    value = Indexed(node)
    places = tuple(At(k, n) for k, n in zip(value.labels, node.shape, strict=True))
    return Part(value, places, value.sizes)
