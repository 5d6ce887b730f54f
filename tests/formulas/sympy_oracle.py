"""SymPy as the oracle: a program's text in its words, and exact derivatives to fifty digits.

Nothing of the compiler is used here: the text is translated by a table of spellings, word by word,
and Python reads what comes out.
"""

import random
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import mpmath
import sympy

DIGITS = 50
DOMAIN = (0.5, 2.0)  # of an input of which a data file says nothing
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SPELLINGS = {"^": "**", "·": "*", "×": "*", "÷": "/", "−": "-"}
FUNCTIONS = {
    **{f.__name__: f for f in (sympy.acos, sympy.asin, sympy.atan, sympy.atan2, sympy.atanh)},
    **{f.__name__: f for f in (sympy.cos, sympy.cosh, sympy.erfc, sympy.exp, sympy.log, sympy.sin)},
    **{f.__name__: f for f in (sympy.sinh, sympy.sqrt, sympy.tan, sympy.tanh)},
    "abs": sympy.Abs,
    "cbrt": sympy.cbrt,
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "maximum": sympy.Max,
    "sinc": lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
    "where": lambda c, a, b: sympy.Piecewise((a, c), (b, True)),
}
CONSTANTS = {"pi": sympy.pi}
TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d⁰¹²³⁴-⁹][^\W⁰¹²³⁴-⁹]*)"
    r"|(?P<power>[⁰¹²³⁴-⁹]+)|(?P<other>\S)|(?P<blank>\s+)"
)


@dataclass(frozen=True)
class Formula:
    """One line of a data file: a program, its name, the domains of its inputs, its minima."""

    field: str
    source: str
    name: str
    domains: dict = field(hash=False)
    minima: tuple = field(default=(), hash=False)

    @property
    def id(self):
        return f"{self.field}-{self.name}".replace(" ", "-")


def formulas(path: Path) -> list[Formula]:
    """Read a data file; its head says what a line is."""
    found, heading, shared = [], "", {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#:"):
            heading, _, domains = line[2:].partition("|")
            shared = _domains(domains)
        elif line.strip() and not line.startswith("#"):
            source, _, comment = line.partition("#")
            name, domains, *minima = (comment + "|").split("|")
            own = {**shared, **_domains(domains)}
            minima = tuple(_minimum(m) for m in minima if m.strip())
            found.append(Formula(heading.strip(), source.strip(), name.strip(), own, minima))
    return found


def _domains(text):
    pairs = (part.split() for part in text.split(",") if part.strip())
    return {_word(name): tuple(map(float, span.split(".."))) for name, span in pairs}


def _minimum(text):
    """Read ``value at x=number, ...``; a number may be an arithmetic expression, as in 3*pi/2."""
    value, _, point = text.partition(" at ")
    pairs = (part.split("=") for part in point.split(","))
    return _number(value), {_word(name.strip()): _number(x) for name, x in pairs}


def _number(text):
    return float(_evaluate(text, CONSTANTS))


def _word(name):
    return unicodedata.normalize("NFKC", name)


def _translate(text):
    """Write a formula of the language as one of SymPy's."""
    words = []
    for token in TOKEN.finditer(text):
        kind, word = token.lastgroup, token.group()
        if kind == "number":
            word = f"Rational('{word}')"
        elif kind == "name":
            word = f"_['{_word(word)}']"
        elif kind == "power":
            word = f"**{word.translate(SUPERSCRIPTS)}"
        words.append(SPELLINGS.get(word, word))
    return "".join(words).strip()


def _evaluate(text, names):
    return eval(_translate(text), {"_": names, "Rational": sympy.Rational})


class _Names(dict):
    """Names and what they stand for; one that is not known is an input."""

    def __init__(self):
        super().__init__(CONSTANTS | FUNCTIONS)
        self.inputs = []

    def __missing__(self, name):
        self.inputs.append(name)
        self[name] = sympy.Symbol(f"v{len(self.inputs)}", real=True)
        return self[name]


@cache
def read(source: str):
    """Return the names of a program's inputs, their symbols, and its last assignment."""
    names, value = _Names(), None
    for statement in source.split(";"):
        target, _, right = re.match(r"(.*?)(?<![<>=!])(=)(?!=)(.*)", statement).groups()
        value = _evaluate(right, names)
        names[_word(target.strip())] = value
    return tuple(names.inputs), [names[x] for x in names.inputs], value


class Exact:
    """A function of numbers, its gradient, and how far a rounded input moves them."""

    def __init__(self, symbols, value):
        gradient = [sympy.diff(value, x) for x in symbols]
        self._call = sympy.lambdify(symbols, [value, *gradient], "mpmath", cse=True)

    def _at(self, point):
        return [mpmath.mpf(x) for x in self._call(*point)]

    def scales(self, point):
        """Return the value, the derivatives, and a scale for the error of each.

        The scale of a result r is |r| + sum over inputs |x_j * dr/dx_j|: the size of the result,
        and how much it moves where the inputs are changed by their own size. An evaluation that is
        as good as its inputs are is off by about 1e-16 of it.
        """
        step = mpmath.mpf(10) ** (-DIGITS // 2)
        with mpmath.workdps(DIGITS):
            point = [mpmath.mpf(x) for x in point]
            results = self._at(point)
            scales = [abs(r) for r in results]
            for j, x in enumerate(point):
                moved = self._at([*point[:j], x * (1 + step), *point[j + 1 :]])
                for i, r in enumerate(moved):
                    scales[i] += abs(r - results[i]) / step
            return results, scales


@cache
def exact(source: str) -> Exact:
    """Return the exact function that a scalar program defines."""
    _, symbols, value = read(source)
    return Exact(symbols, value)


def compare(actual, expected, scales, tolerance, names):
    """Fail unless each number is within `tolerance` of its scale; nan and inf never are."""
    assert len(actual) == len(expected) == len(scales) == len(names)
    worst = 0.0
    for name, a, e, scale in zip(names, actual, expected, scales, strict=True):
        error = abs(mpmath.mpf(float(a)) - e)
        close = bool(mpmath.isfinite(error)) and error <= tolerance * scale
        assert close, f"{name}: {a} is not {mpmath.nstr(e, 17)}, on a scale of {scale}"
        worst = max(worst, float(error / scale) if scale else 0.0)
    return worst


def points(formula: Formula, names, count, domain=DOMAIN):
    """Draw points from the domain; the same for the same formula, whatever else is in the file."""
    draw = random.Random(f"{formula.field}: {formula.name}")
    spans = [formula.domains.get(name, domain) for name in names]
    return [[draw.uniform(low, high) for low, high in spans] for _ in range(count)]
