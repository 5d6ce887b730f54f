"""Every message about text that is no exprdiff: one function for each mistake of syntax.

As in :mod:`exprdiff.messages`, each returns a Mistake in the user's terms with the likely mend.
"""

from __future__ import annotations

from .diagnostics import Mistake, Note, Span

_CLOSING = {"(": ")", "[": "]", "{": "}"}

# The mend for what people write instead of an operator or a function.
_MENDS = {
    text: mend
    for mend, texts in {
        "write 'and'": "& && ∧",
        "write 'or'": "| || ∨",
        "write 'not'": "! ~ ¬",
        "write '='": ":= ←",
        "write '=='": "=== ≡",
        "write '!='": "<>",
        "write '<='": "=< ⩽",
        "write '>='": "=> ⩾",
        "write '-'": "– — ‐",
        "write '*'": "∗ ∙ • ∘ ⊙",
        "write '/'": "∕ ⁄",
        "write ' for the transpose": "‘ ’ ′ ´ ` ⊤",
        'write straight quotes: "ij,j->i"': "“ ” „ « »",
        "write round brackets": "{ }",
        "write a if condition else b": "?",
        "a comment starts with #, a remainder is a - b*floor(a/b)": "%",
        "write sqrt(x)": "√",
        "write cbrt(x)": "∛",
        "write sum(x)": "∑",
        "write prod(x)": "∏",
        "the emitted function gradient has the derivatives": "∂ ∇",
        "write norm(x)": "‖",
        "write inf": "∞",
        "write x @ y for the dot product": "⟨ ⟩",
        "write three dots": "…",
        "write the exponent, as in x⁻¹ or x^(-k)": "⁻ ⁺",
        "define a function as f(x) = x^2": "-> → ↦",
        "leave it out: a formula is plain text, as in x^2 + 1": "$",
        "put the expression in brackets to go on in the next line": "\\",
        "a dot stands in numbers, in .T and in the operators .* ./ .^": ".",
    }.items()
    for text in texts.split()
}

# The mend for words with which a statement starts, or that are operators, in other languages.
_WORDS = {
    word: mend
    for mend, words in {
        "define a function as f(x) = x^2": "def function fn lambda",
        "every function is there already: leave the line out": "import from using include",
        "leave it out, as in y = x^2": "let var const",
        "write a if c else b if d else e": "elif",
        "there are no loops: formulas act on whole arrays, as in sum(x^2)": "for while",
        "outputs are named by return, as in return y": "print output",
        "declare an input as x: real": "input float double real",
        "declare an input as data k: int": "int",
        "declare an input as data m: bool": "bool",
        "write a if condition else b": "then",
        "write a - b*floor(a / b)": "mod",
        "write floor(a / b)": "div",
        "write '=='": "is eq",
        "write '!='": "xor ne",
    }.items()
    for word in words.split()
}


# -- characters, numbers and words -----------------------------------------------------------------


def unknown_character(text: str, span: Span) -> Mistake:
    """A character, or a few, that the language does not use."""
    if text.isprintable():
        return Mistake(f"unknown character '{text}'", span, hint=_MENDS.get(text))
    kind = "control" if ord(text) < 0xA0 else "invisible"
    return Mistake(f"{kind} character U+{ord(text):04X}", span, hint="delete it")


def unknown_operator(text: str, span: Span) -> Mistake:
    """An operator of another language."""
    return Mistake(f"there is no operator '{text}'", span, hint=_MENDS.get(text))


def factorial(span: Span) -> Mistake:
    """``n!``."""
    return Mistake("there is no factorial '!'", span, hint="write gamma(n + 1)")


def absolute_bars(span: Span) -> Mistake:
    """``|x|``."""
    return Mistake("there are no bars '|'", span, hint="write abs(x) or norm(x)")


def updating_assignment(operator: str, span: Span) -> Mistake:
    """``x += 1``."""
    return Mistake(
        f"there is no operator '{operator}'",
        span,
        hint=f"every name stands for one value; write y = x {operator[:-1]} ...",
    )


def is_foreign(word: str) -> bool:
    """Whether `word` means something in other languages and, out of place, nothing here."""
    return word in _WORDS


def foreign_word(word: str, span: Span) -> Mistake:
    """``def f(x)`` or ``a mod b``."""
    return Mistake(f"'{word}' means nothing here", span, hint=_WORDS[word])


def superscript_letter(plain: str, span: Span) -> Mistake:
    """``xⁿ`` or ``xᵀ``."""
    mend = "write x' or x.T for the transpose" if plain == "T" else f"write x^{plain}"
    return Mistake("a superscript letter is not part of a name", span, hint=mend)


def attribute(name: str, span: Span) -> Mistake:
    """``x.y``."""
    if name == "t":
        return Mistake("there is no '.t'", span, hint="the transpose is x.T or x'")
    hint = "only the transpose is written with a dot, as x.T; functions as f(x)"
    return Mistake(f"there is no '.{_short(name)}'", span, hint=hint)


def malformed_number(text: str, hint: str, span: Span) -> Mistake:
    """``1..2``, ``0x1F``, ``1_000`` or ``1e``."""
    return Mistake(f"'{_short(text)}' is not a number", span, hint=hint)


def number_too_large(span: Span) -> Mistake:
    """A number beyond the range of floating point."""
    return Mistake("the number is too large", span, hint="the largest is about 1.797e308")


def unclosed_string(span: Span) -> Mistake:
    """A quotation mark without its partner."""
    return Mistake("the string has no closing quotation mark", span, hint='write "..." in one line')


def single_quotes(span: Span) -> Mistake:
    """A string as in Python."""
    return Mistake("' is the transpose", span, hint='strings have double quotes: "ij,j->i"')


# -- brackets --------------------------------------------------------------------------------------


def unclosed_brackets(opened: list[str], span: Span) -> Mistake:
    """Brackets without their partners; `span` is the innermost."""
    missing = "".join(_CLOSING[bracket] for bracket in reversed(opened[-9:]))
    hint = f"write the missing '{missing}'"
    if len(opened) > len(missing):
        hint = f"{len(opened)} closing brackets are missing"
    return Mistake(f"'{opened[-1]}' is never closed", span, hint=hint)


def unopened_bracket(bracket: str, span: Span) -> Mistake:
    """A closing bracket too many."""
    return Mistake(f"'{bracket}' closes nothing", span, hint="delete it, or open a bracket before")


def mismatched_bracket(opening: str, opened: Span, bracket: str, span: Span) -> Mistake:
    """``(x]``."""
    return Mistake(
        f"'{bracket}' cannot close '{opening}'",
        span,
        hint=f"write '{_CLOSING[opening]}'",
        notes=(Note("opened here", opened),),
    )


def empty_brackets(bracket: str, span: Span) -> Mistake:
    """``()`` or ``x[]``."""
    what = "index" if bracket == "[" else "expression"
    text = bracket + _CLOSING[bracket]
    return Mistake(f"there is nothing in the brackets '{text}'", span, hint=f"write an {what}")


# -- expressions -----------------------------------------------------------------------------------


def implicit_product(left: str, right: str, span: Span) -> Mistake:
    """``2x``."""
    return Mistake("there is no implicit multiplication", span, hint=f"write {left}*{right}")


def side_by_side(left: str, right: str, span: Span, at_start: bool) -> Mistake:
    """``f x``, or ``y x`` at the start of a statement."""
    hint = f"write {left}*{right}, or {left}({right}) for a call"
    if at_start:
        hint = f"write {left}*{right}, {left}({right}) for a call, or {left} = {right}"
    return Mistake("there is no implicit multiplication", span, hint=hint)


def missing_separator(left: str, right: str, span: Span) -> Mistake:
    """``f(x y)``."""
    return Mistake(
        f"a comma or an operator is missing between '{left}' and '{right}'",
        span,
        hint=f"write {left}, {right} or {left}*{right}",
    )


def missing_comma(left: str, right: str, span: Span) -> Mistake:
    """``f("a" x)``."""
    return Mistake("a comma is missing", span, hint=f"write {left}, {right}")


def missing_operand(what: str, where: str, span: Span, hint: str | None = None) -> Mistake:
    """An operator, a comma, an equals sign or a colon with nothing on one side."""
    return Mistake(f"{what} is missing {where}", span, hint=hint)


def goes_on() -> str:
    """The mend for an expression that is broken at the end of a line."""
    return "an expression goes on in the next line only inside brackets: write (a + b)"


def stray_indent(span: Span) -> Mistake:
    """An indented line that is a statement of its own, though surely not meant as one."""
    return Mistake("this line does not belong to the one above", span, hint=goes_on())


def not_inside_operation(operator: str, span: Span) -> Mistake:
    """``a + not b``."""
    return Mistake(f"'not' binds weaker than '{operator}'", span, hint="write (not ...)")


def if_without_else(span: Span) -> Mistake:
    """``a if c``."""
    return Mistake("'if' needs an 'else'", span, hint="write a if condition else b")


def else_without_if(span: Span) -> Mistake:
    """``a else b``."""
    return Mistake("there is no 'if' for this 'else'", span, hint="write a if condition else b")


def if_statement(word: str, span: Span) -> Mistake:
    """``if c: ...``."""
    return Mistake(
        f"'{word}' cannot start an expression", span, hint="write y = a if condition else b"
    )


def choice_in_condition(span: Span) -> Mistake:
    """``a if b if c else d else e``."""
    return Mistake("a condition that is a choice itself needs brackets", span)


def array_literal(span: Span) -> Mistake:
    """``[1, 2]``."""
    return Mistake(
        "there are no array literals",
        span,
        hint="declare an input: data x: real[2]",
    )


def equals_in_expression(span: Span) -> Mistake:
    """``(a = b)``."""
    return Mistake("'=' cannot stand inside an expression", span, hint="'==' compares")


def positional_after_keyword(span: Span) -> Mistake:
    """``f(axis=1, x)``."""
    return Mistake("this argument must come before those with '='", span)


def too_many_colons(span: Span) -> Mistake:
    """``x[a:b:c:d]``."""
    return Mistake("a slice has at most two colons", span, hint="write x[start:stop:step]")


def misplaced_colon(span: Span) -> Mistake:
    """A colon that belongs to no declaration and no slice."""
    return Mistake(
        "':' cannot stand here", span, hint="it declares, as in x: real[n], or slices, as in x[1:3]"
    )


def misplaced_ellipsis(span: Span) -> Mistake:
    """Three dots outside an index."""
    return Mistake("'...' only stands in an index", span, hint="as in x[..., 0]")


def misplaced(text: str, span: Span) -> Mistake:
    """Anything else where it makes no sense."""
    return Mistake(f"'{text}' cannot stand here", span)


# -- statements ------------------------------------------------------------------------------------


def empty_program() -> Mistake:
    """Nothing but blanks and comments."""
    return Mistake("the program is empty", hint="write a formula, as in y = x^2 + 1")


def second_equals(span: Span) -> Mistake:
    """``a = b = c``."""
    return Mistake(
        "a second '=' in one statement", span, hint="assign one name at a time; '==' compares"
    )


def several_targets(span: Span) -> Mistake:
    """``a, b = 1, 2``."""
    return Mistake("only one name can be assigned at a time", span, hint="write a = ...; b = ...")


def not_assignable(kind: str, span: Span) -> Mistake:
    """``3 = x`` or ``x + y = 2``."""
    hint = "'==' compares"
    if kind == "Index":
        hint = "values never change; where(condition, a, b) chooses element by element"
    return Mistake("the left side of '=' must be a name", span, hint=hint)


def no_parameters(name: str, span: Span) -> Mistake:
    """``f() = 3``."""
    return Mistake("a function needs a parameter", span, hint=f"write {_short(name)} = ...")


def bad_parameter(default: bool, span: Span) -> Mistake:
    """``f(2) = x`` or ``f(x=1) = x``."""
    if default:
        return Mistake("a parameter has no default value", span)
    return Mistake("a parameter must be a name", span, hint="define a function as f(x) = x^2")


def parameter_twice(name: str, span: Span) -> Mistake:
    """``f(x, x) = ...``."""
    return Mistake(f"the parameter '{_short(name)}' is there twice", span)


def list_of_values(span: Span) -> Mistake:
    """``y = a, b``."""
    return Mistake("several values only stand after 'return'", span, hint="write return a, b")


def decimal_comma(text: str, span: Span) -> Mistake:
    """``y = 1,5``."""
    hint = f"write {text.replace(',', '.')}"
    return Mistake("a number has a decimal point, no comma", span, hint=hint)


def nothing_returned(span: Span) -> Mistake:
    """``return`` alone."""
    return Mistake("'return' needs a value", span, hint="write return y")


def misplaced_statement(word: str, span: Span) -> Mistake:
    """``return`` or ``data`` inside another statement."""
    return Mistake(f"'{word}' must start a statement", span, hint="put it on a line of its own")


def missing_type(declared: str | None, span: Span) -> Mistake:
    """``data X``, or ``x:`` where `declared` is None."""
    hint = f"write {declared}: real[n]" if declared else "as in x: real[n]"
    return Mistake("the declaration has no type", span, hint=hint)


def misspelt_data(word: str, span: Span) -> Mistake:
    """``date X: real``."""
    return Mistake(f"unknown word '{_short(word)}'", span, hint="write data to declare data")


def bare_sizes(kind: str, span: Span) -> Mistake:
    """``x: real n`` or ``x: real(n)``."""
    return Mistake("sizes stand in square brackets", span, hint=f"as in x: {kind}[n, d]")


def unknown_type(name: str | None, span: Span) -> Mistake:
    """``x: float``."""
    hint = "a type is real, int or bool, with sizes in brackets: real[n, d]"
    return Mistake(f"unknown type '{_short(name)}'" if name else "this is no type", span, hint=hint)


def not_declarable(sized: bool, span: Span) -> Mistake:
    """``x + y: real`` or ``x[n]: real``."""
    hint = "the sizes come after the type: x: real[n]" if sized else "as in x, y: real"
    return Mistake("only names can be declared", span, hint=hint)


def several_types(span: Span) -> Mistake:
    """``x: real, y: int``."""
    return Mistake("a declaration has one type", span, hint="write x: real; y: real")


def declared_and_assigned(span: Span) -> Mistake:
    """``x: real = 3``."""
    return Mistake(
        "a declaration gives no value", span, hint="x = 3 is an assignment, x: real an input"
    )


def _short(text: str) -> str:
    """Return `text` short enough for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


def braces_of_no_function(span: Span) -> Mistake:
    """``y = { x }``."""
    hint = "as in f(x) = { u = x^2; u + 1 }; expressions stand in round brackets"
    return Mistake("braces hold the lines of a function", span, hint=hint)


def no_last_line(name: str, span: Span) -> Mistake:
    """A function in braces whose last line has no value."""
    hint = f"as in {_short(name)}(x) = {{ u = x^2; u + 1 }}"
    return Mistake("the last line in braces is the value of the function", span, hint=hint)


def idle_line(span: Span) -> Mistake:
    """A line in braces that is neither named nor the last."""
    return Mistake("the value of this line is not used", span, hint="give it a name, as in u = ...")


def local_twice(name: str, span: Span) -> Mistake:
    """A name that a function gives twice."""
    return Mistake(f"'{_short(name)}' has a value already in this function", span)
