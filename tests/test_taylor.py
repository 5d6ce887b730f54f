"""Derivatives of any order against mpmath at 50 digits, and how long the code for them is."""

import itertools
import re
import time

import mpmath
import numpy as np
import pytest

import exprdiff
from exprdiff import reference, taylor
from exprdiff.graph import REAL, input_, interning, number, topological
from exprdiff.indexed import Indexed
from exprdiff.interpret import interpret
from exprdiff.normal import full
from exprdiff.ops.define import Elementwise
from exprdiff.taylor import Series
from exprdiff.verify import verify

ORDER = 10


def series(function, point, order):
    """The Taylor coefficients of a function of mpmath numbers, to far more digits than floats."""
    with mpmath.workdps(50):
        return [float(c.real) for c in mpmath.taylor(function, mpmath.mpf(point), order)]


def close(got, want, tolerance=1e-11):
    """Compare a series: where terms cancel, an error counts against the largest beside it."""
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    assert got.shape == want.shape
    assert np.all(np.isfinite(got))
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * np.max(np.abs(want)))


def softmax(mp, v):
    e = [mp.exp(x) for x in v]
    return [x / sum(e) for x in e]


#: formula in x, point, the same of mpmath
FUNCTIONS = [
    ("exp(x)", 0.3, lambda mp, x: mp.exp(x)),
    ("exp(sin(x))*x", 0.7, lambda mp, x: mp.exp(mp.sin(x)) * x),
    ("sin(x)", 1.1, lambda mp, x: mp.sin(x)),
    ("tanh(sin(x)+x^2)/(1+x^2)", 0.4,
     lambda mp, x: mp.tanh(mp.sin(x) + x**2) / (1 + x**2)),
    ("log(1 + x^2)", 0.6, lambda mp, x: mp.log(1 + x * x)),
    ("log(1 + exp(x))", 0.6, lambda mp, x: mp.log1p(mp.exp(x))),
    ("sqrt(1 + sin(x))", 0.8, lambda mp, x: mp.sqrt(1 + mp.sin(x))),
    ("cbrt(x)", -0.9, lambda mp, x: mp.cbrt(-x) * -1),
    ("(2 + sin(x))^1.7", 0.8, lambda mp, x: (2 + mp.sin(x)) ** mp.mpf(1.7)),
    ("(2 + sin(x))^-2.3", 0.8, lambda mp, x: (2 + mp.sin(x)) ** -mp.mpf(2.3)),
    ("(1 - 3*x)^-3", 2.0, lambda mp, x: (1 - 3 * x) ** -3),
    ("sin(x)^9", 0.0, lambda mp, x: mp.sin(x) ** 9),
    ("sin(x)^5*x^3", -0.5, lambda mp, x: mp.sin(x) ** 5 * x**3),
    ("x^x", 1.3, lambda mp, x: x**x),
    ("gamma(x)", 2.3, lambda mp, x: mp.gamma(x)),
    ("lgamma(x^2)", 1.2, lambda mp, x: mp.loggamma(x**2)),
    ("erf(x)", 0.4, lambda mp, x: mp.erf(x)),
    ("exp(-1/x^2)", 0.8, lambda mp, x: mp.exp(-1 / x**2)),
    ("sin(x)/x", 0.9, lambda mp, x: mp.sin(x) / x),
    ("3/(2*x - 1)", 0.2, lambda mp, x: 3 / (2 * x - 1)),
    ("sin(x)*exp(x)*cos(2*x)/(1 + exp(x))/(3 + x)", 0.3,
     lambda mp, x: mp.sin(x) * mp.exp(x) * mp.cos(2 * x) / (1 + mp.exp(x)) / (3 + x)),
    ("atan2(x, 1 + x)", 0.3, lambda mp, x: mp.atan(x / (1 + x))),
    ("x*abs(x)^3", -0.7, lambda mp, x: x * (-x) ** 3),
    ("where(x > 0, log(x), x^12)", 0.7, lambda mp, x: mp.log(x)),
    ("where(x > 0, log(x), x^12)", -0.7, lambda mp, x: x**12),
    ("x^4 + 3*x", 0.0, lambda mp, x: x**4 + 3 * x),
]  # fmt: skip


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("formula", "point", "function"), FUNCTIONS)
def test_scalars(formula, point, function, level):
    want = series(lambda x: function(mpmath, x), point, ORDER)
    module = exprdiff.compile(f"taylor({formula}, x, {ORDER})", emit="forward", optimize=level)
    with np.errstate(invalid="ignore"):  # at level 0 the branch not taken is computed too
        close(module.forward(point), want)
    for n in (2, 3, 5, ORDER):
        source = f"diff({formula}, x, {n})"
        module = exprdiff.compile(source, emit="forward", optimize=level)
        scale = max(map(abs, want))
        with np.errstate(invalid="ignore"):
            got = module.forward(point) / float(mpmath.factorial(n))
        assert abs(got - want[n]) <= 1e-11 * scale, n


V = (0.3, -1.2, 0.8)

ARRAYS = [
    ("softmax(v*x + v^2)", lambda mp, x: softmax(mp, [a * x + a * a for a in V])),
    ("logsumexp(v*sin(x))", lambda mp, x: [mp.log(sum(mp.exp(a * mp.sin(x)) for a in V))]),
    ("norm(v + x*v^2)", lambda mp, x: [mp.sqrt(sum((a + x * a * a) ** 2 for a in V))]),
    ("exp(v*x)/(2 + x)", lambda mp, x: [mp.exp(a * x) / (2 + x) for a in V]),
    ("sum(exp(v*x))/sum(v^2 + x)",
     lambda mp, x: [sum(mp.exp(a * x) for a in V) / sum(a * a + x for a in V)]),
    ("prod(sin(v*x))", lambda mp, x: [mp.fprod(mp.sin(a * x) for a in V)]),
    ("outer(v, exp(v*x)) @ v",
     lambda mp, x: [a * sum(mp.exp(b * x) * b for b in V) for a in V]),
    ("max(v*x)", lambda mp, x: [V[2] * x]),
    ("concat(exp(v[1:]*x), cumsum(v*x^2))",
     lambda mp, x: [*(mp.exp(a * x) for a in V[1:]),
                    *(sum(V[: i + 1]) * x * x for i in range(3))]),
    ("cross(exp(v*x), v*x^2)", lambda mp, x: [
        (mp.exp(V[i] * x) * V[j] - mp.exp(V[j] * x) * V[i]) * x * x
        for i, j in ((1, 2), (2, 0), (0, 1))]),
    ("solve(diag(v) + x*eye(3), v*x)", lambda mp, x: [a * x / (a + x) for a in V]),
    ("det(diag(v) + x*outer(v, v))",
     lambda mp, x: [mp.fprod(V) * (1 + x * sum(V))]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "function"), ARRAYS)
def test_arrays_by_a_scalar(formula, function):
    order, point = 5, 0.4
    count = len(function(mpmath, mpmath.mpf(point)))
    rows = [series(lambda x, i=i: function(mpmath, x)[i], point, order) for i in range(count)]
    want = np.array(rows).T
    program = f"data v: real[3]\nx: real\nu = {formula}\n"
    module = exprdiff.compile(
        program + f"c = taylor(u, x, {order})\nd = diff(u, x, {order})\nreturn c, d",
        emit="forward")  # fmt: skip
    got, derivative = module.forward(np.array(V), point)
    close(np.reshape(got, want.shape), want)
    size = np.max(np.abs(want))
    assert np.max(np.abs(np.reshape(derivative, -1) / 120 - want[-1])) <= 1e-11 * size


@pytest.mark.parametrize("level", [0, 1])
def test_arrays_element_by_element(level):
    source = "x: real[n]\nA: real[n, m]\nu = exp(x^2)[:, None]*A\n"
    module = exprdiff.compile(
        source + "c = taylor(u, x, 4)\nd = diff(u, x, 4)\nreturn c, d", emit="forward",
        optimize=level)  # fmt: skip
    x, A = np.array([0.3, -0.5, 0.0]), np.array([[1.0, 2], [3, 4], [5, 6]])
    c, d = module.forward(x, A)
    for i, j in itertools.product(range(3), range(2)):
        want = series(lambda t, a=A[i, j]: a * mpmath.exp(t * t), x[i], 4)
        close(c[:, i, j], want)
        close(d[i, j], 24 * want[-1])


def test_a_gradient_goes_on_element_by_element():
    module = exprdiff.compile("x: real[n]\ny = diff(sum(x^5), x, 3)", emit="forward")
    close(module.forward(np.array([1.0, -2.0])), [60.0, 240.0])


def _elementwise():
    for f in reference.functions():
        if isinstance(f, Elementwise) and f.dtype == REAL and f.name != "stop_gradient":
            yield f


#: Inside of every domain, and where no rule changes over.
POINTS = (0.3, 0.7, 1.6)
FIRST = {"acosh": 1.6}


@pytest.mark.parametrize("f", list(_elementwise()), ids=lambda f: f.name)
def test_every_elementwise_function(f):
    """Along a curve through a point of its domain, to order 5."""
    count, order = len(f.parameters), 5
    base = [FIRST.get(f.name, POINTS[i % 3]) for i in range(count)]
    slopes = [0.5, -0.25, 0.125]
    point = 0.1

    def path(t, i):
        return base[i] + slopes[i] * t + (t * t / 8 if i == 0 else 0)

    with interning():
        t = input_("t")
        x = Indexed(t, ())
        moving = [
            Indexed(number(True), ()) if i in f.booleans else path(x, i) for i in range(count)
        ]
        y = f(*moving)
        table = Series(t, full(1, ()))
        nodes = [table.coefficient(y.node, k) for k in range(order + 1)]
        verify(nodes)
        assert not any(n.op.name == "tangent" for n in topological(nodes))
        got = interpret(nodes, {t: np.array(point)})

    def function(t):
        values = [True if i in f.booleans else path(t, i) for i in range(count)]
        return f.oracle(mpmath, *values)

    close([float(v) for v in got], series(function, point, order), 1e-10)


# -- singular points -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "point", "want"),
    [
        ("x^5", 0.0, [0, 0, 0, 0, 0, 1, 0]),
        ("x^5", -1.0, [-1, 5, -10, 10, -5, 1, 0]),
        ("sin(x)^4", 0.0, [0, 0, 0, 0, 1, 0, -2 / 3]),
        ("sin(x)^2.5", 0.0, [0, 0, 0, np.inf]),
        ("sqrt(x)", 0.0, [0, np.inf]),
        ("abs(x)", 0.0, [0, 0, 0]),
        ("abs(x)", -2.0, [2, -1, 0]),
        ("relu(x)^2*x", -1.0, [0, 0, 0, 0]),
        ("where(x > 0, sqrt(x)*log(x), 0)", -1.0, [0, 0, 0, 0]),
        ("where(x > 0, 1/x, 0)", 0.0, [0, 0, 0, 0]),
        ("where(x > 0, exp(x)/sin(x), x^2)", 0.0, [0, 0, 1, 0]),
        ("exp(-1/x^2)", 1e-3, [0, 0, 0, 0]),
        ("floor(x)*x", 2.5, [5, 2, 0, 0]),
        ("stop_gradient(x)*x^2", 3.0, [27, 18, 3, 0]),
        ("5", 3.0, [5, 0, 0]),
    ],
)
@pytest.mark.parametrize("level", [0, 1])
def test_singular_points(formula, point, want, level):
    order = len(want) - 1
    module = exprdiff.compile(f"taylor({formula}, x, {order})", emit="forward", optimize=level)
    with np.errstate(all="ignore"):
        got = np.asarray(module.forward(point), dtype=float)
    assert not np.any(np.isnan(got))
    np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-14)


# -- the code --------------------------------------------------------------------------------------


def code(formula, level=1):
    text = exprdiff.emit(formula, emit="forward", optimize=level)
    return text[text.index("def forward") : text.index("\n\n\nINPUTS")]


@pytest.mark.parametrize(
    ("formula", "line"),
    [
        ("diff(x^3, x, 2)", "return 6 * x"),
        ("diff(x^3, x, 4)", "return 0"),
        ("diff(sin(x), x, 9)", "return np.cos(x)"),
        ("diff(exp(2*x), x, 5)", "return 32 * np.exp(2 * x)"),
        ("diff(1/x, x, 4)", "return 24 * x**-5"),
        ("diff(log(x), x, 5)", "return 24 * x**-5"),
        ("diff(x^2.5, x, 4)", "return -0.9375 * x**-1.5"),
        ("diff(a*b/(1 + x), x, 2)", "return 2 * a * b * (1 + x)**-3"),
        ("taylor(1/(1 - x), x, 3)", "return np.array([1 / t1, t1**-2, t1**-3, t1**-4])"),
        ("taylor(x^3, x, 4)", "return np.array([x**3, 3 * x**2, 3 * x, 1, 0])"),
    ],
)
def test_code_is_what_one_would_write(formula, line):
    assert code(formula).rstrip().endswith(line)


def operations(text):
    """Count what a line computes: operators and calls."""
    return len(re.findall(r" (?:\*\*|[-+*/]) |\*\*|\w\(", text))


LONG = [
    "exp(sin(x))*x", "tanh(sin(x)+x^2)/(1+x^2)", "sqrt(1 + sin(x))", "(2 + sin(x))^-1.5",
    "log(2 + sin(x))", "erf(sin(x))", "1/(1 + exp(x))", "sin(x)^9", "atan(x^2)",
]  # fmt: skip


@pytest.mark.parametrize("formula", LONG)
@pytest.mark.parametrize("call", ["diff", "taylor"])
def test_length_is_polynomial(formula, call):
    eight, sixteen = (operations(code(f"{call}({formula}, x, {n})")) for n in (8, 16))
    assert 0 < sixteen <= 6 * eight


@pytest.mark.parametrize("formula", LONG)
def test_no_longer_than_reverse_mode_repeated(formula):
    reverse = f"grad(grad(grad({formula}, x), x), x)"
    assert operations(code(f"diff({formula}, x, 3)")) <= operations(code(reverse)) + 2


def test_a_derivative_of_a_derivative_is_one():
    nested = "u = tanh(sin(x))/x\nv = diff(u, x, 2)\nw = diff(diff(v, x), x)\nreturn w"
    whole = "u = tanh(sin(x))/x\nw = diff(u, x, 4)\nreturn w"
    assert operations(code(nested)) <= operations(code(whole)) + 1
    for other in ("z*diff(z^3, z)", "diff(z^2*x, z)"):  # each by what it says
        module = exprdiff.compile(f"z = x^2\ny = diff({other}, z)", emit="forward")
        close([module.forward(2.0)], [{"z": 144.0, "d": 4.0}[other[0]]])
    module = exprdiff.compile("z = x^2\ny = diff(diff(z^3, z), x)", emit="forward")
    close([module.forward(2.0)], [12 * 2.0**3])


def test_order_twenty_takes_little_time():
    started = time.perf_counter()
    exprdiff.emit("y = diff(tanh(sin(x)+x^2)/(1+x^2), x, 20)")
    assert time.perf_counter() - started < 10


def test_a_deep_formula():
    formula = "x"
    for _ in range(300):
        formula = f"sin({formula})"
    deep = "\n".join(["a0 = x", *(f"a{i + 1} = sin(a{i})" for i in range(3000))])
    assert "def forward" in exprdiff.emit(f"{deep}\ny = diff(a3000, x, 2)", emit="forward")
    point, order = 0.5, 3
    want = series(lambda x: _nested(mpmath.sin, x, 300), point, order)
    close(exprdiff.compile(f"taylor({formula}, x, 3)", emit="forward").forward(point), want)


def _nested(function, x, count):
    for _ in range(count):
        x = function(x)
    return x


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", ["exp(sin(a*x))", "1/(a + x^2)", "where(x > 0, x^a, 1)"])
def test_gradients_go_through(formula, level):
    functions = {
        "exp(sin(a*x))": lambda x, a: mpmath.exp(mpmath.sin(a * x)),
        "1/(a + x^2)": lambda x, a: 1 / (a + x * x),
        "where(x > 0, x^a, 1)": lambda x, a: x**a,
    }
    function = functions[formula]
    source = f"a: real\nx: real\nu = {formula}\nJ = diff(u, x, 3)^2 + sum(taylor(u, x, 4))"
    module = exprdiff.compile(source, optimize=level)

    def objective(a, x):
        c = mpmath.taylor(lambda t: function(t, a), x, 4)
        return (6 * c[3]) ** 2 + sum(c)

    with mpmath.workdps(60):
        a, x = mpmath.mpf(1.3), mpmath.mpf(0.6)
        value = objective(a, x)
        slopes = [mpmath.diff(objective, (a, x), n, h=mpmath.mpf(10) ** -12)
                  for n in ((1, 0), (0, 1))]  # fmt: skip
    got, gradient = module.value_and_gradient(1.3, 0.6)
    np.testing.assert_allclose(got, float(value), rtol=1e-11)
    np.testing.assert_allclose(gradient, [float(s) for s in slopes], rtol=1e-9)


@pytest.mark.parametrize(
    "call", ["diff(x @ A, x, 2)", "taylor(x @ A, x, 2)", "taylor(sum(x), x, 2)", "taylor(A, x, 1)"]
)
def test_arrays_that_mix_are_a_mistake(call):
    with pytest.raises(exprdiff.ExprDiffError, match="element by element"):
        exprdiff.compile(f"x: real[n]\nA: real[n, m]\ny = {call}")


def test_what_would_take_for_ever_is_a_mistake(monkeypatch):
    monkeypatch.setattr(taylor, "STEPS", 0)
    with pytest.raises(exprdiff.ExprDiffError, match="of order 20 would be too long") as caught:
        exprdiff.compile("z = x\ny = diff(tanh(sin(x)/(2 + cos(x))), x, 20)")
    assert caught.value.line == 2
