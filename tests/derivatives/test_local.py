"""The function for reading: every value, the derivative along each edge and by each node."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)


def test_the_example_of_the_book():
    module = exprdiff.compile("c = a + b; d = b + 1; e = c*d", emit="local")
    values, edges, derivatives = module.local(2, 1)
    assert values == {"c": 3, "d": 2, "e": 6}
    assert edges == {
        ("e", "c"): 2, ("e", "d"): 3, ("c", "a"): 1, ("c", "b"): 1, ("d", "b"): 1,
    }  # fmt: skip
    assert derivatives == {"a": 2, "b": 5, "c": 2, "d": 3, "e": 1}


def test_values_without_a_name_are_numbered():
    values, edges, derivatives = exprdiff.compile("e=(a+b)*(b+1)", emit="local").local(2, 1)
    assert values == {"t1": 3, "t2": 2, "e": 6}
    assert edges[("e", "t1")] == 2
    assert edges[("t2", "b")] == 1
    assert derivatives["b"] == 5


PROGRAMS = [
    "y = sin(x)/z^2 + sqrt(x*z)",
    "u = x*z; v = u/x; y = u*v + x",
    "y = x if x > z else x^2*z",
    "x2 = x^2; y = x2*x2/(x2 + z)",
    "y = max(x, z)*min(x, z)",
    "y = x",
]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("source", PROGRAMS)
def test_the_chain_rule_holds_over_the_edges(source, level):
    """A node's derivative is the sum over its users of theirs times the edge."""
    module = exprdiff.compile(source, emit=["local", "gradient"], optimize=level)
    given = {n: v for n, v in (("x", 1.3), ("z", 0.7)) if n in module.INPUTS}
    values, edges, derivatives = module.local(**given)
    for name, found in derivatives.items():
        users = [derivatives[y] * d for (y, n), d in edges.items() if n == name]
        if users:
            np.testing.assert_allclose(found, sum(users), rtol=1e-13)
    gradient = module.gradient(**given)
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    for name, want in zip(module.WRT, gradient, strict=True):
        np.testing.assert_allclose(derivatives[name], want, rtol=1e-13)
    assert values["y"] == module.forward(**given) if hasattr(module, "forward") else True


def test_edges_of_arrays_are_jacobians():
    source = """
    data X: real[n, d]
    w: real[d]
    z = X @ w
    p = sigmoid(z)
    J = sum(p^2)
    """
    module = exprdiff.compile(source.replace("    ", ""), emit="local")
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(4, 3)), rng.normal(size=3)
    values, edges, derivatives = module.local(X, w)
    z, p = X @ w, 1 / (1 + np.exp(-X @ w))
    np.testing.assert_allclose(values["z"], z)
    np.testing.assert_allclose(edges[("z", "w")], X)
    np.testing.assert_allclose(edges[("p", "z")], jax.jacobian(jax.nn.sigmoid)(z), rtol=1e-12)
    np.testing.assert_allclose(derivatives["p"], 2 * p)
    want = jax.grad(lambda w: jnp.sum(jax.nn.sigmoid(X @ w) ** 2))(w)
    np.testing.assert_allclose(derivatives["w"], want)
    assert not np.shares_memory(edges[("z", "w")], X)
    assert "X" not in derivatives


def test_the_formula_stands_as_it_was_written():
    """No rewriting: every value is one that the reader sees in the formula."""
    text = exprdiff.emit("y = log(1 + exp(x))", emit="local")
    assert "np.exp(x)" in text
    assert "logaddexp" not in text


def test_it_needs_a_number_to_differentiate():
    with pytest.raises(exprdiff.ExprDiffError, match="scalar output"):
        exprdiff.compile("x: real[n]; y = 2*x", emit="local")
