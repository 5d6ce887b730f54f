"""What every fuzzer calls: a text ends in a module or in an ExprDiffError, and in nothing else."""

from __future__ import annotations

import warnings

import exprdiff


def check(text: str, **options) -> str:
    """Compile `text`; return the module's text, or the message of the mistake.

    Raises whatever else comes of it: a crash, a warning, code that is no Python, a message that
    cannot be shown.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            emitted = exprdiff.emit(text, **options)
        except exprdiff.ExprDiffError as error:
            message = str(error)
            assert message
            for finding in error.diagnostics:
                assert 0 <= finding.span.start <= finding.span.end <= len(text)
            return message
        compile(emitted, "emitted", "exec")
        return emitted
