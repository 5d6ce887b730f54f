"""Sources, spans, and diagnostics: how exprdiff speaks of a formula to the person who wrote it.

A :class:`Diagnostic` says what is wrong in the user's terms, where, and how to mend it; rendering
puts a caret under the exact span. The wording of every message lives in :mod:`exprdiff.messages`,
one function for each mistake.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

WINDOW = 100  # columns of a source line shown around the caret


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range ``[start, end)`` of character offsets in a source text."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A program's text and the name shown in front of its messages."""

    text: str
    name: str = "<formula>"

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of `offset`, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return line `number` (counted from 1) without its line break."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def lines(self) -> list[str]:
        """Return all lines without their line breaks."""
        return [self.line(k + 1) for k in range(len(self._starts))]


@dataclass(frozen=True)
class Note:
    """A further place worth seeing: where a name was first used, which bracket was opened."""

    message: str
    span: Span


@dataclass(frozen=True)
class Diagnostic:
    """One finding about a source: what, where, and the likely mend.

    `label`, where given, stands behind the caret.
    """

    message: str
    span: Span
    hint: str | None = None
    label: str | None = None
    notes: tuple[Note, ...] = field(default=())
    severity: str = "error"

    def render(self, source: Source) -> str:
        """Return the message with file, line, column, the source line, a caret, and the mend."""
        line, column = source.position(self.span.start)
        parts = [f"{source.name}:{line}:{column}: {self.severity}: {self.message}"]
        parts += _excerpt(source, self.span, self.label)
        for note in self.notes:
            parts += _excerpt(source, note.span, note.message)
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


class ExprDiffError(ValueError):
    """A formula that exprdiff cannot compile, with every mistake that was found.

    Attributes:
        diagnostics: the findings, in the order of the source.
        source: the program.
        line, column: place of the first finding, both counted from 1.
        span: the first finding's range of character offsets.
        hint: the first finding's mend, or None.
    """

    def __init__(self, diagnostics: list[Diagnostic] | tuple[Diagnostic, ...], source: Source):
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: d.span.start))
        self.source = source
        first = self.diagnostics[0]
        self.span, self.hint = first.span, first.hint
        self.line, self.column = source.position(first.span.start)
        super().__init__("\n".join(d.render(source) for d in self.diagnostics))

    def __reduce__(self):
        return type(self), (self.diagnostics, self.source)


class Mistake(Exception):
    """Carries one diagnostic from the place that finds a mistake to the one that collects them.

    Code that does not know a span leaves it None; whoever does fills it in.
    """

    def __init__(self, message: str, span: Span | None = None, **details):
        super().__init__(message)
        self.message, self.span, self.details = message, span, details

    def diagnostic(self, span: Span) -> Diagnostic:
        """Return the finding, placed at `span` unless it has a place of its own."""
        return Diagnostic(self.message, self.span or span, **self.details)


def printable(text: str) -> str:
    """Return `text` with tabs as spaces and every unprintable character escaped or replaced."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else " " if c == "\t" else c.encode("unicode_escape").decode()
        for c in text
    )


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _excerpt(source: Source, span: Span, label: str | None) -> list[str]:
    """The source line of `span` and a line of carets under it; long lines show a window."""
    number, column = source.position(span.start)
    text = source.line(number)
    start = min(column - 1, len(text))
    end = max(min(start + span.end - span.start, len(text)), start + 1)
    low = max(0, start - WINDOW // 2) if len(text) > WINDOW else 0
    high = min(len(text), low + WINDOW) if len(text) > WINDOW else len(text)
    head, tail = "..." if low else "", "..." if high < len(text) else ""
    before = head + printable(text[low:start])
    marked = printable(text[start : min(end, high)])
    shown = before + marked + printable(text[min(end, high) : high]) + tail
    gutter = f"  {number} | "
    carets = " " * _width(before) + "^" * max(1, _width(marked))
    under = " " * (len(gutter) - 2) + "| " + carets
    return [gutter + shown, f"{under} {label}" if label else under]
