"""A target: how nodes become text. One states only what differs from its base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..dims import Size, product
from ..graph import ADD, ARANGE, CONSTANT, CONTRACT, EYE, INPUT, NUMBER, SIZE, Node
from ..ops.define import (
    ATOM,
    PRODUCT,
    SUM,
    UNARY,
    Along,
    Core,
    Elementwise,
    Helper,
    Reduction,
    Spelling,
)
from ..ops.indexing import Plan, counted, index, labelled, nonzero, place
from ..ops.shaping import Shaping
from .align import (
    axis_option,
    axis_text,
    broadcast_to,
    reduced,
    shape_text,
    size_text,
    spread,
    transposed,
)
from .contraction import Factor, contraction, diagonal
from .expression import Expression, literal, times

#: The name of an array of the numbers below a size.
Counter = Callable[[Size], str]


@dataclass
class Requirements:
    """What the statements of a module use: helpers to print and lines to import."""

    numpy: bool = False
    helpers: dict[str, Helper] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """A language of emission.

    `spellings` overrides, by op name, what the registry says; `constants` spells named constants.
    """

    name: str = "numpy"
    spellings: dict[str, Spelling] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=lambda: {"pi": "np.pi"})

    def spelling(self, op) -> Spelling:
        """Return how `op` is written."""
        return self.spellings.get(op.name, op.numpy)

    def write(self, node: Node, operands: list[Expression], needs: Requirements) -> Expression:
        """Return the text of `node` from the texts of its operands; its axes are ``0..rank-1``.

        What the text needs besides is entered in `needs`.
        """
        op = node.op
        if op is INPUT:
            return Expression(node.name, ATOM, node.axes, is_view=True, is_name=True)
        if op is NUMBER:
            return literal(node.value)
        if op is CONSTANT:
            return Expression(self.constants[node.name], ATOM)
        if op is SIZE:
            text = size_text(node.attrs[0])
            loose = SUM if "+" in text or "-" in text else PRODUCT
            return Expression(text, loose if " " in text else ATOM)
        if op is EYE:
            return Expression(f"np.eye({size_text(node.shape[0])})", ATOM, node.axes)
        if op is ARANGE:
            return Expression(f"np.arange({size_text(node.shape[0])})", ATOM, node.axes)
        if op is CONTRACT:
            return self.contraction(node, operands)
        if op is ADD:
            return self.sum(node, operands)
        if op is index:
            return self.index(node, operands)
        if op is place:
            return Expression(f"np.diag({operands[0].text})", ATOM, node.axes)
        if op is nonzero:
            return Expression(operands[0].at_least(ATOM), ATOM, node.axes)  # the mask itself
        spelling = self.spelling(op)
        if spelling.helper:
            needs.helpers[spelling.helper.name] = spelling.helper
        if spelling.imports:
            needs.imports[spelling.imports] = None
        if isinstance(op, Elementwise):
            return self.map(node, operands, spelling)
        if isinstance(op, Reduction):
            return self.reduction(node, operands, spelling)
        if isinstance(op, Core):
            return self.core(node, operands, spelling)
        if isinstance(op, Shaping):
            return self.shaping(node, operands, spelling)
        assert isinstance(op, Along), op
        return self.along(node, operands, spelling)

    def contraction(self, node: Node, operands, coefficient=None) -> Expression:
        """Write a contraction; `coefficient`, where given, replaces its own."""
        if coefficient is None:
            coefficient = node.coefficient
        if not node.operands:
            return self.full(node, coefficient)
        factors, divisors, masks = [], [], []
        for x, text, labels in zip(node.operands, operands, node.labels, strict=True):
            if text.inverted:
                divisors.append(Factor(x.operands[0], text.divisor(labels)))
            elif x.dtype == "bool":
                masks.append(Factor(x, text.labelled(labels)))
            else:
                factors.append(Factor(x, text.labelled(labels)))
        sizes = dict(enumerate(node.shape))
        for x, labels in zip(node.operands, node.labels, strict=True):
            sizes.update(zip(labels, x.shape, strict=True))
        for i, f in enumerate(factors):
            factors[i] = _mean(f, divisors)
        return contraction(coefficient, factors, divisors, masks, node.axes, sizes)

    def full(self, node: Node, value) -> Expression:
        """Write an array of one number."""
        shape = shape_text(node.shape)
        if value in (0, 1):
            return Expression(f"np.{'ones' if value else 'zeros'}({shape})", ATOM, node.axes)
        return Expression(f"np.full({shape}, {literal(float(value)).text})", ATOM, node.axes)

    def sum(self, node: Node, operands: list[Expression]) -> Expression:
        """Write a sum of terms with their signs."""
        text = ""
        present = {k for labels in node.labels for k in labels}
        order = tuple(k for k in node.axes if k in present)
        for c, x, operand, labels in zip(
            node.attrs, node.operands, operands, node.labels, strict=True
        ):
            term = self.term(abs(c), x, operand, labels, order)
            negative = c < 0
            if term.text.startswith("-") and term.precedence >= PRODUCT:
                negative, term = not negative, replace(term, text=term.text[1:])
            if not text:
                apart = negative and (term.precedence == SUM or " @ " in term.text)
                shown = term.at_least(UNARY if apart else SUM)
                text = f"-{shown}" if negative else shown
            else:
                text += f" {'-' if negative else '+'} {term.at_least(PRODUCT)}"
        result = Expression(text, SUM, order)
        if order != node.axes:
            return broadcast_to(result, node.axes, shape_text(node.shape))
        return result

    def term(self, coefficient, x: Node, operand: Expression, labels, out) -> Expression:
        """Write one term of a sum."""
        if operand.inverted:
            divisor = spread(diagonal(operand.divisor(labels)), out)
            return times([], [divisor.at_least(UNARY)], coefficient)
        if coefficient != 1 and operand.rescaled is not None:
            return spread(diagonal(operand.rescaled(coefficient).labelled(labels)), out)
        value = spread(diagonal(operand.labelled(labels)), out)
        if coefficient == 1:
            return value
        return times([value.at_least(UNARY)], [], coefficient)

    def map(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write an elementwise function."""
        present = {k for ls in node.labels for k in ls}
        order = tuple(k for k in node.axes if k in present)
        texts = []
        if node.op.name == "where" and all(x.op is NUMBER for x in node.operands[1:]):
            # Two integers would make an array of integers.
            operands = [operands[0], *(literal(float(x.value)) for x in node.operands[1:])]
        for i, (operand, labels) in enumerate(zip(operands, node.labels, strict=True)):
            value = spread(diagonal(operand.labelled(labels)), order)
            need = spelling.needs[i] if i < len(spelling.needs) else 0
            texts.append(value.at_least(need))
        attrs = dict(zip(node.op.attributes, node.attrs, strict=True))
        if node.op.name == "not" and not node.shape and spelling is node.op.numpy:
            spelling = Spelling("np.logical_not({0})")  # ~ of a Python bool is an integer
        if spelling.template == "{0}":  # the operand itself, which may be a view of an input
            result = spread(diagonal(operands[0].labelled(node.labels[0])), order)
        else:
            text = spelling.template.format(*texts, **attrs)
            result = Expression(text, spelling.precedence, order)
        if order != node.axes:
            if all(n == 1 or k in order for k, n in enumerate(node.shape)):
                return replace(spread(result, node.axes, trailing=False), labels=node.axes)
            return broadcast_to(result, node.axes, shape_text(node.shape))
        return result

    def reduction(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write a reduction over the labels that the node lacks."""
        x = diagonal(operands[0].labelled(node.labels[0]))
        axes = tuple(i for i, k in enumerate(x.labels) if k >= node.rank)
        head = spelling.template.partition("{axis}")[0].format(x.text)
        takes_keepdims = head if spelling.helper is None else None
        result = reduced(
            x, axes, lambda axis: spelling.template.format(x.text, axis=axis), takes_keepdims
        )
        order = tuple(k for k in node.axes if k in result.labels)
        if result.labels != order:
            return transposed(result, order)
        return result

    def index(self, node: Node, operands, counter: Counter | None = None) -> Expression:
        """Write the elements of an array that subscripts choose; `counter` as for :meth:`place`."""
        offset = _diagonal_offset(node)
        if offset is not None:
            text = f"np.diagonal({operands[0].text}{f', {offset}' if offset else ''})"
            return Expression(text, ATOM, node.axes, is_view=operands[0].is_view)
        x, *arrays = (o.labelled(ls) for o, ls in zip(operands, node.labels, strict=True))
        items = labelled(node.attrs[0], node.axes)
        plan = Plan.of(items, x.labels, node.labels[1:])
        sizes = node.operands[0].shape
        arrays = _masks(arrays, node.operands[1:], plan)
        subscripts = _subscripts(items, plan, x.labels, sizes, arrays, counter)
        text = f"{x.at_least(ATOM)}[{subscripts}]"
        is_view = x.is_view and not plan.block and bool(node.shape)
        return transposed(Expression(text, ATOM, plan.part, is_view=is_view), node.axes)

    def place(
        self, node: Node, operands, counter: Counter | None = None
    ) -> tuple[str, Expression, bool]:
        """Write what a placement adds: the subscripts, the part, and whether they may repeat.

        ``counter(size)``, where given, returns the name of an array of the numbers below a size.
        The part may lack axes along which it is constant: NumPy broadcasts it.
        """
        g, *arrays = operands
        own = dict(enumerate(node.labels[0]))
        g = g.labelled([own[k] for k in g.labels])
        arrays = [x.labelled(ls) for x, ls in zip(arrays, node.labels[1:], strict=True)]
        items = labelled(node.attrs[0], node.labels[0])
        plan = Plan.of(items, node.axes, node.labels[1:])
        arrays = _masks(list(map(diagonal, arrays)), node.operands[1:], plan)
        subscripts = _subscripts(items, plan, node.axes, node.shape, arrays, counter)
        unique = {node.axes[i] for i in plan.aranges}
        unique |= {items[i][4] for i in plan.aranges if items[i][0] == "slice"}
        repeats = any(
            x.op is not nonzero and not unique.issuperset(ls)
            for x, ls in zip(node.operands[1:], node.labels[1:], strict=True)
        )
        return subscripts, spread(g, plan.part), repeats

    def core(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write an operation on the last axes, the batch before them as NumPy broadcasts it."""
        ranks = node.op.ranks
        batch = node.axes[: node.rank - ranks[-1]]
        attrs = dict(zip(node.op.attributes, node.attrs, strict=True))
        if "columns" in spelling.layout:
            return self.columns(node, operands, spelling)
        texts = []
        for i, (x, labels, rank) in enumerate(zip(operands, node.labels, ranks, strict=False)):
            own = labels[len(labels) - rank :]
            need = spelling.needs[i] if i < len(spelling.needs) else 0
            texts.append(spread(diagonal(x.labelled(labels)), (*batch, *own)).at_least(need))
        shown = {k: _attribute(v) for k, v in attrs.items()}
        shown["offset"] = f", {shown['offset']}" if attrs.get("offset") else ""
        shown["batch"] = "".join(f"{size_text(n)}, " for n in node.shape[: len(batch)])
        return Expression(spelling.template.format(*texts, **shown), spelling.precedence, node.axes)

    def shaping(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write an operation that moves elements; its operands have their axes in its order."""
        values = [
            spread(diagonal(x.labelled(ls)), ls)
            for x, ls in zip(operands, node.labels, strict=True)
        ]
        texts = [x.at_least(ATOM if spelling.template.startswith("{0}.") else 0) for x in values]
        fields = node.op.fields(node, size_text)
        text = spelling.template.format(*texts, operands=", ".join(texts), **fields)
        is_view = node.op.is_view and values[0].is_view
        return Expression(text, spelling.precedence, node.axes, is_view=is_view)

    def columns(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write the solution of linear equations for the vectors along the second operand's core.

        Its axes that the matrix lacks are columns; NumPy takes one such axis, behind the core.
        """
        batch, own = node.axes[:-1], node.axes[-1]
        a, b = (diagonal(x.labelled(ls)) for x, ls in zip(operands, node.labels, strict=True))
        rows = node.labels[1][-1]
        free = [k for k in batch if k not in node.labels[0]]
        last = free[-1:]
        rest = tuple(k for k in batch if k not in last)
        matrix = spread(a, (*rest, *node.labels[0][-2:])).text
        if not batch or last:
            right = spread(b, (*rest, rows, *last), trailing=not rest).text
            text = spelling.template.format(matrix, right)
            return transposed(Expression(text, ATOM, (*rest, own, *last)), node.axes)
        right = f"{spread(b, (*rest, rows)).at_least(ATOM)}[..., None]"
        return Expression(f"{spelling.template.format(matrix, right)}[..., 0]", ATOM, node.axes)

    def along(self, node: Node, operands, spelling: Spelling) -> Expression:
        """Write an operation along axes of the node."""
        texts = [
            spread(diagonal(x.labelled(ls)), node.axes, trailing=len(operands) > 1).text
            for x, ls in zip(operands, node.labels, strict=True)
        ]
        text = spelling.template.format(
            *texts,
            operands=", ".join(texts),
            rest=", ".join(texts[2:]),
            along=axis_text(node.attrs[0]),
            axis=axis_option(node.attrs[0], node.rank),
        )
        return Expression(text, spelling.precedence, node.axes)


def _mean(f: Factor, divisors: list[Factor]) -> Factor:
    """Turn an inlined sum into a mean where its number of terms is among the divisors."""
    x, text = f.node, f.text
    if x.op is not CONTRACT or not text.text.startswith("np.sum(") or text.precedence < ATOM:
        return f
    inner = {
        k: n
        for o, ls in zip(x.operands, x.labels, strict=True)
        for k, n in zip(ls, o.shape, strict=True)
    }
    terms = product(inner[k] for k in x.summed)
    for d in divisors:
        if d.node.op is SIZE and d.node.attrs[0] == terms:
            divisors.remove(d)
            kept = text.keepdims and text.keepdims.replace("np.sum(", "np.mean(", 1)
            mean = replace(text, text=text.text.replace("np.sum(", "np.mean(", 1), keepdims=kept)
            return Factor(x, mean)
    return f


def _masks(arrays: list[Expression], nodes: Sequence[Node], plan: Plan) -> list[Expression]:
    """Write masks as themselves where NumPy takes them so, else as the places that they choose."""
    if len(plan.block) == 1 and not plan.aranges:
        return arrays
    return [
        replace(x, text=f"np.flatnonzero({x.text})") if node.op is nonzero else x
        for x, node in zip(arrays, nodes, strict=True)
    ]


def _subscripts(
    items, plan: Plan, whole, sizes, arrays: list[Expression], counter: Counter | None = None
) -> str:
    """Write subscripts, one for each axis; whole axes at the end are left out."""
    texts = []
    for i, (item, n) in enumerate(zip(items, sizes, strict=True)):
        if i in plan.aranges:
            label = item[4] if item[0] == "slice" else whole[i]
            line = steps(*counted(n, item), counter)
            texts.append(spread(replace(line, labels=(label,)), plan.block).text)
        elif item[0] == "array":
            texts.append(spread(arrays[item[1] - 1], plan.block).text)
        elif item[0] == "int":
            texts.append(size_text(item[1]))
        elif item[0] == "slice":
            start, stop = ("" if v is None else size_text(v) for v in item[1:3])
            texts.append(f"{start}:{stop}" + (f":{item[3]}" if item[3] != 1 else ""))
        else:
            texts.append(":")
    while len(texts) > 1 and texts[-1] == ":":
        texts.pop()
    return ", ".join(texts)


def steps(count: Size, first: Size, step: int, counter: Counter | None) -> Expression:
    """Write the numbers ``first, first + step, ...``, as many as `count`."""
    base = counter(count) if counter else f"np.arange({size_text(count)})"
    if step == -1:
        return Expression(f"{size_text(first)} - {base}", SUM)
    text = base if step == 1 else f"{step} * {base}"
    if first == 0:
        return Expression(text, ATOM if step == 1 else PRODUCT)
    return Expression(f"{text} + {size_text(first)}", SUM)


def _diagonal_offset(node: Node) -> int | None:
    """Return the offset of the diagonal of a matrix that a node reads, None where it is none."""
    items, shape = node.attrs[0], node.operands[0].shape
    if len(items) != 2 or any(item[0] != "slice" for item in items) or items[0][4] != items[1][4]:
        return None
    (count, i, step), (_, j, other) = (counted(n, x) for n, x in zip(shape, items, strict=True))
    offset = j - i
    if not isinstance(offset, int) or (step, other) != (1, 1):
        return None
    first, ends = (i, (count + i, count + j)) if offset >= 0 else (j, (count + i, count + j))
    return offset if first == 0 and any(e == n for e, n in zip(ends, shape, strict=True)) else None


def _attribute(value) -> str:
    """Write a number, a size or a shape."""
    if isinstance(value, tuple):
        return ", ".join(map(size_text, value))
    return size_text(value)


NUMPY = Target()
TARGETS = {"numpy": NUMPY}
