"""Derivatives inside a program, symbol to symbol: ``diff(u, x)`` is a formula like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from math import factorial

from .. import tensor_messages
from ..graph import REAL, Label, Node, eye, fresh, topological
from ..indexed import Indexed, indexed, product
from ..normal import full
from ..reverse import adjoints
from ..taylor import Series
from .define import Along, Parameter, composite, elementwise
from .numpy_order import Array, call

#: What is done to a value before it is differentiated: stabilising, say.
_prepare: ContextVar[Callable[[Node], Node]] = ContextVar("prepare", default=lambda node: node)

#: What is done to a derivative, given the value that it is of.
_finish: ContextVar[Callable[[Node, Node], Node]] = ContextVar("finish", default=lambda d, u: d)


#: For each derivative that ``diff`` made, what it is of, by what, and of which order.
_made: ContextVar[dict[Node, tuple[Node, Node, int]]] = ContextVar("made")


@contextmanager
def preparing(
    prepare: Callable[[Node], Node], finish: Callable[[Node, Node], Node]
) -> Iterator[None]:
    """Let every derivative of the block be ``finish(derivative, value)`` of ``prepare(value)``."""
    tokens = _prepare.set(prepare), _finish.set(finish), _made.set({})
    try:
        yield
    finally:
        _prepare.reset(tokens[0])
        _finish.reset(tokens[1])
        _made.reset(tokens[2])


def _differentiated(u: Node, x: Node, seed: Indexed) -> Indexed:
    """Return the adjoint of `x` for that seed, with the labels that the seed keeps in front."""
    return Indexed(_finish.get()(adjoints(u, [x], seed)[x], u))


def _jacobian(u: Node, x: Node, aligned: Sequence[int] = ()) -> Node:
    """Return the derivative of `u` by `x`, axes ``[u..., x...]``.

    The axes `aligned` of `u` are those of `x`, element by element, and appear once, in `u`'s order.
    """
    u = _prepare.get()(u)
    if x not in topological([u]):
        rest = () if aligned else x.shape
        return full(0, (*u.shape, *rest))
    own = fresh(u.rank)
    kept = [k for k in range(u.rank) if k not in aligned]
    names: dict[int, Label] = dict(zip(kept, fresh(len(kept)), strict=True))
    factors = [Indexed(eye(u.shape[k]), (names[k], own[k])) for k in kept]
    out = (*names.values(), *own)
    seed = product(factors, out, 1, dict(zip(own, u.shape, strict=True)))
    found = _differentiated(u, x, seed)
    if not aligned:
        return found.node
    place = dict(zip(kept, found.labels, strict=False))
    place |= dict(zip(aligned, found.labels[len(kept) :], strict=True))
    return found.to([place[k] for k in range(u.rank)])


def _alignment(u: Node, x: Node) -> tuple[int, ...] | None:
    """Return the axes of `u` that run along those of `x` element by element, None if they mix."""
    places: dict[Node, tuple[int, ...] | None] = {x: x.axes}
    for node in topological([u]):
        if node in places:
            continue
        found = set()
        for operand, labels in zip(node.operands, node.labels, strict=True):
            if operand in places:
                inner = places[operand]
                axes = None if inner is None else tuple(labels[k] for k in inner)
                mixed = isinstance(node.op, Along) and axes and set(axes) & set(node.attrs[0])
                if axes is None or mixed or any(k >= node.rank for k in axes):
                    axes = None
                found.add(axes)
        if found:
            places[node] = found.pop() if len(found) == 1 else None
    return places.get(u, x.axes if u.shape == x.shape else ())


def _order(order) -> int:
    return 1 if order is None else order


BY = Parameter("x", "variable")


@composite("diff", (Parameter("u"), BY, Parameter("order", "count", None, required=False)),
           "The derivative of u by x: of an array, element by element.",
           example="diff(sin(x), x)",
           convention="as for the functions it is taken of")  # fmt: skip
def diff(u, x, order=None):
    count = _order(order)
    node = u.node
    if count and x.rank and not node.rank:  # its gradient is an array, which then goes on
        node, count = _jacobian(node, x.node), count - 1
    if count:
        made = _made.get({})
        inner = made.get(node)
        if inner is not None and inner[1] is x.node:  # a derivative of a derivative is one
            node, count = inner[0], inner[2] + count
        of, aligned = node, _elementwise(u, node, x)
        node = _derivative(of, x.node, aligned, count)
        if node.operands:
            made[node] = (of, x.node, count)
    return Array(node)


def _elementwise(u: Array, node: Node, x: Array) -> tuple[int, ...]:
    """Return the axes of `node`, made of `u`, that run along those of `x`, or refuse."""
    if not node.rank:
        return ()
    aligned = _alignment(node, x.node)
    if aligned is None or (not aligned and x.rank):
        raise tensor_messages.not_elementwise(u.describe(), x.describe())
    return aligned


def _derivative(u: Node, x: Node, aligned: tuple[int, ...], count: int) -> Node:
    """Return derivative `count`: Taylor mode's, or that of reverse mode repeated if no longer."""
    if count == 0:
        return u
    if count == 1 or x.symmetric:  # the elements of a symmetric matrix do not move apart
        for _ in range(count):
            u = _jacobian(u, x, aligned)
        return u
    prepare = _prepare.get()
    found = prepare(Series(x, full(1, x.shape), derivatives=True).coefficient(prepare(u), count))
    limit = _length(found)
    for _ in range(count):
        u = _jacobian(u, x, aligned)
        if _length(u) > limit:  # it would grow threefold with every order
            return found
    return u


def _length(node: Node) -> int:
    """Return how many operands the operations have that `node` needs."""
    return sum(len(x.operands) for x in topological([node]))


@composite("taylor", (Parameter("u"), BY, Parameter("order", "count")),
           "The Taylor coefficients of u at x, up to an order, along a new first axis: "
           "derivative k of u by x, divided by k!; of an array, element by element.",
           example="taylor(exp(sin(a)), a, 3)",
           convention="as for the functions it is taken of")  # fmt: skip
def taylor(u, x, order):
    if x.rank and not u.rank:
        raise tensor_messages.not_elementwise(u.describe(), x.describe())
    node = u.node
    if order == 0:
        return call("stack", u)
    aligned = _elementwise(u, node, x)
    if x.node.symmetric:
        found = [_derivative(node, x.node, aligned, k) for k in range(order + 1)]
        return call("stack", *(Array(n) * Fraction(1, factorial(k)) for k, n in enumerate(found)))
    series = Series(x.node, full(1, x.node.shape))
    node = _prepare.get()(node)
    found = [Array(series.coefficient(node, k)) for k in range(order + 1)]
    return Array(_prepare.get()(call("stack", *found).node))


@composite("grad", (Parameter("J"), BY), "The derivative of the number J by each element of x.",
           formula="diff(J, x)", example="grad(x' @ A @ x, x)")  # fmt: skip
def grad(j, x):
    if j.rank:
        raise tensor_messages.not_a_number("grad", j.describe())
    return Array(_jacobian(j.node, x.node))


@composite("jacobian", (Parameter("r"), BY),
           "Every derivative of r by x: the axes of r, then those of x.",
           example="jacobian(A @ exp(x), x)")  # fmt: skip
def jacobian(r, x):
    return Array(_jacobian(r.node, x.node))


@composite("hessian", (Parameter("J"), BY), "Every second derivative of the number J by x.",
           formula="jacobian(grad(J, x), x)", example="hessian(x' @ A @ x, x)")  # fmt: skip
def hessian(j, x):
    if j.rank:
        raise tensor_messages.not_a_number("hessian", j.describe())
    return Array(_jacobian(_jacobian(j.node, x.node), x.node))


#: A value that keeps its name, so that derivatives by it find it whatever it is made of.
held = elementwise("held", "x", "x, which has a name.", lambda y, x, name: indexed(1),
                   numpy="{0}", finite=True, attributes=("name",), public=False,
                   low=lambda node: node.operands[0].low,
                   oracle=lambda mp, x, name: x)  # fmt: skip


held.opaque = True


def hold(value: Array, name: str) -> Array:
    """Return `value` as one that derivatives are taken by; numbers of other types stay."""
    if value.open or value.node.dtype != REAL:
        return value
    labels = fresh(value.node.rank)
    return Array(held(Indexed(value.node, labels), name=name).to(labels), value.text,
                 value.covector)  # fmt: skip


stop_gradient = elementwise("stop_gradient", "x", "x, taken for a constant by derivatives.", None,
                            numpy="{0}", finite=True, formula="x", example="stop_gradient(x)",
                            low=lambda node: node.operands[0].low,
                            oracle=lambda mp, x: x)  # fmt: skip
