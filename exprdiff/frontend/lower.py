"""From the syntax tree to the graph: names, types, shapes, and every mistake of meaning.

Expressions are visited by generators that a loop drives (:func:`_drive`), so the depth of the
user's brackets never meets Python's recursion limit.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Generator
from dataclasses import replace
from operator import add, mul, sub

from .. import graph, messages
from ..diagnostics import Diagnostic, ExprDiffError, Mistake, Note, Span
from ..dims import Dim, Size, dim
from ..graph import BOOL, REAL, Node
from ..ops import REGISTRY
from ..ops import numpy_order as order
from ..ops.calculus import hold
from ..ops.numpy_order import Array
from . import ast
from .aliases import Aliases
from .calls import at, call, closed, condition, plain
from .facts import facts_of
from .lowered import Input, Lowered, Named
from .subscripts import index
from .syntax_errors import LIMIT

CONSTANTS = {"pi": math.pi, "inf": math.inf}
PRODUCTS = {"@": order.matmul, "*": order.multiply, "/": order.divide}
SIZES = {"+": add, "-": sub, "*": mul}
TERMS = 100  # of a size, multiplied out
LITERALS = {"true": True, "false": False}
COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


class _Poisoned(Exception):
    """A value whose statement was in error already: say nothing twice."""


def lower(program: ast.Program, held: Collection[str] = ()) -> Lowered:
    """Return the graph of `program`, built in the current table of nodes.

    Values whose names are `held` stay nodes of their own, to be differentiated by. Raises
    ExprDiffError with every mistake found.
    """
    return _Lowering(program, held).run()


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
    def __init__(self, program: ast.Program, held: Collection[str] = ()):
        self.program, self.held = program, held
        self.result = Lowered(program.source, program.statements)
        self.errors: list[Diagnostic] = []
        self.reported: set[tuple[str, Span]] = set()
        self.values: dict[str, Array | None] = {}
        self.first: dict[str, Span] = {}  # where a name was declared, assigned or first used
        self.inputs: dict[str, Input] = {}
        self.declared: set[str] = set()
        self.functions: dict[str, ast.Definition] = {}
        self.calls: dict[tuple, Array] = {}
        self.called: set[str] = set()
        self.inlining: list[Span] = []  # the calls of definitions that are being read
        self.start = graph.count()
        self.sizes: dict[str, Span] = {}  # where a size occurs first
        self.assigned: dict[str, Span] = {}
        self.target: str | None = None  # the name that this statement assigns
        self.variables = ast.variables_of(program)  # names by which something is differentiated
        self.aliases = Aliases()
        self.output: int | None = None  # the statement whose value is the output, without return

    def run(self) -> Lowered:
        statements = self.program.statements
        self._scan()
        for k, statement in enumerate(statements):
            self.result.boundaries.append(graph.count())
            self._guarded(self._statement(k, statement), statement.span)
            if len(self.errors) >= LIMIT:
                break
            if isinstance(statement, ast.Return) and k + 1 < len(statements):
                self.report(messages.statement_after_return(statements[k + 1].span))
                break
        if self.aliases:
            self._expand()
        self.result.boundaries.append(graph.count())
        if not self.errors and not self.result.outputs:
            self.report(messages.no_output(statements[-1].span))
        self._warn()
        if self.errors:
            raise ExprDiffError(self.errors, self.program.source)
        self.result.inputs = list(self.inputs.values())
        return self.result

    def report(self, mistake: Mistake, span: Span | None = None) -> None:
        finding = mistake.diagnostic(span or Span(0, 0))
        if (finding.message, finding.span) not in self.reported:
            self.reported.add((finding.message, finding.span))
            (self.errors if finding.severity == "error" else self.result.warnings).append(finding)

    def _guarded(self, generator: Generator, span: Span) -> None:
        """Run a statement; a mistake in it is kept and the next statement goes on."""
        self.target = None
        self.inlining.clear()
        try:
            _drive(generator)
        except Mistake as mistake:
            # A mistake in a definition is one of the calls that led there, the first and the last.
            calls = dict.fromkeys(self.inlining[-1:] + self.inlining[:1])
            if calls:
                mistake.details.setdefault("notes", tuple(Note("in this call", x) for x in calls))
            self.report(mistake, span)
        except _Poisoned:
            pass

    # -- statements --------------------------------------------------------------------------------

    def _scan(self) -> None:
        """Note what is assigned and which sizes exist, before anything is read."""
        returns = False
        for k, statement in enumerate(self.program.statements):
            if isinstance(statement, ast.Assignment):
                self.assigned.setdefault(statement.target.name, statement.target.span)
                self.output = k
            elif isinstance(statement, ast.Definition):
                self.functions.setdefault(statement.name, statement)
            elif isinstance(statement, ast.Return):
                returns = True
        if isinstance(self.program.statements[-1], ast.Bare):
            self.output = len(self.program.statements) - 1
        if returns:
            self.output = None
        self._scan_sizes()

    def _scan_sizes(self) -> None:
        """Note the sizes that the declarations introduce; each must be that of some axis."""
        declarations = [x for x in self.program.statements if isinstance(x, ast.Declaration)]
        sizes = [x for declaration in declarations for x in declaration.sizes]
        plain_sizes = {x.name for x in sizes if isinstance(x, ast.Name)}
        for size in sizes:
            pending = [size]
            while pending:
                x = pending.pop()
                if isinstance(x, ast.Name):
                    if x.name not in plain_sizes and x.name not in self.sizes:
                        text = self._text(size.span)()
                        self.report(messages.unreadable_size(x.name, text, x.span))
                    self.sizes.setdefault(x.name, x.span)
                elif isinstance(x, ast.Arithmetic) and all(op in SIZES for op, _ in x.rest):
                    pending += [*(y for _, y in reversed(x.rest)), x.first]
                elif isinstance(x, ast.Unary):
                    pending.append(x.operand)

    def _statement(self, k: int, statement: ast.Statement):
        match statement:
            case ast.Declaration():
                yield from self._declare(statement)
            case ast.Assignment():
                yield from self._assign(k, statement)
            case ast.Return():
                yield from self._return(k, statement)
            case ast.Bare():
                if k != self.output:
                    text = self._text(statement.span)()
                    raise messages.idle_expression(text, statement.span)
                value = yield self._value(statement.value)
                self._output(k, self._unused("result"), value, statement.value)
            case ast.Definition():
                self._define(statement)

    def _declare(self, statement: ast.Declaration):
        for name in statement.names:
            self.values.setdefault(name.name, None)  # until the type is known to be right
        shape = []
        for expression in statement.sizes:
            shape.append((yield self._size(expression)))
        kind, data = statement.kind, statement.data
        facts = facts_of(statement, shape)
        if kind != REAL and not data:
            name, data = statement.names[0], True
            written = self._text(statement.span)()
            self.report(messages.integer_not_data(name.name, kind, written, name.span))
        for name in statement.names:
            first = self.first.get(name.name)
            if name.name in self.sizes:
                size = self.sizes[name.name]
                self.report(messages.size_as_name(name.name, name.span, size))
            elif first is None:
                self._shadow(name)
                self._input(name, graph.input_(name.name, shape, kind, facts), data)
                self.declared.add(name.name)
            elif name.name in self.declared:
                self.report(messages.declared_twice(name.name, name.span, first))
            elif name.name in self.assigned:
                self.report(messages.assigned_input(name.name, first, name.span))
            else:
                self.report(messages.declared_late(name.name, name.span, first))

    def _input(self, name: ast.Name, node: Node, data: bool) -> Array:
        self.inputs[name.name] = Input(name.name, node, data, name.span)
        self.first[name.name] = name.span
        self.values[name.name] = value = Array(node, name.name)
        self.result.spans.setdefault(node, name.span)
        return value

    def _assign(self, k: int, statement: ast.Assignment):
        name, span = statement.target.name, statement.target.span
        if name in self.inputs:
            raise messages.assigned_input(name, span, self.first[name])
        if name in self.first:
            raise messages.assigned_twice(name, span, self.first[name])
        if name in self.sizes:
            raise messages.size_as_name(name, span, self.sizes[name])
        self._shadow(statement.target)
        self.first[name] = span
        self.values[name] = None  # until the value is known to be right
        self.target = name
        value = plain((yield self._value(statement.value)), statement.value.span)
        if name in self.held:
            value = hold(value, name)
        named = value.called(name)
        self.values[name] = self.aliases.opaque(name, named) if name in self.variables else named
        self.result.names.append(Named(name, value.node, k))
        if k == self.output:
            self._output(k, name, value, statement.value)

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

    def _output(self, k: int, name: str, value: Array, expression: ast.Expression) -> None:
        value = closed(plain(value, expression.span), expression.span)
        if value.node.dtype == BOOL:
            raise messages.boolean_output(value.text, expression.span)
        self.result.outputs.append(Named(name, order.real(value).node, k))

    def _define(self, statement: ast.Definition) -> None:
        name, span = statement.name, statement.name_span
        if self.functions[name] is not statement:
            raise messages.defined_twice(name, span, self.functions[name].name_span)
        if name in REGISTRY:
            self.report(messages.shadowed_function(name, span))

    def _shadow(self, name: ast.Name) -> None:
        if name.name in CONSTANTS:
            self.report(messages.shadowed_constant(name.name, name.span))

    def _expand(self) -> None:
        """Put what opaque names stand for into everything that was lowered."""
        result = self.result
        new = self.aliases.expansion([x.node for x in (*result.names, *result.outputs)])
        result.names = [replace(x, node=new[x.node]) for x in result.names]
        result.outputs = [replace(x, node=new[x.node]) for x in result.outputs]
        for node, span in list(result.spans.items()):
            if node in new:
                result.spans.setdefault(new[node], span)

    def _warn(self) -> None:
        if self.errors:
            return
        used = set(graph.topological([x.node for x in self.result.outputs]))
        for x in self.inputs.values():
            if x.node not in used:
                self.report(messages.unused_input(x.name, x.span))
        for x in self.functions.values():
            if x.name not in self.called:
                self.report(messages.unused_function(x.name, x.name_span))

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
        elif isinstance(x, ast.Arithmetic) and all(op in SIZES for op, _ in x.rest):
            total = yield self._size(x.first)
            for operator, operand in x.rest:
                total = SIZES[operator](total, (yield self._size(operand)))
                if isinstance(total, Dim) and len(total.terms) > TERMS:
                    raise messages.size_too_long(x.span)
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
            raise at(mistake, x.span) from None
        value = value.called(self._text(x.span))
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
                    return order.elementwise("not", condition(value, x.operand.span))
                if value.covector:
                    raise messages.negated_covector(value.text, x.operand.span)
                return value if x.operator == "+" else order.negate(value)
            case ast.Power():
                base = plain((yield self._value(x.base, scope)), x.base.span)
                exponent = plain((yield self._value(x.exponent, scope)), x.exponent.span)
                return order.elementwise("power", base, exponent)
            case ast.Call():
                return (yield from call(self, x, scope))
            case ast.Transpose():
                return order.transpose((yield self._value(x.operand, scope)))
            case ast.Comparison():
                return (yield from self._comparison(x, scope))
            case ast.Logic():
                first, *rest = x.operands
                result = condition((yield self._value(first, scope)), first.span)
                for operand in rest:
                    value = condition((yield self._value(operand, scope)), operand.span)
                    result = order.elementwise(x.operator, result, value)
                return result
            case ast.Choice():
                holds = condition((yield self._value(x.condition, scope)), x.condition.span)
                value = plain((yield self._value(x.value, scope)), x.value.span)
                otherwise = plain((yield self._value(x.otherwise, scope)), x.otherwise.span)
                return order.elementwise("where", holds, value, otherwise)
            case ast.Index():
                return (yield from index(self, x, scope))
        raise messages.misplaced(type(x).__name__, x.span)

    def _name(self, x: ast.Name, scope) -> Array:
        name = x.name
        if scope is not None and name in scope:
            return scope[name]
        if name in self.values:
            value = self.values[name]
            if value is None and name == self.target:
                raise messages.used_in_itself(name, x.span)
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
        result = yield self._value(x.first, scope)
        if x.rest[0][0] in "+-":
            terms = [(1, plain(result, x.first.span))]
            for operator, operand in x.rest:
                value = plain((yield self._value(operand, scope)), operand.span)
                terms.append((1 if operator == "+" else -1, value))
            return self._sum(x, terms)
        span = x.first.span
        for k, (operator, operand) in enumerate(x.rest, 1):
            value = yield self._value(operand, scope)
            if operator != "@":
                if value.covector and k < len(x.rest) and x.rest[k][0] == "@":
                    text = self._text(operand.span | x.rest[k][1].span)()
                    raise messages.covector_in_product(value.text, operator, text, operand.span)
                result, value = plain(result, span), plain(value, operand.span)
            span |= operand.span
            try:
                result = PRODUCTS[operator](result, value)
            except Mistake as mistake:
                raise at(mistake, span) from None
            result = result.called(self._text(span))
        return result

    def _sum(self, x: ast.Arithmetic, terms: list[tuple[int, Array]]) -> Array:
        try:
            return order.add(terms)
        except Mistake:
            # Lay it to the first term that does not fit those before.
            k = bisect_left(range(1, len(terms)), True, key=lambda k: not _fit(terms[: k + 1])) + 1
            whole = Span(x.span.start, x.rest[k - 1][1].span.end)
            try:
                return order.add(terms[: k + 1])
            except Mistake as mistake:
                raise at(mistake, whole) from None

    def _comparison(self, x: ast.Comparison, scope):
        before = x.first
        left = plain((yield self._value(before, scope)), before.span)
        result = None
        for operator, operand in x.rest:
            right = plain((yield self._value(operand, scope)), operand.span)
            try:
                holds = order.elementwise(COMPARISONS[operator], left, right)
            except Mistake as mistake:
                raise at(mistake, before.span | operand.span) from None
            result = holds if result is None else order.elementwise("and", result, holds)
            left, before = right, operand
        return result


def _fit(terms: list[tuple[int, Array]]) -> bool:
    """Whether `terms` broadcast."""
    try:
        order.broadcast([x for _, x in terms])
    except Mistake:
        return False
    return True
