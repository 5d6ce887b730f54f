"""Products of vectors and of matrices that are no contractions: cross and Kronecker products."""

from __future__ import annotations

from .. import tensor_messages
from ..graph import Label, fresh
from ..indexed import Indexed
from .define import composite, core_function
from .linalg import outer
from .matrices import called, last, summed
from .numpy_order import Array
from .shaping import reshaped


def _cross_of(a: Indexed, b: Indexed, *label: Label) -> Indexed:
    """Return the cross product along one label of each, its axis called `label`."""
    return called(cross(a, b), *label)


def _cross_vjp(g, y, a, b):
    (k,), (i,), (j,) = y.labels[-1:], a.labels[-1:], b.labels[-1:]
    g = last(g, k)
    return _cross_of(last(b, j), g, i), _cross_of(g, last(a, i), j)


def _cross_jvp(da, db, y, a, b):
    (k,), (i,), (j,) = y.labels[-1:], a.labels[-1:], b.labels[-1:]
    return _cross_of(last(da, i), b, k) + _cross_of(a, last(db, j), k)


cross = core_function(
    "cross", "a b", (1, 1, 1), lambda a, b: a, "The cross product of vectors in space.",
    vjp=_cross_vjp, jvp=_cross_jvp, numpy="np.cross({0}, {1})", finite=True,
    fixed=3, example="cross(r, p)",
)  # fmt: skip


def _blocks(g: Indexed, y: Indexed, a: Indexed, b: Indexed) -> Indexed:
    """Return `g` with two axes in place of each of the result's: those of `a` and of `b`."""
    pairs = [k for both in zip(a.labels[-2:], b.labels[-2:], strict=True) for k in both]
    sizes = {**a.sizes, **b.sizes}
    return reshaped(last(g, *y.labels[-2:]), y.labels[-2:], pairs, [sizes[k] for k in pairs])


def _kron_vjp(g, y, a, b):
    g = _blocks(g, y, a, b)
    return (
        summed([g, b], b.labels[-2:]),
        summed([g, a], a.labels[-2:]),
    )


def _kron_of(a: Indexed, b: Indexed, y: Indexed) -> Indexed:
    """The product by blocks, for any batch."""
    (i, k), (j, m) = a.labels[-2:], b.labels[-2:]
    own = y.labels[-2:]
    return reshaped(last(a * b, i, j, k, m), (i, j, k, m), own, [y.sizes[x] for x in own])


def _kron_jvp(da, db, y, a, b):
    return _kron_of(da, b, y) + _kron_of(a, db, y)


kron_of = core_function(
    "kron_of", "A B", (2, 2, 2), lambda a, b: (a[0] * b[0], a[1] * b[1]),
    "The Kronecker product of two matrices.", vjp=_kron_vjp, jvp=_kron_jvp,
    numpy="np.kron({0}, {1})", finite=True, public=False,
)  # fmt: skip


@composite("kron", "A B", "The Kronecker product: the matrix of blocks A[i, j]*B.",
           example="kron(A, B)", convention="of vectors, the vector of blocks")  # fmt: skip
def kron(a, b):
    for x in (a, b):
        if x.rank != a.rank or x.rank not in (1, 2):
            raise tensor_messages.not_two_matrices("kron", a.describe(), b.describe())
    if a.rank == 2:
        return kron_of.build([a, b], {})
    whole = outer(a, b)
    labels = fresh(2)
    size = [a.node.shape[0] * b.node.shape[0]]
    return Array(reshaped(Indexed(whole.node, labels), labels, fresh(1), size).node)
