"""Whole numbers where reals are declared: they are converted, and never overflow."""

import numpy as np
import pytest

import exprdiff

INTEGERS = [10, np.int64(10), np.int8(10), np.array([10]), np.array([10], dtype=np.uint8)]


@pytest.mark.parametrize("value", INTEGERS, ids=repr)
@pytest.mark.parametrize(
    "source, right, slope",
    [
        ("y = x^20", 1e20, 2e20),
        ("y = x*x*x*x*x*x*x*x*x*x", 1e10, 1e10),
        ("t = x^2; u = t^2; y = u^2*u^2*u^2", 1e24, 2.4e24),
        ("y = 2^-x", 2.0**-10, -(2.0**-10) * np.log(2)),
        ("y = x^-2", 1e-2, -2e-3),
    ],
)
def test_of_numbers(source, right, slope, value):
    module = exprdiff.compile(source)
    np.testing.assert_allclose(module.forward(value), right, rtol=1e-14)
    np.testing.assert_allclose(module.gradient(value), slope, rtol=1e-14)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64, bool])
def test_of_arrays(kind):
    module = exprdiff.compile("x: real[n]\ny = sum(x^20) - sum(x)")
    x = np.array([1, 0, 1, 10]).astype(kind)
    right = np.sum(x.astype(float) ** 20 - x.astype(float))
    np.testing.assert_allclose(module.forward(x), right, rtol=1e-15)


def test_many_inputs_fit_on_lines():
    names = [f"a_long_name_{i}" for i in range(30)]
    lines = [f"t{i} = t{i - 1} + {n}^3" for i, n in enumerate(names) if i]
    text = exprdiff.emit("\n".join([f"t0 = {names[0]}^3", *lines]))
    assert max(map(len, text.splitlines())) <= 100
    assert "    a_long_name_7 = 1.0 * a_long_name_7\n" in text


def test_of_booleans():
    module = exprdiff.compile("data c: bool\nf = x if c else 0*x")
    assert (module.forward(True, 2.0), module.forward(False, 2.0)) == (2.0, 0.0)


def test_sizes_that_are_computed_from_later_ones():
    sizes = "x: real[2*n, m - 1]\ny: real[n]\nz: real[m]\n"
    module = exprdiff.compile(sizes + "f = sum(x)*sum(y)*sum(z)")
    x, y, z = np.ones((4, 2)), np.ones(2), np.ones(3)
    assert module.forward(x, y, z) == 48
    with pytest.raises(ValueError, match="x has shape"):
        module.forward(x, np.ones(3), z)
    with pytest.raises(ValueError, match="x has shape"):
        module.forward(x, y, np.ones(4))


def test_slices_lie_within_their_axes():
    module = exprdiff.compile("x: real[n]\nX: real[n, d]\nf = mean(x[:5]) + sum(X[1:, ::-1][2:])")
    assert module.forward(np.ones(5), np.ones((5, 1))) == 3
    with pytest.raises(ValueError, match="slices need n >= 5"):
        module.forward(np.ones(4), np.ones((4, 1)))
