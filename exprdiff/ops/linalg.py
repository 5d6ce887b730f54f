"""Products and other contractions of matrices, and the constant matrices."""

from __future__ import annotations

from .. import messages, tensor_messages
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


@composite("eye", (Parameter("n", "size"),), "The identity matrix.", example="A + eye(n)")
def identity(n):
    return Array(eye(n))


@composite("zeros", SHAPE, "An array of zeros.", example="X + zeros(n, d)")
def zeros(shape):
    return Array(full(0, shape))


@composite("ones", SHAPE, "An array of ones.", example="x - ones(n)")
def ones(shape):
    return Array(full(1, shape))


@composite("diag", "x", "The diagonal of a matrix, or the diagonal matrix of a vector.",
           example="diag(A)")  # fmt: skip
def diag(x):
    if x.rank == 0:
        raise tensor_messages.rank_too_small("diag", x.describe(), 1)
    (i,) = fresh(1)
    if x.rank == 1:
        j, n = fresh(1)[0], x.node.shape[0]
        return Array(contract(1, [(real(x).node, (i,)), (eye(n), (i, j))], (i, j)))
    if x.node.shape[-1] != x.node.shape[-2]:
        raise messages.not_square("diag", x.describe())
    batch = fresh(x.rank - 2)
    return Array(contract(1, [(real(x).node, (*batch, i, i))], (*batch, i)))


@composite("einsum", (Parameter("subscripts", "text"), Parameter("operands", "values")),
           "The sum of products that the subscripts tell, as NumPy's einsum reads them.",
           example='einsum("ij,j->i", A, x)')  # fmt: skip
def einsum(*operands, subscripts):
    def wrong(why):
        return tensor_messages.bad_subscripts(subscripts, why)

    head, arrow, tail = subscripts.replace(" ", "").partition("->")
    terms = head.split(",")
    if len(terms) != len(operands):
        raise wrong(f"{len(terms)} terms for {len(operands)} operands")
    free = [_free_axes(term, x, wrong) for term, x in zip(terms, operands, strict=True)]
    batch = fresh(max(free))
    names: dict[str, int] = {}
    sizes: dict[int, tuple] = {}
    factors = []
    for term, x, count in zip(terms, operands, free, strict=True):
        before, _, after = term.partition("...")
        for letter in before + after:
            names.setdefault(letter, fresh(1)[0])
        labels = [names[c] for c in before]
        labels += batch[len(batch) - count :] if count else ()
        labels += [names[c] for c in after]
        for k, n in zip(labels, x.node.shape, strict=True):
            owner, known = sizes.setdefault(k, (x, n))
            if known != n:
                raise wrong(f"{owner.describe()} and {x.describe()}: {known} and {n} differ")
        factors.append((real(x).node, tuple(labels)))
    if not arrow:
        letters = [c for c in head if c not in ",."]
        tail = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    before, dots, after = tail.partition("...")
    for letter in before + after:
        if letter not in names or (before + after).count(letter) > 1:
            raise wrong(f"'{letter}' must stand once in the result, and in an operand")
    if arrow and batch and not dots:
        raise wrong("the result must say where '...' is")
    out = (*(names[c] for c in before), *batch, *(names[c] for c in after))
    return Array(contract(1, factors, out))


def _free_axes(term: str, x: Array, wrong) -> int:
    """Return how many axes the ellipsis of a term stands for."""
    letters = term.replace("...", "", 1)
    if not all(c.isascii() and c.isalpha() for c in letters):
        raise wrong("subscripts are letters, ',', '->' and '...'")
    free = x.rank - len(letters)
    if free < 0 or (free and "..." not in term):
        raise wrong(f"'{term}' names {len(letters)} axes, but {x.describe()}")
    return free
