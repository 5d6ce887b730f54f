"""Indexing and its adjoint: ``index`` reads elements of an array, ``place`` adds them into zeros.

Both hold a tuple of *items*, one for each axis of the whole array (the operand of ``index``, the
result of ``place``):

* ``("all",)``: the axis stays; its label is that of the part's axis;
* ``("slice", start, stop, step, axis)``: a slice of NumPy's, along that axis of the part; two
  slices along the same axis of the part of a ``place`` are a diagonal;
* ``("int", k)``: one element;
* ``("array", i)``: the elements that operand i numbers; its labels are axes of the part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..dims import Size, divide
from ..graph import CONTRACT, INT, SPECIAL, Label, Labels, Node, Op, fresh, is_whole, make
from ..indexed import Indexed, operators
from ..normal import contract, full

Item = tuple
REVERSED = (None, None, -1)


class Indexing(Op):
    """The two operations; `name` tells which."""

    family = SPECIAL

    def __init__(self, name: str):
        super().__init__(name, SPECIAL)
        self.finite = True
        operators[name] = self

    def renew(self, operands, labels, out, attrs, shape):
        if operands[0].is_zero:
            return full(0, shape)
        return make(self, operands, labels, out, attrs, shape, operands[0].dtype)

    def axes_of(self, y: Indexed, xs: Sequence[Indexed], attrs: tuple) -> tuple[Label, ...]:
        """Return the labels along which elements move."""
        if self is index:
            return tuple(k for k in y.labels if k not in xs[0].labels)
        return tuple(k for k, item in zip(y.labels, attrs[0], strict=True) if item[0] != "all")

    def pull(self, g: Indexed, y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the adjoint of the array; those that number elements have none."""
        kept = tuple(k for k in g.labels if k not in y.labels)
        rest = (None,) * (len(xs) - 1)
        everything = (("all",),) * len(kept)
        whole, part = (xs[0], y) if self is index else (y, xs[0])
        items = everything + labelled(attrs[0], part.labels)
        if self is index:
            sizes = {**g.sizes, **whole.sizes}
            return (placed(g, (*kept, *whole.labels), items, xs[1:], sizes), *rest)
        g = Indexed(g.to((*kept, *whole.labels)), (*kept, *whole.labels))
        return (taken(g, items, xs[1:]), *rest)

    def push(self, tangents: Sequence[Indexed], y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the tangent of the result; both operations are linear."""
        dx = tangents[0]
        kept = tuple(k for k in dx.labels if k not in xs[0].labels)
        everything = (("all",),) * len(kept)
        whole, part = (xs[0], y) if self is index else (y, xs[0])
        items = everything + labelled(attrs[0], part.labels)
        if self is index:
            dx = Indexed(dx.to((*kept, *whole.labels)), (*kept, *whole.labels))
            return taken(dx, items, xs[1:])
        return placed(dx, (*kept, *whole.labels), items, xs[1:], {**dx.sizes, **whole.sizes})


index, place = Indexing("index"), Indexing("place")


def labelled(items: Sequence[Item], part: Labels) -> tuple[Item, ...]:
    """Return items whose slices name the label of their axis in place of its number."""
    return tuple((*i[:4], part[i[4]]) if i[0] == "slice" else i for i in items)


def _numbered(items: Sequence[Item], part: Labels) -> tuple[Item, ...]:
    return tuple((*i[:4], part.index(i[4])) if i[0] == "slice" else i for i in items)


def taken(x: Indexed, items: Sequence[Item], arrays: Sequence[Indexed]) -> Indexed:
    """Return the elements of `x` that `items` (with labels) choose, in NumPy's order of axes."""
    moved = [k for k, item in zip(x.labels, items, strict=True) if item[0] != "all"]
    plan = Plan.of(items, x.labels, [a.labels for a in arrays])
    sizes: dict[Label, Size] = {**x.sizes}
    for a in arrays:
        sizes |= a.sizes
    for item, n in zip(items, x.node.shape, strict=True):
        if item[0] == "slice":
            sizes[item[4]] = slice_size(n, *item[1:4])
    out = plan.part
    part = None if arrays else _put_there(x, items)
    if part is not None:
        return part
    if is_constant_along(x, moved):
        return replaced_along(x, out, sizes)
    inner = [
        k if item[0] == "all" else -1 - i
        for i, (k, item) in enumerate(zip(x.labels, items, strict=True))
    ]
    nodes, labels = [x.node, *(a.node for a in arrays)], [inner, *(a.labels for a in arrays)]
    shape = [sizes[k] for k in out]
    attrs = (_numbered(items, out),)
    return Indexed(make(index, nodes, labels, out, attrs, shape, x.node.dtype), out)


def is_constant_along(x: Indexed, axes: Sequence[Label]) -> bool:
    """Whether `x` is known to be the same everywhere along the labels `axes`."""
    if x.node.op is not CONTRACT or is_whole(x.node):
        return False
    present = {x.labels[k] for ls in x.node.labels for k in ls if k < x.node.rank}
    return present.isdisjoint(axes)


def replaced_along(x: Indexed, out: Labels, sizes: dict[Label, Size]) -> Indexed:
    """Return `x`, constant along the axes that `out` lacks, with those of `out` in their place."""
    node = x.node
    rows = [tuple(x.labels[k] if k < node.rank else -1 - k for k in ls) for ls in node.labels]
    known = {k: sizes[k] for k in out}
    return Indexed(
        contract(node.coefficient, zip(node.operands, rows, strict=True), out, known), out
    )


def _put_there(x: Indexed, items: Sequence[Item]) -> Indexed | None:
    """Return what was placed where `items` look for it, or None if it was not."""
    node = x.node
    if node.op is not place or len(node.operands) > 1 or is_whole(node):
        return None
    if any(a[:4] != b[:4] for a, b in zip(items, node.attrs[0], strict=True)):
        return None
    slices = {
        theirs[4]: own[4]
        for own, theirs in zip(items, node.attrs[0], strict=True)
        if own[0] == "slice"
    }
    labels = [x.labels[k] if k < node.rank else slices[i] for i, k in enumerate(node.labels[0])]
    return Indexed(node.operands[0], labels)


def placed(
    g: Indexed, out: Labels, items: Sequence[Item], arrays: Sequence[Indexed], sizes: dict
) -> Indexed:
    """Return an array of zeros with the axes `out` to which `g` is added where `items` say."""
    plan = Plan.of(items, out, [a.labels for a in arrays])
    if all(item[0] == "all" or item[1:4] == REVERSED for item in items):
        back = {item[4]: k for k, item in zip(out, items, strict=True) if item[0] == "slice"}
        turned = [("slice", *REVERSED, back[k]) if k in back else ("all",) for k in g.labels]
        return taken(g, turned, ())  # the reverse of the reverse
    g = Indexed(g.to(plan.part, {k: sizes[k] for k in plan.part}), plan.part)
    attrs = (_numbered(items, plan.part),)
    # Labels of elements that are chosen mean nothing outside: those of the whole are new ones.
    whole = [
        k if i[0] == "all" else -1 - n for n, (k, i) in enumerate(zip(out, items, strict=True))
    ]
    nodes, labels = [g.node, *(a.node for a in arrays)], [g.labels, *(a.labels for a in arrays)]
    return Indexed(make(place, nodes, labels, whole, attrs, [sizes[k] for k in out]), out)


@dataclass(frozen=True)
class Plan:
    """How NumPy would write ``whole[items]``.

    `block` are the labels of the arrays, broadcast together; `aranges` are the axes that stay and
    are numbered all the same, because an array or another axis runs along them; `part` is the order
    of the axes of the result.
    """

    block: Labels
    aranges: tuple[int, ...]
    part: Labels

    @staticmethod
    def of(items: Sequence[Item], whole: Labels, arrays: Sequence[Labels]) -> Plan:
        widest = max(arrays, key=len, default=())
        slices = [item[4] for item in items if item[0] == "slice"]
        joint = [k for k in slices if slices.count(k) > 1]
        block = tuple(dict.fromkeys([*widest, *(k for ls in arrays for k in ls), *joint]))
        aranges = tuple(
            i
            for i, (k, item) in enumerate(zip(whole, items, strict=True))
            if (item[0] == "all" and k in block) or (item[0] == "slice" and item[4] in block)
        )
        numbered = [
            i
            for i, item in enumerate(items)
            if block and (item[0] in ("int", "array") or i in aranges)
        ]
        together = numbered == list(range(numbered[0], numbered[-1] + 1)) if numbered else True
        part: list[Label] = [] if together else list(block)
        for i, (k, item) in enumerate(zip(whole, items, strict=True)):
            if numbered and together and i == numbered[0]:
                part += block
            if i in aranges:
                continue
            if item[0] == "slice":
                part.append(item[4])
            elif item[0] == "all":
                part.append(k)
        return Plan(block, aranges, tuple(part))


def counted(size: Size, item: Item) -> tuple[Size, Size, int]:
    """Return how many elements an item of an axis of that size stands for, the first, the step."""
    start, stop, step = item[1:4] if item[0] == "slice" else (None, None, 1)
    count = slice_size(size, start, stop, step)
    if all(v is None or isinstance(v, int) for v in (size, start, stop)):
        return count, range(*slice(start, stop, step).indices(size)).start, step
    low, high = slice_bounds(size, start, stop, step)
    return count, low if step > 0 else high - 1, step


def slice_size(n: Size, start: Size | None, stop: Size | None, step: int) -> Size:
    """Return how many elements ``start:stop:step`` has of `n`.

    For sizes that are names the bounds are taken to lie within the axis. Raises ValueError where
    the number is no size that can be written.
    """
    if all(v is None or isinstance(v, int) for v in (n, start, stop)):
        return len(range(*slice(start, stop, step).indices(n)))
    low, high = slice_bounds(n, start, stop, step)
    size = divide(high - low + abs(step) - 1, abs(step))
    return max(0, size) if isinstance(size, int) else size


def slice_bounds(n: Size, start: Size | None, stop: Size | None, step: int) -> tuple[Size, Size]:
    """Return between which places, counted from the front, a slice lies."""
    if step > 0:
        return (
            0 if start is None else _from_front(start, n),
            n if stop is None else _from_front(stop, n),
        )
    return (
        0 if stop is None else _from_front(stop, n) + 1,
        n if start is None else _from_front(start, n) + 1,
    )


def _from_front(bound: Size, n: Size) -> Size:
    return n + bound if isinstance(bound, int) and bound < 0 else bound


class Nonzero(Op):
    """The places where a boolean vector is true, in order: as many as ``count(mask)``."""

    family = SPECIAL
    dtype = INT

    def axes_of(self, y: Indexed, xs: Sequence[Indexed], attrs: tuple) -> tuple[Label, ...]:
        """Return the label along which elements move."""
        return y.labels

    def renew(self, operands, labels, out, attrs, shape):
        return make(self, operands, labels, out, attrs, shape)

    def __call__(self, mask: Node, count: Size) -> Indexed:
        """Return the places where `mask` is true, of which there are `count`."""
        (own,), (out,) = fresh(1), fresh(1)
        return Indexed(make(self, [mask], [(own,)], (out,), (), [count]), (out,))


operators["nonzero"] = nonzero = Nonzero("nonzero", SPECIAL)
nonzero.finite = True
