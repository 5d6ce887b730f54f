"""Small programs that random ones were reduced to, each of which once went wrong."""

import re
from dataclasses import dataclass

import jax
import numpy as np
import pytest
from oracles.backends import NUMPY
from oracles.product_checks import Point, against_jax, consistent, near

import exprdiff

SIZES = {"b": 5, "d": 2, "n": 3}
FALSE_VALUE = [
    # A minus sign in front of a matrix product.
    ("x: real[b]; y: real[b]; J = 2^(-(x @ y))", lambda xp, x, y: 2 ** (-(x @ y))),
    ("x: real[b]; y: real[b]; a: real; J = exp(a)/(-(x @ y))",
     lambda xp, x, y, a: xp.exp(a) / (-(x @ y))),
    ("x: real[b]; y: real[b]; a: real; J = (1 + a^2)^(-(x @ y))",
     lambda xp, x, y, a: (1 + a**2) ** (-(x @ y))),
]  # fmt: skip
FALSE_HESSIAN = [
    # A choice among quotients by something smaller.
    ("X: real[b, n]; z: real[n]; J = sum(where(X > 0.8, 1/z, 0))",
     lambda xp, X, z: xp.sum(xp.where(X > 0.8, 1 / z, 0))),
    ("X: real[b, n]; z: real[n]; J = sum(max(X/z, axis=1))",
     lambda xp, X, z: xp.sum(xp.max(X / z, axis=1))),
    ("X: real[b, n]; z: real[n]; J = sum(relu(X/z))",
     lambda xp, X, z: xp.sum(xp.relu(X / z))),
    ("x: real[b]; z: real; J = sum(where(x > 0.5, x/z, 0)^2)",
     lambda xp, x, z: xp.sum(xp.where(x > 0.5, x / z, 0) ** 2)),
    ("x: real[n]; z: real; J = where(x < 5, x/(2 + z^2), 0)[-1]",
     lambda xp, x, z: xp.where(x < 5, x / (2 + z**2), 0)[-1]),
]  # fmt: skip
PLACED = [
    # Values placed on a diagonal: constant ones, and ones that another array is made of, too.
    ("x: real[d]; J = sum(atan2(x, x)*x)", lambda xp, x: xp.sum(xp.atan2(x, x) * x)),
    ("X: real[b, n, d]; x: real[n, d]; y: real[n, d]; "
     "J = logsumexp(mean(X, axis=0)*concat(x, y)[n:])",
     lambda xp, X, x, y: xp.logsumexp(xp.sum(X, axis=0) / 5 * y)),
]  # fmt: skip
ADDED_IN_PLACE = [
    # Views of a value that others read, to which something is added.
    ("x: real[6]; A: real[2, 3]; J = sum(exp(reshape(x, 2, 3) + A)) + x[0]^2 + A[1, 1]^3",
     lambda xp, x, A: xp.sum(xp.exp(xp.reshape(x, (2, 3)) + A)) + x[0] ** 2 + A[1, 1] ** 3),
    ("X: real[n, n]; Y: real[n, n]; J = sum((X + Y')^2) + Y[0, 1]^2",
     lambda xp, X, Y: xp.sum((X + Y.T) ** 2) + Y[0, 1] ** 2),
    ("x: real[b]; y: real[b]; J = sum(exp(x + y[::-1])) + x[0]^2 + y[1]^3",
     lambda xp, x, y: xp.sum(xp.exp(x + y[::-1])) + x[0] ** 2 + y[1] ** 3),
    ("x: real[b]; Y: real[n, b]; z: real[n]; J = sum(exp(Y @ x)*z[::-1]) + sum(x[1:]*x[:-1])",
     lambda xp, x, Y, z: xp.sum(xp.exp(Y @ x) * z[::-1]) + xp.sum(x[1:] * x[:-1])),
]  # fmt: skip
HALVED = [
    # Sizes that are whole quotients, as factors: of four, and of five.
    ("x: real[4]; y: real[b]; J = sum(x[::2][::-1][1:]^2) + sum(y[::2]*y[::2][::-1])^2",
     lambda xp, x, y: xp.sum(x[::2][::-1][1:] ** 2) + xp.sum(y[::2] * y[::2][::-1]) ** 2),
    ("X: real[n, d]; J = sum(X[::2, ::2]^2)/2",
     lambda xp, X: xp.sum(X[::2, ::2] ** 2) / 2),
]  # fmt: skip
FALSE_SHAPE = [
    # Axes of size 1 that are left out, and needed.
    ("x: real[d, 1]; y: real[d]; z: real[b]; J = (x' @ y)/(2 + z^2)",
     lambda xp, x, y, z: (x.T @ y) / (2 + z**2)),
    ("x: real[n, 1]; y: real[n]; z: real[d]; J = hypot(x' @ y, z)",
     lambda xp, x, y, z: xp.hypot(x.T @ y, z)),
    ("x: real[b]; w: real[1]; X: real[b, 1]; z: real[d]; J = minimum((x/(2 + w^2)) @ X, z)",
     lambda xp, x, w, X, z: xp.minimum((x / (2 + w**2)) @ X, z)),
    ('x: real[1, b]; y: real[1]; z: real[d]; J = einsum("is,i->i", x, y)/z',
     lambda xp, x, y, z: xp.einsum("is,i->i", x, y) / z),
    ('x: real[b, 1]; y: real[1, d]; J = einsum("si,ij->ij", x, 1/(1 + y^2))',
     lambda xp, x, y: xp.einsum("si,ij->ij", x, 1 / (1 + y**2))),
    ("x: real[b]; y: real[1]; u: real[n]; X: real[n, b]; Y: real[b, b];"
     ' J = u @ einsum("s,is->i", x*y*y, X @ Y\')',
     lambda xp, x, y, u, X, Y: u @ (X @ Y.T @ (x * y * y))),
    ('A: real[b, n, b]; x: real[b]; y: real[n]; z: real[1];'
     ' J = (einsum("sji,s->ij", A, x) @ y) @ (z/x)',
     lambda xp, A, x, y, z: (xp.einsum("sji,s->ij", A, x) @ y) @ (z / x)),
    ('X: real[n, d]; Y: real[n, b]; J = einsum("ij,is->ij", 1/(1 + X^2), Y)',
     lambda xp, X, Y: xp.einsum("ij,is->ij", 1 / (1 + X**2), Y)),
    ('A: real[3, 5]; x: real[2]; y: real[2];'
     ' J = norminf(einsum("si,j->ij", A, x) @ concat(y, x)[2:], axis=-1)',
     lambda xp, A, x, y: xp.max(xp.abs(xp.einsum("si,j->ij", A, x) @ x))),
    # Choices with axes in another order than the rest.
    ("x: real[d]; X: real[d, b, b]; y: real[b]; z: real[1];"
     " J = (x @ (X @ y)) @ where(y > 0.5, y, z)",
     lambda xp, x, X, y, z: (x @ (X @ y)) @ xp.where(y > 0.5, y, z)),
    ("X: real[b, d, d]; u: real[n]; A: real[n, b]; x: real[d]; z: real[1];"
     " J = u @ A @ (min(X, axis=1) @ (x/z))",
     lambda xp, X, u, A, x, z: u @ A @ (xp.min(X, axis=1) @ (x / z))),
    ("X: real[n, d]; x: real[b]; J = sum(x^2*minimum(prod(min(X, axis=1)), x))",
     lambda xp, X, x: xp.sum(x**2 * xp.minimum(xp.prod(xp.min(X, axis=1)), x))),
    ("X: real[n, d]; x: real[n]; J = sum(x^2*exp(x*prod(min(X, axis=1))))",
     lambda xp, X, x: xp.sum(x**2 * xp.exp(x * xp.prod(xp.min(X, axis=1))))),
    ("X: real[n, n]; x: real[n]; Y: real[d, b]; J = x @ logaddexp(x @ X, prod(max(Y, axis=1)))",
     lambda xp, X, x, Y: x @ xp.logaddexp(x @ X, xp.prod(xp.max(Y, axis=1)))),
    ("y: real[n]; X: real[n, d, n]; x: real[n]; J = atan(y' @ min(X, axis=1) @ x)",
     lambda xp, y, X, x: xp.arctan(y @ xp.min(X, axis=1) @ x)),
    # A size that has to be read off another input than the first that holds it.
    ("X: real[n*d, n]; Y: real[n, d, n*d]; J = reshape(sum(X^2, axis=1), d, n)",
     lambda xp, X, Y: xp.reshape(xp.sum(X**2, axis=1), (2, 3))),
]  # fmt: skip
@dataclass(eq=False)
class Small:
    """A program as the checks of random ones take it."""

    text: str
    function: object

    def __post_init__(self):
        self.source = self.text.replace("; ", "\n")
        found = re.findall(r"^(\w+): real(?:\[(.*)\])?$", self.source, re.M)
        self.inputs = {
            name: tuple(eval(s, dict(SIZES)) for s in sizes.split(",") if s)
            for name, sizes in found
        }
        self.positions = tuple(range(len(self.inputs)))
        self.values = [
            np.asarray(np.random.default_rng(i).uniform(0.3, 1.3, size=shape))
            for i, shape in enumerate(self.inputs.values())
        ]
        self.shape = np.shape(self(NUMPY, *self.values))

    def __call__(self, xp, *values):
        return self.function(xp, *values)


SINGULAR = [np.diag([2.0, 3.0, 0.0]), np.diag([2.0, 0.0, 0.0]), np.ones((3, 3))]
PROGRAMS = FALSE_VALUE + FALSE_HESSIAN + PLACED + ADDED_IN_PLACE + HALVED + FALSE_SHAPE
NAMES = [text.split(" J = ")[1] for text, _ in PROGRAMS]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("text", "function"), PROGRAMS, ids=NAMES)
def test_products(text, function, level):
    p = Small(text, function)
    point = Point(p, p.values)
    found = point.by_ours(point.compiled(level))
    consistent(point, found)
    against_jax(point, found, point.by_jax(whole=True))


def cubic(A):
    """The determinant of order three as a polynomial of its elements."""
    a, b, c = A[0, 1] * A[1, 2], A[0, 2] * A[1, 0], A[0, 0] * A[1, 1]
    d, e, f = A[0, 2] * A[1, 1], A[0, 0] * A[1, 2], A[0, 1] * A[1, 0]
    return a * A[2, 0] + b * A[2, 1] + c * A[2, 2] - d * A[2, 0] - e * A[2, 1] - f * A[2, 2]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("at", SINGULAR)
def test_second_derivatives_of_the_determinant_of_singular_matrices(at, level):
    module = exprdiff.compile("A: real[3, 3]\nJ = det(A)", emit=["hessian", "hvp"], optimize=level)
    want = jax.hessian(cubic)(at)
    way = np.cos(np.arange(9.0)).reshape(3, 3)
    near(module.hessian(at), want, "Hessian")
    near(module.hvp(at, way), np.einsum("ijkl,kl->ij", want, way), "hvp")


@pytest.mark.parametrize("emit", ["gradient", "jacobian", "hessian", "jvp", "vjp", "hvp"])
def test_every_derivative_says_by_what_it_is(emit):
    module = exprdiff.compile("data a: real[n]\nx: real[n]\nJ = a @ x^2", emit=emit)
    assert tuple(module.WRT) == ("x",)
