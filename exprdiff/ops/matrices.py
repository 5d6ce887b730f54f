"""Linear algebra of whole matrices: inverse, equations, determinants, factors, triangles.

The derivatives are those of M. B. Giles, "Collected matrix derivative results for forward and
reverse mode algorithmic differentiation" (2008), and for Cholesky's factor of I. Murray,
"Differentiation of the Cholesky decomposition" (2016), in index notation: they hold for batches.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import exact, messages
from ..graph import CONTRACT, Label, eye, fresh, is_whole
from ..indexed import Indexed, product, union
from ..normal import contract
from .define import Domain, Helper, Parameter, Spelling, composite, core, core_function
from .indexing import placed, taken
from .numpy_order import Array, broadcast, real, sizes_of

REGULAR = Domain(text="regular matrices")
SAME = lambda a, *attrs: a  # noqa: E731  (the shape of the result is that of the operand)


def called(x: Indexed, *labels: Label) -> Indexed:
    """Return `x` with other names for its core, its last axes."""
    return Indexed(x.node, (*core(x, len(labels))[0], *labels))


def summed(factors: Sequence[Indexed], over: Sequence[Label], coefficient=1) -> Indexed:
    """Return the product of `factors`, summed over the labels `over`."""
    return product(factors, [k for k in union(factors) if k not in over], coefficient)


def last(x: Indexed, *labels: Label) -> Indexed:
    """Return `x` with these labels as its last axes, in this order."""
    out = (*(k for k in x.labels if k not in labels), *labels)
    return Indexed(x.to(out), out)


def _inv_vjp(g, y, a):
    (k, m), (i, j) = y.labels[-2:], a.labels[-2:]
    return summed([called(y, k, i), g, called(y, j, m)], (k, m), -1)


def _inv_jvp(da, y, a):
    (k, m), (i, j) = y.labels[-2:], a.labels[-2:]
    return summed([called(y, k, i), da, called(y, j, m)], (i, j), -1)


def _inv_normal(a: Indexed) -> Indexed | None:
    """The inverse of a transpose is the transpose of the inverse, which others may share."""
    node = a.node
    turned = (*range(node.rank - 2), node.rank - 1, node.rank - 2)
    if node.op is not CONTRACT or node.coefficient != 1 or is_whole(node):
        return None
    if node.labels != (turned,):
        return None
    inner = inv(Indexed(node.operands[0], [a.labels[k] for k in turned]))
    return last(inner, inner.labels[-1], inner.labels[-2])


inv = core_function("inv", "A", (2, 2), SAME, "The inverse of a matrix.", square=True,
                    vjp=_inv_vjp, jvp=_inv_jvp, numpy="np.linalg.inv({0})", domain=REGULAR,
                    normal=_inv_normal,
                    convention="of a singular matrix NumPy raises LinAlgError")  # fmt: skip
inv.keeps_symmetry = True

LOGDET = Helper("logdet", '''
def logdet(A):
    """log(det(A)), without overflow; nan where the determinant is negative."""
    sign, value = np.linalg.slogdet(A)
    return np.where(sign < 0, np.nan, value)[()]
''')  # fmt: skip


def _inverse(a: Indexed, *labels: Label) -> Indexed:
    """Return the inverse of `a`, its axes called `labels`."""
    return called(inv(a), *labels)


logdet = core_function(
    "logdet", "A", (2, 0), lambda a: (), "The logarithm of the determinant, without overflow.",
    square=True,
    vjp=lambda g, y, a: g * _inverse(a, a.labels[-1], a.labels[-2]),
    jvp=lambda da, y, a: summed([da, _inverse(a, a.labels[-1], a.labels[-2])], a.labels[-2:]),
    numpy=Spelling("logdet({0})", helper=LOGDET), domain=REGULAR, formula="log(det(A))",
    convention="nan where the determinant is negative",
)  # fmt: skip

COFACTOR = Helper("cofactor", '''
def cofactor(A):
    """The matrix of cofactors, det(A) * inv(A).T, also where A is singular."""
    U, s, Vt = np.linalg.svd(A)
    k = s.shape[-1]
    others = np.prod(np.where(np.eye(k, dtype=bool), 1, s[..., None, :]), axis=-1)
    sign = np.linalg.det(U) * np.linalg.det(Vt)
    return sign[..., None, None] * (U * others[..., None, :]) @ Vt
''')  # fmt: skip
COFACTOR_TANGENT = Helper("cofactor_tangent", '''
def cofactor_tangent(A, B):
    """The derivative of the matrix of cofactors of A along B, also where A is singular."""
    U, s, Vt = np.linalg.svd(A)
    one = np.eye(s.shape[-1], dtype=bool)
    # for each two singular values the product of all others
    others = np.prod(np.where(one[:, None] | one, 1, s[..., None, None, :]), axis=-1)
    others = np.where(one, 0, others)
    M = np.swapaxes(U, -1, -2) @ B @ np.swapaxes(Vt, -1, -2)
    diagonal = np.einsum("...ij,...jj->...i", others, M)
    inner = np.where(one, diagonal[..., None], -others * np.swapaxes(M, -1, -2))
    sign = np.linalg.det(U) * np.linalg.det(Vt)
    return sign[..., None, None] * U @ inner @ Vt
''')  # fmt: skip


def _times(x: Indexed, y: Indexed) -> Indexed:
    """Return the matrix product of the last two axes."""
    i, j, k = fresh(3)
    return last(summed([called(x, i, j), called(y, j, k)], (j,)), i, k)


def _trace(x: Indexed) -> Indexed:
    (i,) = fresh(1)
    return summed([called(x, i, i)], (i,))


def _third(a: Indexed, b: Indexed, c: Indexed) -> Indexed:
    """Return the derivative of ``cofactor_tangent(a, b)`` along c, where a is regular.

    Its product with d is the third derivative of the determinant along b, c and d, that is det(a)
    times the alternating sum of the traces of the products of y = inv(a) b, z = inv(a) c and so on.
    """
    inverse = inv(a)
    y, z = _times(inverse, b), _times(inverse, c)
    i, j = fresh(2)
    one = Indexed(eye(a.node.shape[-1]), (i, j))
    yz, zy, y, z = (called(x, i, j) for x in (_times(y, z), _times(z, y), y, z))
    inner = (_trace(y) * _trace(z) - _trace(yz)) * one - _trace(y) * z - _trace(z) * y + yz + zy
    turned = _times(last(inner, i, j), inverse)
    return det(a) * last(turned, turned.labels[-1], turned.labels[-2])


def _cofactor_vjp(g, y, a):
    return called(cofactor_tangent(a, last(g, *y.labels[-2:])), *a.labels[-2:])


def _cofactor_jvp(da, y, a):
    return called(cofactor_tangent(a, last(da, *a.labels[-2:])), *y.labels[-2:])


def _tangent_vjp(g, y, a, b):
    g = last(g, *y.labels[-2:])
    by_b = cofactor_tangent(a, g)
    return called(_third(a, b, g), *a.labels[-2:]), called(by_b, *b.labels[-2:])


def _tangent_jvp(da, db, y, a, b):
    along = cofactor_tangent(a, last(db, *b.labels[-2:]))
    moved = _third(a, b, last(da, *a.labels[-2:]))
    return called(along, *y.labels[-2:]) + called(moved, *y.labels[-2:])


cofactor_tangent = core_function(
    "cofactor_tangent", "A B", (2, 2, 2), lambda a, b: a,
    "The derivative of the matrix of cofactors of A along B.", square=True, public=False,
    vjp=_tangent_vjp, jvp=_tangent_jvp,
    numpy=Spelling("cofactor_tangent({0}, {1})", helper=COFACTOR_TANGENT),
)  # fmt: skip
cofactor = core_function("cofactor", "A", (2, 2), SAME, "The matrix of cofactors.",
                         vjp=_cofactor_vjp, jvp=_cofactor_jvp, public=False, square=True,
                         numpy=Spelling("cofactor({0})", helper=COFACTOR))  # fmt: skip
det = core_function(
    "det", "A", (2, 0), lambda a: (), "The determinant.", square=True,
    vjp=lambda g, y, a: g * called(cofactor(a), *a.labels[-2:]),
    jvp=lambda da, y, a: summed([da, called(cofactor(a), *a.labels[-2:])], a.labels[-2:]),
    numpy="np.linalg.det({0})",
    convention="the first two derivatives are right at singular matrices, too",
)  # fmt: skip


def _solve_vjp(g, y, a, b):
    (i, j), p = a.labels[-2:], y.labels[-1]
    by_b = called(solution(last(a, j, i), last(g, p)), i)
    passive = [k for k in y.labels[:-1] if k not in a.labels]
    return summed([by_b, called(y, j)], passive, -1), called(by_b, b.labels[-1])


def _solve_jvp(da, db, y, a, b):
    (i, j), p = a.labels[-2:], y.labels[-1]
    right = called(db, i) - summed([da, called(y, j)], (j,))
    return called(solution(a, last(right, i)), p)


def _solution_normal(a: Indexed, b: Indexed) -> Indexed | None:
    """A coefficient of the right side is one of the solution, which others may share."""
    node = b.node
    if node.op is not CONTRACT or node.coefficient in (0, 1) or is_whole(node):
        return None
    if not exact.is_ordinary(node.coefficient):
        return None
    factors = zip(node.operands, node.labels, strict=True)
    plain = contract(1, factors, node.axes, dict(enumerate(node.shape)))
    return product([solution(a, Indexed(plain, b.labels))], coefficient=node.coefficient)


solution = core_function(
    "solution", "A b", (2, 1, 1), lambda a, b: a[1:], "The solution x of A @ x = b.",
    normal=_solution_normal,
    vjp=_solve_vjp, jvp=_solve_jvp, domain=REGULAR, public=False,
    numpy=Spelling("np.linalg.solve({0}, {1})", layout="columns"),
)  # fmt: skip


def _cho_vjp(g, y, lower, b):
    (i, m), p = lower.labels[-2:], y.labels[-1]
    (j,) = fresh(1)
    by_b = called(cho_solution(lower, last(g, p)), i)
    passive = [k for k in y.labels[:-1] if k not in lower.labels]
    left, right = called(lower, i, m), called(lower, j, m)
    ends = [called(by_b, j), called(y, i)]
    by_lower = summed([by_b, called(y, j), right], (j, *passive), -1)
    by_lower = by_lower - summed([*ends, right], (j, *passive))
    by_lower = called(tril(last(by_lower, *left.labels[-2:]), attrs=(0,)), i, m)
    return by_lower, called(by_b, b.labels[-1])


def _cho_jvp(dlower, db, y, lower, b):
    (i, m), p = lower.labels[-2:], y.labels[-1]
    (j,) = fresh(1)
    right = called(db, i)
    right = right - summed([dlower, called(lower, j, m), called(y, j)], (j, m))
    right = right - summed([lower, called(dlower, j, m), called(y, j)], (j, m))
    return called(cho_solution(lower, last(right, i)), p)


cho_solution = core_function(
    "cho_solution", "L b", (2, 1, 1), lambda a, b: a[1:],
    "The solution x of L @ L' @ x = b for a lower triangle L.",
    vjp=_cho_vjp, jvp=_cho_jvp, domain=REGULAR, public=False,
    numpy=Spelling("cho_solve(({0}, True), {1})", layout="columns",
                   imports="from scipy.linalg import cho_solve"),
)  # fmt: skip


@composite("solve", "A b", "The solution x of A @ x = b, for each column of a matrix b.",
           formula="inv(A) @ b", domain=(REGULAR, Domain()), example="solve(A, x)",
           convention="of a singular matrix NumPy raises LinAlgError")  # fmt: skip
def solve(a, b):
    if a.rank < 2 or a.node.shape[-1] != a.node.shape[-2]:
        raise messages.not_square("solve", a.describe())
    if b.rank == 0:
        raise messages.matmul_of_scalar(a, b, b)
    columns = b.rank > 1
    if b.node.shape[-1 - columns] != a.node.shape[-1]:
        raise messages.matmul_sizes(a, b)
    aligned, batch = broadcast([real(a, True), real(b, True)], "solve", (2, 1 + columns))
    x, y = aligned
    names = y.labels[len(y.labels) - columns :]
    y = last(y, y.labels[-1 - columns])
    found = solution(x, y)
    return Array(found.to((*batch, found.labels[-1], *names), sizes_of(aligned, batch)))


def _slogdet_vjp(g, y, a):
    (k,) = y.labels[-1:]
    size = taken(g, [("int", 1) if x == k else ("all",) for x in g.labels], ())
    return size * _inverse(a, a.labels[-1], a.labels[-2])


def _slogdet_jvp(da, y, a):
    (k,) = y.labels[-1:]
    size = summed([da, _inverse(a, a.labels[-1], a.labels[-2])], a.labels[-2:])
    items = [("all",)] * len(size.labels) + [("int", 1)]
    return placed(size, (*size.labels, k), items, (), {**size.sizes, k: 2})


slogdet = core_function(
    "slogdet", "A", (2, 1), lambda a: (2,),
    "The sign of the determinant and the logarithm of its size, as a vector of the two.",
    square=True, vjp=_slogdet_vjp, jvp=_slogdet_jvp, domain=REGULAR,
    numpy="np.stack(np.linalg.slogdet({0}), axis=-1)", example="slogdet(A)[1]",
    convention="the sign has derivative 0",
)  # fmt: skip


OFFSET = Parameter("offset", "integer", 0, required=False)


def _triangle(name, doc, example):
    def part(x: Indexed, offset, *labels: Label) -> Indexed:
        return called(op(x, attrs=(offset,)), *labels)

    op = core_function(
        name, (Parameter("A"), OFFSET), (2, 2), SAME, doc,
        vjp=lambda g, y, a, offset: part(last(g, *y.labels[-2:]), offset, *a.labels[-2:]),
        jvp=lambda da, y, a, offset: part(last(da, *a.labels[-2:]), offset, *y.labels[-2:]),
        numpy=f"np.{name}({{0}}{{offset}})", attributes=("offset",), finite=True, example=example,
    )  # fmt: skip
    return op


tril = _triangle("tril", "The lower triangle, 0 above the diagonal.", "tril(A, -1)")
triu = _triangle("triu", "The upper triangle, 0 below the diagonal.", "triu(A)")


def _half(x: Indexed, *labels: Label) -> Indexed:
    """Return the lower triangle with half of the diagonal."""
    whole, strict = (called(tril(last(x, *labels), attrs=(k,)), *labels) for k in (0, -1))
    return whole / 2 + strict / 2


def _cholesky_vjp(g, y, a):
    (k, m), (i, j) = y.labels[-2:], a.labels[-2:]
    (p,) = fresh(1)
    inner = _half(summed([called(y, k, p), g], (k,)), p, m)
    up = last(y, m, k)  # the transpose
    left = called(solution(up, last(inner, p)), i)  # axes (..., m, i)
    both = called(solution(up, last(left, m)), j)
    return both / 2 + Indexed(both.node, _swapped(both.labels, i, j)) / 2


def _cholesky_jvp(da, y, a):
    (k, m), (i, j) = y.labels[-2:], a.labels[-2:]
    (p,) = fresh(1)
    moved = da / 2 + Indexed(da.node, _swapped(da.labels, i, j)) / 2
    left = called(solution(y, last(moved, i)), p)
    inner = called(solution(y, last(left, j)), m)
    return summed([called(y, k, p), _half(inner, p, m)], (p,))


def _swapped(labels: Sequence[Label], i: Label, j: Label) -> tuple[Label, ...]:
    return tuple({i: j, j: i}.get(k, k) for k in labels)


cholesky = core_function(
    "cholesky", "A", (2, 2), SAME, "The lower triangle L of a positive definite A = L @ L'.",
    square=True, vjp=_cholesky_vjp, jvp=_cholesky_jvp, numpy="np.linalg.cholesky({0})",
    domain=Domain(text="positive definite matrices", total=False),
    convention="the derivative is that by the symmetric part of A",
)  # fmt: skip
