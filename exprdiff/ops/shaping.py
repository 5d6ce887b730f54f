"""Operations that move elements without changing them: joining, reshaping, repeating, padding.

All are linear, so that the tangent of a result is the same operation on the tangents; an entry
states its adjoint alone. A node's axes are those of its operands, in the same order, but for the
*moved* ones, where elements change places: each operand has labels of its own there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import tensor_messages
from ..dims import Size, product
from ..graph import REAL, SPECIAL, Label, Labels, Node, Op, fresh, make
from ..indexed import Indexed, operators
from .define import Parameter, Spelling, composite
from .indexing import is_constant_along, replaced_along, taken
from .numpy_order import Array, normal_axes, real

#: What an entry's fields are written with: the text of a size.
SizeText = Callable[[Size], str]


class Shaping(Op):
    """An operation that moves elements along the axes ``attrs[0]``, positions in the result.

    ``vjp(g, y, xs, moved, *attrs[1:])`` returns the adjoint of each operand, where `moved` are the
    labels of the result's moved axes; ``fields(node, text)`` the fields of its template.
    """

    family = SPECIAL

    def __init__(self, name: str, numpy: str, vjp: Callable, fields: Callable, is_view=False):
        super().__init__(name, SPECIAL)
        self.vjp, self.fields, self.is_view = vjp, fields, is_view
        self.numpy = Spelling(numpy)
        self.finite, self.low = True, _low
        operators[name] = self

    def renew(self, operands, labels, out, attrs, shape):
        return make(self, operands, labels, out, attrs, shape, operands[0].dtype)

    def axes_of(self, y: Indexed, xs: Sequence[Indexed], attrs: tuple) -> Labels:
        """Return the labels along which elements move."""
        return tuple(y.labels[k] for k in attrs[0])

    def pull(self, g: Indexed, y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the adjoints of the operands; further labels of `g` stay on them."""
        return tuple(self.vjp(g, y, xs, self.axes_of(y, xs, attrs), *attrs[1:]))

    def push(self, tangents: Sequence[Indexed], y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the tangent of the result."""
        inner = [[k for k in x.labels if k not in y.labels] for x in xs]
        moved = self.axes_of(y, xs, attrs)
        return self(tangents, inner, moved, [y.sizes[k] for k in moved], attrs[1:])

    def __call__(
        self,
        xs: Sequence[Indexed],
        inner: Sequence[Sequence[Label]],
        moved: Sequence[Label],
        sizes: Sequence[Size],
        attrs: tuple = (),
    ) -> Indexed:
        """Apply to `xs`, whose labels `inner` become the labels `moved` with these `sizes`.

        Where the two are not as many, they must stand together, and those moved come where `inner`
        was, or first where an operand has none.
        """
        known = {k: n for x in xs for k, n in x.sizes.items()}
        out = _with_moved(xs, inner, moved)
        arranged = []
        for x, own in zip(xs, inner, strict=True):
            wanted = _replaced(out, moved, own)
            arranged.append(Indexed(x.to(wanted, {k: known[k] for k in wanted}), wanted))
        known |= dict(zip(moved, sizes, strict=True))
        return Indexed(
            self.renew(
                [x.node for x in arranged],
                [x.labels for x in arranged],
                out,
                (tuple(out.index(k) for k in moved), *attrs),
                [known[k] for k in out],
            ),
            out,
        )


def _low(node: Node) -> int:
    return min(x.low for x in node.operands)


def _with_moved(xs, inner, moved) -> Labels:
    """The axes of the result, as the operand of the highest rank has them."""
    widest, own = max(zip(xs, inner, strict=True), key=lambda pair: len(pair[0].labels))
    rest = [k for k in widest.labels if k not in own]
    rest += [k for x, ks in zip(xs, inner, strict=True) for k in x.labels if k not in ks]
    rest = list(dict.fromkeys(rest))
    if len(own) == len(moved):
        new = dict(zip(own, moved, strict=True))
        labels = [new.get(k, k) for k in widest.labels]
        return (*labels, *(k for k in rest if k not in labels))
    start = widest.labels.index(own[0]) if own else 0
    return (*rest[:start], *moved, *rest[start:])


def _replaced(out: Labels, moved: Sequence[Label], own: Sequence[Label]) -> Labels:
    """The axes of an operand whose labels `own` stand for the labels `moved` of `out`."""
    if len(own) == len(moved):
        new = dict(zip(moved, own, strict=True))
        return tuple(new.get(k, k) for k in out)
    start = out.index(moved[0])
    return (*out[:start], *own, *out[start + len(moved) :])


def _own(x: Indexed, y: Indexed) -> tuple[Label, ...]:
    """The labels that an operand has to itself."""
    return tuple(k for k in x.labels if k not in y.labels)


def _axis(node: Node, text: SizeText) -> dict[str, str]:
    """``, axis=1``, but nothing where there is one axis."""
    return {"axis": f", axis={node.attrs[0][0]}" if node.rank > 1 else ""}


def _first(node: Node, text: SizeText) -> dict[str, str]:
    """``, axis=1``, but nothing for the first."""
    axis = node.attrs[0][0]
    return {"axis": f", axis={axis}" if axis else ""}


# -- joining ---------------------------------------------------------------------------------------


def _concat_vjp(g, y, xs, moved):
    start: Size = 0
    for i, x in enumerate(xs):
        (own,) = _own(x, y)
        stop = start + x.sizes[own]
        last = i + 1 == len(xs)
        cut = ("slice", start if i else None, None if last else stop, 1, own)
        yield taken(g, [cut if k == moved[0] else ("all",) for k in g.labels], ())
        start = stop


def _stack_vjp(g, y, xs, moved):
    for i in range(len(xs)):
        yield taken(g, [("int", i) if k == moved[0] else ("all",) for k in g.labels], ())


joined = Shaping("joined", "np.concatenate([{operands}]{axis})", _concat_vjp, _first)
stacked = Shaping(
    "stacked", "np.{name}([{operands}]{axis})", _stack_vjp,
    lambda node, text: {
        **_first(node, text), "name": "stack" if node.rank > 1 else "array"
    },
)  # fmt: skip

ONE_AXIS = Parameter("axis", "integer", 0, required=False)
SEVERAL = Parameter("values", "values")


def _same(arrays: Sequence[Array]) -> list[Array]:
    """Return `arrays` with one type: reals where they differ."""
    if all(x.node.dtype == arrays[0].node.dtype for x in arrays):
        return list(arrays)
    return [real(x, strict=True) for x in arrays]


@composite("concat", (SEVERAL, ONE_AXIS), "The arrays one after the other along an axis.",
           example="concat(x, y)",
           convention="a number counts as a vector of one element")  # fmt: skip
def concat(*arrays, axis=0):
    arrays = [expand_dims(x, axis=0) if x.rank == 0 else x for x in _same(arrays)]
    first = arrays[0]
    (k,) = normal_axes(axis, first)
    labels = fresh(first.rank)
    inner, xs = [], []
    for x in arrays:
        if x.rank != first.rank or any(
            n != m
            for i, (n, m) in enumerate(zip(first.node.shape, x.node.shape, strict=True))
            if i != k
        ):
            raise tensor_messages.not_joinable("concat", first.describe(), x.describe(), k)
        own = fresh(1)
        inner.append(own)
        xs.append(Indexed(x.node, (*labels[:k], *own, *labels[k + 1 :])))
    size: Size = 0
    for x in arrays:
        size = size + x.node.shape[k]
    return Array(joined(xs, inner, labels[k : k + 1], [size]).node) if len(xs) > 1 else first


@composite("stack", (SEVERAL, ONE_AXIS), "Arrays of one shape along a new axis.",
           example="stack(x, y, axis=1)")  # fmt: skip
def stack(*arrays, axis=0):
    arrays = _same(arrays)
    first = arrays[0]
    for x in arrays:
        if x.node.shape != first.node.shape:
            raise tensor_messages.not_joinable("stack", first.describe(), x.describe(), None)
    (k,) = _new_axes(axis, first, 1)
    labels, new = fresh(first.rank), fresh(1)
    xs = [Indexed(x.node, labels) for x in arrays]
    value = stacked(xs, [()] * len(xs), new, [len(xs)])
    value = _at(value, new[0], k)
    return Array(value.node)


def _at(value: Indexed, label: Label, k: int) -> Indexed:
    """Return a stack whose new axis is its axis k, made so rather than transposed."""
    if value.labels[k] == label:
        return value
    rest = tuple(x for x in value.labels if x != label)
    out = (*rest[:k], label, *rest[k:])
    node = value.node
    labels = [tuple(value.labels[a] for a in ls) for ls in node.labels]
    sizes = value.sizes
    shape = [sizes[x] for x in out]
    return Indexed(stacked.renew(node.operands, labels, out, ((k,),), shape), out)


@composite("vector", (SEVERAL,),
           "The vector of these numbers; of one number, that everywhere, of the size that fits.",
           example="vector(a, b, 0)")  # fmt: skip
def vector(*numbers):
    for x in numbers:
        if x.rank:
            raise tensor_messages.not_a_number("vector", x.describe())
    if len(numbers) == 1:
        return Array(real(numbers[0], strict=True).node, open=1)
    return stack(*numbers)


@composite("matrix", (SEVERAL,),
           "The matrix of these rows; of one number, that everywhere, of the size that fits.",
           example="matrix(vector(a, b), vector(b, 1))")  # fmt: skip
def matrix(*rows):
    if len(rows) == 1 and not rows[0].rank:
        return Array(real(rows[0], strict=True).node, open=2)
    for x in rows:
        if x.rank != 1:
            raise tensor_messages.not_a_row(x.describe())
    return stack(*rows)


# -- reshaping -------------------------------------------------------------------------------------


def _reshape_vjp(g, y, xs, moved):
    own = _own(xs[0], y)
    kept = [k for k in g.labels if k not in y.labels]
    g = Indexed(g.to((*kept, *y.labels)), (*kept, *y.labels))
    yield reshaped(g, moved, own, [xs[0].sizes[k] for k in own])


reshaping = Shaping(
    "reshaped", "{0}.reshape({shape})", _reshape_vjp,
    lambda node, text: {"shape": ", ".join(map(text, node.shape)) if node.rank > 1 else "-1"},
    is_view=True,
)  # fmt: skip


def reshaped(
    x: Indexed, old: Sequence[Label], new: Sequence[Label], sizes: Sequence[Size]
) -> Indexed:
    """Return `x` with the axes `new` in place of `old`, its elements in the same order.

    Where there are none `new`, the `old` ones have size 1, and the other way round.
    """
    old, new = tuple(old), tuple(new)
    if not old or not new:
        start = x.labels.index(old[0]) if old else 0
        rest = [k for k in x.labels if k not in old]
        out = (*rest[:start], *new, *rest[start:])
        return Indexed(x.to(out, dict(zip(new, sizes, strict=True))), out)
    start = x.labels.index(old[0])
    rest = [k for k in x.labels if k not in old]
    order = (*rest[:start], *old, *rest[start:])
    x = Indexed(x.to(order), order)
    inner = x.node
    out = (*rest[:start], *new, *rest[start:])
    if inner.op is reshaping and inner.attrs[0] == tuple(range(start, start + len(old))):
        # A reshape of a reshape is one.
        base = inner.operands[0]
        count = base.rank - inner.rank + len(old)
        own = fresh(count)
        x, old = Indexed(base, (*order[:start], *own, *order[start + len(old) :])), own
    if [x.sizes[k] for k in old] == list(sizes):
        return Indexed(x.node, out)
    if is_constant_along(x, old):
        return replaced_along(x, out, x.sizes | dict(zip(new, sizes, strict=True)))
    return reshaping([x], [old], new, sizes)


REST = Parameter("shape", "shape")


@composite("reshape", (Parameter("x"), REST), "The same elements, in order, in another shape.",
           example="reshape(X, -1)",
           convention="one size may be -1: that which the others leave")  # fmt: skip
def reshape(x, shape):
    count = product(x.node.shape)
    shape = list(shape)
    if shape.count(-1) == 1:
        others = product(n for n in shape if n != -1)
        missing = quotient(count, others)
        if missing is None:
            raise tensor_messages.not_reshapable(x.describe(), count, shape)
        shape[shape.index(-1)] = missing
    if any(isinstance(n, int) and n < 0 for n in shape) or product(shape) != count:
        raise tensor_messages.not_reshapable(x.describe(), count, shape)
    labels = fresh(x.rank)
    value = reshaped(Indexed(x.node, labels), labels, fresh(len(shape)), shape)
    return Array(value.node)


def quotient(count: Size, divisor: Size) -> Size | None:
    """Return ``count / divisor`` if that is a size for all sizes of the axes; else None."""
    if isinstance(count, int):
        whole = isinstance(divisor, int) and divisor and count % divisor == 0
        return count // divisor if whole else None
    return count.divided(divisor)


@composite("expand_dims", (Parameter("x"), Parameter("axis", "axes")),
           "The array with a new axis of size 1.", example="expand_dims(x, axis=0)")  # fmt: skip
def expand_dims(x, axis):
    places = _new_axes(axis, x, len(axis) if isinstance(axis, tuple) else 1)
    labels, new = list(fresh(x.rank)), fresh(len(places))
    out = list(labels)
    for k, label in sorted(zip(places, new, strict=True)):
        out.insert(k, label)
    return Array(Indexed(x.node, labels).to(out, dict.fromkeys(new, 1)))


@composite("squeeze", (Parameter("x"), Parameter("axis", "axes", None, required=False)),
           "The array without its axes of size 1.",
           example="squeeze(x[None, :], axis=0)")  # fmt: skip
def squeeze(x, axis=None):
    shape = x.node.shape
    if axis is None:
        axes = tuple(k for k, n in enumerate(shape) if n == 1)
    else:
        axes = normal_axes(axis, x)
    for k in axes:
        if shape[k] != 1:
            raise tensor_messages.not_squeezable(x.describe(), k, shape[k])
    labels = fresh(x.rank)
    return Array(Indexed(x.node, labels).to([n for k, n in enumerate(labels) if k not in axes]))


@composite("broadcast_to", (Parameter("x"), REST), "The array repeated to a larger shape.",
           example="broadcast_to(x, 3, n)")  # fmt: skip
def broadcast_to(x, shape):
    own = x.node.shape
    labels = fresh(len(shape))
    extra = len(shape) - x.rank
    if extra < 0 or any(n not in (1, m) for n, m in zip(own, shape[max(0, extra) :], strict=False)):
        raise tensor_messages.not_broadcastable(x.describe(), shape)
    inner = fresh(x.rank)
    kept = [k for k in range(x.rank) if own[k] == shape[extra + k]]
    value = Indexed(x.node, inner)
    value = Indexed(value.to([inner[k] for k in kept]), [labels[extra + k] for k in kept])
    return Array(value.to(labels, dict(zip(labels, shape, strict=True))))


def _new_axes(axis, x: Array, count: int) -> tuple[int, ...]:
    """Return the places of new axes, counted from the front of the result."""
    return normal_axes(axis, Array(_Ranked(x.rank + count), x._text))


class _Ranked:
    """What axis numbers are checked against: an array that is not made yet."""

    def __init__(self, rank: int):
        self.rank = rank
        self.shape = ("?",) * rank
        self.dtype = REAL


# -- moving along axes -----------------------------------------------------------------------------


def _repeat_vjp(g, y, xs, moved, count):
    (own,), copies = _own(xs[0], y), fresh(1)
    whole = reshaped(g, moved, (own, *copies), [xs[0].sizes[own], count])
    yield whole.sum(copies)


def _count_of(node, text):
    return {**_axis(node, text), "count": text(node.attrs[1])}


repeated = Shaping("repeated", "np.repeat({0}, {count}{axis})", _repeat_vjp, _count_of)


def _roll_vjp(g, y, xs, moved, shift):
    (own,) = _own(xs[0], y)
    yield _one_by_one(rolled, g, moved, (own,), g.sizes[moved[0]], (-shift,))


rolled = Shaping("rolled", "np.roll({0}, {count}{axis})", _roll_vjp, _count_of)


def _along(op: Shaping, x: Array, k: int, size: Size, attrs: tuple) -> Array:
    """Apply `op` along axis k, which gets a new `size`."""
    labels, new = fresh(x.rank), fresh(1)
    value, old = Indexed(x.node, labels), labels[k : k + 1]
    return Array(_one_by_one(op, value, old, new, size, attrs).node)


def _one_by_one(op: Shaping, x: Indexed, old: Labels, new: Labels, size: Size, attrs) -> Indexed:
    """Apply `op` along the one axis `old` of `x`; what is constant along it stays so."""
    if is_constant_along(x, old):
        out = tuple(new[0] if k == old[0] else k for k in x.labels)
        return replaced_along(x, out, {**x.sizes, new[0]: size})
    return op([x], [old], new, [size], attrs)


def _flat(x: Array) -> Array:
    return x if x.rank == 1 else reshape(x, (product(x.node.shape),))


AXIS_OR_ALL = Parameter("axis", "integer", None, required=False)


@composite("repeat", (Parameter("x"), Parameter("count", "size"), AXIS_OR_ALL),
           "Each element `count` times; of all elements in order where no axis is given.",
           example="repeat(x, 3)")  # fmt: skip
def repeat(x, count, axis=None):
    if axis is None:
        x, axis = _flat(x), 0
    (k,) = normal_axes(axis, x)
    return x if count == 1 else _along(repeated, x, k, x.node.shape[k] * count, (count,))


@composite("roll", (Parameter("x"), Parameter("shift", "offset"), AXIS_OR_ALL),
           "The elements moved on by `shift` places, the last ones coming first.",
           example="roll(x, 1)",
           convention="of all elements in order where no axis is given")  # fmt: skip
def roll(x, shift, axis=None):
    if axis is None:
        moved = _along(rolled, _flat(x), 0, product(x.node.shape), (shift,))
        return moved if x.rank == 1 else reshape(moved, x.node.shape)
    (k,) = normal_axes(axis, x)
    return _along(rolled, x, k, x.node.shape[k], (shift,))


@composite("flip", (Parameter("x"), Parameter("axis", "axes", None, required=False)),
           "The elements in reverse order, along every axis or those given.",
           example="flip(x)")  # fmt: skip
def flip(x, axis=None):
    axes = normal_axes(axis, x)
    if not axes:
        return x
    items = [
        ("slice", None, None, -1, fresh(1)[0]) if k in axes else ("all",) for k in range(x.rank)
    ]
    return Array(taken(Indexed(x.node), items, ()).node)


def _pad_vjp(g, y, xs, moved, widths):
    own = dict(zip(moved, zip(_own(xs[0], y), widths, strict=True), strict=True))
    items = []
    for k in g.labels:
        if k not in own:
            items.append(("all",))
            continue
        inner, (before, after) = own[k]
        start = None if before == 0 else before
        stop = None if after == 0 else start_of_end(g.sizes[k], after)
        items.append(("slice", start, stop, 1, inner))
    yield taken(g, items, ())


def start_of_end(size: Size, after: Size) -> Size:
    """Return where the last `after` elements of an axis start, as a slice would say it."""
    return -after if isinstance(after, int) else size - after


def _pad_fields(node, text):
    widths = dict(zip(node.attrs[0], node.attrs[1], strict=True))
    pairs = [widths.get(k, (0, 0)) for k in range(node.rank)]
    if len(set(pairs)) == 1:
        before, after = pairs[0]
        shown = text(before) if before == after else f"({text(before)}, {text(after)})"
    else:
        shown = ", ".join(f"({text(a)}, {text(b)})" for a, b in pairs)
        shown = f"({shown})"
    return {"widths": shown}


padded = Shaping("padded", "np.pad({0}, {widths})", _pad_vjp, _pad_fields)


@composite("pad", (Parameter("x"), Parameter("width", "widths")),
           "The array with zeros around it: a width, (before, after), or such a pair for each "
           "axis.", example="pad(x, (1, 2))")  # fmt: skip
def pad(x, width):
    if not isinstance(width, tuple):
        pairs = ((width, width),) * x.rank
    elif not isinstance(width[0], tuple):
        pairs = (width,) * x.rank
    else:
        pairs = width
    if len(pairs) != x.rank or any(len(pair) != 2 for pair in pairs):
        raise tensor_messages.bad_widths(x.describe())
    chosen = [k for k, pair in enumerate(pairs) if pair != (0, 0)]
    if not chosen:
        return x
    labels, new = fresh(x.rank), fresh(len(chosen))
    sizes = [pairs[k][0] + x.node.shape[k] + pairs[k][1] for k in chosen]
    widths = tuple(pairs[k] for k in chosen)
    x = Indexed(real(x, strict=True).node, labels)
    return Array(padded([x], [[labels[k] for k in chosen]], new, sizes, (widths,)).node)
