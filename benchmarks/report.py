"""Results as tables: plain text for a terminal, Markdown for README.md."""

from __future__ import annotations

import re
from pathlib import Path

from . import WORKLOADS
from .harness import Result

README = Path(__file__).with_name("README.md")
TOOLS = ("JAX", "autograd", "SymPy", "hand NumPy")
SUMMARY = ("benchmark", "work", "exprdiff", *TOOLS, "goals")
HEADERS = ("contender", "median", "minimum", "ratio", "of minima", "compile", "error")

NEGLIGIBLE = 1e-4  # seconds of compiling that are not worth a cell


def duration(seconds: float) -> str:
    """A time in the unit that reads best, to three digits."""
    units = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6))
    unit, size = next((x for x in units if seconds >= x[1]), units[-1])
    count = seconds / size
    digits = 2 if count < 9.995 else 1 if count < 99.95 else 0
    return f"{count:.{digits}f} {unit}"


def rows(result: Result) -> list[tuple[str, ...]]:
    """The cells of a result's table, a row a contender."""
    table = []
    for i, timing in enumerate(result.timings):
        table.append((
            timing.name, duration(timing.median), duration(timing.minimum),
            f"{result.ratio(timing):.2f}", f"{result.ratio_of_minima(timing):.2f}",
            duration(timing.compile) if timing.compile > NEGLIGIBLE else "",
            f"{timing.error:.0e}" if i else "",
        ))  # fmt: skip
    return table


def plain(result: Result) -> str:
    """A result for a terminal."""
    table = [HEADERS, *rows(result)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [f"{result.case.title}  ({result.rounds} rounds)"]
    for name, *cells in table:
        right = "  ".join(cell.rjust(w) for cell, w in zip(cells, widths[1:], strict=True))
        lines.append(f"  {name.ljust(widths[0])}  {right}".rstrip())
    return "\n".join(lines + [f"  {remark}" for remark in result.remarks()])


def table_row(cells) -> str:
    """A row of a Markdown table."""
    cells = [cell.replace("|", "\\|") for cell in cells]
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def markdown(result: Result) -> str:
    """A result as a Markdown table under its title, with its remarks below."""
    lines = [f"**{result.case.title}**", "", table_row(HEADERS)]
    lines.append("|" + " --- |" + " ---: |" * (len(HEADERS) - 1))
    lines += map(table_row, rows(result))
    return "\n".join([*lines, "", *(f"- {remark}" for remark in result.remarks())]).rstrip()


def section(name: str, text: str) -> str:
    """The part of a document that a later run replaces, between its two marks."""
    return f"<!-- begin {name} -->\n\n{text}\n\n<!-- end {name} -->"


def plain_table(rows: list[dict]) -> str:
    """A table of rows for a terminal."""
    widths = [max(len(key), 8) for key in rows[0]]
    lines = [rows[0].keys(), *(row.values() for row in rows)]
    return "\n".join(
        "  ".join(f"{x:>{w}}" for x, w in zip(line, widths, strict=True)) for line in lines
    )


def markdown_table(rows: list[dict]) -> str:
    """A table of rows as Markdown."""
    head = table_row(rows[0])
    lines = [table_row(map(str, row.values())) for row in rows]
    return "\n".join([head, "|" + " ---: |" * len(rows[0]), *lines])


def document(
    facts: list[str], results: dict[str, list[Result]], tables: dict[str, list[dict]] | None = None
) -> dict[str, str]:
    """The sections of a Markdown report by name: the machine's, a summary, one a benchmark."""
    sections = {"machine": "\n".join(f"- {line}" for line in facts), "summary": summary(results)}
    for name, several in results.items():
        sections[name] = "\n\n".join([f"### {name}", *map(markdown, several)])
    for name, table in (tables or {}).items():
        sections[name] = f"### {name}\n\n{markdown_table(table)}"
    return sections


def summary(results: dict[str, list[Result]]) -> str:
    """One table with a row a case: the ratio of each tool's fastest contender."""
    ranks = "".join(" ---: |" for _ in SUMMARY[2:-1])
    lines = [table_row(SUMMARY), f"| --- | --- |{ranks} --- |"]
    for name, several in results.items():
        for result in several:
            cells = [f"[{name}]({name}.py)", result.case.title, duration(result.timings[0].median)]
            leads = map(result.lead, TOOLS)
            cells += ["" if lead is None else f"{lead:.2f}" for lead in leads]
            missed = [str(goal) for goal in result.case.goals if result.verdict(goal) == "missed"]
            cells.append(f"missed: {', '.join(missed)}" if missed else "reached")
            lines.append(table_row(cells))
    return "\n".join(lines)


def merged(old: str, new: str) -> str:
    """The summary `old` with the rows of `new` in the places of those of the same benchmarks."""
    names = [name for name in WORKLOADS if f"| [{name}](" in old + new]
    lines = new.splitlines()[:2]
    for name in names:
        text = new if f"| [{name}](" in new else old
        lines += [line for line in text.splitlines() if line.startswith(f"| [{name}](")]
    return "\n".join(lines)


def replaced(text: str, sections: dict[str, str], complete: bool) -> str:
    """The text with these sections in the place of the old ones of the same names.

    Unless the run was `complete`, the machine must be the one that the other tables are from.
    Raises ValueError where it is not, or where a section has no marks in the text.
    """
    for name, new in sections.items():
        pattern = re.compile(
            rf"<!-- begin {re.escape(name)} -->\n.*?<!-- end {re.escape(name)} -->", re.S
        )
        found = pattern.search(text)
        if found is None:
            raise ValueError(f"no marks for {name}: <!-- begin {name} --> and <!-- end {name} -->")
        if name == "machine" and not complete and found[0] != section(name, new):
            raise ValueError(
                "the other tables are from another machine or other versions: run all benchmarks"
            )
        if name == "summary" and not complete:
            new = merged(found[0], new)
        text = text[: found.start()] + section(name, new) + text[found.end() :]
    return text
