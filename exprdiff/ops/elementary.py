"""Exponentials, logarithms, trigonometric and hyperbolic functions, and what is made of them.

Partials are stated in the form that neither cancels nor overflows: the derivative of tanh is
``sech(x)^2``, not ``1 - tanh(x)^2``, which is 0 from x = 20 on.
"""

from __future__ import annotations

import math

from ..graph import NONNEGATIVE as NOT_BELOW_ZERO
from ..graph import POSITIVE as ABOVE_ZERO
from .define import (
    NONNEGATIVE,
    POSITIVE,
    REALS,
    Domain,
    Helper,
    Spelling,
    composite,
    elementwise,
)

LN2, LN10 = math.log(2), math.log(10)
UNIT = Domain(-1, 1, "-1 <= x <= 1", total=False)

exp = elementwise("exp", "x", "The exponential function.", lambda y, x: y,
                  low=NOT_BELOW_ZERO, numpy="np.exp({0})",
                  oracle=lambda mp, x: mp.exp(x))  # fmt: skip
exp2 = elementwise("exp2", "x", "2 to the power x.", lambda y, x: LN2 * y,
                   low=NOT_BELOW_ZERO, numpy="np.exp2({0})",
                   formula="2^x", oracle=lambda mp, x: mp.mpf(2) ** x)  # fmt: skip
expm1 = elementwise("expm1", "x", "exp(x) - 1, accurate near 0.", lambda y, x: exp(x),
                    numpy="np.expm1({0})", formula="exp(x) - 1",
                    oracle=lambda mp, x: mp.expm1(x))  # fmt: skip
log = elementwise("log", "x", "The natural logarithm.", lambda y, x: 1 / x,
                  numpy="np.log({0})", domain=POSITIVE,
                  oracle=lambda mp, x: mp.log(x))  # fmt: skip
log2 = elementwise("log2", "x", "The logarithm to base 2.", lambda y, x: 1 / (LN2 * x),
                   numpy="np.log2({0})", domain=POSITIVE,
                   formula="log(x) / log(2)",
                   oracle=lambda mp, x: mp.log(x) / mp.log(2))  # fmt: skip
log10 = elementwise("log10", "x", "The logarithm to base 10.", lambda y, x: 1 / (LN10 * x),
                    numpy="np.log10({0})", domain=POSITIVE,
                    formula="log(x) / log(10)", oracle=lambda mp, x: mp.log10(x))  # fmt: skip
log1p = elementwise("log1p", "x", "log(1 + x), accurate near 0.", lambda y, x: 1 / (1 + x),
                    numpy="np.log1p({0})", domain=Domain(-1, math.inf, "x > -1", total=False),
                    formula="log(1 + x)", oracle=lambda mp, x: mp.log1p(x))  # fmt: skip
sqrt = elementwise("sqrt", "x", "The square root.", lambda y, x: 1 / (2 * y),
                   low=lambda node: max(NOT_BELOW_ZERO, node.operands[0].low),
                   numpy="np.sqrt({0})", domain=NONNEGATIVE,
                   convention="the derivative at 0 is inf",
                   oracle=lambda mp, x: mp.sqrt(x))  # fmt: skip
cbrt = elementwise("cbrt", "x", "The real cube root.", lambda y, x: 1 / (3 * y**2),
                   finite=True, numpy="np.cbrt({0})", convention="the derivative at 0 is inf",
                   oracle=lambda mp, x: mp.sign(x) * mp.cbrt(abs(x)))  # fmt: skip

sin = elementwise("sin", "x", "The sine.", lambda y, x: cos(x),
                  finite=True, numpy="np.sin({0})", oracle=lambda mp, x: mp.sin(x))  # fmt: skip
cos = elementwise("cos", "x", "The cosine.", lambda y, x: -sin(x),
                  finite=True, numpy="np.cos({0})", oracle=lambda mp, x: mp.cos(x))  # fmt: skip
tan = elementwise("tan", "x", "The tangent.", lambda y, x: 1 + y**2,
                  numpy="np.tan({0})", formula="sin(x) / cos(x)",
                  oracle=lambda mp, x: mp.tan(x))  # fmt: skip
asin = elementwise("asin", "x", "The inverse sine.", lambda y, x: 1 / sqrt((1 - x) * (1 + x)),
                   numpy="np.arcsin({0})", domain=UNIT, synonyms=("arcsin",),
                   oracle=lambda mp, x: mp.asin(x))  # fmt: skip
acos = elementwise("acos", "x", "The inverse cosine.", lambda y, x: -1 / sqrt((1 - x) * (1 + x)),
                   numpy="np.arccos({0})", domain=UNIT, synonyms=("arccos",),
                   oracle=lambda mp, x: mp.acos(x))  # fmt: skip
atan = elementwise("atan", "x", "The inverse tangent.", lambda y, x: 1 / (1 + x**2),
                   finite=True, numpy="np.arctan({0})", synonyms=("arctan",),
                   oracle=lambda mp, x: mp.atan(x))  # fmt: skip

sinh = elementwise("sinh", "x", "The hyperbolic sine.", lambda y, x: cosh(x),
                   numpy="np.sinh({0})", formula="(exp(x) - exp(-x)) / 2",
                   oracle=lambda mp, x: mp.sinh(x))  # fmt: skip
cosh = elementwise("cosh", "x", "The hyperbolic cosine.", lambda y, x: sinh(x),
                   low=ABOVE_ZERO, numpy="np.cosh({0})",
                   formula="(exp(x) + exp(-x)) / 2", oracle=lambda mp, x: mp.cosh(x))  # fmt: skip
tanh = elementwise("tanh", "x", "The hyperbolic tangent.", lambda y, x: sech2(x),
                   finite=True, numpy="np.tanh({0})", formula="sinh(x) / cosh(x)",
                   oracle=lambda mp, x: mp.tanh(x))  # fmt: skip

SECH2 = Helper("sech2", '''
def sech2(x):
    """1 / cosh(x)**2, without overflow."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2
''')  # fmt: skip
sech2 = elementwise("sech2", "x", "1 / cosh(x)^2, without overflow.",
                    lambda y, x: -2 * tanh(x) * y,
                    finite=True, low=NOT_BELOW_ZERO, numpy=Spelling("sech2({0})", helper=SECH2),
                    public=False,
                    formula="1 / cosh(x)^2", oracle=lambda mp, x: mp.sech(x) ** 2)  # fmt: skip

asinh = elementwise("asinh", "x", "The inverse hyperbolic sine.", lambda y, x: 1 / hypot(x, 1),
                    finite=True, numpy="np.arcsinh({0})", synonyms=("arcsinh",),
                    oracle=lambda mp, x: mp.asinh(x))  # fmt: skip
acosh = elementwise("acosh", "x", "The inverse hyperbolic cosine.",
                    lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
                    numpy="np.arccosh({0})", synonyms=("arccosh",),
                    domain=Domain(1, math.inf, "x >= 1", total=False),
                    oracle=lambda mp, x: mp.acosh(x))  # fmt: skip
atanh = elementwise("atanh", "x", "The inverse hyperbolic tangent.",
                    lambda y, x: 1 / ((1 - x) * (1 + x)),
                    numpy="np.arctanh({0})", synonyms=("arctanh",), domain=UNIT,
                    oracle=lambda mp, x: mp.atanh(x))  # fmt: skip

SIGMOID = Helper("sigmoid", '''
def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)
''')  # fmt: skip
sigmoid = elementwise("sigmoid", "x", "The logistic function.", lambda y, x: y * sigmoid(-x),
                      finite=True, low=NOT_BELOW_ZERO,
                      numpy=Spelling("sigmoid({0})", helper=SIGMOID), synonyms=("expit",),
                      formula="1 / (1 + exp(-x))",
                      oracle=lambda mp, x: 1 / (1 + mp.exp(-x)))  # fmt: skip
logit = elementwise("logit", "x", "The inverse of the logistic function.",
                    lambda y, x: 1 / (x * (1 - x)),
                    numpy=Spelling("logit({0})", helper=Helper("logit", '''
def logit(x):
    """log(x / (1 - x)), accurate near 0 and near 1/2."""
    t = np.clip(x, 0.25, 0.75)
    return np.where(x == t, 2 * np.arctanh(2 * t - 1), np.log(x) - np.log1p(-x))
''')),
                    formula="log(x / (1 - x))",
                    domain=Domain(0, 1, "0 < x < 1", total=False),
                    oracle=lambda mp, x: mp.log(x / (1 - x)))  # fmt: skip
softplus = elementwise("softplus", "x", "log(1 + exp(x)), without overflow.",
                       lambda y, x: sigmoid(x),
                       finite=True, low=NOT_BELOW_ZERO, numpy="np.logaddexp(0, {0})",
                       formula="log(1 + exp(x))",
                       oracle=lambda mp, x: mp.log1p(mp.exp(x)))  # fmt: skip
log_sigmoid = elementwise("log_sigmoid", "x", "The logarithm of the logistic function.",
                          lambda y, x: sigmoid(-x),
                          finite=True, numpy=Spelling("-np.logaddexp(0, -{0})", 9, (9,)),
                          formula="-log(1 + exp(-x))",
                          oracle=lambda mp, x: -mp.log1p(mp.exp(-x)))  # fmt: skip
relu = elementwise("relu", "x", "x where it is positive, else 0.", lambda y, x: y > 0,
                   finite=True, low=NOT_BELOW_ZERO, numpy="np.maximum({0}, 0)", formula="max(x, 0)",
                   convention="the derivative at 0 is 0",
                   oracle=lambda mp, x: max(x, mp.mpf(0)))  # fmt: skip


@composite("leaky_relu", "x", "x where it is positive, else x/100.", formula="max(x, x/100)",
           convention="the derivative at 0 is 1/100",
           oracle=lambda mp, x: max(x, x / 100))  # fmt: skip
def _leaky_relu(x):
    return call("where", compare("greater", x, array(0)), x, x / 100)


elu = elementwise("elu", "x", "x where it is positive, else exp(x) - 1.",
                  lambda y, x: exp(minimum(x, 0)),
                  finite=True, numpy=Spelling("elu({0})", helper=Helper("elu", '''
def elu(x):
    """x where it is positive, else exp(x) - 1."""
    return np.maximum(x, 0) + np.expm1(np.minimum(x, 0))
''')),
                  formula="x if x > 0 else exp(x) - 1",
                  oracle=lambda mp, x: x if x > 0 else mp.expm1(x))  # fmt: skip


@composite("silu", "x", "x times its logistic function.", formula="x * sigmoid(x)",
           oracle=lambda mp, x: x / (1 + mp.exp(-x)))  # fmt: skip
def _silu(x):
    return x * call("sigmoid", x)


@composite("gelu", "x", "x times the normal distribution function at x.",
           formula="x * normcdf(x)", oracle=lambda mp, x: x * mp.ncdf(x))  # fmt: skip
def _gelu(x):
    return x * call("normcdf", x)


hypot = elementwise("hypot", "x y", "sqrt(x^2 + y^2), without overflow.",
                    lambda z, x, y: over_norm(x, z), lambda z, x, y: over_norm(y, z),
                    finite=True, low=NOT_BELOW_ZERO, numpy="np.hypot({0}, {1})",
                    formula="sqrt(x^2 + y^2)", commutative=True,
                    convention="the derivative at (0, 0) is 0",
                    oracle=lambda mp, x, y: mp.hypot(x, y))  # fmt: skip


def over_norm(x, norm):
    """Return ``x / norm``, and 0 where the norm is 0 and with it x."""
    return x / where(norm > 0, norm, 1)


def _atan2_rule(z, y, x, top):
    h = hypot(x, y)
    return top / h / h


atan2 = elementwise("atan2", "y x", "The angle of the point (x, y), in radians.",
                    lambda z, y, x: _atan2_rule(z, y, x, x),
                    lambda z, y, x: _atan2_rule(z, y, x, -y),
                    finite=True, numpy="np.arctan2({0}, {1})", synonyms=("arctan2",),
                    example="atan2(y, x)",
                    oracle=lambda mp, y, x: mp.atan2(y, x))  # fmt: skip
XLOGY = Helper("xlogy", '''
def xlogy(x, y):
    """x * log(y), and 0 where x is 0."""
    return x * np.log(np.where(x == 0, 1, y))
''')  # fmt: skip
xlogy = elementwise("xlogy", "x y", "x * log(y), and 0 where x is 0.",
                    lambda z, x, y: log(y),
                    lambda z, x, y: x / where(x.equals(0) & y.equals(0), 1, y),
                    numpy=Spelling("xlogy({0}, {1})", helper=XLOGY), formula="x * log(y)",
                    domain=(REALS, POSITIVE), convention="0 where x is 0",
                    oracle=lambda mp, x, y: x * mp.log(y) if x else x)  # fmt: skip
XLOG1PY = Helper("xlog1py", '''
def xlog1py(x, y):
    """x * log(1 + y), and 0 where x is 0."""
    return x * np.log1p(np.where(x == 0, 0, y))
''')  # fmt: skip
xlog1py = elementwise("xlog1py", "x y", "x * log(1 + y), and 0 where x is 0.",
                      lambda z, x, y: log1p(y),
                      lambda z, x, y: x / where(x.equals(0) & y.equals(-1), 1, 1 + y),
                      numpy=Spelling("xlog1py({0}, {1})", helper=XLOG1PY),
                      formula="x * log1p(y)",
                      domain=(REALS, Domain(-1, text="y > -1", total=False)),
                      convention="0 where x is 0",
                      oracle=lambda mp, x, y: x * mp.log1p(y) if x else x)  # fmt: skip
logaddexp = elementwise("logaddexp", "x y", "log(exp(x) + exp(y)), without overflow.",
                        lambda z, x, y: sigmoid(x - y), lambda z, x, y: sigmoid(y - x),
                        finite=True, numpy="np.logaddexp({0}, {1})", formula="log(exp(x) + exp(y))",
                        commutative=True,
                        oracle=lambda mp, x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y)))
                        )  # fmt: skip


from .arithmetic import minimum, where  # noqa: E402, I001
from .numpy_order import array, call, elementwise as compare  # noqa: E402
