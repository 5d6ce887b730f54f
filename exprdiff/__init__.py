"""Compile math text to plain NumPy: the function, its gradient, and both at once.

>>> import exprdiff
>>> m = exprdiff.compile("e = (a + b)*(b + 1)")
>>> m.forward(2, 1)
6
>>> m.gradient(2, 1)
(2, 5)
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from .diagnostics import ExprDiffError, Source

__version__ = "0.1.0"
__all__ = ["ExprDiffError", "Source", "__version__", "compile", "emit", "parse"]


def compile(
    source: str | Source,
    wrt: str | Sequence[str] | None = None,
    emit: str | Sequence[str] | None = None,
    target: str = "numpy",
    optimize: int = 1,
    name: str | None = None,
    *,
    of: str | None = None,
    stabilise: bool = True,
    checks: bool = True,
    recompute: bool = False,
) -> ModuleType:
    """Compile a program and return the module it makes.

    Args:
        source: the program's text.
        wrt: the inputs to differentiate by; every real input that is no data, if None.
        emit: the functions to write; ``forward``, ``gradient``, ``value_and_gradient``, if None.
        target: the language of emission.
        optimize: 0 for the textbook's one line a node, 1 for the code an expert writes.
        name: the module's name.
        of: the output to differentiate; the only scalar one, if None.
        stabilise: whether forms that overflow or cancel are replaced.
        checks: whether the functions check the shapes of their inputs.
        recompute: whether long programs keep few of the values that their derivatives need, and
            compute the others again: less memory for more time.

    Returns:
        A module with those functions, `source` (its text) and `graph`.

    Raises:
        ExprDiffError: the program has a mistake; it says where and how to mend it.
    """
    from .compiler import compile_text, load, options_from

    options = options_from(wrt, emit, optimize, of, stabilise, checks, target, recompute)
    return load(compile_text(source, options), name)


def emit(
    source: str | Source,
    wrt: str | Sequence[str] | None = None,
    emit: str | Sequence[str] | None = None,
    target: str = "numpy",
    optimize: int = 1,
    *,
    of: str | None = None,
    stabilise: bool = True,
    checks: bool = True,
    recompute: bool = False,
) -> str:
    """Compile a program and return the text of its module; see :func:`compile`."""
    from .compiler import compile_text, options_from

    options = options_from(wrt, emit, optimize, of, stabilise, checks, target, recompute)
    return compile_text(source, options).text


def parse(source: str | Source):
    """Return the syntax tree of a program. Raises ExprDiffError for a mistake of syntax."""
    from .frontend.parser import parse as parse_source

    return parse_source(source)
