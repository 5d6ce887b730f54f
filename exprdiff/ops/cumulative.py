"""Operations along one axis that keep it: running sums and products, and sorting."""

from __future__ import annotations

from ..graph import Label, fresh
from ..indexed import Indexed
from .define import Helper, Parameter, Spelling, along, composite
from .indexing import REVERSED, taken
from .numpy_order import Array, normal_axes, real

LAST = (Parameter("x"), Parameter("axis", "integer", -1, required=False))


def _alone(op, x: Array, axis: int) -> Array:
    """Apply an operation along one axis of `x`."""
    x = real(x, True)
    (k,) = normal_axes(axis, x)
    value = Indexed(x.node)
    return Array(op(value, along=(value.labels[k],)).node)


def _turned(x: Indexed, label: Label) -> Indexed:
    """Return `x` in reverse order along an axis, which keeps its label."""
    (new,) = fresh(1)
    items = [("slice", *REVERSED, new) if k == label else ("all",) for k in x.labels]
    turned = taken(x, items, ())
    return Indexed(turned.node, [label if k == new else k for k in turned.labels])


def _from_the_end(g: Indexed, over) -> Indexed:
    """For each element the sum of those from it on."""
    return _turned(running_sum(_turned(g, over[0]), along=over), over[0])


running_sum = along(
    "running_sum",
    "The sums of the elements up to each.",
    vjp=lambda g, y, x, over: _from_the_end(g, over),
    jvp=lambda dx, y, x, over: running_sum(dx, along=over),
    numpy="np.cumsum({0}{axis})",
    public=False,
    single=True,
    oracle=lambda mp, x: [mp.fsum(x[: i + 1]) for i in range(len(x))],
)


@composite("cumsum", LAST, "The sums of the elements up to each, along an axis.",
           example="cumsum(x)")  # fmt: skip
def cumsum(x, axis=-1):
    return _alone(running_sum, x, axis)


def _cumprod_vjp(g, y, x, over):
    return running_product_adjoint(x, g, along=over)


running_product = along(
    "running_product",
    "The products of the elements up to each.",
    vjp=_cumprod_vjp,
    jvp=lambda dx, y, x, over: running_product_mixed(x, dx, along=over),
    numpy="np.cumprod({0}{axis})",
    public=False,
    single=True,
    oracle=lambda mp, x: [mp.fprod(x[: i + 1]) for i in range(len(x))],
)


@composite("cumprod", LAST, "The products of the elements up to each, along an axis.",
           example="cumprod(x)", convention="exact where elements are 0")  # fmt: skip
def cumprod(x, axis=-1):
    return _alone(running_product, x, axis)


CUMPROD_ADJOINT = Helper("cumprod_adjoint", '''
def cumprod_adjoint(x, g, axis):
    """The adjoint of x for that of its running products, g; exact where elements are 0."""
    x, g = (np.moveaxis(v, axis, -1) for v in np.broadcast_arrays(x, g))
    result, total = np.zeros(x.shape), 0
    for i in range(x.shape[-1] - 1, -1, -1):
        total = g[..., i] + total
        result[..., i] = np.prod(x[..., :i], axis=-1) * total
        total = x[..., i] * total
    return np.moveaxis(result, -1, axis)
''')  # fmt: skip
CUMPROD_MIXED = Helper("cumprod_mixed", '''
def cumprod_mixed(x, *directions, axis, g=None):
    """The mixed derivative of the running products of x along directions, or its adjoint for g.

    Truncated products of x + e1*h1 + e2*h2 + ... with every e*e = 0; a row for each set of e's.
    """
    values = np.broadcast_arrays(x, *directions, *([] if g is None else [g]))
    x, *directions = (np.moveaxis(v, axis, -1) for v in values)
    g = None if g is None else directions.pop()

    def times(row, i):
        product = row * x[..., i]
        for b, h in enumerate(directions):
            for s in range(len(row)):
                if s >> b & 1:
                    product[s] += row[s ^ (1 << b)] * h[..., i]
        return product

    row = np.zeros((2 ** len(directions), *x.shape[:-1]))
    row[0] = 1
    before = np.zeros((*row.shape, x.shape[-1]))
    result = np.zeros(x.shape)
    for i in range(x.shape[-1]):
        before[..., i] = row
        row = times(row, i)
        result[..., i] = row[-1]
    if g is not None:
        total = np.zeros_like(row)
        for i in range(x.shape[-1] - 1, -1, -1):
            total[0] += g[..., i]
            result[..., i] = sum(before[s, ..., i] * total[-1 - s] for s in range(len(total)))
            total = times(total, i)
    return np.moveaxis(result, -1, axis)
''')  # fmt: skip


def _without(directions, i):
    return [h for j, h in enumerate(directions) if j != i]


def _adjoint(x, g, directions, over):
    """The adjoint, for `g`, of the running products' mixed derivative along `directions`."""
    if not directions:
        return running_product_adjoint(x, g, along=over)
    return running_product_adjoint_mixed(x, g, *directions, along=over)


def _mixed_vjp(g, y, x, *rest):
    *directions, over = rest
    by_x = _adjoint(x, g, directions, over)
    return (by_x, *(_adjoint(x, g, _without(directions, i), over) for i in range(len(directions))))


def _mixed_jvp(*args):
    *values, over = args
    half = len(values) // 2
    (dx, *moved), (_, x, *directions) = values[:half], values[half:]
    result = running_product_mixed(x, *directions, dx, along=over)
    for i, dh in enumerate(moved):
        others = [dh if j == i else h for j, h in enumerate(directions)]
        result = result + running_product_mixed(x, *others, along=over)
    return result


# A pairing of the products' derivatives along directions with g is linear in each of them and in g:
# the two operations, and their adjoints, are closed under differentiation.
running_product_mixed = along(
    "running_product_mixed",
    "The mixed derivative of the running products along directions.",
    vjp=_mixed_vjp,
    jvp=_mixed_jvp,
    numpy=Spelling("cumprod_mixed({operands}, axis={along})", helper=CUMPROD_MIXED),
    public=False,
    single=True,
)


def _adjoint_vjp(u, y, x, g, *rest):
    *directions, over = rest
    by_x = _adjoint(x, g, [*directions, u], over)
    by_g = running_product_mixed(x, *directions, u, along=over)
    by_h = (_adjoint(x, g, [*_without(directions, i), u], over) for i in range(len(directions)))
    return (by_x, by_g, *by_h)


def _adjoint_jvp(*args):
    *values, over = args
    half = len(values) // 2
    (dx, dg, *moved), (_, x, g, *directions) = values[:half], values[half:]
    result = _adjoint(x, dg, directions, over) + _adjoint(x, g, [*directions, dx], over)
    for i, dh in enumerate(moved):
        others = [dh if j == i else h for j, h in enumerate(directions)]
        result = result + _adjoint(x, g, others, over)
    return result


running_product_adjoint = along(
    "running_product_adjoint",
    "The adjoint of x for that of its running products.",
    vjp=_adjoint_vjp,
    jvp=_adjoint_jvp,
    numpy=Spelling("cumprod_adjoint({0}, {1}, axis={along})", helper=CUMPROD_ADJOINT),
    public=False,
    single=True,
)
running_product_adjoint_mixed = along(
    "running_product_adjoint_mixed",
    "The adjoint of the mixed derivative of the running products along directions.",
    vjp=_adjoint_vjp,
    jvp=_adjoint_jvp,
    numpy=Spelling("cumprod_mixed({0}, {rest}, axis={along}, g={1})", helper=CUMPROD_MIXED),
    public=False,
    single=True,
)

SORTED_AS = Helper("sorted_as", '''
def sorted_as(x, v, axis):
    """The elements of v in the order that sorts x."""
    x, v = np.broadcast_arrays(x, v)
    return np.take_along_axis(v, np.argsort(x, axis=axis, kind="stable"), axis=axis)
''')  # fmt: skip
UNSORTED_AS = Helper("unsorted_as", '''
def unsorted_as(x, v, axis):
    """The elements of v, which are in the order that sorts x, in the order of x."""
    x, v = np.broadcast_arrays(x, v)
    result = np.empty(v.shape)
    np.put_along_axis(result, np.argsort(x, axis=axis, kind="stable"), v, axis=axis)
    return result
''')  # fmt: skip


sorting = along(
    "sorting",
    "The elements in ascending order.",
    vjp=lambda g, y, x, over: unsorted_as(x, g, along=over),
    jvp=lambda dx, y, x, over: sorted_as(x, dx, along=over),
    numpy="np.sort({0}{axis})",
    low=lambda node: node.operands[0].low,
    finite=True,
    public=False,
    single=True,
    oracle=lambda mp, x: sorted(x),
)
sorted_as = along(
    "sorted_as",
    "The elements of v in the order that sorts x.",
    vjp=lambda g, y, x, v, over: (None, unsorted_as(x, g, along=over)),
    jvp=lambda dx, dv, y, x, v, over: sorted_as(x, dv, along=over),
    numpy=Spelling("sorted_as({0}, {1}, axis={along})", helper=SORTED_AS),
    low=lambda node: node.operands[1].low,
    finite=True,
    public=False,
    single=True,
)
unsorted_as = along(
    "unsorted_as",
    "The elements of v, which are in the order that sorts x, in the order of x.",
    vjp=lambda g, y, x, v, over: (None, sorted_as(x, g, along=over)),
    jvp=lambda dx, dv, y, x, v, over: unsorted_as(x, dv, along=over),
    numpy=Spelling("unsorted_as({0}, {1}, axis={along})", helper=UNSORTED_AS),
    low=lambda node: node.operands[1].low,
    finite=True,
    public=False,
    single=True,
)


@composite("sort", LAST, "The elements in ascending order, along an axis.", example="sort(x)",
           convention="equal elements keep their order, and their derivatives with it")  # fmt: skip
def sort(x, axis=-1):
    return _alone(sorting, x, axis)
