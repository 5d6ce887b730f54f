"""The stages of a compilation as text: the syntax tree, the graph, the graph with derivatives."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from .diagnostics import Diagnostic, Source, Span
from .frontend.parser import parse
from .graph import interning
from .show import show
from .transforms.pipeline import Options, derive, lowered_for


def show_stage(source: Source, options: Options, stage: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text of `stage` (``ast``, ``graph`` or ``gradient``) and the warnings.

    Raises ExprDiffError.
    """
    program = parse(source)
    if stage == "ast":
        return "".join(f"{line}\n" for s in program.statements for line in tree_lines(s)), ()
    with interning():
        lowered = lowered_for(program, options)
        if stage == "graph":
            text = show([x.node for x in lowered.outputs])
        else:
            derived = derive(lowered, options)
            results = [node for name in derived.functions for node, _ in derived.functions[name]]
            text = show(list(dict.fromkeys(results)))
    return text + "\n", tuple(lowered.warnings)


def tree_lines(root) -> list[str]:
    """Return a syntax tree as indented lines, one for each node; without recursion."""
    lines = []
    stack = [(root, 0, "")]
    while stack:
        node, depth, label = stack.pop()
        head = "  " * min(depth, 200) + label
        plain, children = [], []
        for f in fields(node):
            value = getattr(node, f.name)
            if isinstance(value, Span):
                continue
            if is_dataclass(value):
                children.append((value, depth + 1, f"{f.name}: "))
            elif isinstance(value, tuple):
                for item in value:
                    if is_dataclass(item):
                        children.append((item, depth + 1, ""))
                    else:
                        children.append((item[1], depth + 1, f"{item[0]} "))
            elif value is not None:
                plain.append(f"{value}")
        lines.append(f"{head}{type(node).__name__} {' '.join(plain)}".rstrip())
        stack.extend(reversed(children))
    return lines
