"""The command line: ``exprdiff compile`` and ``exprdiff functions``.

The module goes to standard output, messages to standard error; the exit status is 0 for success, 1
for a mistake in the formula (or, with --check, a stale file), 2 for a mistake in the call.
"""

from __future__ import annotations

import os
import shlex
import sys

import click

from . import __version__
from .diagnostics import Diagnostic, ExprDiffError, Source
from .files import FileProblem, is_current, read_source, write_out, write_whole

STAGES = ("ast", "graph", "gradient", "code")


class _Group(click.Group):
    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except ExprDiffError as error:
            _tell(error.diagnostics, error.source)
        except FileProblem as problem:
            click.echo(f"exprdiff: {problem}", err=True)
        except BrokenPipeError:
            pass  # nobody reads on
        ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="exprdiff")
def main() -> None:
    """Compile math text to plain NumPy: the function, its gradient, and both at once."""


@main.command("compile")
@click.argument("source")
@click.option(
    "-o", "--output", metavar="FILE", help="Write the module to FILE, whole or not at all."
)
@click.option("--wrt", metavar="NAMES", help="Inputs to differentiate by, separated by commas.")
@click.option("--of", metavar="NAME", help="The output to differentiate, if several are scalar.")
@click.option("--emit", metavar="NAMES", help="Functions to write: forward, gradient, ...")
@click.option("-O", "optimize", type=click.IntRange(0, 1), default=1, show_default=True,
              help="0: the textbook, one line a node; 1: what an expert writes.")  # fmt: skip
@click.option("--stage", type=click.Choice(STAGES), default="code", show_default=True,
              help="Show an earlier stage of the compilation instead.")  # fmt: skip
@click.option("--no-stabilise", is_flag=True, help="Keep forms that overflow or cancel.")
@click.option("--no-checks", is_flag=True, help="Do not check the shapes of inputs.")
@click.option("--recompute", is_flag=True, help="Keep few values in memory, compute others again.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file of -o is stale.")
def compile_(
    source, output, wrt, of, emit, optimize, stage, no_stabilise, no_checks, recompute, check
):
    """Compile SOURCE: a formula, a file ending in .expr, or - for standard input.

    For example:  exprdiff compile "e=(a+b)*(b+1)"
    """
    from .compiler import compile_text, options_from
    from .stages import show_stage

    if check and (output is None or stage != "code"):
        raise click.UsageError("--check compares with a file: name it with -o")
    text = read_source(source)
    options = options_from(
        wrt, emit, optimize, of, not no_stabilise, not no_checks, recompute=recompute
    )
    if stage == "code":
        given = {"--wrt": wrt, "--of": of, "--emit": emit}
        flags = {"-O0": not optimize, "--no-stabilise": no_stabilise, "--no-checks": no_checks}
        flags["--recompute"] = recompute
        command = _command(text, given, [flag for flag, there in flags.items() if there])
        compiled = compile_text(text, options, regenerate=command)
        result, warnings = compiled.text, compiled.warnings
    else:
        result, warnings = show_stage(text, options, stage)
    _tell(warnings, text)
    if check:
        if not is_current(output, result):
            click.echo(f"exprdiff: {output} is stale: compile again with -o {output}", err=True)
            sys.exit(1)
    elif output is not None and output != "-":
        if os.path.exists(output) and os.path.exists(source) and os.path.samefile(output, source):
            raise click.UsageError(f"{output} is the source: write the module to another file")
        write_whole(output, result)
    else:
        write_out(result)


@main.command("functions")
@click.argument("name", required=False)
def functions(name):
    """List the functions of the language, or tell all about the function NAME.

    For example:  exprdiff functions softplus
    """
    from .reference import overview, page

    write_out(overview() if name is None else page(name))


def _command(source: Source, given: dict[str, str | None], flags: list[str]) -> str:
    """Return the command that makes the module again, as its docstring names it."""
    text = os.path.basename(source.name)
    quoted = shlex.quote(text)
    if source.name == "<formula>":
        text = source.text
        quoted = f'"{text}"'
        if len(text) > 60 or any(c in text for c in '"\\$`!'):
            return ""
    if source.name == "<stdin>" or text.startswith("-") or not text.isprintable():
        return ""
    options = [f"{flag} {shlex.quote(value)}" for flag, value in given.items() if value]
    return " ".join(["exprdiff compile", quoted, *options, *flags])


def _tell(diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
    """Print diagnostics to standard error, in colour on a terminal."""
    colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for finding in diagnostics:
        text = finding.render(source)
        if colour:
            head, _, rest = text.partition("\n")
            click.secho(head, err=True, fg="red" if finding.severity == "error" else "yellow")
            text = rest
        click.echo(text, err=True)
