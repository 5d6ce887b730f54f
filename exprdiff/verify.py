"""The invariants of the graph as code; the tests run it after every pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from . import exact
from .graph import (
    ADD_FAMILY,
    BOOL,
    CONTRACT,
    CONTRACT_FAMILY,
    EYE,
    LEAF,
    MAP,
    NUMBER,
    Node,
    _interner,
    topological,
)
from .show import show


class InvariantError(AssertionError):
    """A graph that breaks an invariant; the message shows the node and its neighbourhood."""


def verify(roots: Sequence[Node]) -> None:
    """Raise InvariantError unless everything that `roots` need keeps the invariants."""
    known = set(_interner.get().nodes.values())
    for node in topological(roots):
        for holds, rule in _claims(node, known):
            if not holds:
                raise InvariantError(f"{rule}, but not in the last of:\n{_around(node)}")


def _around(node: Node) -> str:
    """The text of a node and what it is made of, as far as a broken node has one."""
    try:
        return show([node])[-2000:]
    except (KeyError, ValueError):
        return repr(node)


def _claims(node: Node, known: set[Node]):
    """Yield (holds, rule) for every invariant of one node."""
    rank = node.rank
    flat = [k for ls in node.labels for k in ls]
    yield node in known, "nodes come from the current table"
    yield len(node.labels) == len(node.operands), "each operand has its labels"
    for x, ls in zip(node.operands, node.labels, strict=False):
        yield len(ls) == x.rank, "each axis of an operand has a label"
        yield x.serial < node.serial, "operands are older than the node"
    sizes = dict(enumerate(node.shape))
    for x, ls in zip(node.operands, node.labels, strict=False):
        for k, n in zip(ls, x.shape, strict=False):
            yield sizes.setdefault(k, n) == n, "a label has one size"
    inner = list(dict.fromkeys(k for k in flat if k >= rank))
    yield inner == list(range(rank, rank + len(inner))), "labels are canonical"
    family = node.op.family
    if family == LEAF:
        yield not node.operands, "a leaf has no operands"
    if family in (MAP, ADD_FAMILY):
        yield not inner, "a map and a sum have no label of their own"
    if family == MAP:
        yield node.dtype == node.op.dtype, "a map has the type of its op"
    if family == CONTRACT_FAMILY:
        yield node.dtype == "real", "a contraction is real"
        yield node.coefficient == exact.number(node.coefficient), "coefficients are canonical"
        yield (
            all(
                x.op is not EYE or (len(set(ls)) == 2 and not set(ls) & set(inner))
                for x, ls in zip(node.operands, node.labels, strict=True)
            ),
            "a delta stands between two labels of the result",
        )
        selections = [
            (x, ls) for x, ls in zip(node.operands, node.labels, strict=True) if x.dtype == BOOL
        ]
        yield len(set(selections)) == len(selections), "a selection is made once"
        yield (
            not (
                node.op is CONTRACT
                and node.coefficient == 1
                and len(node.operands) == 1
                and node.operands[0].dtype != BOOL
                and node.labels[0] == node.axes
            ),
            "a contraction does something",
        )
    if family == ADD_FAMILY:
        yield len(node.operands) > 1, "a sum has several terms"
        yield len(node.attrs) == len(node.operands), "each term has a coefficient"
        terms = list(zip(node.operands, node.labels, strict=True))
        yield len(set(terms)) == len(terms), "like terms are collected"
    if node.op is NUMBER and node.dtype != BOOL:
        value = node.value
        yield (
            (not isinstance(value, Fraction) or value.denominator != 1),
            "an integral number is an int",
        )
    undefined = node.op is NUMBER and not math.isfinite(node.value)
    total = node.op.total and all(x.total for x in node.operands) and not undefined
    yield node.total == total, "total is right"
