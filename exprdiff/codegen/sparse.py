"""How a derivative that is zero in most places is written: vectors, blocks, coordinates, patterns.

The coordinates are numbers of rows and columns of the matrix whose rows are the elements of the
output and whose columns those of the input, both in C order, as SciPy's sparse arrays take them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..dims import Size, product, show_shape
from ..ops.define import ATOM, PRODUCT, SUM
from ..ops.indexing import nonzero
from ..transforms.places import At, Chosen, Place, labels_of
from ..transforms.products import Product
from ..transforms.sparsity import BLOCKS, COORDINATES, DIAGONAL, DIAGONALS, PATTERN, Form
from .align import shape_text, size_text, spread
from .expression import Expression
from .layout import assignment, call_lines, has_comma, returned
from .schedule import Body, Scheduler
from .target import steps

LONGEST, WIDTH = 88, 96  # characters of lines of a docstring
ROOM = 70  # characters of arrays that are joined on one line

SENTENCES = {
    DIAGONAL: "its diagonal",
    DIAGONALS: "(diagonals, offsets) for scipy.sparse.diags_array",
    BLOCKS: "the blocks along its diagonal",
    COORDINATES: "(data, (rows, columns)) for scipy.sparse.coo_array",
    PATTERN: "a boolean matrix",
}


def returns(
    made: Product, body: Body, scheduler: Scheduler, sentence: str
) -> tuple[list[str], str]:
    """Return the last lines of a function whose results come in forms, and its docstring."""
    given = iter(body.results)
    lines: list[str] = []
    items: list[str] = []
    known: dict[str, str] = {}
    for form in made.forms:
        values = [next(given) for _ in form.values]
        for _ in form.arrays:
            next(given)  # a copy, where what is wanted here is the array itself
        arrays = {node: scheduler.texts[node] for node in form.arrays}
        suffix = str(len(items) + 1) if len(made.forms) > 1 else ""
        writer = _Writer(form, scheduler, arrays, known, suffix)
        items.append(writer.text(values))
        lines += writer.lines
    if made.columns > 1:
        rows = [items[i : i + made.columns] for i in range(0, len(items), made.columns)]
        text = ", ".join(f"({', '.join(map(_bracketed, row))})" for row in rows)
    else:
        text = items[0] if len(items) == 1 else ", ".join(map(_bracketed, items))
    described = [_described(form) for form in made.forms]
    if len(described) == 1:
        line = f"Return {sentence}: {described[0]}."
        if len(line) > LONGEST:
            line = f"Return {sentence}: {SENTENCES[made.forms[0].kind]}."
        return [*lines, *returned(text)], line
    rows = "" if made.columns < 2 else f" in {len(items) // made.columns} rows of blocks"
    each = [f"{name}: {what}."[:WIDTH] for name, what in zip(made.called, described, strict=True)]
    return [*lines, *returned(text)], "\n".join([f"Return {sentence}{rows}.", "", *each])


def _described(form: Form) -> str:
    shape = [product(form.rows), product(form.columns)]
    if form.kind in (DIAGONAL, BLOCKS):
        shape = list(form.values[0].shape)
    return f"{SENTENCES[form.kind]}, {show_shape(shape)}"


def _bracketed(text: str) -> str:
    """Return a text that is a tuple in brackets."""
    return f"({text})" if has_comma(text) else text


class _Writer:
    """Writes one derivative; `lines` are those that its coordinates need.

    `known` are texts that have a line and a name; names of this one's own end in `suffix`.
    """

    def __init__(
        self, form: Form, scheduler: Scheduler, arrays: dict, known: dict[str, str], suffix: str
    ):
        self.form, self.scheduler, self.arrays = form, scheduler, arrays
        self.known, self.suffix = known, suffix
        self.lines: list[str] = []

    def text(self, values: Sequence[Expression]) -> str:
        """Return the text of what is returned."""
        form = self.form
        if form.kind == DIAGONALS:
            offsets = ", ".join(map(str, form.offsets))
            return f"{_tuple([x.text for x in values])}, ({offsets}{',' * (len(values) == 1)})"
        if form.kind in (DIAGONAL, BLOCKS):
            return values[0].text
        return self.pattern() if form.kind == PATTERN else self.coordinates(values)

    def assign(self, name: str, text: str) -> str:
        """Give a text a line and a name, and return the name."""
        name = self.scheduler.names.take(name)
        self.lines += assignment(name, text)
        return name

    def pattern(self) -> str:
        """Return the name of a boolean matrix."""
        shape = (product(self.form.rows), product(self.form.columns))
        whole = f"({', '.join(map(size_text, shape))})"
        if any(self.is_dense(places, k) for k, places in enumerate(self.form.places)):
            return f"np.ones({whole}, dtype=bool)"
        subscripts, single = [], []
        for places, sizes in self.numbered():
            rows, columns = (spread(x, tuple(sizes)) for x in self.numbers(places, sizes))
            if sizes:
                subscripts.append(f"{rows.text}, {columns.text}")
            else:
                single.append((rows.text, columns.text))
        if len(single) > 1:
            subscripts.append(", ".join(f"[{', '.join(x)}]" for x in zip(*single, strict=True)))
        elif single:
            subscripts.append(", ".join(single[0]))
        name = self.assign(f"pattern{self.suffix}", f"np.zeros({whole}, dtype=bool)")
        for both in subscripts:
            self.lines += call_lines(f"{name}[{both}] = True")
        return name

    def is_dense(self, places: Sequence[Place], k: int) -> bool:
        """Whether a part is the whole matrix."""
        return len(self.form.sizes[k]) == len(places) and all(
            isinstance(p, At) and p.first == 0 and p.step == 1
            and self.form.sizes[k][p.label] == p.size for p in places
        )  # fmt: skip

    def coordinates(self, values: Sequence[Expression]) -> str:
        """Return the text of ``data, (rows, columns)``."""
        columns: dict[str, list[str]] = {"data": [], "rows": [], "columns": []}
        single: dict[str, list[str]] = {name: [] for name in columns}
        for value, (places, sizes) in zip(values, self.numbered(), strict=True):
            if not sizes:
                found = (value, *self.numbers(places, sizes))
                for row, x in zip(single, found, strict=True):
                    single[row].append(x.text)
                continue
            flat = replace(value, labels=tuple(sizes))
            for row, x in zip(columns, (flat, *self.numbers(places, sizes)), strict=True):
                columns[row].append(_flat(x, sizes))
        names = []
        for name, texts in columns.items():
            if single[name]:
                texts.append(f"np.array([{', '.join(single[name])}])")
            if len(texts) > 1 and sum(map(len, texts)) > ROOM:
                texts = self.apart(name, texts)
            if not texts:
                texts = ["np.zeros(0)" if name == "data" else "np.zeros(0, dtype=int)"]
            joined = texts[0] if len(texts) == 1 else f"np.concatenate([{', '.join(texts)}])"
            if not joined.isidentifier() and joined not in self.known:
                self.known[joined] = self.assign(name + self.suffix, joined)
            names.append(self.known.get(joined, joined))
        return f"{names[0]}, ({names[1]}, {names[2]})"

    def apart(self, name: str, texts: Sequence[str]) -> list[str]:
        """Give each of several long texts a line; equal ones share it."""
        stem = "values" if name == "data" else "index"
        for text in dict.fromkeys(texts):
            if text not in self.known and not text.isidentifier():
                count = sum(x.startswith(stem) for x in self.known.values())
                self.known[text] = self.assign(f"{stem}{count + 1}", text)
        return [self.known.get(text, text) for text in texts]

    def numbered(self) -> Iterator[tuple[tuple[Place, ...], dict[int, Size]]]:
        """Yield the places of each part and the sizes of its labels."""
        return zip(self.form.places, self.form.sizes, strict=True)

    def numbers(self, places: Sequence[Place], sizes: dict[int, Size]) -> list[Expression]:
        """Return the numbers of the rows and of the columns where a part stands."""
        cut = len(self.form.rows)
        labels = tuple(sizes)
        return [
            self.number(places[:cut], self.form.rows, sizes, labels),
            self.number(places[cut:], self.form.columns, sizes, labels),
        ]

    def number(self, places, shape, sizes, labels) -> Expression:
        """Return the number in C order of the element that stands at `places` of an array."""
        terms = []
        used = tuple(k for k in labels if k in labels_of(places))
        for i, place in enumerate(places):
            x = self.position(place, shape[i], sizes)
            if x.text == "0":
                continue
            x = spread(x, used)
            stride = product(shape[i + 1 :])
            if stride != 1:
                x = Expression(f"{x.at_least(PRODUCT)} * {_operand(stride)}", PRODUCT)
            terms.append(x)
        if len(terms) == 1:
            return Expression(terms[0].text, terms[0].precedence, used)
        text = " + ".join(x.at_least(PRODUCT) for x in terms) or "0"
        return Expression(text, SUM if terms else ATOM, used)

    def position(self, place: Place, size: Size, sizes: dict[int, Size]) -> Expression:
        """Return the numbers of the elements of one axis of that size, counted from the front."""
        if isinstance(place, At):
            x = steps(sizes[place.label], place.first, place.step, self.scheduler.counter)
            return Expression(x.text, x.precedence, (place.label,))
        if isinstance(place, Chosen):
            array = self.arrays[place.node]
            if place.node.op is nonzero:
                return Expression(f"np.flatnonzero({array.text})", ATOM, place.labels)
            text = f"{array.at_least(PRODUCT)} % {_operand(size)}"
            return Expression(text, PRODUCT, place.labels)
        last = isinstance(place.index, int) and place.index < 0
        index = size + place.index if last else place.index
        return Expression(size_text(index), ATOM if isinstance(index, int) else SUM)


def _operand(size: Size) -> str:
    """Return the text of a size as an operand of a product."""
    text = size_text(size)
    return f"({text})" if " " in text else text


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _flat(x: Expression, sizes: dict[int, Size]) -> str:
    """Return a vector of the values of `x` over all labels, in their order."""
    labels = tuple(sizes)
    if not labels:
        return f"np.array([{x.text}])"
    if x.labels == labels:
        return x.text if len(labels) == 1 else f"{x.at_least(ATOM)}.ravel()"
    shape = shape_text([sizes[k] for k in labels])
    if not x.labels and x.text == "0":
        return f"np.zeros({size_text(product(sizes.values()))}, dtype=int)"
    if not x.labels:
        return f"np.full({size_text(product(sizes.values()))}, {x.text})"
    whole = f"np.broadcast_to({spread(x, labels).text}, {shape})"
    return whole if len(labels) == 1 else f"{whole}.ravel()"
