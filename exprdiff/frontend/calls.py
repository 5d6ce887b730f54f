"""Matching the arguments of a call with the parameters of a function."""

from __future__ import annotations

from .. import messages
from ..ops import REGISTRY
from ..ops.define import Function
from . import ast


def bind(lowering, function: Function, call: ast.Call, scope):
    """Return the value operands and the options of `call`, as ``function.build`` takes them.

    A generator, driven by `lowering`. Raises Mistake for arguments that do not fit.
    """
    if function.several and len(call.arguments) > 1:
        return (yield from _several(lowering, function, call, scope))
    parameters = function.parameters
    if parameters and parameters[0].kind == "shape":
        return (yield from _shape(lowering, call))
    given: dict[str, ast.Expression] = {}
    if len(call.arguments) > len(parameters):
        raise messages.argument_count(function.name, _wanted(parameters), len(call.arguments))
    for parameter, argument in zip(parameters, call.arguments, strict=False):
        given[parameter.name] = argument
    for keyword in call.keywords:
        known = [p.name for p in parameters]
        if keyword.name not in known:
            options = [p.name for p in parameters if p.kind != "value"]
            raise messages.unknown_keyword(function.name, keyword.name, keyword.span, options)
        if keyword.name in given:
            raise messages.keyword_twice(keyword.name, keyword.span)
        given[keyword.name] = keyword.value
    if any(p.required and p.name not in given for p in parameters):
        raise messages.argument_count(function.name, _wanted(parameters), len(given))
    values, options = [], {}
    for parameter in parameters:
        if parameter.name not in given:
            continue
        argument = given[parameter.name]
        if parameter.kind == "value":
            values.append((yield from _plain(lowering, function, argument, scope)))
        elif parameter.kind == "size":
            options[parameter.name] = yield lowering._size(argument)
        else:
            options[parameter.name] = _OPTIONS[parameter.kind](parameter.name, argument)
    return values, options


def _plain(lowering, function: Function, argument: ast.Expression, scope):
    """Return an operand; a covector is refused where the function is no matrix product."""
    value = yield lowering._value(argument, scope)
    if value.covector and function.name not in ("dot", "transpose"):
        mistake = messages.stray_covector(value.text)
        mistake.span = argument.span
        raise mistake
    return value


def _several(lowering, function: Function, call: ast.Call, scope):
    """``max(a, b, c)`` is ``maximum(maximum(a, b), c)``; all but the last pair are built here."""
    if call.keywords:
        keyword = call.keywords[0]
        raise messages.unknown_keyword(function.several, keyword.name, keyword.span, [])
    pair = REGISTRY[function.several]
    result = yield from _plain(lowering, function, call.arguments[0], scope)
    for argument in call.arguments[1:]:
        value = yield from _plain(lowering, function, argument, scope)
        result = pair.build([result, value], {})
    return [result], {"axis": ()}


def _shape(lowering, call: ast.Call):
    """The sizes of ``zeros(n, d)`` or ``zeros((n, d))``."""
    if call.keywords:
        keyword = call.keywords[0]
        raise messages.unknown_keyword(call.name, keyword.name, keyword.span, [])
    sizes = call.arguments
    if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple):
        sizes = sizes[0].items
    shape = []
    for argument in sizes:
        shape.append((yield lowering._size(argument)))
    return shape, {}


def _wanted(parameters) -> str:
    """Return how many operands a function takes, in words."""
    count = sum(p.required for p in parameters)
    names = ", ".join(p.name for p in parameters)
    return f"{count or 'no'} argument{'s' if count != 1 else ''}" + (f" ({names})" if names else "")


def _integer(name: str, x: ast.Expression) -> int:
    if isinstance(x, ast.Unary) and x.operator == "-":
        return -_integer(name, x.operand) if isinstance(x.operand, ast.Number) else _refuse(name, x)
    if isinstance(x, ast.Number) and isinstance(x.value, int):
        return x.value
    return _refuse(name, x)


def _refuse(name: str, x: ast.Expression) -> int:
    raise messages.not_an_integer(name, x.span)


def _axes(name: str, x: ast.Expression):
    if isinstance(x, ast.Tuple):
        return tuple(_integer(name, item) for item in x.items)
    return _integer(name, x)


def _flag(name: str, x: ast.Expression) -> bool:
    if isinstance(x, ast.Name) and x.name in ("true", "false", "True", "False"):
        return x.name.lower() == "true"
    raise messages.not_a_flag(name, x.span)


_OPTIONS = {"axes": _axes, "flag": _flag}
