"""Mistakes in subscripts, in linear algebra and in derivatives inside a program."""

from __future__ import annotations

from .diagnostics import Mistake, Span
from .messages import near, short


def not_a_variable(function: str, span: Span) -> Mistake:
    """A derivative by something that is no variable."""
    return Mistake(
        f"{function} is by a variable: an input, or a name that was assigned",
        span,
        hint="give the expression a name, and use the name in the formula",
    )


def not_elementwise(what: str, by: str) -> Mistake:
    """``diff`` of an array by another that does not belong to it element by element."""
    return Mistake(
        f"diff is element by element, but the two do not go together so: {what}, {by}",
        hint="jacobian(u, x) gives every derivative",
    )


def not_a_number(function: str, what: str) -> Mistake:
    """A gradient of an array."""
    return Mistake(
        f"{function} is of a number: {what}", hint="jacobian(r, x) gives every derivative"
    )


def not_a_count(name: str, span: Span) -> Mistake:
    """An option that must be a whole number from 0 on."""
    return Mistake(f"'{name}' must be a whole number, 0 or more, and at most 50", span)


def derivative_too_long(order: int) -> Mistake:
    """Code that nobody could read, nor this machine hold."""
    return Mistake(
        f"the derivative of order {order} would be too long",
        hint="derivatives within derivatives multiply; diff(u, x, n) takes all n at once",
    )


def rank_too_small(function: str, what: str, rank: int) -> Mistake:
    """An operand that has too few axes."""
    kind = "a matrix" if rank == 2 else f"an array of {rank} axes"
    return Mistake(f"{function} is of {kind}: {what}")


def ellipsis_twice(span: Span) -> Mistake:
    """A second ``...`` among subscripts."""
    return Mistake("'...' stands for all other axes, so there can be only one", span)


def too_many_subscripts(what: str, count: int, span: Span) -> Mistake:
    """More subscripts than axes."""
    shown = "a subscript is" if count == 1 else f"{count} subscripts are"
    return Mistake(f"{shown} too many: {what}", span)


def bad_step(span: Span) -> Mistake:
    """The step of a slice is no whole number, or 0."""
    return Mistake("the step of a slice must be a whole number other than 0", span)


def not_an_index(what: str, span: Span) -> Mistake:
    """A subscript that is neither a whole number nor an array of them."""
    return Mistake(
        f"a subscript must be a whole number, a slice, or int or bool data: {what}",
        span,
        hint="declare an index as in: data k: int[m]",
    )


def not_a_mask(what: str, span: Span) -> Mistake:
    """A boolean subscript that is computed: how many elements it chooses has no name."""
    return Mistake(
        f"a boolean subscript must be bool data: {what}",
        span,
        hint="declare it, as in: data m: bool[n]; or take where(m, x, 0), or m*x",
    )


def mask_differs(mask: str, what: str, axis: int, span: Span) -> Mistake:
    """A boolean subscript of another shape than the axes that it is for."""
    return Mistake(f"{mask}, and does not fit {what} at axis {axis}", span)


def index_outside(index: object, what: str, size: object, span: Span) -> Mistake:
    """A subscript beyond the end of its axis."""
    return Mistake(f"{index} is outside an axis of size {size}: {what}", span)


def not_a_text(name: str, span: Span) -> Mistake:
    """An option that must be a text in quotes."""
    return Mistake(f"'{name}' must be a text in quotes, as in \"ij,j->i\"", span)


def bad_subscripts(text: str, why: str) -> Mistake:
    """Subscripts of einsum that do not fit its operands, or that nobody can read."""
    return Mistake(f'einsum("{short(text)}"): {why}')


def not_joinable(function: str, first: str, other: str, axis: int | None) -> Mistake:
    """Arrays that do not go together along an axis."""
    if axis is None:
        return Mistake(f"{function}: the shapes differ: {first}, and {other}")
    return Mistake(f"{function}: all sizes but that of axis {axis} must agree: {first}, {other}")


def not_reshapable(what: str, count: object, shape) -> Mistake:
    """Another number of elements."""
    wanted = ", ".join("-1" if n == -1 else str(n) for n in shape)
    return Mistake(f"{what}, which has {count} elements: they do not fill ({wanted})")


def not_squeezable(what: str, axis: int, size: object) -> Mistake:
    """An axis that is not of size 1."""
    return Mistake(f"axis {axis} has size {size}, not 1, and cannot be left out: {what}")


def not_broadcastable(what: str, shape) -> Mistake:
    """A shape to which an array does not stretch."""
    return Mistake(f"{what}, and does not broadcast to ({', '.join(map(str, shape))})")


def bad_widths(what: str) -> Mistake:
    """Widths of ``pad`` that do not fit the axes."""
    return Mistake(
        f"pad takes a width, a pair (before, after), or a pair for each axis: {what}",
        hint="as in pad(x, 1), pad(x, (1, 2)) or pad(X, ((1, 1), (0, 2)))",
    )


def not_a_width(span: Span) -> Mistake:
    """A width of ``pad`` that nobody can read."""
    return Mistake("a width must be a size, or a pair of sizes in brackets", span)


def wrong_size(function: str, what: str, size: int) -> Mistake:
    """An operand whose last axis must have one certain size."""
    return Mistake(
        f"{function} is of vectors with {size} elements: {what}", hint=f"declare it as real[{size}]"
    )


def not_two_matrices(function: str, first: str, other: str) -> Mistake:
    """Operands that are neither two matrices nor two vectors."""
    return Mistake(f"{function} is of two matrices, or of two vectors: {first}, {other}")


def unknown_fact(name: str | None, span: Span, known) -> Mistake:
    """A word behind a type that states nothing known."""
    listed = ", ".join(x if x != "in" else "in [0, 1]" for x in known)
    if name is None:
        return Mistake("what follows a type states a fact", span, hint=f"one of {listed}")
    question = near(name, known) if len(name) > 2 else None
    if question:
        return Mistake(f"unknown fact '{short(name)}'", span, hint=question)
    return Mistake(
        f"unknown fact '{short(name)}'; sizes stand in square brackets",
        span,
        hint=f"as in real[n, d]; the facts are {listed}",
    )


def fact_of_reals(name: str, span: Span) -> Mistake:
    """A fact of integers or booleans."""
    return Mistake(f"'{name}' can be stated of real inputs only", span)


def fact_of_matrices(name: str, span: Span) -> Mistake:
    """A matrix fact of what is no square matrix."""
    return Mistake(
        f"'{name}' is a fact of square matrices", span, hint="as in A: real[n, n] " + name
    )


def fact_of_arrays(name: str, span: Span) -> Mistake:
    """A fact of an axis, of a number."""
    return Mistake(f"'{name}' is a fact of arrays", span, hint="as in p: real[n] " + name)


def fact_twice(name: str, span: Span) -> Mistake:
    """The same fact again."""
    return Mistake(f"'{name}' is stated twice", span)


def bad_interval(span: Span) -> Mistake:
    """``in`` without two numbers in order."""
    return Mistake("an interval has two numbers, the smaller first", span, hint="as in [0, 1]")


def one_axis(function: str) -> Mistake:
    """Several axes of a function that goes along one."""
    return Mistake(f"{function} is over one axis, or over everything")


def size_unknown(what: str, span: Span | None = None) -> Mistake:
    """``vector(1)`` where nothing tells its size."""
    return Mistake(
        f"nothing tells the size of {short(what)}",
        span,
        hint="it takes that of what it is added to or multiplied with; else write ones(n)",
    )


def not_a_row(what: str) -> Mistake:
    """A row of ``matrix`` that is no vector."""
    return Mistake(
        f"the rows of a matrix are vectors: {what}",
        hint="as in matrix(vector(a, b), vector(c, d)), or matrix((a, b), (c, d))",
    )
