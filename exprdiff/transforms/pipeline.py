"""The order of the passes, and what they hand to the emitter.

A pass takes the roots of a graph and returns a map from every old node to its new one. They run in
the order of :data:`PASSES`; the table is the whole of the middle of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .. import option_messages as messages
from ..diagnostics import ExprDiffError, Mistake, Span
from ..frontend import ast
from ..frontend.lower import lower
from ..frontend.lowered import Input, Lowered
from ..graph import REAL, Node, topological
from ..ops.calculus import preparing
from .contract import plan
from .derived import FORWARD, REVERSE, Derived, Options, Quantity
from .differentiate import differentiate, textbook
from .guard import guard
from .local import local
from .products import KINDS, Request
from .rewrite import Fired
from .simplify import simplify
from .specialise import factorise, specialise, square
from .stabilise import stabilise
from .structure import Structures

DEFAULT = ("forward", "gradient", "value_and_gradient")
LOCAL = "local"

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
    Row("factorise", factorise, "function",
        "Solve with a matrix declared positive definite by its Cholesky factor, computed once."),
    Row("square", square, "function",
        "Compute a weighted product of a matrix with itself by half the multiplications."),
    Row("plan contractions", plan, "function",
        "Choose the cheapest order for each product of several factors."),
    Row("guard", guard, "function",
        "Give operations in branches that are not taken a harmless operand."),
)  # fmt: skip


def lowered_for(program: ast.Program, options: Options) -> Lowered:
    """Return the graph of `program`; derivatives inside it are taken of stabilised formulas.

    Raises ExprDiffError.
    """
    fired: list[Fired] = []

    def prepare(node: Node) -> Node:
        if not (options.optimize and options.stabilise):
            return node
        return stabilise([node], (), set(), fired)[node]

    def finish(derivative: Node, of: Node) -> Node:
        if options.optimize:
            primal = set(topological([of]))
            derivative = Structures([derivative], primal).array(derivative)
            derivative = simplify([derivative], (), primal, fired)[derivative]
        return prepare(derivative)

    with preparing(prepare, finish):
        lowered = lower(program, options.wrt or ())
    lowered.rewritten = list(dict.fromkeys(f"{f.rule}, because {f.rule.reason}" for f in fired))
    return lowered


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
    unit = Derived(lowered, options, lowered.inputs, _wrt(lowered, options), watch=watch)
    unit.rewritten += lowered.rewritten
    unit.outputs = [Quantity(x.name, x.node, unit.line(x.statement)) for x in lowered.outputs]
    unit.quantities = [Quantity(x.name, x.node, unit.line(x.statement)) for x in lowered.names]
    listed = {q.name for q in unit.quantities}
    unit.quantities += [q for q in unit.outputs if q.name not in listed]
    unit.origin = {n: lowered.statement_of(n) for n in lowered.nodes()}
    if options.optimize:
        _run(unit, "program")
    if watch:
        watch("lower", [q.node for q in unit.quantities])
    known = [q.name for q in unit.outputs]
    if options.of is not None and options.of not in known:
        raise messages.unknown_output(options.of, known)
    emit = options.emit or _default(unit)
    for name in emit:
        if name not in (*DEFAULT, LOCAL, *KINDS):
            raise messages.unknown_function_to_emit(name, (*DEFAULT, LOCAL, *KINDS))
    if set(emit) - {"forward"} and not unit.wrt:
        raise messages.nothing_to_differentiate()
    if LOCAL in emit:
        unit.local = local(lowered, options, unit.wrt, _differentiated(unit, LOCAL).name)
    if set(emit) & set(KINDS):
        _products(unit, [name for name in emit if name in KINDS])
    if set(emit) - {"forward", LOCAL, *KINDS}:
        output = _differentiated(unit, "gradient")
        unit.differentiated = output.name
        if options.optimize:
            differentiate(unit, output)
        else:
            textbook(unit, output)
    if options.optimize and set(emit) - {"forward"}:
        _run(unit, "derivative")
    _functions(unit, emit)
    return unit


def _run(unit: Derived, stage: str) -> None:
    """Run the passes of a stage over all quantities."""
    for row in PASSES:
        if row.stage != stage or (row.switch and not getattr(unit.options, row.switch)):
            continue
        wanted = {x.name for x in unit.wrt}
        roots = [q.node for q in unit.outputs]
        roots += [q.node for q in unit.quantities if q.sweep == REVERSE and q.variable in wanted]
        soft = [q.node for q in unit.quantities]
        fired: list[Fired] = []
        products = list(unit.products.values())
        roots += [node for p in products for node in p.results]
        new = row.run(roots, soft, _primal(unit), fired)
        for f in fired:
            place = f"line {unit.line(unit.origin[f.node])}: " if stage == "program" else ""
            note = f"{place}{f.rule}, because {f.rule.reason}"
            if not any(n.endswith(note) for n in unit.rewritten):
                unit.rewritten.append(note)
        for old, node in new.items():
            if old in unit.origin:
                unit.origin.setdefault(node, unit.origin[old])
        for q in {id(q): q for q in (*unit.quantities, *unit.outputs)}.values():
            q.node = new[q.node]
        unit.wrt = [replace(x, node=new.get(x.node, x.node)) for x in unit.wrt]
        for p in products:
            p.results = [new[node] for node in p.results]
        if unit.watch:
            products_of = [node for p in products for node in p.results]
            unit.watch(row.name, [*(q.node for q in unit.quantities), *products_of])


def _primal(unit: Derived) -> set[Node]:
    """The nodes of the forward sweep, once there are derivatives."""
    if all(q.sweep == FORWARD for q in unit.quantities) and not unit.products:
        return set()
    return set(topological([q.node for q in unit.quantities if q.sweep == FORWARD]))


def _wrt(lowered: Lowered, options: Options) -> list[Input]:
    known = {x.name: x for x in lowered.inputs}
    for x in lowered.names:
        known[x.name] = Input(x.name, x.node, False, lowered.statements[x.statement].span)
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
    order = list(known)
    return sorted(chosen, key=lambda x: order.index(x.name))


def _default(unit: Derived) -> tuple[str, ...]:
    scalar = any(not q.node.shape for q in unit.outputs)
    if not unit.wrt:
        return ("forward",)
    return DEFAULT if scalar else ("forward", "jacobian", "vjp")


def _differentiated(unit: Derived, function: str) -> Quantity:
    """The output to differentiate, a number, for a function of that name."""
    names = [q.name for q in unit.outputs]
    if unit.options.of is not None:
        chosen = unit.outputs[names.index(unit.options.of)]
        if chosen.node.shape:
            raise messages.gradient_of_array(
                function, _described(unit, [chosen]), _place(unit, chosen)
            )
        return chosen
    scalars = [q for q in unit.outputs if not q.node.shape]
    if not scalars:
        raise messages.gradient_of_array(
            function, _described(unit, unit.outputs), _place(unit, unit.outputs[0])
        )
    if len(scalars) > 1:
        raise messages.which_output([q.name for q in scalars], _place(unit, scalars[1]))
    return scalars[0]


def _products(unit: Derived, names: Sequence[str]) -> None:
    """Append the Jacobians, Hessians and products that are asked for."""
    primal = set(topological([q.node for q in unit.quantities]))
    variables = [Quantity(x.name, x.node, 0) for x in unit.wrt]
    for name in names:
        kind = KINDS[name]
        chosen = [q for q in unit.outputs if q.name == unit.options.of] or unit.outputs
        if kind.second:
            chosen = [_differentiated(unit, name)]
        if kind.apart:
            _refuse_dependent(unit, name)
        unit.products[name] = kind.make(Request(chosen, variables, primal))


def _refuse_dependent(unit: Derived, function: str) -> None:
    """Raise where one of the values to differentiate by is made of another."""
    for x in unit.wrt:
        made_of = set(topological([x.node]))
        for y in unit.wrt:
            if y is not x and y.node in made_of:
                raise messages.dependent_wrt(function, x.name, y.name)


def _described(unit: Derived, outputs: Sequence[Quantity]) -> str:
    return " and ".join(f"{q.name} is real[{', '.join(map(str, q.node.shape))}]" for q in outputs)


def _place(unit: Derived, output: Quantity) -> Span:
    named = next(x for x in unit.lowered.outputs if x.name == output.name)
    return unit.lowered.statements[named.statement].span


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
        elif name == LOCAL:
            unit.functions[name] = unit.local.results
        elif name in KINDS:
            unit.functions[name] = [(node, None) for node in unit.products[name].results]
        elif name == "value_and_gradient":
            value = next(q for q in unit.outputs if q.name == unit.differentiated)
            unit.functions[name] = [(value.node, None), *partials]


def specialised(unit: Derived, name: str):
    """Return the results, quantities and forward nodes of one function after its own passes."""
    if name == LOCAL:
        return unit.local.results, unit.local.quantities, unit.local.primal
    results = unit.functions[name]
    quantities = unit.quantities
    if name not in ("gradient", "value_and_gradient"):
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
