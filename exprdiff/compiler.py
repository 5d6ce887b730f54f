"""From source to module: the text, and the module that it makes."""

from __future__ import annotations

import gc
import linecache
import types
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from . import option_messages
from .codegen.module import Function, Unit, write_module
from .codegen.target import TARGETS
from .diagnostics import Diagnostic, ExprDiffError, Source, Span
from .frontend.lowered import Lowered
from .frontend.parser import parse
from .graph import Node, interning
from .transforms.derived import Derived, Options
from .transforms.pipeline import derive, lowered_for, specialised

LEVELS = (0, 1)
TITLE = 90  # columns of the title in the docstring


@dataclass(frozen=True)
class Compiled:
    """The text of a module, its program with derivatives, and warnings about the source."""

    text: str
    derived: Derived
    warnings: tuple[Diagnostic, ...]


#: Called after each pass where no other `watch` is given; the tests verify the graph with it.
WATCH: Callable[[str, Sequence[Node]], None] | None = None


@contextmanager
def _collector_at_rest():
    """Keep the garbage collector from walking a growing graph again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def compile_text(
    source: str | Source,
    options: Options = Options(),  # noqa: B008  (immutable)
    watch=None,
    regenerate: str = "",
) -> Compiled:
    """Compile `source` and return the module's text.

    `watch`, where given, is called after each pass with its name and the roots of the graph.
    `regenerate` is the command that the docstring names. Raises ExprDiffError.
    """
    source = source if isinstance(source, Source) else Source(source)
    _refuse_unknown(options, source)
    with _collector_at_rest():
        program = parse(source)
        with interning():
            lowered = lowered_for(program, options)
            derived = derive(lowered, options, watch or WATCH)
            unit = _unit(lowered, derived, regenerate)
            text = write_module(unit, TARGETS[options.target])
    return Compiled(text, derived, tuple(lowered.warnings))


def _refuse_unknown(options: Options, source: Source) -> None:
    """Raise ExprDiffError for a level or a target that does not exist."""
    mistake = None
    if options.optimize not in LEVELS:
        mistake = option_messages.unknown_level(options.optimize)
    elif options.target not in TARGETS:
        mistake = option_messages.unknown_target(options.target, TARGETS)
    if mistake:
        raise ExprDiffError([mistake.diagnostic(Span(0, 0))], source)


def _unit(lowered: Lowered, derived: Derived, regenerate: str) -> Unit:
    functions = []
    for name in derived.functions:
        product = derived.products.get(name)
        local = derived.local if name == "local" else None
        functions.append(Function(name, *specialised(derived, name), product, local))
    text = "\n".join(lowered.source.lines())
    text = text.lstrip("\ufeff").rstrip("\n")
    return Unit(
        title=_title(lowered),
        source=text,
        inputs=[(x.name, x.node, x.data) for x in lowered.inputs],
        wrt=[x.name for x in derived.wrt] if set(derived.functions) - {"forward"} else [],
        outputs=[q.name for q in derived.outputs],
        functions=functions,
        notes=[f"Rewritten, {note}." for note in derived.rewritten],
        regenerate=regenerate,
        pointwise=lowered.is_pointwise,
        checks=derived.options.checks,
        everything=not derived.options.optimize,
        recompute=derived.options.recompute,
        least=lowered.least,
    )


def _title(lowered: Lowered) -> str:
    """The source's opening comment, else the statement of the first output."""
    first = lowered.source.text.lstrip("\ufeff \t\r\n").split("\n", 1)[0].strip()
    if not first.startswith("#"):
        span = lowered.statements[lowered.outputs[0].statement].span
        first = " ".join(lowered.source.text[span.start : min(span.end, span.start + 500)].split())
    title = first.strip("# ").rstrip(".") or "A formula"
    return title if len(title) <= TITLE else title[: TITLE - 4].rstrip() + " ..."


_serial = count(1)


def load(compiled: Compiled, name: str | None = None) -> types.ModuleType:
    """Return a module made from the compiled text.

    The text is registered with :mod:`linecache`, so tracebacks, pdb and ``inspect.getsource`` show
    it. The module has `source`, its text, and `graph`, the program with its derivatives.
    """
    number = next(_serial)
    name = name or f"exprdiff_{number}"
    filename = f"<exprdiff {number}: {name}>"
    lines = compiled.text.splitlines(keepends=True)
    linecache.cache[filename] = (len(compiled.text), None, lines, filename)
    module = types.ModuleType(name)
    module.__file__ = filename
    code = compile(compiled.text, filename, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    module.__dict__["source"] = compiled.text
    module.__dict__["graph"] = compiled.derived
    return module


def options_from(
    wrt: str | Sequence[str] | None,
    emit: str | Sequence[str] | None,
    optimize: int,
    of: str | None,
    stabilise: bool,
    checks: bool,
    target: str = "numpy",
    recompute: bool = False,
) -> Options:
    """Return options from what callers give: a name or several."""

    def several(names, what):
        if names is None:
            return None
        if not isinstance(names, str):
            names = tuple(names) if isinstance(names, Iterable) else (names,)
            if not all(isinstance(name, str) for name in names):
                raise TypeError(f"{what} takes names, not {names!r}")
            return names
        return tuple(name.strip() for name in names.split(",") if name.strip())

    if of is not None and not isinstance(of, str):
        raise TypeError(f"of takes a name, not {of!r}")
    by, functions = several(wrt, "wrt"), several(emit, "emit")
    return Options(by, of, functions, optimize, stabilise, checks, target, recompute)
