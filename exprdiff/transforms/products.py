"""Jacobians, Hessians and their products with vectors, from the two modes of differentiation.

A Jacobian is reverse mode that keeps the labels of the output on the adjoint; a Hessian is the
Jacobian of the gradient; its product with a direction is the tangent of the gradient (Pearlmutter,
"Fast exact multiplication by the Hessian", 1994), without the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..forward import tangents
from ..graph import Node, eye, fresh, input_
from ..indexed import Indexed, product
from ..reverse import adjoints
from .derived import DERIVATIVE

NAMES = ("jacobian", "hessian", "hvp", "jvp", "vjp")


@dataclass
class Product:
    """What a function of this kind returns: `results`, in rows of `columns` where it is a matrix.

    `extra` are its arguments besides the inputs: directions, or a cotangent.
    """

    results: list[Node]
    extra: list[Node]
    columns: int = 0


def jacobians(u: Node, xs: Sequence[Node]) -> list[Node]:
    """Return the derivative of `u` by each of `xs`, axes ``[u..., x...]``."""
    if not u.rank:
        found = adjoints(u, xs)
        return [found[x] for x in xs]
    names, own = fresh(u.rank), fresh(u.rank)
    factors = [Indexed(eye(n), (k, j)) for n, k, j in zip(u.shape, names, own, strict=True)]
    found = adjoints(u, xs, product(factors, (*names, *own)))
    return [found[x] for x in xs]


def make_product(name: str, u: Node, called: str, xs: Sequence[Node]) -> Product:
    """Return the product `name` of the output `u`, which is `called` so, and the inputs `xs`."""
    if name == "jacobian":
        return Product(jacobians(u, xs), [])
    if name == "hessian":
        found = adjoints(u, xs)
        rows = [h for x in xs for h in jacobians(found[x], xs)]
        return Product(rows, [], len(xs))
    if name == "vjp":
        cotangent = input_(f"{DERIVATIVE}{called}_bar", u.shape)
        found = adjoints(u, xs, Indexed(cotangent))
        return Product([found[x] for x in xs], [cotangent])
    directions = [input_(f"{DERIVATIVE}{x.name}_dot", x.shape) for x in xs]
    seeds = {x: Indexed(d) for x, d in zip(xs, directions, strict=True)}
    roots = [u]
    if name == "hvp":
        found = adjoints(u, xs)
        roots = [found[x] for x in xs]
    moved = tangents(roots, seeds)
    return Product([moved[root] for root in roots], directions)
