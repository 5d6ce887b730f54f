"""``-O0``: algorithms 6.1 and 6.2 of the Deep Learning book, one line a node."""

import ast

import numpy as np

import exprdiff

LOGISTIC = """
data X: real[n, d]
data y: real[n]
w: real[d]
b: real
z = X @ w + b
J = mean(softplus(z) - y*z) + 0.001*sum(w^2)
"""


def assigned(module, name):
    tree = ast.parse(module.source)
    function = next(f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == name)
    lines = [s for s in function.body if isinstance(s, ast.Assign)]
    named = [s for s in lines if isinstance(s.targets[0], ast.Name)]
    return {s.targets[0].id: ast.unparse(s.value) for s in named}


def test_the_derivative_of_every_node():
    m = exprdiff.compile("e = (a+b)*(b+1)", optimize=0)
    steps = assigned(m, "gradient")
    assert steps == {
        "t1": "a + b",
        "t2": "b + 1",
        "de_de": "1",
        "de_dt2": "de_de * t1",
        "de_dt1": "de_de * t2",
        "de_db": "de_dt2 + de_dt1",
        "de_da": "de_dt1",
    }
    assert m.gradient(2, 1) == (2, 5)
    assert assigned(m, "forward") == {"t1": "a + b", "t2": "b + 1", "e": "t1 * t2"}


def test_the_user_s_names_stay():
    steps = assigned(exprdiff.compile("c = a+b\nd = b+1\ne = c*d", optimize=0), "gradient")
    assert {"de_dc", "de_dd", "de_da", "de_db"} < set(steps)


def test_arrays():
    random = np.random.default_rng(3)
    values = random.normal(size=(6, 3)), random.uniform(size=6), random.normal(size=3), 0.4
    plain, textbook = (exprdiff.compile(LOGISTIC, optimize=k) for k in (1, 0))
    steps = assigned(textbook, "gradient")
    derived = {name[4:] for name in steps if name.startswith("dJ_d")}
    assert {name for name in steps if not name.startswith("dJ_d")} < derived
    assert {"J", "z", "w", "b"} < derived
    for a, b in zip(textbook.gradient(*values), plain.gradient(*values), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
