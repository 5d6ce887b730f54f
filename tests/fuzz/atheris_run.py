"""A coverage-guided run of the fuzzer, bounded: ``python tests/fuzz/atheris_run.py -runs=20000``.

Needs atheris (``pip install atheris``), which the test suite does without. Half of the inputs are
read as text, half as a choice of the language's tokens. Any end but a module or an ExprDiffError
stops the run and leaves the input beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))
with atheris.instrument_imports(include=["exprdiff"]):
    from fuzz.entry import check
    from fuzz.strategies import DECLARATIONS, TOKENS

LONGEST = 60  # tokens


def one_input(data: bytes) -> None:
    """Compile what `data` stands for."""
    provider = atheris.FuzzedDataProvider(data)
    if provider.ConsumeBool():
        text = provider.ConsumeUnicodeNoSurrogates(200)
    else:
        count = provider.ConsumeIntInRange(1, LONGEST)
        words = [TOKENS[provider.ConsumeIntInRange(0, len(TOKENS) - 1)] for _ in range(count)]
        text = f"{DECLARATIONS.strip()}\nJ = {' '.join(words)}"
    check(text, optimize=int(provider.ConsumeBool()))


def main() -> None:
    """Run with libFuzzer's options, at most 20000 inputs unless told otherwise."""
    bounded = any(a.startswith("-runs") for a in sys.argv)
    atheris.Setup(sys.argv if bounded else [*sys.argv, "-runs=20000"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
