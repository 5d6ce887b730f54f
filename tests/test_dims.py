"""Symbolic sizes: polynomials that behave like the numbers they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exprdiff.dims import (
    Dim,
    count_of,
    dim,
    divide,
    evaluate,
    names_of,
    product,
    read,
    show_shape,
)

NAMES = ("n", "d", "k", "längd")
VALUES = st.fixed_dictionaries({name: st.integers(0, 50) for name in NAMES})
SIZES = st.recursive(
    st.one_of(st.integers(-9, 9), st.sampled_from(NAMES).map(dim)),
    lambda inner: st.builds(
        lambda op, a, b: a + b if op == "+" else a - b if op == "-" else a * b,
        st.sampled_from("+-*"), inner, inner,
    ),
    max_leaves=8,
)  # fmt: skip


@given(SIZES, SIZES, VALUES)
def test_arithmetic_commutes_with_evaluation(a, b, values):
    x, y = evaluate(a, values), evaluate(b, values)
    assert evaluate(a + b, values) == x + y
    assert evaluate(a - b, values) == x - y
    assert evaluate(a * b, values) == x * y
    assert evaluate(-a, values) == -x
    assert evaluate(product([a, b, a]), values) == x * y * x


@given(SIZES, SIZES, SIZES)
def test_one_form(a, b, c):
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) * c == a * c + b * c
    assert (a + b) + c == a + (b + c)
    assert a - a == 0
    assert isinstance(a - a, int)
    assert (a + b) - b == a
    assert hash((a + b) - b) == hash(a)
    assert a * 1 == a + 0 == a


@given(SIZES, VALUES)
def test_text(size, values):
    """The text is an expression of that value, and reads back as the same size."""
    assert eval(str(size), {}, values) == evaluate(size, values)
    assert read(str(size)) == size


@given(SIZES)
def test_names(size):
    text = str(size)
    assert names_of([size, 3]) == (size.names if isinstance(size, Dim) else ())
    for name in names_of([size]):
        assert name in text
    if isinstance(size, Dim):
        assert size.is_name == (text in NAMES)


def test_names_in_order_of_appearance():
    assert names_of([dim("n") * dim("d"), dim("k"), dim("d"), 7]) == ("d", "n", "k")
    assert names_of([]) == ()


@pytest.mark.parametrize(
    "size, text",
    [
        (dim("n") + 1, "n + 1"),
        (1 - dim("n"), "-n + 1"),
        (dim("m") * dim("n") * 2 - dim("m") - 3, "2*m*n - m - 3"),
        (3 - dim("n") * dim("n"), "-n*n + 3"),
        (dim("n") - dim("n") + 4, "4"),
    ],
)
def test_spelling(size, text):
    assert str(size) == text


@pytest.mark.parametrize(
    "shape, text",
    [((), "()"), ((dim("n"),), "(n,)"), ((2, dim("n") + 1), "(2, n + 1)")],
)
def test_shapes(shape, text):
    assert show_shape(shape) == text


def test_evaluating_needs_every_name():
    with pytest.raises(KeyError):
        evaluate(dim("n") * dim("d"), {"n": 2})


@given(SIZES, st.integers(1, 5), st.integers(1, 5), VALUES)
def test_division(size, divisor, other, values):
    """Whole quotients, and quotients of those, are evaluated, printed and read back."""
    known = {**values, "count(m)": 3}
    quotient = divide(divide(size, divisor) + count_of("m"), other)
    want = (evaluate(size, known) // divisor + 3) // other
    assert evaluate(quotient, known) == want
    assert read(str(quotient)) == quotient
    assert set(names_of([quotient])) <= set(known)


@given(SIZES, SIZES)
def test_exact_quotient(size, divisor):
    whole = size * divisor
    if isinstance(whole, Dim) and divisor != 0:
        assert whole.divided(divisor) == size
        assert (whole * 2 + 1).divided(divisor * 2) is None


def test_divisions_of_divisions_end():
    def halved(size, times):
        for _ in range(times):
            size = divide(size + 1, 2)
        return size

    assert halved(dim("n"), 10).value({"n": 1000}) == 1
    with pytest.raises(ValueError, match="divisions"):
        halved(dim("n"), 100)
