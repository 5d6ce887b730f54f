"""A program as a graph: what lowering makes, and the passes work on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from .. import graph
from ..diagnostics import Diagnostic, Source, Span
from ..graph import Node
from . import ast


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
    the text of a node; nodes with a serial below ``boundaries[k]`` come from statements before k;
    `rewritten` says what was done to formulas before the program's own derivatives were taken, and
    `least` how large sizes must be for the slices to lie within their axes.
    """

    source: Source
    statements: tuple[ast.Statement, ...]
    inputs: list[Input] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    outputs: list[Named] = field(default_factory=list)
    spans: dict[Node, Span] = field(default_factory=dict)
    boundaries: list[int] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    least: dict[str, int] = field(default_factory=dict)

    @cached_property
    def is_pointwise(self) -> bool:
        """Whether every value is a scalar, so that inputs may be arrays of points."""
        return not any(n.shape for n in self.nodes())

    def nodes(self) -> list[Node]:
        """Return every node that the outputs and inputs need."""
        return graph.topological([x.node for x in (*self.inputs, *self.names, *self.outputs)])

    def statement_of(self, node: Node) -> int:
        """Return the number of the statement that made `node`."""
        return max(0, bisect_right(self.boundaries, node.serial) - 1)
