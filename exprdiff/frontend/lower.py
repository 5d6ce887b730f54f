"""From the syntax tree to the graph: names, types, shapes, and every mistake of meaning.

Expressions are visited by generators that a loop drives (:func:`_drive`), so the depth of the
user's brackets never meets Python's recursion limit.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Generator
from dataclasses import dataclass, field

from .. import graph, messages
from ..diagnostics import Diagnostic, ExprDiffError, Mistake, Source, Span
from ..dims import Size, dim
from ..graph import BOOL, REAL, Node
from ..ops import REGISTRY
from ..ops import numpy_order as order
from ..ops.numpy_order import Array
from . import ast
from .calls import bind

CONSTANTS = {"pi": math.pi, "inf": math.inf}
LITERALS = {"true": True, "false": False}
COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


@dataclass(frozen=True)
class Input:
    """An input of the program; `data` says that its derivative is not wanted."""

    name: str
    node: Node
    data: bool
    span: Span


@dataclass(frozen=True)
class Named:
    """A value that the user named, and the number of the statement that did."""

    name: str
    node: Node
    statement: int


@dataclass
class Lowered:
    """A program as a graph.

    `names` are the assignments and `outputs` the results, in the order of the source; `spans` gives
    the text of a node; nodes with a serial below ``boundaries[k]`` come from statements before k.
    """

    source: Source
    statements: tuple[ast.Statement, ...]
    inputs: list[Input] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    outputs: list[Named] = field(default_factory=list)
    spans: dict[Node, Span] = field(default_factory=dict)
    boundaries: list[int] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    @property
    def is_pointwise(self) -> bool:
        """Whether every value is a scalar, so that inputs may be arrays of points."""
        return not any(n.shape for n in self.nodes())

    def nodes(self) -> list[Node]:
        """Return every node that the outputs and inputs need."""
        return graph.topological([x.node for x in self.inputs] + [x.node for x in self.outputs])

    def statement_of(self, node: Node) -> int:
        """Return the number of the statement that made `node`."""
        return max(0, bisect_right(self.boundaries, node.serial) - 1)


class _Poisoned(Exception):
    """A value whose statement was in error already: say nothing twice."""


def lower(program: ast.Program) -> Lowered:
    """Return the graph of `program`, built in the current table of nodes.

    Raises ExprDiffError with every mistake found.
    """
    return _Lowering(program).run()


def _drive(generator: Generator):
    """Run a generator that yields the generators it needs results of, without recursion."""
    stack, result = [generator], None
    while stack:
        try:
            child = stack[-1].send(result)
        except StopIteration as stop:
            stack.pop()
            result = stop.value
        else:
            stack.append(child)
            result = None
    return result


class _Lowering:
    def __init__(self, program: ast.Program):
        self.program = program
        self.result = Lowered(program.source, program.statements)
        self.errors: list[Diagnostic] = []
        self.values: dict[str, Array | None] = {}
        self.first: dict[str, Span] = {}  # where a name was declared, assigned or first used
        self.inputs: dict[str, Input] = {}
        self.functions: dict[str, ast.Definition] = {}
        self.calls: dict[tuple, Array] = {}
        self.sizes: set[str] = set()
        self.assigned: dict[str, Span] = {}

    def run(self) -> Lowered:
        self._scan()
        for k, statement in enumerate(self.program.statements):
            self.result.boundaries.append(self._count())
            self._guarded(self._statement(k, statement), statement.span)
        self.result.boundaries.append(self._count())
        if not self.errors and not self.result.outputs:
            self._report(messages.no_output(self._everything()))
        self._warn()
        if self.errors:
            raise ExprDiffError(self.errors, self.program.source)
        self.result.inputs = list(self.inputs.values())
        return self.result

    def _count(self) -> int:
        return graph.count()

    def _everything(self) -> Span:
        return Span(0, len(self.program.source.text))

    def _report(self, mistake: Mistake, span: Span | None = None) -> None:
        finding = mistake.diagnostic(span or Span(0, 0))
        (self.errors if finding.severity == "error" else self.result.warnings).append(finding)

    def _guarded(self, generator: Generator, span: Span) -> None:
        """Run a statement; a mistake in it is kept and the next statement goes on."""
        try:
            _drive(generator)
        except Mistake as mistake:
            self._report(mistake, span)
        except _Poisoned:
            pass

    # -- statements --------------------------------------------------------------------------------

    def _scan(self) -> None:
        """Note what is assigned and which sizes exist, before anything is read."""
        for statement in self.program.statements:
            if isinstance(statement, ast.Assignment):
                self.assigned.setdefault(statement.target.name, statement.target.span)
            elif isinstance(statement, ast.Definition):
                self.functions.setdefault(statement.name, statement)
            elif isinstance(statement, ast.Declaration):
                for expression in statement.sizes:
                    self._collect_sizes(expression)

    def _collect_sizes(self, expression) -> None:
        pending = [expression]
        while pending:
            x = pending.pop()
            if isinstance(x, ast.Name):
                self.sizes.add(x.name)
            elif isinstance(x, ast.Arithmetic):
                pending += [x.first, *(y for _, y in x.rest)]
            elif isinstance(x, ast.Unary):
                pending.append(x.operand)

    def _statement(self, k: int, statement: ast.Statement):
        if self.result.outputs:
            raise messages.statement_after_return(statement.span)
        last = k == len(self.program.statements) - 1
        match statement:
            case ast.Declaration():
                yield from self._declare(statement)
            case ast.Assignment():
                yield from self._assign(k, statement, last)
            case ast.Return():
                yield from self._return(k, statement)
            case ast.Bare():
                if not last:
                    raise messages.idle_expression(statement.span)
                value = yield self._value(statement.value)
                self._output(k, self._unused("result"), value, statement.value)
            case ast.Definition():
                self._define(statement)

    def _declare(self, statement: ast.Declaration):
        shape = []
        for expression in statement.sizes:
            shape.append((yield self._size(expression)))
        kind = statement.kind
        for name in statement.names:
            if name.name in self.first:
                first = self.first[name.name]
                declared = name.name in self.inputs and self.inputs[name.name].span == first
                mistake = messages.declared_twice if declared else messages.declared_late
                raise mistake(name.name, name.span, first)
            if kind != REAL and not statement.data:
                raise messages.integer_not_data(name.name, kind, name.span)
            if name.name in self.sizes:
                raise messages.size_as_name(name.name, name.span)
            if name.name in self.assigned:
                span = self.assigned[name.name]
                raise messages.assigned_input(name.name, span, name.span)
            self._shadow(name)
            self._input(name, graph.input_(name.name, shape, kind), statement.data)

    def _input(self, name: ast.Name, node: Node, data: bool) -> Array:
        self.inputs[name.name] = Input(name.name, node, data, name.span)
        self.first[name.name] = name.span
        self.values[name.name] = value = Array(node, name.name)
        self.result.spans.setdefault(node, name.span)
        return value

    def _assign(self, k: int, statement: ast.Assignment, last: bool):
        name, span = statement.target.name, statement.target.span
        if name in self.inputs:
            raise messages.assigned_input(name, span, self.first[name])
        if name in self.first:
            raise messages.assigned_twice(name, span, self.first[name])
        if name in self.sizes:
            raise messages.size_as_name(name, span)
        self._shadow(statement.target)
        self.first[name] = span
        self.values[name] = None  # until the value is known to be right
        value = yield self._value(statement.value)
        if value.covector:
            raise _at(messages.stray_covector(value.text), statement.value.span)
        self.values[name] = Array(value.node, name)
        self.result.names.append(Named(name, value.node, k))
        if last:
            self._output(k, name, value, statement.target)

    def _return(self, k: int, statement: ast.Return):
        seen: set[str] = set()
        outputs = []
        for i, expression in enumerate(statement.values):
            value = yield self._value(expression)
            name = f"result{i + 1}" if len(statement.values) > 1 else "result"
            name = expression.name if isinstance(expression, ast.Name) else self._unused(name)
            if name in seen:
                raise messages.duplicate_output(name, expression.span)
            seen.add(name)
            outputs.append((name, value, expression))
        for name, value, expression in outputs:
            self._output(k, name, value, expression)

    def _unused(self, name: str) -> str:
        while name in self.first or name in self.sizes:
            name += "_"
        return name

    def _output(self, k: int, name: str, value: Array, expression) -> None:
        if value.covector:
            raise _at(messages.stray_covector(value.text), expression.span)
        if value.node.dtype == BOOL:
            raise messages.boolean_output(name, expression.span)
        self.result.outputs.append(Named(name, order.real(value).node, k))

    def _define(self, statement: ast.Definition) -> None:
        if self.functions[statement.name] is not statement:
            first = self.functions[statement.name].name_span
            raise messages.assigned_twice(statement.name, statement.name_span, first)

    def _shadow(self, name: ast.Name) -> None:
        if name.name in CONSTANTS:
            self._report(messages.shadowed_constant(name.name, name.span))

    def _warn(self) -> None:
        used = set(graph.topological([x.node for x in self.result.outputs]))
        for x in self.inputs.values():
            if x.node not in used and not self.errors:
                self._report(messages.unused_input(x.name, x.span))

    # -- sizes -------------------------------------------------------------------------------------

    def _size(self, x: ast.Expression, declared: bool = True):
        """Return the size that an expression stands for."""
        total: Size
        if isinstance(x, ast.Number) and isinstance(x.value, int):
            total = x.value
        elif isinstance(x, ast.Name):
            if x.name not in self.sizes:
                raise messages.unknown_size(x.name, x.span, sorted(self.sizes))
            total = dim(x.name)
        elif isinstance(x, ast.Unary) and x.operator in "+-":
            inner = yield self._size(x.operand)
            total = inner if x.operator == "+" else -inner
        elif isinstance(x, ast.Arithmetic) and all(op in "+-*" for op, _ in x.rest):
            total = yield self._size(x.first)
            for operator, operand in x.rest:
                other = yield self._size(operand)
                total = (
                    total * other
                    if operator == "*"
                    else total + other
                    if operator == "+"
                    else total - other
                )
        else:
            raise messages.not_a_size(x.span)
        if isinstance(total, int) and total < 0 and declared:
            raise messages.negative_size(str(total), x.span)
        return total

    # -- expressions -------------------------------------------------------------------------------

    def _value(self, x: ast.Expression, scope: dict[str, Array] | None = None):
        """Return the Array of an expression; within a definition `scope` has the parameters."""
        try:
            value = yield from self._visit(x, scope)
        except Mistake as mistake:
            raise _at(mistake, x.span) from None
        value = Array(value.node, self._text(x.span), value.covector)
        self.result.spans.setdefault(value.node, x.span)
        return value

    def _text(self, span: Span):
        return lambda: self.program.source.text[span.start : span.end]

    def _visit(self, x: ast.Expression, scope):
        match x:
            case ast.Name():
                return self._name(x, scope)
            case ast.Number():
                return Array(graph.number(x.value))
            case ast.Arithmetic():
                return (yield from self._arithmetic(x, scope))
            case ast.Unary():
                value = yield self._value(x.operand, scope)
                if x.operator == "not":
                    return order.elementwise("not", value)
                value = _plain(value)
                return value if x.operator == "+" else order.negate(value)
            case ast.Power():
                base = _plain((yield self._value(x.base, scope)))
                exponent = _plain((yield self._value(x.exponent, scope)))
                return order.elementwise("power", base, exponent)
            case ast.Call():
                return (yield from self._call(x, scope))
            case ast.Transpose():
                return order.transpose((yield self._value(x.operand, scope)))
            case ast.Comparison():
                return (yield from self._comparison(x, scope))
            case ast.Logic():
                result = yield self._value(x.operands[0], scope)
                for operand in x.operands[1:]:
                    value = yield self._value(operand, scope)
                    result = order.elementwise(x.operator, result, value)
                return result
            case ast.Choice():
                condition = yield self._value(x.condition, scope)
                value = _plain((yield self._value(x.value, scope)))
                otherwise = _plain((yield self._value(x.otherwise, scope)))
                return order.elementwise("where", condition, value, otherwise)
        raise messages.misplaced(type(x).__name__, x.span)

    def _name(self, x: ast.Name, scope) -> Array:
        name = x.name
        if scope is not None and name in scope:
            return scope[name]
        if name in self.values:
            value = self.values[name]
            if value is None:
                raise _Poisoned
            return value
        if name in self.sizes:
            return Array(graph.size(dim(name)))
        if name in self.assigned:
            raise messages.used_before_assignment(name, x.span, self.assigned[name])
        if name in CONSTANTS:
            value = CONSTANTS[name]
            return Array(graph.constant(name, value) if name == "pi" else graph.number(value))
        if name in LITERALS:
            return Array(graph.number(LITERALS[name]))
        return self._input(x, graph.input_(name), data=False)

    def _arithmetic(self, x: ast.Arithmetic, scope):
        first = yield self._value(x.first, scope)
        if x.rest[0][0] in "+-":
            terms = [(1, _plain(first))]
            for operator, operand in x.rest:
                value = _plain((yield self._value(operand, scope)))
                terms.append((1 if operator == "+" else -1, value))
            return order.add(terms, x.rest[0][0])
        result = first
        for operator, operand in x.rest:
            value = yield self._value(operand, scope)
            if operator == "@":
                result = order.matmul(result, value)
            elif operator == "*":
                result = order.multiply(_plain(result), _plain(value))
            else:
                result = order.divide(_plain(result), _plain(value))
            whole = Span(x.span.start, operand.span.end)
            result = Array(result.node, self._text(whole), result.covector)
        return result

    def _comparison(self, x: ast.Comparison, scope):
        left = _plain((yield self._value(x.first, scope)))
        result = None
        for operator, operand in x.rest:
            right = _plain((yield self._value(operand, scope)))
            holds = order.elementwise(COMPARISONS[operator], left, right)
            result = holds if result is None else order.elementwise("and", result, holds)
            left = right
        return result

    def _call(self, x: ast.Call, scope):
        if x.name in self.functions:
            return (yield from self._inline(x, scope))
        function = REGISTRY.get(x.name)
        if function is None:
            known = [*REGISTRY, *self.functions]
            variable = x.name in self.values or x.name in self.assigned
            raise messages.unknown_function(x.name, x.name_span, known, variable)
        values, options = yield from bind(self, function, x, scope)
        return function.build(values, options)

    def _inline(self, x: ast.Call, scope):
        definition = self.functions[x.name]
        if x.keywords or len(x.arguments) != len(definition.parameters):
            count = len(definition.parameters)
            wanted = f"{count} argument{'s' if count != 1 else ''}"
            raise messages.argument_count(x.name, wanted, len(x.arguments) + len(x.keywords))
        if definition.span.end > x.span.start:
            raise messages.used_before_definition(x.name, x.name_span, definition.name_span)
        values = []
        for argument in x.arguments:
            values.append((yield self._value(argument, scope)))
        key = (x.name, *((v.node, v.covector) for v in values))
        if key not in self.calls:
            inner = dict(zip((p.name for p in definition.parameters), values, strict=True))
            self.calls[key] = yield self._value(definition.body, inner)
        return self.calls[key]


def _plain(value: Array) -> Array:
    """Return `value`, refusing a covector."""
    if value.covector:
        raise messages.stray_covector(value.text)
    return value


def _at(mistake: Mistake, span: Span) -> Mistake:
    """Place `mistake` at `span` unless it has a place."""
    mistake.span = mistake.span or span
    return mistake
