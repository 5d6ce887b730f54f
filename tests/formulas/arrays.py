"""Optimisation functions of any number of variables: the program, and the sum written out.

J. J. Moré, B. S. Garbow and K. E. Hillstrom, "Testing unconstrained optimization software" (1981),
and the usual collections. Each function gets the variables as a list, from 0.
"""

from itertools import pairwise

from sympy import Rational, cos, exp, pi, prod, sin, sqrt


def brown_dennis(x):
    total = 0
    for i in range(1, 21):
        t = Rational(i, 5)
        total += ((x[0] + t * x[1] - exp(t)) ** 2 + (x[2] + x[3] * sin(t) - cos(t)) ** 2) ** 2
    return total


def biggs(x):
    total = 0
    for i in range(1, 14):
        t = Rational(i, 10)
        y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)
        total += (x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y) ** 2
    return total


def box(x):
    total = 0
    for i in range(1, 11):
        t = Rational(i, 10)
        total += (
            exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (exp(-t) - exp(-10 * t))
        ) ** 2
    return total


def trigonometric(x):
    n = len(x)
    inner = sum(cos(v) for v in x)
    return sum((n - inner + (i + 1) * (1 - cos(v)) - sin(v)) ** 2 for i, v in enumerate(x))


TIMES = "data i: real[m]\nt = i/{}\n"

#: name: (program, function, number of variables, data)
ARRAYS = {
    "extended Rosenbrock": (
        "x: real[n]\nf = sum(100*(x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)",
        lambda x: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)), 6, {},
    ),
    "Dixon-Price": (
        "x: real[n]\ndata i: real[n]\nf = (x[0] - 1)^2 + sum(i[1:]*(2*x[1:]^2 - x[:-1])^2)",
        lambda x: (x[0] - 1) ** 2
        + sum((k + 1) * (2 * x[k] ** 2 - x[k - 1]) ** 2 for k in range(1, len(x))),
        5, {"i": 5},
    ),
    "trid": (
        "x: real[n]\nf = sum((x - 1)^2) - sum(x[1:]*x[:-1])",
        lambda x: sum((v - 1) ** 2 for v in x) - sum(a * b for a, b in pairwise(x)), 6, {},
    ),
    "Zakharov": (
        "x: real[n]\ndata i: real[n]\ns = i @ x/2\nf = sum(x^2) + s^2 + s^4",
        lambda x: sum(v**2 for v in x)
        + (sum((k + 1) * v for k, v in enumerate(x)) / 2) ** 2
        + (sum((k + 1) * v for k, v in enumerate(x)) / 2) ** 4,
        4, {"i": 4},
    ),
    "Griewank": (
        "x: real[n]\ndata i: real[n]\nf = 1 + sum(x^2)/4000 - prod(cos(x/sqrt(i)))",
        lambda x: 1 + sum(v**2 for v in x) / 4000
        - prod(cos(v / sqrt(k + 1)) for k, v in enumerate(x)),
        4, {"i": 4},
    ),
    "Ackley": (
        "x: real[n]\nf = -20*exp(-0.2*norm(x)/sqrt(n)) - exp(mean(cos(2*pi*x))) + 20 + exp(1)",
        lambda x: -20 * exp(-Rational(1, 5) * sqrt(sum(v**2 for v in x) / len(x)))
        - exp(sum(cos(2 * pi * v) for v in x) / len(x)) + 20 + exp(1),
        4, {},
    ),
    "Rastrigin": (
        "x: real[n]\nf = 10*n + sum(x^2 - 10*cos(2*pi*x))",
        lambda x: 10 * len(x) + sum(v**2 - 10 * cos(2 * pi * v) for v in x), 5, {},
    ),
    "Powell singular": (
        "x: real[4]\nf = (x[0] + 10*x[1])^2 + 5*(x[2] - x[3])^2 + (x[1] - 2*x[2])^4"
        " + 10*(x[0] - x[3])^4",
        lambda x: (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2
        + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4,
        4, {},
    ),
    "Brown-Dennis": (
        "x: real[4]\n" + TIMES.format(5)
        + "f = sum(((x[0] + t*x[1] - exp(t))^2 + (x[2] + x[3]*sin(t) - cos(t))^2)^2)",
        brown_dennis, 4, {"i": 20},
    ),
    "Biggs EXP6": (
        "x: real[6]\n" + TIMES.format(10)
        + "y = exp(-t) - 5*exp(-10*t) + 3*exp(-4*t)\n"
        "f = sum((x[2]*exp(-t*x[0]) - x[3]*exp(-t*x[1]) + x[5]*exp(-t*x[4]) - y)^2)",
        biggs, 6, {"i": 13},
    ),
    "Box three-dimensional": (
        "x: real[3]\n" + TIMES.format(10)
        + "f = sum((exp(-t*x[0]) - exp(-t*x[1]) - x[2]*(exp(-t) - exp(-10*t)))^2)",
        box, 3, {"i": 10},
    ),
    "trigonometric": (
        "x: real[n]\ndata i: real[n]\nf = sum((n - sum(cos(x)) + i*(1 - cos(x)) - sin(x))^2)",
        trigonometric, 5, {"i": 5},
    ),
    "Broyden tridiagonal": (
        "x: real[n]\nr = (3 - 2*x)*x - pad(x[:-1], (1, 0)) - 2*pad(x[1:], (0, 1)) + 1\n"
        "f = sum(r^2)",
        lambda x: sum(
            ((3 - 2 * v) * v - (x[k - 1] if k else 0)
             - 2 * (x[k + 1] if k + 1 < len(x) else 0) + 1) ** 2
            for k, v in enumerate(x)
        ),
        6, {},
    ),
    "penalty I": (
        "x: real[n]\nf = 1e-5*sum((x - 1)^2) + (sum(x^2) - 0.25)^2",
        lambda x: sum((v - 1) ** 2 for v in x) / 100000
        + (sum(v**2 for v in x) - Rational(1, 4)) ** 2,
        6, {},
    ),
    "variably dimensioned": (
        "x: real[n]\ndata i: real[n]\ns = i @ (x - 1)\nf = sum((x - 1)^2) + s^2 + s^4",
        lambda x: sum((v - 1) ** 2 for v in x)
        + sum((k + 1) * (v - 1) for k, v in enumerate(x)) ** 2
        + sum((k + 1) * (v - 1) for k, v in enumerate(x)) ** 4,
        5, {"i": 5},
    ),
    "Levy": (
        "x: real[n]\nw = 1 + (x - 1)/4\n"
        "f = sin(pi*w[0])^2 + sum((w[:-1] - 1)^2*(1 + 10*sin(pi*w[:-1] + 1)^2))"
        " + (w[-1] - 1)^2*(1 + sin(2*pi*w[-1])^2)",
        lambda x: levy([1 + (v - 1) / 4 for v in x]), 4, {},
    ),
}  # fmt: skip


def levy(w):
    inner = sum((v - 1) ** 2 * (1 + 10 * sin(pi * v + 1) ** 2) for v in w[:-1])
    return sin(pi * w[0]) ** 2 + inner + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)
