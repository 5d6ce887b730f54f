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
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from operator import attrgetter

from . import exact
from .dims import Size

LEAF, MAP, CONTRACT_FAMILY, ADD_FAMILY, SPECIAL = "leaf", "map", "contract", "add", "special"
REAL, INT, BOOL = "real", "int", "bool"
NONNEGATIVE, POSITIVE = 1, 2

#: What is declared of an input: a word, perhaps with numbers.
Fact = tuple

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
        opaque: whether nothing but its value is known of it: derivatives are taken by it.
        sums_to_one: whether its elements along the axes ``attrs[0]`` sum to 1.
        keeps_symmetry: whether its result is symmetric where its operand is.
        finite: whether its result is finite wherever its operands are, growing no faster.
        low: NONNEGATIVE or POSITIVE where its result always is, or a function of the node.
    """

    family = LEAF
    dtype = REAL
    commutative = False
    total = True
    inverts = False
    finite = False
    keeps_symmetry = False
    opaque = False
    sums_to_one = False
    low: int | Callable[[Node], int] = 0

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
    the inputs are finite, but for isolated points; `finite` that it is finite wherever they are;
    `low` is POSITIVE or NONNEGATIVE where it is known to be, else 0; `symmetric` that its last two
    axes may change places.
    """

    __slots__ = (
        "attrs", "dtype", "finite", "labels", "low", "op", "operands", "serial", "shape",
        "symmetric", "total",
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
    low: int
    symmetric: bool

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
    def facts(self) -> tuple[Fact, ...]:
        """What is declared of an INPUT node."""
        return self.attrs[1] if self.op is INPUT and len(self.attrs) > 1 else ()

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


def _low_of_number(node: Node) -> int:
    value = node.attrs[-1]
    return POSITIVE if value > 0 else NONNEGATIVE if value == 0 else 0


def _low_of_product(node: Node) -> int:
    c = node.coefficient
    low = POSITIVE if c > 0 else NONNEGATIVE if c == 0 else 0
    factors = list(zip(node.operands, node.labels, strict=True))
    for i, (x, labels) in enumerate(factors):
        square = any(f == (x, labels) for j, f in enumerate(factors) if j != i)
        low = min(low, max(x.low, NONNEGATIVE if square or x.dtype == BOOL else 0))
    return low


def _low_of_sum(node: Node) -> int:
    lows = [x.low if c > 0 else 0 for c, x in zip(node.attrs, node.operands, strict=True)]
    return max(lows) if min(lows) > 0 else 0


def _low_of_input(node: Node) -> int:
    low = 0
    for fact, *bounds in node.facts:
        if fact == "in":
            low = max(low, POSITIVE if bounds[0] > 0 else NONNEGATIVE if bounds[0] == 0 else 0)
        elif fact in ("nonnegative", "simplex"):
            low = max(low, NONNEGATIVE)
        elif fact == "positive":
            low = POSITIVE
    return low


INPUT.low = _low_of_input
NUMBER.low = CONSTANT.low = _low_of_number
SIZE.low, EYE.low, ARANGE.low = POSITIVE, NONNEGATIVE, NONNEGATIVE
CONTRACT.low, ADD.low = _low_of_product, _low_of_sum


def _is_symmetric(node: Node) -> bool:
    """Whether the last two axes of a node, of equal sizes, are known to be interchangeable."""
    op = node.op
    if op.opaque:
        return False
    if op is INPUT:
        return any(fact[0] in ("symmetric", "posdef") for fact in node.facts)
    if op is EYE:
        return True
    if op.keeps_symmetry:
        return node.operands[0].symmetric
    i, j = len(node.shape) - 2, len(node.shape) - 1
    if op.family == MAP:
        return all(
            _swapped(x, ls, i, j) == ls for x, ls in zip(node.operands, node.labels, strict=True)
        )
    if op is CONTRACT or op is ADD:
        coefficients = node.attrs if op is ADD else (1,) * len(node.operands)
        terms = list(zip(coefficients, node.operands, node.labels, strict=True))
        other = [(c, x, _swapped(x, ls, i, j)) for c, x, ls in terms]
        return all(terms.count(term) == other.count(term) for term in terms)
    return False


def _swapped(x: Node, labels: Labels, i: Label, j: Label) -> Labels:
    """The labels of an operand when i and j change places; as they are where that is the same."""
    if x.symmetric and labels[-2:] in ((i, j), (j, i)) and not {i, j} & set(labels[:-2]):
        return labels
    return tuple(j if k == i else i if k == j else k for k in labels)


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
        node.symmetric = len(shape) > 1 and shape[-1] == shape[-2] and _is_symmetric(node)
        node.low = op.low if isinstance(op.low, int) else op.low(node)
        node.total = op.total and all(x.total for x in operands)
        node.finite = op.finite and all(x.finite for x in operands)
        if op is NUMBER and not math.isfinite(attrs[0]):
            node.total = node.finite = False  # inf - inf and 0 * inf are nan, not 0
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


def input_(
    name: str, shape: Sequence[Size] = (), dtype: str = REAL, facts: Sequence[Fact] = ()
) -> Node:
    """Return the input `name`, of which `facts` are declared."""
    attrs = (name, tuple(facts)) if facts else (name,)
    return make(INPUT, out=range(len(shape)), attrs=attrs, shape=shape, dtype=dtype)


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


def topological(roots: Iterable[Node]) -> list[Node]:
    """Return every node that `roots` depend on, operands first, in order of construction."""
    pending = list(roots)
    seen = set(pending)
    while pending:
        for operand in pending.pop().operands:
            if operand not in seen:
                seen.add(operand)
                pending.append(operand)
    return sorted(seen, key=_serial)


_serial = attrgetter("serial")
