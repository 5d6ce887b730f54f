"""Matrix expressions as people paste them, with the derivatives that tables of them give."""

import numpy as np
import pytest

import exprdiff

RNG = np.random.default_rng(11)
A, B, C, X = (RNG.normal(size=(4, 4)) for _ in range(4))
S = A @ A.T + np.eye(4)
x, y, c = (RNG.normal(size=4) for _ in range(3))
L = RNG.choice([-1.0, 1.0], size=4)
inv = np.linalg.inv

VECTORS = "data A: real[n, n]; data y, c: real[n]; x: real[n]; "
MATRICES = "data A, B, C: real[n, n]; data x, y: real[n]; X: real[n, n]; "

#: (declarations and formula, the derivative by hand)
TABLE = [
    (VECTORS + "norm2(A@x - y)^2", lambda: 2 * A.T @ (A @ x - y)),
    (VECTORS + "norm2(A@x - y)", lambda: A.T @ (A @ x - y) / np.linalg.norm(A @ x - y)),
    (VECTORS + "norm1(A@x - y)", lambda: A.T @ np.sign(A @ x - y)),
    (VECTORS + "x'@A@x", lambda: (A + A.T) @ x),
    (VECTORS + "x'@A@x + c.T@x + 5", lambda: (A + A.T) @ x + c),
    (VECTORS + "y'@A@x", lambda: A.T @ y),
    (VECTORS + "sin(c'@x)", lambda: np.cos(c @ x) * c),
    (VECTORS + "exp(-(x'@x)/2)", lambda: -np.exp(-x @ x / 2) * x),
    (VECTORS + "sum(log(exp(-y.*(A@x)) + vector(1)))",
     lambda: -A.T @ (y / (1 + np.exp(y * (A @ x))))),
    (VECTORS + "-sum(y.*log(x.^2 + vector(1)))", lambda: -2 * y * x / (x**2 + 1)),
    (VECTORS + "sum(abs(x)./(vector(1) + abs(x)))",
     lambda: np.sign(x) / (1 + np.abs(x)) ** 2),
    (VECTORS + "x'@y/(norm(x)*norm(y))",
     lambda: (y / np.linalg.norm(x) - (x @ y) * x / np.linalg.norm(x) ** 3) / np.linalg.norm(y)),
    (VECTORS + "(x'@A@x)/(x'@x)",
     lambda: ((A + A.T) @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x)),
    (MATRICES + "tr(A @ X.T @ B @ X @ C)", lambda: B.T @ X @ A.T @ C.T + B @ X @ C @ A),
    (MATRICES + "tr(X)", lambda: np.eye(4)),
    (MATRICES + "tr(A@X)", lambda: A.T),
    (MATRICES + "tr(X'@A)", lambda: A),
    (MATRICES + "tr(X'@X)", lambda: 2 * X),
    (MATRICES + "tr(A@X@B@X)", lambda: A.T @ X.T @ B.T + B.T @ X.T @ A.T),
    (MATRICES + "x'@X@y", lambda: np.outer(x, y)),
    (MATRICES + "x'@X'@X@y", lambda: X @ (np.outer(x, y) + np.outer(y, x))),
    (MATRICES + "det(X)", lambda: np.linalg.det(X) * inv(X).T),
    (MATRICES + "log(det(inv(X @ X.T)))", lambda: -2 * inv(X).T),
    (MATRICES + "log(det(X)^2)", lambda: 2 * inv(X).T),
    (MATRICES + "tr(A@inv(X)@B)", lambda: -(inv(X) @ B @ A @ inv(X)).T),
    (MATRICES + "x'@inv(X)@y", lambda: -np.outer(inv(X).T @ x, inv(X) @ y)),
    (MATRICES + "norm2(A - X@B)^2", lambda: -2 * (A - X @ B) @ B.T),
    (MATRICES + "sum(A.*X)", lambda: A),
    (MATRICES + "sum(exp(A@X))", lambda: A.T @ np.exp(A @ X)),
]  # fmt: skip


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("text", "derivative"), TABLE, ids=[t.split("; ")[-1] for t, _ in TABLE])
def test_derivative(text, derivative, level):
    module = exprdiff.compile(text, optimize=level)
    values = {"A": A, "B": B, "C": C, "X": X, "x": x, "y": y, "c": c}
    given = {name: values[name] for name in module.INPUTS}
    np.testing.assert_allclose(module.gradient(**given), derivative(), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (VECTORS + "norm2(A@x - y)^2", "2 * (A.T @ (A @ x - y))"),
        (MATRICES + "tr(A@X)", "A.T.copy()"),
        (MATRICES + "logdet(X)", "np.linalg.inv(X).T"),
        ("data A: real[n, n] symmetric; x: real[n]; x'@A@x", "2 * (A @ x)"),
    ],
)
def test_code_is_the_table_entry(text, code):
    assert f" = {code}" in exprdiff.emit(text, emit="gradient")


@pytest.mark.parametrize("product", ["A*x", "A*x + y", "sum(A*x)"])
def test_a_star_between_matrices_says_how_to_write_the_product(product):
    with pytest.raises(exprdiff.ExprDiffError, match=r"the matrix product is A' @ x|is A @ x"):
        exprdiff.compile(f"A: real[m, n]; x: real[m]; y: real[n]; J = {product}")
