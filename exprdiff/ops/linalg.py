"""Products and other contractions of matrices, and the constant matrices."""

from __future__ import annotations

from .. import messages
from ..graph import eye, fresh
from ..normal import contract, full
from .define import Parameter, composite
from .numpy_order import Array, matmul, real, transpose

SHAPE = (Parameter("shape", "shape"),)


@composite("dot", "x y", "The inner product; of matrices, x @ y.", formula="x @ y",
           example="dot(x, y)")  # fmt: skip
def dot(x, y):
    return matmul(x, y)


@composite("outer", "x y", "The outer product of two vectors.", formula="x @ y'",
           example="outer(x, y)")  # fmt: skip
def outer(x, y):
    for v in (x, y):
        if v.rank != 1:
            raise messages.not_a_vector("outer", v.describe())
    i, j = fresh(2)
    return Array(contract(1, [(real(x).node, (i,)), (real(y).node, (j,))], (i, j)))


@composite("trace", "X", "The sum of the diagonal; of the last two axes, if there are more.",
           synonyms=("tr",), example="trace(A @ B)")  # fmt: skip
def trace(x):
    if x.rank < 2 or x.node.shape[-1] != x.node.shape[-2]:
        raise messages.not_square("trace", x.describe())
    labels = fresh(x.rank - 1)
    return Array(contract(1, [(real(x).node, (*labels, labels[-1]))], labels[:-1]))


@composite("transpose", "X", "The transpose; the last two axes swap, if there are more.",
           formula="X'", example="transpose(A) @ x")  # fmt: skip
def transposed(x):
    return transpose(x)


@composite("eye", (Parameter("n", "size"),), "The identity matrix.", example="eye(n)")
def identity(n):
    return Array(eye(n))


@composite("zeros", SHAPE, "An array of zeros.", example="zeros(n, d)")
def zeros(*shape):
    return Array(full(0, shape))


@composite("ones", SHAPE, "An array of ones.", example="ones(n)")
def ones(*shape):
    return Array(full(1, shape))
