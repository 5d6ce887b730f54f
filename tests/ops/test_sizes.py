"""Every function of arrays on axes of each size, none and one among them: both modes, both levels.

The programs are the examples of the reference; what is compiled is compared with the evaluation of
the graph, and the gradient with the tangent along a random direction.
"""

import numpy as np
import pytest

import exprdiff
from exprdiff import reference
from exprdiff.forward import tangents
from exprdiff.frontend.lower import lower
from exprdiff.graph import input_, interning
from exprdiff.indexed import Indexed
from exprdiff.interpret import interpret
from exprdiff.verify import verify

FUNCTIONS = {f.name: f for f in reference.functions() if reference.topic(f) != "elementwise"}
NEED_ELEMENTS = {"max", "min", "norminf", "argmax", "argmin", "mean", "var", "std", "mse", "mae",
                 "huber", "cross_entropy", "binary_cross_entropy", "logsumexp", "softmax",
                 "log_softmax"}  # fmt: skip
SIZES = [
    {"n": 3, "d": 2, "k": 4}, {"n": 1, "d": 1, "k": 1}, {"n": 1, "d": 3, "k": 2},
    {"n": 0, "d": 2, "k": 3}, {"n": 2, "d": 0, "k": 0}, {"n": 0, "d": 0, "k": 0},
]  # fmt: skip


def drawn(node, sizes, random):
    """A value for an input; matrices are positive definite, all else is between 0.2 and 0.9."""
    shape = tuple(n if isinstance(n, int) else n.value(sizes) for n in node.shape)
    value = random.uniform(0.2, 0.9, shape)
    if len(shape) > 1 and node.shape[0] == node.shape[1]:
        value = value @ value.T + np.eye(shape[0])
    return value


def differentiable(program):
    """The program, of which a scalar is made if its result is an array."""
    with interning():
        shape = lower(exprdiff.parse(program)).outputs[0].node.shape
    return program.replace("f = ", "u = ") + "\nf = sum(sin(u))" if shape else program


@pytest.mark.parametrize("sizes", SIZES, ids=lambda s: ",".join(map(str, s.values())))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name, sizes):
    program = differentiable(reference.example_program(FUNCTIONS[name]))
    random = np.random.default_rng(4)
    with interning():
        lowered = lower(exprdiff.parse(program))
        nodes = [x.node for x in lowered.inputs]
        output = lowered.outputs[0].node
        values = {node: drawn(node, sizes, random) for node in nodes}
        if name in NEED_ELEMENTS and any(v.size == 0 for v in values.values()):
            return
        moved = [input_(f"d{node.name}", node.shape) for node in nodes]
        seeds = {node: Indexed(d) for node, d in zip(nodes, moved, strict=True)}
        tangent = tangents([output], seeds)[output]
        verify([tangent])
        pairs = zip(nodes, moved, strict=True)
        ways = {d: random.normal(size=values[node].shape) for node, d in pairs}
        value, slope = interpret([output, tangent], values | ways, sizes)
    for level in (0, 1):
        module = exprdiff.compile(program, optimize=level)
        given = [values[node] for node in nodes]
        np.testing.assert_allclose(module.forward(*given), value, rtol=1e-12, atol=1e-13)
        gradient = module.gradient(*given)
        gradient = gradient if isinstance(gradient, tuple) else (gradient,)
        total = 0.0
        for node, d, g in zip(nodes, moved, gradient, strict=True):
            assert np.shape(g) == values[node].shape
            assert not np.shares_memory(g, values[node])
            total += np.sum(g * ways[d])
        np.testing.assert_allclose(total, slope, rtol=1e-10, atol=1e-12)
