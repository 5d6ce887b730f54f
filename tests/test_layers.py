"""A module imports only from lower layers and from its own folder; NumPy and Lark stay outside."""

import ast
from pathlib import Path

import pytest

import exprdiff

PACKAGE = Path(exprdiff.__file__).parent

#: Layer of each module or folder; the architecture section of the README shows the same table.
LAYERS = {
    "diagnostics": 0, "dims": 0, "exact": 0,
    "messages": 0.1, "syntax_messages": 0.2, "option_messages": 0.2,
    "tensor_messages": 0.2, "files": 0.1,
    "graph": 1, "normal": 1.1, "indexed": 1.2, "show": 1.3, "verify": 1.4, "reverse": 1.5,
    "forward": 1.5, "taylor": 1.6,
    "ops": 2,
    "frontend": 3, "interpret": 3,
    "transforms": 4,
    "codegen": 5,
    "compiler": 6, "stages": 6, "reference": 6.1,
    "__init__": 7, "cli": 7.1, "__main__": 7.2,
}  # fmt: skip
NUMPY = {"interpret"}
LARK = {"frontend"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The module, or the folder, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path):
    """Yield (package, room) for every import statement: ours have the package "exprdiff"."""
    inside = len(path.relative_to(PACKAGE).parts) - 1
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((a.name.split(".")[0], "") for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0], ""
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            if node.level == inside + 1:  # the package itself
                yield from (("exprdiff", parts[0] if parts else a.name) for a in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path):
    own = room(path)
    for package, other in imported(path):
        if package == "exprdiff" and other != own:
            level = LAYERS.get(other, LAYERS["__init__"])  # __version__ and its like
            assert level < LAYERS[own], f"{own} imports {other}"
        assert package != "numpy" or own in NUMPY, f"{own} imports NumPy"
        assert package != "lark" or own in LARK, f"{own} imports Lark"


def test_every_room_has_a_layer():
    assert {room(p) for p in modules()} == set(LAYERS)


def test_files_are_short_and_lines_too():
    for path in modules():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 520, path
        assert max(map(len, lines), default=0) <= 100, path
