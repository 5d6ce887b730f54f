"""Names that stay opaque while a program is read, so that derivatives by them find them again."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import INPUT, Node, input_, topological
from ..normal import rebuild
from ..ops.numpy_order import Array, real


class Aliases:
    """Leaves that stand for values: what ``diff(u, z)`` is by, where z is no input.

    Without them z = x^2 would vanish in z^3, and with it the derivative.
    """

    def __init__(self):
        self.values: dict[Node, Node] = {}  # in the order in which they were made

    def __bool__(self) -> bool:
        return bool(self.values)

    def opaque(self, name: str, value: Array) -> Array:
        """Return a leaf that stands for `value`; a real input stands for itself."""
        node = real(value, strict=True).node
        if node.op is INPUT or value.open:
            return value
        alias = input_(f"{name}'{len(self.values)}", node.shape)
        self.values[alias] = node
        return Array(alias, lambda: value.text, value.covector)

    def expanded(self, node: Node, variable: Node) -> Node:
        """Return `node` with what its leaves stand for, but for `variable`."""
        return self.expansion([node], variable)[node] if self.values else node

    def expansion(self, roots: Sequence[Node], variable: Node | None = None) -> dict[Node, Node]:
        """Return a map old -> new over everything that `roots` need."""
        needed = {x for x in topological(roots) if x in self.values}
        for alias in reversed(self.values):  # each stands for what earlier ones are in
            if alias in needed and alias is not variable:
                needed.update(x for x in topological([self.values[alias]]) if x in self.values)
        new: dict[Node, Node] = {}
        for alias, value in self.values.items():
            if alias in needed and alias is not variable:
                for x in topological([value]):
                    if x not in new:
                        new[x] = rebuild(x, [new[y] for y in x.operands])
                new[alias] = new[value]
        for x in topological(roots):
            if x not in new:
                new[x] = rebuild(x, [new[y] for y in x.operands])
        return new
