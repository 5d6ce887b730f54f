"""The lines that bring inputs into order: conversion, shape checks, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..dims import Dim, dim, names_of, show_shape
from ..graph import Node
from .align import size_text
from .layout import WIDTH, returned, signature
from .names import Names

CONVERT = {"real": "float", "int": "int", "bool": "bool"}


@dataclass(frozen=True)
class Argument:
    """An input in the emitted module: its name there, and its node."""

    name: str
    node: Node

    @property
    def shape(self):
        return self.node.shape


def checked_function(
    name: str,
    arguments: Sequence[Argument],
    check: bool,
    pointwise: bool,
    scope: Names,
    least: Mapping[str, int] = MappingProxyType({}),
) -> list[str]:
    """Return the function that converts the inputs and checks their shapes.

    `scope` holds the names that its own variables must avoid.
    The inputs of a `pointwise` program may have any shapes that broadcast; `least` gives the sizes
    that must not be smaller.
    """
    check = check and not pointwise
    what = "arrays, their shapes checked" if check else "arrays of numbers"
    lines = signature(name, [a.name for a in arguments])
    lines.append(f'    """Return the inputs as {what}."""')
    for a in arguments:
        scalar = "" if a.shape or check else "[()]"
        kind = CONVERT[a.node.dtype]
        if check and kind != "float":
            # A number is not made an integer, nor anything a truth value, unasked.
            wanted = "integers" if kind == "int" else "true or false"
            letters = '"iu"' if kind == "int" else '"b"'
            lines.append(f"    {a.name} = np.asarray({a.name})")
            lines.append(f"    if {a.name}.size and {a.name}.dtype.kind not in {letters}:")
            text = f"{a.name} must be {wanted}, but is {{{a.name}.dtype}}"
            lines.append(f'        raise ValueError(f"{text}")')
        lines.append(f"    {a.name} = np.asarray({a.name}, dtype={kind}){scalar}")
    if check:
        known: dict[str, str] = {}
        lines += _check_numbers([a.name for a in arguments if not a.shape], scope)
        # Names are bound before the sizes that are computed from them are compared.
        ordered = sorted((a for a in arguments if a.shape), key=_is_computed)
        waiting = []  # computed from sizes that only later arguments bind
        for i, a in enumerate(ordered):
            later = {k for other in (*ordered[i + 1 :], *waiting) for k in _names(other.shape)}
            own = {size_text(n) for n in a.shape if isinstance(n, Dim) and n.is_name}
            if set(_names(a.shape)) <= own | set(known):
                lines += _check(a, known, later)
                continue
            waiting.append(a)
            lines += _refuse(a, f"{a.name}.ndim != {len(a.shape)}", {})
            for axis, n in enumerate(a.shape):
                if isinstance(n, Dim) and n.is_name and size_text(n) not in known:
                    lines.append(f"    {size_text(n)} = {a.name}.shape[{axis}]")
                    known[size_text(n)] = a.name
        for a in waiting:
            names = [size_text(n) for n in a.shape]
            lines += _refuse(a, f"{a.name}.shape != {_tuple(names)}", known)
        lines += _check_least(arguments, least)
    values = ", ".join(a.name if a.shape or not check else f"{a.name}[()]" for a in arguments)
    return [*lines, *returned(values)]


def _check_least(arguments: Sequence[Argument], least: Mapping[str, int]) -> list[str]:
    """The lines that refuse an axis that the program's slices would leave."""
    lines = []
    for name, count in sorted(least.items()):
        size = dim(name)
        owner = next(((a, a.shape.index(size)) for a in arguments if size in a.shape), None)
        if owner is not None:
            a, axis = owner
            need = f"slices need {size_text(size)} >= {count}"
            text = f"{a.name} has shape {{{a.name}.shape}}, but {need}"
            lines.append(f"    if {a.name}.shape[{axis}] < {count}:")
            lines.append(f'        raise ValueError(f"{text}")')
    return lines


def _check_numbers(names: Sequence[str], scope: Names) -> list[str]:
    """The lines that refuse an array where a number is declared."""
    text = "has shape {%s.shape}, but must be a number"
    if len(names) < 3:
        lines = []
        for name in names:
            lines.append(f"    if {name}.ndim:")
            lines.append(f'        raise ValueError(f"{name} {text % name}")')
        return lines
    pairs = [f'("{name}", {name})' for name in names]
    label, value = scope.take("name"), scope.take("value")
    head = f"    for {label}, {value} in "
    loop = [f"{head}({', '.join(pairs)}):"]
    if len(loop[0]) > WIDTH:
        loop = [f"{head}(", *(f"        {pair}," for pair in pairs), "    ):"]
    return [
        *loop,
        f"        if {value}.ndim:",
        f'            raise ValueError(f"{{{label}}} {text % value}")',
    ]


def _is_computed(a: Argument) -> bool:
    return any(isinstance(n, Dim) and not n.is_name for n in a.shape)


def _check(a: Argument, known: dict[str, str], later: set[str]) -> list[str]:
    """The lines that compare the shape of `a` with its declaration, and bind its new sizes."""
    names = [size_text(n) for n in a.shape]
    new = [n for n in dict.fromkeys(a.shape) if isinstance(n, Dim) and n.is_name]
    new = [n for n in new if size_text(n) not in known]
    if not new:
        return _refuse(a, f"{a.name}.shape != {_tuple(names)}", known)
    lines = _refuse(a, f"{a.name}.ndim != {len(a.shape)}", {})
    if len(new) == len(a.shape):
        wanted = [name for name in names if name in later]
        if len(wanted) == len(names):
            bound = ", ".join(names) if len(names) > 1 else f"({names[0]},)"
            lines.append(f"    {bound} = {a.name}.shape")
        else:
            lines += [f"    {name} = {a.name}.shape[{names.index(name)}]" for name in wanted]
        known.update(dict.fromkeys(wanted, a.name))
        return lines
    lines += [f"    {size_text(n)} = {a.name}.shape[{a.shape.index(n)}]" for n in new]
    lines += _refuse(a, f"{a.name}.shape != {_tuple(names)}", known)
    known.update({size_text(n): a.name for n in new})
    return lines


def _names(shape) -> list[str]:
    """The names of the sizes in a shape, as they are called here."""
    return [size_text(dim(name)) for name in names_of(shape)]


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _refuse(a: Argument, condition: str, known: dict[str, str]) -> list[str]:
    """The lines that raise ValueError where `condition` holds, saying which sizes disagree."""
    names = [k for k in _names(a.shape) if k in known]
    if names:
        owners = list(dict.fromkeys(known[k] for k in names))
        facts = ", ".join(f"{owner} is {{{owner}.shape}}" for owner in owners)
        facts += ": " + ", ".join(f"{k} is {{{k}}}" for k in names)
    else:
        facts = f"must be {show_shape(a.shape)}"
    text = f'f"{a.name} has shape {{{a.name}.shape}}, but {facts}"'
    return [f"    if {condition}:", *raising(text)]


def raising(text: str) -> list[str]:
    """Return the lines that raise ValueError with the literal `text`, broken where it is long."""
    line = f"        raise ValueError({text})"
    if len(line) <= WIDTH:
        return [line]
    head, _, tail = text.partition(", but ")
    pieces = [f'            {head}, "', f'            f"but {tail}']
    return ["        raise ValueError(", *pieces, "        )"]


def size_lines(text: str, arguments: Sequence[Argument]) -> list[str]:
    """Return the lines that bind the sizes which `text` uses."""
    used = set(re.findall(r"[^\W\d]\w*", text))
    bound: set[str] = set()
    lines = []
    for a in arguments:
        new = [
            (i, size_text(n))
            for i, n in enumerate(a.shape)
            if isinstance(n, Dim)
            and n.is_name
            and size_text(n) in used
            and size_text(n) not in bound
        ]
        if not new:
            continue
        plain = all(isinstance(n, Dim) and n.is_name for n in a.shape)
        if len(new) == len(a.shape) > 1 and plain and len(set(a.shape)) == len(a.shape):
            lines.append(f"    {', '.join(map(size_text, a.shape))} = {a.name}.shape")
            bound.update(name for _, name in new)
        else:
            for i, name in new:
                if name not in bound:
                    lines.append(f"    {name} = {a.name}.shape[{i}]")
                    bound.add(name)
    return lines
