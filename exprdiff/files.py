"""Reading sources and writing modules: whole, or not at all."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from .diagnostics import Source

SUFFIX = ".expr"


class FileProblem(Exception):
    """A file that cannot be read or written; the message is for the user."""


def read_source(argument: str) -> Source:
    """Return the source that a command-line argument means.

    ``-`` is standard input, a name ending in ``.expr`` a file, anything else the formula itself.
    Raises FileProblem.
    """
    if argument == "-":
        return Source(_decoded(sys.stdin.buffer.read(), "<stdin>"), "<stdin>")
    if not argument.endswith(SUFFIX) and not _is_file(argument):
        return Source(argument)
    try:
        data = Path(argument).read_bytes()
    except (OSError, ValueError) as error:
        raise FileProblem(f"cannot read {argument}: {_reason(error)}") from None
    return Source(_decoded(data, argument), argument)


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


def _is_file(argument: str) -> bool:
    try:
        return os.path.isfile(argument)
    except ValueError:
        return False


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileProblem(f"{name}:{line}: the file is not UTF-8 text") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
