"""Parts: a derivative kept as its nonzero parts is the derivative."""

import numpy as np
import pytest

import exprdiff
from exprdiff.frontend.lower import lower
from exprdiff.graph import EYE, interning, topological
from exprdiff.interpret import interpret
from exprdiff.ops.indexing import place
from exprdiff.transforms.places import At, Chosen, Fixed, Part, array_of
from exprdiff.transforms.products import by_forward, by_reverse
from exprdiff.transforms.structure import Structures
from exprdiff.verify import verify

RNG = np.random.default_rng(6)
VALUES = {
    "x": RNG.uniform(0.5, 1.5, 5), "X": RNG.uniform(0.5, 1.5, (3, 4)),
    "A": RNG.normal(size=(5, 5)), "B": RNG.normal(size=(4, 3)), "k": np.array([4, 0, 0, -1]),
}  # fmt: skip
TYPES = (
    "x: real[n]; X: real[p, q]; data A: real[n, n]; data B: real[q, p]; data k: int[r]; "
)
FORMULAS = [
    "exp(x)", "x*x[0]", "x[1:] - x[:-1]", "x[::-1]*x", "x[::2]", "A @ exp(x)", "exp(A @ x)",
    "softmax(A @ x)", "x[k]*x[:4][0]", "cumsum(x)*x", "x[1:][1:] - x[:-1][1:]", "x[3]*x",
    "concat(x, A @ x)[2:-2]", "A*x", "x @ x'", "sum(X, axis=0)", "X @ B", "softmax(X)",
    "X[1:, 1:]*X[:-1, :-1]", "X'", "(X @ B) @ (X @ B)", "X[:, 0] + X[:, -1]", "norm(X, axis=1)",
    "solve(A + 9*eye(n), x)", "inv(A + diag(x))", "reshape(X, -1)[2:]", "x[None, :]*X[0, 0]",
    "where(x > 1, x, x^2)", "max(x, 1)", "repeat(x, 2)", "pad(x, 1)", "einsum(\"ij,ji->i\", X, B)",
    "kron(x, x[:2])", "diag(A)*x", "tril(x @ x')", "X[None]*x[:, None, None]", "x/sum(x)",
]  # fmt: skip


@pytest.mark.parametrize("mode", [by_reverse, by_forward])
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_array_is_the_same(formula, mode):
    with interning():
        lowered = lower(exprdiff.parse(f"{TYPES}u = {formula}"))
        (u,) = (x.node for x in lowered.outputs)
        used = set(topological([u]))
        xs = [x.node for x in lowered.inputs if x.name in "xX" and x.node in used]
        roots = mode(u, xs)
        structures = Structures(roots, used)
        found = [structures.array(root) for root in roots]
        verify(found)
        values = {x.node: VALUES[x.name] for x in lowered.inputs}
        results = interpret([*roots, *found], values)
        for a, b in zip(results[: len(xs)], results[len(xs) :], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
        for root, want in zip(roots, results, strict=False):
            structure = structures.of_root(root)
            again = structure.array(root.shape)
            (value,) = interpret([again], values)
            np.testing.assert_allclose(value, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "formula", ["exp(x)", "softmax(X)", "X @ B", "x[1:] - x[:-1]^2", "exp(A @ x)", "x*sum(x)"]
)
def test_no_delta_is_multiplied(formula):
    """What remains of a delta is placed, or is a multiple of the identity."""
    with interning():
        lowered = lower(exprdiff.parse(f"{TYPES}u = {formula}"))
        (u,) = (x.node for x in lowered.outputs)
        used = set(topological([u]))
        xs = [x.node for x in lowered.inputs if x.name in "xX" and x.node in used]
        structures = Structures(by_reverse(u, xs), used)
        found = [structures.array(root) for root in by_reverse(u, xs)]
        for node in topological(found):
            if EYE in (x.op for x in node.operands):
                assert all(not x.shape or x.op is EYE for x in node.operands)


class TestPart:
    def test_a_diagonal_beside_the_main_one(self):
        from exprdiff.graph import fresh, number
        from exprdiff.indexed import Indexed

        with interning():
            (k,) = fresh(1)
            places = (At(k, 4, 1), At(k, 5))
            part = Part(Indexed(number(2), ()), places, {k: 3})
            assert part.pattern == ((0, 3, 1, 1), (0, 3, 0, 1))
            node = array_of(part, (4, 5))
            assert node.op is place
            (value,) = interpret([node], {})
        np.testing.assert_array_equal(value, 2 * np.eye(4, 5, -1) * (np.arange(5) < 3))

    def test_fixed_and_chosen_places(self):
        from exprdiff.graph import fresh, input_, number
        from exprdiff.indexed import Indexed

        with interning():
            (r,) = fresh(1)
            rows = input_("k", (4,), "int")
            places = (Fixed(1), Chosen(rows, (r,)), At(r, 4))
            part = Part(Indexed(number(3), ()), places, {r: 4})
            node = array_of(part, (2, 5, 4))
            (value,) = interpret([node], {rows: VALUES["k"]})
        want = np.zeros((2, 5, 4))
        want[1, VALUES["k"], np.arange(4)] = 3
        np.testing.assert_array_equal(value, want)
