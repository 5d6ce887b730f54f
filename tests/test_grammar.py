"""docs/grammar.md: every rule, terminal and operator of the grammar, with examples that compile.

``python -m pytest tests/test_grammar.py --update-golden`` writes it from the grammar.
"""

import re
from pathlib import Path

import pytest

import exprdiff
from exprdiff.frontend import parser
from exprdiff.frontend.facts import FACTS
from exprdiff.frontend.syntax_errors import TYPES

DOCUMENT = Path(__file__).parent.parent / "docs" / "grammar.md"
GRAMMAR = parser._grammar()

#: What each rule (by its alias, where it has one) means, and programs that use it.
RULES = {
    "program": ("Statements, one a line or separated by `;`. Blank lines and comments count for "
                "nothing.", ["a = x^2; b = a + 1\nreturn a*b"]),
    "bare": ("A formula alone, at the end: the output, called `result`.", ["(a + b)*(b + 1)"]),
    "assignment": ("`name = formula` names a value; `f(x, k) = formula` defines a function, which "
                   "is inlined where it is called.",
                   ["z = a*b\nJ = z^2", "f(x, k) = x^k\nJ = f(a, 2)"]),
    "definition": ("A function with lines of its own: names for what it uses, and its value last.",
                   ["f(x, k) = {\n    u = x^2\n    v = exp(-u); u*v + k\n}\nJ = f(a, 2)*f(b, 3)"]),
    "line": ("A line of a function: a named value, or, as the last, the value.",
             ["f(x) = { u = x^2; u + 1 }\nJ = f(a)"]),
    "local": ("`name = formula`: a value that is known within the function.",
              ["f(x) = { u = x^2; u + 1 }\nJ = f(a)"]),
    "return_": ("The outputs. Without it the last assignment is the output.",
                ["x: real[n]\np = x^2\nJ = sum(p)\nreturn J, p"]),
    "declaration": ("Inputs with their type: `real`, `int` or `bool`, sizes in square brackets, "
                    "facts behind. `data` marks what is not differentiated.",
                    ["data X: real[n, d]\ndata y: real[n]\nw: real[d]\nJ = sum((X @ w - y)^2)"]),
    "facts": ("What is declared of the values: " + ", ".join(
        f"`{f if f != 'in' else 'in [a, b]'}`" for f in FACTS) + ".",
        ["A: real[n, n] posdef\np: real in [0, 1]\nJ = p*logdet(A)"]),
    "expression": ("Operands and operators; the table below has the operators.",
                   ["J = -a^2 + b if a < b else 0"]),
    "operand": ("A name, a number, a text in quotes (for `einsum`), or one of the following.",
                ["J = 2*a"]),
    "bracketed": ("An expression in brackets; several make the list that some options take.",
                  ["X: real[n, d]\nJ = (2 + sum(X, axis=(0, 1)))^2"]),
    "call": ("A function of the language, or one that is defined above.", ["J = sin(a)"]),
    "index": ("Subscripts as NumPy has them.", ["x: real[n]\nJ = x[0]*x[-1]"]),
    "transpose": ("`x'` or `x.T`: of a vector, a covector, which stands beside `@` only.",
                  ["x: real[n]\nA: real[n, n]\nJ = x' @ A.T @ x"]),
    "superscript": ("A power in superscript digits.", ["J = x² + x⁻¹"]),
    "keyword": ("An option of a function by name.", ["x: real[n]\nJ = sum(x, axis=0)"]),
    "subscript": ("A whole number, a size, a slice, `...`, `None` for a new axis, or `data` of "
                  "integers or booleans.",
                  ["X: real[n, d]\ndata k: int[m]\nJ = sum(X[1:, ..., None]) + sum(X[k, d-1])"]),
    "argument": ("An expression, or a keyword with one.", ["x: real[n]\nJ = norm(x, axis=0)"]),
}  # fmt: skip
TERMINALS = {
    "RETURN": "begins the outputs",
    "DATA": "marks inputs that are not differentiated",
    "NOT": "the negation of a condition",
    "BINARY": "the operators between two operands, but for the signs",
    "SIGN": "between operands or before one",
    "SUPERSCRIPT": "a whole number as a power",
    "TRANSPOSE": "the transpose",
    "EQUAL": "names a value, or gives an option",
    "LPAR": "opens brackets or arguments", "RPAR": "closes them",
    "LBRACE": "opens the lines of a function", "RBRACE": "closes them",
    "LSQB": "opens subscripts or sizes", "RSQB": "closes them",
    "COMMA": "separates", "COLON": "declares, and makes slices",
    "ELLIPSIS": "all other axes", "STRING": "a text",
    "NUMBER": "a number, kept exact",
    "NAME": "a name by Python's rules, in normal form NFKC; any script",
    "BLANK": "ignored", "COMMENT": "ignored",
    "_SEPARATOR": "ends a statement; within brackets a line may break",
}  # fmt: skip
#: Levels of operators, the tightest first: name, associativity, example.
LEVELS = {
    parser._POWER: ("power", "right", "J = 2^-a^2"),
    parser._SIGN: ("sign", "prefix", "J = -a^2"),
    parser._PRODUCT: ("product, quotient, matrix product", "left", "J = a/b*2"),
    parser._SUM: ("sum, difference", "left", "J = a - b + 1"),
    parser._COMPARISON: ("comparison", "chained", "J = 1 if 0 < a <= b else 0"),
    parser._NOT: ("negation", "prefix", "J = a if not a > b else b"),
    parser._AND: ("conjunction", "left", "J = a if a > 0 and b > 0 else 0"),
    parser._OR: ("disjunction", "left", "J = a if a > 0 or b > 0 else 0"),
    parser._CHOICE: ("choice", "right", "J = a if a > b else b if b > 0 else 0"),
}
EXAMPLES = [p for _, programs in RULES.values() for p in programs] + [x[2] for x in LEVELS.values()]


def rules() -> dict[str, str]:
    """The alternatives of every rule that has a name of its own, by rule or alias."""
    text = re.sub(r"\n\s+\|", " |", re.sub(r"(?m)^\s*//.*$", "", GRAMMAR))
    found: dict[str, list[str]] = {}
    for name, body in re.findall(r"(?m)^\??([a-z_]+): ?(.*)$", text):
        for alternative in re.split(r" \|(?= |$)|^\|", body):
            head, arrow, alias = alternative.partition("->")
            key = alias.strip() if arrow else name
            found.setdefault(key, []).append(" ".join(head.split()))
    return {k: " | ".join(x or "(nothing)" for x in v) for k, v in found.items()}


def terminals() -> dict[str, str]:
    """The patterns of the terminals."""
    found = re.findall(r"(?m)^(_?[A-Z]+)(?:\.\d)?: (.*)$", GRAMMAR)
    return {name: pattern.strip() for name, pattern in found}


def operators(level: int) -> list[str]:
    """The spellings of the operators of a level."""
    table = parser._PREFIX if level in (parser._SIGN, parser._NOT) else parser._BINARY
    return [spelling for spelling, (own, _) in table.items() if own == level]


def document() -> str:
    lines = ["# Grammar", "", "The language as the parser reads it "
             "(`grammars/exprdiff.lark`), rule by rule.", "", "## Rules", ""]  # fmt: skip
    for name, alternatives in rules().items():
        if name.startswith("_"):
            continue
        sentence, programs = RULES[name]
        lines += [f"### {name.strip('_')}", "", sentence, "", "```text", alternatives, "```", ""]
        for program in programs:
            lines += ["```expr", program, "```", ""]
    lists = [f"{name}: {body}" for name, body in rules().items() if name.startswith("_")]
    lines += ["## Lists", "", "```text", *lists, "```", ""]
    lines += ["## Operators, tightest first", "", "| operators | meaning | grouping | example |",
              "| --- | --- | --- | --- |"]  # fmt: skip
    for level in sorted(LEVELS, reverse=True):
        meaning, grouping, example = LEVELS[level]
        shown = " ".join(f"`{spelling}`" for spelling in operators(level))
        lines.append(f"| {shown} | {meaning} | {grouping} | `{example}` |")
    lines += ["", f"The types are {', '.join(f'`{t}`' for t in TYPES)}.", "", "## Terminals", "",
              "| terminal | pattern | what it is |", "| --- | --- | --- |"]  # fmt: skip
    for name, pattern in terminals().items():
        shown = pattern.replace("|", "\\|")
        lines.append(f"| `{name.strip('_')}` | `` {shown} `` | {TERMINALS[name]} |")
    return "\n".join([*lines, ""])


def test_document(update_golden):
    update_golden(DOCUMENT, document())


def test_every_rule_and_terminal_is_described():
    assert {name for name in rules() if not name.startswith("_")} == set(RULES)
    assert set(terminals()) == set(TERMINALS)


def test_every_operator_has_a_level():
    listed = [spelling for level in LEVELS for spelling in operators(level)]
    assert sorted(listed) == sorted([*parser._PREFIX, *parser._BINARY])


@pytest.mark.parametrize("program", EXAMPLES)
def test_examples_compile(program):
    compile(exprdiff.emit(program), "emitted", "exec")


@pytest.mark.parametrize("level", LEVELS)
def test_synonyms_mean_the_same(level):
    """Each spelling of an operator, in place of the first of its meaning."""
    table = parser._PREFIX if level in (parser._SIGN, parser._NOT) else parser._BINARY
    first: dict[str, str] = {}
    for spelling in operators(level):
        meaning = table[spelling][1]
        program = "x: real[n]\nJ = sum(x*(x {} x))"
        if spelling in ("if", "else", "and", "or", "not", "@") or table is parser._PREFIX:
            continue
        known = first.setdefault(meaning, spelling)
        one, other = (
            exprdiff.emit(program.format(s), emit="forward").split('"""\n', 1)[1].split("SOURCE")[0]
            for s in (known, spelling)
        )
        assert one == other
