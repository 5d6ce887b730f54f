"""The order of statements: each value near to what it is made of, or to what reads it.

A value waits in memory from its own line to the last one that reads it. Values that are read far
from where they are made, for no other reason than that their readers stand together, are spared
the wait here. What is computed stays the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..transforms.derived import REVERSE
from .steps import Step, values_of


def moved_up(
    steps: Sequence[Step],
    parts: Collection[int],
    named: Collection[str],
    returned: Collection[str],
) -> list[Step]:
    """Return the statements with those at `parts` moved up, and values that only these read.

    Where a function does not tell its sweeps apart, other values move too that belong to no source
    line, if they can stand before the last value of the program: the tangents of a product with the
    Hessian go along with the values that they belong to.
    """
    values = values_of(steps)
    early = set(parts)
    end = last_of_program(steps)
    for i in range(len(steps) - 1, -1, -1):
        s = steps[i]
        v = values[s.writes]
        private = s.writes not in named and s.writes not in returned and v.first == v.last
        readers = [k for k in v.readers if steps[k].sweep == s.sweep]
        if private and readers and early.issuperset(readers):
            early.add(i)
    begins: dict[str, int] = {}  # of the sweeps
    latest: dict[str, int] = {}  # statement of each value
    ends = _group_ends(steps)
    anchors: list[int] = []
    fixed = -1  # the last statement that stays
    for i, s in enumerate(steps):
        anchor = i
        if i in early or (end >= 0 and not s.line):
            sources = [latest[name] for name in (*s.reads, s.writes) if name in latest]
            if not sources and i + 1 < len(steps) and steps[i + 1].writes == s.writes:
                # It makes zeros for what comes next.
                sources = [latest[name] for name in steps[i + 1].reads if name in latest]
            anchor = max((anchors[k] for k in sources), default=0)
            anchor = max(anchor, begins.get(s.sweep, i))
            anchor = ends[anchor] if ends[anchor] < i else anchor
        if anchor >= (fixed if i in early else end):
            anchor = i  # it would pass nothing: it stays under its heading
        if anchor == i:
            fixed = i
        anchors.append(anchor)
        begins.setdefault(s.sweep, i)
        latest[s.writes] = i
    order = sorted(range(len(steps)), key=lambda i: (anchors[i], anchors[i] != i, i))
    return [
        s.moved(steps[anchors[i]].place) if steps[anchors[i]].sweep == s.sweep else s
        for i, s in ((i, steps[i]) for i in order)
    ]


def moved_down(steps: Sequence[Step]) -> list[Step]:
    """Return the statements, some after the last value of the program as late as they may stand.

    Only where a function does not tell its sweeps apart: its reverse sweeps may stand one after the
    other, and those that come first move to where the last one reads their values.
    """
    end = last_of_program(steps)
    if end < 0:
        return list(steps)
    values = values_of(steps)
    anchors = list(range(len(steps)))
    fixed = len(steps)  # the first statement that stays
    for i in range(len(steps) - 1, end, -1):
        v = values[steps[i].writes]
        target = min((anchors[k] for k in v.readers), default=i)
        if v.first == v.last and not steps[i].line and target > fixed:
            anchors[i] = target
        else:
            fixed = i
    order = sorted(range(len(steps)), key=lambda i: (anchors[i], anchors[i] == i, i))
    return [steps[i] for i in order]


def last_of_program(steps: Sequence[Step]) -> int:
    """Return where the last value stands that belongs to a source line.

    It is -1 where there is none, or where a function tells its sweeps apart by itself.
    """
    if any(s.sweep == REVERSE for s in steps):
        return -1
    return max((i for i, s in enumerate(steps) if s.line), default=-1)


def _group_ends(steps: Sequence[Step]) -> list[int]:
    """Return for each statement the last one under the same heading; itself where there is none."""
    ends = list(range(len(steps)))
    for i in range(len(steps) - 2, -1, -1):
        s = steps[i]
        if s.sweep == REVERSE and s.line and s.place == steps[i + 1].place:
            ends[i] = ends[i + 1]
    return ends
