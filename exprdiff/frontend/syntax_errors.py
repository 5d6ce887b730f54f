"""What is wrong with a text that does not parse, in the user's terms.

The text is cut into statements and each is parsed by itself, so that one mistake hides no other.
Where a token does not fit, it and its neighbours tell the mistake: :data:`_EXPLAIN` has a function
for every kind of token. Parsing well-formed text never comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from .. import syntax_messages as messages
from ..diagnostics import Diagnostic, Mistake, Span

if TYPE_CHECKING:
    from .parser import Token

LIMIT = 20  # mistakes shown in one run

_OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSING = frozenset(_OPENING.values())
_OPERATORS = frozenset({"SIGN", "BINARY", "NOT"})
_OPERAND_ENDS = frozenset(
    {"NAME", "NUMBER", "STRING", "RPAR", "RSQB", "TRANSPOSE", "SUPERSCRIPT", "ELLIPSIS"}
)
TYPES = ("real", "int", "bool")


class Unexpected(Exception):
    """A token that does not fit; `index` is its place, or the number of tokens for the end."""

    def __init__(self, index: int):
        super().__init__(index)
        self.index = index


def diagnose(
    text: str, tokens: list[Token], read: Callable[[list[Token]], None]
) -> list[Diagnostic]:
    """Return the mistakes in `text`, at most one a statement and LIMIT in all.

    `tokens` keeps the newlines inside brackets; ``read(tokens)`` parses one statement and raises
    Mistake or Unexpected where it is none.
    """
    found = []
    position = 0
    while position < len(tokens) and len(found) < LIMIT:
        statement = _cut(tokens, position, wary=False)
        mistake = statement.mistake
        if mistake is None and statement.body:
            body = [tokens[k] for k in statement.body]
            try:
                read(body)
            except Mistake as raised:
                mistake = raised
            except Unexpected as unexpected:
                mistake = _explain(_Place(text, body, unexpected.index))
        if mistake is not None:
            # Perhaps a bracket was forgotten, and what did not fit in it is the next statement.
            cautious = _cut(tokens, position, wary=True)
            if cautious.end < statement.end:
                beyond = mistake.span.start >= tokens[cautious.end].start_pos
                if beyond or statement.mistake is not None:
                    mistake = cautious.mistake
                statement = cautious
            found.append(mistake.diagnostic(mistake.span))
        position = statement.end + 1
    return found


# -- statements ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cut:
    """One statement: its tokens' indices, the index of its end, a mistake in its brackets."""

    body: list[int]
    end: int
    mistake: Mistake | None


def _cut(tokens: list[Token], start: int, wary: bool) -> _Cut:
    """Return the statement that starts at `start`.

    It ends where no bracket is open; a `wary` cut also takes a line that looks like a statement for
    one, and the open bracket for a mistake.
    """
    body: list[int] = []
    opened: list[Token] = []
    mistake = None
    end = len(tokens)
    for k in range(start, len(tokens)):
        token = tokens[k]
        if token.type == "_SEPARATOR":
            if not opened or (wary and _breaks(tokens, body[-1], k)):
                end = k
                break
            if token.value != ";" and opened[-1].type != "LBRACE":
                continue
        elif token.type in _OPENING:
            opened.append(token)
        elif token.type in _CLOSING:
            opening = opened.pop() if opened else None
            if opening is None:
                wrong = messages.unopened_bracket(token.value, token.span)
            elif _OPENING[opening.type] != token.type:
                wrong = messages.mismatched_bracket(
                    opening.value, opening.span, token.value, token.span
                )
            else:
                wrong = None
            mistake = mistake or wrong
        body.append(k)
    if opened:
        mistake = mistake or messages.unclosed_brackets([t.value for t in opened], opened[-1].span)
    return _Cut(body, end, mistake)


def _breaks(tokens: list[Token], last: int, separator: int) -> bool:
    """Whether a statement may well end at `separator`, though its brackets are open."""
    before = tokens[last]
    if before.type not in _OPERAND_ENDS and tokens[separator].value != ";":
        return False
    kinds = [token.type for token in tokens[separator + 1 : separator + 3]]
    if kinds[:1] in (["RETURN"], ["DATA"]) or kinds == ["NAME", "EQUAL"]:
        return True
    k = separator + 1
    while k < len(tokens) and tokens[k].type in ("NAME", "COMMA"):
        k += 1
    kinds = [token.type for token in tokens[k : k + 2]]
    return kinds == ["COLON", "NAME"] and tokens[k + 1].value in TYPES


# -- places ----------------------------------------------------------------------------------------


class _Place:
    """The token that does not fit and its neighbours; beyond either end they are of type ""."""

    def __init__(self, text: str, body: list[Token], index: int):
        self.text, self.body, self.index = text, body, index
        self.before, self.here, self.after = (self.at(index + k) for k in (-1, 0, 1))

    def at(self, index: int) -> Token:
        """Return a token of the statement, or an empty one at the end."""
        if 0 <= index < len(self.body):
            return self.body[index]
        last = self.body[-1]
        return type(last)("", "", last.end_pos, last.end_pos)

    @property
    def first(self) -> Token:
        """The statement's first token."""
        return self.body[0]

    @property
    def opening(self) -> Token | None:
        """The innermost bracket open here, or None."""
        opened = []
        for token in self.body[: self.index]:
            if token.type in _OPENING:
                opened.append(token)
            elif token.type in _CLOSING:
                opened.pop()
        return opened[-1] if opened else None

    @property
    def kinds(self) -> set[str]:
        """The types of the tokens before this one that stand in no bracket."""
        depth, kinds = 0, set()
        for token in self.body[: self.index]:
            depth -= token.type in _CLOSING
            if not depth:
                kinds.add(token.type)
            depth += token.type in _OPENING
        return kinds

    def touches(self, left: Token, right: Token) -> bool:
        """Whether nothing stands between two tokens, not even a blank."""
        return left.end_pos == right.start_pos

    def both(self) -> tuple[str, Span]:
        """Return the text of the token before and this one, and where they stand."""
        span = self.before.span | self.here.span
        return self.text[span.start : span.end], span

    def follows_line(self) -> bool:
        """Whether something stands on a line above the statement."""
        return bool(self.text[: self.first.start_pos].strip()) and self.index == 0

    def left(self) -> Span:
        """Return the operand that ends before this token."""
        k = self.index - 1
        while self.at(k).type in ("TRANSPOSE", "SUPERSCRIPT", "RPAR", "RSQB"):
            if self.at(k).type in _CLOSING:
                k = self._partner(k, -1)
                if self.at(k - 1).type not in _OPERAND_ENDS:
                    break
            k -= 1
        return Span(self.body[max(k, 0)].start_pos, self.before.end_pos)

    def right(self) -> Span:
        """Return the operand that starts with this token."""
        k = self.index
        if self.here.type == "NAME" and self.after.type == "LPAR":
            k += 1
        if self.at(k).type in _OPENING:
            k = self._partner(k, 1)
        while self.at(k + 1).type in ("TRANSPOSE", "SUPERSCRIPT", "LSQB"):
            k += 1
            if self.at(k).type in _OPENING:
                k = self._partner(k, 1)
        return Span(self.here.start_pos, self.at(k).end_pos)

    def _partner(self, k: int, step: int) -> int:
        """Return the index of the bracket that belongs to the one at `k`."""
        depth = 0
        while True:
            kind = self.body[k].type
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if not depth:
                return k
            k += step

    def show(self, span: Span) -> str:
        """Return an operand as a hint repeats it."""
        text = self.text[span.start : span.end]
        return text if len(text) <= 24 and "\n" not in text else "..."


# -- explanations ----------------------------------------------------------------------------------


def _explain(place: _Place) -> Mistake:
    return _EXPLAIN[place.here.type](place)


def _missing(place: _Place) -> Mistake | None:
    """Whatever lacks something to its right, if that is what stands before this token."""
    before = place.before
    where = f"after '{before.value}'"
    if before.type in _OPERATORS:
        goes_on = not place.here.type and "\n" in place.text[before.end_pos :].rstrip()
        hint = messages.goes_on() if goes_on else None
        return messages.missing_operand("an operand", where, before.span, hint)
    if before.type in ("EQUAL", "COMMA"):
        return messages.missing_operand("a value", where, before.span)
    if before.type == "COLON" and place.opening is None:
        return messages.missing_type(None, before.span)
    if before.type == "RETURN":
        return messages.nothing_returned(before.span)
    return None


def _at_end(place: _Place) -> Mistake:
    """The statement stops too soon."""
    if place.first.type == "DATA":
        names = Span(place.first.start_pos, place.before.end_pos)
        return _missing(place) or messages.missing_type(place.show(names), names)
    return _missing(place) or messages.list_of_values(place.first.span | place.before.span)


def _at_operand(place: _Place) -> Mistake:
    """A name, number or opening bracket, where an operator must stand."""
    before, here = place.before, place.here
    if before.type not in _OPERAND_ENDS:
        return messages.misplaced_statement(here.value, here.span)
    touching = place.touches(before, here)
    if before.type == "NUMBER" and touching:
        mistake = _number(place)
        if mistake:
            return mistake
    for word in (here, before) if place.index == 1 else (here,):
        if messages.is_foreign(word.value):
            return messages.foreign_word(word.value, word.span)
    left, right = place.left(), place.right()
    declares = any(token.type == "COLON" for token in place.body)
    if declares and place.index == 1 and get_close_matches(before.value, ["data"]):
        return messages.misspelt_data(before.value, before.span)
    if "COLON" in place.kinds and before.value in TYPES:
        return messages.bare_sizes(before.value, right)
    span = left | right
    if "\n" in place.text[span.start : span.end]:
        span = here.span
    texts = place.show(left), place.show(right)
    opening = place.opening
    if "STRING" in (before.type, here.type):
        return messages.missing_comma(*texts, span)
    if opening is not None and not touching and here.type != "LPAR":
        return messages.missing_separator(*texts, span)
    if before.type == "NAME":
        return messages.side_by_side(*texts, span, place.index == 1)
    return messages.implicit_product(*texts, span)


def _number(place: _Place) -> Mistake | None:
    """A number that runs into a name or a number: a spelling of other languages."""
    text, span = place.both()
    number, here = place.before.value, place.here
    if here.type == "NUMBER":
        return messages.malformed_number(text, "a number has one decimal point", span)
    if here.type != "NAME":
        return None
    letter = here.value[0].lower()
    if number == "0" and letter in "xbo" and len(here.value) > 1:
        return messages.malformed_number(text, "numbers are decimal", span)
    if letter == "_":
        return messages.malformed_number(text, "write the digits without '_'", span)
    if here.value in ("e", "E"):
        factor = place.show(place.before.span)
        hint = f"write {factor}*e for a product, {factor}e5 for a power of ten"
        return messages.malformed_number(text, hint, span)
    return None


def _at_equals(place: _Place) -> Mistake:
    """An equals sign that is not the statement's one."""
    before, here = place.before, place.here
    text, span = place.both()
    if place.index and place.touches(before, here):
        if before.value == ":":
            return messages.unknown_operator(text, span)
        if before.value == "==":
            return messages.unknown_operator(text, span)
        if before.type in _OPERATORS:
            return messages.updating_assignment(text, span)
    if place.index == 0:
        return messages.missing_operand("a name", "before '='", here.span)
    kinds = place.kinds
    if place.opening is None and kinds & {"DATA", "COLON"}:
        return messages.declared_and_assigned(here.span)
    if place.opening is not None:
        return _missing(place) or messages.equals_in_expression(here.span)
    if "RETURN" in kinds:
        return messages.equals_in_expression(here.span)
    if "EQUAL" in kinds:
        return _missing(place) or messages.second_equals(here.span)
    targets = place.first.span | before.span
    if "COMMA" in kinds:
        return _missing(place) or messages.several_targets(targets)
    return _missing(place) or messages.not_assignable("", targets)


def _at_operator(place: _Place) -> Mistake:
    """A binary operator with no operand before it."""
    before, here = place.before, place.here
    text, span = place.both()
    if place.index and place.touches(before, here) and text in ("=>", "=<", "<>", "->"):
        return messages.unknown_operator(text, span)
    if here.value in ("if", "else") and before.type not in _OPERATORS:
        return messages.if_statement(here.value, here.span)
    if before.type in _OPERATORS:
        where = f"between '{before.value}' and '{here.value}'"
        return messages.missing_operand("an operand", where, span)
    hint = messages.goes_on() if place.follows_line() else None
    return messages.missing_operand("an operand", f"before '{here.value}'", here.span, hint)


def _at_closing(place: _Place) -> Mistake:
    return _missing(place) or messages.misplaced(place.here.value, place.here.span)


def _at_comma(place: _Place) -> Mistake:
    before, here, after = place.before, place.here, place.after
    if before.type in _OPENING or before.type in ("", "COMMA"):
        return messages.missing_operand("a value", "before ','", here.span)
    mistake = _missing(place)
    if mistake or place.opening is not None:
        return mistake or messages.misplaced(",", here.span)
    if "COLON" in place.kinds:
        return messages.several_types(here.span)
    span = before.span | after.span
    number = place.text[span.start : span.end]
    if before.type == after.type == "NUMBER" and number.replace(",", "").isdigit():
        return messages.decimal_comma(number, span)
    return messages.list_of_values(here.span)


def _at_colon(place: _Place) -> Mistake:
    if place.index == 0:
        return messages.missing_operand("a name", "before ':'", place.here.span)
    if place.touches(place.here, place.after) and place.after.type == "EQUAL":
        return messages.unknown_operator(":=", place.here.span | place.after.span)
    return _missing(place) or messages.misplaced_colon(place.here.span)


def _at_square(place: _Place) -> Mistake:
    if place.before.type == "COLON" and place.opening is None:
        return messages.missing_type(None, place.before.span)
    return messages.array_literal(place.right())


def _at_transpose(place: _Place) -> Mistake:
    line = place.text[place.here.end_pos :].partition("\n")[0]
    if place.here.value == "'" and "'" in line:
        return messages.single_quotes(place.here.span)
    return _at_mark(place)


def _at_mark(place: _Place) -> Mistake:
    """A postfix operator with no operand before it."""
    where = f"before '{place.here.value}'"
    return messages.missing_operand("an operand", where, place.here.span)


def _at_ellipsis(place: _Place) -> Mistake:
    return messages.misplaced_ellipsis(place.here.span)


def _at_statement(place: _Place) -> Mistake:
    return messages.misplaced_statement(place.here.value, place.here.span)


def _at_semicolon(place: _Place) -> Mistake:
    opening = place.opening
    if opening.type == "LBRACE":  # a line of a function stops too soon
        return _missing(place) or messages.list_of_values(place.before.span)
    return messages.unclosed_brackets([opening.value], opening.span)


def _at_brace(place: _Place) -> Mistake:
    return _missing(place) or _at_unknown(place)


def _at_unknown(place: _Place) -> Mistake:
    """A character that no token starts with."""
    before, here, after = place.before, place.here, place.after
    if here.value.startswith('"'):
        return messages.unclosed_string(here.span)
    if here.value == "." and after.type == "NAME" and place.touches(here, after):
        return messages.attribute(after.value, here.span | after.span)
    if here.value in "&|" and after.value == here.value and place.touches(here, after):
        return messages.unknown_operator(2 * here.value, here.span | after.span)
    if here.value == "|" and before.type not in _OPERAND_ENDS:
        return messages.absolute_bars(here.span)
    if here.value == "!" and before.type in _OPERAND_ENDS:
        return messages.factorial(here.span)
    return messages.unknown_character(here.value, here.span)


_EXPLAIN = {
    "": _at_end,
    "NAME": _at_operand,
    "NUMBER": _at_operand,
    "STRING": _at_operand,
    "LPAR": _at_operand,
    "NOT": _at_operand,
    "DATA": _at_operand,
    "RETURN": _at_statement,
    "EQUAL": _at_equals,
    "BINARY": _at_operator,
    "SIGN": _at_operator,
    "RPAR": _at_closing,
    "RSQB": _at_closing,
    "COMMA": _at_comma,
    "COLON": _at_colon,
    "LSQB": _at_square,
    "TRANSPOSE": _at_transpose,
    "SUPERSCRIPT": _at_mark,
    "ELLIPSIS": _at_ellipsis,
    "_SEPARATOR": _at_semicolon,
    "UNKNOWN": _at_unknown,
    "LBRACE": _at_unknown,
    "RBRACE": _at_brace,
}
