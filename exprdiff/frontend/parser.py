"""From text to syntax tree.

The grammar is ``grammars/exprdiff.lark``. Three parts work on it: :class:`Scanner` cuts the text
into tokens with the grammar's terminals, Lark's LALR machine holds them to the grammar's rules, and
:class:`_Builder` makes the tree while they pass, resolving precedence. None of them recurses. What
happens to a text that does not fit is the matter of :mod:`.syntax_errors`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import isinf
from pathlib import Path

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from .. import syntax_messages as messages
from ..diagnostics import ExprDiffError, Mistake, Source, Span
from . import ast
from .facts import name_of
from .syntax_errors import LIMIT, TYPES, Unexpected, diagnose

EXACT = 400  # decimal digits and exponent up to which a literal is kept exact

_BLANKS = re.compile(r"[^\S\n]*")


def parse(source: Source | str) -> ast.Program:
    """Return the syntax tree of `source`.

    Bracketed expressions span their brackets too. Raises ExprDiffError with every mistake found, at
    most one a statement.
    """
    if isinstance(source, str):
        source = Source(source)
    # Rare line breaks become the usual one, so that lines are counted alike everywhere.
    text = re.sub("\r(?!\n)|[\x85\u2028\u2029]", "\n", source.text)
    source = replace(source, text=text)
    lark, scanner = _machinery()
    try:
        statements = lark.parse(text)
    except (UnexpectedToken, Mistake):
        tokens = list(scanner.lex(text, join=False))
        raise ExprDiffError(diagnose(text, tokens, _read), source) from None
    if not statements:
        raise ExprDiffError([messages.empty_program().diagnostic(Span(0, 0))], source)
    found = [messages.stray_indent(x.span) for x in _continuations(source, statements)]
    if found:
        raise ExprDiffError([m.diagnostic(m.span) for m in found[:LIMIT]], source)
    return ast.Program(source, tuple(statements))


def _continuations(source: Source, statements: list[ast.Statement]) -> Iterator[ast.Statement]:
    """Yield the statements that look like the second line of the one before.

    ``+ c`` on a line of its own is a statement, but where it is indented it was not meant as one.
    """
    text = source.text
    for previous, statement in pairwise(statements):
        start = statement.span.start
        if isinstance(statement, ast.Bare) and text[start] in "+-−(":
            new_line = "\n" in text[previous.span.end : start]
            if new_line and _indent(source, start) > _indent(source, previous.span.start):
                yield statement


def _indent(source: Source, offset: int) -> int:
    """Return how many blanks start the line of `offset`."""
    start = offset - source.position(offset)[1] + 1
    return _BLANKS.match(source.text, start).end() - start


# -- tokens ----------------------------------------------------------------------------------------


class Token:
    """A piece of the text; `type` is the grammar's terminal, or UNKNOWN."""

    __slots__ = ("end_pos", "start_pos", "type", "value")
    line = column = end_line = end_column = None  # Lark copies them to its token for the end

    def __init__(self, type_: str, value: str, start_pos: int, end_pos: int):
        self.type, self.value, self.start_pos, self.end_pos = type_, value, start_pos, end_pos

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.start_pos, self.end_pos)


class Scanner(Lexer):
    """Cuts a text into tokens: the grammar's terminals as one regular expression.

    More than twice as fast as Lark's own lexers, which also count lines and columns.
    """

    NESTING = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}

    def __init__(self, conf):
        terminals = sorted(conf.terminals, key=lambda t: -t.priority)
        patterns = {t.name: t.pattern.to_regexp() for t in terminals}
        ignored = "|".join(patterns.pop(name) for name in conf.ignore)
        named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())
        # The rest always matches: a string without its end, any other character, the end.
        rest = r'(?P<UNKNOWN>"[^"\n]*|(?s:.))|(?P<END>\Z)'
        self._pattern = re.compile(f"(?:{ignored})*(?:{named}|{rest})")

    def lex(self, text: str, join: bool = True) -> Iterator[Token]:
        """Yield the tokens of `text`; `join` drops newlines inside brackets."""
        nesting, depth = self.NESTING, 0
        for match in self._pattern.finditer(text):
            kind = match.lastgroup
            if kind in nesting:
                depth = max(0, depth + nesting[kind])
            elif kind == "END":
                return
            elif kind == "_SEPARATOR" and depth and join and match[kind] != ";":
                continue
            yield Token(kind, match[kind], match.start(kind), match.end())


# -- precedence ------------------------------------------------------------------------------------

_CHOICE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(9)
_CHAINS = {_COMPARISON: ast.Comparison, _SUM: ast.Arithmetic, _PRODUCT: ast.Arithmetic}

_PREFIX = {"not": (_NOT, "not"), "-": (_SIGN, "-"), "−": (_SIGN, "-"), "+": (_SIGN, "+")}
_BINARY = {
    spelling: (level, operator)
    for level, operators in {
        _CHOICE: {"if": "if", "else": "else"},
        _OR: {"or": "or"},
        _AND: {"and": "and"},
        _COMPARISON: {"<": "<", "<=": "<= ≤", "==": "==", "!=": "!= ≠", ">=": ">= ≥", ">": ">"},
        _SUM: {"+": "+", "-": "- −"},
        _PRODUCT: {"*": "* .* · ⋅ ×", "/": "/ ./ ÷", "@": "@"},
        _POWER: {"^": "^ ** .^"},
    }.items()
    for operator, spellings in operators.items()
    for spelling in spellings.split()
}


def _resolve(items: list[Token | ast.Expression]) -> ast.Expression:
    """Return the expression that prefix operators, operands and binary operators make.

    Operators wait on a stack until one of a lower level, or the end, closes them.
    """
    operands: list[ast.Expression] = []
    waiting: list[tuple[int, str, Token]] = []
    prefix = True  # whether an operator here is one
    for item in items:
        if not isinstance(item, Token):
            operands.append(item)
            prefix = False
            continue
        level, operator = (_PREFIX if prefix else _BINARY)[item.value]
        if prefix:
            if level == _NOT and waiting and waiting[-1][0] > _NOT:
                raise messages.not_inside_operation(waiting[-1][1], item.span)
        else:
            while waiting and waiting[-1][0] > level:
                _reduce(operands, waiting)
            if level == _CHOICE:
                pending = waiting[-1][1] if waiting else None
                if operator == "else" and pending != "if":
                    raise messages.else_without_if(item.span)
                if operator == "if" and pending == "if":
                    raise messages.choice_in_condition(item.span)
            prefix = True
        waiting.append((level, operator, item))
    while waiting:
        _reduce(operands, waiting)
    return operands[0]


def _reduce(operands: list[ast.Expression], waiting: list[tuple[int, str, Token]]) -> None:
    """Make one expression of the last operator, or of the last run that is one chain."""
    level, operator, token = waiting[-1]
    last = operands[-1]
    if level in (_SIGN, _NOT):
        waiting.pop()
        operands[-1] = ast.Unary(Span(token.start_pos, last.span.end), operator, last)
    elif level == _POWER:
        waiting.pop()
        base = operands[-2]
        operands[-2:] = [ast.Power(Span(base.span.start, last.span.end), base, last)]
    elif level == _CHOICE:
        if operator == "if":
            raise messages.if_without_else(token.span)
        del waiting[-2:]
        value, condition = operands[-3:-1]
        span = Span(value.span.start, last.span.end)
        operands[-3:] = [ast.Choice(span, value, condition, last)]
    else:
        start = len(waiting) - 1
        while start and waiting[start - 1][0] == level:
            start -= 1
        operators = [operator for _, operator, _ in waiting[start:]]
        chain = operands[-len(operators) - 1 :]
        span = Span(chain[0].span.start, last.span.end)
        del waiting[start:], operands[-len(chain) :]
        if level in _CHAINS:
            rest = tuple(zip(operators, chain[1:], strict=True))
            operands.append(_CHAINS[level](span, chain[0], rest))
        else:
            operands.append(ast.Logic(span, operator, tuple(chain)))


# -- the tree --------------------------------------------------------------------------------------

_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", "⁺⁻")


class _Builder:
    """What Lark calls: by a terminal's name when it is read, by a rule's when it is complete."""

    # Each rule's method gets the list of what the rule is made of.

    def program(self, statements):
        return statements

    def bare(self, children):
        (value,) = children
        return ast.Bare(value.span, value)

    def assignment(self, children):
        target, _, value = children
        span = target.span | value.span
        if isinstance(target, ast.Name):
            return ast.Assignment(span, target, value)
        if isinstance(target, ast.Call):
            return ast.Definition(span, target.name, target.name_span, _parameters(target), value)
        raise messages.not_assignable(type(target).__name__, target.span)

    def definition(self, children):
        target, _, opening, *lines, closing = children
        span = target.span | closing.span
        if not isinstance(target, ast.Call):
            raise messages.braces_of_no_function(opening.span | closing.span)
        *locals_, value = lines or [None]
        if value is None or isinstance(value, ast.Assignment):
            raise messages.no_last_line(target.name, value.span if value else closing.span)
        parameters = _parameters(target)
        known = {p.name for p in parameters}
        for line in locals_:
            if not isinstance(line, ast.Assignment):
                raise messages.idle_line(line.span)
            if line.target.name in known:
                raise messages.local_twice(line.target.name, line.target.span)
            known.add(line.target.name)
        name_span = target.name_span
        return ast.Definition(span, target.name, name_span, parameters, value, tuple(locals_))

    def local(self, children):
        target, _, value = children
        if not isinstance(target, ast.Name):
            raise messages.not_assignable(type(target).__name__, target.span)
        return ast.Assignment(target.span | value.span, target, value)

    def return_(self, children):
        word, *values = children
        return ast.Return(word.span | values[-1].span, tuple(values))

    def declaration(self, children):
        data = isinstance(children[0], Token)
        *names, kind, facts = children[1:] if data else children
        for name in names:
            if not isinstance(name, ast.Name):
                raise messages.not_declarable(isinstance(name, ast.Index), name.span)
        sizes = ()
        span = children[0].span | (facts[-1] if facts else kind).span
        if isinstance(kind, ast.Index):
            kind, sizes = kind.operand, kind.items
        if isinstance(kind, ast.Call) and kind.name in TYPES:
            raise messages.bare_sizes(kind.name, kind.span)
        if not isinstance(kind, ast.Name) or kind.name not in TYPES:
            raise messages.unknown_type(getattr(kind, "name", None), kind.span)
        return ast.Declaration(span, tuple(names), data, kind.name, sizes, facts)

    def facts(self, operands):
        for operand in operands:
            name_of(operand)
        return tuple(operands)

    def expression(self, children):
        return _resolve(children)

    def bracketed(self, children):
        opening, *items, closing = children
        span = opening.span | closing.span
        if not items:
            raise messages.empty_brackets("(", span)
        for item in items:
            if isinstance(item, ast.Keyword):
                raise messages.equals_in_expression(item.span)
        if len(items) == 1:
            return replace(items[0], span=span)
        return ast.Tuple(span, tuple(_without_commas(items)))

    def call(self, children):
        name, _, *items, closing = children
        arguments, keywords = [], []
        for item in _without_commas(items):
            if isinstance(item, ast.Keyword):
                keywords.append(item)
            elif keywords:
                raise messages.positional_after_keyword(item.span)
            else:
                arguments.append(item)
        span = name.span | closing.span
        return ast.Call(span, name.name, name.span, tuple(arguments), tuple(keywords))

    def keyword(self, children):
        name, equals, value = children
        if not isinstance(name, ast.Name):
            raise messages.equals_in_expression(equals.span)
        return ast.Keyword(name.span | value.span, name.name, value)

    def index(self, children):
        operand, opening, *items, closing = children
        if not items:
            raise messages.empty_brackets("[", opening.span | closing.span)
        parts: list[list[Token | ast.Expression]] = [[]]
        for item in items:
            if isinstance(item, Token) and item.type == "COMMA":
                if not parts[-1]:
                    raise messages.missing_operand("a subscript", "before ','", item.span)
                parts.append([])
            else:
                parts[-1].append(item)
        subscripts = [_subscript(part) for part in parts if part]  # a last comma may dangle
        return ast.Index(operand.span | closing.span, operand, tuple(subscripts))

    def transpose(self, children):
        operand, mark = children
        return ast.Transpose(operand.span | mark.span, operand)

    def superscript(self, children):
        base, mark = children
        value = number(mark.value.translate(_DIGITS), mark.span)
        exponent = ast.Number(mark.span, -value if mark.value[0] == "⁻" else value)
        return ast.Power(base.span | mark.span, base, exponent)

    def NAME(self, token):
        name = token.value
        if not name.isascii():
            name = _normalised(token)
        return ast.Name(Span(token.start_pos, token.end_pos), name)

    def NUMBER(self, token):
        span = Span(token.start_pos, token.end_pos)
        return ast.Number(span, number(token.value, span))

    def STRING(self, token):
        return ast.Text(token.span, token.value[1:-1])

    def ELLIPSIS(self, token):
        return ast.Ellipsis_(token.span)


def _without_commas(items: list[Token | ast.Expression]) -> list[ast.Expression]:
    return [item for item in items if not isinstance(item, Token)]


def _subscript(part: list[Token | ast.Expression]) -> ast.Expression:
    """Return the index or slice between two commas: expressions and colons."""
    colons = [item for item in part if isinstance(item, Token)]
    if not colons:
        return part[0]
    if len(colons) > 2:
        raise messages.too_many_colons(colons[2].span)
    bounds: list[ast.Expression | None] = [None]
    for item in part:
        if isinstance(item, Token):
            bounds.append(None)
        elif isinstance(item, ast.Ellipsis_):
            raise messages.misplaced_ellipsis(item.span)
        else:
            bounds[-1] = item
    start, stop, step = (*bounds, None)[:3]
    return ast.Slice(part[0].span | part[-1].span, start, stop, step)


def _parameters(call: ast.Call) -> tuple[ast.Name, ...]:
    """Return the parameters of a definition, whose left side was read as `call`."""
    if not call.arguments and not call.keywords:
        raise messages.no_parameters(call.name, call.span)
    names: set[str] = set()
    for parameter in (*call.arguments, *call.keywords):
        if not isinstance(parameter, ast.Name):
            raise messages.bad_parameter(isinstance(parameter, ast.Keyword), parameter.span)
        if parameter.name in names:
            raise messages.parameter_twice(parameter.name, parameter.span)
        names.add(parameter.name)
    return call.arguments


def number(text: str, span: Span) -> int | Fraction | float:
    """Return the value of a literal: exact where it is of moderate size, else the nearest float.

    Raises Mistake for what is beyond every float.
    """
    if len(text) < 300 and text.isdigit():
        return int(text)
    text = text.lower().replace("−", "-")
    nearest = float(text)
    if isinf(nearest):
        raise messages.number_too_large(span)
    mantissa, _, exponent = text.partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = (whole + decimals).lstrip("0") or "0"
    # The lengths come first: int() refuses a text of thousands of digits.
    if len(exponent) > 5 or max(len(digits), len(decimals)) > EXACT:
        return nearest
    power = int(exponent or 0) - len(decimals)
    if abs(power) > EXACT:
        return nearest
    if power >= 0:
        return int(digits) * 10**power
    exact = Fraction(int(digits), 10**-power)
    return exact.numerator if exact.denominator == 1 else exact


def _normalised(token: Token) -> str:
    """Return a name in NFKC form, by Python's rules but without superscript letters.

    Python would read ``xⁿ`` as the name ``xn``, which nobody means.
    """
    normalise = unicodedata.normalize
    for offset, char in enumerate(token.value, token.start_pos):
        if unicodedata.decomposition(char).startswith("<super>"):
            raise messages.superscript_letter(normalise("NFKC", char), Span(offset, offset + 1))
        before = "x" if offset > token.start_pos else ""
        if not (before + normalise("NFKC", char)).isidentifier():
            raise messages.unknown_character(char, Span(offset, offset + 1))
    return normalise("NFKC", token.value)


# -- Lark ------------------------------------------------------------------------------------------


@cache
def _machinery() -> tuple[Lark, Scanner]:
    """Return the parser and the scanner, made when first needed."""
    lark = Lark(
        _grammar(),
        parser="lalr",
        lexer=Scanner,
        start="program",
        transformer=_Builder(),
        maybe_placeholders=False,
    )
    return lark, Scanner(lark.lexer_conf)


def _grammar() -> str:
    """Return the grammar's text: inside the installed package, or beside it in a checkout."""
    installed = files("exprdiff") / "grammars" / "exprdiff.lark"
    if not installed.is_file():
        installed = Path(__file__).parents[2] / "grammars" / "exprdiff.lark"
    return installed.read_text(encoding="utf-8")


def _read(tokens: list[Token]) -> None:
    """Parse the tokens of one statement.

    Raises Unexpected at the first token that does not fit, Mistake for what the tree forbids.
    """
    lark, _ = _machinery()
    machine = lark.parse_interactive()
    index = 0
    try:
        while index < len(tokens):
            if tokens[index].type == "NAME":
                _normalised(tokens[index])  # before Lark may find that no name fits here
            machine.feed_token(tokens[index])
            index += 1
        machine.feed_eof(tokens[-1])
    except UnexpectedToken:
        raise Unexpected(index) from None
    except Mistake:
        # What ends at a stray '=' may be at fault only for ending there: a if b = c else d.
        if index < len(tokens) and tokens[index].type == "EQUAL":
            raise Unexpected(index) from None
        raise
