"""The stabilising rules: each an equation with its reason, one a line.

The left side overflows, underflows or cancels where the right side does not; over the reals they
are equal. `at` names a point of which the reason speaks, `unless` a source that the rule leaves
alone; both are tested.
"""

from __future__ import annotations

from ..graph import POSITIVE
from ..ops.arithmetic import abs_, power, reciprocal
from ..ops.elementary import (
    cos,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    log_sigmoid,
    logaddexp,
    sech2,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)
from ..ops.matrices import det, inv, logdet
from ..ops.reduce import log_softmax, logsumexp, norm, prod, softmax
from .rewrite import AXIS, Rule, Rules, wild, wild_matrix

x, y = wild("x"), wild("y")
v = wild("v", axis=True)
A = wild_matrix("A")
K = (AXIS,)


def _sum(value):
    return value.sum(K)


def _positive(*names):
    """A guard: the wildcards of these names are known to be positive."""
    return lambda values: all(values[name].node.low == POSITIVE for name in names)


STABLE = Rules((
    Rule("log(x*y) -> log(x) + log(y)", log(x * y), log(x) + log(y),
         "x*y overflows and underflows", "y = log(x*z)", (("x", 1e-200), ("y", 1e-200)),
         _positive("x", "y")),
    Rule("log(x/y) -> log(x) - log(y)", log(x * reciprocal(y)), log(x) - log(y),
         "x/y overflows and underflows", "y = log(x/z)", (("x", 1e-200), ("y", 1e200)),
         _positive("x", "y")),
    Rule("log(x^y) -> y*log(x)", log(power(x, y)), y * log(x),
         "x^y overflows and underflows", "y = log(x^z)", (("x", 1e-200), ("y", 2.0)),
         _positive("x")),
    Rule("log(prod(v)) -> sum(log(v))", log(prod(v, K)), _sum(log(v)),
         "prod(v) overflows and underflows", "v: real[n]\ny = log(prod(v))",
         guard=_positive("v")),
    Rule("log(det(A)) -> logdet(A)", log(det(A)), logdet(A),
         "det(A) overflows and underflows", "A: real[n, n]\ny = log(2 + det(A))"),
    Rule("logdet(inv(A)) -> -logdet(A)", logdet(inv(A)), -logdet(A),
         "the inverse need not be taken", "A: real[n, n]\ny = logdet(2*inv(A))"),
    Rule("log(1 + exp(x)) -> softplus(x)", log(1 + exp(x)), softplus(x),
         "exp(x) overflows above 709", "y = log(2 + exp(x))", (("x", 1000.0),)),
    Rule("log1p(exp(x)) -> softplus(x)", log1p(exp(x)), softplus(x),
         "exp(x) overflows above 709", "y = log1p(sin(x))", (("x", 1000.0),)),
    Rule("log(sigmoid(x)) -> log_sigmoid(x)", log(sigmoid(x)), log_sigmoid(x),
         "sigmoid(x) underflows below -745", "y = log(2*sigmoid(x))", (("x", -1000.0),)),
    Rule("log(exp(x) + exp(y)) -> logaddexp(x, y)", log(exp(x) + exp(y)), logaddexp(x, y),
         "exp(x) overflows above 709", "y = log(exp(x) - exp(z))", (("x", 800.0), ("y", 799.0))),
    Rule("log(sum(exp(v))) -> logsumexp(v)", log(_sum(exp(v))), logsumexp(v, K),
         "exp(v) overflows above 709", "v: real[n]\ny = log(sum(sin(v)))", (("v", 800.0),)),
    Rule("log(softmax(v)) -> log_softmax(v)", log(softmax(v, along=K)), log_softmax(v, along=K),
         "softmax(v) underflows to 0", "v: real[n]\ny = sum(log(2*softmax(v)))", (("v", -800.0),)),
    Rule("v - logsumexp(v) -> log_softmax(v)", v - logsumexp(v, K), log_softmax(v, along=K),
         "two large numbers cancel", "v: real[n]\nu: real[n]\ny = sum(u - logsumexp(v))"),
    Rule("exp(v) / sum(exp(v)) -> softmax(v)", exp(v) * reciprocal(_sum(exp(v))),
         softmax(v, along=K),
         "exp(v) overflows above 709", "v: real[n]\ny = sum(sin(v)/sum(exp(v)))", (("v", 800.0),)),
    Rule("exp(log_softmax(v)) -> softmax(v)", exp(log_softmax(v, along=K)), softmax(v, along=K),
         "the logarithm need not be taken", "v: real[n]\ny = sum(exp(2*log_softmax(v)))"),
    Rule("1 / (1 + exp(x)) -> sigmoid(-x)", reciprocal(1 + exp(x)), sigmoid(-x),
         "exp(x) overflows above 709", "y = 1/(2 + exp(x))", (("x", 1000.0),)),
    Rule("exp(x) * sigmoid(-x) -> sigmoid(x)", exp(x) * sigmoid(-x), sigmoid(x),
         "exp(x) overflows above 709", "y = exp(x)*sigmoid(x)", (("x", 1000.0),)),
    Rule("1 - sigmoid(x) -> sigmoid(-x)", 1 - sigmoid(x), sigmoid(-x),
         "cancels where sigmoid(x) is near 1", "y = 2 - sigmoid(x)", (("x", 40.0),)),
    Rule("1 - tanh(x)^2 -> sech2(x)", 1 - power(tanh(x), 2), sech2(x),
         "cancels from x = 19 on", "y = 2 - tanh(x)^2", (("x", 20.0),)),
    Rule("1 - cos(x) -> 2*sin(x/2)^2", 1 - cos(x), 2 * power(sin(x / 2), 2),
         "cancels near 0", "y = 2 - cos(x)", (("x", 1e-9),)),
    Rule("log(1 + x) -> log1p(x)", log(1 + x), log1p(x),
         "1 + x drops the digits of a small x", "y = log(2 + x)", (("x", 1e-12),)),
    Rule("exp(x) - 1 -> expm1(x)", exp(x) - 1, expm1(x),
         "cancels near 0", "y = exp(x) - 2", (("x", 1e-12),)),
    Rule("sqrt(x^2 + y^2) -> hypot(x, y)", sqrt(power(x, 2) + power(y, 2)), hypot(x, y),
         "squares overflow and underflow", "y = sqrt(x^2 + z^3)", (("x", 3e200), ("y", 4e200))),
    Rule("sqrt(sum(v^2)) -> norm(v)", sqrt(_sum(power(v, 2))), norm(v, K),
         "the derivative at 0 is 0, not nan", "v: real[n]\ny = sqrt(sum(v^4))"),
    Rule("norm(v)^2 -> sum(v^2)", power(norm(v, K), 2), _sum(power(v, 2)),
         "the root need not be taken", "v: real[n]\ny = norm(v)^3", once=True),
    Rule("sqrt(x^2) -> abs(x)", sqrt(power(x, 2)), abs_(x),
         "x^2 overflows above 1e154", "y = sqrt(x^3)", (("x", 1e200),)),
    Rule("log(exp(x)) -> x", log(exp(x)), x,
         "exp(x) overflows above 709", "y = log(exp(x) + 2)", (("x", 1000.0),)),
))  # fmt: skip

#: The rules that derivatives are mended by.
AGAIN = Rules([rule for rule in STABLE if not rule.once])
