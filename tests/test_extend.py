"""Adding a function is one entry, adding a rewrite is one line; everything else follows."""

import math

import numpy as np
import pytest

import exprdiff
from exprdiff.compiler import compile_text, load
from exprdiff.graph import interning
from exprdiff.indexed import operators
from exprdiff.ops.define import REGISTRY, elementwise
from exprdiff.ops.elementary import cos, exp
from exprdiff.transforms import rules_stable, stabilise
from exprdiff.transforms.pipeline import Options
from exprdiff.transforms.rewrite import Rule, Rules, wild


@pytest.fixture
def versin():
    """A made-up function, entered as README's architecture section shows."""
    versin = elementwise(
        "versin", "x", "The versed sine, 1 - cos(x).",
        lambda y, x: operators["sin"](x),
        numpy="2 * np.sin({0} / 2) ** 2", formula="1 - cos(x)",
        oracle=lambda mp, x: 1 - mp.cos(x),
    )  # fmt: skip
    yield versin
    del REGISTRY["versin"], operators["versin"]


@pytest.mark.usefixtures("versin")
def test_one_entry_adds_a_function():
    m = exprdiff.compile("y = versin(a*x)")
    assert m.forward(2, 0.5) == pytest.approx(1 - math.cos(1), rel=1e-15)
    assert m.gradient(2, 0.5) == pytest.approx((0.5 * math.sin(1), 2 * math.sin(1)))
    assert "2 * np.sin(a * x / 2) ** 2" in m.source
    x = np.linspace(0, 3, 7)
    m = exprdiff.compile("x: real[n]\ns = sum(versin(x))")
    assert m.gradient(x) == pytest.approx(np.sin(x))


@pytest.mark.usefixtures("versin")
def test_the_entry_has_a_second_derivative_and_documentation():
    from exprdiff.graph import input_
    from exprdiff.indexed import Indexed
    from exprdiff.interpret import interpret
    from exprdiff.reverse import adjoints

    with interning():
        x = input_("x")
        y = REGISTRY["versin"](Indexed(x)).node
        first = adjoints(y, [x])[x]
        second = adjoints(first, [x])[x]
        assert interpret([second], {x: 0.3})[0] == pytest.approx(math.cos(0.3))
    entry = REGISTRY["versin"]
    assert entry.doc.endswith(".")
    assert entry.formula == "1 - cos(x)"


def test_an_unknown_function_is_unknown_again():
    with pytest.raises(exprdiff.ExprDiffError, match="unknown function 'versin'"):
        exprdiff.compile("y = versin(x)")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"doc": "no full stop"}, "sentence"),
        ({"partials": ()}, "partial derivatives"),
        ({"partials": (lambda: None,)}, "operand"),
        ({"name": "sin"}, "twice"),
    ],
)
def test_an_incomplete_entry_is_refused(change, words):
    entry = {"name": "made_up", "doc": "A function.", "partials": (lambda y, x: y,)} | change
    with pytest.raises(TypeError, match=words):
        elementwise(entry["name"], "x", entry["doc"], *entry["partials"], numpy="np.sin({0})")
    assert "made_up" not in REGISTRY
    operators.pop("made_up", None)
    if change.get("name") == "sin":
        operators["sin"] = REGISTRY["sin"]


def test_one_line_adds_a_rule(monkeypatch):
    x = wild("x")
    added = Rules((Rule("exp(cos(x)) -> cos(exp(x))", exp(cos(x)), cos(exp(x)), "to see it fire"),))
    monkeypatch.setattr(stabilise, "STABLE", rules_stable.STABLE + added)
    m = load(compile_text("y = 2*exp(cos(z))"))
    assert m.forward(0.1) == pytest.approx(2 * math.cos(math.exp(0.1)))
    assert "line 1: exp(cos(x)) -> cos(exp(x)), because to see it fire" in m.source
    kept = load(compile_text("y = 2*exp(cos(z))", Options(stabilise=False)))
    assert kept.forward(0.1) == pytest.approx(2 * math.exp(math.cos(0.1)))
