"""Calls: finding the function, matching arguments with its parameters, inlining definitions."""

from __future__ import annotations

from .. import graph, messages, tensor_messages
from ..diagnostics import Mistake, Span
from ..graph import BOOL
from ..ops import REGISTRY
from ..ops import numpy_order as order
from ..ops.define import AXIS, Elementwise, Function, Parameter
from ..ops.numpy_order import Array
from . import ast

CALLS, NODES = 10_000, 200_000  # how many calls are inlined, and into how large a graph
MOST = 50  # the highest order of a derivative: the code for it grows with its square


def call(lowering, x: ast.Call, scope):
    """Return the value of a call.

    A generator, driven by `lowering`, as are all that get one here. Raises Mistake.
    """
    if x.name in lowering.functions:
        return (yield from _inline(lowering, x, scope))
    function = REGISTRY.get(x.name)
    if function is None:
        known = [*REGISTRY, *lowering.functions]
        variable = any(
            x.name in names for names in (scope or (), lowering.values, lowering.assigned)
        )
        raise messages.unknown_function(x.name, x.name_span, known, variable)
    values, options = yield from _bind(lowering, function, x, scope)
    if AXIS in function.parameters and "axis" not in options and not values[0].rank:
        # Most likely the declaration of an array was forgotten.
        lowering.report(messages.reduction_of_number(values[0].describe(), x.name, x.span))
    try:
        return function.build(values, options)
    except Mistake as mistake:
        raise _explained(mistake, x, values, options) from None


def plain(value: Array, span: Span) -> Array:
    """Return `value`, refusing a covector."""
    if value.covector:
        raise messages.stray_covector(value.text, span)
    return value


def closed(value: Array, span: Span) -> Array:
    """Return `value`, refusing an array whose size nothing tells."""
    if value.open:
        raise tensor_messages.size_unknown(value.text, span)
    return value


def condition(value: Array, span: Span) -> Array:
    """Return `value`, refusing what is not true or false."""
    if plain(value, span).node.dtype != BOOL:
        raise messages.not_a_condition(value.describe(), span)
    return value


def at(mistake: Mistake, span: Span) -> Mistake:
    """Place `mistake` at `span` unless it has a place."""
    mistake.span = mistake.span or span
    return mistake


# -- definitions -----------------------------------------------------------------------------------


def _inline(lowering, x: ast.Call, scope):
    definition = lowering.functions[x.name]
    count = len(x.arguments)
    if x.keywords:
        keyword = x.keywords[0]
        raise messages.named_argument(x.name, keyword.name, keyword.span)
    if count != len(definition.parameters):
        names = [p.name for p in definition.parameters]
        raise at(messages.argument_count(x.name, names, [], count), x.span)
    if definition.span.end > x.span.start:
        if definition.span.start <= x.span.start:
            raise messages.recursive(x.name, x.name_span)
        raise messages.used_before_definition(x.name, x.name_span, definition.name_span)
    values = []
    for argument in x.arguments:
        values.append((yield lowering._value(argument, scope)))
    lowering.called.add(x.name)
    key = (x.name, *((v.node, v.covector) for v in values))
    if key not in lowering.calls:
        if len(lowering.calls) > CALLS or graph.count() - lowering.start > NODES:
            raise messages.too_many_calls(x.name, x.name_span)
        inner = dict(zip((p.name for p in definition.parameters), values, strict=True))
        for name in lowering.variables.intersection(inner):
            inner[name] = lowering.aliases.opaque(name, inner[name])
        lowering.inlining.append(x.span)
        for line in definition.locals:
            value = plain((yield lowering._value(line.value, inner)), line.value.span)
            name = line.target.name
            value = value.called(name)
            opaque = name in lowering.variables
            inner[name] = lowering.aliases.opaque(name, value) if opaque else value
        lowering.calls[key] = yield lowering._value(definition.body, inner)
        lowering.inlining.pop()
    return lowering.calls[key]


# -- functions of the language ---------------------------------------------------------------------


def _bind(lowering, function: Function, x: ast.Call, scope):
    """Return the value operands and the options of a call, as ``function.build`` takes them."""
    if function.several and len(x.arguments) > 1:
        return (yield from _several(lowering, function, x, scope))
    parameters = function.parameters
    given = _given(x, parameters)
    values, options = [], {}
    for parameter in parameters:
        if parameter.name not in given:
            continue
        argument = given[parameter.name]
        if parameter.kind == "values":
            for each in argument:
                values.append((yield _several_values(lowering, each, scope)))
        elif parameter.kind == "value":
            value = yield lowering._value(argument, scope)
            if function.name not in ("dot", "transpose"):
                plain(value, argument.span)
                if not isinstance(function, Elementwise):
                    closed(value, argument.span)
            if len(values) in getattr(function, "booleans", ()):
                condition(value, argument.span)
            values.append(value)
        elif parameter.kind == "variable":
            values.append((yield _variable(lowering, function.name, argument, scope)))
            values[0] = Array(
                lowering.aliases.expanded(values[0].node, values[-1].node), values[0]._text
            )
        elif parameter.kind in _SIZES:
            options[parameter.name] = yield from _SIZES[parameter.kind](lowering, argument)
        else:
            options[parameter.name] = _OPTIONS[parameter.kind](parameter.name, argument)
    return values, options


def _several_values(lowering, x: ast.Expression, scope):
    """One of any number of values; values in brackets are a vector."""
    items = []
    for item in x.items if isinstance(x, ast.Tuple) else (x,):
        value = plain((yield lowering._value(item, scope)), item.span)
        items.append(closed(value, item.span))
    return REGISTRY["stack"].build(items, {}) if isinstance(x, ast.Tuple) else items[0]


def _variable(lowering, function: str, argument: ast.Expression, scope):
    """The variable that a derivative is by: an input, or a name that lowering keeps opaque."""
    if not isinstance(argument, ast.Name):
        raise tensor_messages.not_a_variable(function, argument.span)
    value = plain((yield lowering._value(argument, scope)), argument.span)
    if value.node.op is not graph.INPUT or value.node.dtype != graph.REAL:
        raise tensor_messages.not_a_variable(function, argument.span)
    return value


def _given(x: ast.Call, parameters: tuple[Parameter, ...]) -> dict[str, ast.Expression]:
    """Return the argument for each parameter that has one."""
    required = [p.name for p in parameters if p.required]
    optional = [p.name for p in parameters if not p.required]
    arguments: list = list(x.arguments)
    rest = next((i for i, p in enumerate(parameters) if p.kind in ("values", "shape")), None)
    if rest is not None and len(arguments) > rest:
        last = arguments[rest:]
        if len(last) == 1 and isinstance(last[0], ast.Tuple):
            last = last[0].items
        arguments[rest:] = [tuple(last)]
    if len(arguments) > len(parameters):
        raise messages.argument_count(x.name, required, optional, len(x.arguments))
    given = {p.name: y for p, y in zip(parameters, arguments, strict=False)}
    for keyword in x.keywords:
        if keyword.name not in [p.name for p in parameters]:
            known = [p.name for p in parameters if p.kind != "value"]
            raise messages.unknown_keyword(x.name, keyword.name, keyword.span, known)
        if keyword.name in given:
            raise messages.keyword_twice(keyword.name, keyword.span)
        given[keyword.name] = keyword.value
    if any(name not in given for name in required):
        raise messages.argument_count(x.name, required, optional, len(x.arguments))
    return given


def _several(lowering, function: Function, x: ast.Call, scope):
    """``max(a, b, c)`` is ``maximum(maximum(a, b), c)``; all but the last pair are built here."""
    if x.keywords:
        keyword = x.keywords[0]
        raise messages.unknown_keyword(
            f"{x.name} of several values", keyword.name, keyword.span, []
        )
    values = []
    for argument in x.arguments:
        values.append(plain((yield lowering._value(argument, scope)), argument.span))
    order.broadcast(values)  # says of the user's own operands what does not fit
    pair = REGISTRY[function.several]
    result = values[0]
    for value in values[1:]:
        result = pair.build([result, value], {})
    return [result], {"axis": ()}


def _explained(mistake: Mistake, x: ast.Call, values: list[Array], options: dict) -> Mistake:
    """Place a mistake in a call, and say it of the axis if that is to blame."""
    spans = [k.value.span for k in x.keywords if k.name == "axis"]
    spans += [y.span for y in x.arguments[1:2]]
    if spans and options.get("axis") is not None and len(values) == 1:
        try:
            order.normal_axes(options["axis"], values[0])
        except Mistake as other:
            return at(other, spans[0])
    return at(mistake, x.span)


# -- sizes -----------------------------------------------------------------------------------------


def _size(lowering, x: ast.Expression):
    return (yield lowering._size(x))


def _offset(lowering, x: ast.Expression):
    """A size or its negative."""
    return (yield lowering._size(x, declared=False))


def _shape(lowering, x):
    """The sizes of ``zeros(n, d)`` or ``zeros((n, d))``; one of ``reshape`` may be -1."""
    shape = []
    items = x if isinstance(x, tuple) else x.items if isinstance(x, ast.Tuple) else (x,)
    for item in items:
        size = yield lowering._size(item, declared=False)
        if isinstance(size, int) and size < -1:
            raise messages.negative_size(str(size), item.span)
        shape.append(size)
    return tuple(shape)


def _widths(lowering, x: ast.Expression):
    """The widths of ``pad``: a size, a pair of them, or a pair for each axis."""
    if not isinstance(x, ast.Tuple):
        return (yield lowering._size(x))
    widths = []
    for item in x.items:
        inner = item.items if isinstance(item, ast.Tuple) else (item,)
        pair = []
        for each in inner:
            if isinstance(each, ast.Tuple):
                raise tensor_messages.not_a_width(each.span)
            pair.append((yield lowering._size(each)))
        widths.append(tuple(pair) if isinstance(item, ast.Tuple) else pair[0])
    if len({isinstance(w, tuple) for w in widths}) > 1:
        raise tensor_messages.not_a_width(x.span)
    return tuple(widths)


_SIZES = {"size": _size, "offset": _offset, "shape": _shape, "widths": _widths}

# -- options ---------------------------------------------------------------------------------------


def _integer(name: str, x: ast.Expression) -> int:
    sign = 1
    value = x
    if isinstance(x, ast.Unary) and x.operator == "-":
        sign, value = -1, x.operand
    if isinstance(value, ast.Number) and isinstance(value.value, int):
        return sign * value.value
    raise messages.not_an_integer(name, x.span)


def _axes(name: str, x: ast.Expression):
    if isinstance(x, ast.Tuple):
        return tuple(_integer(name, item) for item in x.items)
    return _integer(name, x)


def _flag(name: str, x: ast.Expression) -> bool:
    if isinstance(x, ast.Name) and x.name in ("true", "false", "True", "False"):
        return x.name.lower() == "true"
    raise messages.not_a_flag(name, x.span)


def _count(name: str, x: ast.Expression) -> int:
    if isinstance(x, ast.Number) and isinstance(x.value, int) and 0 <= x.value <= MOST:
        return x.value
    raise tensor_messages.not_a_count(name, x.span)


def _text(name: str, x: ast.Expression) -> str:
    if isinstance(x, ast.Text):
        return x.value
    raise tensor_messages.not_a_text(name, x.span)


_OPTIONS = {"text": _text, "axes": _axes, "flag": _flag, "count": _count, "integer": _integer}
