"""What the tests generated from the registry share: points, exact values, errors in ulps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import mpmath
import numpy as np

from exprdiff.dims import dim
from exprdiff.graph import BOOL, REAL, Node, fresh, input_
from exprdiff.indexed import Indexed, operators
from exprdiff.interpret import interpret
from exprdiff.ops import REGISTRY
from exprdiff.ops.define import Along, Composite, Core, Domain, Elementwise, Reduction
from exprdiff.ops.indexing import Indexing, Nonzero
from exprdiff.ops.numpy_order import Array
from exprdiff.ops.shaping import Shaping
from exprdiff.reverse import adjoints

mp = mpmath.mp.clone()
mp.dps = 60

MAGNITUDES = (
    0.0, 1e-300, 1e-20, 1e-8, 1e-3, 0.1, 0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 5.0,
    10.3, 20.0, 37.5, 100.0, 700.0, 1e4, 1e10, 1e150, 1e300,
)  # fmt: skip

#: Values of attributes with which an operation is tried.
ATTRIBUTES = {"order": (1, 2, 3), "name": ("z",)}


def of_kind(kind) -> list[str]:
    """Return the names of all operations of one kind or several, private ones too, no synonyms."""
    found = dict(operators) | {f.name: f for f in REGISTRY.values()}
    return sorted(name for name, op in found.items() if isinstance(op, kind))


ELEMENTWISE, ALONG = of_kind(Elementwise), of_kind(Along)
REDUCTIONS = [name for name in of_kind(Reduction) if operators[name].dtype == REAL]
#: Reductions to booleans and to whole numbers.
CHOOSING = [name for name in of_kind(Reduction) if operators[name].dtype != REAL]
CORE = of_kind(Core)
MOVING = of_kind((Indexing, Nonzero, Shaping))  # no functions of the language by themselves
COMPOSITE = of_kind(Composite)
REAL_ELEMENTWISE = [name for name in ELEMENTWISE if operators[name].dtype == REAL]
#: Public functions of real numbers, applied to each element alone.
PUBLIC_ELEMENTWISE = [
    name
    for name, f in REGISTRY.items()
    if name == f.name
    and f.oracle is not None
    and all(p.kind == "value" for p in f.parameters)
    and getattr(f, "dtype", REAL) == REAL
    and not getattr(f, "booleans", ())
]


def points(domain: Domain, count: int = 24) -> list[float]:
    """Return points of `domain`: magnitudes of every size, its edges and near them, random ones."""
    low, high = domain.low, domain.high
    chosen = {s * m for m in MAGNITUDES for s in (1, -1) if low <= s * m <= high}
    for edge, inward in ((low, high), (high, low)):
        if math.isfinite(edge):
            side = 1 if inward > edge else -1
            chosen |= {edge + side * d for d in (1e-12, 1e-6)}
            chosen |= {edge, float(np.nextafter(edge, inward)) or side * 1e-300}
    random = np.random.default_rng(1)
    near = random.uniform(max(low, -4), min(high, 4), count // 2)
    far = random.choice([-1, 1], count) * 10 ** random.uniform(-6, 3, count)
    chosen |= {float(x) for x in (*near, *far) if low <= x <= high}
    return sorted(chosen)


#: Operands of functions that SciPy has but roughly where these differ by orders of magnitude.
NARROW = dict.fromkeys(("beta", "lbeta"), (0.1, 0.3, 0.5, 1.0, 2.0, 3.7, 5.0, 11.0, 20.0))


def operand_points(name: str) -> list[tuple]:
    """Return points at which to try the function `name`, a tuple of operands each."""
    op = operators.get(name) or REGISTRY[name]
    domains = op.domains * (len(op.parameters) if len(op.domains) == 1 else 1)
    booleans = getattr(op, "booleans", ())
    if len(domains) == 1 and not booleans:
        return [(x,) for x in points(domains[0])]
    few = (0.0, 1e-300, 1e-8, 0.3, 1.0, 2.0, 3.7, 20.0, 700.0, 1e4, 1e150, 1e300)
    few = NARROW.get(name, few)
    columns = []
    for i, domain in enumerate(domains):
        if i in booleans:
            columns.append((True, False))
        else:
            signed = {s * x for x in few for s in (1, -1)}
            columns.append(sorted(x for x in signed if domain.low <= x <= domain.high))
    if len(columns) > 2:
        columns = [c if len(c) == 2 else c[::2] for c in columns]
    return list(itertools.product(*columns))


def attributes_of(name: str) -> list[dict]:
    """Return the attributes with which to try an operation: one dict each, often empty."""
    names = getattr(operators.get(name), "attributes", ())
    return [
        dict(zip(names, v, strict=True)) for v in itertools.product(*map(ATTRIBUTES.get, names))
    ]


def variants(names: Sequence[str]) -> list[tuple[str, tuple]]:
    """Return every (name, sorted attributes) pair, for parametrizing."""
    return [(name, tuple(attrs.items())) for name in names for attrs in attributes_of(name)]


def exact(name: str, operands: Sequence, attrs: dict | None = None):
    """Return the oracle's value, or None where there is none that is a finite real."""
    oracle = (operators.get(name) or REGISTRY[name]).oracle
    lifted = [x if isinstance(x, bool | np.bool_) else mp.mpf(x) for x in operands]
    try:
        value = oracle(mp, *lifted, **(attrs or {}))
    except (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence):
        return None
    if isinstance(value, bool):
        return value
    value = mp.mpmathify(value)
    if isinstance(value, mpmath.ctx_mp_python._mpc):
        if value.imag:
            return None
        value = value.real
    return value if mp.isfinite(value) and abs(value) < 1.79e308 else None


def ulps(value: float, exact) -> float:
    """Return the error of `value` in units of the last place of `exact`."""
    if not math.isfinite(value):
        return math.inf
    exponent = mp.frexp(exact)[1] if exact else -1074
    return float(abs(mp.mpf(value) - exact) / mp.ldexp(1, max(exponent - 53, -1074)))


def derivative(name: str, operands: Sequence[float], by: Sequence[int], attrs: dict | None = None):
    """Return the mixed derivative of the oracle by the operands numbered in `by`, or None.

    Central differences in many digits, with a step so small that 20 are right. None where there is
    no finite derivative: differences to the left and to the right, of other steps, disagree.
    """
    domains = (operators.get(name) or REGISTRY[name]).domains
    domains = domains * (len(operands) if len(domains) == 1 else 1)
    sizes = [abs(x) for x in operands if x]
    with mp.workdps(80 + 20 * len(by) + (600 if max(sizes, default=1) > 6 else 0)):
        if min(sizes, default=1) < 1e-3:
            mp.dps += 80
        steps = []
        for x, domain in zip(operands, domains, strict=True):
            room = [*sizes, 1] + [abs(mp.mpf(x) - edge) for edge in (domain.low, domain.high)]
            steps.append(min(r for r in room if r) * mp.mpf(10) ** -15)
        central, right, left = (_quotient(name, operands, by, steps, attrs, s) for s in (0, 1, -1))
        if None in (central, right, left):
            return None
        if max(right, left, central) - min(right, left, central) > 1e-11 * (abs(right) + 1):
            return None
        noise = mp.mpf(10) ** (5 - mp.dps) * abs(exact(name, operands, attrs) or 1)
        for i in by:
            noise /= steps[i]
        return central if noise < abs(central) < 1.79e308 else mp.mpf(0) if central < 1 else None


def _quotient(name, operands, by, steps, attrs, side):
    """The difference quotient by each of `by`: central, or to one side with its own step."""
    if not by:
        return exact(name, operands, attrs)
    i, *rest = by
    step = steps[i] if side >= 0 else steps[i] / 1000
    ends = []
    for s in {0: (1, -1), 1: (2, 0), -1: (0, -2)}[side]:
        moved = list(operands)
        moved[i] = mp.mpf(moved[i]) + s * step
        ends.append(_quotient(name, moved, rest, steps, attrs, side))
    return None if None in ends else (ends[0] - ends[1]) / (2 * step)


def graph_of(name: str, attrs: dict | None = None) -> tuple[list[Node], Indexed]:
    """Return inputs of shape [N] and the elementwise function `name` of them."""
    op = operators.get(name)
    count = len((op or REGISTRY[name]).parameters)
    booleans = getattr(op, "booleans", ())
    inputs = [input_(f"x{i}", (dim("N"),), BOOL if i in booleans else REAL) for i in range(count)]
    labels = fresh(1)
    if op is None:
        return inputs, Indexed(REGISTRY[name].build([Array(x) for x in inputs], {}).node, labels)
    return inputs, op(*(Indexed(x, labels) for x in inputs), **(attrs or {}))


def gradient(y: Indexed, inputs: Sequence[Node]) -> list[Indexed]:
    """Return the derivative of each element of `y` by the same element of each real input."""
    real = [x for x in inputs if x.dtype == REAL]
    found = adjoints(y.sum(y.labels).node, real)
    return [Indexed(found[x], y.labels) for x in real]


def evaluate(roots: Sequence[Indexed], inputs: Sequence[Node], values: Sequence[tuple]):
    """Return the arrays of `roots` at the tuples of operands `values`."""
    columns = list(zip(*values, strict=True))
    return interpret([r.node for r in roots], dict(zip(inputs, columns, strict=True)))
