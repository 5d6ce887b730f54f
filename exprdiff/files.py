"""Reading sources and writing modules: whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from .diagnostics import Source

SUFFIX = ".expr"


class FileProblem(Exception):
    """A file that cannot be read or written; the message is for the user."""


def read_source(argument: str) -> Source:
    """Return the source that a command-line argument means.

    ``-`` is standard input; a name ending in ``.expr``, or the path of a file that is there, a
    file; anything else the formula itself. Raises FileProblem.
    """
    try:
        if argument == "-":
            return Source(_decoded(_standard(sys.stdin).read(), "<stdin>"), "<stdin>")
        if not argument.endswith(SUFFIX) and not _is_path(argument):
            # The bytes that were typed: in the C locale Python does not read them as UTF-8.
            return Source(_decoded(os.fsencode(argument), "<formula>"))
        return Source(_decoded(Path(argument).read_bytes(), argument), argument)
    except (OSError, ValueError) as error:
        name = "standard input" if argument == "-" else argument
        raise FileProblem(f"cannot read {name}: {_reason(error)}") from None


def write_out(text: str) -> None:
    """Write `text` to standard output, as UTF-8 whatever the locale.

    Raises FileProblem, or BrokenPipeError where nobody reads on.
    """
    try:
        stream = _standard(sys.stdout)
        stream.write(text.encode("utf-8"))
        stream.flush()
    except BrokenPipeError:
        _discard_output()
        raise
    except (OSError, ValueError) as error:
        _discard_output()
        raise FileProblem(f"cannot write to standard output: {_reason(error)}") from None


def write_whole(path: str, text: str) -> None:
    """Write `text` to `path` so that the file is the old one or the new one, never half of it.

    Raises FileProblem.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")  # a pipe or a device
            return
        real = Path(os.path.realpath(target))
        mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else None
        handle, name = tempfile.mkstemp(prefix=f".{real.name[:50]}.", dir=real.parent)
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o666 & ~_umask() if mode is None else mode)
            os.replace(name, real)
        except BaseException:
            os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        raise FileProblem(f"cannot write {path}: {_reason(error)}") from None


def is_current(path: str, text: str) -> bool:
    """Return whether the file at `path` holds just `text`. Raises FileProblem."""
    try:
        return Path(path).read_bytes() == text.encode("utf-8")
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise FileProblem(f"cannot read {path}: {_reason(error)}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _standard(stream) -> BinaryIO:
    """Return the bytes under a standard stream."""
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")
    return stream.buffer


def _discard_output() -> None:
    """Send what is still to be flushed nowhere, so that leaving Python does not fail over it."""
    if sys.stdout is not None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _is_path(argument: str) -> bool:
    """Whether a file is there, or a directory that is surely meant as one."""
    return os.path.isfile(argument) or (os.sep in argument and os.path.isdir(argument))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileProblem(f"{name}:{line}: this is not UTF-8 text") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
