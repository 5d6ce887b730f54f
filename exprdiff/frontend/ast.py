"""The syntax tree: frozen dataclasses, each with the span of its text, and no behaviour.

Chains of equal precedence stay flat (`a + b - c` is one :class:`Arithmetic`), so a sum of a hundred
thousand terms is one node; nesting is as deep as the user's own brackets. Nothing here or in the
passes that read it recurses over that depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..diagnostics import Source, Span


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Base of all expressions."""

    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Number(Expression):
    """A literal; exact where it is a decimal of moderate size, else the nearest float."""

    value: int | Fraction | float


@dataclass(frozen=True, slots=True, eq=False)
class Text(Expression):
    """A quoted string, as in ``einsum("ij,j->i", A, x)``."""

    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """A variable, in NFKC form."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Expression):
    """``-x``, ``+x`` or ``not x``; `operator` is ``"-"``, ``"+"`` or ``"not"``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Expression):
    """A left-associative chain: `first`, then (operator, operand) pairs of one precedence.

    Operators are ``+ -`` or ``* / @``.
    """

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Power(Expression):
    """``base ^ exponent``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Expression):
    """``a < b <= c``: `first`, then (operator, operand) pairs; ``< <= == != >= >``."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Expression):
    """A chain of ``and`` or of ``or``."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Expression):
    """``value if condition else otherwise``."""

    value: Expression
    condition: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Keyword:
    """``axis=1`` in a call."""

    span: Span
    name: str
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """``f(x, axis=1)``; `name` is the function, `name_span` its place."""

    name: str
    name_span: Span
    arguments: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tuple(Expression):
    """``(0, 1)``, for the axes and shapes that functions take."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Transpose(Expression):
    """``x'`` or ``x.T``."""

    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Expression):
    """``start:stop:step`` in an index; each part may be None."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsis_(Expression):
    """``...`` in an index."""


@dataclass(frozen=True, slots=True, eq=False)
class Index(Expression):
    """``operand[items]``; a new axis is the :class:`Name` ``None``."""

    operand: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """Base of all statements."""

    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Declaration(Statement):
    """``data X, Y: real[n, d] positive``; `kind` is ``real``, ``int`` or ``bool``."""

    names: tuple[Name, ...]
    data: bool
    kind: str
    sizes: tuple[Expression, ...]
    facts: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Assignment(Statement):
    """``z = X @ w``."""

    target: Name
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Definition(Statement):
    """``f(x, k) = x^k + 1``, or with `locals`, ``f(x) = { u = x^2; u + 1 }``."""

    name: str
    name_span: Span
    parameters: tuple[Name, ...]
    body: Expression
    locals: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Return(Statement):
    """``return J, p``."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bare(Statement):
    """An expression that stands alone; as the last statement it is the output ``result``."""

    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A parsed source."""

    source: Source
    statements: tuple[Statement, ...]


#: The functions that differentiate by the variable that is their second argument.
DERIVATIVES = ("diff", "grad", "jacobian", "hessian")


def variables_of(program: Program) -> frozenset[str]:
    """Return the names by which the program differentiates something."""
    if not any(name in program.source.text for name in DERIVATIVES):
        return frozenset()
    names = set()
    pending: list = list(program.statements)
    while pending:
        x = pending.pop()
        if isinstance(x, tuple):
            pending += x
        elif isinstance(x, Expression | Statement | Keyword):
            if isinstance(x, Call) and x.name in DERIVATIVES:
                given = [*x.arguments[1:2], *(k.value for k in x.keywords)]
                names.update(y.name for y in given if isinstance(y, Name))
            for kind in type(x).__mro__:
                pending += [getattr(x, field) for field in getattr(kind, "__slots__", ())]
    return frozenset(names)
