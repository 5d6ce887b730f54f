"""Every message about what is asked of a program, rather than about its text.

As in :mod:`exprdiff.messages`, each returns a Mistake in the user's terms with the likely mend.
"""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostics import Diagnostic, Mistake, Source, Span
from .messages import listed, near, short


class _Unplaced(Diagnostic):
    """A finding about an option, which has no place in the source."""

    def render(self, source: Source) -> str:
        text = f"{source.name}: {self.severity}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class _OptionMistake(Mistake):
    """A mistake in what is asked of a program, not in its text."""

    def diagnostic(self, span: Span) -> Diagnostic:
        return _Unplaced(self.message, span, **self.details)


def unknown_wrt(name: str, known: Iterable[str]) -> Mistake:
    """A differentiation variable that is no input."""
    known = list(known)
    inputs = f"the program has {listed(known)}" if known else "the program has no inputs"
    return _OptionMistake(
        f"cannot differentiate by '{short(name)}': it is no input and no value of the program",
        hint=near(name, known) or inputs,
    )


def dependent_wrt(function: str, value: str, other: str) -> Mistake:
    """A second or directional derivative by a value and by something that it is made of."""
    return _OptionMistake(
        f"{function} by '{short(value)}' and '{short(other)}': '{short(value)}' depends on "
        f"'{short(other)}'",
        hint="name only one of them with wrt",
    )


def wrt_not_real(name: str, kind: str, span: Span) -> Mistake:
    """A differentiation variable that is not real."""
    return Mistake(
        f"cannot differentiate by '{short(name)}': it is {kind}",
        span,
        hint="only real inputs have derivatives",
    )


def nothing_to_differentiate() -> Mistake:
    """A gradient of a program without a differentiated input."""
    return _OptionMistake(
        "there is no input to differentiate by",
        hint="declare one without data, name it with wrt, or emit forward alone",
    )


def unknown_target(name: str, known: Iterable[str]) -> Mistake:
    """A language of emission that does not exist."""
    hint = near(name, known) or f"choose among {listed(list(known))}"
    return _OptionMistake(f"there is no target '{short(name)}'", hint=hint)


def unknown_level(level: object) -> Mistake:
    """A level of optimisation that does not exist."""
    return _OptionMistake(f"there is no level {short(repr(level))}", hint="choose 0 or 1")


def gradient_of_array(function: str, outputs: str, span: Span) -> Mistake:
    """A gradient, or what is made of one, where no output is scalar."""
    what = "a gradient" if function == "value_and_gradient" else f"a {function.partition('_')[0]}"
    what = function if function in ("hvp", "local") else what
    return Mistake(
        f"{what} needs a scalar output, but {outputs}",
        span,
        hint="reduce the output, as in sum(y^2), or emit jacobian",
    )


def which_output(names: Iterable[str], span: Span) -> Mistake:
    """A gradient where several outputs are scalar."""
    names = list(names)
    name = short(names[0])
    return Mistake(
        f"several outputs are scalar: {listed(names)}",
        span,
        hint=f"choose which one to differentiate: of={name} in Python, --of {name} in the shell",
    )


def unknown_output(name: str, known: Iterable[str]) -> Mistake:
    """An ``of=`` that names no output."""
    known = list(known)
    return _OptionMistake(
        f"'{short(name)}' is no output",
        hint=near(name, known) or f"the outputs are {listed(known)}",
    )


def unknown_function_to_emit(name: str, known: Iterable[str]) -> Mistake:
    """An ``emit=`` that names no function."""
    return _OptionMistake(
        f"there is no function '{short(name)}' to emit",
        hint=near(name, known) or f"choose among {listed(known)}",
    )


def no_such_function(name: str, known: Iterable[str]) -> Mistake:
    """A function asked about that the language does not have."""
    return _OptionMistake(
        f"there is no function '{short(name)}'",
        hint=near(name, known) or "exprdiff functions lists them all",
    )
