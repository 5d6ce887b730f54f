"""The graph: interned nodes whose axes carry labels.

Every axis of a node has a label. A node's own axes are labelled ``0, 1, ...`` in order; `labels`
says, for each operand, which label each of the operand's axes takes. Labels beyond the node's rank
are summed (in a contraction) or reduced (in a reduction). Alignment, transposition, broadcasting,
outer products and contractions are thus one thing, and only the printer knows NumPy's axis order.

=========  ===============================================================================
family     node
=========  ===============================================================================
leaf       input, number, named constant, size, ``arange``, ``eye`` (Kronecker's delta)
map        elementwise ``f(x[labels], ...)``; each operand's labels are among the node's
contract   ``coefficient * sum of the product of operands``: product, matmul, sum, transpose,
           broadcast, diagonal, trace; a quotient holds a reciprocal among its factors
add        ``sum of coefficient_k * operand_k``, like terms collected
special    everything else; the op states its own meaning and derivatives
=========  ===============================================================================

Invariants (:mod:`exprdiff.verify` is their executable form):

1. Nodes come only from :func:`make`; ``a is b`` iff op, operands, labels up to renaming and
   attributes are equal. Numbers tell 0.0 from -0.0 and 1 from 1.0 from True; nan equals itself.
2. Spans, user names and comments are no part of identity; :class:`Origins` keeps them beside.
3. Shapes and types are inferred at construction.
4. Order is deterministic: it follows the order of construction, never a hash.
5. Nothing recurses over the depth of the graph.
6. Products keep the factors that the user gave them: a contraction absorbs scaling, renaming and
   broadcasting, never another product (contraction planning does that, where it pays).
7. A boolean factor of a contraction *selects*: where it is false the product is exactly 0, whatever
   the other factors are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from . import exact
from .dims import Size

LEAF, MAP, CONTRACT_FAMILY, ADD_FAMILY, SPECIAL = "leaf", "map", "contract", "add", "special"
REAL, INT, BOOL = "real", "int", "bool"

Label = int
Labels = tuple[Label, ...]


class Op:
    """What a node does.

    Attributes:
        name: how the language and the printed graph call it.
        family: one of the five families above.
        dtype: the type of its result.
        commutative: whether its two operands may change places.
        total: whether it is defined for all reals but isolated points.
        inverts: whether it is the reciprocal.
        finite: whether its result is finite wherever its operands are, growing no faster.
    """

    family = LEAF
    dtype = REAL
    commutative = False
    total = True
    inverts = False
    finite = False

    def __init__(self, name: str, family: str = LEAF):
        self.name, self.family = name, family

    def renew(self, operands, labels, out, attrs, shape) -> Node:
        """Return the node of this op in normal form; an op may override it to simplify."""
        return make(self, operands, labels, out, attrs, shape)

    def __repr__(self) -> str:
        return f"<{self.name}>"


INPUT, NUMBER, CONSTANT, SIZE = map(Op, ("input", "number", "constant", "size"))
EYE, ARANGE = map(Op, ("eye", "arange"))
CONTRACT, ADD = Op("contract", CONTRACT_FAMILY), Op("add", ADD_FAMILY)
for _op in (INPUT, NUMBER, CONSTANT, SIZE, EYE, ARANGE, CONTRACT, ADD):
    _op.finite = True


class Node:
    """A value of the graph. See the module's docstring; made by :func:`make` alone.

    `serial` counts nodes in order of construction; `total` says that the value is defined wherever
    the inputs are finite, but for isolated points; `finite` that it is finite wherever they are.
    """

    __slots__ = (
        "attrs", "dtype", "finite", "labels", "op", "operands", "serial", "shape", "total"
    )  # fmt: skip

    op: Op
    operands: tuple[Node, ...]
    labels: tuple[Labels, ...]
    attrs: tuple
    shape: tuple[Size, ...]
    dtype: str
    serial: int
    total: bool
    finite: bool

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def value(self):
        """The number of a NUMBER or CONSTANT node."""
        return self.attrs[-1]

    @property
    def coefficient(self) -> exact.Number:
        """The coefficient of a CONTRACT node."""
        return self.attrs[0]

    @property
    def name(self) -> str:
        """The name of an INPUT or CONSTANT node."""
        return self.attrs[0]

    @property
    def axes(self) -> Labels:
        """The node's own labels: ``(0, ..., rank - 1)``."""
        return tuple(range(len(self.shape)))

    @property
    def is_zero(self) -> bool:
        """Whether it is known to be 0 everywhere."""
        if self.op is CONTRACT:
            return self.attrs[0] == 0
        return self.op is NUMBER and self.attrs[0] == 0

    @property
    def summed(self) -> Labels:
        """Labels of the operands that the result lacks, in order of first appearance."""
        rank = len(self.shape)
        return tuple(dict.fromkeys(k for ls in self.labels for k in ls if k >= rank))

    def __repr__(self) -> str:
        return f"<{self.op.name} #{self.serial} {self.shape}>"


class Interner:
    """The table in which the nodes of one compilation are unique."""

    def __init__(self):
        self.nodes: dict[tuple, Node] = {}
        self.whole: set[Node] = set()

    def make(self, op, operands, labels, attrs, shape, dtype) -> Node:
        """Return the one node with these properties. `labels` must be canonical."""
        if op is NUMBER or op is CONTRACT:
            attrs_key = exact.key(attrs[0])
        elif op is ADD:
            attrs_key = tuple(exact.key(c) for c in attrs)
        else:
            attrs_key = attrs
        key = (op, operands, labels, attrs_key, shape, dtype)
        node = self.nodes.get(key)
        if node is not None:
            return node
        if len(operands) == 2 and (op is CONTRACT or op.commutative):
            swapped = _canonical(len(shape), labels[::-1])
            other = (op, operands[::-1], swapped, attrs_key, shape, dtype)
            node = self.nodes.get(other)
            if node is not None:
                return node
        node = Node()
        node.op, node.operands, node.labels = op, operands, labels
        node.attrs, node.shape, node.dtype = attrs, shape, dtype
        node.serial = len(self.nodes)
        node.total = op.total and all(x.total for x in operands)
        node.finite = op.finite and all(x.finite for x in operands)
        if op is CONTRACT and node.finite and sum(x.op is not SIZE for x in operands) > 1:
            node.finite = any(k >= len(shape) for ls in labels for k in ls)
        self.nodes[key] = node
        return node


_interner: ContextVar[Interner] = ContextVar("interner", default=Interner())  # noqa: B039


@contextmanager
def interning(table: Interner | None = None):
    """Give the block a table of its own (or `table`), so compilations never meet."""
    token = _interner.set(table or Interner())
    try:
        yield _interner.get()
    finally:
        _interner.reset(token)


def keep_whole(node: Node) -> None:
    """Let no constructor absorb `node`: it has a name, and the reader shall see it."""
    _interner.get().whole.add(node)


def is_whole(node: Node) -> bool:
    """Return whether :func:`keep_whole` was told of `node`."""
    return node in _interner.get().whole


def count() -> int:
    """Return how many nodes the current table has: the serial of the next one."""
    return len(_interner.get().nodes)


_labels = itertools.count(1000)


def fresh(count: int) -> Labels:
    """Return `count` labels that nothing else uses."""
    return tuple(itertools.islice(_labels, count))


def _canonical(rank: int, labels: Sequence[Labels], out: Sequence[Label] = ()) -> tuple:
    """Rename labels: the node's own to 0.., the others by first appearance."""
    if not rank and not any(labels):
        return tuple(labels)
    names: dict[Label, int] = {k: i for i, k in enumerate(out or range(rank))}
    result = []
    for axes in labels:
        row = []
        for k in axes:
            if k not in names:
                names[k] = len(names)
            row.append(names[k])
        result.append(tuple(row))
    return tuple(result)


def make(
    op: Op,
    operands: Sequence[Node] = (),
    labels: Sequence[Labels] = (),
    out: Sequence[Label] = (),
    attrs: tuple = (),
    shape: Sequence[Size] = (),
    dtype: str | None = None,
) -> Node:
    """Return the node of `op` with these operands, whose own axes are labelled `out`.

    The one door through which nodes come. Use the constructors below for contractions, sums and
    leaves, which also bring them into normal form.
    """
    return _interner.get().make(
        op,
        tuple(operands),
        _canonical(len(shape), labels, out),
        attrs,
        tuple(shape),
        dtype or op.dtype,
    )


def input_(name: str, shape: Sequence[Size] = (), dtype: str = REAL) -> Node:
    """Return the input `name`."""
    return make(INPUT, out=range(len(shape)), attrs=(name,), shape=shape, dtype=dtype)


def number(value: exact.Number | bool) -> Node:
    """Return a scalar number; a bool makes a boolean node."""
    if isinstance(value, bool):
        return make(NUMBER, attrs=(value,), dtype=BOOL)
    return make(NUMBER, attrs=(exact.number(value),))


def constant(name: str, value: float) -> Node:
    """Return a named constant such as pi, which keeps its name in the emitted code."""
    return make(CONSTANT, attrs=(name, value))


def size(value: Size) -> Node:
    """Return the size of an axis as a number."""
    return number(value) if isinstance(value, int) else make(SIZE, attrs=(value,))


def eye(value: Size) -> Node:
    """Return Kronecker's delta with two axes of that size."""
    return make(EYE, out=(0, 1), attrs=(), shape=(value, value))


def arange(value: Size) -> Node:
    """Return the integers 0, 1, ... below a size."""
    return make(ARANGE, out=(0,), shape=(value,), dtype=INT)


def full(value: exact.Number, shape: Sequence[Size]) -> Node:
    """Return an array of one number."""
    out = range(len(shape))
    return contract(value, (), out, dict(zip(out, shape, strict=True)))


Factor = tuple[Node, Labels]


def contract(
    coefficient: exact.Number,
    factors: Iterable[Factor],
    out: Sequence[Label],
    sizes: dict[Label, Size] | None = None,
) -> Node:
    """Return ``coefficient * sum over all labels not in out of the product of the factors``.

    `sizes` gives the size of labels that no factor may have: those in `out` broadcast, those not in
    `out` but listed are summed too. Numbers, scalings, renamings and broadcasts among the factors
    are absorbed, deltas are eliminated by renaming, repeated boolean factors are dropped.
    """
    out = tuple(out)
    known = dict(sizes) if sizes else {}
    kept: list[Factor] = []
    for node, labels in factors:
        coefficient = _absorb(coefficient, node, tuple(labels), kept, known)
    if any(node.op is EYE for node, _ in kept):
        kept = _rename_deltas(kept, out)
    present = {k for _, ls in kept for k in ls}
    for k in known:
        if k not in present and k not in out:
            value = known[k]
            scaled = exact.times(coefficient, value) if isinstance(value, int) else None
            if scaled is None:
                kept.append((size(value), ()))
            else:
                coefficient = scaled
    if len(kept) > 1:
        kept = _cancel(kept)
    shape = tuple(known[k] for k in out)
    if coefficient == 0 and kept and all(node.total for node, _ in kept):
        kept = []
    if not kept and not shape:
        return number(coefficient)
    if len(kept) == 1 and coefficient == 1 and kept[0][0].dtype != BOOL:
        node, labels = kept[0]
        if labels == out and node.shape == shape:
            return node
    return make(CONTRACT, [n for n, _ in kept], [ls for _, ls in kept], out, (coefficient,), shape)


def _absorb(coefficient, node: Node, labels: Labels, kept: list[Factor], known: dict):
    """Append a factor in normal form; return the new coefficient."""
    for k, n in zip(labels, node.shape, strict=True):
        known[k] = n
    if node.op is NUMBER:
        if node.dtype == BOOL:
            if not node.value:
                return 0
            return coefficient
        product = exact.times(coefficient, node.value)
        if product is not None:
            return product
    elif node.op is CONTRACT and len(node.operands) <= 1 and not node.summed and not is_whole(node):
        # Only a scaling that comes first, or an ordinary one, may change places with a factor.
        scale = node.coefficient
        if not kept or scale == 0 or exact.is_ordinary(scale):
            product = exact.times(coefficient, scale)
            if product is not None:
                for inner, axes in zip(node.operands, node.labels, strict=True):
                    _push(kept, inner, tuple(labels[k] for k in axes))
                return product
    _push(kept, node, labels)
    return coefficient


def _push(kept: list[Factor], node: Node, labels: Labels) -> None:
    """Append a factor, but for a selection that is made already."""
    if node.dtype != BOOL or (node, labels) not in kept:
        kept.append((node, labels))


def _rename_deltas(kept: list[Factor], out: Labels) -> list[Factor]:
    """Eliminate each delta that has a summed label by renaming that label to the other one."""
    index = 0
    while index < len(kept):
        node, labels = kept[index]
        if node.op is EYE:
            a, b = labels
            gone = b if b not in out else a if a not in out else None
            if a == b or gone is not None:
                stays = a if gone == b else b
                del kept[index]
                kept = [(n, tuple(stays if k == gone else k for k in ls)) for n, ls in kept]
                index = 0
                continue
        index += 1
    return kept


def _cancel(kept: list[Factor]) -> list[Factor]:
    """Drop each size that meets its own reciprocal: no size is 0 where its axis has elements."""
    for i, (node, _) in enumerate(kept):
        if node.op.inverts and node.operands[0].op is SIZE:
            for j, (other, _) in enumerate(kept):
                if other is node.operands[0]:
                    return _cancel([f for q, f in enumerate(kept) if q not in (i, j)])
    return kept


Term = tuple[exact.Number, Node, Labels]


def add(
    terms: Iterable[Term], out: Sequence[Label], sizes: dict[Label, Size] | None = None
) -> Node:
    """Return ``sum of coefficient * node`` over the terms, broadcast to the labels `out`.

    Like terms are collected, numbers are added up, ordinary coefficients of products come out.
    """
    out = tuple(out)
    known = dict(sizes) if sizes else {}
    collected: dict[tuple, exact.Number] = {}
    for coefficient, node, labels in terms:
        labels = tuple(labels)
        for k, n in zip(labels, node.shape, strict=True):
            known[k] = n
        coefficient, node, labels = _unscaled(coefficient, node, labels)
        if node.op is NUMBER:
            scaled = exact.times(coefficient, exact.number(node.value))
            if scaled is not None:
                coefficient, node, labels = scaled, _one(), ()
        key = (node, labels)
        if key in collected:
            total = exact.plus(collected[key], coefficient)
            if total is None:
                key = (number(coefficient), ())  # out of range: keep it apart
                total = 1
            collected[key] = total
        else:
            collected[key] = coefficient
    shape = tuple(known[k] for k in out)
    kept = [(c, n, ls) for (n, ls), c in collected.items() if c != 0 or not n.total]
    if not kept:
        return full(0, shape)
    if len(kept) == 1:
        coefficient, node, labels = kept[0]
        return contract(coefficient, [(node, labels)], out, known_of(out, known))
    one = _one()
    coefficients = tuple(1 if n is one else c for c, n, _ in kept)
    operands = [number(c) if n is one else n for c, n, _ in kept]
    return make(ADD, operands, [ls for _, _, ls in kept], out, coefficients, shape)


def known_of(out: Sequence[Label], known: dict[Label, Size]) -> dict[Label, Size]:
    """Return the sizes of the labels in `out` alone."""
    return {k: known[k] for k in out}


def _one() -> Node:
    return number(1)


def _unscaled(coefficient, node: Node, labels: Labels) -> Term:
    """Move an ordinary coefficient, a renaming or a broadcast out of a term."""
    if node.op is not CONTRACT or not exact.is_ordinary(node.coefficient) or is_whole(node):
        return coefficient, node, labels
    product = exact.times(coefficient, node.coefficient)
    if product is None:
        return coefficient, node, labels
    if len(node.operands) == 1 and not node.summed and node.operands[0].dtype != BOOL:
        axes = node.labels[0]
        return product, node.operands[0], tuple(labels[k] for k in axes)
    if not node.operands:
        return product, _one(), ()
    if node.coefficient == 1:
        return product, node, labels
    factors = list(zip(node.operands, node.labels, strict=True))
    return product, contract(1, factors, node.axes, dict(enumerate(node.shape))), labels


def rebuild(node: Node, operands: Sequence[Node]) -> Node:
    """Return `node` with other operands of the same shapes, in normal form again."""
    if all(a is b for a, b in zip(operands, node.operands, strict=True)):
        return node
    result = _rebuilt(node, operands)
    if is_whole(node):
        keep_whole(result)
    return result


def _rebuilt(node: Node, operands: Sequence[Node]) -> Node:
    sizes = dict(enumerate(node.shape))
    if node.op is CONTRACT:
        return contract(node.coefficient, zip(operands, node.labels, strict=True), node.axes, sizes)
    if node.op is ADD:
        terms = zip(node.attrs, operands, node.labels, strict=True)
        return add(terms, node.axes, sizes)
    return node.op.renew(operands, node.labels, node.axes, node.attrs, node.shape)


def topological(roots: Iterable[Node]) -> list[Node]:
    """Return every node that `roots` depend on, operands first, in a deterministic order."""
    order: list[Node] = []
    seen: set[Node] = set()
    for root in roots:
        if root in seen:
            continue
        stack = [(root, iter(root.operands))]
        seen.add(root)
        while stack:
            node, pending = stack[-1]
            for operand in pending:
                if operand not in seen:
                    seen.add(operand)
                    stack.append((operand, iter(operand.operands)))
                    break
            else:
                order.append(node)
                stack.pop()
    return order


def rewrite(roots: Iterable[Node], replace) -> dict[Node, Node]:
    """Return a map old -> new over everything `roots` need, made bottom-up by ``replace``.

    `replace` is called with (old node, that node rebuilt on the new operands) and returns the new
    node.
    """
    new: dict[Node, Node] = {}
    for node in topological(roots):
        new[node] = replace(node, rebuild(node, [new[x] for x in node.operands]))
    return new
