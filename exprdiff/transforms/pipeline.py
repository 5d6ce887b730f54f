"""The order of the passes, and what they hand to the emitter.

A pass takes the roots of a graph and returns a map from every old node to its new one. They run in
the order of :data:`PASSES`; the table is the whole of the middle of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from .. import option_messages as messages
from ..diagnostics import ExprDiffError, Mistake, Span
from ..frontend.lower import Input, Lowered
from ..graph import CONTRACT, LEAF, REAL, Node, input_, keep_whole, topological
from ..indexed import Indexed
from .contract import plan
from .guard import guard
from .reverse import adjoints
from .rewrite import Fired
from .simplify import simplify
from .stabilise import specialise, stabilise

FORWARD, REVERSE = "forward", "reverse"
DERIVATIVE = "'"  # no identifier begins with it
MOST_PATHS = 3  # paths of a derivative that a note tells
DEFAULT = ("forward", "gradient", "value_and_gradient")

#: A pass: what is returned, what else has a name, the nodes of the forward sweep, and a log.
Pass = Callable[[Sequence[Node], Sequence[Node], set[Node], list[Fired]], dict[Node, Node]]


@dataclass(frozen=True)
class Row:
    """A pass of the table: where it runs, on which levels, and what it is for."""

    name: str
    run: Pass
    stage: str  # "program" before differentiating, "derivative" after, "function" for each function
    sentence: str
    switch: str | None = None


PASSES = (
    Row("stabilise", stabilise, "program",
        "Replace forms that overflow or cancel by equal ones that do not, so that the derivative "
        "is stable by construction.", "stabilise"),
    Row("plan", plan, "program",
        "Reorder chains of products where that is cheaper, before the derivative shares them."),
    Row("simplify", simplify, "derivative",
        "Factor sums of adjoints and put them in the order in which a person writes them."),
    Row("stabilise again", stabilise, "derivative",
        "Mend what differentiating created anew.", "stabilise"),
    Row("specialise", specialise, "function",
        "Compute one thing from another that this function needs anyway."),
    Row("plan contractions", plan, "function",
        "Choose the cheapest order for each product of several factors."),
    Row("guard", guard, "function",
        "Give operations in branches that are not taken a harmless operand."),
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What is asked of a compilation.

    `wrt` names the inputs to differentiate by (None: every real input that is no data), `of` the
    output to differentiate, `emit` the functions to write, `optimize` the level, `target` the
    language of emission.
    """

    wrt: tuple[str, ...] | None = None
    of: str | None = None
    emit: tuple[str, ...] | None = None
    optimize: int = 1
    stabilise: bool = True
    checks: bool = True
    target: str = "numpy"


@dataclass
class Quantity:
    """A named value, or the derivative of one; `line` is the source line that it belongs to."""

    name: str
    node: Node
    line: int
    sweep: str = FORWARD
    variable: str | None = None
    note: str = ""


@dataclass
class Derived:
    """A program with its derivatives, ready to be written.

    `functions` maps a function's name to its results: (node, name of the quantity or None).
    """

    lowered: Lowered
    options: Options
    inputs: list[Input]
    wrt: list[Input]
    outputs: list[Quantity]
    differentiated: str | None = None
    quantities: list[Quantity] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    functions: dict[str, list[tuple[Node, str | None]]] = field(default_factory=dict)
    watch: Callable[[str, Sequence[Node]], None] | None = None


def derive(
    lowered: Lowered,
    options: Options,
    watch: Callable[[str, Sequence[Node]], None] | None = None,
) -> Derived:
    """Run the passes up to the derivative and return the program with its derivatives.

    `watch` is called after each pass with its name and the roots (the tests verify them).
    Raises ExprDiffError where the options do not fit the program.
    """
    try:
        return _derive(lowered, options, watch)
    except Mistake as mistake:
        whole = Span(0, 0)
        raise ExprDiffError([mistake.diagnostic(whole)], lowered.source) from None


def _derive(lowered, options, watch) -> Derived:
    source = lowered.source

    def line(statement: int) -> int:
        return source.position(lowered.statements[statement].span.start)[0]

    unit = Derived(
        lowered,
        options,
        lowered.inputs,
        _wrt(lowered, options),
        [Quantity(x.name, x.node, line(x.statement)) for x in lowered.outputs],
        watch=watch,
    )
    unit.quantities = [Quantity(x.name, x.node, line(x.statement)) for x in lowered.names]
    listed = {q.name for q in unit.quantities}
    unit.quantities += [q for q in unit.outputs if q.name not in listed]
    origin = {n: lowered.statement_of(n) for n in lowered.nodes()}
    if options.optimize:
        _run(unit, "program", origin, line)
    if watch:
        watch("lower", [q.node for q in unit.quantities])
    known = [q.name for q in unit.outputs]
    if options.of is not None and options.of not in known:
        raise messages.unknown_output(options.of, known)
    emit = options.emit or _default(unit)
    if set(emit) - {"forward"}:
        output = _differentiated(unit)
        unit.differentiated = output.name
        if not unit.wrt:
            raise messages.nothing_to_differentiate()
        if options.optimize:
            _differentiate(unit, output, origin, line)
        else:
            _textbook(unit, output, origin, line)
        if options.optimize:
            _run(unit, "derivative", origin, line)
    _functions(unit, emit)
    return unit


def _run(unit: Derived, stage: str, origin: dict[Node, int], line) -> None:
    """Run the passes of a stage over all quantities."""
    for row in PASSES:
        if row.stage != stage or (row.switch and not getattr(unit.options, row.switch)):
            continue
        wanted = {x.name for x in unit.wrt}
        roots = [q.node for q in unit.outputs]
        roots += [q.node for q in unit.quantities if q.sweep == REVERSE and q.variable in wanted]
        soft = [q.node for q in unit.quantities]
        fired: list[Fired] = []
        new = row.run(roots, soft, _primal(unit.quantities), fired)
        for f in fired:
            place = f"line {line(origin[f.node])}: " if stage == "program" else ""
            note = f"{place}{f.rule}, because {f.rule.reason}"
            if not any(n.endswith(note) for n in unit.rewritten):
                unit.rewritten.append(note)
        for old, node in new.items():
            if old in origin:
                origin.setdefault(node, origin[old])
        for q in {id(q): q for q in (*unit.quantities, *unit.outputs)}.values():
            q.node = new[q.node]
        if unit.watch:
            unit.watch(row.name, [q.node for q in unit.quantities])


def _primal(quantities: Sequence[Quantity]) -> set[Node]:
    """The nodes of the forward sweep, once there is a reverse one."""
    if all(q.sweep == FORWARD for q in quantities):
        return set()
    return set(topological([q.node for q in quantities if q.sweep == FORWARD]))


def _wrt(lowered: Lowered, options: Options) -> list[Input]:
    known = {x.name: x for x in lowered.inputs}
    if options.wrt is None:
        return [x for x in lowered.inputs if not x.data and x.node.dtype == REAL]
    chosen = []
    for name in options.wrt:
        if name not in known:
            raise messages.unknown_wrt(name, known)
        if known[name].node.dtype != REAL:
            raise messages.wrt_not_real(name, known[name].node.dtype, known[name].span)
        if known[name] not in chosen:
            chosen.append(known[name])
    return sorted(chosen, key=lowered.inputs.index)


def _default(unit: Derived) -> tuple[str, ...]:
    scalar = any(not q.node.shape for q in unit.outputs)
    return DEFAULT if scalar and unit.wrt else ("forward",)


def _differentiated(unit: Derived) -> Quantity:
    """The output to differentiate."""
    names = [q.name for q in unit.outputs]
    if unit.options.of is not None:
        chosen = unit.outputs[names.index(unit.options.of)]
        if chosen.node.shape:
            raise messages.gradient_of_array(_described(unit, [chosen]), _place(unit, chosen))
        return chosen
    scalars = [q for q in unit.outputs if not q.node.shape]
    if not scalars:
        raise messages.gradient_of_array(
            _described(unit, unit.outputs), _place(unit, unit.outputs[0])
        )
    if len(scalars) > 1:
        raise messages.which_output([q.name for q in scalars], _place(unit, scalars[1]))
    return scalars[0]


def _described(unit: Derived, outputs: Sequence[Quantity]) -> str:
    return " and ".join(f"{q.name} is real[{', '.join(map(str, q.node.shape))}]" for q in outputs)


def _place(unit: Derived, output: Quantity) -> Span:
    named = next(x for x in unit.lowered.outputs if x.name == output.name)
    return unit.lowered.statements[named.statement].span


def _differentiate(unit: Derived, output: Quantity, origin: dict[Node, int], line) -> None:
    """Append the derivative of `output` by every named value, in the order of the reverse sweep."""
    names = {x.node: x.name for x in unit.wrt}
    for q in unit.quantities:
        if q.node is not output.node:
            names.setdefault(q.node, q.name)

    def settle(node: Node, adjoint: Indexed) -> Indexed:
        if node in names and adjoint.node.op is CONTRACT and adjoint.node.operands:
            keep_whole(adjoint.node)
        return adjoint

    found = adjoints(output.node, [x.node for x in unit.wrt], settle=settle)
    consumers: dict[Node, list[Node]] = {}
    for node in reversed(topological([output.node])):
        users = consumers.get(node, ())
        origin.setdefault(node, min((origin[x] for x in users), default=0))
        for x in node.operands:
            if x in found and node in found:
                consumers.setdefault(x, []).append(node)
    derivatives = []
    for node, adjoint in found.items():
        if node in names:
            users = consumers.get(node, ())
            first = min((origin[x] for x in users), default=unit.lowered.outputs[0].statement)
            name = derivative_name(output.name, names[node])
            note = _paths(unit, users)
            derivatives.append(Quantity(name, adjoint, line(first), REVERSE, names[node], note))
    order = {x.name: i + 1 for i, x in enumerate(unit.wrt)}
    derivatives.sort(key=lambda q: (-q.line, order.get(q.variable, 0)))
    unit.quantities += derivatives


def derivative_name(output: str, variable: str) -> str:
    """Return the name of a derivative; its mark tells it from a variable that is called like it."""
    return f"{DERIVATIVE}d{output}_d{variable}"


def _paths(unit: Derived, users: Sequence[Node]) -> str:
    """Say through which parts of the formula a derivative comes, where there are several."""
    users = list(dict.fromkeys(users))
    spans = [unit.lowered.spans.get(x) for x in users[:MOST_PATHS]]
    if not 1 < len(users) <= MOST_PATHS or None in spans or not unit.lowered.is_pointwise:
        return ""
    text = unit.lowered.source.text
    parts = [text[s.start : s.end].strip() for s in sorted(spans)]
    parts = [p[1:-1] if p.startswith("(") and p.endswith(")") else p for p in parts]
    note = "through " + ", and through ".join(parts)
    return note if len(note) <= 50 and note.isprintable() else ""


def _textbook(unit: Derived, output: Quantity, origin: dict[Node, int], line) -> None:
    """Name every node, and append the derivative by each in terms of those of its consumers.

    Algorithm 6.2 of Goodfellow, Bengio and Courville, *Deep Learning* (2016): one step of the chain
    rule a line. The derivatives meet as leaves, so that nothing is simplified across them.
    """
    names = {x.node: x.name for x in unit.lowered.inputs}
    taken = {*names.values(), *(q.name for q in unit.quantities)}
    for q in unit.quantities:
        names.setdefault(q.node, q.name)
    forward, number = [], 0
    for node in topological([q.node for q in unit.quantities]):
        if node.op.family == LEAF or (node.op.inverts and node not in names):
            continue
        if node not in names:
            number += 1
            while f"t{number}" in taken:
                number += 1
            names[node] = f"t{number}"
        forward.append(Quantity(names[node], node, line(origin.get(node, 0))))
    reverse = []

    def settle(node: Node, adjoint: Indexed) -> Indexed:
        if node not in names:
            return adjoint
        name = derivative_name(output.name, names[node])
        at = min((origin.get(x, 0) for x in consumers.get(node, ())), default=origin.get(node, 0))
        reverse.append(Quantity(name, adjoint.node, line(at), REVERSE, names[node]))
        return Indexed(input_(name, adjoint.node.shape), adjoint.labels)

    consumers: dict[Node, list[Node]] = {}
    for node in topological([output.node]):
        for x in node.operands:
            consumers.setdefault(x, []).append(node)
    found = adjoints(output.node, [x.node for x in unit.wrt], settle=settle)
    settled = {q.variable for q in reverse}
    for x in unit.wrt:
        if x.name not in settled:
            zero = Quantity(derivative_name(output.name, x.name), found[x.node], 0, REVERSE, x.name)
            reverse.append(zero)
    unit.quantities = forward + reverse


def _functions(unit: Derived, emit: Sequence[str]) -> None:
    """List what each function returns."""
    gradient = {q.variable: q for q in unit.quantities if q.sweep == REVERSE}
    partials = (
        [(gradient[x.name].node, gradient[x.name].name) for x in unit.wrt] if gradient else []
    )
    for name in emit:
        if name == "forward":
            unit.functions[name] = [(q.node, None) for q in unit.outputs]
        elif name == "gradient":
            unit.functions[name] = partials
        elif name == "value_and_gradient":
            value = next(q for q in unit.outputs if q.name == unit.differentiated)
            unit.functions[name] = [(value.node, None), *partials]
        else:
            raise messages.unknown_function_to_emit(name, DEFAULT)


def specialised(unit: Derived, name: str):
    """Return the results, quantities and forward nodes of one function after its own passes."""
    results = unit.functions[name]
    quantities = unit.quantities
    if name == "forward":
        quantities = [q for q in quantities if q.sweep == FORWARD]
    primal = topological([q.node for q in quantities if q.sweep == FORWARD])
    for row in PASSES:
        if row.stage != "function" or not unit.options.optimize:
            continue
        new = row.run([node for node, _ in results], (), set(primal), [])
        results = [(new[node], label) for node, label in results]
        quantities = [replace(q, node=new[q.node]) for q in quantities if q.node in new]
        primal = [new[node] for node in primal if node in new]
        if unit.watch:
            unit.watch(f"{row.name} ({name})", [node for node, _ in results])
    return results, quantities, primal
