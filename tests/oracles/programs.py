"""The table of programs: each a source, its inputs, and the same function written for the oracles.

Shapes name sizes, so that each program runs at several of them, 1 among them. An oracle takes a
vocabulary (:mod:`oracles.backends`), then the inputs in order, and returns the outputs.
"""

# ruff: noqa: E501  (a program stays on one line)

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

#: Sizes at which a program runs: all different, all 1, all equal.
SIZES = {
    "distinct": {"n": 4, "d": 3, "k": 2, "m": 5},
    "one": {"n": 1, "d": 1, "k": 1, "m": 1},
    "equal": {"n": 3, "d": 3, "k": 3, "m": 3},
}


@dataclass(frozen=True)
class Draw:
    """How an input is drawn: its shape (names of sizes and numbers) and its distribution."""

    shape: tuple
    kind: str = "normal"
    low: float = 0.0
    high: float | str = 1.0

    def __call__(self, random, sizes):
        shape = tuple(sizes.get(s, s) for s in self.shape)
        if self.kind == "normal":
            return np.asarray(random.normal(size=shape))
        if self.kind == "uniform":
            return np.asarray(random.uniform(self.low, self.high, size=shape))
        if self.kind == "int":
            high = sizes.get(self.high, self.high)
            return np.asarray(random.integers(self.low, high, size=shape))
        return np.asarray(random.random(size=shape) < 0.6)


def R(*shape):
    return Draw(shape)


def P(*shape, low=0.5, high=2.0):
    return Draw(shape, "uniform", low, high)


def Z(high, *shape, low=0):
    return Draw(shape, "int", low, high)


def B(*shape):
    return Draw(shape, "bool")


@dataclass(frozen=True, eq=False)
class Program:
    name: str
    source: str
    inputs: dict[str, Draw]
    oracle: Callable
    options: dict = field(default_factory=dict)
    wrt: tuple[str, ...] = ()
    index: int = 0  # which of several outputs is differentiated
    tolerance: float = 1e-12
    sizes: tuple[str, ...] = tuple(SIZES)

    def values(self, sizes="distinct"):
        random = np.random.default_rng(zlib.crc32(f"{self.name} {sizes}".encode()))
        return [draw(random, SIZES[sizes]) for draw in self.inputs.values()]

    @property
    def positions(self):
        wrt = self.wrt or [n for n, d in self.inputs.items() if d.kind in ("normal", "uniform")]
        return tuple(i for i, name in enumerate(self.inputs) if name in wrt)

    def outputs(self, np, *values):
        """Every output, by the oracle's formula."""
        found = self.oracle(np, *values)
        return found if isinstance(found, tuple) else (found,)

    def target(self, np, *values):
        """The output that is differentiated."""
        return self.outputs(np, *values)[self.index]


PROGRAMS: list[Program] = []


def program(
    name, source, oracle, wrt=(), options=None, index=0, tolerance=1e-12, sizes=None, **ins
):
    """Enter a program; the keyword arguments left are its inputs."""
    assert all(p.name != name for p in PROGRAMS), name
    if options is None:
        options = {"wrt": list(wrt)} if wrt else {}
    fixed = all(isinstance(s, int) for draw in ins.values() for s in draw.shape)
    sizes = sizes or (("distinct",) if fixed else tuple(SIZES))
    found = Program(name, source, ins, oracle, options, tuple(wrt), index, tolerance, sizes)
    PROGRAMS.append(found)


def decl(**shapes):
    return "".join(f"{name}: real[{shape}]\n" for name, shape in shapes.items())


X, V, W = "X: real[n, d]\n", "v: real[d]\n", "w: real[n]\n"
S = R()

# -- scalars ---------------------------------------------------------------------------------------

program("colah", "e = (a + b)*(b + 1)", lambda np, a, b: (a + b) * (b + 1), a=S, b=S)
program("polynomial", "y = 3*x^3 - 2*x^2 + x - 7", lambda np, x: 3 * x**3 - 2 * x**2 + x - 7, x=S)
program(
    "rational",
    "y = (a - b)/(a + b^2 + 3) - a/b/c*2",
    lambda np, a, b, c: (a - b) / (a + b**2 + 3) - a / b / c * 2,
    a=P(),
    b=P(),
    c=P(),
)
program(
    "variable exponent",
    "z = x^y + y**x - 2^x - x^pi",
    lambda np, x, y: x**y + y**x - 2.0**x - x**np.pi,
    x=P(),
    y=P(),
)
program(
    "negative powers",
    "y = x^-3 + x^-1 - 2*x^(-2)",
    lambda np, x: x**-3 + 1 / x - 2 / x**2,
    x=P(low=-2.0, high=-0.5),
)
program(
    "fractional powers",
    "y = x^0.5 + x^2.5 + x^(1/3) + 1/x^1.5",
    lambda np, x: x**0.5 + x**2.5 + x ** (1 / 3) + x**-1.5,
    x=P(),
)
program("power tower", "p = x^y^z", lambda np, x, y, z: x ** (y**z), x=P(), y=P(), z=P())
program(
    "unary minus and power", "y = -x^2 + 2^-x - (-x)^3", lambda np, x: -(x**2) + 2.0**-x + x**3, x=S
)
program(
    "shared intermediates",
    "u = sin(x*y)\nv = u^2 + u\nw = v*exp(u)\nz = w/(1 + v^2)",
    lambda np, x, y: _shared(np, x, y),
    x=S,
    y=S,
)
program(
    "definitions",
    "f(x, k) = x^k + 1\ng(x) = f(x, 2)*x\ny = f(a, 2)*f(b, 3) + g(a*b)",
    lambda np, a, b: (a**2 + 1) * (b**3 + 1) + ((a * b) ** 2 + 1) * a * b,
    a=S,
    b=S,
)
program(
    "choice", "y = x^2 if x > 0 else -x*z", lambda np, x, z: np.where(x > 0, x**2, -x * z), x=S, z=S
)
program(
    "chained comparison",
    "y = x*z if 0 < x <= 1 else x^2 + z",
    lambda np, x, z: np.where((x > 0) & (x <= 1), x * z, x**2 + z),
    x=P(),
    z=S,
)
program(
    "logic",
    "y = where(a > 0 and not (b > 0) or a*b > 1, a*b, a - b)",
    lambda np, a, b: np.where(((a > 0) & ~(b > 0)) | (a * b > 1), a * b, a - b),
    a=S,
    b=S,
)
program(
    "several extremes",
    "y = max(a, b*c, c) - min(a*b, b, c, 0.3)*a",
    lambda np, a, b, c: (
        np.maximum(np.maximum(a, b * c), c)
        - np.minimum(np.minimum(np.minimum(a * b, b), c), 0.3) * a
    ),
    a=S,
    b=S,
    c=S,
)
program(
    "unicode",
    "y = x² + a·b − c÷d × 2; z = y ⋅ x",
    lambda np, x, a, b, c, d: (x**2 + a * b - c / d * 2) * x,
    x=S,
    a=S,
    b=S,
    c=S,
    d=P(),
)
program(
    "awkward names",
    "lambda = forward*class\nnp = lambda^2 + None\ngradient = np*forward",
    lambda np, a, b, c: ((a * b) ** 2 + c) * a,
    forward=S,
    **{"class": S, "None": S},
)
program("unused input", "a: real\nb: real\ny = a^2", lambda np, a, b: a**2 + 0 * b, a=S, b=S)
program("output is input", "a: real\nb: real\nreturn b", lambda np, a, b: 1.0 * b, a=S, b=S)
program("constant derivative", "y = 3*a + 2 - b/4", lambda np, a, b: 3 * a + 2 - b / 4, a=S, b=S)
program("cancelling terms", "y = a*b - b*a + (a - a)*b + a", lambda np, a, b: a + 0 * b, a=S, b=S)
program(
    "deep quotients",
    "y = a/(b/(c/(a/(b + 3))))",
    lambda np, a, b, c: a / (b / (c / (a / (b + 3)))),
    a=P(),
    b=P(),
    c=P(),
)
program(
    "logistic chain",
    "p = 1/(1 + exp(-2*x))\nq = 1/(1 + exp(-3*p + b))\ny = q*(1 - q)*p",
    lambda np, x, b: _logistic_chain(np, x, b),
    x=S,
    b=S,
)
program(
    "stable logs",
    "y = log(1 + exp(x)) + log(exp(x) + exp(z)) + log(1/(1 + exp(-z))) + log(1+x^2)",
    lambda np, x, z: (
        np.log(1 + np.exp(x))
        + np.log(np.exp(x) + np.exp(z))
        - np.log(1 + np.exp(-z))
        + np.log(1 + x**2)
    ),
    x=S,
    z=S,
)
program(
    "stable differences",
    "y = (exp(x) - 1)*(1 - sigmoid(z)) + sqrt(x^2 + z^2) + log(exp(x*z))",
    lambda np, x, z: (np.exp(x) - 1) * (1 - np.sigmoid(z)) + np.sqrt(x**2 + z**2) + x * z,
    x=S,
    z=S,
)


def _shared(np, x, y):
    u = np.sin(x * y)
    v = u**2 + u
    return v * np.exp(u) / (1 + v**2)


def _logistic_chain(np, x, b):
    p = np.sigmoid(2 * x)
    q = np.sigmoid(3 * p - b)
    return q * (1 - q) * p


# -- every elementwise function --------------------------------------------------------------------

OPEN = {"low": -0.9, "high": 0.9}
ELEMENTWISE = {
    "abs": (lambda np, x: np.abs(x), {"low": -2.0, "high": 2.0}),
    "sign": (lambda np, x: np.sign(x), {"low": -2.0, "high": 2.0}),
    "sqrt": (lambda np, x: np.sqrt(x), {}),
    "cbrt": (lambda np, x: x ** (1 / 3), {}),
    "exp": (lambda np, x: np.exp(x), OPEN),
    "exp2": (lambda np, x: 2.0**x, OPEN),
    "expm1": (lambda np, x: np.expm1(x), OPEN),
    "log": (lambda np, x: np.log(x), {}),
    "log2": (lambda np, x: np.log2(x), {}),
    "log10": (lambda np, x: np.log10(x), {}),
    "log1p": (lambda np, x: np.log1p(x), OPEN),
    "sin": (lambda np, x: np.sin(x), OPEN),
    "cos": (lambda np, x: np.cos(x), OPEN),
    "tan": (lambda np, x: np.tan(x), OPEN),
    "asin": (lambda np, x: np.arcsin(x), OPEN),
    "acos": (lambda np, x: np.arccos(x), OPEN),
    "atan": (lambda np, x: np.arctan(x), OPEN),
    "arcsin": (lambda np, x: np.arcsin(x), OPEN),
    "arccos": (lambda np, x: np.arccos(x), OPEN),
    "arctan": (lambda np, x: np.arctan(x), OPEN),
    "sinh": (lambda np, x: np.sinh(x), OPEN),
    "cosh": (lambda np, x: np.cosh(x), OPEN),
    "tanh": (lambda np, x: np.tanh(x), OPEN),
    "asinh": (lambda np, x: np.arcsinh(x), OPEN),
    "acosh": (lambda np, x: np.arccosh(x), {"low": 1.5, "high": 3.0}),
    "atanh": (lambda np, x: np.arctanh(x), OPEN),
    "arcsinh": (lambda np, x: np.arcsinh(x), OPEN),
    "arccosh": (lambda np, x: np.arccosh(x), {"low": 1.5, "high": 3.0}),
    "arctanh": (lambda np, x: np.arctanh(x), OPEN),
    "sinc": (lambda np, x: np.sin(np.pi * x) / (np.pi * x), {"low": 0.3, "high": 2.0}),
    "sigmoid": (lambda np, x: np.sigmoid(x), {"low": -4.0, "high": 4.0}),
    "expit": (lambda np, x: np.sigmoid(x), {"low": -4.0, "high": 4.0}),
    "logit": (lambda np, x: np.log(x / (1 - x)), {"low": 0.1, "high": 0.9}),
    "softplus": (lambda np, x: np.softplus(x), {"low": -4.0, "high": 4.0}),
    "log_sigmoid": (lambda np, x: -np.softplus(-x), {"low": -4.0, "high": 4.0}),
    "relu": (lambda np, x: np.relu(x), {"low": -2.0, "high": 2.0}),
    "leaky_relu": (lambda np, x: np.where(x > 0, x, x / 100), {"low": -2.0, "high": 2.0}),
    "elu": (lambda np, x: np.where(x > 0, x, np.exp(x) - 1), {"low": -2.0, "high": 2.0}),
    "gelu": (lambda np, x: x * np.normcdf(x), {"low": -2.0, "high": 2.0}),
    "silu": (lambda np, x: x * np.sigmoid(x), {"low": -2.0, "high": 2.0}),
    "erf": (lambda np, x: np.erf(x), OPEN),
    "erfc": (lambda np, x: np.erfc(x), OPEN),
    "normcdf": (lambda np, x: np.normcdf(x), {"low": -2.0, "high": 2.0}),
    "gamma": (lambda np, x: np.exp(np.gammaln(x)), {"low": 0.5, "high": 3.0}),
    "lgamma": (lambda np, x: np.gammaln(x), {"low": 0.5, "high": 3.0}),
    "digamma": (lambda np, x: np.digamma(x), {"low": 0.5, "high": 3.0}),
    "floor": (lambda np, x: np.floor(x), {"low": -3.0, "high": 3.0}),
    "ceil": (lambda np, x: np.ceil(x), {"low": -3.0, "high": 3.0}),
    "round": (lambda np, x: np.round(x), {"low": -3.0, "high": 3.0}),
    "trunc": (lambda np, x: np.floor(np.abs(x)) * np.sign(x), {"low": -3.0, "high": 3.0}),
    "square": (lambda np, x: x * x, OPEN),
    "reciprocal": (lambda np, x: 1 / x, {}),
}
LOOSE = {"digamma": 1e-10, "gamma": 1e-10, "lgamma": 1e-10, "erf": 1e-11, "erfc": 1e-11}
LOOSE |= {"normcdf": 1e-11, "gelu": 1e-11}

for _name, (_function, _range) in ELEMENTWISE.items():
    program(
        f"{_name} of a vector",
        f"x: real[n]\nw: real[n]\nJ = sum(w*{_name}(x)*x)",
        lambda np, x, w, f=_function: np.sum(w * f(np, x) * x),
        tolerance=LOOSE.get(_name, 1e-12),
        sizes=("distinct",),
        x=P("n", **_range),
        w=R("n"),
    )
    program(
        f"{_name} of a scalar",
        f"y = {_name}(x)*z + {_name}(x)^2",
        lambda np, x, z, f=_function: f(np, x) * z + f(np, x) ** 2,
        tolerance=LOOSE.get(_name, 1e-12),
        x=P(**_range),
        z=S,
    )

BINARY = {
    "maximum": (lambda np, x, y: np.maximum(x, y), -2.0, 2.0),
    "minimum": (lambda np, x, y: np.minimum(x, y), -2.0, 2.0),
    "hypot": (lambda np, x, y: np.hypot(x, y), -2.0, 2.0),
    "atan2": (lambda np, x, y: np.arctan2(x, y), -2.0, 2.0),
    "arctan2": (lambda np, x, y: np.arctan2(x, y), -2.0, 2.0),
    "xlogy": (lambda np, x, y: np.xlogy(x, y), 0.5, 2.0),
    "logaddexp": (lambda np, x, y: np.logaddexp(x, y), -2.0, 2.0),
    "pow": (lambda np, x, y: x**y, 0.5, 2.0),
    "power": (lambda np, x, y: x**y, 0.5, 2.0),
}
for _name, (_function, _low, _high) in BINARY.items():
    program(
        f"{_name} broadcast",
        f"x: real[n, d]\ny: real[d]\nw: real[n, 1]\nJ = sum(w*{_name}(x, y))",
        lambda np, x, y, w, f=_function: np.sum(w * f(np, x, y)),
        x=P("n", "d", low=_low, high=_high),
        y=P("d", low=_low, high=_high),
        w=R("n", 1),
    )
    program(
        f"{_name} of scalars",
        f"z = {_name}(x, y)*x",
        lambda np, x, y, f=_function: f(np, x, y) * x,
        x=P(low=_low, high=_high),
        y=P(low=_low, high=_high),
    )

# -- broadcasting ----------------------------------------------------------------------------------

program(
    "vector with matrix",
    X + V + "J = sum((X*v + v)^2 - X/(2 + v^2))",
    lambda np, X, v: np.sum((X * v + v) ** 2 - X / (2 + v**2)),
    X=R("n", "d"),
    v=R("d"),
)
program(
    "matrix with vector",
    V + X + "J = sum((v - X)*(v*X)*v)",
    lambda np, v, X: np.sum((v - X) * (v * X) * v),
    v=R("d"),
    X=R("n", "d"),
)
program(
    "column with row",
    decl(c="n, 1", r="1, d") + "J = sum(sin(c*r) + c/(1 + r^2) - r^2)",
    lambda np, c, r: np.sum(np.sin(c * r) + c / (1 + r**2) - r**2),
    c=R("n", 1),
    r=R(1, "d"),
)
program(
    "column with vector",
    decl(c="n, 1", v="d") + "J = sum(exp(-(c - v)^2))",
    lambda np, c, v: np.sum(np.exp(-((c - v) ** 2))),
    c=R("n", 1),
    v=R("d"),
)
program(
    "sum of column and row alone",
    decl(c="n, 1", r="1, d") + "J = sum(c + r) + sum(c)*sum(r)",
    lambda np, c, r: np.sum(c + r) + np.sum(c) * np.sum(r),
    c=R("n", 1),
    r=R(1, "d"),
)
program(
    "rank three",
    decl(T="n, d, k", A="d, k", v="k", c="n, 1, 1", s="d, 1") + "J = sum((T*A + v)*c - tanh(T)*s)",
    lambda np, T, A, v, c, s: np.sum((T * A + v) * c - np.tanh(T) * s),
    T=R("n", "d", "k"),
    A=R("d", "k"),
    v=R("k"),
    c=R("n", 1, 1),
    s=R("d", 1),
)
program(
    "all axes stretch",
    decl(a="n, 1, 1", b="1, d, 1", c="1, 1, k") + "J = sum(cos(a*b + b*c + c*a))",
    lambda np, a, b, c: np.sum(np.cos(a * b + b * c + c * a)),
    a=R("n", 1, 1),
    b=R(1, "d", 1),
    c=R(1, 1, "k"),
)
program(
    "size-one axes stay",
    decl(a="1, 1", b="1", c="n, 1") + "J = sum(a*b + c*a - a^2) + sum(b/c^2)",
    lambda np, a, b, c: np.sum(a * b + c * a - a**2) + np.sum(b / c**2),
    a=R(1, 1),
    b=R(1),
    c=P("n", 1),
)
program(
    "scalar with tensors",
    decl(T="n, d, k") + "s: real\nJ = sum(s*T + T^s/s) + s",
    lambda np, T, s: np.sum(s * T + T**s / s) + s,
    T=P("n", "d", "k"),
    s=P(),
)
program(
    "keepdims centre",
    X + "Z = X - mean(X, axis=0, keepdims=true)\nJ = sum(Z^2*Z)/n",
    lambda np, X: np.sum((X - np.mean(X, axis=0, keepdims=True)) ** 3) / X.shape[0],
    X=R("n", "d"),
)
program(
    "keepdims scale",
    X + "Z = X / sum(X^2, axis=1, keepdims=true)\nJ = sum(sin(Z))",
    lambda np, X: np.sum(np.sin(X / np.sum(X**2, axis=1, keepdims=True))),
    X=R("n", "d"),
)
program(
    "keepdims all",
    X + "Z = X - mean(X, keepdims=true)\nJ = mean(exp(Z)*X)",
    lambda np, X: np.mean(np.exp(X - np.mean(X)) * X),
    X=R("n", "d"),
)
program(
    "keepdims rank three",
    decl(T="n, d, k")
    + "J = sum(T^2/(1 + sum(T^2, axis=(0, 2), keepdims=true)) + T*max(T, axis=1, keepdims=true))",
    lambda np, T: np.sum(
        T**2 / (1 + np.sum(T**2, axis=(0, 2), keepdims=True)) + T * np.max(T, axis=1, keepdims=True)
    ),
    T=R("n", "d", "k"),
)
program(
    "outer sum by axes",
    decl(c="n, 1", v="d") + "Z = c*v + c\nJ = sum(sum(Z, axis=0)^2) + sum(sum(Z, axis=1)^3)",
    lambda np, c, v: (
        np.sum(np.sum(c * v + c, axis=0) ** 2) + np.sum(np.sum(c * v + c, axis=1) ** 3)
    ),
    c=R("n", 1),
    v=R("d"),
)

# -- reductions ------------------------------------------------------------------------------------

for _name in ("sum", "mean", "max", "min", "prod", "norm", "logsumexp"):
    for _axis in ("", ", axis=0", ", axis=1", ", axis=-1", ", axis=(0, 1)", ", axis=(2, 0)"):
        _numpy = {"axis": eval(_axis.split("=")[1])} if _axis else {}
        if _axis == ", axis=(2, 0)" and _name in ("max", "min", "prod"):
            _numpy = {"axis": (0, 2)}
        program(
            f"{_name}{_axis} of rank three",
            decl(T="n, d, k")
            + f"J = sum({_name}(T{_axis})^2) + sum(T*{_name}(T{_axis}, keepdims=true))",
            lambda np, T, f=_name, o=_numpy: (
                np.sum(_reduce(np, f, T, o) ** 2)
                + np.sum(T * _reduce(np, f, T, {**o, "keepdims": True}))
            ),
            sizes=("distinct", "one") if _axis in ("", ", axis=(2, 0)") else ("distinct",),
            T=R("n", "d", "k"),
        )


def _reduce(np, name, x, options):
    """A reduction by the oracle; products and extremes over several axes one axis at a time."""
    options = dict(options)
    axis, keep = options.get("axis"), options.get("keepdims", False)
    if name in ("max", "min", "prod") and (axis is None or isinstance(axis, tuple)):
        axes = range(x.ndim) if axis is None else [k % x.ndim for k in axis]
        for k in sorted(axes, reverse=True):
            x = getattr(np, name)(x, axis=k, keepdims=keep)
        return x
    return getattr(np, name)(x, **options)


program(
    "norm1 and norminf",
    X + "J = norm1(X) + norminf(X)^2 + sum(norm1(X, axis=0)*norminf(X, axis=0))",
    lambda np, X: (
        np.sum(np.abs(X))
        + np.max(np.abs(X)) ** 2
        + np.sum(np.sum(np.abs(X), axis=0) * np.max(np.abs(X), axis=0))
    ),
    X=R("n", "d"),
)
program(
    "norm2 of vector",
    V + "J = norm2(v)^3 + v @ v/norm(v) + sqrt(sum(v^2))",
    lambda np, v: np.norm(v) ** 3 + 2 * np.norm(v),
    v=R("d"),
)
program(
    "prod of vector",
    V + "J = prod(v) + prod(v^2 + 1)*sum(v)",
    lambda np, v: np.prod(v) + np.prod(v**2 + 1) * np.sum(v),
    v=R("d"),
)
program(
    "softmax by axes",
    decl(X="n, d", Y="n, d") + "J = sum(Y*softmax(X)) + sum(Y^2*softmax(X, axis=0))",
    lambda np, X, Y: np.sum(Y * np.softmax(X)) + np.sum(Y**2 * np.softmax(X, axis=0)),
    X=R("n", "d"),
    Y=R("n", "d"),
)
program(
    "log_softmax by axes",
    decl(X="n, d", Y="n, d")
    + "J = sum(Y*log_softmax(X)) + sum(Y^2*log_softmax(X, axis=0)) + sum(Y*log(softmax(X)))",
    lambda np, X, Y: 2 * np.sum(Y * np.log_softmax(X)) + np.sum(Y**2 * np.log_softmax(X, axis=0)),
    X=R("n", "d"),
    Y=R("n", "d"),
)
program(
    "softmax over several axes",
    decl(T="n, d, k", U="n, d, k")
    + "J = sum(U*softmax(T, axis=(0, 2)) + U^2*log_softmax(T, axis=(1, 2)) + U*softmax(T, axis=1))",
    lambda np, T, U: np.sum(
        U * np.softmax(T, axis=(0, 2))
        + U**2 * np.log_softmax(T, axis=(1, 2))
        + U * np.softmax(T, axis=1)
    ),
    T=R("n", "d", "k"),
    U=R("n", "d", "k"),
)
program(
    "softmax of one vector",
    decl(x="d", y="d") + "p = softmax(x)\nJ = sum(p*y) + log(sum(exp(x))) + sum(p*log(p))",
    lambda np, x, y: (
        np.sum(np.softmax(x) * y) + np.logsumexp(x) + np.sum(np.softmax(x) * np.log_softmax(x))
    ),
    x=R("d"),
    y=R("d"),
)
program(
    "handwritten softmax",
    X + "E = exp(X)\nP = E/sum(E, axis=1, keepdims=true)\nJ = sum(P^2*X)",
    lambda np, X: np.sum(np.softmax(X) ** 2 * X),
    X=R("n", "d"),
)
program(
    "variance",
    X + "m = mean(X, axis=0)\nJ = sum(sqrt(mean((X - m)^2, axis=0) + 1))",
    lambda np, X: np.sum(np.sqrt(np.mean((X - np.mean(X, axis=0)) ** 2, axis=0) + 1)),
    X=R("n", "d"),
)
program(
    "reductions of reductions",
    decl(T="n, d, k")
    + "J = max(sum(T^2, axis=2)) + sum(max(sum(T, axis=0), axis=0)) + mean(min(T, axis=-1))",
    lambda np, T: (
        np.max(np.sum(T**2, axis=2))
        + np.sum(np.max(np.sum(T, axis=0), axis=0))
        + np.mean(np.min(T, axis=-1))
    ),
    T=R("n", "d", "k"),
)
program(
    "sum of a constant",
    X + "s: real\nJ = sum(s*ones(n, d)) + sum(X*0 + s) + mean(zeros(n) + s^2)",
    lambda np, X, s: 2 * s * X.size + s**2 + 0 * np.sum(X),
    X=R("n", "d"),
    s=S,
)

# -- matrix products -------------------------------------------------------------------------------

A, M = "A: real[n, d]\n", "M: real[d, k]\n"
program(
    "dot of vectors",
    decl(x="n", y="n") + "J = (x @ y)^2 + dot(x, x)",
    lambda np, x, y: np.dot(x, y) ** 2 + np.dot(x, x),
    x=R("n"),
    y=R("n"),
)
program(
    "matrix times vector",
    A + "x: real[d]\nJ = sum(sin(A @ x))",
    lambda np, A, x: np.sum(np.sin(A @ x)),
    A=R("n", "d"),
    x=R("d"),
)
program(
    "vector times matrix",
    "x: real[n]\n" + A + "J = sum(sin(x @ A))",
    lambda np, x, A: np.sum(np.sin(x @ A)),
    x=R("n"),
    A=R("n", "d"),
)
program(
    "covector times matrix",
    "x: real[n]\n" + A + "y: real[d]\nJ = x' @ A @ y + sum(A' @ x) + y' @ A' @ x",
    lambda np, x, A, y: 2 * (x @ A @ y) + np.sum(x @ A),
    x=R("n"),
    A=R("n", "d"),
    y=R("d"),
)
program(
    "matrix times matrix",
    A + M + "J = sum(tanh(A @ M))",
    lambda np, A, M: np.sum(np.tanh(A @ M)),
    A=R("n", "d"),
    M=R("d", "k"),
)
program(
    "gram matrices",
    A + "J = sum((A' @ A)^2) + sum(sin(A @ A'))",
    lambda np, A: np.sum((A.T @ A) ** 2) + np.sum(np.sin(A @ A.T)),
    A=R("n", "d"),
)
program(
    "quadratic form",
    decl(A="n, n", x="n") + "J = x' @ A @ x",
    lambda np, A, x: x @ A @ x,
    A=R("n", "n"),
    x=R("n"),
)
program(
    "chain of products",
    decl(A="n, d", M="d, k", C="k, n", x="n") + "J = sum((A @ M @ C @ x)^2) + x' @ A @ M @ C @ x",
    lambda np, A, M, C, x: np.sum((A @ M @ C @ x) ** 2) + x @ A @ M @ C @ x,
    A=R("n", "d"),
    M=R("d", "k"),
    C=R("k", "n"),
    x=R("n"),
)
program(
    "outer products",
    decl(x="n", y="d", A="n, d") + "J = sum(A*(x @ y')) + sum(sin(outer(x, y))^2)",
    lambda np, x, y, A: np.sum(A * np.outer(x, y)) + np.sum(np.sin(np.outer(x, y)) ** 2),
    x=R("n"),
    y=R("d"),
    A=R("n", "d"),
)
program(
    "outer of itself",
    decl(x="n", A="n, n") + "J = sum(A*outer(x, x)) + sum(x @ x')",
    lambda np, x, A: np.sum(A * np.outer(x, x)) + np.sum(x) ** 2,
    x=R("n"),
    A=R("n", "n"),
)
program(
    "batch times vector",
    decl(T="n, d, k", v="k") + "J = sum(sin(T @ v))",
    lambda np, T, v: np.sum(np.sin(T @ v)),
    T=R("n", "d", "k"),
    v=R("k"),
)
program(
    "vector times batch",
    decl(v="d", T="n, d, k") + "J = sum(sin(v @ T))",
    lambda np, v, T: np.sum(np.sin(v @ T)),
    v=R("d"),
    T=R("n", "d", "k"),
)
program(
    "batch times matrix",
    decl(T="n, d, k", A="k, m") + "J = sum(sin(T @ A))",
    lambda np, T, A: np.sum(np.sin(T @ A)),
    T=R("n", "d", "k"),
    A=R("k", "m"),
)
program(
    "matrix times batch",
    decl(A="m, d", T="n, d, k") + "J = sum(sin(A @ T))",
    lambda np, A, T: np.sum(np.sin(A @ T)),
    A=R("m", "d"),
    T=R("n", "d", "k"),
)
program(
    "batch times batch",
    decl(T="n, d, k", U="n, k, m") + "J = sum(sin(T @ U))",
    lambda np, T, U: np.sum(np.sin(T @ U)),
    T=R("n", "d", "k"),
    U=R("n", "k", "m"),
)
program(
    "batch stretched",
    decl(T="1, d, k", U="n, k, m") + "J = sum(sin(T @ U)) + sum(T' @ T)",
    lambda np, T, U: np.sum(np.sin(T @ U)) + np.sum(np.swap(T) @ T),
    T=R(1, "d", "k"),
    U=R("n", "k", "m"),
)
program(
    "batch of transposes",
    decl(T="n, d, k") + "J = sum((T' @ T)^2) + sum(sin(T @ T.T))",
    lambda np, T: np.sum((np.swap(T) @ T) ** 2) + np.sum(np.sin(T @ np.swap(T))),
    T=R("n", "d", "k"),
)
program(
    "row times column",
    decl(a="1, d", b="d, 1") + "J = sum(a @ b) + sum((b @ a)^2)",
    lambda np, a, b: np.sum(a @ b) + np.sum((b @ a) ** 2),
    a=R(1, "d"),
    b=R("d", 1),
)
program(
    "size-one products",
    decl(A="n, 1", b="1") + "J = sum(sin(A @ b)) + sum(A' @ A)",
    lambda np, A, b: np.sum(np.sin(A @ b)) + np.sum(A.T @ A),
    A=R("n", 1),
    b=R(1),
)
program(
    "transposes",
    decl(A="n, d", B="d, n") + "J = sum(A*B') + sum(A'*B) + sum(sin(A'' + transpose(B))*A)",
    lambda np, A, B: 2 * np.sum(A * B.T) + np.sum(np.sin(A + B.T) * A),
    A=R("n", "d"),
    B=R("d", "n"),
)
program(
    "symmetrised",
    decl(A="n, n") + "S = (A + A')/2\nJ = sum(S^2*A) + sum(A*A')",
    lambda np, A: np.sum(((A + A.T) / 2) ** 2 * A) + np.sum(A * A.T),
    A=R("n", "n"),
)
program(
    "trace",
    decl(A="n, d", B="d, n") + "J = trace(A @ B)^2 + tr(B @ A @ B @ A)",
    lambda np, A, B: np.trace(A @ B) ** 2 + np.trace(B @ A @ B @ A),
    A=R("n", "d"),
    B=R("d", "n"),
)
program(
    "trace of square",
    decl(A="n, n") + "J = trace(A)*trace(A @ A) + trace(A') + trace(A^2)",
    lambda np, A: np.trace(A) * np.trace(A @ A) + np.trace(A) + np.trace(A**2),
    A=R("n", "n"),
)
program(
    "trace of batch",
    decl(T="n, d, d") + "J = sum(trace(T)^2) + sum(trace(T @ T))",
    lambda np, T: (
        np.sum(np.trace(T, axis1=1, axis2=2) ** 2) + np.sum(np.trace(T @ T, axis1=1, axis2=2))
    ),
    T=R("n", "d", "d"),
)
program(
    "eye",
    decl(A="n, n", x="n") + "B = A + 2*eye(n)\nJ = x' @ B @ x + sum(eye(n)*A^2) + trace(B @ B)",
    lambda np, A, x: (
        x @ A @ x
        + 2 * x @ x
        + np.sum(np.eye(x.shape[0]) * A**2)
        + np.trace((A + 2 * np.eye(x.shape[0])) @ (A + 2 * np.eye(x.shape[0])))
    ),
    A=R("n", "n"),
    x=R("n"),
)
program(
    "eye in products",
    decl(A="n, d", x="d") + "J = sum((A @ eye(d) @ x)^2) + sum(eye(n) @ A) + trace(eye(n))*sum(x)",
    lambda np, A, x: np.sum((A @ x) ** 2) + np.sum(A) + A.shape[0] * np.sum(x),
    A=R("n", "d"),
    x=R("d"),
)
program(
    "ones and zeros",
    decl(A="n, d")
    + "J = ones(n) @ A @ ones(d) + sum((A + zeros(n, d))^2) + ones(n)' @ sin(A) @ ones(d)",
    lambda np, A: np.sum(A) + np.sum(A**2) + np.sum(np.sin(A)),
    A=R("n", "d"),
)
program(
    "residuals",
    "data X: real[n, d]\ndata y: real[n]\nw: real[d]\nb: real\nr = X @ w + b - y\nJ = sum(r^2)/n + 0.001*sum(w^2)",
    lambda np, X, y, w, b: np.mean((X @ w + b - y) ** 2) + 0.001 * np.sum(w**2),
    options={},
    wrt=("w", "b"),
    X=R("n", "d"),
    y=R("n"),
    w=R("d"),
    b=S,
)
program(
    "matrix factorisation",
    decl(U="n, k", V="m, k")
    + "data T: real[n, m]\nJ = sum((T - U @ V')^2) + 0.1*(norm(U)^2 + norm(V)^2)",
    lambda np, U, V, T: np.sum((T - U @ V.T) ** 2) + 0.1 * (np.sum(U**2) + np.sum(V**2)),
    options={},
    wrt=("U", "V"),
    U=R("n", "k"),
    V=R("m", "k"),
    T=R("n", "m"),
)
program(
    "attention",
    decl(Q="n, k", K="m, k", V="m, d") + "P = softmax(Q @ K'/sqrt(k), axis=1)\nJ = sum((P @ V)^2)",
    lambda np, Q, K, V: np.sum((np.softmax(Q @ K.T / K.shape[1] ** 0.5) @ V) ** 2),
    Q=R("n", "k"),
    K=R("m", "k"),
    V=R("m", "d"),
)
program(
    "batched attention",
    decl(Q="n, m, k", K="n, d, k", V="n, d, m") + "J = sum((softmax(Q @ K', axis=-1) @ V)^2)",
    lambda np, Q, K, V: np.sum((np.softmax(Q @ np.swap(K)) @ V) ** 2),
    Q=R("n", "m", "k"),
    K=R("n", "d", "k"),
    V=R("n", "d", "m"),
)
program(
    "distances",
    decl(A="n, d", B="m, d")
    + "D = sum(A^2, axis=1, keepdims=true) - 2*A @ B' + sum(B^2, axis=1)\nJ = sum(exp(-D/10))",
    lambda np, A, B: np.sum(
        np.exp(-(np.sum(A**2, axis=1, keepdims=True) - 2 * A @ B.T + np.sum(B**2, axis=1)) / 10)
    ),
    A=R("n", "d"),
    B=R("m", "d"),
)
program(
    "two layers",
    decl(X="n, d", W="d, k", b="k", U="k, m", c="m")
    + "H = relu(X @ W + b)\nZ = tanh(H @ U + c)\nJ = mean(sum(Z^2, axis=1))",
    lambda np, X, W, b, U, c: np.mean(np.sum(np.tanh(np.relu(X @ W + b) @ U + c) ** 2, axis=1)),
    X=R("n", "d"),
    W=R("d", "k"),
    b=R("k"),
    U=R("k", "m"),
    c=R("m"),
)
program(
    "diagonal scaling",
    decl(A="n, d", s="d", t="n, 1") + "B = t*A*s\nJ = sum((B' @ B)^2)",
    lambda np, A, s, t: np.sum(((t * A * s).T @ (t * A * s)) ** 2),
    A=R("n", "d"),
    s=R("d"),
    t=R("n", 1),
)
program(
    "scalars in products",
    decl(A="n, d", x="d") + "a: real\nJ = a*sum(A @ x*a)/(1 + a^2) - (a*x) @ (x/n)",
    lambda np, A, x, a: a * np.sum(A @ x * a) / (1 + a**2) - (a * x) @ (x / A.shape[0]),
    A=R("n", "d"),
    x=R("d"),
    a=S,
)

# -- choices ---------------------------------------------------------------------------------------

program(
    "where with matrix",
    decl(X="n, d", v="d") + "J = sum(where(X > v, X*v, v - X^2))",
    lambda np, X, v: np.sum(np.where(v < X, X * v, v - X**2)),
    X=R("n", "d"),
    v=R("d"),
)
program(
    "where guards a logarithm",
    X + "J = sum(where(X > 0, log(X), X^2)) + sum(sqrt(X) if X > 0.1 else 0)",
    lambda np, X: (
        np.sum(np.where(X > 0, np.log(np.where(X > 0, X, 1)), X**2))
        + np.sum(np.where(X > 0.1, np.sqrt(np.where(X > 0.1, X, 1)), 0))
    ),
    X=R("n", "d"),
)
program(
    "where of a column",
    decl(c="n, 1", v="d") + "J = sum(where(c > v, c*v, c) * v)",
    lambda np, c, v: np.sum(np.where(c > v, c * v, c) * v),
    c=R("n", 1),
    v=R("d"),
)
program(
    "masked by data",
    "data m: bool[n]\nx: real[n]\ny: real\nJ = sum(where(m, x^2*y, 0)) + sum(y if m else x)",
    lambda np, m, x, y: np.sum(np.where(m, x**2 * y, 0)) + np.sum(np.where(m, y, x)),
    m=B("n"),
    x=R("n"),
    y=S,
)
program(
    "mask times values",
    "data m: bool[n, d]\n" + X + "J = sum(m*exp(X))/(1 + sum(m)) + mean(m*X)",
    lambda np, m, X: np.sum(m * np.exp(X)) / (1 + np.sum(m * 1.0)) + np.mean(m * X),
    m=B("n", "d"),
    X=R("n", "d"),
)
program(
    "mask over an axis",
    "data m: bool[n]\n" + X + "J = sum(m @ X^2) + sum(where(not m, sum(X, axis=1), 1))",
    lambda np, m, X: np.sum((m * 1.0) @ X**2) + np.sum(np.where(m, 1, np.sum(X, axis=1))),
    m=B("n"),
    X=R("n", "d"),
)
program(
    "relu of a product",
    decl(A="n, d", x="d") + "J = sum(relu(A @ x)^2 * relu(x @ x - 1)) + sum(relu(-A))",
    lambda np, A, x: np.sum(np.relu(A @ x) ** 2 * np.relu(x @ x - 1)) + np.sum(np.relu(-A)),
    A=R("n", "d"),
    x=R("d"),
)
program(
    "clip",
    X + "J = sum(clip(X, -0.5, 0.5)*X) + sum(clip(X^2, 0.2, 1))",
    lambda np, X: np.sum(np.clip(X, -0.5, 0.5) * X) + np.sum(np.clip(X**2, 0.2, 1.0)),
    X=R("n", "d"),
)
program(
    "clip by arrays",
    decl(X="n, d", low="d", high="n, 1")
    + "J = sum(clip(X, low - 3, high + 3)*X^2) + sum(clip(X*X, low, low + 1))",
    lambda np, X, low, high: (
        np.sum(np.minimum(np.maximum(X, low - 3), high + 3) * X**2)
        + np.sum(np.minimum(np.maximum(X * X, low), low + 1))
    ),
    X=R("n", "d"),
    low=R("d"),
    high=R("n", 1),
)
program(
    "extremes of arrays",
    decl(X="n, d", v="d") + "J = sum(maximum(X, v)*minimum(X^2, v)) + max(X)*min(v)",
    lambda np, X, v: np.sum(np.maximum(X, v) * np.minimum(X**2, v)) + np.max(X) * np.min(v),
    X=R("n", "d"),
    v=R("d"),
)
program(
    "ties shared",
    "x: real[n]\nJ = max(0*x + 3*mean(x)) + sum(maximum(x, x))",
    lambda np, x: 3 * np.mean(x) + np.sum(x),
    x=R("n"),
)
program(
    "abs and sign",
    X + "J = sum(abs(X)*X + sign(X)*X^2) + abs(sum(X))",
    lambda np, X: np.sum(np.abs(X) * X + np.sign(X) * X**2) + np.abs(np.sum(X)),
    X=R("n", "d"),
)
program(
    "hinge",
    "data X: real[n, d]\ndata y: real[n]\nw: real[d]\nJ = mean(max(0, 1 - y*(X @ w))) + norm(w)",
    lambda np, X, y, w: np.mean(np.relu(1 - y * (X @ w))) + np.norm(w),
    options={},
    wrt=("w",),
    X=R("n", "d"),
    y=R("n"),
    w=R("d"),
)
program(
    "nested choices",
    X + "J = sum(where(X > 0, where(X > 1, X^2, X), where(X < -1, exp(X), X^3)))",
    lambda np, X: np.sum(
        np.where(X > 0, np.where(X > 1, X**2, X), np.where(X < -1, np.exp(X), X**3))
    ),
    X=R("n", "d"),
)
program(
    "choice by a scalar",
    X + "s: real\nJ = sum(X^2 if s > 0 else sin(X)) * s + sum(X if s < 0 else -X)",
    lambda np, X, s: np.sum(np.where(s > 0, X**2, np.sin(X))) * s + np.sum(np.where(s < 0, X, -X)),
    X=R("n", "d"),
    s=S,
)
program(
    "counting",
    X + "c = sum(X > 0)\nJ = sum(X*where(X > 0, 1, 0))/(1 + c)",
    lambda np, X: np.sum(np.relu(X)) / (1 + np.sum(np.where(X > 0, 1.0, 0.0))),
    X=R("n", "d"),
)

# -- powers of arrays ------------------------------------------------------------------------------

program(
    "integer powers of arrays",
    X + "J = sum(X^2 + X^3 - X^5/5 + X^-1 + X^-2 + X^0 + X^1)",
    lambda np, X: np.sum(X**2 + X**3 - X**5 / 5 + 1 / X + 1 / X**2 + X + 1),
    X=P("n", "d", low=-2.0, high=-0.5),
)
program(
    "variable powers of arrays",
    decl(X="n, d", v="d") + "s: real\nJ = sum(X^v + X^s + 2^X + v^X)",
    lambda np, X, v, s: np.sum(X**v + X**s + 2.0**X + v**X),
    X=P("n", "d"),
    v=P("d"),
    s=P(),
)
program(
    "powers by data",
    "data k: int[n]\nx: real[n]\nJ = sum(x^k) + sum(k*x)",
    lambda np, k, x: np.sum(x ** (1.0 * np.asarray(k))) + np.sum(np.asarray(k) * x),
    k=Z(4, "n", low=1),
    x=P("n"),
)
program(
    "powers of powers",
    V + "J = sum((v^2)^3) + sum(sqrt(v)^3) + sum((v^3)^(1/3)) + sum(1/v^2/v)",
    lambda np, v: np.sum(v**6) + np.sum(v**1.5) + np.sum(v) + np.sum(v**-3),
    v=P("d"),
)

# -- losses ----------------------------------------------------------------------------------------

program(
    "cross_entropy of one-hot rows",
    "Z: real[n, d]\ndata Y: real[n, d]\nJ = cross_entropy(Z, Y)",
    lambda np, Z, Y: -np.mean(np.sum(Y * np.log_softmax(Z), axis=1)),
    options={},
    wrt=("Z",),
    Z=R("n", "d"),
    Y=P("n", "d"),
)
program(
    "cross_entropy of classes",
    "data X: real[n, d]\nW: real[d, k]\ndata t: int[n]\nJ = cross_entropy(X @ W, t)",
    lambda np, X, W, t: -np.mean(np.sum(np.one_hot(t, W.shape[1]) * np.log_softmax(X @ W), axis=1)),
    options={},
    wrt=("W",),
    X=R("n", "d"),
    W=R("d", "k"),
    t=Z("k", "n"),
)
program(
    "cross_entropy of one example",
    "z: real[d]\ndata t: int\nJ = cross_entropy(z, t)",
    lambda np, z, t: -np.sum(np.one_hot(t, z.shape[0]) * np.log_softmax(z)),
    z=R("d"),
    t=Z("d"),
)
program(
    "cross_entropy of rank three",
    "Z: real[n, m, d]\ndata t: int[n, m]\nJ = cross_entropy(Z, t)",
    lambda np, Z, t: -np.mean(np.sum(np.one_hot(t, Z.shape[2]) * np.log_softmax(Z), axis=2)),
    Z=R("n", "m", "d"),
    t=Z("d", "n", "m"),
)
program(
    "cross_entropy by its targets",
    "Z: real[n, d]\nY: real[n, d]\nJ = cross_entropy(Z, Y)^2",
    lambda np, Z, Y: np.mean(np.sum(Y * np.log_softmax(Z), axis=1)) ** 2,
    Z=R("n", "d"),
    Y=P("n", "d"),
)
program(
    "binary_cross_entropy",
    "data X: real[n, d]\ndata y: real[n]\nw: real[d]\nJ = binary_cross_entropy(X @ w, y)",
    lambda np, X, y, w: np.mean(np.softplus(X @ w) - y * (X @ w)),
    options={},
    wrt=("w",),
    X=R("n", "d"),
    y=P("n", low=0.0, high=1.0),
    w=R("d"),
)
program(
    "binary_cross_entropy with mask",
    "data y: bool[n]\nz: real[n]\nJ = binary_cross_entropy(z, y)",
    lambda np, y, z: np.mean(np.softplus(z) - y * z),
    y=B("n"),
    z=R("n"),
)
program(
    "mse and mae",
    decl(x="n, d", y="d") + "J = mse(x, y) + mae(x, y)*mse(x, x + 1)",
    lambda np, x, y: np.mean((x - y) ** 2) + np.mean(np.abs(x - y)),
    x=R("n", "d"),
    y=R("d"),
)
program(
    "logistic loss",
    "data X: real[n, d]\ndata y: real[n]\nw: real[d]\nb: real\nz = X @ w + b\nJ = mean(softplus(z) - y*z) + 0.001*sum(w^2)",
    lambda np, X, y, w, b: np.mean(np.softplus(X @ w + b) - y * (X @ w + b)) + 0.001 * np.sum(w**2),
    options={},
    wrt=("w", "b"),
    X=R("n", "d"),
    y=P("n", low=0.0, high=1.0),
    w=R("d"),
    b=S,
)

# -- outputs, inputs, sizes ------------------------------------------------------------------------

program(
    "several outputs",
    decl(x="n", y="n") + "J = sum(x*y)\nr = x - y\nK = sum(r^2)\nreturn J, r, K",
    lambda np, x, y: (np.sum(x * y), x - y, np.sum((x - y) ** 2)),
    options={"of": "K"},
    index=2,
    x=R("n"),
    y=R("n"),
)
program(
    "only scalar output",
    decl(x="n") + "s = sin(x)\nJ = s @ s\nreturn s, J, x",
    lambda np, x: (np.sin(x), np.sum(np.sin(x) ** 2), 1.0 * x),
    index=1,
    x=R("n"),
)
program(
    "outputs repeat",
    decl(x="n") + "J = sum(x)\nK = sum(x)\nreturn J, K",
    lambda np, x: (np.sum(x), np.sum(x)),
    options={"of": "J"},
    x=R("n"),
)
program(
    "wrt data",
    "data X: real[n, d]\nw: real[d]\nJ = sum(tanh(X @ w))",
    lambda np, X, w: np.sum(np.tanh(X @ w)),
    wrt=("X",),
    X=R("n", "d"),
    w=R("d"),
)
program(
    "wrt some",
    decl(a="n", b="n", c="n") + "J = sum(a*b^2*c + sin(c))",
    lambda np, a, b, c: np.sum(a * b**2 * c + np.sin(c)),
    wrt=("a", "c"),
    a=R("n"),
    b=R("n"),
    c=R("n"),
)
program(
    "sizes as numbers",
    X + "J = sum(X^2)/n + d*sum(X)/(n*d) + (n + d)*mean(X) + n^d*max(X) + sum(X^n)/n",
    lambda np, X: (
        np.sum(X**2) / X.shape[0]
        + np.mean(X) * X.shape[1]
        + sum(X.shape) * np.mean(X)
        + X.shape[0] ** X.shape[1] * np.max(X)
        + np.sum(X ** X.shape[0]) / X.shape[0]
    ),
    X=R("n", "d"),
)
program(
    "sums as sizes",
    decl(A="n, d", v="2*n + 1") + "J = sum(v^2)*sum(A)/(n*d)",
    lambda np, A, v: np.sum(v**2) * np.mean(A),
    sizes=("equal",),
    A=R("n", "d"),
    v=R(7),
)
program("gradient is constant", X + "J = sum(X) + 2", lambda np, X: np.sum(X) + 2, X=R("n", "d"))
program("gradient is a mean", X + "J = mean(X)", lambda np, X: np.mean(X), X=R("n", "d"))
program(
    "gradient is another input",
    decl(x="n", y="n") + "J = x @ y",
    lambda np, x, y: x @ y,
    x=R("n"),
    y=R("n"),
)
program(
    "gradient is a transpose",
    decl(A="n, d", B="d, n") + "J = trace(A @ B)",
    lambda np, A, B: np.trace(A @ B),
    A=R("n", "d"),
    B=R("d", "n"),
)
program(
    "gradient is a diagonal",
    decl(A="n, n") + "J = trace(A)",
    lambda np, A: np.trace(A),
    A=R("n", "n"),
)
program(
    "gradient vanishes",
    decl(A="n, n") + "s: real\nJ = s^2 + 0*sum(A) + sum(floor(A))",
    lambda np, A, s: s**2 + np.sum(np.floor(A)),
    A=R("n", "n"),
    s=S,
)
program(
    "output is transpose",
    decl(A="n, d") + "B = A'\nJ = sum(A)\nreturn B, J, A",
    lambda np, A: (1.0 * A.T, np.sum(A), 1.0 * A),
    index=1,
    A=R("n", "d"),
)
program(
    "long chain",
    decl(x="n")
    + "\n".join(f"x{i} = sin({'x' if i == 1 else f'x{i - 1}'})*x + {i}/10" for i in range(1, 13))
    + "\nJ = sum(x12*x6) + mean(x3)",
    lambda np, x: _long_chain(np, x),
    x=R("n"),
)
program(
    "mixed statements",
    decl(X="n, d", w="d", u="n")
    + "z = X @ w\np = sigmoid(z)\nq = p*(1 - p)\nJ = sum(q*u) + norm(X' @ q)^2 + max(z)*sum(u)/n + sum(outer(u, w)*X)",
    lambda np, X, w, u: _mixed(np, X, w, u),
    X=R("n", "d"),
    w=R("d"),
    u=R("n"),
)
program(
    "gaussian mixture",
    decl(x="n, 1", m="k", s="k", a="k")
    + "z = (x - m)/exp(s)\nL = log_softmax(a) - s - z^2/2 - log(2*pi)/2\nJ = -sum(logsumexp(L, axis=1))",
    lambda np, x, m, s, a: (
        -np.sum(
            np.logsumexp(
                np.log_softmax(a) - s - ((x - m) / np.exp(s)) ** 2 / 2 - np.log(2 * np.pi) / 2,
                axis=1,
            )
        )
    ),
    x=R("n", 1),
    m=R("k"),
    s=R("k"),
    a=R("k"),
)


def _long_chain(np, x):
    kept = [x]
    for i in range(1, 13):
        kept.append(np.sin(kept[-1]) * x + i / 10)
    return np.sum(kept[12] * kept[6]) + np.mean(kept[3])


def _mixed(np, X, w, u):
    z = X @ w
    p = np.sigmoid(z)
    q = p * (1 - p)
    return (
        np.sum(q * u)
        + np.sum((X.T @ q) ** 2)
        + np.max(z) * np.sum(u) / X.shape[0]
        + np.sum(np.outer(u, w) * X)
    )


# -- found by random programs, and reduced ---------------------------------------------------------

N, SQUARE = "x: real[n]\n", "A: real[n, n]\n"
program(
    "trace of a scaling",
    SQUARE + N + "J = trace(x*A)",
    lambda np, A, x: np.trace(x * A),
    A=R("n", "n"),
    x=R("n"),
)
program(
    "trace of a quotient",
    SQUARE + "J = trace(1/A) + trace(A/(2 + A^2))",
    lambda np, A: np.trace(1 / A) + np.trace(A / (2 + A**2)),
    A=P("n", "n"),
)
program(
    "trace of a softmax by hand",
    SQUARE + "J = trace(exp(A)/sum(exp(A), axis=0, keepdims=true))",
    lambda np, A: np.trace(np.softmax(A, axis=0)),
    A=R("n", "n"),
)
program(
    "trace of logaddexp",
    SQUARE + N + "J = trace(logaddexp(A, softmax(x)))",
    lambda np, A, x: np.trace(np.logaddexp(A, np.softmax(x))),
    A=R("n", "n"),
    x=R("n"),
)
program(
    "trace of a difference",
    "c: real[n, 1]\n" + SQUARE + "J = trace(c*A - A @ c)",
    lambda np, c, A: np.trace(c * A - A @ c),
    c=R("n", 1),
    A=R("n", "n"),
)
program(
    "trace of a choice",
    SQUARE + N + "J = trace(A if A > 0 and x > 0 else x*x)",
    lambda np, A, x: np.trace(np.where((A > 0) & (x > 0), A, x * x)),
    A=R("n", "n"),
    x=R("n"),
)
program(
    "trace of a chosen column",
    X + SQUARE + "J = trace(logsumexp(X, axis=1, keepdims=true) if A > 0.1 else A)",
    lambda np, X, A: np.trace(np.where(A > 0.1, np.logsumexp(X, axis=1, keepdims=True), A)),
    X=R("n", "d"),
    A=R("n", "n"),
)
program(
    "mean of a softmax",
    SQUARE + "J = mean(softmax(A, axis=1)) + mean(softmax(A, axis=0)*A)",
    lambda np, A: np.mean(np.softmax(A, axis=1)) + np.mean(np.softmax(A, axis=0) * A),
    A=R("n", "n"),
)
program(
    "reduction of kept axes",
    SQUARE
    + "J = logsumexp(sum(A, axis=1, keepdims=true)) + log(sum(exp(min(A, axis=1, keepdims=true))))",
    lambda np, A: np.logsumexp(np.sum(A, axis=1)) + np.logsumexp(np.min(A, axis=1)),
    A=R("n", "n"),
)
program(
    "conditions of a column",
    N + "c: real[n, 1]\n" + V + "J = x' @ where(c > 0.1, v, c) @ v + sum(where(not c > 0.1, v, 0))",
    lambda np, x, c, v: (
        x @ np.where(c > 0.1, v, c + 0 * v) @ v + np.sum(np.where(c > 0.1, 0 * v, v))
    ),
    x=R("n"),
    c=R("n", 1),
    v=R("d"),
)
program(
    "conditions of a row",
    N + "c: real[n, 1]\nr: real[1, d]\n" + V + "J = x' @ (c if r > 0.1 else r) @ v",
    lambda np, x, c, r, v: x @ np.where(r > 0.1, c, r) @ v,
    x=R("n"),
    c=R("n", 1),
    r=R(1, "d"),
    v=R("d"),
)
program(
    "conditions joined",
    "c: real[n, 1]\nr: real[1, d]\nB: real[d, n]\nJ = trace(where(c > 0 and r > 0, c, r*r) @ B)",
    lambda np, c, r, B: np.trace(np.where((c > 0) & (r > 0), c, r * r) @ B),
    c=R("n", 1),
    r=R(1, "d"),
    B=R("d", "n"),
)
program(
    "condition of a size",
    N + "J = sum(x) if not n > 2 else 3*sum(x)",
    lambda np, x: np.sum(x) * (3 if x.shape[0] > 2 else 1),
    x=R("n"),
)
program("condition of a number", "y = x if not 3 > 0.1 else 3*x", lambda np, x: 3 * x, x=S)
program(
    "rewritten and cancelled",
    N + "t = exp(x) - 1\nJ = sum(t - t) + sum(x)",
    lambda np, x: np.sum(x),
    x=R("n"),
)
program(
    "masked log_softmax",
    X + "data m: bool[n, d]\nJ = sum(where(m, log_softmax(X), 0)) + sum(where(m, softmax(X), X))",
    lambda np, X, m: (
        np.sum(np.where(m, np.log_softmax(X), 0)) + np.sum(np.where(m, np.softmax(X), X))
    ),
    X=R("n", "d"),
    m=B("n", "d"),
)
program(
    "count as a derivative",
    decl(x="n, d", y="n, 1") + "J = dot(sum(relu(x) > 0, axis=1), sum(y, axis=1))",
    lambda np, x, y: np.sum(np.where(x > 0, 1.0, 0.0) * y),
    x=R("n", "d"),
    y=R("n", 1),
)
program(
    "twice the negative",
    decl(x="n", y="n") + "t = x - max(x)\nJ = 2*(y @ (-t)) - 1",
    lambda np, x, y: -2 * np.sum(y * (x - np.max(x))) - 1,
    x=R("n"),
    y=R("n"),
)
