"""Store or recompute: memory and time of gradients that keep all values, and of ones that keep few.

The theory (Griewank and Walther, *Evaluating Derivatives*, chapter 12; Deep Learning, section
6.5.3): with one more forward sweep the memory of a chain of n values falls from n arrays to about
sqrt(2 n). The gradient takes up to half as many operations again; the time depends on the cache.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np

import exprdiff

LENGTHS = (25, 50, 100, 200, 400)
SIZE = 50_000  # elements of each array
REPEATS = 5


def chain(n: int) -> str:
    """Return a program of n steps, each of which reads the two before it, and the first."""
    steps = [f"u{k} = sin(u{k - 1})*u{k - 2} + u0" for k in range(2, n + 1)]
    return "\n".join(["x: real[m]", "u0 = sin(x)", "u1 = cos(u0)", *steps, f"J = sum(u{n}^2)"])


def peak(function: Callable, *values) -> int:
    """Return the most bytes that a call takes at a time."""
    tracemalloc.start()
    try:
        function(*values)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds(functions: Sequence[Callable], *values) -> list[float]:
    """Return the best time of each function; they take turns, so that each meets the same load."""
    best = [float("inf")] * len(functions)
    for _ in range(REPEATS):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function(*values)
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def run(small: bool = False) -> list[dict]:
    """Return one row for each length: memory in arrays, time in milliseconds, and their ratios."""
    lengths, size = ((25, 50), 500) if small else (LENGTHS, SIZE)
    x = np.random.default_rng(0).normal(size=size)
    rows = []
    for n in lengths:
        modules = [exprdiff.compile(chain(n), emit="gradient", recompute=r) for r in (False, True)]
        functions = [m.gradient for m in modules]
        if not np.array_equal(functions[0](x), functions[1](x)):
            raise AssertionError(f"the gradients of {n} steps differ")
        stored, few = (peak(f, x) / x.nbytes for f in functions)
        fast, slow = seconds(functions, x)
        rows.append(
            {
                "n": n,
                "arrays stored": round(stored, 1),
                "arrays recomputed": round(few, 1),
                "memory ratio": round(stored / few, 2),
                "ms stored": round(1e3 * fast, 2),
                "ms recomputed": round(1e3 * slow, 2),
                "time ratio": round(slow / fast, 2),
            }
        )
    return rows
