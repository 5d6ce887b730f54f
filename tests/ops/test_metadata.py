"""What every entry of the registry says about itself, and what registering refuses."""

import inspect
import re

import mpmath
import pytest
from ops.support import ALONG, CHOOSING, COMPOSITE, CORE, ELEMENTWISE, MOVING, REDUCTIONS

import exprdiff
from exprdiff.indexed import operators
from exprdiff.ops import REGISTRY, define
from exprdiff.ops.define import Composite, Domain, composite, elementwise, reduction

PUBLIC = [name for name, f in REGISTRY.items() if name == f.name]


def test_every_operation_is_covered():
    """The tests generated from the registry leave out no operation."""
    kinds = {*ELEMENTWISE, *REDUCTIONS, *CHOOSING, *ALONG, *CORE}
    assert set(operators) == {*kinds, *MOVING}  # the latter in tests/test_tensors.py
    assert set(PUBLIC) <= {*kinds, *COMPOSITE}


@pytest.mark.parametrize("name", sorted({*PUBLIC, *operators} - {*MOVING}))
def test_description(name):
    f = REGISTRY.get(name) or operators[name]
    assert f.doc.endswith(".")
    assert f.doc[0].isupper() or re.match(r"[-\d]|[a-z]+[ ,(]", f.doc)
    assert "\n" not in f.doc
    assert f.parameters or name in ("zeros", "ones", "eye")
    values = [p for p in f.parameters if p.kind == "value"]
    assert len({p.name for p in f.parameters}) == len(f.parameters)
    assert len(f.domains) in (1, len(values))
    assert all(d.low < d.high and d.text for d in f.domains)
    if f.convention is not None:
        assert not f.convention.endswith(".")
    if name in ELEMENTWISE:
        assert f.oracle is not None
        spare = 1 + len(values)
        assert len(inspect.signature(f.oracle).parameters) == spare + len(f.attributes)


@pytest.mark.parametrize("name", PUBLIC)
def test_formula_and_example_are_of_the_language(name):
    f = REGISTRY[name]
    for text in filter(None, (f.formula, f.example)):
        exprdiff.parse(text)
    if f.example:
        assert any(f"{called}(" in f.example for called in (f.name, *f.synonyms))
    if isinstance(f, Composite) and f.oracle is None:
        assert f.formula or f.example


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_synonyms(name):
    f = REGISTRY[name]
    assert name in (f.name, *f.synonyms)
    assert all(REGISTRY[s] is f for s in f.synonyms)
    assert name.isidentifier()


@pytest.mark.parametrize("name", [n for n in ELEMENTWISE if operators[n].commutative])
def test_commutative(name):
    op = operators[name]
    bools = op.booleans
    cases = [(True, False)] if bools else [(0.3, -1.7), (2.5, 0.1)]
    for x, y in cases:
        assert op.oracle(mpmath.mp, x, y) == op.oracle(mpmath.mp, y, x)


class TestRefusals:
    def test_a_partial_for_each_operand(self):
        with pytest.raises(TypeError, match="2 operands need 2 partial"):
            elementwise("broken", "x y", "A sentence.", None, numpy="f({0}, {1})", public=False)

    def test_a_partial_takes_the_result_too(self):
        with pytest.raises(TypeError, match="takes the result and every operand"):
            elementwise("broken", "x", "A sentence.", lambda x: x, numpy="f({0})", public=False)

    def test_a_sentence(self, monkeypatch):
        monkeypatch.setattr(define, "REGISTRY", {})
        with pytest.raises(TypeError, match="must be a sentence"):
            composite("broken", "x", "no sentence")(lambda x: x)
        assert not define.REGISTRY

    def test_a_name_of_its_own(self):
        with pytest.raises(TypeError, match="registered twice"):
            composite("sin", "x", "The sine again.")(lambda x: x)

    def test_an_unknown_option(self):
        with pytest.raises(TypeError, match="unknown colour"):
            reduction("broken", "A sentence.", vjp=None, jvp=None, numpy="f({0})", colour=1)
        operators.pop("broken", None)


def test_domain_of_one_operand_or_of_each():
    assert len(operators["xlogy"].domains) == 2
    assert operators["log"].domains == (define.POSITIVE,)
    assert Domain().text == "all reals"
