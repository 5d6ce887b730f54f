"""Long, deep and strange input: an ExprDiffError or a right module, soon, and never a traceback."""

import time

import numpy as np
import pytest

import exprdiff
from exprdiff.ops import REGISTRY

MANY = 10**5
SECONDS = 60  # generous: what goes wrong here takes minutes or forever


def doubling(first, levels, body="f{0}(f{0}(x))"):
    lines = [f"f0(x) = {first}"]
    lines += [f"f{k + 1}(x) = {body.format(k)}" for k in range(levels)]
    return "\n".join([*lines, f"y = f{levels}(x)"])


def timed(text, **options):
    """Return the module, or the error, that `text` makes in good time."""
    start = time.perf_counter()
    try:
        result = exprdiff.compile(text, **options)
    except exprdiff.ExprDiffError as error:
        result = error
    assert time.perf_counter() - start < SECONDS
    return result


RIGHT = {
    "brackets": ("y = " + "(" * MANY + "x" + ")" * MANY, 2.0, 2.0),
    "minus signs": ("y = " + "-" * (MANY + 1) + "x", 2.0, -2.0),
    "plus signs": ("y = " + "+" * MANY + "x", 2.0, 2.0),
    "nots": ("y = x if " + "not " * MANY + "x > 0 else 1", 2.0, 2.0),
    "transposes": ("y = x" + "'" * MANY, 2.0, 2.0),
    "equal terms": ("y = " + " + ".join(["x"] * MANY), 2.0, 2.0 * MANY),
    "terms": ("y = " + " + ".join(f"{k}*x^{k % 7}" for k in range(5000)), 0.0, None),
    "calls": ("y = " + "sin(" * 5000 + "x" + ")" * 5000, 0.0, 0.0),
    "calls of a definition": ("f(t) = t/2\ny = " + "f(" * 5000 + "x" + ")" * 5000, 2.0, 0.0),
    "choices": ("y = " + "1 if x > 9 else " * 3000 + "x", 2.0, 2.0),
    "comparisons": ("y = 1 if " + " < ".join(["x"] * 3000) + " else x", 2.0, 2.0),
    "powers": ("y = x" + "^1" * 3000, 2.0, 2.0),
    "long name": ("y = " + "x" * 10**6, 2.0, 2.0),
    "long comment": ("# " + "x" * 10**6 + "\ny = x", 2.0, 2.0),
    "blank lines": ("\n" * MANY + "y = x" + "\n" * MANY, 2.0, 2.0),
    "semicolons": (";" * MANY + "y = x" + ";" * MANY, 2.0, 2.0),
    "statements": ("\n".join(f"x{k + 1} = x{k} + 1" for k in range(2000)), 2.0, 2002.0),
    "doubled names": ("x0 = x\n" + "\n".join(f"x{k + 1} = x{k} + x{k}" for k in range(500)),
                      1.0, 2.0**500),
    "squared names": ("x0 = x\n" + "\n".join(f"x{k + 1} = x{k} * x{k}" for k in range(300)),
                      1.0, 1.0),
    "shared definitions": (doubling("x", 500, "(f{0}(x) + f{0}(x))/2"), 2.0, 2.0),
    "tower of powers": ("y = x * 0^9^9^9^9^9 + 1", 2.0, None),
    "large exponent": ("y = x^99999999999", 1.0, 1.0),
    "large exponents": ("y = (x^99999999999)^99999999999", 1.0, 1.0),
    "large constant power": ("y = x * 0.5^99999999999", 2.0, 0.0),
    "small number": ("y = x * 1e-99999", 2.0, 0.0),
    "overflow": ("y = x * 1e308 * 10", 2.0, np.inf),
    "division by zero": ("y = x * (1/0)", 2.0, np.inf),
    "NUL in a comment": ("y = x # \0", 2.0, 2.0),
    "lone surrogate in a comment": ("y = x # \ud800 \udcff", 2.0, 2.0),
    "quotes and backslashes": ('y = x # """ \\N{x} \\x \'\'\' {0} %s \\', 2.0, 2.0),
    "rewritten bare result": ("log(sigmoid(x))", 0.0, -np.log(2)),
    "rewritten unused name": ("v = log(sigmoid(x))\ny = x", 2.0, 2.0),
    "rare line breaks": ("a = x\u2028b = a\x85y = b\rz = y", 2.0, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("name", list(RIGHT))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_right(name):
    text, x, wanted = RIGHT[name]
    module = timed(text)
    assert not isinstance(module, Exception), module
    if wanted is not None:
        np.testing.assert_allclose(module.forward(x), wanted, rtol=1e-12, atol=1e-100)
    compile(module.source, "emitted", "exec")


WRONG = {
    "unclosed brackets": ("y = " + "(" * MANY + "x", "'(' is never closed"),
    "closing brackets": ("y = x" + ")" * MANY, "')' closes nothing"),
    "square brackets": ("y = x" + "[" * MANY, "'[' is never closed"),
    "nested indices": ("y = " + "x[" * MANY + "0" + "]" * MANY, "a subscript is too many"),
    "dollars": ("$" * 10**6, "unknown character '$'"),
    "quotes": ("'" * 10**6, "' is the transpose"),
    "operators": ("y = x" + "*" * MANY, "an operand is missing"),
    "digits": ("y = " + "9" * 10**6, "the number is too large"),
    "exponent": ("y = 1e" + "9" * 10**5, "the number is too large"),
    "large number": ("y = 1e309 * x", "the number is too large"),
    "NUL": ("y = x\0", "control character U+0000"),
    "lone surrogate": ("y = x + \ud800", "invisible character U+D800"),
    "name of a lone surrogate": ("\udfff = 3", "invisible character U+DFFF"),
    "nothing": ("", "the program is empty"),
    "only blanks": (" \t\n" * MANY, "the program is empty"),
    "mistakes": ("\n".join(f"y{k} = sine(x)" for k in range(MANY // 10)), "unknown function"),
    "exponential definitions": (doubling("x + 1", 40), "the program is too large"),
    "exponential sines": (doubling("sin(x)", 40), "the program is too large"),
    "exponential squares": (doubling("x*x + 1", 40), "the program is too large"),
    "long size": (f"x: real[n, m, k]; z: real[{'*'.join(['(n + m + k)'] * 60)}]; J = sum(x)",
                  "the size is too long"),
    "large axis": (f"x: real[n]; y = sum(x, axis={'9' * 200})", "it has no axis 999"),
    "many axes": (f"x: real[n]; y = sum(x, axis=({', '.join(['0'] * MANY)}))", "named twice"),
    "many outputs": ("return " + ", ".join(f"x{k}" for k in range(1000)), "and 990 more"),
    "long unknown function": ("y = " + "f" * MANY + "(x)", "unknown function 'fff"),
    "recursion": ("f(x) = f(f(f(x)))\ny = f(2)", "'f' calls itself"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name):
    text, said = WRONG[name]
    error = timed(text)
    assert isinstance(error, exprdiff.ExprDiffError)
    assert said in str(error)
    assert all(len(line) < 1000 for line in str(error).splitlines())
    assert len(error.diagnostics) <= 20


# -- names that mean something to Python or to the module ------------------------------------------

_NAMES = """
__debug__ lambda None True class np numpy forward gradient value_and_gradient self _checked t1 t2
float int dJ_dw dJ_du J_ w print len range source graph __name__ __file__ __builtins__ lambda_ np_
sum_ ndim shape points INPUTS WRT OUTPUTS SOURCE sigmoid softplus logsumexp match _ é ﬁ
"""
NAMES = _NAMES.split()

# A name in a place; the same program with an innocent name is its twin.
PLACES = {
    "input": ("J = sin({0} * u) + {0}^3 / u + exp({0} * u)^2", (1.3, 0.7)),
    "array": ("{0}, u: real[n]; J = sum(softplus({0}*u) / (1 + u^2)) + logsumexp({0})",
              (np.array([0.3, -2.0]), np.array([1.0, 0.5]))),
    "data": ("data {0}: real[n]; u: real[n]; J = sum({0} * u^2)",
             (np.array([0.3, -2.0]), np.array([1.0, 0.5]))),
    "value": ("u: real[n]; {0} = sin(u) * u; J = sum({0} * {0} + exp({0}))",
              (np.array([0.3, 2.0]),)),
    "output": ("u: real[n]; {0} = sum(sin(u) * u)", (np.array([0.3, 2.0]),)),
    "size": ("u: real[{0}]; J = sum(u * u) / {0}", (np.array([0.3, 2.0]),)),
    "function": ("{0}(z) = z * z; J = {0}(u) + u", (1.5,)),
    "parameter": ("f({0}) = {0} * {0}; J = f(u) + u", (1.5,)),
}  # fmt: skip

CASES = [(name, place, level) for name in NAMES for place in PLACES for level in (0, 1)]


def flat(value):
    return [y for x in value for y in flat(x)] if isinstance(value, tuple) else [value]


@pytest.mark.parametrize("name, place, level", CASES)
def test_names(name, place, level):
    program, arguments = PLACES[place]
    module = exprdiff.compile(program.format(name), optimize=level)
    twin = exprdiff.compile(program.format("zz"), optimize=level)
    for function in ("forward", "gradient", "value_and_gradient"):
        ours = flat(getattr(module, function)(*arguments))
        theirs = flat(getattr(twin, function)(*arguments))
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


# -- the whole language has an answer --------------------------------------------------------------

_LANGUAGE = """
abs sign sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh
asinh acosh atanh arcsin sinc sigmoid expit logit softplus log_sigmoid relu leaky_relu elu gelu
silu erf erfc normcdf gamma lgamma digamma floor ceil round trunc square reciprocal where clip
minimum maximum atan2 hypot xlogy xlog1py logaddexp mod pow beta lbeta sum mean prod min max var std
norm norm1 norm2 norminf logsumexp any all argmin argmax softmax log_softmax cumsum cumprod sort dot
outer cross kron trace tr det logdet slogdet inv solve cholesky diag transpose eye zeros ones vector
matrix triu tril einsum reshape concat stack repeat flip roll pad squeeze expand_dims broadcast_to
cross_entropy binary_cross_entropy mse mae huber grad diff jacobian hessian stop_gradient
"""
LANGUAGE = _LANGUAGE.split()


@pytest.mark.parametrize("name", LANGUAGE)
def test_every_function_of_the_language_is_there(name):
    assert name in REGISTRY


@pytest.mark.parametrize(
    "program",
    [
        "x, y: real[n]; A: real[n, n]; z = (A @ x)' @ y",
        "x, y: real[n]; A: real[n, n]; z = x' @ A @ y",
        "x: real[n]; y: real[m]; z = sum(x @ y')",
        "x, y: real[n]; z = x'' @ y",
        "x, y: real[n]; f(v) = v'; z = f(x) @ y",
        "x, y: real[n]; z = 2*(x' @ y) - (x' @ y)'",
    ],
)
def test_covectors_where_they_belong(program):
    assert hasattr(exprdiff.compile(program), "gradient")


@pytest.mark.parametrize("tail", ["f(t) = t", "u: real[m]", "# nothing"])
def test_the_last_assignment_is_the_output(tail):
    module = exprdiff.compile(f"a = x + 1\ny = a^2\n{tail}")
    assert module.OUTPUTS == ("y",)
