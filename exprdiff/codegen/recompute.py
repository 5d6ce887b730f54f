"""Store or recompute: functions that keep few of the values of their forward sweep.

The reverse sweep reads the values of the forward sweep in the opposite order, so they wait, all of
them, where the sweeps meet. Here the forward sweep is cut into segments. What later segments read
is kept; the rest is deleted when its segment ends, and computed again from what was kept just
before the reverse sweep comes by. Of n values about sqrt(2 n) are in memory at a time, for at most
one more forward sweep. The results are the same to the last bit: the same statements run again.

Griewank and Walther, *Evaluating Derivatives* (2008), chapter 12; Goodfellow, Bengio and Courville,
*Deep Learning* (2016), section 6.5.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import isqrt

from ..transforms.derived import REVERSE
from .early import last_of_program, moved_down, moved_up
from .layout import INDENT, WIDTH, comment
from .running_sums import with_running_sums
from .schedule import Body, Statement
from .steps import Step, Value, names_in_lines, step, values_of

LEAST = 12  # arrays from which on a function is worth the trouble
SHARE = 0.75  # of the arrays in memory that remains, for a second computation to pay
BATCH = 4  # arrays that are deleted on one line, where no heading or segment gives the place
LONG = 8  # statements under one heading that stay together, and arrays that wait for its end
LISTED = 5  # names that a comment lists


@dataclass
class Thrift:
    """A body that deletes its arrays, the values it keeps, and what it computes again costs."""

    body: Body
    kept: list[str] = field(default_factory=list)
    operations: int = 0


@dataclass
class _Plan:
    """Statements in the order of execution, the arrays among their values, and when these go.

    That is after the places in `flushes`, and elsewhere, but for the places in `quiet`, at the end
    of what stands under a heading, or when there are some.
    """

    steps: list[Step]
    values: dict[str, Value]
    flushes: set[int] = field(default_factory=set)
    quiet: set[int] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)
    operations: int = 0

    @property
    def most(self) -> int:
        """How many arrays are in memory at a time, at most."""
        return max(_alive(self.steps, self.values))

    def append(self, again: Sequence[Step], kept: Sequence[str], place: tuple[str, int]) -> None:
        """Append statements that are run a second time before one at `place`, under a heading."""
        start = len(self.steps)
        if not self.steps or self.steps[-1].place != place:
            place = (place[0], 0)
        text = comment(_heading(again, kept))[len(INDENT) :]
        heading = Step(*place, Statement("", text), "", frozenset(), starts=False)
        self.steps += [heading, *(s.moved(place) for s in again)]
        self.flushes |= {start - 1, len(self.steps) - 1}
        self.quiet |= set(range(start, len(self.steps)))
        self.operations += sum(s.operations for s in again)


def recomputed(body: Body, named: Collection[str], returns: Sequence[str]) -> Thrift:
    """Return a function's body in the form that keeps few arrays in memory.

    `named` are the names with a meaning to the reader, `returns` the function's last lines. A body
    of few arrays comes back as it is.
    """
    steps = [step(*item) for item in body.statements]
    if sum(s.holds for s in steps) < LEAST:
        return Thrift(body)
    returned = names_in_lines(returns)
    plan = min((_planned(order, named, returned) for order in _orders(steps)), key=lambda p: p.most)
    return Thrift(Body(list(_with_deletions(plan)), body.results), plan.kept, plan.operations)


def _orders(steps: list[Step]) -> list[list[Step]]:
    """Return the orders of the statements that are worth a try, that of the function first."""
    other = moved_down(steps)
    return [steps] if other == steps else [steps, other]


def _planned(steps: list[Step], named: Collection[str], returned: Collection[str]) -> _Plan:
    """Return what to do about statements in this order, before they are moved up."""
    steps = moved_up(*with_running_sums(steps, named, returned), named, returned)
    values = {k: v for k, v in values_of(steps).items() if v.holds and k not in returned}
    plain = _Plan(steps, values)
    plan = _in_segments(steps, values, _turn(steps, values))
    return plan if plan.most <= SHARE * plain.most else plain


def _turn(steps: Sequence[Step], values: dict[str, Value]) -> int:
    """Return the number of statements before the reverse sweep.

    Where a function does not tell its sweeps apart, it turns where most values wait, or where the
    values of the program end.
    """
    for i, s in enumerate(steps):
        if s.sweep == REVERSE:
            return i
    alive = _alive(steps, values)
    most = alive.index(max(alive))
    end = last_of_program(steps)
    return most if end < 0 else min(most, end + 1)


def _ranges(steps: Sequence[Step], values: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Yield (name, first, last): from where to where an array must be in memory."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for i, s in enumerate(steps):
        for name in s.reads:
            if name in first:
                last[name] = i
        if s.writes in values:
            if s.starts and s.writes in first:
                yield s.writes, first[s.writes], last[s.writes]
            if s.starts:
                first[s.writes] = i
            last[s.writes] = i
    for name, i in first.items():
        yield name, i, last[name]


def _alive(steps: Sequence[Step], values: Collection[str]) -> list[int]:
    """Return for each statement how many arrays are in memory while it runs."""
    change = [0] * (len(steps) + 1)
    for _, first, last in _ranges(steps, values):
        change[first] += 1
        change[last + 1] -= 1
    alive, count = [], 0
    for c in change[:-1]:
        count += c
        alive.append(count)
    return alive


class _Segments:
    """The segments of a forward sweep of `turn` statements."""

    def __init__(self, steps: Sequence[Step], values: dict[str, Value], turn: int):
        self.steps, self.values, self.turn = steps, values, turn
        self.lasts = {  # where the forward sweep last needs a value
            v.name: max((i for i in (v.last, *v.readers) if i < turn), default=v.last)
            for v in values.values()
            if v.first < turn
        }

    def ends(self) -> list[int]:
        """Return where segments end, the last one left out, for the fewest arrays in memory.

        The first segments are the longest: fewer kept values wait while they are gone through.
        """
        low, high = 1, len(self.lasts) + 1
        while low < high:
            middle = (low + high) // 2
            if self.cut(middle) is None:
                low = middle + 1
            else:
                high = middle
        return self.cut(low) or []

    def cut(self, room: int) -> list[int] | None:
        """Return the ends of segments that need no more than `room` arrays; None if none do."""
        ends: list[int] = []
        start = kept = 0
        least = isqrt(len(self.lasts)) // 2 + 1  # shorter ones would save next to nothing
        while True:
            own = crossing = 0
            leaving: Counter[int] = Counter()
            places: list[tuple[int, bool, int, int]] = []
            for i in range(start, self.turn):
                s = self.steps[i]
                crossing -= leaving[i]
                if s.starts and s.writes in self.lasts:
                    own += 1
                    if self.lasts[s.writes] > i:
                        crossing += 1
                        leaving[self.lasts[s.writes]] += 1
                if kept + own > room:
                    break
                places.append((crossing, self.is_within(i), -i, own))
            else:
                return ends
            # Fewest values to keep, then the end of a source line, then the longest.
            reachable = [
                place
                for place in places[len(places) // 2 :]
                if place[3] >= least and not self.is_part(-place[2])
            ]
            if not reachable:
                return None
            crossing, _, end, _ = min(reachable)
            kept += crossing
            ends.append(-end)
            start = -end + 1

    def is_within(self, i: int) -> bool:
        """Whether the statement after this one serves the same source line."""
        s, after = self.steps[i], self.steps[i + 1]
        return bool(s.line) and s.place == after.place

    def is_part(self, i: int) -> bool:
        """Whether the statement after this one adds to the same value."""
        after = self.steps[i + 1]
        return not after.starts and after.writes == self.steps[i].writes


def _in_segments(steps: Sequence[Step], values: dict[str, Value], turn: int) -> _Plan:
    """Return the statements with those of the forward sweep again that are run a second time."""
    segments = _Segments(steps, values, turn)
    ends = segments.ends()
    bounds = list(zip([0, *(end + 1 for end in ends)], ends, strict=False))
    deleted: dict[str, int] = {}  # values that go at the end of their segment, and its number
    kept: list[str] = []
    for number, (start, end) in enumerate(bounds):
        for s in steps[start : end + 1]:
            if s.starts and s.writes in values:
                if max(segments.lasts[s.writes], values[s.writes].last) <= end:
                    deleted[s.writes] = number
                else:
                    kept.append(s.writes)
    idle = _idle(steps[:turn], values, deleted)
    plan = _Plan([], values)
    for start, end in [*bounds, (bounds[-1][1] + 1 if bounds else 0, turn - 1)]:
        plan.steps += [s for s in steps[start : end + 1] if s.writes not in idle]
        plan.flushes.add(len(plan.steps) - 1)
    plan.operations = -sum(s.operations for s in steps[:turn] if s.writes in idle)
    plan.quiet.update(range(len(plan.steps)))
    turned = len(plan.steps)
    repeated: set[int] = set()
    for group in _groups(steps[turn:]):
        reads = {name for s in group for name in s.reads}
        wanted = {deleted[name] for name in reads if name in deleted} - repeated
        repeated |= wanted
        for number in sorted(wanted):
            start, end = bounds[number]
            again = _again(steps[start : end + 1], values, deleted, turn)
            plan.append(again, kept, group[0].place)
        plan.steps += group
    read = {name for s in plan.steps[turned:] for name in s.reads}
    plan.kept = [name for name in kept if name in read]
    return plan


def _idle(forward: Sequence[Step], values: dict[str, Value], deleted: Collection[str]) -> set[str]:
    """Return the values of the forward sweep that it makes for the reverse sweep alone.

    It can do without those that are made again.
    """
    needed: set[str] = set()
    for s in reversed(forward):
        if s.writes not in deleted or s.writes in needed or not values[s.writes].readers:
            needed |= {s.writes, *s.reads}
    return {s.writes for s in forward} - needed


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Yield the statements of the reverse sweep, those under one heading together."""
    group: list[Step] = []
    for s in steps:
        together = s.sweep == REVERSE and s.line and group and s.place == group[0].place
        if group and (not together or len(group) == LONG):
            yield group
            group = []
        group.append(s)
    if group:
        yield group


def _again(
    segment: Sequence[Step], values: dict[str, Value], deleted: dict[str, int], turn: int
) -> list[Step]:
    """Return the statements of a segment that make what is read from the turn on."""
    needed: set[str] = set()
    for s in reversed(segment):
        if s.writes in deleted and max(values[s.writes].readers, default=0) >= turn:
            needed.add(s.writes)
        if s.writes in needed:
            needed |= s.reads & deleted.keys()
    return [s for s in segment if s.writes in needed]


def _heading(again: Sequence[Step], kept: Sequence[str]) -> str:
    """Return the comment that says what is computed again, from which values."""
    lines = sorted({s.line for s in again if s.line})
    what = "a part"
    if lines:
        what = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}"
    reads = {name for s in again for name in s.reads}
    sources = [name for name in kept if name in reads]
    listed = f"{', '.join(sources[:-1])} and {sources[-1]}" if sources[1:] else "".join(sources)
    if len(sources) > LISTED:
        listed = f"{len(sources)} values"
    return f"{what} of the forward sweep again, from {listed or 'the inputs'}"


def _with_deletions(plan: _Plan) -> Iterator[tuple[str, int, Statement]]:
    """Yield the statements of a body, each array deleted soon after it was last read.

    Nothing is deleted before the return, which does that.
    """
    ending: dict[int, list[str]] = {}
    for name, _, last in _ranges(plan.steps, plan.values):
        ending.setdefault(last, []).append(name)
    pending: list[str] = []
    for i, s in enumerate(plan.steps):
        yield s.sweep, s.line, s.statement
        pending += ending.get(i, ())
        if i + 1 == len(plan.steps):
            return
        due = i in plan.flushes
        if i in plan.quiet:
            pass
        elif s.sweep == REVERSE and s.line:
            due |= plan.steps[i + 1].place != s.place or len(pending) >= LONG
        else:
            due |= len(pending) >= BATCH
        if due and pending:
            for line in _deletions(pending):
                yield s.sweep, s.line, Statement("", line)
            pending = []


def _deletions(names: Sequence[str]) -> list[str]:
    """Return the statements that delete `names`, no longer than a line holds."""
    lines = [f"del {names[0]}"]
    for name in names[1:]:
        if len(INDENT) + len(lines[-1]) + len(name) + 2 <= WIDTH:
            lines[-1] += f", {name}"
        else:
            lines.append(f"del {name}")
    return lines


def kept_lines(described: str, thrift: Thrift) -> list[str]:
    """Return the lines of a function's docstring: `described`, and what the function keeps."""
    first, *rest = described.split("\n")
    head = [f'{INDENT}"""{first}', *(f"{INDENT}{line}".rstrip() for line in rest)]
    if not thrift.kept:
        return [*head, f'{INDENT}"""'] if rest else [f'{head[0]}"""']
    sentence = f"Kept: {', '.join(thrift.kept)}; the other values of the forward sweep are"
    lines = [INDENT.rstrip()]
    for word in [*sentence.split(" "), "computed", "again."]:
        if lines[-1] and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(INDENT + word)
    return [*head, *lines, f'{INDENT}"""']
