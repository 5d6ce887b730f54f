"""Linear algebra, of a matrix and of a batch of them, to the third derivative, against JAX.

The third derivative is that of `s = sum(grad(J, A)*D)`, a formula of the language: its gradient
along a direction is the product of the third derivative of J with D and that direction.
"""

import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

N, D, B = 3, 2, 2


def swap(x):
    return x.swapaxes(-1, -2)


def values(random, batch, definite):
    a = random.normal(size=(*batch, N, N)) / 2
    return {
        "A": swap(a) @ a + 1.5 * np.eye(N) if definite else a + 2 * np.eye(N),
        "W": random.normal(size=(*batch, N, N)), "V": random.normal(size=(*batch, N, D)),
        "w": random.normal(size=batch), "Y": random.normal(size=(*batch, N, D)),
        "y": random.normal(size=N),
    }  # fmt: skip


TYPES = {"W": "n, n", "V": "n, d", "A": "n, n", "Y": "n, d"}
DATA = "WVw"


def log_of_determinant(a):
    return jnp.linalg.slogdet(a)[1]


#: formula: (its inputs, the function, whether A is positive definite); A is first of the inputs.
BOTH = {
    "sum(W*inv(A))": (lambda A, W: jnp.sum(W * jnp.linalg.inv(A)), False),
    "sum(inv(A)^2)": (lambda A: jnp.sum(jnp.linalg.inv(A) ** 2), False),
    "sum(W*inv(A' @ A))": (lambda A, W: jnp.sum(W * jnp.linalg.inv(swap(A) @ A)), False),
    "sum(V*solve(A, Y))": (lambda A, Y, V: jnp.sum(V * jnp.linalg.solve(A, Y)), False),
    "sum(solve(A, Y)^3)": (lambda A, Y: jnp.sum(jnp.linalg.solve(A, Y) ** 3), False),
    "sum(Y*solve(A', Y))": (lambda A, Y: jnp.sum(Y * jnp.linalg.solve(swap(A), Y)), False),
    "sum(w*det(A))": (lambda A, w: jnp.sum(w * jnp.linalg.det(A)), False),
    "sum(det(A)^2)": (lambda A: jnp.sum(jnp.linalg.det(A) ** 2), False),
    "sum(w*logdet(A))": (lambda A, w: jnp.sum(w * log_of_determinant(A)), False),
    "sum(logdet(A)^2)": (lambda A: jnp.sum(log_of_determinant(A) ** 2), False),
    "sum(w*log(det(A)))": (lambda A, w: jnp.sum(w * log_of_determinant(A)), False),
    "sum(W*cholesky(A))": (lambda A, W: jnp.sum(W * jnp.linalg.cholesky(A)), True),
    "sum(cholesky(A)^3)": (lambda A: jnp.sum(jnp.linalg.cholesky(A) ** 3), True),
    "sum(V*solve(cholesky(A), Y))":
        lambda A, Y, V: jnp.sum(V * jnp.linalg.solve(jnp.linalg.cholesky(A), Y)),
}  # fmt: skip
BOTH = {f: x if isinstance(x, tuple) else (x, True) for f, x in BOTH.items()}
#: Of a matrix alone.
MATRIX = {
    "det(A)": (lambda A: jnp.linalg.det(A), False),
    "logdet(A)": (log_of_determinant, False),
    "slogdet(A)[1]*det(A)": (lambda A: log_of_determinant(A) * jnp.linalg.det(A), False),
    "y' @ solve(A, y)": (lambda A, y: y @ jnp.linalg.solve(A, y), False),
    "y' @ inv(A) @ y": (lambda A, y: y @ jnp.linalg.inv(A) @ y, False),
    "(y' @ solve(A, y) + logdet(A))/2":
        (lambda A, y: (y @ jnp.linalg.solve(A, y) + log_of_determinant(A)) / 2, True),
    "sum(diag(cholesky(A))^2*log(diag(cholesky(A))))":
        (lambda A: jnp.sum(jnp.diag(jnp.linalg.cholesky(A)) ** 2
                           * jnp.log(jnp.diag(jnp.linalg.cholesky(A)))), True),
}  # fmt: skip
ALONE = [pytest.param(f, (), id=f"{f} of a matrix") for f in MATRIX]
SINGLE = [pytest.param(f, (), id=f"{f} of a matrix") for f in BOTH]
BATCH = [pytest.param(f, (B,), id=f"{f} of a batch") for f in BOTH]


class Case:
    def __init__(self, formula, batch):
        self.function, definite = (BOTH | MATRIX)[formula]
        random = np.random.default_rng(zlib.crc32(f"{formula} {batch}".encode()))
        self.names = list(self.function.__code__.co_varnames)
        if self.function is log_of_determinant:
            self.names = ["A"]
        known = values(random, batch, definite)
        self.at = [known[n] for n in self.names]
        lines = []
        for name in self.names:
            sizes = [*("b" for _ in batch), TYPES[name]] if name in TYPES else ["b"] * len(batch)
            sizes = ["n"] if name == "y" else sizes
            shape = f"[{', '.join(sizes)}]" if sizes else ""
            lines.append(f"{'data ' * (name in DATA)}{name}: real{shape}")
        self.declared, self.formula = "\n".join(lines), formula
        self.wrt = [i for i, n in enumerate(self.names) if n not in DATA]
        self.way = random.normal(size=(*batch, N, N))
        self.ways = [random.normal(size=self.at[i].shape) for i in self.wrt]

    def directions(self):
        """The values and directions as the emitted products take them."""
        return [*self.at, *self.ways]

    def of_some(self, *some):
        full = list(self.at)
        for i, x in zip(self.wrt, some, strict=True):
            full[i] = x
        return self.function(*full)

    @property
    def some(self):
        return [self.at[i] for i in self.wrt]


def same(got, want):
    got = got if isinstance(got, tuple) else (got,)
    for g, w in zip(got, want, strict=True):
        assert np.shape(g) == np.shape(w)
        scale = max(1.0, np.max(np.abs(w)))
        assert np.max(np.abs(g - w)) <= 1e-9 * scale, (g, w)


@pytest.mark.parametrize(("formula", "batch"), ALONE + SINGLE + BATCH)
def test_first_and_second_order(formula, batch):
    case = Case(formula, batch)
    every = tuple(range(len(case.wrt)))
    gradient = jax.grad(case.of_some, every)

    @jax.jit
    def by_jax(some, ways):
        along = jax.jvp(gradient, some, ways)
        return case.of_some(*some), *along, jax.jacfwd(gradient, every)(*some)

    value, first, along, second = by_jax(case.some, case.ways)
    for level in (0, 1):
        module = exprdiff.compile(
            f"{case.declared}\nJ = {formula}",
            emit=["value_and_gradient", "hessian", "hvp"],
            optimize=level,
        )
        found = module.value_and_gradient(*case.at)
        same(found[0], (value,))
        same(found[1], first)
        rows = module.hessian(*case.at)
        for row, want in zip(rows if len(every) > 1 else (rows,), second, strict=True):
            same(row, want)
        same(module.hvp(*case.directions()), along)


def check_third_order(formula, batch):
    case = Case(formula, batch)
    every = tuple(range(len(case.wrt)))

    def slope(*some):
        return jnp.sum(jax.grad(case.of_some)(*some) * case.way)

    @jax.jit
    def by_jax(some, ways):
        return slope(*some), jax.jvp(jax.grad(slope, every), some, ways)[1]

    value, third = by_jax(case.some, case.ways)
    shape = ", ".join([*("b" for _ in batch), "n, n"])
    source = f"{case.declared}\ndata D: real[{shape}]\nJ = {formula}\ns = sum(grad(J, A)*D)"
    for level in (0, 1):
        module = exprdiff.compile(source, emit=["forward", "hvp"], optimize=level)
        same(module.forward(*case.at, case.way), (value,))
        same(module.hvp(*case.at, case.way, *case.ways), third)


@pytest.mark.parametrize(("formula", "batch"), ALONE + BATCH)
def test_third_order(formula, batch):
    check_third_order(formula, batch)


@pytest.mark.slow
@pytest.mark.parametrize(("formula", "batch"), SINGLE)
def test_third_order_of_a_matrix(formula, batch):
    check_third_order(formula, batch)
