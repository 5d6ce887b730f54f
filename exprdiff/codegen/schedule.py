"""From graph to statements: which nodes get a line and a name, in what order, under what heading.

A node gets a line if the user named it, if it is used more than once, or if its text would make
its user's line too long; every other node is written where it is used. The forward sweep follows
the source; the reverse sweep goes through it backwards, each group headed by the source line that
it differentiates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..dims import Size, show_shape
from ..graph import ADD, BOOL, CONTRACT, LEAF, MAP, NUMBER, Node, topological
from ..normal import add, contract, rebuild
from ..ops.arithmetic import where
from ..ops.calculus import held
from ..ops.define import ATOM, PRODUCT, UNARY
from ..ops.indexing import index, nonzero, place
from ..transforms.derived import FORWARD, REVERSE, Quantity
from .align import shape_text
from .expression import Expression, literal, times
from .layout import has_comma
from .names import Names
from .target import Requirements, Target

ROOM = 64  # characters of inlined operands that one expression may hold
COUNTERS = "ijpqrs"  # names of arrays that count
TERMS = 12  # terms of one sum before it is continued on another line


@dataclass(frozen=True)
class Statement:
    """``target = text``, and what stands at the margin.

    `node` is what it computes (None for a part), `is_view` whether as a view of an input.
    """

    target: str
    text: str
    margin: str = ""
    operator: str = "="
    node: Node | None = None
    is_view: bool = False


@dataclass
class Body:
    """The statements of a function and the texts of its results.

    Each statement comes with the sweep and the source line of the quantity it serves.
    """

    statements: list[tuple[str, int, Statement]] = field(default_factory=list)
    results: list[Expression] = field(default_factory=list)


def split_sums(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return a map old -> new in which long sums are chains of short ones, in the same order."""
    new: dict[Node, Node] = {}
    for node in topological(roots):
        if node.op is ADD and len(node.operands) > TERMS:
            terms = [
                (c, new[x], ls)
                for c, x, ls in zip(node.attrs, node.operands, node.labels, strict=True)
            ]
            sizes = dict(enumerate(node.shape))
            # What is added in place has a line of its own for each term.
            placed = [t for t in terms if t[1].op is place]
            terms = [t for t in terms if t[1].op is not place]
            part = terms[:TERMS]
            for i in range(TERMS, len(terms), TERMS - 1):
                head = add(part, node.axes, sizes)
                part = [(1, head, node.axes), *terms[i : i + TERMS - 1]]
            new[node] = add([*part, *placed], node.axes, sizes)
        else:
            new[node] = rebuild(node, [new[x] for x in node.operands])
    return new


def is_transparent(node: Node) -> bool:
    """Whether a node is written anew wherever it is used: a leaf, a reciprocal, a transpose."""
    if node.op.family == LEAF or node.op.inverts or node.op is nonzero:
        return True
    if node.op is CONTRACT:
        if not node.operands:
            return not node.shape
        return (
            len(node.operands) == 1
            and node.coefficient == 1
            and not node.summed
            and node.operands[0].dtype != BOOL
            and len(set(node.labels[0])) == node.rank
        )
    return False


def count_uses(results: Sequence[Node]) -> dict[Node, int]:
    """Return how often each node's text is needed; a transparent node passes its uses on."""
    order = topological(results)
    uses = dict.fromkeys(order, 0)
    for node in results:
        uses[node] += 1
    for node in reversed(order):
        share = uses[node] if is_transparent(node) else 1
        for x in node.operands:
            uses[x] += share
    return uses


class Scheduler:
    """Writes the body of one function.

    `quantities` are in the order of their lines; `results` are the nodes to return, each with the
    name of the quantity under which it is returned, or None for its plain text; `primal` are the
    nodes of the forward sweep, operands first. `renamed` maps names of the program to those here,
    of which `inputs` are arguments. With `everything` each quantity gets its line, needed or not.
    """

    def __init__(
        self,
        target: Target,
        needs: Requirements,
        names: Names,
        quantities: Sequence[Quantity],
        results: Sequence[tuple[Node, str | None]],
        primal: Sequence[Node],
        renamed: dict[str, str],
        inputs: Collection[str],
        everything: bool = False,
        floats: bool = True,
        called: Mapping[Node, str] = MappingProxyType({}),
    ):
        self.target, self.needs, self.names = target, needs, names
        self.quantities, self.returned = quantities, {name for _, name in results}
        self.results = [node for node, _ in results]
        self.result_names = [name for _, name in results]
        self.renamed, self.inputs, self.everything = renamed, inputs, everything
        self.floats, self.called = floats, called
        steps = [q.node for q in quantities if q.sweep == REVERSE] if everything else []
        needed = self.results + steps
        self.uses = count_uses(needed)
        self.texts: dict[Node, Expression] = {}
        self.body = Body()
        self.place = (FORWARD, 0)
        self.given: set[Node] = set()  # nodes that are returned already, under some name
        self.wanted: dict[Node, Quantity] = {}
        self.primal = primal
        self.deferred = self._deferred(needed)  # placements that a sum adds into its own array
        self.counters: dict[Size, str] = {}  # arrays of the numbers below a size
        self.constant = {  # parts that NumPy broadcasts to their places
            node.operands[0]
            for node in topological(needed)
            if node.op is place and not is_diagonal_matrix(node)
            and self.uses[node.operands[0]] == 1 and _is_constant_along(node.operands[0])
        }  # fmt: skip
        shared = {node for node in self.primal if self.uses.get(node, 0) > 1}
        for q in quantities:
            # A value of the forward sweep that several derivatives use is no derivative by name.
            alias = q.sweep == REVERSE and q.node in shared
            if q.node in self.uses and q.node.op.family != LEAF and not alias:
                self.wanted.setdefault(q.node, q)
        for node, q in list(self.wanted.items()):
            x = node.operands[0] if node.op is held else node
            if x.op.family != LEAF:  # what a name holds has that name itself
                self.wanted.setdefault(x, q)

    def _deferred(self, needed: Sequence[Node]) -> set[Node]:
        named = {q.node for q in self.quantities} | set(needed)
        return {
            x
            for node in topological(needed)
            if node.op is ADD
            for x, labels in zip(node.operands, node.labels, strict=True)
            if x.op is place and self.uses[x] == 1 and labels == node.axes and x not in named
            and not is_diagonal_matrix(x)
        }  # fmt: skip

    def run(self, inline_last: bool) -> Body:
        """Return the statements; with `inline_last` a sole result is an expression, not a name."""
        forward = [q for q in self.quantities if q.sweep == FORWARD]
        reverse = [q for q in self.quantities if q.sweep == REVERSE]
        sole = self.results[0] if inline_last and len(self.results) == 1 else None
        if sole is not None and self.uses[sole] == 1:
            self.wanted.pop(sole, None)
        for q in forward:
            if q.node in self.uses:
                self.place = (FORWARD, q.line)
                self.visit(q.node)
        for node in self.primal:
            if self.uses.get(node, 0) > 1 and node not in self.texts:
                self.place = (FORWARD, 0)
                self.visit(node)
        for q in reverse:
            if q.node in self.uses:
                self.place = (REVERSE, q.line)
                self.visit(q.node)
                if q.name in self.returned or self.everything:
                    self.rename(q)
        if not reverse:
            self.place = (FORWARD, 0)
        for node in self.results:
            self.visit(node)
        for node, name in zip(self.results, self.result_names, strict=True):
            text = self.texts[node]
            if self.floats and node.op is NUMBER:
                text = literal(float(node.value))
            if name is not None:
                text = Expression(name, is_name=True)
            else:
                text = _as_result(text, node)
                if text.is_view:
                    text = Expression(copied(text, node))
            self.body.results.append(text)
        return self.body

    def rename(self, q: Quantity) -> None:
        """Give a returned quantity a line of its own where its value has another name or none."""
        text = self.texts[q.node]
        if self.floats and q.node.op is NUMBER:
            text = literal(float(q.node.value))
        if text.text != q.name:
            again = q.node in self.given and bool(q.node.shape)
            written = copied(text, q.node) if text.is_view or again else text.text
            self.given.add(q.node)
            margin = show_shape(q.node.shape) if q.node.shape else q.note
            line = Statement(q.name, written, margin, node=q.node)
            self.body.statements.append((*self.place, line))

    def visit(self, root: Node) -> None:
        """Write everything that `root` needs and is not written yet."""
        for node in self.pending(root):
            self.compose(node)

    def pending(self, root: Node) -> list[Node]:
        """The nodes that `root` needs and that have no text, operands first."""
        if root in self.texts:
            return []
        order: list[Node] = []
        seen = {root}
        stack = [(root, iter(root.operands))]
        while stack:
            node, rest = stack[-1]
            for x in rest:
                if x not in seen and x not in self.texts:
                    seen.add(x)
                    stack.append((x, iter(x.operands)))
                    break
            else:
                order.append(node)
                stack.pop()
        return order

    def compose(self, node: Node) -> None:
        """Write `node`; name it if it deserves a line, else keep its text for its user."""
        if node in self.deferred:
            self.shorten(node)
            self.texts[node] = Expression("", labels=node.axes)
            return
        placed = node.op is place and not is_diagonal_matrix(node)
        if placed or (node.op is ADD and not self.deferred.isdisjoint(node.operands)):
            self.accumulate(node)
            return
        self.shorten(node)
        if node in self.constant:
            self.texts[node] = self.narrowed(node)
            return
        operands = [self.texts[x] for x in node.operands]
        if node.op is index:
            text = self.target.index(node, operands, self.counter)
        else:
            text = self.target.write(node, operands, self.needs)
        if node.op.family == LEAF:
            if text.is_name:
                view = text.text in self.inputs
                text = replace(text, text=self.renamed[text.text], is_view=view)
        elif node.op.inverts:
            inner = operands[0].labelled(node.labels[0])
            text = replace(text, labels=node.axes, inverse=inner)
        elif node.op is CONTRACT and node.operands and node.coefficient == 1:
            text = self.rescalable(node, operands, text)
        if node.symmetric:
            text = replace(text, is_symmetric=True)
        quantity = self.wanted.get(node)
        if quantity is not None and text.text == quantity.name:
            self.texts[node] = replace(text, labels=node.axes)
        elif quantity is not None:
            given = quantity.name in self.returned
            if given:
                self.given.add(node)
            if given:
                text = _as_result(text, node)
            if text.is_view and (given or self.everything):
                text = Expression(copied(text, node), labels=node.axes)
            self.assign(node, quantity.name, text, quantity.note)
        elif self.uses.get(node, 0) > 1 and not is_transparent(node):
            self.assign(node, self.temporary(node), text)
        else:
            self.texts[node] = text

    def temporary(self, node: Node) -> str:
        """Return a name for a value without one: of a result, what it is."""
        name = self.called.get(node)
        return self.names.temporary() if name is None else self.names.take(name)

    def narrowed(self, node: Node) -> Expression:
        """Return the text of a product without the axes along which it is constant."""
        present = {k for ls in node.labels for k in ls}
        axes = tuple(k for k in node.axes if k in present)
        factors = zip(node.operands, node.labels, strict=True)
        narrow = contract(node.coefficient, factors, axes)
        for x in topological([narrow]):
            if x not in self.texts:
                self.compose(x)
        text = self.texts[narrow]
        return replace(text, labels=axes, keepdims=None, inverse=None, rescaled=None)

    def counter(self, size: Size) -> str:
        """Return the name of an array of the numbers below `size`, which gets a line."""
        if size not in self.counters:
            name = next((x for x in COUNTERS if x not in self.names.taken), "i")
            self.counters[size] = name = self.names.take(name)
            line = Statement(name, f"np.arange({shape_text([size])})")
            self.body.statements.append((*self.place, line))
        return self.counters[size]

    def accumulate(self, node: Node) -> None:
        """Write an array to which parts are added in place, one line for each part."""
        self.shorten(node)
        if node.op is place:
            parts, rest = [(1, node)], []
        else:
            terms = list(zip(node.attrs, node.operands, node.labels, strict=True))
            parts = [(c, x) for c, x, _ in terms if x in self.deferred]
            rest = [term for term in terms if term[1] not in self.deferred]
        base = Expression(f"np.zeros({shape_text(node.shape)})")
        if rest:
            other = add(rest, node.axes, dict(enumerate(node.shape)))
            if other not in self.texts or other in self.constant:
                texts = [self.texts[x] for x in other.operands]
                base = self.target.write(other, texts, self.needs)
            else:
                base = self.texts[other]
            if base.is_view or base.is_name or not is_fresh(other):
                base = Expression(f"{base.at_least(ATOM)}.copy()")
        written = [self._part(c, x) for c, x in parts]
        apart = not rest and len({subscripts for subscripts, _, _ in written}) == len(parts)
        numbers = all(subscripts.isdigit() for subscripts, _, _ in written)
        if apart and numbers:
            written.sort(key=lambda part: int(part[0]))
        alone = apart and (numbers or len(parts) == 1)
        quantity = self.wanted.get(node)
        name = self.temporary(node) if quantity is None else quantity.name
        if quantity is not None and name in self.returned:
            self.given.add(node)
        self.assign(node, name, replace(base, labels=node.axes, is_view=False))
        for subscripts, value, repeats in written:
            if repeats:
                indices = f"np.s_[{subscripts}]" if ":" in subscripts else subscripts
                if indices == subscripts and has_comma(subscripts):
                    indices = f"({subscripts})"
                call = f"np.add.at({name}, {indices}, {value.text})"
                self.body.statements.append((*self.place, Statement("", call)))
                continue
            negative = not alone and value.text.startswith("-") and value.precedence >= PRODUCT
            text = value.text[1:] if negative else value.text
            operator = "=" if alone else "-=" if negative else "+="
            target = f"{name}[{subscripts}]"
            self.body.statements.append((*self.place, Statement(target, text, "", operator)))

    def _part(self, coefficient, node: Node) -> tuple[str, Expression, bool]:
        """Return the subscripts of a placement, the text of what it adds, and if they repeat."""
        texts = [self.texts[x] for x in node.operands]
        subscripts, part, repeats = self.target.place(node, texts, self.counter)
        if coefficient != 1:
            part = times([part.at_least(UNARY)], [], coefficient)
        if repeats and len(part.text) > ROOM:
            name = self.names.temporary()
            line = Statement(name, part.text, node=node.operands[0])
            self.body.statements.append((*self.place, line))
            part = Expression(name, is_name=True)
        return subscripts, part, repeats

    def rescalable(self, node: Node, operands: list[Expression], text: Expression) -> Expression:
        """Let a sum write its coefficient into the product, as in ``2 * a * b``."""
        return Expression(
            text.text,
            text.precedence,
            text.labels,
            text.keepdims,
            text.kept,
            text.is_view,
            text.is_name,
            text.is_symmetric,
            text.inverse,
            lambda c: self.target.contraction(node, operands, c),
        )

    def shorten(self, node: Node) -> None:
        """Name the longest inlined operands of `node` until the rest fits on a line."""
        lengths = {}
        for x in node.operands:
            text = self.texts[x]
            if not text.is_name and x.op.family != LEAF:
                inner = x.operands[0] if text.inverted else x
                if inner.op.family != LEAF and not self.texts[inner].is_name:
                    lengths[inner] = len(text.text)
        while sum(lengths.values()) > ROOM:
            longest = max(lengths, key=lengths.get)
            del lengths[longest]
            self.assign(longest, self.names.temporary(), self.texts[longest])
            for x in node.operands:
                if self.texts[x].inverted and x.operands[0] is longest:
                    del self.texts[x]
                    self.compose(x)

    def assign(self, node: Node, name: str, text: Expression, note: str = "") -> None:
        """Give `node` the line ``name = text``."""
        margin = show_shape(node.shape) if node.shape else note
        line = Statement(name, text.text, margin, node=node, is_view=text.is_view)
        self.body.statements.append((*self.place, line))
        labels = text.labels if node in self.constant else node.axes
        self.texts[node] = Expression(
            name, labels=labels, is_view=text.is_view, is_name=True, is_symmetric=node.symmetric
        )


def _is_constant_along(node: Node) -> bool:
    """Whether a product is the same everywhere along some of its axes, so that it may lack them.

    Only an array divides by no elements unharmed: a number that divides stays one.
    """
    if node.op is not CONTRACT or any(x.dtype == BOOL for x in node.operands):
        return False
    present = {k for ls in node.labels for k in ls if k < node.rank}
    number = not present and any(x.op.inverts for x in node.operands)
    return len(present) < node.rank and not number


def is_fresh(node: Node) -> bool:
    """Whether the text of a node makes a new array, which nothing else reads."""
    op = node.op
    if op is CONTRACT:
        several = len(node.operands) != 1 or node.coefficient != 1 or node.summed
        return bool(several) or node.operands[0].dtype == BOOL
    if op is index:
        return any(x.shape for x in node.operands[1:])
    if op.family == MAP:
        return op.numpy.template != "{0}"
    return op.family != LEAF and not getattr(op, "is_view", False)


def is_diagonal_matrix(node: Node) -> bool:
    """Whether a placement is a vector on the diagonal of a square matrix."""
    whole = ("slice", None, None, 1, 0)
    return node.op is place and node.attrs[0] == (whole, whole)


def _as_result(text: Expression, node: Node) -> Expression:
    """Return what a function returns of `node`: a number where NumPy has an array without axes,
    floats where it has counted, as the declared type has it.
    """
    selects = node.op is CONTRACT and any(x.dtype == BOOL for x in node.operands)
    inner = node
    while inner.op is CONTRACT and len(inner.operands) == 1 and inner.operands[0].dtype != BOOL:
        inner = inner.operands[0]  # a count may come broadcast
    if inner.op is CONTRACT and inner.summed and all(x.dtype == BOOL for x in inner.operands):
        return Expression(f"{text.at_least(ATOM)}.astype(float)", labels=node.axes)
    if not node.shape and (node.op is where or (selects and not node.summed)):
        return Expression(f"{text.at_least(ATOM)}[()]")
    return text


def copied(text: Expression, node: Node) -> str:
    """Return the text of a copy: results never share memory with inputs."""
    if node.shape:
        return f"{text.text}.copy()"
    return f"+{text.text}" if text.is_name else text.text
