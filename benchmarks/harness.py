"""Contenders for one piece of work: checked against the first, then timed in turns.

All of them run in one process. A round calls every contender, in an order that is drawn anew, so
that a machine that slows down slows all of them. What is reported is a ratio, never a verdict on
a time.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from time import perf_counter, process_time

import numpy as np

TOLERANCE = 1e-10
SAMPLE = 1e-3  # seconds that one sample lasts at least: short calls are repeated
ROUNDS = (5, 100)  # at least, at most
DISTURBED = 0.9  # less of the core's time than this for the process: others were at work


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    `make()` returns a function of no arguments that does the work and returns its arrays; what
    `make` takes counts as compiling, so inputs are prepared before. A `lazy` contender compiles in
    its first call: what that takes beyond a steady call counts too. `needs` names the package that
    must be installed. A `tolerance` other than the usual one has its reason in `because`.
    """

    name: str
    make: Callable[[], Callable[[], object]]
    needs: str | None = None
    lazy: bool = False
    tolerance: float = TOLERANCE
    because: str = ""

    @property
    def missing(self) -> bool:
        """Whether the package that this contender needs is not installed."""
        return self.needs is not None and find_spec(self.needs) is None


@dataclass(frozen=True)
class Goal:
    """To be at least `factor` times as fast as every contender whose name starts with `peer`."""

    peer: str
    factor: float = 1.0

    def __str__(self) -> str:
        if self.factor == 1:
            return f"not slower than {self.peer}"
        return f"at least {self.factor:g} times as fast as {self.peer}"


@dataclass(frozen=True)
class Case:
    """One piece of work: the first contender is the one that the others are compared with."""

    title: str
    contenders: Sequence[Contender]
    goals: Sequence[Goal] = ()


@dataclass
class Timing:
    """What was measured of one contender, in seconds a call."""

    contender: Contender
    error: float
    making: float
    first: float
    samples: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The contender's name."""
        return self.contender.name

    @property
    def compile(self) -> float:
        """From the text, or the function of a peer, to one that is ready."""
        return self.making + (max(self.first - self.median, 0.0) if self.contender.lazy else 0.0)

    @property
    def median(self) -> float:
        """The median of the samples."""
        return statistics.median(self.samples)

    @property
    def minimum(self) -> float:
        """The smallest of the samples."""
        return min(self.samples)


@dataclass
class Result:
    """The timings of one case, the first contender's first, and remarks about it."""

    case: Case
    timings: list[Timing]
    skipped: list[str]
    rounds: int
    share: float = 1.0  # of the time that passed, how much this process computed

    def ratio(self, timing: Timing) -> float:
        """How many times as long as the first contender this one takes, by the medians.

        In hundredths, since less means nothing: what is shown is what is judged.
        """
        return round(timing.median / self.timings[0].median, 2)

    def ratio_of_minima(self, timing: Timing) -> float:
        """The same by the minima."""
        return round(timing.minimum / self.timings[0].minimum, 2)

    def judged(self, timing: Timing) -> float:
        """The less favourable of both ratios: neither noise nor luck reaches a goal."""
        return min(self.ratio(timing), self.ratio_of_minima(timing))

    def lead(self, peer: str) -> float | None:
        """The ratio of the fastest contender whose name starts with `peer`, if there is one."""
        ratios = [self.judged(t) for t in self.timings[1:] if t.name.startswith(peer)]
        return min(ratios, default=None)

    def verdict(self, goal: Goal) -> str:
        """Whether a goal is reached, missed, or not measured."""
        lead = self.lead(goal.peer)
        if lead is None:
            return "not measured"
        return "reached" if lead >= goal.factor else "missed"

    def remarks(self) -> list[str]:
        """Goals and whether they are met, who is faster, who was left out and who is less exact."""
        lines = []
        for goal in self.case.goals:
            lead = self.lead(goal.peer)
            at = "" if lead is None else f", at {lead:.2f}"
            lines.append(f"Goal: {goal}; {self.verdict(goal)}{at}.")
        ours, *others = self.timings
        faster = [(t.name, self.judged(t)) for t in others if self.judged(t) < 1]
        if faster:
            said = ", ".join(f"{name} ({ratio:.2f})" for name, ratio in faster)
            lines.append(f"Faster than {ours.name}: {said}.")
        if self.share < DISTURBED:
            # A peer with threads of its own suffers most from a busy core.
            lines.append(f"Disturbed: this process had {self.share:.0%} of its core's time.")
        lines += self.skipped
        for contender in self.case.contenders:
            if contender.tolerance != TOLERANCE and not contender.missing:
                lines.append(f"{contender.name} is held to {contender.tolerance:.0e} only:"
                             f" {contender.because}.")  # fmt: skip
        return lines


def arrays(result) -> list[np.ndarray]:
    """The arrays of a result, however its tuples and lists are nested."""
    if isinstance(result, (tuple, list)):
        return [array for part in result for array in arrays(part)]
    return [np.asarray(result)]


def difference(result, reference) -> float:
    """The largest difference of two results relative to each array's largest element."""
    found, wanted = arrays(result), arrays(reference)
    shapes = [a.shape for a in found], [a.shape for a in wanted]
    if shapes[0] != shapes[1]:
        raise AssertionError(f"shapes {shapes[0]}, but {shapes[1]} is wanted")
    errors = [0.0]
    for a, b in zip(found, wanted, strict=True):
        if a.dtype != np.float64:
            raise AssertionError(f"an array of {a.dtype}: everybody computes in float64")
        scale = np.max(np.abs(b), initial=0.0) or 1.0
        errors.append(float(np.max(np.abs(a - b), initial=0.0) / scale))
    return float(np.max(errors))  # nan stays nan


def prepare(case: Case) -> tuple[list[tuple[Timing, Callable]], list[str]]:
    """Make every contender, and check its first result against that of the first contender.

    Returns timings without samples, each with the function to call, and a line for each contender
    that was left out. Raises AssertionError where results differ.
    """
    ready, skipped, reference = [], [], None
    for contender in case.contenders:
        if contender.missing:
            skipped.append(f"Left out: {contender.name}, since {contender.needs} is not installed.")
            continue
        start = perf_counter()
        run = contender.make()
        made = perf_counter()
        result = run()
        done = perf_counter()
        reference = result if reference is None else reference
        try:
            error = difference(result, reference)
            if not error <= contender.tolerance:
                raise AssertionError(f"off by {error:.1e}, more than {contender.tolerance:.0e}")
        except AssertionError as reason:
            raise AssertionError(f"{case.title}: {contender.name}: {reason}") from None
        ready.append((Timing(contender, error, made - start, done - made), run))
    return ready, skipped


def sample(run: Callable, times: int) -> float:
    """The seconds that one of so many calls takes."""
    start = perf_counter()
    for _ in range(times):
        run()
    return (perf_counter() - start) / times


def measure(case: Case, seconds: float = 3.0) -> Result:
    """Check all contenders of a case, then time them for about so many seconds."""
    ready, skipped = prepare(case)
    estimates = [min(sample(run, 1), sample(run, 1)) for _, run in ready]
    times = [max(1, round(SAMPLE / estimate)) for estimate in estimates]
    one_round = sum(n * estimate for n, estimate in zip(times, estimates, strict=True))
    rounds = int(min(max(seconds / one_round, ROUNDS[0]), ROUNDS[1]))
    order = list(range(len(ready)))
    shuffle = random.Random(0).shuffle
    gc.collect()
    gc.disable()  # as timeit does, but what the contenders leave behind goes after each round
    gc.freeze()
    start = perf_counter(), process_time()
    try:
        for _ in range(rounds):
            shuffle(order)
            for i in order:
                timing, run = ready[i]
                timing.samples.append(sample(run, times[i]))
            gc.collect()
    finally:
        gc.unfreeze()
        gc.enable()
    share = (process_time() - start[1]) / (perf_counter() - start[0])
    return Result(case, [timing for timing, _ in ready], skipped, rounds, share)
