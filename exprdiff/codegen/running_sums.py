"""Long sums as running sums, whose parts can stand where their operands are at hand.

A sum of many terms written on one line makes all of its operands wait for that line: the derivative
by a weight that every layer shares keeps the adjoints of all layers alive. As a running sum it
keeps none. The terms stay in their order, so the result is the same to the last bit.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..graph import ADD, INPUT, NUMBER, REAL, Node, topological
from .schedule import ROOM, Statement
from .steps import Step, names_in, step

LEAST = 4  # parts of a sum that is worth taking apart


@dataclass(frozen=True)
class _Term:
    """One term of a sum: its sign, its text, and its text in brackets where these are needed."""

    sign: str
    text: str
    bracketed: str


@dataclass(frozen=True)
class _Sum:
    """The terms of a sum, and the node that is the sum of the first of them."""

    terms: list[_Term]
    base: Node


def with_running_sums(
    steps: Sequence[Step], named: Collection[str], returned: Collection[str]
) -> tuple[list[Step], set[int]]:
    """Return the statements with long sums in parts, and where these parts stand.

    `named` are the names with a meaning to the reader; those in `returned` are read at the end.
    """
    adding = Counter(s.writes for s in steps if not s.starts)
    uses = Counter(name for s in steps for name in s.reads if name != s.writes)
    uses.update(returned)
    # Values that have a line for lack of room elsewhere; one other line reads them.
    passing = {
        s.writes: s
        for s in steps
        if s.starts and uses[s.writes] == 1 and not adding[s.writes]
        if s.writes not in named and s.writes not in returned
    }  # fmt: skip
    sums, absorbers = _sums(steps, passing)
    long = {
        s.writes
        for s in steps
        if (len(sums[s.writes].terms) if s.writes in sums else 1) + adding[s.writes] >= LEAST
    }
    if not long:
        return list(steps), set()
    gone: set[str] = set()
    for s in reversed(steps):
        absorber = absorbers.get(s.writes)
        if absorber in long or absorber in gone:
            gone.add(s.writes)
    floats = _floats([sums[name].base for name in long if name in sums])
    single = {name: v for name, v in passing.items() if name not in sums}
    written: dict[str, list[Step]] = {}
    for s in steps:
        if s.starts and s.writes in sums and s.writes in long and s.writes not in gone:
            written[s.writes], inlined = _running(s, sums[s.writes], single, floats)
            gone |= inlined
    result: list[Step] = []
    parts: set[int] = set()
    for s in steps:
        if s.writes in gone:
            continue
        new = written.get(s.writes, [s]) if s.starts else [s]
        if s.writes in long:
            parts.update(range(len(result), len(result) + len(new)))
        result += new
    return result, parts


def _sums(
    steps: Sequence[Step], passing: Mapping[str, Step]
) -> tuple[dict[str, _Sum], dict[str, str]]:
    """Return the sums by name, and which sum continues which: it begins with its result."""
    sums: dict[str, _Sum] = {}
    absorbers: dict[str, str] = {}
    for s in steps:
        terms = _terms(s.statement.text) if s.starts and s.statement.node else []
        if not terms:
            continue
        head = terms[0].text
        again = names_in(t.text for t in terms[1:])
        alone = head in passing and passing[head].sweep == s.sweep and head not in again
        if head in sums and alone:
            sums[s.writes] = _Sum([*sums[head].terms, *terms[1:]], sums[head].base)
            absorbers[head] = s.writes
        else:
            sums[s.writes] = _Sum(terms, s.statement.node)
    return sums, absorbers


def _terms(text: str) -> list[_Term]:
    """Return the terms of a sum, in order; none where `text` is no sum."""
    encoded = text.encode()  # positions in a syntax tree count bytes
    node = ast.parse(text, mode="eval").body
    terms: list[_Term] = []

    def cut(start: int, end: int) -> str:
        return encoded[start:end].decode()

    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        between = cut(node.left.end_col_offset, node.end_col_offset).lstrip(") ")
        plain = cut(node.right.col_offset, node.right.end_col_offset)
        terms.append(_Term(between[0], plain, between[1:].strip()))
        node = node.left
    if terms:
        first = cut(node.col_offset, node.end_col_offset)
        terms.append(_Term("+", first, first))
    return terms[::-1]


def _running(
    s: Step, total: _Sum, passing: Mapping[str, Step], floats: Collection[Node]
) -> tuple[list[Step], set[str]]:
    """Return a sum as statements, and the names of the values that were written into them.

    The first statement adds two terms, which makes an array that is the sum's alone.
    """
    base = total.base
    in_place = not s.statement.node.shape or (
        base.op is ADD
        and all(
            x in floats and set(labels) == set(base.axes)
            for x, labels in zip(base.operands, base.labels, strict=True)
        )
    )
    name = s.statement.target
    inlined: set[str] = set()
    readers = Counter(x for t in total.terms for x in names_in([t.text]))

    def inner(t: _Term, tight: bool) -> tuple[str, str]:
        """The two texts of a term, of a value that has no other reader instead of its name."""
        made = passing.get(t.text)
        if made is None or made.sweep != s.sweep or readers[t.text] > 1:
            return t.text, t.bracketed
        text = made.statement.text
        if tight and (len(text) > ROOM or not _is_tight(text)):
            return t.text, t.bracketed
        inlined.add(t.text)
        return text, text

    first, second = total.terms[:2]
    head = f"{inner(first, True)[0]} {second.sign} {inner(second, True)[1]}"
    lines = [replace(s.statement, text=head)]
    for t in total.terms[2:]:
        plain, bracketed = inner(t, not in_place)
        if in_place:
            lines.append(Statement(name, plain, "", f"{t.sign}="))
        else:
            lines.append(Statement(name, f"{name} {t.sign} {bracketed}"))
    return [step(s.sweep, s.line, line) for line in lines], inlined


def _is_tight(text: str) -> bool:
    """Whether an expression may be a term of a sum without brackets."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mult | ast.Div | ast.MatMult) and not text.startswith("-")
    return isinstance(node, ast.Call | ast.Name | ast.Attribute | ast.Subscript)


def _floats(roots: Sequence[Node]) -> set[Node]:
    """Return nodes whose values are surely floats, to which any number can be added in place."""
    found: set[Node] = set()
    for node in topological(roots):
        if node.op is INPUT:
            certain = True
        elif node.op is NUMBER:
            certain = isinstance(node.value, float)
        else:
            certain = any(x in found for x in node.operands)
        if certain and node.dtype == REAL:
            found.add(node)
    return found
