"""Texts of every kind, from noise to programs that are right, as hypothesis draws them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from exprdiff.frontend import parser
from exprdiff.frontend.facts import FACTS
from exprdiff.ops import REGISTRY

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.expr"))
TEXTS = [path.read_text(encoding="utf-8") for path in CORPUS if path.stat().st_size < 2000]

NAMES = ("x", "y", "A", "X", "T", "k", "m", "s", "n", "d", "f", "lambda", "np", "pi", "inf", "None",
         "data", "real", "int", "bool", "β", "return", "true", "e")  # fmt: skip
NUMBERS = ("0", "1", "2", "-1", "3.5", "1e308", "1e-400", "0.1", "12345678901234567890", ".5", "7.")
MARKS = (*"()[]',:;=\n .T\"", "...", "==", "#c", "²", "⁻¹", "{", "}", "\\", "$", "\t", "→")
OPERATORS = tuple(parser._BINARY) + tuple(parser._PREFIX)
TOKENS = (*NAMES, *NUMBERS, *MARKS, *OPERATORS, *REGISTRY, *FACTS)

noise = st.text(max_size=60)
alphabet = st.text(st.sampled_from("xyAn01.()[]+-*/^@=,:;' \n<>|&!#\"²βé∂"), max_size=60)
tokens = st.lists(st.sampled_from(TOKENS), max_size=40).map(" ".join)
joined = st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)


@st.composite
def mutated(draw) -> str:
    """A program of the corpus with pieces left out, doubled, swapped or put in."""
    text = draw(st.sampled_from(TEXTS))
    pieces = [t.value for t in parser._machinery()[1].lex(text, join=False)]
    pieces = pieces or [text]
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(pieces) - 1))
        j = draw(st.integers(0, len(pieces) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                pieces[i] = draw(st.sampled_from(TOKENS))
            case 1:
                pieces.insert(i, pieces[j])
            case 2:
                pieces[i], pieces[j] = pieces[j], pieces[i]
            case 3:
                pieces.insert(i, draw(st.sampled_from(TOKENS)))
    return " ".join(pieces)


DECLARATIONS = """
x: real[n]
y: real[n] positive
s: real
X: real[n, d]
A: real[n, n] symmetric
P: real[n, n] posdef
T: real[2, n, 3]
r: real[3]
data k: int[m]
data i: int
data c: bool[n]
data M: bool[n, d]
"""
ARRAYS = ("x", "y", "s", "X", "A", "P", "T", "r", "k", "i", "c", "M", "2", "0.5", "n", "d", "z")
SUBSCRIPTS = ("0", "-1", "1:", ":-1", "::2", "::-1", ":", "...", "None", "k", "c", "i", "n-1", "M",
              "1:n-1", "d", "2:5:3")  # fmt: skip
OPTIONS = ("", ", axis=0", ", axis=-1", ", axis=(0, 1)", ", keepdims=true",
           ", axis=1, keepdims=true", ", delta=2", ", 2", ", n", ", (1, 2)", ", x", ", -1",
           ", 3, n", ", offset=1")  # fmt: skip

atoms = st.sampled_from(ARRAYS)


def _grown(inner):
    binary = st.sampled_from(["+", "-", "*", "/", "@", "^", "<", "==", "and", "·"])
    function = st.sampled_from([*REGISTRY, "g", "h"])
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(function, inner, st.sampled_from(OPTIONS)).map(lambda t: f"{t[0]}({t[1]}{t[2]})"),
        st.tuples(function, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(inner, st.lists(st.sampled_from(SUBSCRIPTS), min_size=1, max_size=3)).map(
            lambda t: f"({t[0]})[{', '.join(t[1])}]"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} > 0 else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"where({t[0]} < 1, {t[1]}, 0)"),
        inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"({t})'"),
        inner.map(lambda t: f"sum({t})"),
    )


expressions = st.recursive(atoms, _grown, max_leaves=8)


@st.composite
def programs(draw) -> str:
    """A program whose inputs are declared, of calls with operands of every shape."""
    lines = [DECLARATIONS.strip(), "g(u) = u^2 + 1", f"h(u, v) = {draw(expressions)}*u - v"]
    lines.append(f"z = {draw(expressions)}")
    goal = draw(expressions)
    last = draw(st.sampled_from(["J = {}", "J = sum({})", "J = sum(({})^2)", "grad(sum({}), x)",
                                 "diff({}, s)", "return {}, z"]))  # fmt: skip
    return "\n".join([*lines, last.format(goal)])
