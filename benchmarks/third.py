"""Third derivatives: of functions of one variable, and of a loss along a direction.

Measured: ``diff(u, x, 3)`` inside a program, at one point and at 10000 points in one call, beside
nested jax.grad, JAX's Taylor mode (jet), and what SymPy derives and writes: common subexpressions
are taken out, and at one point Python's ``math`` takes part, which is faster for a number. Then the
gradient of ``v' H v`` for a softmax regression's loss with its Hessian H, in which ``grad`` stands
inside the program twice, beside nestings of JAX.
Goal: not slower than JAX, nor than SymPy.
"""

import numpy as np

from . import peers
from .harness import Case, Goal
from .hessian_softmax import inputs, loss, probabilities

FORMULAS = {
    "exp(-x^2)*sin(3*x)/(1 + x^2)": lambda np, x: np.exp(-(x**2)) * np.sin(3 * x) / (1 + x**2),
    "tanh(sin(x)*exp(x/2))": lambda np, x: np.tanh(np.sin(x) * np.exp(x / 2)),
}
ONE_VARIABLE = """
u = {formula}
third = diff(u, x, 3)
"""
CURVATURE = """
data X: real[n, d]
data Y: real[n, k] simplex
W: real[d, k]
data V: real[d, k]
f = cross_entropy(X @ W, Y)
along = sum(grad(f, W)*V)
curvature = sum(grad(along, W)*V)
return curvature
"""


def nested_grad(function):
    """JAX: the gradient of the gradient of the gradient, at every point."""

    def transform(jax, jnp):
        third = jax.grad(jax.grad(jax.grad(lambda x: function(jnp, x))))
        return jnp.vectorize(third)

    return transform


def taylor(function):
    """JAX: the coefficients of a Taylor polynomial, pushed through the function."""

    def transform(jax, jnp):
        from jax.experimental.jet import jet

        def third(x):
            one, zero = jnp.ones_like(x), jnp.zeros_like(x)
            return jet(lambda x: function(jnp, x), (x,), ((one, zero, zero),))[1][2]

        return third

    return transform


def in_sympy(function):
    """SymPy: the derivative as an expression."""

    def build(sympy):
        x = sympy.Symbol("x")
        return [x], sympy.diff(function(sympy, x), x, 3)

    return build


def elementwise(function):
    """Autograd: elementwise_grad three times."""

    def transform(ag, agnp):
        derivative = lambda x: function(agnp, x)  # noqa: E731
        for _ in range(3):
            derivative = ag.elementwise_grad(derivative)
        return derivative

    return transform


def reverse_over_forward(jax, jnp):
    """JAX: the gradient of a second derivative along a line."""

    def gradient(X, Y, W, V):
        def curvature(W):
            slope = lambda W: jax.jvp(lambda W: loss(jnp)(X, Y, W), (W,), (V,))[1]  # noqa: E731
            return jax.jvp(slope, (W,), (V,))[1]

        return jax.grad(curvature)(W)

    return gradient


def forward_over_reverse(jax, jnp):
    """JAX: the gradient's second derivative along a line."""

    def gradient(X, Y, W, V):
        slope = jax.grad(lambda W: loss(jnp)(X, Y, W))
        product = lambda W: jax.jvp(slope, (W,), (V,))[1]  # noqa: E731
        return jax.jvp(product, (W,), (V,))[1]

    return gradient


def by_hand(X, Y, W, V):
    """The third derivative of logsumexp along a line is a third central moment."""
    P = probabilities(X @ W)
    A = X @ V
    A = A - np.sum(P * A, axis=1, keepdims=True)
    P *= 1 / len(X)
    B = A * A
    return X.T @ (P * (B - len(X) * np.sum(P * B, axis=1, keepdims=True)))


def cases(small=False):
    """Five cases."""
    rng = np.random.default_rng(0)
    for formula, function in FORMULAS.items():
        for count in 1, (5 if small else 10000):
            x = rng.uniform(-2, 2, size=count) if count > 1 else 0.7
            where = f"{count} points" if count > 1 else "one point"
            symbols = in_sympy(function)
            in_math = peers.sympy("diff, lambdify to math", symbols, x, modules="math")
            yield Case(
                f"Third derivative of `{formula}` at {where}",
                [
                    peers.ours(ONE_VARIABLE.format(formula=formula), "forward", x),
                    peers.sympy("diff, lambdify", symbols, x),
                    *([in_math] if count == 1 else ()),
                    peers.jax("grad(grad(grad))", nested_grad(function), x),
                    peers.jax("jet", taylor(function), x),
                    peers.autograd("elementwise_grad, 3 times", elementwise(function), x),
                ],
                [Goal("JAX"), Goal("SymPy")],
            )
    n, d, k = (12, 4, 3) if small else (500, 20, 10)
    values = *inputs(n, d, k), rng.normal(size=(d, k))
    yield Case(
        f"Gradient of `v' H v`, H the Hessian of the softmax loss, n={n}, d={d}, k={k}",
        [
            peers.ours(CURVATURE, "gradient", *values),
            peers.jax("grad(jvp(jvp))", reverse_over_forward, *values),
            peers.jax("jvp(jvp(grad))", forward_over_reverse, *values),
            peers.hand(by_hand, *values),
        ],
        [Goal("JAX")],
    )
