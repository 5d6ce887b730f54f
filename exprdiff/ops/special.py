"""Special functions: SciPy's, where NumPy has none, imported by the emitted module when used."""

from __future__ import annotations

import math

from ..graph import NONNEGATIVE as NOT_BELOW_ZERO
from .define import POSITIVE, Domain, Helper, Spelling, elementwise
from .elementary import exp


def _scipy(name):
    return Spelling(f"{name}({{0}})", imports=f"from scipy.special import {name}")


erf = elementwise("erf", "x", "The error function.",
                  lambda y, x: 2 / math.sqrt(math.pi) * exp(-(x**2)),
                  finite=True, numpy=_scipy("erf"), oracle=lambda mp, x: mp.erf(x))  # fmt: skip
erfc = elementwise("erfc", "x", "1 - erf(x), accurate where that is small.",
                   lambda y, x: -2 / math.sqrt(math.pi) * exp(-(x**2)),
                   finite=True, low=NOT_BELOW_ZERO, numpy=_scipy("erfc"), ulps=(4, 4),
                   formula="1 - erf(x)", oracle=lambda mp, x: mp.erfc(x))  # fmt: skip
normcdf = elementwise("normcdf", "x", "The standard normal distribution function.",
                      lambda y, x: 1 / math.sqrt(2 * math.pi) * exp(-(x**2) / 2),
                      finite=True, ulps=(4, 4), low=NOT_BELOW_ZERO,
                      numpy=Spelling("ndtr({0})", imports="from scipy.special import ndtr"),
                      formula="erfc(-x / sqrt(2)) / 2",
                      oracle=lambda mp, x: mp.ncdf(x))  # fmt: skip
gamma = elementwise("gamma", "x", "The gamma function.", lambda y, x: y * digamma(x),
                    numpy=_scipy("gamma"), domain=Domain(text="no integer below 1"),
                    oracle=lambda mp, x: mp.gamma(x))  # fmt: skip
lgamma = elementwise("lgamma", "x", "The logarithm of the absolute value of gamma(x).",
                     lambda y, x: digamma(x), ulps=(4, 4),
                     numpy=Spelling("gammaln({0})", imports="from scipy.special import gammaln"),
                     domain=Domain(text="no integer below 1"),
                     formula="log(abs(gamma(x)))",
                     oracle=lambda mp, x: mp.log(abs(mp.gamma(x))))  # fmt: skip
digamma = elementwise("digamma", "x", "The derivative of lgamma.",
                      lambda y, x: polygamma(x, order=1), ulps=(4, 4),
                      numpy=_scipy("digamma"), domain=Domain(text="no integer below 1"),
                      oracle=lambda mp, x: mp.digamma(x))  # fmt: skip
polygamma = elementwise("polygamma", "x", "The derivative of digamma, of any order.",
                        lambda y, x, order: polygamma(x, order=order + 1),
                        numpy=Spelling("polygamma({order}, {0})",
                                       imports="from scipy.special import polygamma"),
                        attributes=("order",), domain=Domain(text="no integer below 1"),
                        ulps=(4, 4), public=False,
                        # mpmath sums as many terms as x is below 0.
                        oracle=lambda mp, x, order: mp.psi(order, x) if x > -1000 else mp.nan
                        )  # fmt: skip

beta = elementwise("beta", "x y", "The beta function, gamma(x)*gamma(y)/gamma(x + y).",
                   lambda z, x, y: z * (digamma(x) - digamma(x + y)),
                   lambda z, x, y: z * (digamma(y) - digamma(x + y)), commutative=True,
                   numpy=Spelling("beta({0}, {1})", imports="from scipy.special import beta"),
                   domain=(POSITIVE, POSITIVE), ulps=(64, 4),
                   oracle=lambda mp, x, y: mp.beta(x, y))  # fmt: skip
lbeta = elementwise("lbeta", "x y", "The logarithm of beta(x, y), without overflow.",
                    lambda z, x, y: digamma(x) - digamma(x + y),
                    lambda z, x, y: digamma(y) - digamma(x + y), commutative=True,
                    numpy=Spelling("betaln({0}, {1})", imports="from scipy.special import betaln"),
                    domain=(POSITIVE, POSITIVE), formula="log(beta(x, y))", ulps=(64, 4),
                    oracle=lambda mp, x, y: mp.log(mp.beta(x, y)))  # fmt: skip

SINC_DERIVATIVE = Helper("sinc_derivative", '''
def sinc_derivative(n, x):
    """Derivative n of sin(pi x) / (pi x).

    Its Maclaurin series where |pi x| < n/2 + 1, else the recurrence of u f(u) = sin(u).
    """
    u = np.pi * np.asarray(x, dtype=float)
    near = np.abs(u) < n / 2 + 1
    v, t = np.where(near, u, 0), np.where(near, 1, u)
    k = n + n % 2
    series = term = (-1.0) ** (k // 2) / (k + 1) * v ** (k - n)
    for k in range(k + 2, k + 40, 2):
        term = -term * v**2 * (k - 1) / ((k - n) * (k - n - 1) * (k + 1))
        series = series + term
    waves = np.sin(t), np.cos(t), -np.sin(t), -np.cos(t)
    far = waves[0] / t
    for k in range(1, n + 1):
        far = (waves[k % 4] - k * far) / t
    return np.pi**n * np.where(near, series, far)
''')  # fmt: skip


def _exact_sinc_derivative(mp, x, order):
    """The recurrence, in digits enough for what cancels near 0 and for the period far out."""
    lost = (order + 1) * abs(mp.log10(abs(x))) if x else 0
    if not x:
        return mp.mpf(0) if order % 2 else (-1) ** (order // 2) * mp.pi**order / (order + 1)
    with mp.workdps(mp.dps + int(lost) + 5):
        u = mp.pi * x
        f = mp.sin(u) / u
        for k in range(1, order + 1):
            f = (mp.sin(u + k * mp.pi / 2) - k * f) / u
        return mp.pi**order * f


sinc = elementwise("sinc", "x", "sin(pi x) / (pi x), and 1 at 0.",
                   lambda y, x: sinc_derivative(x, order=1), ulps=(4, 4),
                   finite=True, numpy="np.sinc({0})",
                   formula="sin(pi * x) / (pi * x)", oracle=lambda mp, x: mp.sincpi(x))  # fmt: skip
sinc_derivative = elementwise("sinc_derivative", "x", "The derivative of sinc, of any order.",
                              lambda y, x, order: sinc_derivative(x, order=order + 1),
                              finite=True, numpy=Spelling("sinc_derivative({order}, {0})",
                                             helper=SINC_DERIVATIVE),
                              attributes=("order",), public=False,
                              ulps=(4, 16), oracle=_exact_sinc_derivative)  # fmt: skip
