"""Contenders of each kind. What they share is prepared here, before anything is timed.

A model that several peers differentiate is written once, as a function of the NumPy-like module
that it computes with: JAX and autograd get the same formula.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import exprdiff

from .harness import Contender


def ours(source: str, emit: str, *values, name: str = "exprdiff", **options) -> Contender:
    """The function `emit` of the module that exprdiff makes of `source`, called with `values`."""

    def make():
        module = exprdiff.compile(source, emit=emit, **options)
        return partial(getattr(module, emit), *values)

    return Contender(name, make)


def hand(function: Callable, *values, name: str = "hand NumPy") -> Contender:
    """A function that somebody derived on paper and wrote in NumPy."""
    return Contender(name, lambda: partial(function, *values))


def jax(name: str, transform: Callable, *values, **options) -> Contender:
    """A function compiled by ``jax.jit``: `transform(jax, jax.numpy)` returns it.

    The values become JAX's own arrays before anything is timed; a call ends when its results are
    there. Double precision, as everybody has it.
    """
    name = f"JAX {name}"
    if find_spec("jax") is None:
        return Contender(name, _never, "jax")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    values = [jnp.asarray(value) for value in values]

    def make():
        function = jax.jit(transform(jax, jnp))
        return lambda: jax.block_until_ready(function(*values))

    return Contender(name, make, "jax", lazy=True, **options)


def autograd(name: str, transform: Callable, *values, **options) -> Contender:
    """A function of autograd, which records every call anew: `transform(autograd, its NumPy)`."""
    name = f"autograd {name}"
    if find_spec("autograd") is None:
        return Contender(name, _never, "autograd")
    import autograd
    import autograd.numpy

    return Contender(
        name, lambda: partial(transform(autograd, autograd.numpy), *values), "autograd", **options
    )


def sympy(name: str, build: Callable, *values, modules="numpy", **options) -> Contender:
    """A function that SymPy derives and writes: `build(sympy)` returns arguments and expression.

    It is written by ``lambdify`` with common subexpressions taken out, for `modules`.
    """
    name = f"SymPy {name}"

    def make():
        import sympy

        arguments, expression = build(sympy)
        return partial(sympy.lambdify(arguments, expression, modules, cse=True), *values)

    if find_spec("sympy") is not None:
        import sympy  # noqa: F401  (importing is no part of compiling)
    return Contender(name, make, "sympy", **options)


def _never():
    raise AssertionError("a contender whose package is missing is never made")


def warm_up() -> None:
    """Compile something small, so that nobody's first case pays for reading a grammar."""
    exprdiff.compile("data A: real[n, n]\nx: real[n]\nf = sum(exp(A @ x))", emit="hessian")
