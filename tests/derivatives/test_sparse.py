"""Sparse derivatives in their structure: as SciPy takes them, equal to the dense ones."""

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

import exprdiff

RNG = np.random.default_rng(8)
x, X = RNG.normal(size=6), RNG.normal(size=(3, 4))
k = np.array([1, -2, 0, 5])
VALUES = {
    "x": x, "X": X, "k": k, "A": RNG.normal(size=(4, 2)), "T": RNG.normal(size=(3, 5)),
    "V": RNG.normal(size=(5, 4)), "m": np.array([True, False, True, True, False, False]),
}  # fmt: skip
TYPES = {
    "x": "x: real[n]", "X": "X: real[p, q]", "k": "data k: int[r]", "A": "data A: real[q, s]",
    "T": "data T: real[p, t]", "V": "data V: real[t, q]", "m": "data m: bool[n]",
}  # fmt: skip

#: (inputs, formula, the form of its derivative): forms are d(iagonal), D(iagonals), b, c.
FUNCTIONS = [
    ("x", "exp(x)", "d"),
    ("x", "3*x", "d"),
    ("x", "where(x > 0, x^2, 0)", "d"),
    ("x", "x[1:] - x[:-1]", "D"),
    ("x", "(3 - 2*x[1:-1])*x[1:-1] - x[:-2] - 2*x[2:] + 1", "D"),
    ("x", "sin(x[2:])*x[:-2] + x[1:-1]^2", "D"),
    ("x", "(x[1:] - x[:-1])[1:]*(x[1:] - x[:-1])[:-1]", "D"),
    ("x", "pad(x, 1)[2:]*x", "D"),
    ("x", "flip(x)*2", "c"),
    ("x", "x[::2]^3", "c"),
    ("x", "x[::-2]", "c"),
    ("x", "concat(x, x[::2])", "c"),
    ("x", "x[0]*x[-1] + x[2:5]", "c"),
    ("x", "roll(x, 2)*x", "c"),
    ("x", "x*sum(x)", "c"),
    ("x", "cumsum(x)", "c"),
    ("k x", "x[k]^2", "c"),
    ("m x", "x[m]^2", "c"),
    ("x", "x[:, None]*x[None, :]", "c"),
    ("X", "exp(X)", "d"),
    ("X", "softmax(X)", "b"),
    ("X", "softmax(X', axis=0)", "c"),
    ("X A", "X @ A", "b"),
    ("X A", "tanh(X @ A)", "b"),
    ("X", "sum(X^2, axis=1)", "b"),
    ("X", "sum(X^2, axis=0)", "c"),
    ("X", "X[1:] - X[:-1]", "c"),
    ("X", "X'", "c"),
    ("X", "X[:, 1]^2", "b"),
]  # fmt: skip
NUMBERS = [
    ("x", "sum(100*(x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)", "D"),
    ("x", "sum(((x[1:] - x[:-1])[1:] - (x[1:] - x[:-1])[:-1])^2)", "D"),
    ("x", "sum(x^4)", "d"),
    ("x", "sum(x)^2", "c"),
    ("x", "sum(sin(x[2::3])) + sum(x[2::3])^2", "c"),
    ("k x", "sum(x[k]^3)", "c"),
    ("T X V", "sum((T - X @ V')^2)", "b"),
    ("X", "sum(logsumexp(X, axis=1))", "b"),
    ("X", "sum((X[1:] - X[:-1])^2) + sum((X[:, 1:] - X[:, :-1])^2)", "c"),
    ("x", "sum(x)", "c"),
]  # fmt: skip


IDS = [formula for _, formula, _ in FUNCTIONS]


def form(result):
    if isinstance(result, np.ndarray):
        return "d" if result.ndim == 1 else "b"
    return "D" if isinstance(result[0], tuple) else "c"


def dense(result, shape):
    """The matrix that SciPy makes of a result."""
    match form(result):
        case "d":
            return np.diag(result)
        case "b":
            assert result.ndim == 3
            return scipy.sparse.block_diag(list(result)).toarray()
        case "D":
            diagonals, offsets = result
            return scipy.sparse.diags_array(diagonals, offsets=offsets, shape=shape).toarray()
        case _:
            return scipy.sparse.coo_array(result, shape=shape).toarray()


def checked(kind, names, formula, wanted, level):
    names = names.split()
    source = "\n".join([*(TYPES[n] for n in names), f"f = {formula}"])
    emit = [kind, f"{kind}_sparse", f"{kind}_sparsity"]
    module = exprdiff.compile(source, emit=emit, optimize=level)
    values = {n: VALUES[n] for n in names}
    (by,) = module.WRT
    full = getattr(module, kind)(**values).reshape(-1, values[by].size)
    found = getattr(module, f"{kind}_sparse")(**values)
    assert form(found) == wanted
    np.testing.assert_allclose(dense(found, full.shape), full, rtol=1e-13, atol=1e-13)
    pattern = getattr(module, f"{kind}_sparsity")(**values)
    assert pattern.dtype == bool
    assert pattern.shape == full.shape
    assert np.all(pattern[full != 0])
    return pattern, full


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("names", "formula", "wanted"), FUNCTIONS, ids=IDS)
def test_jacobian(names, formula, wanted, level):
    checked("jacobian", names, formula, wanted, level)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("names", "formula", "wanted"), NUMBERS, ids=[f for _, f, _ in NUMBERS])
def test_hessian(names, formula, wanted, level):
    checked("hessian", names, formula, wanted, level)


@pytest.mark.parametrize(("names", "formula", "wanted"), FUNCTIONS, ids=IDS)
def test_the_pattern_is_tight_where_the_labels_say_so(names, formula, wanted):
    """Only what a label cannot know, such as a condition or a padded 0, is taken for nonzero."""
    pattern, full = checked("jacobian", names, formula, wanted, 1)
    loose = ("where(x > 0, x^2, 0)", "cumsum(x)", "pad(x, 1)[2:]*x", "roll(x, 2)*x")
    if formula not in loose:
        np.testing.assert_array_equal(pattern, full != 0)


def test_the_pattern_serves_least_squares():
    module = exprdiff.compile(
        "x: real[n]\nr = concat(10*(x[1:] - x[:-1]^2), 1 - x[:-1])",
        emit=["forward", "jacobian", "jacobian_sparsity"],
    )
    start = np.full(8, -1.2)
    found = scipy.optimize.least_squares(
        module.forward, start, jac_sparsity=module.jacobian_sparsity(start), xtol=1e-15, ftol=1e-15
    )
    np.testing.assert_allclose(found.x, 1, rtol=1e-6)
    jacobian = scipy.optimize.least_squares(module.forward, start, jac=module.jacobian)
    np.testing.assert_allclose(jacobian.x, 1, rtol=1e-6)


def test_several_inputs_come_in_rows():
    module = exprdiff.compile(
        "x, y: real[n]\nf = sum(x^2*y)", emit=["hessian_sparse", "hessian_sparsity"]
    )
    (xx, xy), (yx, yy) = module.hessian_sparse(x, x)
    np.testing.assert_allclose(xx, 2 * x)
    np.testing.assert_allclose(xy, 2 * x)
    np.testing.assert_allclose(yx, 2 * x)
    assert scipy.sparse.coo_array(yy, shape=(6, 6)).nnz == 0
    assert not module.hessian_sparsity(x, x)[1][1].any()


def test_no_input_is_aliased():
    source = "data k: int[m]; x: real[n]; y = x[k]; z = 2*y"
    module = exprdiff.compile(source, emit="jacobian_sparse")
    data, (rows, columns) = module.jacobian_sparse(k, x)
    assert not any(np.shares_memory(k, v) for v in (data, rows, columns))
