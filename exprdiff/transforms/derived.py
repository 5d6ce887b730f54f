"""What the passes work on: a program with its derivatives, and what was asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..frontend.lowered import Input, Lowered
from ..graph import Node

if TYPE_CHECKING:
    from .local import Local
    from .products import Product

FORWARD, REVERSE = "forward", "reverse"
DERIVATIVE = "'"  # no identifier begins with it


@dataclass(frozen=True)
class Options:
    """What is asked of a compilation.

    `wrt` names the inputs to differentiate by (None: every real input that is no data), `of` the
    output to differentiate, `emit` the functions to write, `optimize` the level, `target` the
    language of emission, `recompute` whether values of the forward sweep are computed again rather
    than kept.
    """

    wrt: tuple[str, ...] | None = None
    of: str | None = None
    emit: tuple[str, ...] | None = None
    optimize: int = 1
    stabilise: bool = True
    checks: bool = True
    target: str = "numpy"
    recompute: bool = False


@dataclass
class Quantity:
    """A node that has a name worth keeping: a value that the user named, or a derivative.

    `line` is the source line that it belongs to; in the reverse sweep the one it differentiates.
    `variable` is what a derivative is by; `note` stands at the margin of a scalar.
    """

    name: str
    node: Node
    line: int
    sweep: str = FORWARD
    variable: str | None = None
    note: str = ""


@dataclass
class Derived:
    """A program with its derivatives, ready to be written.

    `functions` maps a function's name to its results: (node, name of the quantity or None);
    `products` are those of them that return Jacobians, Hessians or products with these, `local` the
    one for reading;
    `origin` gives the number of the statement that a node comes from.
    """

    lowered: Lowered
    options: Options
    inputs: list[Input]
    wrt: list[Input]
    outputs: list[Quantity] = field(default_factory=list)
    differentiated: str | None = None
    quantities: list[Quantity] = field(default_factory=list)
    origin: dict[Node, int] = field(default_factory=dict)
    rewritten: list[str] = field(default_factory=list)
    functions: dict[str, list[tuple[Node, str | None]]] = field(default_factory=dict)
    watch: Callable[[str, Sequence[Node]], None] | None = None
    products: dict[str, Product] = field(default_factory=dict)
    local: Local | None = None

    def line(self, statement: int) -> int:
        """Return the source line on which a statement begins."""
        span = self.lowered.statements[statement].span
        return self.lowered.source.position(span.start)[0]


def derivative_name(output: str, variable: str) -> str:
    """Return the name of a derivative; its mark tells it from a variable that is called like it."""
    return f"{DERIVATIVE}d{output}_d{variable}"
