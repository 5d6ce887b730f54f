"""Least squares with tabled data, as programs with arrays and as sums written out.

J. J. Moré, B. S. Garbow and K. E. Hillstrom, "Testing unconstrained optimization software" (1981);
numbers of problems and minima are those of the paper. A residual is a function of the variables,
counted from 0, and of a row of the data; `near` is a point about which others are drawn.
"""

from dataclasses import dataclass

from sympy import Abs, Rational, cos, exp, log, sin


@dataclass(frozen=True, eq=False)
class Fit:
    """A sum of squares: its program, its residual, its data, and its minimum."""

    name: str
    program: str
    residual: object
    data: dict
    near: tuple
    minimum: tuple  # the value, the point


def _upto(m, divisor=1):
    return tuple(Rational(i, divisor) for i in range(1, m + 1))


def _decimals(text):
    return tuple(map(Rational, text.split()))


def _gulf(x, i, t):
    y = 25 + (-50 * log(t)) ** Rational(2, 3)
    return exp(-(Abs(y - x[1]) ** x[2]) / x[0]) - t


_BARD = "0.14 0.18 0.22 0.25 0.29 0.32 0.35 0.39 0.37 0.58 0.73 0.96 1.34 2.10 4.39"
_KOWALIK = "0.1957 0.1947 0.1735 0.1600 0.0844 0.0627 0.0456 0.0342 0.0323 0.0235 0.0246"
_MEYER = "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"
_GAUSS = "9 44 175 540 1295 2420 3521 3989 3521 2420 1295 540 175 44 9"
_OSBORNE = (
    "844 908 932 936 925 908 881 850 818 784 751 718 685 658 628 603 580 558 538 522 506 490 478"
    " 467 457 448 438 431 424 420 414 411 406"
)

FITS = (
    Fit("Bard (8)",
        "x: real[3]\ndata u, y: real[m]\nv = 16 - u; w = minimum(u, v)\n"
        "f = sum((y - (x[0] + u/(v*x[1] + w*x[2])))^2)",
        lambda x, u, y: y - (x[0] + u / ((16 - u) * x[1] + min(u, 16 - u) * x[2])),
        {"u": _upto(15), "y": _decimals(_BARD)}, (1, 1, 1),
        (8.21487e-3, (0.0824106, 1.1330361, 2.3436952))),
    Fit("Gaussian (9)",
        "x: real[3]\ndata t, y: real[m]\nf = sum((x[0]*exp(-x[1]*(t - x[2])^2/2) - y)^2)",
        lambda x, t, y: x[0] * exp(-x[1] * (t - x[2]) ** 2 / 2) - y,
        {"t": tuple((8 - i) / 2 for i in _upto(15)),
         "y": tuple(y / 10000 for y in _decimals(_GAUSS))}, (0.4, 1, 0.3),
        (1.12793e-8, (0.3989561, 1.0000191, 0))),
    Fit("Meyer (10)",
        "x: real[3]\ndata i, y: real[m]\nf = sum((x[0]*exp(x[1]/(45 + 5*i + x[2])) - y)^2)",
        lambda x, i, y: x[0] * exp(x[1] / (45 + 5 * i + x[2])) - y,
        {"i": _upto(16), "y": _decimals(_MEYER)}, (0.02, 4000, 250),
        (87.9458, (0.005609636471, 6181.346346, 345.2236346))),
    Fit("Gulf (11)",
        "x: real[3]\ndata i, t: real[m]\ny = 25 + (-50*log(t))^(2/3)\n"
        "f = sum((exp(-abs(y - x[1])^x[2]/x[0]) - t)^2)",
        _gulf, {"i": _upto(9), "t": _upto(9, 100)}, (40, 20, 1.2), (0, (50, 25, 1.5))),
    Fit("Box (12)",
        "x: real[3]\ndata t: real[m]\n"
        "f = sum((exp(-t*x[0]) - exp(-t*x[1]) - x[2]*(exp(-t) - exp(-10*t)))^2)",
        lambda x, t: exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (exp(-t) - exp(-10 * t)),
        {"t": _upto(10, 10)}, (2, 8, 3), (0, (1, 10, 1))),
    Fit("Kowalik-Osborne (15)",
        "x: real[4]\ndata u, y: real[m]\n"
        "f = sum((y - x[0]*(u^2 + u*x[1])/(u^2 + u*x[2] + x[3]))^2)",
        lambda x, u, y: y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3]),
        {"u": _decimals("4 2 1 0.5 0.25 0.167 0.125 0.1 0.0833 0.0714 0.0625"),
         "y": _decimals(_KOWALIK)}, (0.25, 0.39, 0.415, 0.39),
        (3.07505e-4, (0.1928069, 0.1912823, 0.1230565, 0.1360623))),
    Fit("Brown-Dennis (16)",
        "x: real[4]\ndata t: real[m]\n"
        "f = sum(((x[0] + t*x[1] - exp(t))^2 + (x[2] + x[3]*sin(t) - cos(t))^2)^2)",
        lambda x, t: (x[0] + t * x[1] - exp(t)) ** 2 + (x[2] + x[3] * sin(t) - cos(t)) ** 2,
        {"t": _upto(20, 5)}, (25, 5, -5, -1),
        (85822.2, (-11.5944399, 13.2036301, -0.4034395, 0.2367787))),
    Fit("Osborne 1 (17)",
        "x: real[5]\ndata i, y: real[m]\nt = 10*(i - 1)\n"
        "f = sum((y - (x[0] + x[1]*exp(-t*x[3]) + x[2]*exp(-t*x[4])))^2)",
        lambda x, i, y: y - (x[0] + x[1] * exp(-10 * (i - 1) * x[3])
                             + x[2] * exp(-10 * (i - 1) * x[4])),
        {"i": _upto(33), "y": tuple(y / 1000 for y in _decimals(_OSBORNE))},
        (0.5, 1.5, -1, 0.01, 0.02),
        (5.46489e-5, (0.3754101, 1.9358469, -1.4646871, 0.0128675, 0.0221227))),
    Fit("Biggs EXP6 (18)",
        "x: real[6]\ndata t: real[m]\ny = exp(-t) - 5*exp(-10*t) + 3*exp(-4*t)\n"
        "f = sum((x[2]*exp(-t*x[0]) - x[3]*exp(-t*x[1]) + x[5]*exp(-t*x[4]) - y)^2)",
        lambda x, t: x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4])
        - (exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)),
        {"t": _upto(13, 10)}, (1, 2, 1, 1, 1, 1), (0, (1, 10, 1, 5, 4, 3))),
    Fit("Jennrich-Sampson (6)",
        "x: real[2]\ndata i: real[m]\nf = sum((2 + 2*i - (exp(i*x[0]) + exp(i*x[1])))^2)",
        lambda x, i: 2 + 2 * i - (exp(i * x[0]) + exp(i * x[1])),
        {"i": _upto(10)}, (0.3, 0.4), (124.362, (0.2578252, 0.2578252))),
)  # fmt: skip
