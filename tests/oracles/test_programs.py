"""Every program of the table against JAX, autograd, the interpreter, and itself."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from oracles.backends import NUMPY, ORACLES, Unsupported
from oracles.checks import agree, gradients, interpreted, plural, strictly, verified
from oracles.programs import BINARY, ELEMENTWISE, PROGRAMS, SIZES

import exprdiff
from exprdiff.ops import REGISTRY
from exprdiff.ops.define import Elementwise

CASES = [pytest.param(p, id=p.name.replace(" ", "-")) for p in PROGRAMS]
RUNS = [pytest.param(p, s, id=f"{p.name.replace(' ', '-')}-{s}") for p in PROGRAMS for s in p.sizes]


@cache
def module(p, optimize=1, stabilise=True):
    return exprdiff.compile(p.source, optimize=optimize, stabilise=stabilise, **p.options)


def test_table_is_large_and_covers_the_registry():
    assert len(PROGRAMS) >= 80
    elementwise = {name for name, f in REGISTRY.items() if isinstance(f, Elementwise)}
    untested = elementwise - set(ELEMENTWISE) - set(BINARY)
    assert all(REGISTRY[name].oracle for name in untested - {"where"}), untested


@pytest.mark.parametrize("p, sizes", RUNS)
def test_agrees_with_the_oracles(p, sizes):
    values = p.values(sizes)
    with strictly():
        outputs, value, found = gradients(module(p), values)
        repeated = gradients(module(p), values)
    assert all(np.array_equal(a, b) for a, b in zip(found, repeated[2], strict=True))
    agree(value, outputs[p.index], 1e-15, "the value")
    wanted = p.outputs(NUMPY, *values)
    for name, a, b in zip(module(p).OUTPUTS, outputs, wanted, strict=True):
        agree(a, b, p.tolerance, name)
    compared = 0
    for name in ("jax", "autograd") if sizes == "distinct" else ("autograd", "jax"):
        try:
            expected, partials = getattr(ORACLES, name)(p.target, values, p.positions)
        except Unsupported:
            assert name == "autograd"
            continue
        tolerance = p.tolerance if name == "autograd" else max(p.tolerance, 1e-12)
        agree(value, expected, tolerance, f"value of {name}")
        scale = max(np.max(np.abs(g), initial=0.0) for g in partials)
        for input_name, a, b in zip(module(p).WRT, found, partials, strict=True):
            agree(a, b, tolerance, f"derivative by {input_name}, by {name}", scale)
        compared += 1
        if sizes != "distinct":
            break
    assert compared


@pytest.mark.parametrize("p, sizes", RUNS)
def test_levels_agree(p, sizes):
    values = p.values(sizes)
    with strictly():
        outputs, _, found = gradients(module(p), values)
    for other in (module(p, 0), module(p, 1, False), module(p, 0, False)):
        with np.errstate(all="ignore"):  # the textbook evaluates both branches of a choice
            others, _, partials = gradients(other, values)
        for a, b in zip((*others, *partials), (*outputs, *found), strict=True):
            agree(a, b, max(p.tolerance, 1e-12), "level")


@pytest.mark.parametrize("p", CASES)
def test_every_pass_keeps_the_invariants_and_the_meaning(p):
    for optimize in (1, 0):
        passes, checked = verified(p.source, optimize=optimize, **p.options)
        assert passes
        assert checked.source == module(p, optimize).source
        if not optimize:
            continue  # the textbook's graph is cut at every line
        values = p.values(p.sizes[0])
        partials, outputs = interpreted(checked, values)
        ours, _, found = gradients(checked, values)
        for a, b in zip((*ours, *found), (*outputs, *partials), strict=True):
            agree(a, b, p.tolerance, "interpreter")


@pytest.mark.parametrize("p", CASES)
def test_every_form_of_input_is_taken(p):
    values = p.values(p.sizes[0])
    m = module(p)
    expected = m.value_and_gradient(*values)
    by_name = m.value_and_gradient(**dict(zip(m.INPUTS, values, strict=True)))
    lists = m.value_and_gradient(*(x.tolist() for x in values))
    ordered = m.value_and_gradient(*(np.asarray(x, order="F") for x in values))
    for other in (by_name, lists, ordered):
        agree(other[0], expected[0], 1e-13)
        for a, b in zip(plural(other[1]), plural(expected[1]), strict=True):
            agree(a, b, 1e-13)
    # Integers, shifted until most domains are met.
    whole = [
        np.asarray(np.ceil(np.abs(x)) + 1, dtype=int) if x.dtype == float else x for x in values
    ]
    with np.errstate(all="ignore"):
        floats = m.value_and_gradient(
            *(x * 1.0 if i in p.positions else x for i, x in enumerate(whole))
        )
        integers = m.value_and_gradient(*whole)
        listed = m.value_and_gradient(*(x.tolist() for x in whole))
    for other in (integers, listed):
        np.testing.assert_allclose(other[0], floats[0], rtol=1e-13, atol=1e-13)
        for a, b in zip(plural(other[1]), plural(floats[1]), strict=True):
            if "np" in vars(m):
                assert np.asarray(a).dtype == np.float64
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


POINTWISE = [
    c for c, p in zip(CASES, PROGRAMS, strict=True) if not any(d.shape for d in p.inputs.values())
]


@pytest.mark.parametrize("p", POINTWISE)
def test_pointwise_programs_take_arrays(p):
    random = np.random.default_rng(1)
    values = [
        np.array([draw(random, SIZES["one"]) for _ in range(6)]) for draw in p.inputs.values()
    ]
    m = module(p)
    with strictly():
        value, found = m.value_and_gradient(*values)
        for i in range(6):
            at, partials = m.value_and_gradient(*(x[i] for x in values))
            agree(np.broadcast_to(value, 6)[i], at, 1e-13)
            for a, b in zip(plural(found), plural(partials), strict=True):
                assert np.shape(a) in ((6,), ()), "a constant derivative is one number"
                agree(np.broadcast_to(a, 6)[i], b, 1e-13)


def test_gradients_share_no_memory_with_one_another():
    m = exprdiff.compile("x: real[n]\ny: real[n]\nJ = norm(x + y)")
    a, b = m.gradient(np.ones(3), np.ones(3))
    assert not np.shares_memory(a, b)


HASHES = """
import hashlib, sys
import exprdiff
from oracles.programs import PROGRAMS
for p in PROGRAMS:
    for optimize in (0, 1):
        try:
            text = exprdiff.emit(p.source, optimize=optimize, **p.options)
        except Exception as error:  # other tests tell of it
            text = repr(type(error))
        print(hashlib.sha256(text.encode()).hexdigest(), optimize, p.name)
"""


def test_hash_seeds_give_the_same_bytes():
    printed = []
    for seed in ("1", "2025"):
        folder = Path(__file__).resolve().parents[1]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(folder)}
        command = [sys.executable, "-c", HASHES]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout.splitlines())
    assert printed[0] == printed[1]
