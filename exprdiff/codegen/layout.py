"""Lines of Python: wrapping at operators, comments at the margin, text that cannot break out."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 100
INDENT = "    "


def call_lines(text: str, indent: str = INDENT) -> list[str]:
    """Return the lines of a statement, broken inside brackets where it is long."""
    line = indent + text
    return [line] if len(line) <= WIDTH else _broken(text, indent)


def assignment(target: str, text: str, operator: str = "=", indent: str = INDENT) -> list[str]:
    """Return the lines of ``target = text``, in brackets over several lines where it is long."""
    line = f"{indent}{target} {operator} {text}"
    if len(line) <= WIDTH:
        return [line]
    ways = [wrapped(f"{indent}{target} {operator} ", text, indent)]
    start, end = _longest_brackets(target)
    if end:  # break the subscripts, too
        first = [indent + target[: start + 1]]
        first += _filled(_pieces(target[start + 1 : end]), indent + INDENT)
        last = f"{indent}{target[end:]} {operator} "
        rest = [last + text] if len(last + text) <= WIDTH else wrapped(last, text, indent)
        ways.append([*first, *rest])
    return min(ways, key=lambda lines: max(WIDTH, *map(len, lines)))


def returned(text: str, indent: str = INDENT) -> list[str]:
    """Return the lines of ``return text``."""
    line = f"{indent}return {text}"
    return [line] if len(line) <= WIDTH else wrapped(f"{indent}return ", text, indent)


def wrapped(head: str, text: str, indent: str) -> list[str]:
    """Break `text` at its outermost operators or commas, in brackets over several lines."""
    pieces = _pieces(text)
    if len(pieces) == 1:
        first, *rest = _broken(text, indent)
        return [head + first[len(indent) :], *rest]
    return [head + "(", *_filled(pieces, indent + INDENT), indent + ")"]


def _filled(pieces: Sequence[str], indent: str) -> list[str]:
    """Set pieces on as few lines as hold them, within brackets; break those that are too long."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 1 + len(piece) <= WIDTH:
            lines[-1] += f" {piece}"
        elif len(indent) + len(piece) <= WIDTH:
            lines.append(indent + piece)
        else:
            lines += _broken(piece, indent)
    return lines


def _broken(text: str, indent: str) -> list[str]:
    """Break one piece: at its operators, else inside its longest pair of brackets."""
    if text.endswith(","):
        *lines, last = _broken(text[:-1], indent)
        return [*lines, last + ","]
    pieces = _pieces(text)
    if len(pieces) > 1:
        return _filled(pieces, indent)
    start, end = _longest_brackets(text)
    if end - start < 3:
        return [indent + text]
    head, inner, tail = text[: start + 1], text[start + 1 : end], text[end:]
    while inner[0] in "([{" and _longest_brackets(inner) == (0, len(inner) - 1):
        head, inner, tail = head + inner[0], inner[1:-1], inner[-1] + tail
    return [indent + head, *_filled(_pieces(inner), indent + INDENT), indent + tail]


def _longest_brackets(text: str) -> tuple[int, int]:
    """Return where the longest of the outermost pairs of brackets begins and ends."""
    best, start, depth = (0, 0), 0, 0
    for i, c in enumerate(text):
        if c in "([{":
            start = i if depth == 0 else start
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0 and i - start > best[1] - best[0]:
                best = start, i
    return best


def displayed(name: str, items: Sequence[str]) -> list[str]:
    """Return the lines of ``name = {items}``, one item a line where they are too long for one."""
    line = f"{INDENT}{name} = {{{', '.join(items)}}}"
    if len(line) <= WIDTH:
        return [line]
    inner = [line for item in items for line in _filled([f"{item},"], INDENT * 2)]
    return [f"{INDENT}{name} = {{", *inner, f"{INDENT}}}"]


def unpacked(names: Sequence[str], function: str) -> list[str]:
    """Return the lines of ``a, b = function(a, b)`` in a function's body."""
    listed = ", ".join(names)
    line = f"{INDENT}{listed} = {function}({listed})"
    if len(line) <= WIDTH:
        return [line]
    inner = _filled([f"{name}," for name in names], INDENT * 2)
    return [f"{INDENT}(", *inner, f"{INDENT}) = {function}(", *inner, f"{INDENT})"]


def signature(name: str, arguments: Sequence[str]) -> list[str]:
    """Return the lines of ``def name(arguments):``."""
    line = f"def {name}({', '.join(arguments)}):"
    if len(line) <= WIDTH:
        return [line]
    return [f"def {name}(", *_filled([f"{a}," for a in arguments], INDENT), "):"]


def strings(name: str, items: Sequence[str]) -> list[str]:
    """Return the lines of ``name = ("a", "b")``."""
    quoted_items = [f'"{item}"' for item in items]
    line = f"{name} = ({', '.join(quoted_items)}{',' if len(items) == 1 else ''})"
    if len(line) <= WIDTH:
        return [line]
    return [f"{name} = (", *_filled([f"{item}," for item in quoted_items], INDENT), ")"]


def _pieces(text: str) -> list[str]:
    """Cut `text` before its loosest operators outside brackets (or after its commas)."""
    cuts: dict[str, list[int]] = {",": [], "+": [], "*": []}
    depth = 0
    for i, c in enumerate(text):
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif depth == 0 and c == ",":
            cuts[","].append(i + 1)
        elif depth == 0 and c in "+-" and text[i - 1 : i + 2] == f" {c} ":
            cuts["+"].append(i)
        elif depth == 0 and c in "*/@" and text[i - 1 : i + 2] == f" {c} ":
            cuts["*"].append(i)
    for kind in (",", "+", "*"):
        if cuts[kind]:
            ends = [*cuts[kind], len(text)]
            starts = [0, *cuts[kind]]
            return [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    return [text]


def has_comma(text: str) -> bool:
    """Return whether there is a comma outside of brackets."""
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == "," and not depth:
            return True
    return False


def with_margins(lines: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines with their comments set in one column, where they fit."""
    commented = [len(text) for text, margin in lines if margin]
    column = max((n for n in commented if n <= WIDTH - 24), default=0)
    result = []
    for text, margin in lines:
        line = f"{text:<{column}}  # {margin}" if margin else text
        result.append(line if len(line) <= WIDTH else text)
    return result


def quoted(text: str) -> str:
    """Return `text` fit for a triple-quoted string or a comment: nothing in it can end either."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in safe)


def comment(text: str, indent: str = INDENT) -> str:
    """Return a comment line, cut where it would be too long."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    line = f"{indent}# {shown}".rstrip()
    return line if len(line) <= WIDTH else line[: WIDTH - 4].rstrip() + " ..."
