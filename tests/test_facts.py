"""Declared facts: what they simplify is equal where they hold, and derivatives keep to them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff
from exprdiff.forward import tangents
from exprdiff.graph import input_, interning
from exprdiff.indexed import Indexed, product
from exprdiff.interpret import interpret
from exprdiff.ops.matrices import cho_solution
from exprdiff.reverse import adjoints
from exprdiff.verify import verify

jax.config.update("jax_enable_x64", True)

RNG = np.random.default_rng(3)
M = RNG.normal(size=(4, 4))
S = M + M.T
P = M @ M.T + 4 * np.eye(4)
SHARES = RNG.dirichlet(np.ones(3), size=4)
VALUES = {
    "S": S, "P": P, "Y": SHARES, "x": RNG.uniform(0.2, 3, size=4), "b": RNG.normal(size=4),
    "B": RNG.normal(size=(4, 3)), "s": np.array(0.7), "Z": RNG.normal(size=(4, 3)),
}  # fmt: skip
TYPES = {
    "S": "real[n, n] symmetric", "P": "real[n, n] posdef", "Y": "real[n, k] simplex",
    "x": "real[n] positive", "b": "real[n]", "B": "real[n, k]", "s": "real positive",
    "Z": "real[n, k]",
}  # fmt: skip

#: Programs of inputs that keep to what is declared, and the same in JAX.
PROGRAMS = {
    "b' @ S @ b + sum(S + S.T)": lambda S, b: b @ S @ b + jnp.sum(S + S.T),
    "S[0, 1]*S[2, 0]^2 + sum(S[1:, 0]^3)":
        lambda S: S[0, 1] * S[2, 0] ** 2 + jnp.sum(S[1:, 0] ** 3),
    "trace(S @ B @ B') + x' @ S' @ b":
        lambda S, B, x, b: jnp.trace(S @ B @ B.T) + x @ S.T @ b,
    "sum(exp(S.T)*S) + sum(inv(P)' @ b)":
        lambda S, P, b: jnp.sum(jnp.exp(S) * S) + jnp.sum(jnp.linalg.inv(P) @ b),
    "b' @ solve(P + s*eye(n), b) + logdet(P + s*eye(n))":
        lambda P, s, b: b @ jnp.linalg.solve(P + s * jnp.eye(4), b)
        + jnp.linalg.slogdet(P + s * jnp.eye(4))[1],
    "sum(solve(2*P, B)^2)": lambda P, B: jnp.sum(jnp.linalg.solve(2 * P, B) ** 2),
    "sum(solve(inv(P), B)*B) + logdet(P)^2":
        lambda P, B: jnp.sum((P @ B) * B) + jnp.linalg.slogdet(P)[1] ** 2,
    "-sum(Y*log_softmax(Z)) + sum(softmax(Z)) + sum(sum(Y, axis=1)*b^2)":
        lambda Y, Z, b: -jnp.sum(Y * jax.nn.log_softmax(Z)) + 4 + jnp.sum(b**2),
    "log(prod(x)*s) + sum(log(x^s*x)) + sum(abs(x)) + sqrt(s^2)":
        lambda x, s: jnp.log(jnp.prod(x) * s) + jnp.sum(jnp.log(x**s * x)) + jnp.sum(x) + s,
}  # fmt: skip


def program(formula, facts=True):
    names = list(PROGRAMS[formula].__code__.co_varnames)
    lines = [f"{n}: {TYPES[n] if facts else TYPES[n].split(']')[0].split(' pos')[0]}"
             + ("" if facts or "[" not in TYPES[n] else "]") for n in names]  # fmt: skip
    return "\n".join([*lines, f"y = {formula}"]), names


def within(name, derivative):
    """The derivative in the space that the declaration of an input leaves."""
    return (derivative + derivative.T) / 2 if name in "SP" else derivative


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("formula", PROGRAMS)
def test_value_and_gradient(formula, level):
    source, names = program(formula)
    values = [VALUES[n] for n in names]
    value, gradient = exprdiff.compile(source, optimize=level).value_and_gradient(*values)
    np.testing.assert_allclose(value, PROGRAMS[formula](*values), rtol=1e-12)
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    wanted = jax.grad(PROGRAMS[formula], range(len(names)))(*values)
    for name, got, want in zip(names, gradient, wanted, strict=True):
        if name != "Y":  # off the simplex a program may be continued in other ways
            np.testing.assert_allclose(got, within(name, want), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("formula", PROGRAMS)
def test_facts_change_no_value(formula):
    values = [VALUES[n] for n in program(formula)[1]]
    with_facts, without = (
        exprdiff.compile(program(formula, facts)[0], emit="forward").forward(*values)
        for facts in (True, False)
    )
    np.testing.assert_allclose(with_facts, without, rtol=1e-12)


def test_the_docstring_states_what_is_assumed():
    text = exprdiff.emit("A: real[n, n] posdef\nx: real[n] positive\np: real in [0, 0.5]\n"
                         "y = p*(x' @ A @ x)")  # fmt: skip
    assert (
        "Assumed, not checked: A is symmetric and positive definite, x is positive, "
        "p lies in [0, 0.5]." in " ".join(text.split())
    )


def test_one_factor_serves_all_equations():
    text = exprdiff.emit("data K: real[n, n] posdef\ny: real[n]\n"
                         "J = y' @ solve(K, y) + logdet(K)", emit="value_and_gradient")  # fmt: skip
    assert text.count("np.linalg.cholesky(") == 1
    assert text.count("= cho_solve(") == 1
    assert "np.linalg.solve" not in text


def test_positive_numbers_never_overflow():
    module = exprdiff.compile("x, y: real positive\nz = log(x*y)")
    assert module.forward(1e200, 1e200) == pytest.approx(np.log(1e200) * 2)
    assert module.gradient(1e200, 1e-300) == pytest.approx((1e-200, 1e300), rel=1e-15)


def test_derivative_rules_of_the_solution_by_a_factor():
    """The operation that a pass puts in is differentiable, in both modes and batches."""
    lower = np.tril(RNG.normal(size=(2, 3, 3))) + 3 * np.eye(3)
    b = RNG.normal(size=(5, 3))
    dlower, db = np.tril(RNG.normal(size=(2, 3, 3))), RNG.normal(size=(5, 3))

    def function(lower, b):
        lower = jnp.tril(lower)
        matrix = lower @ jnp.swapaxes(lower, -1, -2)
        return jnp.sum(jnp.linalg.solve(matrix, jnp.broadcast_to(b.T, (2, 3, 5))) ** 3)

    with interning():
        nodes = [input_("L", (2, 3, 3)), input_("b", (5, 3))]
        moved = [input_("dL", (2, 3, 3)), input_("db", (5, 3))]
        x = cho_solution(Indexed(nodes[0]), Indexed(nodes[1]))
        output = product([x, x, x], ()).node
        found = adjoints(output, nodes)
        ways = {n: Indexed(d) for n, d in zip(nodes, moved, strict=True)}
        forward = tangents([output, found[nodes[0]]], ways)
        roots = [*(found[n] for n in nodes), forward[output], forward[found[nodes[0]]]]
        verify(roots)
        values = dict(zip([*nodes, *moved], [lower, b, dlower, db], strict=True))
        by_lower, by_b, tangent, second = interpret(roots, values)
    wanted = jax.grad(function, (0, 1))(lower, b)
    np.testing.assert_allclose(by_lower, wanted[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(by_b, wanted[1], rtol=1e-9)
    np.testing.assert_allclose(tangent, jax.jvp(function, (lower, b), (dlower, db))[1], rtol=1e-9)
    want = jax.jvp(jax.grad(function), (lower, b), (dlower, db))[1]
    np.testing.assert_allclose(second, want, rtol=1e-8, atol=1e-10)
