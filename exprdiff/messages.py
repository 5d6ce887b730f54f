"""Every message that exprdiff shows about a formula: one function for each mistake.

Each returns a :class:`~exprdiff.diagnostics.Mistake` to raise (or to collect). The text speaks the
user's terms: no token names, no internals; the hint is the likely mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from .diagnostics import Mistake, Note, Span, printable

# What functions are called in other languages and books.
_SPELLINGS = {
    theirs: ours
    for ours, names in {
        "log": "ln", "log10": "lg", "tan": "tg", "sign": "sgn signum", "abs": "fabs magnitude",
        "ceil": "ceiling", "trunc": "fix", "mean": "average avg", "sigmoid": "logistic",
        "prod": "product", "sum": "total", "norm": "length", "normcdf": "phi Phi",
        "lgamma": "gammaln loggamma", "digamma": "psi", "transpose": "t T", "eye": "identity",
        "inv": "inverse", "where": "ifelse iif", "hypot": "distance", "logsumexp": "lse",
    }.items()
    for theirs in names.split()
}  # fmt: skip


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the question whether a known name was meant, if one is near."""
    known = list(known)
    if name.lower() in known:
        return f"did you mean '{name.lower()}'?"
    if _SPELLINGS.get(name) in known:
        return f"did you mean '{_SPELLINGS[name]}'?"
    found = get_close_matches(name[:50], known, n=1, cutoff=0.65)
    return f"did you mean '{found[0]}'?" if found else None


# -- shapes and types ------------------------------------------------------------------------------


def sizes_differ(operator: str, a, b, m, n) -> Mistake:
    """Two operands that cannot broadcast."""
    hint = None
    if operator == "*" and max(a.rank, b.rank) > 1:
        hint = _matrix_product(a, b)
    if hint is None and a.rank != b.rank:
        hint = "axes are matched from the last one on: real[n, d] goes with real[d] or real[n, 1]"
    hint = hint or _one_name(m, n)
    return Mistake(f"{a.describe()} and {b.describe()}: {m} and {n} differ", hint=hint)


def _one_name(m, n) -> str | None:
    """Return what to do about two sizes with names that are really one size."""
    if getattr(m, "is_name", False) and getattr(n, "is_name", False):
        return f"if {m} and {n} are always equal, give them one name"
    return None


def _matrix_product(a, b) -> str | None:
    """Return how to write the matrix product of two operands, if they have one."""
    inner = b.node.shape[max(0, b.rank - 2)]
    if inner not in a.node.shape[-2:] or "this" in (a.text, b.text):  # inside a function
        return None
    mark = "" if inner == a.node.shape[-1] else "'"
    return f"* is elementwise; the matrix product is {_factor(a.text)}{mark} @ {_factor(b.text)}"


def matmul_sizes(a, b) -> Mistake:
    """A matrix product whose inner sizes disagree."""
    first, second = a.node.shape, b.node.shape
    m, n = first[-1], second[max(0, b.rank - 2)]
    left, right = _factor(a.text), _factor(b.text)
    hint = _one_name(m, n)
    if a.rank == b.rank == 1:
        hint = f"the outer product is {left} @ {right}'"
    elif a.rank == 1 and second[-1] == m and not a.covector:
        hint = f"the other way round they fit: {right} @ {left}"
    elif a.rank > 1 and first[-2] == n:
        hint = f"transpose the first factor: {left}' @ {right}"
    elif b.rank > 1 and second[-1] == m:
        hint = f"transpose the second factor: {left} @ {right}'"
    elif second[-1] == first[max(0, a.rank - 2)]:
        hint = f"the other way round they fit: {right} @ {left}"
    return Mistake(
        f"{short(a.text)} @ {short(b.text)}: {a.describe()} and {b.describe()}: {m} and {n} differ",
        hint=hint,
    )


def matmul_of_scalar(a, b, scalar) -> Mistake:
    """A matrix product with a number."""
    return Mistake(
        f"{short(a.text)} @ {short(b.text)}: {scalar.describe()}, and @ needs a vector or a "
        "matrix on each side",
        hint=f"a number multiplies with *: {_factor(a.text)} * {_factor(b.text)}",
    )


def matmul_covector(a, b) -> Mistake:
    """A transposed vector where a column must stand."""
    reason = f"{short(b.text)} is a transposed vector, which can only follow a vector"
    if a.covector:
        reason = "there is no product of two transposed vectors"
    return Mistake(
        f"{short(a.text)} @ {short(b.text)}: {reason}",
        hint="leave out the second transpose",
    )


def stray_covector(text: str, span: Span) -> Mistake:
    """A transposed vector away from ``@``."""
    return Mistake(
        f"{short(text)} is a transposed vector, which only stands beside @",
        span,
        hint="leave out the transpose; x' @ y is the dot product, x @ y' the outer product",
    )


def negated_covector(text: str, span: Span) -> Mistake:
    """``-x' @ y``, where the sign comes first."""
    return Mistake(
        f"{short(text)} is a transposed vector, and its sign comes before any @",
        span,
        hint="put the matrix product in brackets, as in -(x' @ y)",
    )


def covector_in_product(text: str, operator: str, product: str, span: Span) -> Mistake:
    """``2 * x' @ y``, where the first product comes first."""
    return Mistake(
        f"{short(text)} is a transposed vector, and here {operator} comes before @",
        span,
        hint=f"put the matrix product in brackets: {_factor(product)}",
    )


def no_such_axis(axis: int, what: str, rank: int) -> Mistake:
    """An axis that the operand does not have."""
    if rank == 0:
        return Mistake(f"{what}, a scalar without axes", hint="a vector is declared as x: real[n]")
    axes = ["its only axis is 0", "its axes are 0 and 1", f"its axes are 0 to {rank - 1}"]
    hint = axes[min(rank, 3) - 1]
    return Mistake(f"{what}: it has no axis {short(str(axis))}", hint=hint)


def axis_twice() -> Mistake:
    """The same axis named twice."""
    return Mistake("an axis is named twice", hint="negative axes count from the end")


def not_a_vector(function: str, what: str) -> Mistake:
    """An operand that must be a vector."""
    return Mistake(f"{function} needs vectors, but {what}", hint="a vector has one axis: real[n]")


def targets_do_not_fit(logits: str, targets: str, counted: bool) -> Mistake:
    """Targets of a cross-entropy whose shape is not that of the examples."""
    hint = "class numbers have the shape of the logits without the last axis"
    return Mistake(
        f"cross_entropy: {logits}, but {targets}",
        hint=hint
        if counted
        else "targets have the shape of the logits; class numbers are int data",
    )


def not_square(function: str, what: str) -> Mistake:
    """An operand that must be a square matrix."""
    return Mistake(
        f"{function} needs a square matrix, but {what}",
        hint="a square matrix has one size twice: real[n, n]",
    )


def not_a_condition(what: str, span: Span | None = None) -> Mistake:
    """A real where a condition must stand."""
    return Mistake(
        f"a condition must be true or false, but {what}",
        span,
        hint="compare it, as in x > 0, or declare it as bool data",
    )


# -- calls -----------------------------------------------------------------------------------------

_DERIVATIVES = ("grad", "diff", "jacobian", "hessian")


def unknown_function(name: str, span: Span, known: Iterable[str], is_variable: bool) -> Mistake:
    """A call of a function that does not exist."""
    hint = f"for a product write {short(name)}*(...)"
    if not is_variable:
        definition = f"define it above, as in {short(name)}(x) = x^2"
        hint = near(name, known) or (definition if len(name) > 1 else hint)
    return Mistake(f"unknown function '{short(name)}'", span, hint=hint)


def argument_count(name: str, names: Iterable[str], options: Iterable[str], given: int) -> Mistake:
    """Too many or too few arguments."""
    names, options = list(names), [f"{k}=" for k in options]
    count = f"{len(names) or 'no'} argument{'s' if len(names) != 1 else ''}"
    return Mistake(
        f"{short(name)} takes {count}{' and options' if options else ''}, "
        f"but {given or 'none'} {'is' if given < 2 else 'are'} given",
        hint=f"write {short(name)}({listed(names)})"
        + (f", perhaps with {' and '.join(options)}" if options else ""),
    )


def unknown_keyword(function: str, name: str, span: Span, known: Iterable[str]) -> Mistake:
    """A keyword argument that the function does not take."""
    known = list(known)
    options = f"it takes {listed(f'{k}=' for k in known)}" if known else "it takes no options"
    return Mistake(
        f"{short(function)} takes no argument '{short(name)}'",
        span,
        hint=near(name, known) or options,
    )


def keyword_twice(name: str, span: Span) -> Mistake:
    """One parameter given two values."""
    return Mistake(f"the argument '{short(name)}' is given twice", span, hint="delete one")


def named_argument(function: str, name: str, span: Span) -> Mistake:
    """An argument with a name, for a function that the program defines."""
    return Mistake(
        f"the arguments of {short(function)} are given in order, without names",
        span,
        hint=f"leave out '{short(name)}='",
    )


def not_an_integer(name: str, span: Span) -> Mistake:
    """An axis that is no integer."""
    return Mistake(
        f"{name} must be an integer, or integers in brackets",
        span,
        hint=f"as in {name}=0 or {name}=(0, 1)",
    )


def not_a_flag(name: str, span: Span) -> Mistake:
    """A flag that is neither true nor false."""
    return Mistake(f"{name} must be true or false", span, hint=f"write {name}=true")


def too_many_calls(name: str, span: Span) -> Mistake:
    """Definitions that call each other so often that the program never ends."""
    return Mistake(
        f"the program is too large: '{short(name)}' and what it calls are called too often",
        span,
        hint="definitions that each call the one before twice double the work at every step",
    )


def recursive(name: str, span: Span) -> Mistake:
    """A definition that calls itself."""
    return Mistake(
        f"'{short(name)}' calls itself",
        span,
        hint="there is no recursion: write the steps out",
    )


def used_before_definition(name: str, span: Span, later: Span) -> Mistake:
    """A function called above its definition."""
    return Mistake(
        f"'{short(name)}' is called before it is defined",
        span,
        hint="move the definition up",
        notes=(Note("defined here", later),),
    )


def defined_twice(name: str, span: Span, first: Span) -> Mistake:
    """A function defined a second time."""
    return Mistake(
        f"the function '{short(name)}' is defined twice",
        span,
        hint="choose another name",
        notes=(Note("first defined here", first),),
    )


# -- sizes -----------------------------------------------------------------------------------------


def not_a_size(span: Span) -> Mistake:
    """Something else where a size must stand."""
    return Mistake(
        "a size is an integer, a name, or made of those with + - *",
        span,
        hint="as in real[n, 3] or zeros(n + 1)",
    )


def size_too_long(span: Span) -> Mistake:
    """A size that fills pages when it is multiplied out."""
    return Mistake("the size is too long", span, hint="give it a name of its own")


def negative_size(text: str, span: Span) -> Mistake:
    """A size below zero."""
    return Mistake(f"a size cannot be negative: {short(text)}", span)


def unknown_size(name: str, span: Span, known: Iterable[str]) -> Mistake:
    """A size that no declaration introduces."""
    return Mistake(
        f"unknown size '{short(name)}'",
        span,
        hint=near(name, known) or "sizes come from the declarations, as in x: real[n]",
    )


def unreadable_size(name: str, text: str, span: Span) -> Mistake:
    """A size that no input has, though some have sizes made of it."""
    return Mistake(
        f"the size '{short(name)}' cannot be read off any input: it only occurs in {short(text)}",
        span,
        hint=f"give the size {short(text)} a name of its own, as in x: real[m]",
    )


def size_as_name(name: str, span: Span, size: Span) -> Mistake:
    """A name used for a size and for a value."""
    return Mistake(
        f"'{short(name)}' is the name of a size",
        span,
        hint="sizes are read off the inputs; choose another name for the value",
        notes=(Note("a size here", size),),
    )


# -- names -----------------------------------------------------------------------------------------


def assigned_twice(name: str, span: Span, first: Span) -> Mistake:
    """A name assigned a second time."""
    return Mistake(
        f"'{short(name)}' is assigned twice",
        span,
        hint="every name stands for one value; choose another name",
        notes=(Note("first assigned here", first),),
    )


def assigned_input(name: str, span: Span, declared: Span) -> Mistake:
    """An assignment to an input."""
    return Mistake(
        f"'{short(name)}' is an input and cannot be assigned",
        span,
        hint="choose another name, or delete the declaration",
        notes=(Note("declared here", declared),),
    )


def declared_twice(name: str, span: Span, first: Span) -> Mistake:
    """A name declared a second time."""
    return Mistake(
        f"'{short(name)}' is declared twice",
        span,
        hint="delete one of the two",
        notes=(Note("first declared here", first),),
    )


def declared_late(name: str, span: Span, first: Span) -> Mistake:
    """A declaration after the name's first use."""
    return Mistake(
        f"'{short(name)}' is declared after it is used",
        span,
        hint="put the declaration first",
        notes=(Note("used here", first),),
    )


def used_before_assignment(name: str, span: Span, later: Span) -> Mistake:
    """A name used above the statement that assigns it."""
    return Mistake(
        f"'{short(name)}' is used before it is assigned",
        span,
        hint="move the assignment up",
        notes=(Note("assigned here", later),),
    )


def used_in_itself(name: str, span: Span) -> Mistake:
    """``x = x + 1``."""
    return Mistake(
        f"'{short(name)}' is used in its own assignment",
        span,
        hint="every name stands for one value; choose another name for the new one",
    )


def misplaced(what: str, span: Span) -> Mistake:
    """A string or a list, where a value must stand."""
    what, hint = {
        "Text": ("a string", "strings only stand in functions that ask for one"),
        "Tuple": ("a list in brackets", "lists only give axes and sizes, as in axis=(0, 1)"),
    }[what]
    return Mistake(f"{what} is no value", span, hint=hint)


def integer_not_data(name: str, kind: str, written: str, span: Span) -> Mistake:
    """An int or bool input without ``data``."""
    return Mistake(
        f"'{short(name)}' is {kind}, so it has no derivative",
        span,
        hint=f"write data {short(written)}",
    )


# -- outputs ---------------------------------------------------------------------------------------


def no_output(span: Span) -> Mistake:
    """A program that computes nothing."""
    return Mistake("the program has no output", span, hint="assign a value, as in y = x^2")


def duplicate_output(name: str, span: Span) -> Mistake:
    """An output named twice."""
    return Mistake(f"'{short(name)}' is returned twice", span, hint="delete one")


def statement_after_return(span: Span) -> Mistake:
    """A statement that is never reached."""
    return Mistake("nothing can follow return", span, hint="make return the last statement")


def idle_expression(text: str, span: Span) -> Mistake:
    """An expression whose value nothing uses."""
    text = short(text) if len(text) <= 40 else "..."
    return Mistake(
        "the value of this expression is not used", span, hint=f"give it a name, as in y = {text}"
    )


def boolean_output(text: str, span: Span) -> Mistake:
    """An output that is true or false."""
    condition = short(text) if len(text) <= 40 else "condition"
    return Mistake(
        f"an output is a number, but {short(text)} is true or false",
        span,
        hint=f"write where({condition}, 1, 0)",
    )


# -- warnings --------------------------------------------------------------------------------------


def unused_input(name: str, span: Span) -> Mistake:
    """An input on which no output depends."""
    return Mistake(f"no output depends on '{short(name)}'", span, severity="warning")


def unused_function(name: str, span: Span) -> Mistake:
    """A definition that is never called, and so was never looked into."""
    return Mistake(f"the function '{short(name)}' is never called", span, severity="warning")


def reduction_of_number(what: str, function: str, span: Span) -> Mistake:
    """A warning: a reduction that has nothing to reduce."""
    return Mistake(
        f"{function} of a number is no reduction: {what}",
        span,
        hint="arrays are declared, as in x: real[n]",
        severity="warning",
    )


def shadowed_constant(name: str, span: Span) -> Mistake:
    """A name that hides pi or inf."""
    return Mistake(f"'{name}' hides the constant of that name", span, severity="warning")


def shadowed_function(name: str, span: Span) -> Mistake:
    """A definition that hides a function of the language."""
    return Mistake(f"'{name}' hides the function of that name", span, severity="warning")


# -- texts -----------------------------------------------------------------------------------------


def short(text: str) -> str:
    """Return `text` short enough for a message, and printable."""
    text = " ".join(text.split())
    return printable(text if len(text) <= 60 else text[:57] + "...")


def listed(names: Iterable[str]) -> str:
    """Return names with commas between them; the first ten, if there are more."""
    names = [short(name) for name in names]
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _factor(text: str) -> str:
    """Return the text of an operand as a hint repeats it: short, in brackets where needed."""
    text = " ".join(text.split())
    if len(text) > 30:
        return "(...)"
    return text if re.fullmatch(r"[\w.]+'*|\w*\([^()]*\)'*", text) else f"({text})"
