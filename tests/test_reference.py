"""The reference of the functions: from the registry alone, and true."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import exprdiff
from exprdiff import reference
from exprdiff.cli import main
from exprdiff.ops import REGISTRY
from exprdiff.ops.define import Elementwise

DOCUMENT = Path(__file__).parent.parent / "docs" / "functions.md"
FUNCTIONS = {f.name: f for f in reference.functions()}
#: Points inside of most domains, at none of which a rule changes over.
PRIVATE = ("sech2", "sinc_derivative", "polygamma", "floor_divide")
POINTS = (0.3, 0.7, 1.6, -0.4, 2.5)


def test_document(update_golden):
    update_golden(DOCUMENT, reference.document())


def test_every_function_has_a_topic():
    assert set(FUNCTIONS) == {f.name for f in REGISTRY.values()}
    listed = reference.overview()
    for f in FUNCTIONS.values():
        assert f"  {reference.call_text(f)}" in listed
        assert f.doc in listed


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_page(name):
    """A page by any name says what the registry says, with the code of an example."""
    ran = CliRunner().invoke(main, ["functions", name])
    assert ran.exit_code == 0
    f = REGISTRY[name]
    text = " ".join(ran.output.split())
    assert ran.output.startswith(f"{f.name}(")
    for part in (f.doc, f.formula, f.convention, f.example, *f.synonyms):
        assert part is None or " ".join(part.split()) in text
    assert max(map(len, ran.output.splitlines())) <= 100


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if isinstance(f, Elementwise)])
def test_derivative_rules_are_true(name):
    """What is printed, compiled as a formula, is the derivative."""
    f = FUNCTIONS[name]
    rules = reference.derivative_rules(f)
    operands = [p.name for p in f.parameters]
    data = [f"data {x}: bool" for i, x in enumerate(operands) if i in f.booleans]
    call = "\n".join([*data, f"f = {name}({', '.join(operands)})"])
    module = exprdiff.compile(call)
    tried = 0
    for x, rule in rules:
        if any(private in rule for private in PRIVATE):
            continue
        written = exprdiff.compile("\n".join([*data, f"f = {rule}"]), emit="forward")
        for point in itertools.product(POINTS, repeat=len(operands)):
            values = dict(zip(operands, point, strict=True))
            values |= {n: values[n] > 0.5 for i, n in enumerate(operands) if i in f.booleans}
            with np.errstate(all="ignore"):
                gradient = module.gradient(**values)
                one = len(rules) == 1
                got = gradient if one else gradient[[r for r, _ in rules].index(x)]
                want = written.forward(**{n: values[n] for n in written.INPUTS})
            if np.isfinite(want):
                tried += 1
                np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    assert tried or all("(" in rule for _, rule in rules)


def test_an_unknown_name_is_a_mistake_with_a_mend():
    ran = CliRunner().invoke(main, ["functions", "sine"])
    assert ran.exit_code == 1
    assert "there is no function 'sine'" in ran.output
    assert "did you mean 'sin'?" in ran.output


FORMULAS = {
    n: f
    for n, f in FUNCTIONS.items()
    if f.formula and reference.topic(f) == "elementwise" and not getattr(f, "booleans", ())
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_true(name):
    """The formula of a function of numbers, compiled, is the function."""
    f = FORMULAS[name]
    operands = [p.name for p in f.parameters]
    module = exprdiff.compile(f"f = {name}({', '.join(operands)})", emit="forward")
    written = exprdiff.compile(f"f = {f.formula}", emit="forward")
    tried = 0
    for point in itertools.product(POINTS, repeat=len(operands)):
        values = dict(zip(operands, point, strict=True))
        with np.errstate(all="ignore"):
            want = written.forward(**{n: values[n] for n in written.INPUTS})
            got = module.forward(**values)
        if np.isfinite(want):
            tried += 1
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert tried
