"""What several test modules share."""

from pathlib import Path

import pytest

from exprdiff import compiler
from exprdiff.verify import verify


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files from what the tests get, to be read and committed",
    )


@pytest.fixture
def update_golden(request):
    """Return ``check(path, text)``, which compares with a golden file byte for byte.

    With ``--update-golden`` it writes the file instead.
    """
    update = request.config.getoption("--update-golden")

    def check(path: Path, text: str) -> None:
        if update:
            path.write_text(text, encoding="utf-8", newline="")
        wanted = path.read_bytes().decode("utf-8") if path.exists() else None
        assert text == wanted, f"{path.name}: to accept the new text run pytest --update-golden"

    return check


@pytest.fixture(autouse=True)
def verified(monkeypatch):
    """Verify the graph after every pass of every compilation in the suite."""
    monkeypatch.setattr(compiler, "WATCH", lambda name, roots: verify(roots))
