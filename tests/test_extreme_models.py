"""The two models that everything is judged by, at logits of ten thousand: finite, and silent."""

import ast
from pathlib import Path

import numpy as np
import pytest

import exprdiff

CORPUS = Path(__file__).parent / "corpus" / "good"


def model(name, **options):
    return exprdiff.compile((CORPUS / f"{name}.expr").read_text(encoding="utf-8"), **options)


@pytest.mark.parametrize("level", [0, 1])
def test_logistic_regression(level):
    m = model("logistic", optimize=level)
    X = np.array([[1e4, 0.0], [-1e4, 0.0], [0.0, 1.0]])
    y = np.array([0.0, 1.0, 1.0])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        value, (dw, db) = m.value_and_gradient(X, y, np.array([1.0, 0.5]), 0.0)
    z = X @ [1.0, 0.5]
    p = np.array([1.0, 0.0, 1 / (1 + np.exp(-0.5))])
    assert value == pytest.approx((2e4 + np.log1p(np.exp(-0.5))) / 3 + 0.001 * 1.25)
    np.testing.assert_allclose(dw, X.T @ (p - y) / 3 + 0.002 * np.array([1.0, 0.5]), rtol=1e-13)
    assert db == pytest.approx(np.mean(p - y))
    assert np.abs(z).max() == 1e4


@pytest.mark.parametrize("level", [0, 1])
def test_perceptron(level):
    m = model("mlp", optimize=level)
    X, W1 = np.ones((2, 1)), np.ones((1, 1))
    W2 = np.array([[1e4, -1e4, 0.0]])
    Y = np.eye(3)[[0, 1]]
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        value, (d1, d2) = m.value_and_gradient(X, Y, W1, W2, 0.0)
    assert value == 1e4
    np.testing.assert_allclose(d2, [[0.5, -0.5, 0.0]])
    np.testing.assert_allclose(d1, [[1e4]])


def test_no_more_operations_than_by_hand():
    """Logistic regression: at most 14 arithmetic operations and calls, conversion aside."""
    tree = ast.parse(model("logistic").source)
    function = next(f for f in tree.body if getattr(f, "name", "") == "gradient")
    counted = (ast.BinOp, ast.Call, ast.UnaryOp, ast.Compare)
    assert sum(isinstance(x, counted) for x in ast.walk(function)) <= 10
