"""``recompute``: the same results to the last bit, with few arrays in memory."""

import ast
import subprocess
import sys
import tracemalloc
from functools import cache

import numpy as np
import pytest

import exprdiff
from exprdiff.codegen import recompute, running_sums

SIZE = 20_000  # elements of the arrays whose memory is measured
ALL = ("gradient", "value_and_gradient", "vjp", "hvp")


def layers(n):
    """A deep network with one weight for all layers."""
    head = ["W: real[m, m]", "b: real[m]", "data u0: real[m]"]
    return "\n".join([*head, *(f"u{k} = tanh(W @ u{k - 1} + b)" for k in range(1, n + 1)),
                      f"J = sum(u{n}^2)"])  # fmt: skip


def skips(n):
    """Each value of the chain reads the two before it, and the first."""
    head = ["x: real[m]", "u0 = sin(x)", "u1 = cos(u0)"]
    return "\n".join([*head, *(f"u{k} = sin(u{k - 1})*u{k - 2} + u0" for k in range(2, n + 1)),
                      f"J = sum(u{n}^2)"])  # fmt: skip


def elementwise(n):
    """A plain chain."""
    head = ["x: real[m]", "u0 = x*x"]
    return "\n".join([*head, *(f"u{k} = u{k - 1}*exp(-u{k - 1})" for k in range(1, n)),
                      f"J = mean(exp(-u{n - 1}))"])  # fmt: skip


def stencil(n):
    """Explicit steps of a diffusion, by slices: derivatives are added in place."""
    head = ["u0: real[m]", "a: real"]
    steps = (
        f"u{k} = u{k - 1}[1:-1] + a*(sin(u{k - 1}[2:]) - 2*u{k - 1}[1:-1] + u{k - 1}[:-2])"
        for k in range(1, n)
    )
    return "\n".join([*head, *steps, f"J = sum(u{n - 1}^2)"])


def recurrent(n):
    """A recurrence with a term of the loss at every step: a sum that the sweeps share."""
    head = ["w, v, c: real[m]", f"data X: real[{n}, m]", f"data Y: real[{n}, m]"]
    steps = (f"h{k} = tanh(w*h{k - 1} + v*X[{k}] + c)" for k in range(1, n))
    loss = " + ".join(f"sum((h{k} - Y[{k}])^2)" for k in range(n))
    return "\n".join([*head, "h0 = tanh(v*X[0] + c)", *steps, f"J = {loss}"])


def gathers(n):
    """Gathers with repeats (``np.add.at``) along the chain."""
    head = ["x: real[m]", "data k: int[m]", "u0 = tanh(x)"]
    steps = (f"u{i} = sin(u{i - 1}[k])*u{i - 1} + x[1]" for i in range(1, n))
    return "\n".join([*head, *steps, f"J = sum(u{n - 1}^2)"])


def outputs(n):
    """Several outputs, some of them arrays on the way."""
    return elementwise(n) + f"\nq = sum(u3)\nreturn J, q, u5, u{n - 2}"


def unnamed(n):
    """One formula on one line."""
    text = "x"
    for _ in range(n):
        text = f"sin({text})*x"
    return f"x: real[m]\nJ = sum({text})"


def unicode_names(n):
    return elementwise(n).replace("u", "größe_µ")


PROGRAMS = [
    (layers, 64), (skips, 64), (elementwise, 40), (stencil, 24), (recurrent, 24), (gathers, 24),
    (outputs, 30), (unnamed, 30), (unicode_names, 20),
]  # fmt: skip
CASES = [pytest.param(f(n), id=f"{f.__name__}-{n}") for f, n in PROGRAMS]


def flat(results):
    """All arrays among nested results."""
    if not isinstance(results, tuple):
        return [np.asarray(results)]
    return [x for r in results for x in flat(r)]


def arguments(module, name, m):
    """Random arguments for a function of a module."""
    random = np.random.default_rng(7)
    function = getattr(module, name)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    ndim = {"W": 2, "W_dot": 2, "X": 2, "Y": 2, "b": 1, "w": 1, "v": 1, "c": 1}
    values = []
    for x in names:
        if x == "k":
            values.append(random.integers(0, m, size=m))
        elif x in ("a", "a_dot", "J_bar"):
            values.append(0.1)
        else:
            rows = m if x.startswith("W") else module.SOURCE.count("= tanh(")
            shape = (rows, m) if ndim.get(x) == 2 else (m,)
            values.append(random.normal(size=shape) / (m**0.5 if x.startswith("W") else 1))
    return values


def pair(source, name, **options):
    """The module that keeps everything, and the one that does not."""
    chosen = {"emit": name} | ({"of": "J"} if "return" in source else {}) | options
    plain = exprdiff.compile(source, **chosen)
    return plain, exprdiff.compile(source, recompute=True, **chosen)


@cache
def thrifty_text(source):
    """The text of a module with all functions."""
    return exprdiff.emit(source, emit=ALL, of="J", recompute=True)


def body(module, name):
    """The lines of a function."""
    text = module.source
    return text[text.index(f"def {name}(") :].split("\n\n\n")[0]


def peak(function, *values):
    """The most memory that a call takes at a time."""
    function(*values)
    tracemalloc.start()
    function(*values)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("source", CASES)
def test_the_same_bits(source):
    for name in ALL:
        compare(*pair(source, name), name)


@pytest.mark.parametrize("program", [layers, skips])
def test_the_same_bits_of_two_hundred_layers(program):
    compare(*pair(program(200), "value_and_gradient"), "value_and_gradient")


def compare(plain, thrifty, name):
    values = arguments(plain, name, 100)
    expected = flat(getattr(plain, name)(*values))
    found = flat(getattr(thrifty, name)(*values))
    assert "again" in body(thrifty, name)
    assert len(found) == len(expected)
    for x, y in zip(found, expected, strict=True):
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        assert x.tobytes() == y.tobytes()
        assert np.isfinite(x).all()


@pytest.mark.parametrize("source", CASES)
def test_text_is_clean(source, tmp_path):
    text = thrifty_text(source)
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,W,B"]
    ran = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    # Lines that are written as ever are as long as ever.
    lines = text[text.index("import numpy") : text.index("INPUTS = ")].splitlines()
    plain = exprdiff.emit(source, emit=ALL, of="J").splitlines()
    assert {line for line in lines if len(line) > 100} <= set(plain)


@pytest.mark.parametrize("source", CASES)
def test_nothing_is_deleted_twice_and_nothing_last(source):
    for function in ast.parse(thrifty_text(source)).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        alive = {a.arg for a in function.args.args}
        assert not isinstance(function.body[-2], ast.Delete)
        for line in function.body:
            names = [x for x in ast.walk(line) if isinstance(x, ast.Name)]
            gone = {x.id for x in names if isinstance(x.ctx, ast.Del)}
            assert gone <= alive
            alive = alive - gone | {x.id for x in names if isinstance(x.ctx, ast.Store)}


@pytest.mark.parametrize(
    "program, name",
    [
        (elementwise, "gradient"),
        (elementwise, "hvp"),
        (skips, "value_and_gradient"),
        (skips, "vjp"),
    ],
)
def test_memory(program, name):
    found = {}
    for n in (50, 200):
        plain, thrifty = pair(program(n), name)
        values = arguments(plain, name, SIZE)
        found[n] = peak(getattr(thrifty, name), *values)
        ratio = peak(getattr(plain, name), *values) / found[n]
    assert ratio >= 8
    assert found[200] / found[50] <= 2.2  # a square root has 2


def test_memory_of_running_sums():
    """The derivative by a shared weight does not wait for all layers."""
    plain, thrifty = pair(layers(200), "gradient")
    values = arguments(plain, "gradient", 60)
    most = peak(thrifty.gradient, *values)
    assert peak(plain.gradient, *values) / most >= 30
    assert most < 6 * values[0].nbytes


@pytest.mark.parametrize("name", ["forward", "jvp"])
def test_functions_without_a_reverse_sweep_delete_too(name):
    plain, thrifty = pair(skips(100), name)
    values = arguments(plain, name, SIZE)
    assert peak(getattr(plain, name), *values) / peak(getattr(thrifty, name), *values) >= 8
    assert "again" not in body(thrifty, name)
    for x, y in zip(*(flat(getattr(m, name)(*values)) for m in (plain, thrifty)), strict=True):
        assert x.tobytes() == y.tobytes()


@pytest.mark.parametrize("program", [layers, skips, elementwise, recurrent])
def test_operations_of_one_more_forward_sweep(program):
    source = program(60)
    forward, gradient, again = counted(exprdiff.emit(source, recompute=True))
    assert 0 < again <= forward
    assert (gradient + again) / gradient <= 1.5


def counted(text):
    """The operations of the two sweeps, and those that are repeated."""
    line = " ".join(text[text.index("Operations: ") :].split("\n\n")[0].split())
    costs = dict(part.split(" ", 1) for part in line.split(".")[0][12:].split(", "))
    gradient, _, again = costs["gradient"].partition(" and ")
    return int(costs["forward"]), int(gradient), int(again.split()[0])


@pytest.mark.parametrize("optimize", [0, 1])
@pytest.mark.parametrize(
    "source",
    [
        "e = (a + b)*(b + 1)",
        "\n".join(["t0 = x*x", *(f"t{k} = sin(t{k - 1})*x" for k in range(1, 40)), "J = t39"]),
        "data X: real[n, d]\ndata y: real[n]\nw: real[d]\nJ = mean(softplus(X @ w) - y*(X @ w))",
        "x: real[n]\ns = sum(x)",
    ],
)
def test_short_programs_and_numbers_are_left_alone(source, optimize):
    chosen = ["forward", "gradient", "value_and_gradient"]
    texts = (exprdiff.emit(source, emit=chosen, optimize=optimize, recompute=r) for r in (0, 1))
    assert len(set(texts)) == 1


def test_without_the_option_nothing_is_deleted():
    text = exprdiff.emit(layers(64))
    assert "del " not in text
    assert "again" not in text
    assert text == exprdiff.emit(layers(64), recompute=False)


def test_the_docstring_names_what_is_kept():
    module = pair(layers(30), "gradient")[1]
    sentence = " ".join(module.gradient.__doc__.split())
    kept = sentence.partition("Kept: ")[2].partition(";")[0].split(", ")
    assert sentence.endswith("; the other values of the forward sweep are computed again.")
    assert 4 <= len(kept) <= 8
    assert all(name.startswith("u") for name in kept)  # the user's, where that costs nothing
    for name in kept:
        assert body(module, "gradient").count(f"    {name} = ") == 1
    assert f"of the forward sweep again, from {kept[0]}\n" in module.source


def test_skip_connections_over_many_layers_leave_nothing_to_save():
    """Where each layer is read far away, all would be kept: the others are deleted, no more."""
    n = 60
    near = (f"u{k} = sin(u{k - 1})" for k in range(1, n // 2))
    far = (f"u{k} = sin(u{k - 1})*u{n - k - 1}" for k in range(n // 2, n))
    source = "\n".join(["x: real[m]", "u0 = x*x", *near, *far, f"J = sum(u{n - 1})"])
    plain, thrifty = pair(source, "gradient")
    values = arguments(plain, "gradient", SIZE)
    assert peak(thrifty.gradient, *values) < peak(plain.gradient, *values)
    assert thrifty.gradient(*values).tobytes() == plain.gradient(*values).tobytes()


def test_terms_that_broadcast_are_not_added_in_place():
    names = [f"v{k}" for k in range(20)]
    lines = [f"{v} = sin(x)*{k + 1}" for k, v in enumerate(names)]
    source = "\n".join(["x: real[d]", "X: real[n, d]", *lines,
                        f"S = {' + '.join(names[:10])} + X + {' + '.join(names[10:])}",
                        "J = sum(S^2)"])  # fmt: skip
    plain, thrifty = pair(source, "gradient")
    values = np.linspace(-1, 1, 3), np.ones((4, 3))
    for x, y in zip(thrifty.gradient(*values), plain.gradient(*values), strict=True):
        assert x.tobytes() == y.tobytes()


def test_a_value_that_a_sum_reads_twice_keeps_its_line(monkeypatch):
    monkeypatch.setattr(recompute, "LEAST", 1)
    monkeypatch.setattr(running_sums, "LEAST", 3)
    source = "T: real[n, d, k]\nJ = sum(norm(T, axis=(0, 1))^2) + sum(T*norm(T, axis=(0, 1)))"
    plain, thrifty = pair(source, "vjp")
    values = np.random.default_rng(1).normal(size=(2, 3, 4)), 1.5
    assert thrifty.vjp(*values).tobytes() == plain.vjp(*values).tobytes()


def test_command_line(tmp_path):
    path, out = tmp_path / "deep.expr", tmp_path / "deep.py"
    path.write_text(layers(20), encoding="utf-8")
    command = [sys.executable, "-m", "exprdiff", "compile", str(path)]

    def run(*options):
        return subprocess.run([*command, *options], capture_output=True, text=True, check=False)

    assert run("--recompute", "-o", str(out)).returncode == 0
    text = out.read_text(encoding="utf-8")
    assert "\nRegenerate: exprdiff compile deep.expr --recompute\n" in text
    assert "of the forward sweep again, from u" in text
    assert run("--recompute", "-o", str(out), "--check").returncode == 0
    assert run("-o", str(out), "--check").returncode == 1
