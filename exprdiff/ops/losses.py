"""Losses: each is the mean over the examples, written so that it never overflows."""

from __future__ import annotations

from .. import messages
from ..graph import INT, NONNEGATIVE, arange, fresh
from ..indexed import Indexed
from .arithmetic import abs_, clip
from .define import POSITIVE, Domain, Helper, Parameter, Spelling, composite, elementwise
from .elementary import relu
from .numpy_order import Array, array, call
from .numpy_order import elementwise as compute


@composite("cross_entropy", "logits targets",
           "The mean of -log(softmax(logits)) weighted by the targets; classes on the last axis.",
           formula="-mean(sum(targets * log_softmax(logits), axis=-1))",
           example="cross_entropy(X @ W, Y)")  # fmt: skip
def cross_entropy(logits, targets):
    if logits.rank == 0:
        raise messages.no_such_axis(-1, logits.describe(), 0)
    counted = targets.node.dtype == INT
    if targets.node.shape != (logits.node.shape[:-1] if counted else logits.node.shape):
        raise messages.targets_do_not_fit(logits.describe(), targets.describe(), counted)
    if counted:
        targets = _one_hot(targets, logits)
    return -call("mean", call("sum", targets * call("log_softmax", logits), axis=-1))


def _one_hot(classes: Array, logits: Array) -> Array:
    """Return the mask that is true where the last axis has the number of the class."""
    last = Indexed(arange(logits.node.shape[-1]))
    labels = fresh(classes.rank)
    mask = Indexed(classes.node, labels).equals(last)
    return Array(mask.to((*labels, *last.labels)), classes.text)


@composite("binary_cross_entropy", "logit target",
           "The mean of -log of the probability that the logit gives the target.",
           formula="mean(softplus(logit) - target * logit)",
           example="binary_cross_entropy(X @ w, y)")  # fmt: skip
def binary_cross_entropy(logit, target):
    return call("mean", call("softplus", logit) - target * logit)


@composite("mse", "x y", "The mean squared difference.", formula="mean((x - y)^2)")
def mse(x, y):
    return call("mean", (x - y) ** 2)


HUBER = Helper("huber", '''
def huber(r, delta):
    """r^2/2 where |r| <= delta, and beyond delta*(|r| - delta/2), without overflow."""
    near = np.clip(r, -delta, delta)
    return near * (r - near / 2)
''')  # fmt: skip
huber_of = elementwise(
    "huber_of", "r delta", "Half the square of r, and linear beyond delta.",
    lambda y, r, delta: clip(r, -delta, delta),
    lambda y, r, delta: relu(abs_(r) - delta),
    numpy=Spelling("huber({0}, {1})", helper=HUBER), low=NONNEGATIVE, public=False,
    domain=(Domain(), POSITIVE),
    oracle=lambda mp, r, d: r**2 / 2 if abs(r) <= d else d * (abs(r) - d / 2),
)  # fmt: skip


@composite("huber", (Parameter("x"), Parameter("y"), Parameter("delta", required=False)),
           "The mean of half the squared difference, which grows linearly beyond delta (1).",
           example="huber(x, y, delta=0.5)",
           convention="delta is positive")  # fmt: skip
def huber(x, y, delta=None):
    return call("mean", compute("huber_of", x - y, array(1 if delta is None else delta)))


@composite("mae", "x y", "The mean absolute difference.", formula="mean(abs(x - y))",
           convention="the derivative of abs at 0 is 0")  # fmt: skip
def mae(x, y):
    return call("mean", call("abs", x - y))
