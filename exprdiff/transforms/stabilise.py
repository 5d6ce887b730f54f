"""The pass that runs the stabilising rules."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import Node
from .rewrite import Fired, run
from .rules_stable import STABLE


def stabilise(
    roots: Sequence[Node], soft: Sequence[Node], primal: set[Node], fired: list[Fired]
) -> dict[Node, Node]:
    """Return a map old -> new in which every stabilising rule has been applied."""
    return run(STABLE, [*roots, *soft], fired)
