"""Time, length and cost grow linearly; nothing emitted is wide or deep."""

import ast
import math
import sys
import time

import numpy as np
import pytest

import exprdiff
from exprdiff.compiler import compile_text, load

COLUMNS, DEPTH = 100, 60
RATIO = 20  # of times for a tenfold source; 10 and slack for a busy machine
COST = 5
#: A tie of two is shared, and a branch not taken silent: three comparisons and two choices each.
COSTS = {"maxima": 11}


def sums(count):
    return "y = " + " + ".join(f"a{i}*a{i}" for i in range(count))


def chain(count):
    lines = ["x0 = a*b"] + [f"x{i} = sin(x{i - 1}) + a" for i in range(1, count)]
    return "\n".join(lines)


def vectors(count):
    lines = ["x: real[n]", "w: real[n]", "t0 = x*w"]
    lines += [f"t{i} = tanh(t{i - 1})*x + w" for i in range(1, count)]
    return "\n".join([*lines, f"J = sum(t{count - 1}^2)"])


def logistics(count):
    text = "x"
    for k in range(count):
        text = f"1/(1 + exp(-k{k}*({text})))"
    return "y = " + text


SCALED = {
    "power by products": lambda n: "y = " + "*".join("x" * n),
    "Speelpenning": lambda n: "y = " + "*".join(f"x{i}" for i in range(n)),
    "distinct terms": lambda n: "y = " + " + ".join(f"a{i}" for i in range(n)),
    "equal terms": lambda n: "y = " + " + ".join(["a"] * n),
    "products summed": sums,
    "quotients": lambda n: "y = " + "/".join(["x"] * n),
    "chain": chain,
    "brackets": lambda n: "y = " + "(" * n + "x" + ")" * n + "*x",
    "nested calls": lambda n: "f(x) = sin(x)\ny = " + "f(" * n + "x" + ")" * n,
    "nested registry calls": lambda n: "y = " + "sin(" * n + "x" + ")" * n,
    "nested sums": lambda n: "y = " + "(1 + b*" * n + "x" + ")" * n,
    "powers": lambda n: "y = " + "^".join(["x"] + ["1.001"] * n) + "*x",
    "minus signs": lambda n: "y = " + "-" * n + "x*x",
    "vectors": vectors,
    "logistics": logistics,
    "choices": lambda n: "y = " + "".join(f"x*{i} if x > {i} else " for i in range(n)) + "x^2",
    "maxima": lambda n: "y = max(" + ", ".join(f"x{i}*b" for i in range(n)) + ")",
}
# What each program's size is in the fast tests, a tenth of it being the base of the ratios.
SIZES = {
    "power by products": 5000, "Speelpenning": 1000, "distinct terms": 5000, "equal terms": 30_000,
    "products summed": 2000, "quotients": 1000, "chain": 2000, "brackets": 10_000,
    "nested calls": 2000, "nested registry calls": 2000, "nested sums": 1000, "powers": 500,
    "minus signs": 10_000, "vectors": 1000, "logistics": 80, "choices": 400, "maxima": 500,
}  # fmt: skip
#: Sizes that the full run reaches, compiled once.
LARGE = {
    "distinct terms": 100_000, "equal terms": 100_000, "chain": 20_000, "Speelpenning": 5000,
    "power by products": 10_000, "quotients": 10_000, "nested sums": 10_000, "vectors": 3000,
}  # fmt: skip


def compiled(name, size):
    """Compile; return the module's text and the seconds that it took."""
    source = SCALED[name](size)
    start = time.perf_counter()
    text = compile_text(source).text
    return text, time.perf_counter() - start


def depths(tree):
    """The depth of every statement's expression, without recursion."""
    found = []
    for statement in ast.walk(tree):
        if not isinstance(statement, (ast.Assign, ast.Return, ast.Expr)):
            continue
        deepest, stack = 0, [(statement, 0)]
        while stack:
            node, depth = stack.pop()
            deepest = max(deepest, depth)
            stack += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
        found.append(deepest)
    return found


def parsed(text):
    """Parse with room for deep sums, which Python's parser nests one level a term."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200_000)
    try:
        return ast.parse(text)
    finally:
        sys.setrecursionlimit(limit)


def operations(text):
    """The operations that each function of a module performs, helpers counted as one call."""
    counted = (ast.BinOp, ast.Call, ast.UnaryOp, ast.Compare)
    counts = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            counts[node.name] = sum(isinstance(x, counted) for x in ast.walk(node))
    return counts


@pytest.mark.parametrize("name", SCALED)
def test_lines_are_narrow_and_statements_shallow(name):
    text, _ = compiled(name, SIZES[name] // 10)
    body = text.split('"""', 2)[2].split("\nSOURCE = ")[0]
    wide = [line for line in body.splitlines() if len(line) > COLUMNS]
    assert not wide, f"{len(wide)} lines of up to {max(map(len, wide))} columns: {wide[0][:200]}"
    assert max(depths(parsed(body))) <= DEPTH


@pytest.mark.parametrize("name", SCALED)
def test_docstring_and_source_are_narrow(name):
    text, _ = compiled(name, SIZES[name] // 10)
    source = max(map(len, SCALED[name](SIZES[name] // 10).splitlines()))
    if source > COLUMNS - 10:
        pytest.skip("the source itself has longer lines")
    assert max(map(len, text.splitlines())) <= COLUMNS


@pytest.mark.parametrize("name", SCALED)
def test_time_and_length_are_linear(name):
    size = SIZES[name]
    small, small_time = compiled(name, size // 10)
    small_time = min(small_time, compiled(name, size // 10)[1])
    large, large_time = compiled(name, size)
    assert len(large) <= 12 * len(small) + 2000, f"{len(small)} -> {len(large)} characters"
    if large_time > RATIO * small_time:
        large_time = min(large_time, compiled(name, size)[1])
    assert large_time <= RATIO * max(small_time, 0.005), f"{small_time:.3f} -> {large_time:.3f} s"


@pytest.mark.parametrize("name", SCALED)
def test_gradient_costs_at_most_five_times_the_function(name):
    text, _ = compiled(name, SIZES[name] // 10)
    counts = operations(text)
    limit = COSTS.get(name, COST)
    assert counts["value_and_gradient"] <= limit * max(1, counts["forward"]) + 10, counts


@pytest.mark.parametrize("level", [0, 1])
def test_eight_nested_logistics(level):
    text = exprdiff.emit(logistics(8), optimize=level)
    counts = operations(text)
    assert counts["value_and_gradient"] <= COST * counts["forward"], counts


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_large_programs_compile_and_run(name):
    source = SCALED[name](LARGE[name])
    module = load(compile_text(source))
    values = [1 + 1e-4 * math.sin(i) for i in range(len(module.INPUTS))]
    values = [np.full(3, x) for x in values] if name == "vectors" else values
    value, gradient = module.value_and_gradient(*values)
    assert np.all(np.isfinite(value))
    assert np.all(np.isfinite(np.asarray(gradient, dtype=float)))


def test_speelpenning_is_right():
    module = exprdiff.compile(SCALED["Speelpenning"](300))
    x = np.random.default_rng(0).uniform(0.9, 1.1, 300)
    value, gradient = module.value_and_gradient(*x)
    np.testing.assert_allclose(value, np.prod(x), rtol=1e-12)
    np.testing.assert_allclose(gradient, np.prod(x) / x, rtol=1e-12)


def test_power_by_products_is_right():
    module = exprdiff.compile(SCALED["power by products"](1000))
    value, gradient = module.value_and_gradient(1.001)
    np.testing.assert_allclose(value, 1.001**1000, rtol=1e-11)
    np.testing.assert_allclose(gradient, 1000 * 1.001**999, rtol=1e-11)
