"""The oracles as namespaces of one vocabulary: NumPy's names, and those that NumPy lacks.

A formula is written once, as a Python function of a namespace and of arrays; JAX and autograd each
differentiate it with rules of their own.
"""

import math
import warnings
from types import SimpleNamespace

import autograd
import autograd.numpy as anp
import autograd.scipy.special as asp
import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
import numpy as np
import scipy.special as ssp

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


class Unsupported(Exception):
    """The oracle has no such function or no derivative of it."""


class Vocabulary:
    """NumPy's functions in one library, and the language's others made of them."""

    def __init__(self, module, special, missing=()):
        self._module, self._special, self._missing = module, special, missing

    def __getattr__(self, name):
        if name in self._missing:
            raise Unsupported(name)
        found = getattr(self._module, name, None)
        if found is None:
            raise Unsupported(name)
        return found

    def _of(self, name):
        if not hasattr(self._special, name):
            raise Unsupported(name)
        return getattr(self._special, name)

    def erf(self, x):
        return self._of("erf")(x)

    def erfc(self, x):
        return self._of("erfc")(x)

    def normcdf(self, x):
        return 0.5 * self._of("erfc")(-x / math.sqrt(2))

    def gammaln(self, x):
        return self._of("gammaln")(x)

    def gamma(self, x):
        return self._of("gamma")(x)

    def digamma(self, x):
        return self._of("digamma" if hasattr(self._special, "digamma") else "psi")(x)

    def xlogy(self, x, y):
        return x * self._module.log(y)

    def sigmoid(self, x):
        return 1 / (1 + self._module.exp(-x))

    def where(self, condition, x, y):
        # autograd does not undo the broadcasting of a choice.
        if self._module is anp:
            full = np.zeros(np.broadcast_shapes(*(np.shape(v) for v in (condition, x, y))))
            x, y = x + full, y + full
        return self._module.where(condition, x, y)

    def relu(self, x):
        return self.where(x > 0, x, 0.0)

    def softplus(self, x):
        return self._module.logaddexp(0.0, x)

    def cbrt(self, x):
        return self._module.sign(x) * self._module.abs(x) ** (1 / 3)

    def norm(self, x, axis=None, keepdims=False):
        return self._module.sqrt(self._module.sum(x * x, axis=axis, keepdims=keepdims))

    def logsumexp(self, x, axis=None, keepdims=False):
        return self._module.log(self._module.sum(self._module.exp(x), axis=axis, keepdims=keepdims))

    def softmax(self, x, axis=-1):
        e = self._module.exp(x)
        return e / self._module.sum(e, axis=axis, keepdims=True)

    def log_softmax(self, x, axis=-1):
        return x - self.logsumexp(x, axis=axis, keepdims=True)

    def hypot(self, x, y):
        return self._module.sqrt(x * x + y * y)

    def swap(self, x):
        return self._module.swapaxes(x, -1, -2)

    def one_hot(self, classes, count):
        return self._module.eye(count)[np.asarray(classes)]


JAX = Vocabulary(jnp, jsp)
AUTOGRAD = Vocabulary(anp, asp)
NUMPY = Vocabulary(np, ssp)


def _with_jax(function, arguments, positions):
    arrays = [jnp.asarray(x) for x in arguments]
    value, pulled = jax.value_and_grad(lambda *a: function(JAX, *a), argnums=positions)(*arrays)
    return np.asarray(value), [np.asarray(g) for g in pulled]


def _with_autograd(function, arguments, positions):
    """Raises Unsupported where autograd lacks a rule, or has one that does not broadcast."""

    def chosen(*some):
        full = list(arguments)
        for i, x in zip(positions, some, strict=True):
            full[i] = x
        return function(AUTOGRAD, *full)

    some = [arguments[i] for i in positions]
    try:
        value = np.asarray(chosen(*some))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an output independent of an input
            pulled = autograd.grad(chosen, tuple(range(len(some))))(*some)
    except (NotImplementedError, TypeError, AttributeError, ValueError) as error:
        raise Unsupported(str(error)) from error
    return value, [np.asarray(g) for g in pulled]


ORACLES = SimpleNamespace(jax=_with_jax, autograd=_with_autograd)


def central_differences(function, arguments, positions, steps=1e-6):
    """Return derivatives of a scalar `function` of float arrays, one by one."""
    result = []
    for i in positions:
        gradient = np.zeros(np.shape(arguments[i]))
        for place in np.ndindex(gradient.shape):
            sides = []
            for sign in (1, -1):
                moved = [np.array(x) for x in arguments]
                moved[i][place] += sign * steps
                sides.append(float(function(*moved)))
            gradient[place] = (sides[0] - sides[1]) / (2 * steps)
        result.append(gradient)
    return result
