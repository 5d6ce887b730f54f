import time
from fractions import Fraction
from pathlib import Path

import pytest

from exprdiff.diagnostics import ExprDiffError, Source
from exprdiff.frontend import ast
from exprdiff.frontend.parser import parse
from exprdiff.frontend.syntax_errors import LIMIT

ROOT = Path(__file__).resolve().parents[2]


def expression(text):
    """The tree of a program that is one expression."""
    (statement,) = parse(text).statements
    assert isinstance(statement, ast.Bare)
    assert statement.span == statement.value.span
    return statement.value


def show(x):
    """A tree as an s-expression."""
    match x:
        case None:
            return "_"
        case ast.Number():
            return str(x.value)
        case ast.Text():
            return f'"{x.value}"'
        case ast.Name():
            return x.name
        case ast.Ellipsis_():
            return "..."
        case ast.Unary():
            parts = x.operator, x.operand
        case ast.Arithmetic() | ast.Comparison():
            parts = x.first, *(part for pair in x.rest for part in pair)
        case ast.Power():
            parts = "^", x.base, x.exponent
        case ast.Logic():
            parts = x.operator, *x.operands
        case ast.Choice():
            parts = "if", x.condition, x.value, x.otherwise
        case ast.Keyword():
            return f"{x.name}={show(x.value)}"
        case ast.Call():
            return f"{x.name}({', '.join(map(show, x.arguments + x.keywords))})"
        case ast.Tuple():
            parts = "tuple", *x.items
        case ast.Transpose():
            parts = "'", x.operand
        case ast.Slice():
            return ":".join(map(show, (x.start, x.stop, x.step)))
        case ast.Index():
            return f"{show(x.operand)}[{', '.join(map(show, x.items))}]"
        case _:
            raise AssertionError(x)
    return f"({' '.join(part if isinstance(part, str) else show(part) for part in parts)})"


def mistakes(text):
    with pytest.raises(ExprDiffError) as caught:
        parse(text)
    return caught.value


# -- expressions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, tree",
    [
        ("a + b - c", "(a + b - c)"),
        ("a - b * c / d @ e", "(a - (b * c / d @ e))"),
        ("a * b + c * d", "((a * b) + (c * d))"),
        ("a - (b - c)", "(a - (b - c))"),
        ("(a + b) + c", "((a + b) + c)"),
        # power, and signs
        ("a ^ b ^ c", "(^ a (^ b c))"),
        ("(a ^ b) ^ c", "(^ (^ a b) c)"),
        ("a * b ^ c * d", "(a * (^ b c) * d)"),
        ("-x^2", "(- (^ x 2))"),
        ("2^-3", "(^ 2 (- 3))"),
        ("2^-3^x", "(^ 2 (- (^ 3 x)))"),
        ("2^-x*y", "((^ 2 (- x)) * y)"),
        ("2 * -x", "(2 * (- x))"),
        ("-x * y", "((- x) * y)"),
        ("-a + b", "((- a) + b)"),
        ("a - -b", "(a - (- b))"),
        ("a + - + b", "(a + (- (+ b)))"),
        ("--x", "(- (- x))"),
        # postfix
        ("x' @ A @ y", "((' x) @ A @ y)"),
        ("x.T", "(' x)"),
        ("x''", "(' (' x))"),
        ("x'^2", "(^ (' x) 2)"),
        ("-x'", "(- (' x))"),
        ("f(x)'[0].T", "(' (' f(x))[0])"),
        ("A[0]'[1]", "(' A[0])[1]"),
        ("(a + b)[0]", "(a + b)[0]"),
        ("f(x)^2", "(^ f(x) 2)"),
        # superscripts
        ("x²", "(^ x 2)"),
        ("-x³", "(- (^ x 3))"),
        ("x¹²", "(^ x 12)"),
        ("x⁻¹", "(^ x -1)"),
        ("x⁺²", "(^ x 2)"),
        ("2^x²", "(^ 2 (^ x 2))"),
        ("x²*y²", "((^ x 2) * (^ y 2))"),
        ("(x + 1)²'", "(' (^ (x + 1) 2))"),
        # comparisons, logic, choice
        ("a + b < c * d", "((a + b) < (c * d))"),
        ("0 < x <= 1", "(0 < x <= 1)"),
        ("a == b != c", "(a == b != c)"),
        ("(a < b) == c", "((a < b) == c)"),
        ("not a < b", "(not (a < b))"),
        ("not not a", "(not (not a))"),
        ("a and b and c", "(and a b c)"),
        ("a or b and c or d", "(or a (and b c) d)"),
        ("not a and b", "(and (not a) b)"),
        ("a and not b or c", "(or (and a (not b)) c)"),
        ("not -x > 1", "(not ((- x) > 1))"),
        ("a if c else b", "(if c a b)"),
        ("a if c else b if d else e", "(if c a (if d b e))"),
        ("(a if c else b) if d else e", "(if d (if c a b) e)"),
        ("a if (b if c else d) else e", "(if (if c b d) a e)"),
        ("a + 1 if x > 0 and y else b or c", "(if (and (x > 0) y) (a + 1) (or b c))"),
        ("a if not c else -b", "(if (not c) a (- b))"),
        # calls, tuples, indices
        ("f(x, y + 1)", "f(x, (y + 1))"),
        ("zeros()", "zeros()"),
        ("sum(x, axis=1, keepdims=true)", "sum(x, axis=1, keepdims=true)"),
        ("sum(x, axis=(0, -1))", "sum(x, axis=(tuple 0 (- 1)))"),
        ("f(x, axis = a == b,)", "f(x, axis=(a == b))"),
        ('einsum("ij,j->i", A, x)', 'einsum("ij,j->i", A, x)'),
        ("f (x)", "f(x)"),
        ("(1, 2)", "(tuple 1 2)"),
        ("(1,)", "(tuple 1)"),
        ("((1, 2), (3,),)", "(tuple (tuple 1 2) (tuple 3))"),
        ("x[i]", "x[i]"),
        ("x[0, -1, i + 1]", "x[0, (- 1), (i + 1)]"),
        ("x[:]", "x[_:_:_]"),
        ("x[1:]", "x[1:_:_]"),
        ("x[:n - 1]", "x[_:(n - 1):_]"),
        ("x[::2]", "x[_:_:2]"),
        ("x[a:b:c, ..., None, :]", "x[a:b:c, ..., None, _:_:_]"),
        ("x[::-1]", "x[_:_:(- 1)]"),
        ("x[1,]", "x[1]"),
        ("x[a if c else b:n]", "x[(if c a b):n:_]"),
        ("x[i][j]", "x[i][j]"),
    ],
)
def test_expression(text, tree):
    assert show(expression(text)) == tree


def test_chains_are_flat():
    x = expression("a + b - c + d")
    assert [operator for operator, _ in x.rest] == ["+", "-", "+"]


@pytest.mark.parametrize(
    "text, plain",
    [
        ("a ** b ** c", "a ^ b ^ c"),
        ("a .* b ./ c .^ d", "a * b / c ^ d"),
        ("a · b × c ⋅ d ÷ e", "a * b * c * d / e"),
        ("a − −b", "a - -b"),
        ("a ≤ b ≥ c ≠ d", "a <= b >= c != d"),
        ("1./x", "1 / x"),
        ("1.*x", "1 * x"),
        ("2.^x", "2 ^ x"),
        ("2.**x", "2 ^ x"),
        ("x.^-1", "x ^ -1"),
        ("A.T", "A'"),
        ("x.*.5", "x * 0.5"),
        ("1e−3", "0.001"),
        ("x\u00a0+\u2003y\u3000\t+ z", "x + y + z"),
        ("α₁ + x₁₂", "α1 + x12"),
        ("ﬁt + ℝ + 𝑥", "fit + R + x"),
        ("µ + ϵ", "μ + ε"),
        ("x̂ + ŷ_2", "x̂ + ŷ_2"),
        ("x + y # sum", "x + y"),
        ("(\na\n+ # why\n\n b\n)", "a + b"),
    ],
)
def test_synonyms(text, plain):
    assert show(expression(text)) == show(expression(plain))


@pytest.mark.parametrize(
    "text, value",
    [
        ("0", 0),
        ("007", 7),
        ("12345678901234567890", 12345678901234567890),
        ("1.", 1),
        ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("0.1", Fraction(1, 10)),
        ("1e3", 1000),
        ("1E3", 1000),
        ("25e-1", Fraction(5, 2)),
        ("1.5e+2", 150),
        ("1e-400", Fraction(1, 10**400)),
        ("1e-401", 0.0),
        ("0e999999999", 0.0),
        ("1e-999999999999999999999", 0.0),
        ("1e308", 10**308),
        ("0" * 5000 + "7", 7),
        ("1" + "0" * 300, 10**300),
        ("0." + "3" * 5000, 1 / 3),
    ],
)
def test_number(text, value):
    x = expression(text)
    assert type(x.value) is type(value)
    assert x.value == value


@pytest.mark.parametrize(
    "text",
    ["1e309", "1e400", "1.8e308", "1e999999999", "1e" + "9" * 5000, "1" * 5000, "9" * 309],
)
def test_number_too_large(text):
    error = mistakes(f"y = x + {text}")
    assert "too large" in error.diagnostics[0].message
    assert (error.column, error.span.end) == (9, 8 + len(text))


def test_superscript_too_large():
    assert "too large" in mistakes("x" + "⁹" * 400).diagnostics[0].message


# -- statements ------------------------------------------------------------------------------------


def kinds(text):
    return [type(statement).__name__ for statement in parse(text).statements]


def test_declaration():
    (x,) = parse("data X, Y: real[n, 2*d + 1]").statements
    assert x.data
    assert x.kind == "real"
    assert [name.name for name in x.names] == ["X", "Y"]
    assert [show(size) for size in x.sizes] == ["n", "((2 * d) + 1)"]
    assert x.span.end == 27
    (x,) = parse("b: bool").statements
    assert (x.data, x.kind, x.sizes) == (False, "bool", ())


def test_assignment_definition_and_return():
    a, f, r = parse("z = X @ w\nf(x, k) = x^k\nreturn z, f(z, 2)").statements
    assert (a.target.name, show(a.value)) == ("z", "(X @ w)")
    assert (f.name, [p.name for p in f.parameters], show(f.body)) == ("f", ["x", "k"], "(^ x k)")
    assert (f.name_span.start, f.name_span.end) == (10, 11)
    assert [show(value) for value in r.values] == ["z", "f(z, 2)"]


def test_the_program_of_the_language_description():
    text = """
# ridge-regularised logistic regression
data X: real[n, d]            # data: an input whose derivative is not wanted
data y: real[n]
w: real[d]                    # any other input: differentiated
b: real

z = X @ w + b
J = mean(softplus(z) - y * z) + 0.001 * sum(w^2)
"""
    assert kinds(text) == ["Declaration"] * 4 + ["Assignment"] * 2
    last = parse(text).statements[-1]
    assert show(last.value) == "(mean((softplus(z) - (y * z))) + (1/1000 * sum((^ w 2))))"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.expr")), ids=lambda p: p.stem)
def test_examples_parse(path):
    assert parse(Source(path.read_text(encoding="utf-8"), path.name)).statements


@pytest.mark.parametrize(
    "text, expected",
    [
        ("data = 3", ["Assignment"]),
        ("y = data + 1; z = -data", ["Assignment"] * 2),
        ("data: real[n]", ["Declaration"]),
        ("data data: real", ["Declaration"]),
        ("data real, int: bool", ["Declaration"]),
        ("data if x > 0 else data", ["Bare"]),
        ("data and data or data", ["Bare"]),
        ("data(x) + data[0]", ["Bare"]),
        ("real = int + bool; real(x)", ["Assignment", "Bare"]),
        ("real: real", ["Declaration"]),
        ("lambda = class + None + import", ["Assignment"]),
        ("iff = notx + orders + elsewhere + returned + android", ["Assignment"]),
        ("T = x.T + gamma", ["Assignment"]),
        ("y == 3", ["Bare"]),
        ("not(x) and(y)", ["Bare"]),
    ],
)
def test_words_are_reserved_only_where_needed(text, expected):
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nb = 2",
        "a = 1; b = 2",
        "a = 1;; b = 2;",
        "\n\na = 1\n\n\nb = 2\n\n",
        "a = 1\r\nb = 2\r\n",
        "a = 1\rb = 2",
        "a = 1\u2028b = 2",
        "\ufeffa = 1\nb = 2",
        "a = 1 # one; two\nb = 2 # two",
        "  a = 1\n    b = 2",
        "a = (\n1\n)\nb = f(2,\n  axis=1)",
        "a = x[\r\n1,\r\n2]\r\nb = 2",
        "\ta\t=\t1\f\n\vb = 2",
    ],
)
def test_statements_are_separated(text):
    assert kinds(text) == ["Assignment"] * 2


def test_lone_carriage_returns_count_as_lines():
    assert (mistakes("a = 1\rb = 2x").line, mistakes("a = 1\r\nb = 2x").line) == (2, 2)


def test_indented_sign_is_taken_for_a_continuation():
    assert kinds("y = a\n+ b\n-c") == ["Assignment", "Bare", "Bare"]
    assert kinds("  y = a\n  - b") == ["Assignment", "Bare"]
    assert kinds("y = a;   -b") == ["Assignment", "Bare"]
    error = mistakes("y = a\n  + b\n  + c")
    assert (error.line, error.column) == (2, 3)
    assert "brackets" in error.hint


# -- spans -----------------------------------------------------------------------------------------


def walk(x):
    """Every node of a tree."""
    yield x
    for name in getattr(x, "__dataclass_fields__", ()):
        value = getattr(x, name)
        for part in value if isinstance(value, tuple) else (value,):
            for leaf in part if isinstance(part, tuple) else (part,):
                if isinstance(leaf, ast.Expression | ast.Keyword | ast.Statement):
                    yield from walk(leaf)


@pytest.mark.parametrize(
    "text, kind, part",
    [
        ("y = a + bc * d", ast.Arithmetic, "a + bc * d"),
        ("y = f(x, 1) + 2", ast.Call, "f(x, 1)"),
        ("y = 2*x[1:3, 0] + 2", ast.Index, "x[1:3, 0]"),
        ("y = x[1:3, 0]", ast.Slice, "1:3"),
        ("y = x[ :: , 0]", ast.Slice, "::"),
        ("y = (a + b)' + 2", ast.Transpose, "(a + b)'"),
        ("y = a * (b + c) * d", ast.Arithmetic, "a * (b + c) * d"),
        ("y = -( x )", ast.Unary, "-( x )"),
        ("y = 1 + x⁻¹²", ast.Power, "x⁻¹²"),
        ("y = 1 + 2^(a)", ast.Power, "2^(a)"),
        ("y = 1.50e3 + x", ast.Number, "1.50e3"),
        ("y = x.T @ x", ast.Transpose, "x.T"),
        ("y = f(axis = (0, 1))", ast.Keyword, "axis = (0, 1)"),
        ("y = (1, 2 ,)", ast.Tuple, "(1, 2 ,)"),
        ("y = (a < b) and not c", ast.Logic, "(a < b) and not c"),
        ("y = ((a) if c else (b))", ast.Choice, "((a) if c else (b))"),
        ('y = f("ij")', ast.Text, '"ij"'),
        ("y = x[..., 1]", ast.Ellipsis_, "..."),
        ("z = 1; y = x  # c", ast.Assignment, "z = 1"),
        ("  data x, y: real[n] ", ast.Declaration, "data x, y: real[n]"),
        ("return a, f(b) \n", ast.Return, "return a, f(b)"),
        ("f(x) = (x + 1) ", ast.Definition, "f(x) = (x + 1)"),
        ("y = α₁ + 1", ast.Arithmetic, "α₁ + 1"),
        ("\ufeffy = a\r\nz = -b", ast.Unary, "-b"),
    ],
)
def test_span(text, kind, part):
    nodes = [node for statement in parse(text).statements for node in walk(statement)]
    span = next(node.span for node in nodes if type(node) is kind)
    assert text[span.start : span.end] == part


# -- depth and size --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "x" + ")" * 10_000,
        "f(" * 10_000 + "x" + ")" * 10_000,
        "x[" * 10_000 + "0" + "]" * 10_000,
        "-" * 100_000 + "x",
        "not " * 10_000 + "x",
        "^".join(["x"] * 10_000),
        " + ".join(["x"] * 100_000),
        "x" + "'" * 20_000,
        "a if c else " * 10_000 + "b",
        "f(" + ",".join(["x"] * 20_000) + ")",
        "(" + ",".join(["1"] * 20_000) + ")",
        "x;" * 20_000,
        "\n" * 100_000 + "x",
        " " * 1_000_000 + "x",
        "α" * 300_000,
    ],
    ids=lambda text: f"{text[:8]}...{text[-8:]}",
)
def test_deep_and_long_programs_parse(text):
    assert parse(text).statements


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        ")" * 50_000,
        "([" * 20_000 + ")]" * 20_000,
        "$" * 50_000,
        '"' * 100_001,
        "x " * 50_000,
        "2x\n" * 20_000,
        "y = (a\n" * 10_000,
        "y = (a;" * 10_000,
        "(" + ";" * 50_000,
        "1" * 1_000_000,
        "1." * 50_000,
        "+" * 50_000,
    ],
    ids=lambda text: text[:8],
)
def test_deep_and_long_nonsense_is_an_error(text):
    error = mistakes(text)
    assert len(error.diagnostics) <= LIMIT
    assert len(str(error)) < 20_000


@pytest.mark.parametrize("term", ["x + ", "(x - 1) * ", "-sin(a*x^2) + ", "x; ", "x;\n-"])
def test_time_is_linear(term):
    def seconds(count):
        text = term * count + "x"
        start = time.perf_counter()
        parse(text)
        return time.perf_counter() - start

    seconds(100)
    assert min(seconds(4000) for _ in range(2)) < 40 * min(seconds(500) for _ in range(3))


def test_time_of_a_small_formula(record_property):
    parse("x")
    start = time.perf_counter()
    for _ in range(100):
        parse("e = (a + b)*(b + 1)")
    record_property("microseconds", (time.perf_counter() - start) * 1e4)
