"""Reductions over axes, and the operations along axes that belong to them."""

from __future__ import annotations

from ..dims import product as sizes_product
from ..graph import BOOL, INT, NONNEGATIVE, POSITIVE, fresh, size
from ..indexed import Indexed, product
from .arithmetic import abs_, reciprocal
from .define import AXIS, KEEPDIMS, Helper, Parameter, Spelling, along, composite, reduction
from .elementary import over_norm
from .numpy_order import call, count, kept_axes, normal_axes, real

REDUCING = (Parameter("x"), AXIS, KEEPDIMS)


@composite("sum", REDUCING, "The sum.", example="sum(X, axis=0)",
           oracle=lambda mp, x: mp.fsum(x))  # fmt: skip
def sum_(x, axis=None, keepdims=False):
    x = real(x)
    labels = fresh(x.rank)
    over = tuple(labels[k] for k in normal_axes(axis, x))
    value = Indexed(x.node, labels).sum(over)
    return kept_axes(value, x, labels, over, keepdims)


@composite("mean", REDUCING, "The mean.", example="mean((y - z)^2)",
           oracle=lambda mp, x: mp.fsum(x) / len(x))  # fmt: skip
def mean(x, axis=None, keepdims=False):
    x = real(x)
    labels = fresh(x.rank)
    axes = normal_axes(axis, x)
    over = tuple(labels[k] for k in axes)
    out = [k for k in labels if k not in over]
    divisor = reciprocal(Indexed(count(x, axes), ()))
    return kept_axes(product([Indexed(x.node, labels), divisor], out), x, labels, over, keepdims)


def _shared(x, y, over):
    """The places where `x` attains its extremum `y`, and the reciprocal of their number."""
    mask = x.equals(y)
    return mask, reciprocal(mask.sum(over))


def _extremum(name, several, doc, oracle):
    def vjp(g, y, x, over):
        mask, share = _shared(x, y, over)
        return product([mask, g, share])

    def jvp(dx, y, x, over):
        mask, share = _shared(x, y, over)
        return product([mask, dx, share], [k for k in dx.labels if k not in over])

    return reduction(
        name,
        doc,
        vjp=vjp,
        jvp=jvp,
        finite=True,
        numpy=f"np.{name}({{0}}{{axis}})",
        example=f"{name}(X, axis=0)",
        convention="ties are shared equally",
        several=several,
        low=lambda node: node.operands[0].low,
        oracle=oracle,
    )


max_ = _extremum(
    "max", "maximum", "The largest element, or the largest of several values.",
    lambda mp, x: max(x),
)  # fmt: skip
min_ = _extremum(
    "min", "minimum", "The smallest element, or the smallest of several values.",
    lambda mp, x: min(x),
)  # fmt: skip


def _others(x, over):
    """For each element of `x` the product of all others along the labels `over`."""
    first, *rest = over
    if not rest:
        return prod_others(x, along=(first,))
    return _others(x, rest) * prod_others(prod(x, rest), along=(first,))


prod = reduction(
    "prod",
    "The product of the elements.",
    vjp=lambda g, y, x, over: g * _others(x, over),
    jvp=lambda dx, y, x, over: (dx * _others(x, over)).sum(over),
    low=lambda node: node.operands[0].low,
    numpy="np.prod({0}{axis})",
    example="prod(x)",
    convention="exact where elements are 0",
    oracle=lambda mp, x: mp.fprod(x),
)

PROD_OTHERS = Helper("prod_others", '''
def prod_others(x, axis):
    """For each element the product of all others along `axis`, exact where some are 0."""
    x = np.moveaxis(x, axis, -1)
    one = np.ones((*x.shape[:-1], min(1, x.shape[-1])))
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    right = np.cumprod(np.concatenate([one, x[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return np.moveaxis(left * right, -1, axis)
''')  # fmt: skip
prod_others = along(
    "prod_others",
    "For each element the product of the others along an axis.",
    vjp=lambda g, y, x, over: prod_mixed(x, g, along=over),
    jvp=lambda dx, y, x, over: prod_mixed(x, dx, along=over),
    numpy=Spelling("prod_others({0}, axis={along})", helper=PROD_OTHERS),
    public=False,
)

PROD_MIXED = Helper("prod_mixed", '''
def prod_mixed(x, *directions, axis):
    """For each element the mixed derivative, along directions, of the product of all others.

    Truncated products of x + e1*h1 + e2*h2 + ... with every e*e = 0; a row for each set of e's.
    """
    x, *directions = (np.moveaxis(v, axis, -1) for v in np.broadcast_arrays(x, *directions))
    left = np.zeros((2 ** len(directions), *x.shape))
    right = np.zeros_like(left)
    count = x.shape[-1]
    for result, order in ((left, range(count)), (right, range(count - 1, -1, -1))):
        row = np.zeros(left.shape[:-1])
        row[0] = 1
        for i in order:
            result[..., i] = row
            row = row * x[..., i]
            for b, h in enumerate(directions):
                for s in range(len(row)):
                    if s >> b & 1:
                        row[s] += result[s ^ (1 << b)][..., i] * h[..., i]
    mixed = sum(left[s] * right[-1 - s] for s in range(len(left)))
    return np.moveaxis(mixed, -1, axis)
''')  # fmt: skip


def _mixed_vjp(g, y, x, *rest):
    *directions, over = rest
    by_x = prod_mixed(x, *directions, g, along=over)
    others = [[h for j, h in enumerate(directions) if j != i] for i in range(len(directions))]
    return (by_x, *(prod_mixed(x, *hs, g, along=over) for hs in others))


def _mixed_jvp(*args):
    *values, over = args
    half = len(values) // 2
    tangents, (_, x, *directions) = values[:half], values[half:]
    result = prod_mixed(x, *directions, tangents[0], along=over)
    for i, dh in enumerate(tangents[1:]):
        moved = [dh if j == i else h for j, h in enumerate(directions)]
        result = result + prod_mixed(x, *moved, along=over)
    return result


# The derivatives of a product are symmetric in their directions, so that the vjp of the form with
# m directions is the form with m + 1: one operation, closed under differentiation.
prod_mixed = along(
    "prod_mixed",
    "For each element the mixed derivative, along directions, of the product of the others.",
    vjp=_mixed_vjp,
    jvp=_mixed_jvp,
    numpy=Spelling("prod_mixed({operands}, axis={along})", helper=PROD_MIXED),
    public=False,
)


def _norm_by_pairs(x, over):
    """NumPy's norm takes all axes or at most two: a norm of norms is the norm."""
    if not over:
        return abs_(x)
    if 2 < len(over) < len(x.labels):
        return norm(norm(x, over[:2]), over[2:])
    return None


norm = reduction(
    "norm",
    "The square root of the sum of squares.",
    vjp=lambda g, y, x, over: g * over_norm(x, y),
    jvp=lambda dx, y, x, over: (dx * over_norm(x, y)).sum(over),
    low=NONNEGATIVE,
    numpy="np.linalg.norm({0}{axis})",
    normal=_norm_by_pairs,
    formula="sqrt(sum(x^2))",
    synonyms=("norm2",),
    convention="the derivative at 0 is 0",
    oracle=lambda mp, x: mp.sqrt(mp.fsum(v * v for v in x)),
)


@composite("norm1", REDUCING, "The sum of absolute values.", formula="sum(abs(x))",
           convention="the derivative of abs at 0 is 0",
           oracle=lambda mp, x: mp.fsum(map(abs, x)))  # fmt: skip
def norm1(x, axis=None, keepdims=False):
    return call("sum", call("abs", x), axis=axis, keepdims=keepdims)


@composite("norminf", REDUCING, "The largest absolute value.", formula="max(abs(x))",
           convention="ties are shared equally",
           oracle=lambda mp, x: max(map(abs, x)))  # fmt: skip
def norminf(x, axis=None, keepdims=False):
    return call("max", call("abs", x), axis=axis, keepdims=keepdims)


def _centred(x, over):
    """The differences from the mean along the labels `over`, and the number of elements there."""
    labels = [k for k in x.labels if k not in over]
    number = Indexed(size(sizes_product(x.sizes[k] for k in over)), ())
    return x - product([x, reciprocal(number)], labels), number


def _of_one(x, over):
    """One element does not vary."""
    return None if over else x - x


def _slope_of_var(x, over):
    centred, number = _centred(x, over)
    return 2 * centred / number


def _slope_of_std(y, x, over):
    centred, number = _centred(x, over)
    return over_norm(centred, y) / number


reduction(
    "var",
    "The variance: the mean squared difference from the mean.",
    vjp=lambda g, y, x, over: g * _slope_of_var(x, over),
    jvp=lambda dx, y, x, over: (dx * _slope_of_var(x, over)).sum(over),
    low=NONNEGATIVE,
    numpy="np.var({0}{axis})",
    normal=_of_one,
    formula="mean((x - mean(x))^2)",
    oracle=lambda mp, x: mp.fsum((v - mp.fsum(x) / len(x)) ** 2 for v in x) / len(x),
)
reduction(
    "std",
    "The standard deviation: the square root of the variance.",
    vjp=lambda g, y, x, over: g * _slope_of_std(y, x, over),
    jvp=lambda dx, y, x, over: (dx * _slope_of_std(y, x, over)).sum(over),
    low=NONNEGATIVE,
    numpy="np.std({0}{axis})",
    normal=_of_one,
    formula="sqrt(var(x))",
    convention="the derivative where all elements are equal is 0",
    oracle=lambda mp, x: mp.sqrt(mp.fsum((v - mp.fsum(x) / len(x)) ** 2 for v in x) / len(x)),
)


def _choice(name, doc, dtype, boolean, example, oracle, convention=None):
    """A reduction to a boolean or to whole numbers: nothing is differentiated through it."""
    return reduction(
        name, doc, vjp=lambda g, y, x, over: None, jvp=lambda dx, y, x, over: 0 * y, finite=True,
        numpy=f"np.{name}({{0}}{{axis}})", dtype=dtype, boolean=boolean, single=not boolean,
        example=example, oracle=oracle, convention=convention,
    )  # fmt: skip


_choice("any", "Whether any element is true.", BOOL, True, "1 if any(x < 0) else 0",
        lambda mp, x: any(x))  # fmt: skip
_choice("all", "Whether all elements are true.", BOOL, True, "1 if all(x > 0) else 0",
        lambda mp, x: all(x))  # fmt: skip
_choice(
    "argmax",
    "The place of the largest element, counted from 0.",
    INT,
    False,
    "y[argmax(x)]",
    lambda mp, x: list(x).index(max(x)),
    "the first of equal ones; the derivative is 0",
)
_choice(
    "argmin",
    "The place of the smallest element, counted from 0.",
    INT,
    False,
    "y[argmin(x)]",
    lambda mp, x: list(x).index(min(x)),
    "the first of equal ones; the derivative is 0",
)

LOGSUMEXP = Helper("logsumexp", '''
def logsumexp(x, axis=None):
    """log(sum(exp(x))), without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return np.squeeze(top, axis=axis) + np.log(np.sum(np.exp(x - top), axis=axis))
''')  # fmt: skip
logsumexp = reduction(
    "logsumexp",
    "The logarithm of the sum of exponentials, without overflow.",
    vjp=lambda g, y, x, over: g * softmax(x, along=over),
    jvp=lambda dx, y, x, over: (dx * softmax(x, along=over)).sum(over),
    finite=True,
    numpy=Spelling("logsumexp({0}{axis})", helper=LOGSUMEXP),
    formula="log(sum(exp(x)))",
    oracle=lambda mp, x: mp.log(mp.fsum(map(mp.exp, x))),
)

SOFTMAX = Helper("softmax", '''
def softmax(x, axis):
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
''')  # fmt: skip
softmax = along(
    "softmax",
    "Exponentials divided by their sum, without overflow.",
    vjp=lambda g, y, x, over: y * (g - (g * y).sum(over)),
    jvp=lambda dx, y, x, over: y * (dx - (dx * y).sum(over)),
    finite=True,
    low=POSITIVE,
    numpy=Spelling("softmax({0}, axis={along})", helper=SOFTMAX),
    formula="exp(x) / sum(exp(x))",
    oracle=lambda mp, x: [mp.exp(v) / mp.fsum(map(mp.exp, x)) for v in x],
)
softmax.sums_to_one = True

LOG_SOFTMAX = Helper("log_softmax", '''
def log_softmax(x, axis):
    """x - log(sum(exp(x))), without overflow."""
    t = x - np.max(x, axis=axis, keepdims=True)
    return t - np.log(np.sum(np.exp(t), axis=axis, keepdims=True))
''')  # fmt: skip
log_softmax = along(
    "log_softmax",
    "The logarithm of softmax, without underflow.",
    vjp=lambda g, y, x, over: g - softmax(x, along=over) * g.sum(over),
    jvp=lambda dx, y, x, over: dx - (softmax(x, along=over) * dx).sum(over),
    finite=True,
    numpy=Spelling("log_softmax({0}, axis={along})", helper=LOG_SOFTMAX),
    formula="x - logsumexp(x)",
    oracle=lambda mp, x: [v - mp.log(mp.fsum(map(mp.exp, x))) for v in x],
)
