"""The derivatives of matrixcalculus.org: their values, and no more operations than it prints."""

import ast
from pathlib import Path

import numpy as np
import pytest
from matrix_calculus_examples import EXAMPLES

import exprdiff

CASES = [pytest.param(x, id=x.name) for x in EXAMPLES]
CORPUS = Path(__file__).parent / "corpus" / "good"
#: Operations more, where what the site prints is nan: 0^b, a^b at a = 0, norm2 at 0.
GUARDED = {"power_base": 4, "power_exponent": 2, "fn_norm2": 1}
COUNTED = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare)


def operations(text, name):
    """Arithmetic and calls of an emitted function: not the checks, nor the copy of an input."""
    functions = [f for f in ast.parse(text).body if isinstance(f, ast.FunctionDef)]
    (function,) = [f for f in functions if f.name == name]
    body = [s for s in function.body if "_checked" not in ast.dump(s)]
    nodes = [x for s in body for x in ast.walk(s) if isinstance(x, COUNTED)]
    copies = [
        x
        for x in nodes
        if isinstance(x, ast.Call) and isinstance(x.func, ast.Attribute) and x.func.attr == "copy"
    ]
    # The minus sign of a number is a part of the number.
    signs = [
        x for x in nodes if isinstance(x, ast.UnaryOp) and isinstance(x.operand, ast.Constant)
    ]
    return len(nodes) - len(copies) - len(signs)


def test_every_example_is_a_golden_source():
    kept = {p.stem: p.read_text(encoding="utf-8") for p in CORPUS.glob("mc_*.expr")}
    assert kept == {f"mc_{x.name}": x.source for x in EXAMPLES}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("example", CASES)
def test_value(example, level):
    module = exprdiff.compile(example.source, emit=example.emit, optimize=level)
    for seed in range(3):
        values = example.values(seed)
        found = getattr(module, example.emit)(**values)
        wanted = example.derivative(**values)
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("example", CASES)
def test_operations(example):
    text = exprdiff.emit(example.source, emit=example.emit)
    found = operations(text, example.emit)
    code = text[text.index(f"def {example.emit}(") :].split("\n\n\n")[0]
    allowed = example.operations + GUARDED.get(example.name, 0)
    assert found <= allowed, f"{found} operations, {example.printed}:\n{code}"
