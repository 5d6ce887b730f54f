"""The pass that runs the stabilising rules."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import Node
from .rewrite import Fired, run
from .rules_stable import AGAIN, STABLE


def stabilise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which every stabilising rule has been applied.

    Beside a forward sweep (`primal`), what is left are derivatives.
    """
    return run(AGAIN if primal else STABLE, [*roots, *soft], fired)
