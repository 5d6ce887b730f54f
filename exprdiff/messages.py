"""Every message that exprdiff shows about a formula: one function for each mistake.

Each returns a :class:`~exprdiff.diagnostics.Mistake` to raise (or to collect). The text speaks the
user's terms: no token names, no internals; the hint is the likely mend.
"""

from __future__ import annotations

from difflib import get_close_matches

from .diagnostics import Mistake, Note, Span


def _near(name: str, known) -> str | None:
    found = get_close_matches(name[:50], list(known), n=1, cutoff=0.6)
    return f"did you mean '{found[0]}'?" if found else None


# -- shapes and types ------------------------------------------------------------------------------


def sizes_differ(operator: str, a, b, m, n) -> Mistake:
    """Two operands that cannot broadcast."""
    hint = None
    if operator == "*" and a.rank and b.rank:
        hint = "* is elementwise; the matrix product is written @"
    return Mistake(
        f"{operator}: {a.describe()} and {b.describe()}: {m} and {n} differ", hint=hint
    )


def matmul_sizes(a, b) -> Mistake:
    """A matrix product whose inner sizes disagree."""
    m, n = a.node.shape[-1], b.node.shape[max(0, b.rank - 2)]
    hint = None
    if a.node.shape[max(0, a.rank - 2)] == n and a.rank > 1:
        hint = f"transpose the first factor: {_short(a.text)}' @ {_short(b.text)}"
    elif b.node.shape[-1] == m and b.rank > 1:
        hint = f"transpose the second factor: {_short(a.text)} @ {_short(b.text)}'"
    return Mistake(
        f"{_short(a.text)} @ {_short(b.text)}: {a.describe()} and {b.describe()}: "
        f"{m} and {n} differ",
        hint=hint,
    )


def matmul_of_scalar(a, b, scalar) -> Mistake:
    """A matrix product with a number."""
    return Mistake(
        f"{_short(a.text)} @ {_short(b.text)}: {scalar.describe()}, and @ needs a vector or a "
        "matrix on each side",
        hint="a number multiplies with *",
    )


def matmul_covector(a, b) -> Mistake:
    """A transposed vector where a column must stand."""
    return Mistake(
        f"{_short(a.text)} @ {_short(b.text)}: {_short(b.text)} is a transposed vector, and only "
        "a vector can stand before it",
        hint="leave out the transpose of the second factor",
    )


def stray_covector(text: str) -> Mistake:
    """A transposed vector away from ``@``."""
    return Mistake(
        f"{_short(text)} is a transposed vector, which only stands beside @",
        hint="x' @ y is the dot product and x @ y' the outer product; leave out the transpose",
    )


def no_such_axis(axis: int, what: str, rank: int) -> Mistake:
    """An axis that the operand does not have."""
    if rank == 0:
        return Mistake(f"there is no axis {axis}: {what}, a scalar")
    axes = "axis 0" if rank == 1 else f"axes 0 to {rank - 1}"
    return Mistake(f"there is no axis {axis}: {what}, with {axes}")


def axis_twice() -> Mistake:
    """The same axis named twice."""
    return Mistake("an axis is named twice")


def not_a_vector(function: str, what: str) -> Mistake:
    """An operand that must be a vector."""
    return Mistake(f"{function} needs vectors, but {what}")


def not_square(function: str, what: str) -> Mistake:
    """An operand that must be a square matrix."""
    return Mistake(f"{function} needs a square matrix, but {what}")


def not_a_condition(what: str) -> Mistake:
    """A real where a condition must stand."""
    return Mistake(
        f"a condition must be true or false, but {what}",
        hint="compare it, as in x > 0, or declare it as bool data",
    )


def not_a_number(operator: str, what: str) -> Mistake:
    """A boolean where a number must stand."""
    return Mistake(f"{operator} needs numbers, but {what}", hint="write where(condition, 1, 0)")


# -- names and calls -------------------------------------------------------------------------------


def unknown_function(name: str, span: Span, known, is_variable: bool) -> Mistake:
    """A call of a function that does not exist."""
    hint = _near(name, known)
    if is_variable:
        hint = f"there is no implicit multiplication: write {_short(name)}*(...)"
    return Mistake(f"unknown function '{_short(name)}'", span, hint=hint)


def function_as_variable(name: str, span: Span) -> Mistake:
    """A function's name without brackets where that is surely meant as a call."""
    return Mistake(f"'{name}' is a function", span, hint=f"call it: {name}(...)")


def argument_count(name: str, wanted: str, given: int) -> Mistake:
    """Too many or too few arguments."""
    return Mistake(f"{name} takes {wanted}, but {given} {'is' if given == 1 else 'are'} given")


def unknown_keyword(function: str, name: str, span: Span, known) -> Mistake:
    """A keyword argument that the function does not take."""
    hint = _near(name, known)
    if hint is None:
        hint = f"it takes {', '.join(f'{k}=' for k in known)}" if known else None
    return Mistake(f"{function} takes no argument '{_short(name)}'", span, hint=hint)


def keyword_twice(name: str, span: Span) -> Mistake:
    """One parameter given two values."""
    return Mistake(f"the argument '{name}' is given twice", span)


def not_an_integer(name: str, span: Span) -> Mistake:
    """An axis or size that is no integer."""
    return Mistake(f"{name} must be an integer, or integers in brackets", span)


def not_a_flag(name: str, span: Span) -> Mistake:
    """A flag that is neither true nor false."""
    return Mistake(f"{name} must be true or false", span)


def not_a_size(span: Span) -> Mistake:
    """Something else where a size must stand."""
    return Mistake(
        "a size is an integer, a name, or made of those with + - *",
        span,
        hint="as in real[n, 3] or zeros(n + 1)",
    )


def negative_size(text: str, span: Span) -> Mistake:
    """A size below zero."""
    return Mistake(f"a size cannot be negative: {text}", span)


def unknown_size(name: str, span: Span, known) -> Mistake:
    """A size that no declaration introduces."""
    return Mistake(
        f"unknown size '{_short(name)}'",
        span,
        hint=_near(name, known) or "sizes come from the declarations, as in x: real[n]",
    )


def assigned_twice(name: str, span: Span, first: Span) -> Mistake:
    """A name assigned a second time."""
    return Mistake(
        f"'{_short(name)}' is assigned twice",
        span,
        hint="every name stands for one value; choose another name",
        notes=(Note("first assigned here", first),),
    )


def assigned_input(name: str, span: Span, first: Span) -> Mistake:
    """An assignment to an input."""
    return Mistake(
        f"'{_short(name)}' is an input and cannot be assigned",
        span,
        hint="choose another name",
        notes=(Note("an input from here on", first),),
    )


def declared_twice(name: str, span: Span, first: Span) -> Mistake:
    """A name declared a second time."""
    return Mistake(
        f"'{_short(name)}' is declared twice", span, notes=(Note("first declared here", first),)
    )


def declared_late(name: str, span: Span, first: Span) -> Mistake:
    """A declaration after the name's first use."""
    return Mistake(
        f"'{_short(name)}' is declared after it is used",
        span,
        hint="put the declaration first",
        notes=(Note("used here", first),),
    )


def used_before_assignment(name: str, span: Span, later: Span) -> Mistake:
    """A name used above the statement that assigns it."""
    return Mistake(
        f"'{_short(name)}' is used before it is assigned",
        span,
        hint="move the assignment up",
        notes=(Note("assigned here", later),),
    )


def used_before_definition(name: str, span: Span, later: Span) -> Mistake:
    """A function called above its definition, or inside it."""
    return Mistake(
        f"'{_short(name)}' is called before its definition ends",
        span,
        hint="definitions come first, and none may call itself",
        notes=(Note("defined here", later),),
    )


def size_as_name(name: str, span: Span) -> Mistake:
    """A name used for a size and for a value."""
    return Mistake(
        f"'{_short(name)}' is the name of a size", span, hint="choose another name for the value"
    )


def misplaced(what: str, span: Span) -> Mistake:
    """Something that is no value where a value must stand."""
    return Mistake(f"{what} cannot stand here", span)


def integer_not_data(name: str, kind: str, span: Span) -> Mistake:
    """An int or bool input without ``data``."""
    return Mistake(
        f"'{_short(name)}' is {kind}, so it has no derivative",
        span,
        hint=f"write: data {_short(name)}: {kind}",
    )


def no_output(span: Span) -> Mistake:
    """A program that computes nothing."""
    return Mistake("the program has no output", span, hint="assign a value, as in y = x^2")


def duplicate_output(name: str, span: Span) -> Mistake:
    """An output named twice."""
    return Mistake(f"'{_short(name)}' is returned twice", span)


def statement_after_return(span: Span) -> Mistake:
    """A statement that is never reached."""
    return Mistake("nothing can follow return", span, hint="make return the last statement")


def idle_expression(span: Span) -> Mistake:
    """An expression whose value nothing uses."""
    return Mistake(
        "the value of this expression is not used", span, hint="give it a name, as in y = ..."
    )


def boolean_output(name: str, span: Span) -> Mistake:
    """An output that is true or false."""
    return Mistake(
        f"the output '{_short(name)}' is true or false",
        span,
        hint="write where(condition, 1, 0)",
    )


def unused_input(name: str, span: Span) -> Mistake:
    """A warning: an input on which no output depends."""
    return Mistake(f"no output depends on '{_short(name)}'", span, severity="warning")


def shadowed_constant(name: str, span: Span) -> Mistake:
    """A warning: a name that hides pi or inf."""
    return Mistake(f"'{name}' hides the constant of that name", span, severity="warning")


# -- what is asked of a program --------------------------------------------------------------------


def unknown_wrt(name: str, known, span: Span) -> Mistake:
    """A differentiation variable that is no input."""
    hint = _near(name, known) or f"the inputs are {', '.join(known)}"
    return Mistake(f"cannot differentiate by '{_short(name)}': it is no input", span, hint=hint)


def wrt_not_real(name: str, kind: str, span: Span) -> Mistake:
    """A differentiation variable that is not real."""
    return Mistake(f"cannot differentiate by '{_short(name)}': it is {kind}", span)


def nothing_to_differentiate(span: Span) -> Mistake:
    """A gradient of a program without a differentiated input."""
    return Mistake(
        "there is nothing to differentiate by: every input is data",
        span,
        hint="name inputs with wrt, or ask for forward alone",
    )


def gradient_of_array(outputs: str, span: Span) -> Mistake:
    """A gradient where no output is scalar."""
    return Mistake(
        f"gradient needs a scalar output, but {outputs}",
        span,
        hint="reduce the output, as in sum(y^2), or return a scalar",
    )


def which_output(names, span: Span) -> Mistake:
    """A gradient where several outputs are scalar."""
    return Mistake(
        f"several outputs are scalar: {', '.join(names)}",
        span,
        hint=f"say which one to differentiate: of={names[0]}",
    )


def unknown_output(name: str, known, span: Span) -> Mistake:
    """An ``of=`` that names no output."""
    hint = _near(name, known) or f"the outputs are {', '.join(known)}"
    return Mistake(f"'{_short(name)}' is no output", span, hint=hint)


def unknown_function_to_emit(name: str, known, span: Span) -> Mistake:
    """An ``emit=`` that names no function."""
    hint = _near(name, known) or f"choose among {', '.join(known)}"
    return Mistake(f"there is no function '{_short(name)}' to emit", span, hint=hint)


def _short(text: str) -> str:
    """Return `text` short enough for a message."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
