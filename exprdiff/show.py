"""The graph as text, and the reader of that text: printing and reading back is the identity.

One line a node, operands before users::

    line     = "%" number ":" type "=" op attributes operands
    type     = dtype [ "[" size { "," size } "]" ]
    operands = { "%" number "[" [ label { "," label } ] "]" }

Numbers and attributes are written so that they come back exact: ``3``, ``1/10``, ``0x1p-2``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from . import graph
from .dims import Dim
from .dims import read as read_size
from .graph import ADD, CONSTANT, CONTRACT, INPUT, NUMBER, SIZE, Node, topological
from .indexed import operators

_LINE = re.compile(
    r"%(\d+) : (\w+)(?:\[([^\]]*)\])? = (\S+)(?: \{(.*?)\})?((?: %\d+\[[\d, ]*\])*)$"
)
_OPERAND = re.compile(r"%(\d+)\[([\d, ]*)\]")


def show(roots: Sequence[Node]) -> str:
    """Return the text of everything that `roots` need; the last line lists the roots."""
    names: dict[Node, int] = {}
    lines = []
    for node in topological(roots):
        names[node] = len(names)
        shape = f"[{', '.join(map(str, node.shape))}]" if node.shape else ""
        attrs = "; ".join(_attribute(a) for a in node.attrs)
        operands = "".join(
            f" %{names[x]}[{', '.join(map(str, ls))}]"
            for x, ls in zip(node.operands, node.labels, strict=True)
        )
        text = f"%{names[node]} : {node.dtype}{shape} = {node.op.name}"
        lines.append(text + (f" {{{attrs}}}" if attrs else "") + operands)
    lines.append("return " + ", ".join(f"%{names[root]}" for root in roots))
    return "\n".join(lines)


def read(text: str) -> list[Node]:
    """Return the roots of a graph that :func:`show` printed, made anew in the current table.

    Raises ValueError for text of another form.
    """
    nodes: dict[str, Node] = {}
    for line in text.strip().splitlines():
        if line.startswith("return "):
            return [_node(nodes, name.strip()[1:]) for name in line[7:].split(",")]
        match = _LINE.match(line)
        if match is None:
            raise ValueError(f"not a line of a graph: {line!r}")
        name, dtype, shape, op, attrs, operands = match.groups()
        sizes = tuple(read_size(s) for s in shape.split(", ")) if shape else ()
        parts = _OPERAND.findall(operands)
        labels = [tuple(int(k) for k in ls.split(",")) if ls else () for _, ls in parts]
        values = tuple(_value(a) for a in attrs.split("; ")) if attrs else ()
        nodes[name] = graph.make(
            _op(op),
            [_node(nodes, k) for k, _ in parts],
            labels,
            range(len(sizes)),
            values,
            sizes,
            dtype,
        )
    raise ValueError("the text does not say what it returns")


def _node(nodes: dict[str, Node], name: str) -> Node:
    if name not in nodes:
        raise ValueError(f"unknown node %{name}")
    return nodes[name]


def _op(name: str) -> graph.Op:
    built_in = (INPUT, NUMBER, CONSTANT, SIZE, graph.EYE, graph.ARANGE, CONTRACT, ADD)
    found = {op.name: op for op in built_in} | operators
    if name not in found:
        raise ValueError(f"unknown operation {name!r}")
    return found[name]


def _attribute(value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_attribute, value))}{',' if len(value) == 1 else ''})"
    if value is None or isinstance(value, bool | str):
        return repr(value)
    if isinstance(value, float):
        return value.hex()
    return f"size {value}" if isinstance(value, Dim) else str(value)


def _value(text: str):
    if text in ("True", "False"):
        return text == "True"
    if text.startswith("'"):
        return text[1:-1].encode().decode("unicode_escape") if "\\" in text else text[1:-1]
    if text == "None":
        return None
    if text.startswith("("):
        return tuple(_value(part) for part in _parts(text[1:-1]))
    if text.startswith("size "):
        return read_size(text[5:])
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d+/\d+", text):
        return Fraction(text)
    return float.fromhex(text)


def _parts(text: str) -> list[str]:
    """Cut the inside of a tuple at its outermost commas."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text + ","):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            parts.append(text[start:i].strip())
            start = i + 1
    return [part for part in parts if part]
