"""The lines that bring inputs into order: conversion, shape checks, sizes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..dims import Dim, show_shape
from ..graph import Node
from .align import size_text

CONVERT = {"real": "float", "int": "int", "bool": "bool"}


@dataclass(frozen=True)
class Argument:
    """An input in the emitted module: its name there, and its node."""

    name: str
    node: Node

    @property
    def shape(self):
        return self.node.shape


def checked_function(name: str, arguments: Sequence[Argument], check: bool) -> list[str]:
    """Return the function that converts the inputs and checks their shapes."""
    names = ", ".join(a.name for a in arguments)
    what = "their shapes checked" if check else "unchecked"
    lines = [f"def {name}({names}):", f'    """Return the inputs as arrays, {what}."""']
    known: dict[str, str] = {}
    for a in arguments:
        lines.append(f"    {a.name} = np.asarray({a.name}, dtype={CONVERT[a.node.dtype]})")
    if check:
        for a in arguments:
            lines += _check(a, known)
    values = ", ".join(a.name if a.shape else f"{a.name}[()]" for a in arguments)
    return [*lines, f"    return {values}"]


def _check(a: Argument, known: dict[str, str]) -> list[str]:
    """The lines that compare the shape of `a` with its declaration, and bind its new sizes."""
    fresh = [n for n in dict.fromkeys(a.shape) if isinstance(n, Dim) and n.is_name]
    fresh = [n for n in fresh if str(n) not in known]
    if not fresh:
        wanted = _tuple([size_text(n) for n in a.shape])
        return _refuse(a, f"{a.name}.shape != {wanted}", a.shape, known)
    lines = []
    names = [str(n) for n in a.shape]
    if len(fresh) == len(a.shape):
        if len(a.shape) == 1:
            lines += _refuse(a, f"{a.name}.ndim != 1", a.shape, known)
            lines.append(f"    ({names[0]},) = {a.name}.shape")
        else:
            lines += _refuse(a, f"{a.name}.ndim != {len(a.shape)}", a.shape, known)
            lines.append(f"    {', '.join(names)} = {a.name}.shape")
        known.update(dict.fromkeys(names, a.name))
        return lines
    lines += _refuse(a, f"{a.name}.ndim != {len(a.shape)}", a.shape, known)
    for n in fresh:
        lines.append(f"    {n} = {a.name}.shape[{a.shape.index(n)}]")
    wanted = _tuple([size_text(n) for n in a.shape])
    shown = {k: v for k, v in known.items()}
    lines += _refuse(a, f"{a.name}.shape != {wanted}", a.shape, shown)
    known.update({str(n): a.name for n in fresh})
    return lines


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _refuse(a: Argument, condition: str, shape, known: dict[str, str]) -> list[str]:
    """The lines that raise ValueError where `condition` holds, saying which sizes disagree."""
    names = [k for n in shape if isinstance(n, Dim) for k in n.names if k in known]
    names = list(dict.fromkeys(names))
    if names:
        owners = list(dict.fromkeys(known[k] for k in names))
        facts = ", ".join(f"{o} is {{{o}.shape}}" for o in owners)
        facts += ": " + ", ".join(f"{k} is {{{k}}}" for k in names)
    else:
        facts = f"must be {show_shape(shape)}"
    text = f'f"{a.name} has shape {{{a.name}.shape}}, but {facts}"'
    return [f"    if {condition}:", f"        raise ValueError({text})"]


def size_lines(text: str, arguments: Sequence[Argument]) -> list[str]:
    """Return the lines that bind the sizes which `text` uses."""
    used = set(re.findall(r"[^\W\d]\w*", text))
    bound: set[str] = set()
    lines = []
    for a in arguments:
        new = [
            (i, str(n))
            for i, n in enumerate(a.shape)
            if isinstance(n, Dim) and n.is_name and str(n) in used and str(n) not in bound
        ]
        if not new:
            continue
        plain = all(isinstance(n, Dim) and n.is_name for n in a.shape)
        if len(new) == len(a.shape) > 1 and plain and len(set(a.shape)) == len(a.shape):
            lines.append(f"    {', '.join(map(str, a.shape))} = {a.name}.shape")
            bound.update(name for _, name in new)
        else:
            for i, name in new:
                if name not in bound:
                    lines.append(f"    {name} = {a.name}.shape[{i}]")
                    bound.add(name)
    return lines
