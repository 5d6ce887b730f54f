import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exprdiff.diagnostics import ExprDiffError, Source
from exprdiff.frontend import ast
from exprdiff.frontend.parser import parse
from exprdiff.frontend.syntax_errors import LIMIT


def mistakes(text):
    with pytest.raises(ExprDiffError) as caught:
        parse(text)
    return caught.value


# -- mistakes --------------------------------------------------------------------------------------

# No word of the machinery, and nothing that only Python says.
INTERNAL = re.compile(
    r"[LR]PAR|[LR]SQB|Token|\$END|Unexpected|ANON|SIGN|BINARY|SEPARATOR|\bNAME\b|NUMBER|"
    r"UNKNOWN|COMMA|COLON|EQUAL|ELLIPSIS|Traceback|Error|Mistake|\bNone\b|<lark"
)

MISTAKES = [
    # text, line, column, text under the caret, message, hint
    ("2x", 1, 1, "2x", "no implicit multiplication", "write 2*x"),
    ("y = 2(x+1)", 1, 5, "2(x+1)", "no implicit multiplication", "write 2*(x+1)"),
    ("(a)(b)", 1, 1, "(a)(b)", "no implicit multiplication", "write (a)*(b)"),
    ("y = 3 x y", 1, 5, "3 x", "no implicit multiplication", "write 3*x"),
    ("x y", 1, 1, "x y", "no implicit multiplication", "x*y, x(y) for a call, or x = y"),
    ("y = sin x'", 1, 5, "sin x'", "no implicit multiplication", "sin(x') for a call"),
    ("y = a x[0]²", 1, 5, "a x[0]²", "no implicit multiplication", "write a*x[0]²"),
    ("y = a[0](x + 1)", 1, 5, "a[0](x + 1)", "implicit multiplication", "a[0]*(x + 1)"),
    ("y = f(x)(z)", 1, 5, "f(x)(z)", "no implicit multiplication", "write f(x)*(z)"),
    ("x'y", 1, 1, "x'y", "no implicit multiplication", "write x'*y"),
    ("y = 2 sqrt(x)", 1, 5, "2 sqrt(x)", "no implicit multiplication", "2*sqrt(x)"),
    ("y = a not b", 1, 5, "a not", "no implicit multiplication", ""),
    # brackets
    ("y = (a+b", 1, 5, "(", "'(' is never closed", "missing ')'"),
    ("y = x[1, 2", 1, 6, "[", "'[' is never closed", "missing ']'"),
    ("y = f(x[g(1", 1, 10, "(", "'(' is never closed", "missing ')])'"),
    ("y = (1 +\n\n", 1, 5, "(", "'(' is never closed", "missing ')'"),
    ("y = (a; b = 2", 1, 5, "(", "'(' is never closed", "missing ')'"),
    ("y = a)", 1, 6, ")", "')' closes nothing", "delete it"),
    ("y = f(x]", 1, 8, "]", "']' cannot close '('", "write ')'"),
    ("()", 1, 1, "()", "nothing in the brackets", "expression"),
    ("y = x[]", 1, 6, "[]", "nothing in the brackets", "index"),
    ("y = {x}", 1, 5, "{x}", "braces hold the lines of a function", "round brackets"),
    # operands
    ("a + * b", 1, 3, "+ *", "missing between '+' and '*'", ""),
    ("a @@ b", 1, 3, "@@", "missing between '@' and '@'", ""),
    ("y = a +", 1, 7, "+", "missing after '+'", ""),
    ("y = a +\n  b", 1, 7, "+", "missing after '+'", "brackets"),
    ("y = a\n* b", 2, 1, "*", "missing before '*'", "brackets"),
    ("y = a\n  + b", 2, 3, "+ b", "does not belong to the one above", "brackets"),
    ("y = (a * )", 1, 8, "*", "missing after '*'", ""),
    ("y = f(a +, b)", 1, 9, "+", "missing after '+'", ""),
    ("x^", 1, 2, "^", "missing after '^'", ""),
    ("y = not", 1, 5, "not", "missing after 'not'", ""),
    ("y = ²", 1, 5, "²", "missing before '²'", ""),
    ("y = 2 + .T", 1, 9, ".T", "missing before '.T'", ""),
    ("= 3", 1, 1, "=", "a name is missing before '='", ""),
    ("y =", 1, 3, "=", "a value is missing after '='", ""),
    ("y = f(x,, y)", 1, 9, ",", "a value is missing before ','", ""),
    ("y = f(, x)", 1, 7, ",", "a value is missing before ','", ""),
    ("y = (,)", 1, 6, ",", "a value is missing before ','", ""),
    ("y = x[1,,2]", 1, 9, ",", "a subscript is missing before ','", ""),
    ("y = f(axis=)", 1, 11, "=", "a value is missing after '='", ""),
    ("return a,", 1, 9, ",", "a value is missing after ','", ""),
    # equals
    ("a = b = c", 1, 7, "=", "a second '='", "'==' compares"),
    ("y := 3", 1, 3, ":=", "no operator ':='", "write '='"),
    ("y === 3", 1, 3, "===", "no operator '==='", "write '=='"),
    ("x += 1", 1, 3, "+=", "no operator '+='", "one value"),
    ("x **= 2", 1, 3, "**=", "no operator '**='", "one value"),
    ("y = a if b = c else d", 1, 12, "=", "a second '='", "'==' compares"),
    ("y = (a = b)", 1, 6, "a = b", "'=' cannot stand inside", "'==' compares"),
    ("y = f(a + b = c)", 1, 13, "=", "'=' cannot stand inside", "'==' compares"),
    ("y = x[a = b]", 1, 9, "=", "'=' cannot stand inside", "'==' compares"),
    ("return y = 2", 1, 10, "=", "'=' cannot stand inside", ""),
    ("3 = x", 1, 1, "3", "must be a name", "'==' compares"),
    ("x + y = 2", 1, 1, "x + y", "must be a name", "'==' compares"),
    ("x[0] = 2", 1, 1, "x[0]", "must be a name", "where"),
    ("a, b = 1, 2", 1, 1, "a, b", "only one name", ""),
    ("f(2) = 1", 1, 3, "2", "a parameter must be a name", ""),
    ("f(x=2) = 1", 1, 3, "x=2", "no default value", ""),
    ("f(x, x) = 1", 1, 6, "x", "parameter 'x' is there twice", ""),
    ("f() = 1", 1, 1, "f()", "needs a parameter", "write f ="),
    # declarations
    ("X: float[n]", 1, 4, "float", "unknown type 'float'", "real, int or bool"),
    ("x: vector", 1, 4, "vector", "unknown type 'vector'", "real, int or bool"),
    ("x: 3", 1, 4, "3", "no type", "real, int or bool"),
    ("x: real[n", 1, 8, "[", "'[' is never closed", "missing ']'"),
    ("x: real n", 1, 9, "n", "square brackets", "real[n, d]"),
    ("x: real(n)", 1, 4, "real(n)", "square brackets", "real[n, d]"),
    ("x:", 1, 2, ":", "has no type", "real[n]"),
    ("x: [n]", 1, 2, ":", "has no type", "real[n]"),
    (": real", 1, 1, ":", "a name is missing before ':'", ""),
    ("data X", 1, 1, "data X", "has no type", "write data X: real[n]"),
    ("data X, Y", 1, 1, "data X, Y", "has no type", "data X, Y: real[n]"),
    ("data X = 3", 1, 8, "=", "gives no value", "assignment"),
    ("x: real = 3", 1, 9, "=", "gives no value", "assignment"),
    ("x: real, y: real", 1, 8, ",", "one type", "x: real; y: real"),
    ("x[n]: real", 1, 1, "x[n]", "only names can be declared", "after the type"),
    ("x + y: real", 1, 1, "x + y", "only names can be declared", ""),
    ("dta X: real", 1, 1, "dta", "unknown word 'dta'", "data"),
    ("y = data x", 1, 5, "data", "must start a statement", ""),
    ("real x", 1, 1, "real", "'real' means nothing here", "x: real"),
    # words
    ("y = a if c", 1, 7, "if", "'if' needs an 'else'", "a if condition else b"),
    ("y = f(a if c, b)", 1, 9, "if", "'if' needs an 'else'", "a if condition else b"),
    ("y = a else b", 1, 7, "else", "no 'if' for this 'else'", "a if condition else b"),
    ("if x > 0: y = 1", 1, 1, "if", "'if' cannot start", "a if condition else b"),
    ("y = if c then a else b", 1, 5, "if", "'if' cannot start", "a if condition else b"),
    ("y = a if b if c else d else e", 1, 12, "if", "needs brackets", ""),
    ("y = a if c elif d", 1, 12, "elif", "'elif' means nothing", "a if c else b if d else e"),
    ("y = a + not b", 1, 9, "not", "'not' binds weaker than '+'", "(not ...)"),
    ("return", 1, 1, "return", "needs a value", "return y"),
    ("y = return x", 1, 5, "return", "must start a statement", ""),
    ("def f(x): return x", 1, 1, "def", "'def' means nothing", "f(x) = x^2"),
    ("import numpy as np", 1, 1, "import", "'import' means nothing", "leave the line out"),
    ("for i in x", 1, 1, "for", "'for' means nothing", "whole arrays"),
    ("y = a mod b", 1, 7, "mod", "'mod' means nothing", "a - b*floor(a / b)"),
    # calls and subscripts
    ("y = f(axis=1, x)", 1, 15, "x", "must come before", ""),
    ("y = f(x y)", 1, 7, "x y", "missing between 'x' and 'y'", "write x, y or x*y"),
    ('y = einsum("i" x)', 1, 12, '"i" x', "a comma is missing", 'write "i", x'),
    ("y = x[1:2:3:4]", 1, 12, ":", "at most two colons", ""),
    ("y = (a: b)", 1, 7, ":", "':' cannot stand here", "slices"),
    ("y = ... + 1", 1, 5, "...", "only stands in an index", ""),
    ("y = x[...:2]", 1, 7, "...", "only stands in an index", ""),
    ("x = [1, 2]", 1, 5, "[1, 2]", "no array literals", "data x: real[2]"),
    ("x = [1, 2; 3, 4]", 1, 5, "[1, 2; 3, 4]", "no array literals", "data x: real[2]"),
    ("y = a, b", 1, 6, ",", "only stand after 'return'", "return a, b"),
    ("y = 1,5", 1, 5, "1,5", "decimal point", "write 1.5"),
    ("y = x.y", 1, 6, ".y", "there is no '.y'", "x.T"),
    ("y = x.t", 1, 6, ".t", "there is no '.t'", "x.T"),
    # characters
    ("$x", 1, 1, "$", "unknown character '$'", "plain text"),
    ("y = a ? b : c", 1, 7, "?", "unknown character '?'", "a if condition else b"),
    ("y = !x", 1, 5, "!", "unknown character '!'", "'not'"),
    ("y = n!", 1, 6, "!", "factorial", "gamma(n + 1)"),
    ("a && b", 1, 3, "&&", "no operator '&&'", "'and'"),
    ("a & b", 1, 3, "&", "unknown character '&'", "'and'"),
    ("a || b", 1, 3, "||", "no operator '||'", "'or'"),
    ("a | b", 1, 3, "|", "unknown character '|'", "'or'"),
    ("y = |x|", 1, 5, "|", "no bars", "abs(x)"),
    ("a % b", 1, 3, "%", "unknown character '%'", "a - b*floor(a/b)"),
    ("a <> b", 1, 3, "<>", "no operator '<>'", "'!='"),
    ("a => b", 1, 3, "=>", "no operator '=>'", "'>='"),
    ("a =< b", 1, 3, "=<", "no operator '=<'", "'<='"),
    ("f = x -> x^2", 1, 7, "->", "no operator '->'", "f(x) = x^2"),
    ('y = f("abc', 1, 6, "(", "never closed", ""),
    ('y = "abc', 1, 5, '"abc', "no closing quotation mark", ""),
    ("y = f('ij', A)", 1, 7, "'", "' is the transpose", 'double quotes: "ij,j->i"'),
    ("y = “ij”", 1, 5, "“", "unknown character '“'", "straight quotes"),
    ("y = x’", 1, 6, "’", "unknown character '’'", "' for the transpose"),
    ("y = a + \\\n b", 1, 9, "\\", "unknown character '\\'", "brackets"),
    ("y = √x", 1, 5, "√", "unknown character '√'", "sqrt(x)"),
    ("y = a – b", 1, 7, "–", "unknown character '–'", "'-'"),
    ("y = x\0", 1, 6, "\0", "control character U+0000", "delete it"),
    ("y = \u200dx", 1, 5, "\u200d", "invisible character U+200D", "delete it"),
    ("y = xⁿ", 1, 6, "ⁿ", "superscript letter", "x^n"),
    ("y = xᵀ @ x", 1, 6, "ᵀ", "superscript letter", "x' or x.T"),
    ("y = x⁻", 1, 6, "⁻", "unknown character '⁻'", "exponent"),
    # numbers
    ("0x1F", 1, 1, "0x1F", "'0x1F' is not a number", "decimal"),
    ("y = 1e", 1, 5, "1e", "'1e' is not a number", "1*e"),
    ("1_000", 1, 1, "1_000", "'1_000' is not a number", "without '_'"),
    ("1..2", 1, 1, "1..2", "'1..2' is not a number", "one decimal point"),
    ("1.2.3", 1, 1, "1.2.3", "'1.2.3' is not a number", "one decimal point"),
    # programs
    ("", 1, 1, "", "the program is empty", "write a formula"),
    ("# nothing\n;\n", 1, 1, "", "the program is empty", "write a formula"),
    ("a = 1\nb = 2\n  c = 3 $ 4", 3, 9, "$", "unknown character '$'", ""),
]


@pytest.mark.parametrize("text, line, column, marked, message, hint", MISTAKES)
def test_mistake(text, line, column, marked, message, hint):
    error = mistakes(text)
    (first, *_) = error.diagnostics
    assert message in first.message
    assert hint in (first.hint or "")
    assert (error.line, error.column) == (line, column)
    assert text[first.span.start : first.span.end] == marked
    assert not INTERNAL.search(f"{first.message} {first.hint or ''}")


def test_mismatched_bracket_shows_its_partner():
    (mistake,) = mistakes("y = f(x]").diagnostics
    (note,) = mistake.notes
    assert (note.message, note.span.start) == ("opened here", 5)


def lines(text):
    source = mistakes(text)
    return [source.source.position(d.span.start)[0] for d in source.diagnostics]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2x\ny = 1\nz = $\n3 = w", [1, 3, 4]),
        ("2x; y = 1; 3y", [1, 1]),
        ("y = (a + b\nw = 2x\nz = 3", [1, 2]),
        ("y = sin(x\nz = cos(y)\nw = 1", [1]),
        ("y = sin(x\nz = cos(y))\n", [1, 2]),
        ("y = sin(x\ndata X: real\n2x", [1, 3]),
        ("y = sin(x\nu, v: real[n]\n2x", [1, 3]),
        ("y = sin(x\nreturn y\n2x", [1, 3]),
        ("y = f(x,\n  axis=1,\n  z 2)\nw = 2x", [3, 4]),
        ("y = f(x,\naxis=1", [1]),
        ("y = (2x\nz = 3\n4w", [1, 3]),
        ("y = a)\nz = (b]\nw = [1]", [1, 2, 3]),
        ("y = [1, 2; 3, 4]\n2x", [1, 2]),
        ("y = (a;\n2x", [1]),
        ("y = (a\r\nz = 2x\r\n", [1, 2]),
    ],
)
def test_every_wrong_statement_is_reported(text, expected):
    assert lines(text) == expected


def test_mistakes_are_limited():
    assert len(mistakes("2x\n" * 100).diagnostics) == LIMIT


def test_error_shows_the_line_and_the_mend():
    source = Source("y = 1\nz = 2x", "model.expr")
    with pytest.raises(ExprDiffError) as caught:
        parse(source)
    assert str(caught.value) == (
        "model.expr:2:5: error: there is no implicit multiplication\n"
        "  2 | z = 2x\n"
        "    |     ^^\n"
        "  hint: write 2*x"
    )


# -- anything at all -------------------------------------------------------------------------------

SPELLINGS = r"""
    x y T data real if else and or not return def mod f( sin( ( ) [ ] , : ; = == + - − * / ^ ** .*
    ' .T . .. ... 1 2.5 .5 1e 0x ² ⁻¹ ⁻ " "a" # ! $ & | < > ≤ @ axis= λ ⁿ – \ { } 𝟙 ؟
"""
PIECES = [*SPELLINGS.split(), "\n", "\n  ", "\r", "\0", " ", "\u2028"]


def check(text):
    """Parse `text` or be told, within it and in plain words, why not."""
    try:
        tree = parse(text)
    except ExprDiffError as error:
        found, shown = error.diagnostics, str(error)
    else:
        assert isinstance(tree, ast.Program)
        return
    assert found
    assert all(d.message and 0 <= d.span.start <= d.span.end <= len(text) for d in found)
    assert not re.search(r"\$END|Token\(|Unexpected", shown)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "]))
def test_any_pieces(pieces, glue):
    check(glue.join(pieces))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text):
    check(text)


PROGRAM = (
    "data X: real[n, d]\nw: real[d]\nf(x, k) = x^k + 1\nz = f(X @ w, 2) - X[0, 1:]' @ w\n"
    "J = sum(z, axis=0) if z > 0 else -(z / 2.5)\nreturn J, z"
)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(PROGRAM)),
    st.integers(0, 4),
    st.one_of(st.just(""), st.sampled_from(PIECES)),
)
def test_any_slip_of_the_keyboard(start, length, typed):
    check(PROGRAM[:start] + typed + PROGRAM[start + length :])
