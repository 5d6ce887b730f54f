"""Operands in NumPy's axis order: where broadcasting and the rank rules of ``@`` become labels.

:class:`Array` is what lowering computes with and what the meaning of a composite function is
written in. Sizes that disagree raise a :class:`~exprdiff.diagnostics.Mistake` in the user's words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import messages, tensor_messages
from ..dims import Size, product
from ..graph import BOOL, CONTRACT, REAL, Label, Node, fresh, number, size
from ..indexed import Indexed, apply, operators, total
from ..indexed import product as indexed_product
from ..normal import contract
from .define import REGISTRY


def type_text(node: Node) -> str:
    """Return the type of `node` as the language writes it: ``real[n, d]``."""
    return node.dtype + (f"[{', '.join(map(str, node.shape))}]" if node.shape else "")


class Array:
    """A node with axes in NumPy's order.

    `text` is the user's text of it, for messages; a `covector` is a transposed vector, which only
    stands beside ``@``. An `open` one, of that many axes, has one number everywhere (its node) and
    takes its sizes from what it meets.
    """

    __slots__ = ("_text", "covector", "node", "open")

    def __init__(
        self,
        node: Node,
        text: str | Callable[[], str] = "",
        covector: bool = False,
        open: int = 0,
    ):
        self.node, self._text, self.covector, self.open = node, text, covector, open

    def called(self, text: str | Callable[[], str]) -> Array:
        """Return the same value with another text."""
        return Array(self.node, text, self.covector, self.open)

    @property
    def text(self) -> str:
        """The user's text of it; made when a message asks, for it may be long."""
        text = self._text() if callable(self._text) else self._text
        return text or "this"

    @property
    def rank(self) -> int:
        """Number of axes."""
        return self.node.rank

    def describe(self) -> str:
        """Return ``X is real[n, d]`` for messages."""
        text = " ".join(self.text.split())
        shown = text if len(text) <= 60 else text[:57] + "..."
        return f"{shown} is {type_text(self.node)}"

    def __add__(self, other):
        return add([(1, self), (1, array(other))])

    def __radd__(self, other):
        return add([(1, array(other)), (1, self)])

    def __sub__(self, other):
        return add([(1, self), (-1, array(other))])

    def __rsub__(self, other):
        return add([(1, array(other)), (-1, self)])

    def __mul__(self, other):
        return multiply(self, array(other))

    def __rmul__(self, other):
        return multiply(array(other), self)

    def __truediv__(self, other):
        return divide(self, array(other))

    def __rtruediv__(self, other):
        return divide(array(other), self)

    def __neg__(self):
        return negate(self)

    def __pow__(self, other):
        return elementwise("power", self, array(other))


def array(value) -> Array:
    """Return `value` (an Array, a Node or a number) as an Array."""
    if isinstance(value, Array):
        return value
    return Array(value if isinstance(value, Node) else number(value))


def real(x: Array, strict: bool = False) -> Array:
    """Return `x` as reals. A boolean, which counts as 0 or 1 in products, stays unless `strict`."""
    if x.node.dtype == REAL or (x.node.dtype == BOOL and not strict):
        return x
    return Array(operators["real"](Indexed(x.node)).node, x._text, x.covector, x.open)


def broadcast(
    arrays: Sequence[Array], what: str = "", core: Sequence[int] = ()
) -> tuple[list[Indexed], tuple]:
    """Align `arrays` by trailing axes as NumPy does; return them labelled, and the result's labels.

    The last ``core[i]`` axes of array i take no part and get labels of their own. An axis of size 1
    stretches. Raises Mistake where two sizes differ.
    """
    core = core or (0,) * len(arrays)
    ranks = [x.rank - c for x, c in zip(arrays, core, strict=True)]
    rank = max(ranks, default=0)
    out = fresh(rank) if rank else ()
    owner: list[Array | None] = [None] * rank
    sizes: list[Size] = [1] * rank
    for x, r in zip(arrays, ranks, strict=True):
        for k, n in enumerate(x.node.shape[:r], rank - r):
            if n == 1 or n == sizes[k]:
                owner[k] = owner[k] or x
            elif sizes[k] == 1:
                owner[k], sizes[k] = x, n
            else:
                raise messages.sizes_differ(what, owner[k], x, sizes[k], n)
    stretched = [
        _stretch(x, out[rank - r :], sizes[rank - r :]) for x, r in zip(arrays, ranks, strict=True)
    ]
    return stretched, out


def _stretch(x: Array, labels: tuple, sizes: Sequence[Size]) -> Indexed:
    """Label the leading axes of `x`; drop those of size 1 that stretch to another size."""
    node = x.node
    own = fresh(node.rank - len(labels))
    if all(n == s for n, s in zip(node.shape, sizes, strict=False)):
        return Indexed(node, labels + own)
    inner = fresh(node.rank)
    kept = [j for j, (n, s) in enumerate(zip(node.shape, sizes, strict=False)) if n == s]
    out = (*(inner[j] for j in kept), *inner[len(labels) :])
    return Indexed(Indexed(node, inner).to(out), (*(labels[j] for j in kept), *own))


def met(node: Node, arrays: Sequence[Array]) -> Array:
    """Return what comes of `arrays` element by element; it is open if they leave it so."""
    open_ = max((x.open for x in arrays), default=0)
    if open_ > node.rank > 0:
        raise tensor_messages.size_unknown(next(x for x in arrays if x.open == open_).text)
    return Array(node, open=0 if node.rank else open_)


def add(terms: Sequence[tuple[int, Array]], what: str = "+") -> Array:
    """Return the sum of (coefficient, array) terms."""
    values, out = broadcast([real(x) for _, x in terms], what)
    sizes = sizes_of(values)
    node = total([(c, v) for (c, _), v in zip(terms, values, strict=True)], out, sizes).node
    return met(node, [x for _, x in terms])


def multiply(a: Array, b: Array) -> Array:
    """Return the elementwise product."""
    values, out = broadcast([real(a), real(b)], "*")
    return met(indexed_product(values, out, 1, sizes_of(values)).node, (a, b))


def divide(a: Array, b: Array) -> Array:
    """Return the elementwise quotient."""
    values, out = broadcast([real(a), real(b)], "/")
    factors = [values[0], operators["reciprocal"](values[1])]
    return met(indexed_product(factors, out, 1, sizes_of(values)).node, (a, b))


def negate(x: Array) -> Array:
    """Return ``-x``."""
    return met(indexed_product([Indexed(real(x).node)], coefficient=-1).node, (x,))


def elementwise(name: str, *arrays: Array, **attributes) -> Array:
    """Return an elementwise function of `arrays`, broadcast."""
    op = operators[name]
    for i in op.booleans:
        if arrays[i].node.dtype != BOOL:
            raise messages.not_a_condition(arrays[i].describe())
    if op.dtype != BOOL:
        arrays = [x if i in op.booleans else real(x, True) for i, x in enumerate(arrays)]
    values, out = broadcast(arrays, name)
    sizes = sizes_of(values)
    simpler = op.normal(*values, *attributes.values()) if op.normal else None
    if simpler is not None:
        return met(simpler.to(out, sizes), arrays)
    slim = [_slim(x) for x in values]
    chosen = tuple(attributes[k] for k in op.attributes)
    if all(a is b for a, b in zip(slim, values, strict=True)):
        return met(apply(op, values, chosen, out).node, arrays)
    return met(apply(op, slim, chosen).to(out, sizes), arrays)


def _slim(x: Indexed) -> Indexed:
    """Leave out the axes of size 1 that an array was given for broadcasting alone."""
    node = x.node
    if node.op is not CONTRACT or 1 not in node.shape:
        return x
    present = {k for labels in node.labels for k in labels}
    axes = [k for k, n in zip(node.axes, node.shape, strict=True) if n != 1 or k in present]
    if len(axes) == node.rank or not node.operands:
        return x
    factors = zip(node.operands, node.labels, strict=True)
    sizes = {k: node.shape[k] for k in axes}
    return Indexed(contract(node.coefficient, factors, axes, sizes), [x.labels[k] for k in axes])


def sizes_of(values: Sequence[Indexed], wanted: Sequence[Label] | None = None) -> dict:
    """Return the size of every label of `values`, or of those `wanted`."""
    known = {k: n for x in values for k, n in zip(x.labels, x.node.shape, strict=True)}
    return known if wanted is None else {k: known[k] for k in wanted if k in known}


def call(name: str, *arrays, **options) -> Array:
    """Return the language's function `name` of `arrays`."""
    return REGISTRY[name].build([array(x) for x in arrays], options)


def normal_axes(axis, x: Array) -> tuple[int, ...]:
    """Return `axis` (None for all, an int, or a tuple) as axis numbers counted from the front."""
    if axis is None:
        return tuple(range(x.rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for k in axes:
        if not -x.rank <= k < x.rank:
            raise messages.no_such_axis(k, x.describe(), x.rank)
    normal = tuple(k % x.rank for k in axes)
    if len(set(normal)) < len(normal):
        raise messages.axis_twice()
    return normal


def kept_axes(value: Indexed, x: Array, labels: tuple, over: tuple, keepdims: bool) -> Array:
    """Return a reduction's result in NumPy's order, with axes of size 1 where `keepdims` asks."""
    if not keepdims:
        return Array(value.to([k for k in labels if k not in over]))
    return Array(value.to(labels, dict.fromkeys(over, 1)))


def matmul(a: Array, b: Array) -> Array:
    """Return ``a @ b``; a covector is a row, a vector a column, leading axes are a batch."""
    a, b = _closed(a, b, -1), _closed(b, a, -2)
    for x in (a, b):
        if x.rank == 0:
            raise messages.matmul_of_scalar(a, b, x)
    if a.rank > 1 and b.covector:
        raise messages.matmul_covector(a, b)
    if a.rank == 1 and b.covector:
        if a.covector:
            raise messages.matmul_covector(a, b)
        i, j = fresh(2)
        return Array(contract(1, [(real(a).node, (i,)), (real(b).node, (j,))], (i, j)))
    if a.node.shape[-1] != b.node.shape[max(0, b.rank - 2)]:
        raise messages.matmul_sizes(a, b)
    rows, columns = a.rank > 1, b.rank > 1
    (x, y), batch = broadcast([real(a), real(b)], "@", (1 + rows, 1 + columns))
    row = x.labels[-2:-1] if rows else ()
    column = y.labels[-1:] if columns else ()
    y_labels = (*y.labels[: len(y.labels) - 1 - columns], x.labels[-1], *column)
    node = contract(1, [(x.node, x.labels), (y.node, y_labels)], (*batch, *row, *column))
    return Array(node, covector=a.covector and not rows and columns)


def _closed(x: Array, other: Array, side: int) -> Array:
    """Give an open vector beside ``@`` the size of the axis that it is summed with."""
    if not x.open:
        return x
    outer = x.covector and side == -2
    if x.open > 1 or other.rank == 0 or outer or (side == -1 and other.covector):
        raise tensor_messages.size_unknown(x.text)
    size_of = other.node.shape[-1 if side == -2 else max(-2, -other.rank)]
    return Array(contract(1, [(x.node, ())], (0,), {0: size_of}), x._text, x.covector)


def transpose(x: Array) -> Array:
    """Return the transpose: a vector becomes a covector, the last two axes of others swap."""
    if x.open:
        return Array(x.node, covector=x.open == 1 and not x.covector, open=x.open)
    if x.rank == 0:
        return x
    if x.rank == 1:
        return Array(x.node, covector=not x.covector)
    labels = fresh(x.rank)
    out = (*labels[:-2], labels[-1], labels[-2])
    return Array(contract(1, [(real(x).node, labels)], out))


def count(x: Array, axes: Sequence[int]) -> Node:
    """Return the number of elements along `axes`, as a node."""
    return size(product(x.node.shape[k] for k in axes))
