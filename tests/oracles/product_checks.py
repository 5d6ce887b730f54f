"""Jacobians, Hessians and products with them: against one another and against JAX."""

import random

import jax
import jax.numpy as jnp
import numpy as np
from oracles.backends import JAX, NUMPY
from oracles.checks import plural
from oracles.random_tensors import Tensors

import exprdiff

TOLERANCE = 1e-9
FIRST = ["forward", "jacobian", "jvp", "vjp"]
SECOND = ["gradient", "value_and_gradient", "hessian", "hvp"]


def draw(seed, most=3, depth=3):
    """A program and its values: every second one has a scalar output, two of three are named."""
    chance = random.Random(seed)
    grammar = Tensors(lambda options: chance.choice(list(options)), named=seed % 3 > 0)
    p = grammar.program(most, depth, scalar=seed % 2 == 0)
    return p, p.values(seed)


def tame(p, values, most=1e3):
    """Whether no statement of the program is infinite, or so large that digits are lost."""
    with np.errstate(all="ignore"):
        try:
            p(NUMPY, *values)
        except np.linalg.LinAlgError:
            return False
        names = dict(zip(p.inputs, values, strict=True))
        for name, tree in p.statements:
            names[name] = tree.evaluate(NUMPY, names)
    return all(np.all(np.abs(x) < most) for x in names.values())


class Point:
    """A program at a point, with a direction for each input and a weight for the output."""

    def __init__(self, p, values, seed=0):
        self.program, self.values, self.positions = p, values, p.positions
        self.some = [np.asarray(values[i]) for i in self.positions]
        random = np.random.default_rng(seed)
        self.ways = [np.asarray(random.normal(size=x.shape)) for x in self.some]
        self.weight = np.asarray(random.normal(size=p.shape))

    def function(self, *some):
        full = [jnp.asarray(x) for x in self.values]
        for i, x in zip(self.positions, some, strict=True):
            full[i] = x
        return self.program(JAX, *full)

    def by_jax(self, whole=False):
        """What JAX finds, by the names of the emitted functions."""
        value, tangent = jax.jvp(self.function, self.some, self.ways)
        pulled = jax.vjp(self.function, *self.some)[1](jnp.asarray(self.weight))
        found = {"forward": value, "jvp": tangent, "vjp": pulled}
        every = tuple(range(len(self.some)))
        if whole:
            found["jacobian"] = jax.jacrev(self.function, every)(*self.some)
        if self.program.shape == ():
            gradient = jax.grad(self.function, every)
            found["gradient"], found["hvp"] = jax.jvp(gradient, self.some, self.ways)
            if whole:
                found["hessian"] = jax.jacfwd(gradient, every)(*self.some)
        return found

    def smooth(self, step=1e-6):
        """Whether JAX finds nearly the same a small step away: the point lies on no kink."""
        here = self.by_jax()
        for sign in (step, -step):
            some = [x + sign * w for x, w in zip(self.some, self.ways, strict=True)]
            values = list(self.values)
            for i, x in zip(self.positions, some, strict=True):
                values[i] = x
            there = Point(self.program, values)
            there.ways, there.weight = self.ways, self.weight
            for a, b in zip(jax.tree.leaves(here), jax.tree.leaves(there.by_jax()), strict=True):
                scale = max(1.0, np.max(np.abs(a), initial=0.0))
                if not np.max(np.abs(a - b), initial=0.0) <= 1e-2 * scale:
                    return False
        return True

    def compiled(self, level):
        wrt = [list(self.program.inputs)[i] for i in self.positions]
        emit = FIRST + (SECOND if self.program.shape == () else [])
        return exprdiff.compile(self.program.source, wrt=wrt, emit=emit, optimize=level)

    def by_ours(self, module):
        """The same by the functions of a module, tuples where they return a bare value."""
        found = {
            "forward": module.forward(*self.values),
            "jacobian": plural(module.jacobian(*self.values)),
            "jvp": module.jvp(*self.values, *self.ways),
            "vjp": plural(module.vjp(*self.values, self.weight)),
        }
        if self.program.shape == ():
            value, gradient = module.value_and_gradient(*self.values)
            found |= {
                "gradient": plural(module.gradient(*self.values)),
                "value_and_gradient": (value, *plural(gradient)),
                "hvp": plural(module.hvp(*self.values, *self.ways)),
            }
            rows = module.hessian(*self.values)
            found["hessian"] = tuple(map(plural, plural(rows)))
        return found


def near(got, want, what, scale=0.0):
    """Equal shapes, and values to nine digits of the largest; nan is near nothing."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, not {want.shape}"
    scale = max(1.0, scale, np.max(np.abs(want), initial=0.0))
    error = np.max(np.abs(got - want), initial=0.0)
    assert error <= TOLERANCE * scale, f"{what}: {error:.3g} off\n{got}\n{want}"


def joined(blocks, rows, shapes):
    """Blocks of derivatives as a matrix, each checked for its shape."""
    for block, shape in zip(blocks, shapes, strict=True):
        assert np.shape(block) == (*rows, *shape), f"{np.shape(block)} is not {rows}, {shape}"
    size = int(np.prod(rows))
    return np.concatenate([np.reshape(b, (size, -1)) for b in blocks], axis=1)


def consistent(point, found):
    """What must hold among the functions of one module, whatever the program means."""
    shapes = [x.shape for x in point.some]
    v = np.concatenate([np.ravel(x) for x in point.ways])
    u = point.weight.ravel()
    matrix = joined(found["jacobian"], point.program.shape, shapes)
    pulled = joined(found["vjp"], (), shapes).ravel()
    size = np.max(np.abs(matrix), initial=0.0)
    near(u @ np.ravel(found["jvp"]), pulled @ v, "<u, J v> and <J' u, v>", size)
    near(np.ravel(found["jvp"]), matrix @ v, "jvp and the Jacobian", size)
    near(pulled, u @ matrix, "vjp and the Jacobian", size)
    if point.program.shape != ():
        return
    for name in ("gradient", "value_and_gradient"):
        gradient = found[name][-len(shapes) :]
        near(joined(gradient, (), shapes), matrix, f"{name} and the Jacobian", size)
    near(found["value_and_gradient"][0], found["forward"], "value_and_gradient and forward")
    rows = [joined(row, shape, shapes) for row, shape in zip(found["hessian"], shapes, strict=True)]
    hessian = np.concatenate(rows)
    size = np.max(np.abs(hessian), initial=0.0)
    near(hessian, hessian.T, "the Hessian and its transpose", size)
    near(joined(found["hvp"], (), shapes).ravel(), hessian @ v, "hvp and the Hessian", size)


def against_jax(point, found, wanted):
    for name, want in wanted.items():
        ours, theirs = jax.tree.leaves(found[name]), jax.tree.leaves(want)
        scale = max(np.max(np.abs(x), initial=0.0) for x in theirs)
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            near(a, b, f"{name} {i}, by JAX", scale)


def known(point, whole=False, most=1e5):
    """What JAX finds, or None where that is not finite or too large to compare."""
    wanted = point.by_jax(whole)
    good = all(np.all(np.abs(x) < most) for x in jax.tree.leaves(wanted))
    return wanted if good else None


def check(p, values, whole=False, levels=(1, 0)):
    """Check a program at a point; return whether JAX had anything to compare with."""
    point = Point(p, values)
    wanted = known(point, whole)
    if wanted is None:
        return False
    for level in levels:
        found = point.by_ours(point.compiled(level))
        try:
            consistent(point, found)
            against_jax(point, found, wanted)
        except AssertionError as error:
            if not point.smooth():
                return False
            raise AssertionError(f"at -O{level}: {error}") from error
    return True


def failure(p, seed, jaxless):
    """The message of what fails, or an empty text; without JAX where that is enough."""
    values = p.values(seed)
    if not tame(p, values):
        return ""
    try:
        if jaxless:
            point = Point(p, values)
            for level in (1, 0):
                consistent(point, point.by_ours(point.compiled(level)))
        else:
            check(p, values)
    except Exception as error:  # whatever it is, the test reports it with the program
        return f"{type(error).__name__}: {error}"
    return ""


def smallest(p, seed, steps=300):
    """A smaller program that fails as `p` does, if a search of some steps finds one."""
    jaxless = bool(failure(p, seed, True))
    message = failure(p, seed, jaxless)
    improved = True
    while improved:
        improved = False
        for candidate in sorted(p.smaller(), key=lambda q: len(q.source)):
            steps -= 1 if jaxless else 10
            if steps < 0 or len(candidate.source) >= len(p.source):
                break
            found = failure(candidate, seed, jaxless)
            if found.split(":")[0] == message.split(":")[0]:
                p, message, improved = candidate, found, True
                break
    return p.source, message
