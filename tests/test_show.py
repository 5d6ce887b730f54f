"""The text of a graph reads back as the same graph."""

import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import exprdiff
from exprdiff import graph
from exprdiff.dims import dim
from exprdiff.frontend.lower import lower
from exprdiff.frontend.parser import parse
from exprdiff.graph import interning
from exprdiff.indexed import Indexed, operators, product, total
from exprdiff.ops import REGISTRY  # noqa: F401  (registers the operators)
from exprdiff.reverse import adjoints
from exprdiff.show import read, show
from exprdiff.verify import verify

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted([*ROOT.glob("examples/**/*.expr"), *ROOT.glob("tests/corpus/good/**/*.expr")])


def round_trip(roots):
    """Read what `roots` show, here and in a table of its own."""
    text = show(roots)
    again = read(text)
    assert [a is b for a, b in zip(again, roots, strict=True)] == [True] * len(roots)
    with interning():
        other = read(text)
        verify(other)
        assert show(other) == text
    return text


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_programs_and_their_gradients(path):
    with interning():
        program = lower(parse(exprdiff.Source(path.read_text(encoding="utf-8"))))
        outputs = [x.node for x in program.outputs]
        round_trip(outputs)
        round_trip([x.node for x in program.inputs])
        scalars = [n for n in outputs if not n.shape]
        wanted = [x.node for x in program.inputs if x.node.dtype == "real" and not x.data]
        if scalars and wanted:
            round_trip(list(adjoints(scalars[0], wanted).values()))


def test_there_are_programs():
    assert len(PROGRAMS) > 8


NAMES = st.one_of(
    st.sampled_from(["x", "lambda", "größe", "x_1", "ﬁ"]),
    st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True),
)
SIZES = st.one_of(
    st.integers(1, 9),
    st.sampled_from([dim("n"), dim("d"), dim("n") * 2 + 1, dim("n") * dim("d") - 3]),
)
NUMBERS = st.one_of(st.integers(), st.fractions(), st.floats(), st.booleans())
UNARY = ["exp", "sin", "reciprocal", "log", "relu", "sigmoid", "abs", "erf"]
BINARY = ["maximum", "power", "hypot", "atan2", "xlogy", "logaddexp"]


@st.composite
def graphs(draw):
    """Nodes that grow from inputs, numbers and constants, their axes in any order."""
    shapes = [draw(st.lists(SIZES, max_size=3)) for _ in range(2)]
    nodes = [graph.input_(draw(NAMES), draw(st.sampled_from(shapes))) for _ in range(3)]
    nodes.append(graph.number(draw(st.integers())))
    nodes.append(graph.number(draw(NUMBERS)))
    nodes.append(graph.constant("pi", math.pi))
    nodes.append(graph.size(draw(SIZES)))
    nodes.append(graph.eye(draw(SIZES)))
    nodes.append(graph.arange(draw(SIZES)))
    for _ in range(draw(st.integers(1, 12))):
        reals = [n for n in nodes if n.dtype == "real"]
        a, b = (Indexed(draw(st.sampled_from(reals))) for _ in range(2))
        if a.node.shape == b.node.shape:
            b = Indexed(b.node, a.labels)
        kind = draw(st.sampled_from(["unary", "binary", "product", "sum", "total", "compare",
                                     "order", "reduce", "along"]))  # fmt: skip
        if kind != "unary" and len(a.labels) + len(b.labels) > 5:
            continue
        if kind == "unary":
            value = operators[draw(st.sampled_from(UNARY))](a)
        elif kind == "binary":
            value = operators[draw(st.sampled_from(BINARY))](a, b)
        elif kind == "product":
            out = list(dict.fromkeys(a.labels + b.labels))
            out = draw(st.permutations(out))[: draw(st.integers(0, len(out)))]
            value = product([a, b], out, draw(st.sampled_from([1, -1, 3, Fraction(1, 3)])))
        elif kind == "sum":
            value = a.sum(a.labels[: draw(st.integers(0, len(a.labels)))])
        elif kind == "total":
            value = total([(1, a), (draw(st.sampled_from([-1, 2, Fraction(2, 7), 1e300])), b)])
        elif kind == "compare":
            value = a > b
        elif kind == "order":
            value = operators["polygamma"](a, order=draw(st.integers(1, 12)))
        elif not a.labels:
            continue
        elif kind == "reduce":
            name = draw(st.sampled_from(["max", "logsumexp", "prod"]))
            value = operators[name](a, a.labels[:1])
        else:
            value = operators["softmax"](a, along=a.labels[-1:])
        nodes.append(value.node)
    return nodes


@given(st.data())
def test_random_graphs(data):
    with interning():
        nodes = data.draw(graphs())
        verify(nodes)
        round_trip(nodes)
        round_trip([nodes[-1], nodes[0], nodes[-1]])


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_numbers(values):
    with interning():
        round_trip([graph.number(v) for v in values])


@given(NAMES, st.lists(SIZES, max_size=4), st.sampled_from(["real", "int", "bool"]))
def test_inputs(name, shape, dtype):
    with interning():
        round_trip([graph.input_(name, shape, dtype)])


@given(SIZES)
def test_sizes(size):
    with interning():
        round_trip([graph.size(size)])


def test_the_form():
    with interning():
        x, w = graph.input_("x", (dim("n"), 3)), graph.input_("w", (3,))
        i, j = graph.fresh(2)
        y = product([Indexed(x, (i, j)), Indexed(w, (j,))], (i,), Fraction(1, 3))
        assert show([y.node]) == (
            "%0 : real[n, 3] = input {'x'}\n"
            "%1 : real[3] = input {'w'}\n"
            "%2 : real[n] = contract {1/3} %0[0, 1] %1[1]\n"
            "return %2"
        )


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "does not say what it returns"),
        ("%0 : real = input {'x'}", "does not say what it returns"),
        ("hello", "not a line"),
        ("%0 = input {'x'}\nreturn %0", "not a line"),
        ("%0 : real = sine %0[]\nreturn %0", "."),
        ("%0 : real = input {'x'}\n%1 : real = sine %0[]\nreturn %1", "unknown operation 'sine'"),
        ("%0 : real = input {'x'}\nreturn %7", "."),
        ("%0 : real = input {'x'}\n%1 : real = exp %7[]\nreturn %1", "."),
        ("%0 : real = number {seven}\nreturn %0", "."),
    ],
)
def test_reader_errors(text, message):
    with interning(), pytest.raises(ValueError, match=message):
        read(text)
