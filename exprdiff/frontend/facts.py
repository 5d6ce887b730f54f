"""Facts that a declaration states of its inputs: ``A: real[n, n] symmetric``."""

from __future__ import annotations

import math

from .. import exact, tensor_messages
from ..dims import Size
from ..graph import REAL, Fact, Node
from . import ast

#: What each fact says of an input called {0}.
FACTS = {
    "symmetric": "{0} is symmetric",
    "posdef": "{0} is symmetric and positive definite",
    "positive": "{0} is positive",
    "nonnegative": "{0} is not negative",
    "simplex": "the last axis of {0} is nonnegative and sums to 1",
    "in": "{0} lies in [{1}, {2}]",
}
MATRICES = ("symmetric", "posdef")


def facts_of(declaration: ast.Declaration, shape: list[Size]) -> tuple[Fact, ...]:
    """Return the facts of a declaration of arrays of that shape. Raises Mistake."""
    facts: list[Fact] = []
    for x in declaration.facts:
        name = name_of(x)
        if declaration.kind != REAL:
            raise tensor_messages.fact_of_reals(name, x.span)
        if (name == "in") is isinstance(x, ast.Name):
            raise tensor_messages.bad_interval(x.span)
        if name in MATRICES and (len(shape) < 2 or shape[-1] != shape[-2]):
            raise tensor_messages.fact_of_matrices(name, x.span)
        if name == "simplex" and not shape:
            raise tensor_messages.fact_of_arrays(name, x.span)
        fact: Fact = (name, *_bounds(x)) if isinstance(x, ast.Index) else (name,)
        if any(fact[0] == other[0] for other in facts):
            raise tensor_messages.fact_twice(name, x.span)
        facts.append(fact)
    return tuple(facts)


def clauses(name: str, node: Node) -> list[str]:
    """Return what is declared of the input `name`, a clause for each fact."""
    return [FACTS[fact[0]].format(name, *map(_number, fact[1:])) for fact in node.facts]


def _number(value: exact.Number) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def name_of(x: ast.Expression) -> str:
    """Return the word that a fact begins with. Raises Mistake where it is none."""
    first = x.operand if isinstance(x, ast.Index) else x
    name = first.name if isinstance(first, ast.Name) else None
    if name not in FACTS:
        raise tensor_messages.unknown_fact(name, x.span, FACTS)
    return name


def _bounds(x: ast.Index) -> tuple[exact.Number, exact.Number]:
    """The two numbers of ``in [0, 1]``."""
    if len(x.items) != 2:
        raise tensor_messages.bad_interval(x.span)
    low, high = (_bound(item) for item in x.items)
    if low is None or high is None or not low < high:
        raise tensor_messages.bad_interval(x.span)
    return low, high


def _bound(x: ast.Expression) -> exact.Number | None:
    sign = 1
    while isinstance(x, ast.Unary) and x.operator in "+-":
        sign, x = (-sign if x.operator == "-" else sign), x.operand
    if isinstance(x, ast.Number):
        return exact.times(sign, x.value)
    if isinstance(x, ast.Name) and x.name == "inf":
        return sign * math.inf
    return None
