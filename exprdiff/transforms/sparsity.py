"""Derivatives that are zero in most places, in the structure that they have.

A diagonal is a vector, several diagonals are vectors with offsets, blocks along the diagonal an
array of blocks, anything else coordinates: as SciPy's sparse arrays take them. What a derivative
is follows from the labels alone (:mod:`.structure`), so it is known when the formula is compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..dims import Size, product
from ..graph import Node, fresh
from ..indexed import Indexed
from ..normal import add
from ..ops.indexing import placed
from ..ops.numpy_order import Array
from ..ops.shaping import reshape
from .contract import weight
from .places import At, Chosen, Part, Place, array_of, as_slice, entire
from .structure import Structure

DIAGONAL, DIAGONALS, BLOCKS = "diagonal", "diagonals", "blocks"
COORDINATES, PATTERN = "coordinates", "pattern"


@dataclass(frozen=True)
class Form:
    """How a matrix of `rows` and `columns` (shapes) is given by its `values`.

    `offsets` are those of diagonals; `places` say, for each of the parts of a pattern or of the
    values at coordinates, where its labels stand in the rows and in the columns; the size of a
    label is in `sizes`.
    """

    kind: str
    values: list[Node]
    rows: tuple[Size, ...]
    columns: tuple[Size, ...]
    offsets: tuple[int, ...] = ()
    places: tuple[tuple[Place, ...], ...] = ()
    sizes: tuple[dict[int, Size], ...] = ()

    @property
    def arrays(self) -> list[Node]:
        """The arrays of integers that number elements."""
        found = [p.node for row in self.places for p in row if isinstance(p, Chosen)]
        return list(dict.fromkeys(found))


def stored(structure: Structure, shape: Sequence[Size]) -> float:
    """Return about how many elements the parts and the rest of a derivative have."""
    total = sum(weight(part.sizes.values()) for part in structure.parts)
    return total + (0 if structure.rest is None else weight(shape))


def form_of(structure: Structure, shape: Sequence[Size], rank: int) -> Form:
    """Return the form of a derivative; the first `rank` of its axes are those of the output."""
    rows, columns = tuple(shape[:rank]), tuple(shape[rank:])
    parts = list(structure.parts)
    if structure.rest is not None:
        parts = [entire(structure.array(shape))]
    elif len(rows) == len(columns) == 1 and parts:
        diagonals = _diagonals(parts, rows[0], columns[0])
        if diagonals is not None:
            offsets = tuple(diagonals)
            kind = DIAGONAL if offsets == (0,) and rows == columns else DIAGONALS
            return Form(kind, list(diagonals.values()), rows, columns, offsets)
    if structure.rest is None and parts:
        found = _blocks(parts, shape, rank)
        if found is not None:
            return Form(found[0], [found[1]], rows, columns)
    values = [part.value.to(part.labels, part.sizes) for part in parts]
    return _placed(COORDINATES, parts, values, rows, columns)


def _placed(kind: str, parts: Sequence[Part], values: list[Node], rows, columns) -> Form:
    """Return a form of parts, their labels called 0, 1, ... as the axes of their values."""
    numbered = [part.renamed({k: i for i, k in enumerate(part.labels)}) for part in parts]
    places = tuple(p.places for p in numbered)
    sizes = tuple({k: p.sizes[k] for k in p.labels} for p in numbered)
    return Form(kind, values, rows, columns, (), places, sizes)


def _diagonals(parts: Sequence[Part], m: Size, n: Size) -> dict[int, Node] | None:
    """Return the vector of each diagonal by its offset, or None where there is anything else."""
    found: dict[int, list[tuple[Part, Size]]] = {}
    for part in parts:
        i, j = part.places
        if not (isinstance(i, At) and isinstance(j, At) and i.label == j.label):
            return None
        offset = j.first - i.first
        if i.step != 1 or j.step != 1 or not isinstance(offset, int):
            return None
        found.setdefault(offset, []).append((part, i.first if offset >= 0 else j.first))
    result = {}
    for offset in sorted(found):
        tall, wide = m + min(offset, 0), n - max(offset, 0)
        if not isinstance(tall - wide, int):
            return None
        length = tall if tall - wide <= 0 else wide
        result[offset] = _joined(found[offset], length)
    return result


def _joined(parts: Sequence[tuple[Part, Size]], length: Size) -> Node:
    """Return the vector of that length in which each part begins at its place."""
    terms = []
    for part, first in parts:
        (label,) = part.labels
        count = part.sizes[label]
        value = Indexed(part.value.to((label,), part.sizes), (label,))
        if count == length:
            terms.append((1, value.node, (0,)))
            continue
        where = At(label, length, first)
        items = [("slice", *as_slice(where, count), label)]
        (whole,) = fresh(1)
        vector = placed(value, (whole,), items, (), {label: count, whole: length})
        terms.append((1, vector.node, (0,)))
    return add(terms, (0,), {0: length})


def _blocks(parts: Sequence[Part], shape: Sequence[Size], rank: int) -> tuple[str, Node] | None:
    """Return the diagonal, or the blocks along it, of a matrix that is zero elsewhere.

    The leading axes of rows and columns are then the same for all parts: they count the blocks.
    """
    shared = min(rank, len(shape) - rank)
    for part in parts:
        rows, columns = part.places[:rank], part.places[rank:]
        same = [r == c and part.whole(r) for r, c in zip(rows, columns, strict=False)]
        shared = min(shared, same.index(False) if False in same else shared)
    if not shared:
        return None
    inner = (*shape[:rank], *shape[rank + shared :])
    terms = []
    for part in parts:
        places = (*part.places[:rank], *part.places[rank + shared :])
        own = replace(part, places=places)
        terms.append((1, array_of(own, inner), tuple(range(len(inner)))))
    axes = tuple(range(len(inner)))
    blocks = add(terms, axes, dict(zip(axes, inner, strict=True)))
    if len(inner) == shared:
        return DIAGONAL, reshape(Array(blocks), (-1,)).node if shared > 1 else blocks
    heights, widths = shape[shared:rank], shape[rank + shared :]
    sizes = (product(shape[:shared]), product(heights), product(widths))
    return BLOCKS, blocks if tuple(inner) == sizes else reshape(Array(blocks), sizes).node


def pattern(structure: Structure, shape: Sequence[Size], rank: int) -> Form:
    """Return where a derivative may differ from 0: everywhere, where it has a dense rest."""
    rows, columns = tuple(shape[:rank]), tuple(shape[rank:])
    parts = structure.parts if structure.rest is None else (entire(structure.rest),)
    return _placed(PATTERN, parts, [], rows, columns)
