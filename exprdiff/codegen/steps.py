"""Statements with what they write and read, for passes over the body of a function.

The names that a statement reads are taken from its syntax tree: what looks like a name within a
string, as the subscripts of ``np.einsum`` do, is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .schedule import Statement

_COUNTED = (ast.BinOp, ast.Call, ast.Compare, ast.Subscript, ast.AugAssign)


@dataclass(frozen=True)
class Step:
    """A statement, its place (the sweep and the source line), the name it writes, what it reads.

    `starts` tells the statement that makes a value from those that add to it in place.
    """

    sweep: str
    line: int
    statement: Statement
    writes: str
    reads: frozenset[str]
    starts: bool = True

    @property
    def place(self) -> tuple[str, int]:
        """The sweep and the source line that it serves."""
        return self.sweep, self.line

    @property
    def holds(self) -> bool:
        """Whether it makes an array that occupies memory of its own: no number, no view."""
        s = self.statement
        return self.starts and s.node is not None and bool(s.node.shape) and not s.is_view

    @cached_property
    def operations(self) -> int:
        """How many operations and calls it takes, as its text has them."""
        return sum(isinstance(x, _COUNTED) for x in ast.walk(_tree(self.statement)))

    def moved(self, place: tuple[str, int]) -> Step:
        """Return the same statement at another place."""
        return replace(self, sweep=place[0], line=place[1])


def step(sweep: str, line: int, statement: Statement) -> Step:
    """Return a statement with the names that it writes and reads."""
    (tree,) = _tree(statement).body
    read = _loaded(tree)
    if isinstance(tree, ast.Expr):  # np.add.at(name, subscripts, value)
        return Step(sweep, line, statement, tree.value.args[0].id, read, starts=False)
    target = tree.targets[0] if isinstance(tree, ast.Assign) else tree.target
    if isinstance(target, ast.Subscript):
        return Step(sweep, line, statement, target.value.id, read, starts=False)
    starts = isinstance(tree, ast.Assign) and target.id not in read
    return Step(sweep, line, statement, target.id, read, starts)


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the names that expressions read."""
    return frozenset().union(*(_loaded(ast.parse(text, mode="eval")) for text in texts))


def names_in_lines(lines: Iterable[str]) -> frozenset[str]:
    """Return the names that indented lines of a function read."""
    return _loaded(ast.parse("\n".join(["if True:", *lines])))


def _tree(statement: Statement) -> ast.Module:
    head = f"{statement.target} {statement.operator} " if statement.target else ""
    return ast.parse(head + statement.text)


def _loaded(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        x.id for x in ast.walk(tree) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Load)
    )


@dataclass
class Value:
    """A value of a function: where it is made, from its first statement to its last, and read."""

    name: str
    first: int
    last: int
    holds: bool
    readers: list[int]


def values_of(steps: Sequence[Step]) -> dict[str, Value]:
    """Return the values that the statements make, by name; each name is made once."""
    values: dict[str, Value] = {}
    for i, s in enumerate(steps):
        for name in s.reads:
            if name in values and name != s.writes:
                values[name].readers.append(i)
        if s.starts:
            values[s.writes] = Value(s.writes, i, i, s.holds, [])
        else:
            values[s.writes].last = i
    return values
