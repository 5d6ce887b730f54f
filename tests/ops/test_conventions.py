"""Derivatives at singular points, as LANGUAGE promises: at first order and at second."""

import warnings

import numpy as np
import pytest

import exprdiff
from exprdiff.frontend.lower import lower
from exprdiff.frontend.parser import parse
from exprdiff.graph import interning
from exprdiff.indexed import Indexed, product
from exprdiff.interpret import interpret
from exprdiff.reverse import adjoints


def gradient(source, *values):
    """The gradient by the emitted code, which may not warn."""
    module = exprdiff.compile(source)
    with np.errstate(over="raise", divide="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = module.gradient(*values)
        _, again = module.value_and_gradient(*values)
    for a, b in zip(np.atleast_1d(found), np.atleast_1d(again), strict=True):
        np.testing.assert_array_equal(a, b)
    return found


def hessian_row(source, *values):
    """The derivative of the summed gradient by each input, by the graph's own evaluation."""
    with interning():
        program = lower(parse(exprdiff.Source(source)))
        inputs = [x.node for x in program.inputs]
        wanted = [x.node for x in program.inputs if not x.data]
        first = adjoints(program.outputs[0].node, wanted)
        rows = [Indexed(first[x]) for x in wanted]
        terms = [product([row], ()) for row in rows]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        second = adjoints(total.node, wanted)
        found = [*(first[x] for x in wanted), *(second[x] for x in wanted)]
        results = interpret(found, dict(zip(inputs, values, strict=True)))
    return results[: len(wanted)], results[len(wanted) :]


ZERO_AT_ZERO = ["abs(x)", "sign(x)", "relu(x)", "floor(x)", "ceil(x)", "round(x)", "trunc(x)"]


@pytest.mark.parametrize("formula", ZERO_AT_ZERO)
def test_zero_at_zero(formula):
    assert gradient(f"y = {formula}", 0.0) == 0
    (first,), (second,) = hessian_row(f"y = {formula}", 0.0)
    assert first == second == 0


@pytest.mark.parametrize("name", ["norm", "norm1", "norm2", "norminf"])
def test_norm_at_zero(name):
    zero = np.zeros(3)
    np.testing.assert_array_equal(gradient(f"x: real[n]\ny = {name}(x)", zero), zero)
    np.testing.assert_array_equal(
        gradient(f"x: real[k, n]\ny = sum({name}(x, axis=1))", np.zeros((2, 3))), np.zeros((2, 3))
    )
    assert gradient("y = hypot(a, b)", 0.0, 0.0) == (0, 0)
    assert gradient("y = sqrt(a^2 + b^2)", 0.0, 0.0) == (0, 0)


class TestTies:
    @pytest.mark.parametrize("name", ["maximum", "minimum", "max", "min"])
    def test_of_two(self, name):
        assert gradient(f"z = {name}(x, y)", 1.5, 1.5) == (0.5, 0.5)
        x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 3.0])
        by_x, by_y = gradient(f"x: real[n]\ny: real[n]\nz = sum({name}(x, y))", x, y)
        np.testing.assert_array_equal(by_x + by_y, 1)
        np.testing.assert_array_equal(by_x[[0, 2]], 0.5)
        assert by_x[1] in (0, 1)

    def test_with_itself(self):
        assert gradient("z = maximum(x, x)", 2.0) == 1
        assert gradient("z = maximum(x, 2*x)", 0.0) == 1.5

    @pytest.mark.parametrize("name", ["max", "min"])
    def test_of_three_along_axes(self, name):
        x = np.array([[4.0, 4.0, 4.0], [4.0, 9.0, -9.0]])
        whole = gradient(f"x: real[n, d]\ny = {name}(x)", x)
        rows = gradient(f"x: real[n, d]\ny = sum({name}(x, axis=1))", x)
        columns = gradient(f"x: real[n, d]\ny = sum({name}(x, axis=0))", x)
        np.testing.assert_array_equal(rows[0], [1 / 3] * 3)
        np.testing.assert_array_equal(columns[:, 0], [0.5, 0.5])
        assert whole.sum() == 1
        assert rows.sum() == 2
        assert columns.sum() == 3
        same = gradient(f"x: real[n, d]\ny = {name}(x)", np.ones((2, 3)))
        np.testing.assert_array_equal(same, 1 / 6)

    @pytest.mark.parametrize("name", ["norminf"])
    def test_of_absolute_values(self, name):
        found = gradient(f"x: real[n]\ny = {name}(x)", np.array([-2.0, 1.0, 2.0]))
        np.testing.assert_array_equal(found, [-0.5, 0, 0.5])


class TestPower:
    @pytest.mark.parametrize("n", range(7))
    @pytest.mark.parametrize("x", [-2.0, -1.5, 0.0, 3.0])
    def test_whole_exponents(self, n, x):
        exact = n * x ** (n - 1) if n else 0.0
        assert gradient(f"y = x^{n} + 0*x", x) == exact
        assert gradient("data n: int\nx: real\ny = x^n", n, x) == exact
        (first,), (second,) = hessian_row("data n: real\nx: real\ny = x^n", float(n), x)
        assert first == exact
        assert second == (n * (n - 1) * x ** (n - 2) if n > 1 else 0.0)

    @pytest.mark.parametrize("n", [-1, -2, -3])
    def test_negative_exponents(self, n):
        for x in (-2.0, 0.5):
            assert gradient(f"y = x^({n})", x) == pytest.approx(n * x ** (n - 1), rel=1e-15)

    def test_limit_at_zero(self):
        assert gradient("y = x^k", 0.0, 2.0) == (0, 0)
        assert gradient("y = x^k", 0.0, 1.0) == (1, 0)
        assert gradient("y = x^k", 0.0, 0.0) == (0, 0)
        assert gradient("y = x^2.5", 0.0) == 0
        with np.errstate(all="ignore"):
            assert exprdiff.compile("y = x^k").gradient(0.0, 0.5) == (np.inf, 0)
            assert exprdiff.compile("y = x^0.5").gradient(np.float64(0)) == np.inf
            assert exprdiff.compile("y = sqrt(x)").gradient(0.0) == np.inf

    def test_arrays(self):
        x, k = np.array([0.0, 0.0, 2.0, -2.0]), np.array([0.0, 3.0, 0.5, 2.0])
        found = gradient("x: real[n]\ndata k: real[n]\ny = sum(x^k)", x, k)
        np.testing.assert_allclose(found, [0, 0, 0.5 * 2**-0.5, -4], rtol=1e-15)

    def test_mixed_second_derivative_at_exponent_zero(self):
        """d/dk of k x^(k-1) at k = 0 is 1/x: the convention at (0, 0) must not reach it."""
        _, (by_x, by_k) = hessian_row("y = x^k", 2.0, 0.0)
        assert by_x == pytest.approx(0.5)
        assert by_k == pytest.approx(0.5 + np.log(2.0) ** 2)


class TestProduct:
    VALUES = [
        np.array([2.0, 3.0, 5.0, 7.0]),
        np.array([2.0, 0.0, 5.0, 7.0]),
        np.array([2.0, 0.0, 5.0, 0.0]),
        np.array([0.0, 0.0, 5.0, 0.0]),
        np.array([0.0]),
    ]

    @staticmethod
    def others(x, *left_out):
        return np.prod(np.delete(x, left_out))

    @pytest.mark.parametrize("x", VALUES, ids=str)
    def test_with_zeros(self, x):
        n = range(len(x))
        exact = [self.others(x, i) for i in n]
        np.testing.assert_array_equal(gradient("x: real[n]\ny = prod(x)", x), exact)
        (first,), (second,) = hessian_row("x: real[n]\ny = prod(x)", x)
        np.testing.assert_array_equal(first, exact)
        rows = [sum(self.others(x, i, j) for i in n if i != j) for j in n]
        np.testing.assert_array_equal(second, rows)

    def test_over_axes(self):
        x = np.array([[[2.0, 0.0], [3.0, 5.0]], [[0.0, 0.0], [7.0, 1.0]]])
        for axis in ("0", "1", "(0, 1)", "(0, 2)", "(0, 1, 2)"):
            found = gradient(f"x: real[a, b, c]\ny = sum(prod(x, axis={axis}))", x)
            axes = eval(axis)
            for index in np.ndindex(x.shape):
                bumped = x.copy()
                bumped[index] += 1
                slope = np.sum(np.prod(bumped, axis=axes)) - np.sum(np.prod(x, axis=axes))
                assert found[index] == slope  # a product is linear in each factor


BRANCHES = [
    ("where(x > 0, log(x), x)", -1.0, 1.0, 0.0),
    ("where(x > 0, log(x), x)", 0.0, 1.0, 0.0),
    ("where(x > 0, sqrt(x), 2*x)", 0.0, 2.0, 0.0),
    ("where(x > 0, 1/x, 3*x)", 0.0, 3.0, 0.0),
    ("where(x < 1, x^2, exp(x))", 0.5, 1.0, 2.0),
    ("where(x < 1, x^2, exp(exp(x)))", -0.5, -1.0, 2.0),
    ("where(x < 10, x^2, 1) + where(x >= 10, exp(x), 0)", 1e4, np.inf, np.inf),
    ("where(x < 10, exp(x), x)", 1e4, 1.0, 0.0),
    ("log(x) if x > 0 else x^2", -3.0, -6.0, 2.0),
    ("relu(x) * log(1 + relu(x))", -2.0, 0.0, 0.0),
    ("sqrt(relu(x))", -1.0, 0.0, 0.0),
    ("sqrt(clip(x, 0, 4))", -1.0, 0.0, 0.0),
    ("log(maximum(x, 0.5))", -1.0, 0.0, 0.0),
    ("1/where(x > 1, x, 1)", 0.0, 0.0, 0.0),
    ("where(x > 0, where(x > 1, log(x - 1), x), 7*x)", 0.5, 1.0, 0.0),
    ("where(x != 0, sin(x)/x, 1)", 0.0, 0.0, 0.0),
    ("sqrt(where(x > 0, x, 0))", -2.0, 0.0, 0.0),
    ("where(x > 0, asin(x), x)", -5.0, 1.0, 0.0),
    ("where(x > 0, x*log(x), 0)", 0.0, 0.0, 0.0),
    ("xlogy(x, x)", 1.0, 1.0, 1.0),
]


@pytest.mark.parametrize("formula, x, first, second", BRANCHES)
def test_branch_not_taken(formula, x, first, second):
    """It contributes exactly 0, even where its own derivative is inf or nan."""
    (one,), (two,) = hessian_row(f"y = {formula}", x)
    assert one == first
    assert two == second
    if np.isfinite(first):
        assert gradient(f"y = {formula}", x) == first
        points = np.array([x, x, 0.25])
        found = gradient(f"x: real[n]\ny = sum({formula})", points)
        assert found[0] == found[1] == first


@pytest.mark.parametrize(
    "formula, x",
    [
        ("clip(exp(x), 0, 1)", 1e4),
        ("minimum(exp(x), 1)", 1e4),
        ("relu(-exp(x))", 1e3),
        ("relu(-exp(x))^2", 1e3),
    ],
)
def test_saturated(formula, x):
    """An operand that overflows on the side that does not count; NumPy says so, rightly."""
    (one,), (two,) = hessian_row(f"y = {formula}", x)
    assert one == two == 0
    with np.errstate(over="ignore", invalid="ignore"):
        assert exprdiff.compile(f"y = {formula}").gradient(x) == 0


def test_underflow_is_not_positive():
    """normcdf(-50) is 0 in floats: what is guarded against 0 must be guarded there."""
    assert gradient("y = where(x > -30, log(normcdf(x)), -x^2/2)", -50.0) == 50
    assert gradient("y = normcdf(x)^k", -50.0, 2.0) == (0, 0)


def test_branch_not_taken_within_a_condition():
    """The operand of an operation whose derivative is a comparison."""
    assert gradient("y = clip(log(x), 0, 1) if x > 0 else x", -1.0) == 1


def test_masked_reduction():
    x = np.array([-1.0, 0.0, 2.0])
    found = gradient("x: real[n]\ny = sum(where(x > 0, log(x), 0)) / 3", x)
    np.testing.assert_array_equal(found, [0, 0, 1 / 6])
    found = gradient("x: real[n]\ndata m: bool[n]\ny = sum(where(m, sqrt(x), 0))", x, x > 0)
    np.testing.assert_array_equal(found, [0, 0, 0.5 / np.sqrt(2)])


def test_clip_with_its_bounds_crossed():
    """NumPy's clip is min(max(x, low), high): where low > high the value is high."""
    assert gradient("y = clip(x, a, b)", 0.0, 2.0, 1.0) == (0, 0, 1)
    assert gradient("y = clip(x, a, b)", 3.0, 2.0, 1.0) == (0, 0, 1)
    assert gradient("y = clip(x, a, b)", 0.0, 1.0, 2.0) == (0, 1, 0)
    assert gradient("y = clip(x, a, b)", 3.0, 1.0, 2.0) == (0, 0, 1)
    assert gradient("y = clip(x, a, b)", 1.5, 1.0, 2.0) == (1, 0, 0)


def test_xlogy_at_zero():
    assert gradient("data y: real\nx: real\nz = xlogy(y, x)", 0.0, 0.0) == 0
    assert exprdiff.compile("z = xlogy(x, y)").forward(0.0, 0.0) == 0
    _, (by_x, by_y) = hessian_row("z = xlogy(x, y)", 0.0, 2.0)
    assert by_x == 0.5
    assert by_y == 0.5
