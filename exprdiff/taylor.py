"""Taylor mode: coefficients of any order, symbol to symbol, in polynomially many operations.

Griewank and Walther, *Evaluating Derivatives* (2nd ed., 2008), chapter 13: where an input moves as
``x(t) = x + t*v``, every node has a power series in t. A sum is linear in its terms' series, a
product convolves those of its factors, and a quotient ``y = a/b`` solves ``y*b = a``. All other
operations have no rule here: the tangent of a node, as :mod:`exprdiff.forward` knows it, is a small
graph of operands, result and the operands' tangents, and its coefficient k - 1 is k times the
node's coefficient k. The nodes that a rule makes get series in the same way, interned, so that
sine and cosine serve each other. Order n takes about n^2 products a node.

A power by a number would make a new power with every order. Of a base that is linear in t these are
what one wants; else high whole powers are squared, which is exact at 0, and the tangent of negative
ones is a quotient by the base.

Either coefficients are kept or derivatives, which are k! times as large: with these nothing but
binomials appears, with those no number grows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from fractions import Fraction
from math import comb

from . import tensor_messages
from .exact import Number, is_ordinary, times
from .forward import tangent
from .graph import ADD, BOOL, CONTRACT, LEAF, NUMBER, REAL, Labels, Node, Op, make, number
from .indexed import Indexed, operators, product, reciprocal
from .normal import Factor, add, contract, full, rebuild

#: The tangent of a node, as rules see it: a leaf. Its attribute is the node's serial.
TANGENT = Op("tangent", LEAF)

STEPS, STEPS_A_NODE = 1_500_000, 100  # of work that are done at most: about half a minute's

SQUARING = 4  # from this exponent on, powers of series are squared rather than differentiated

#: A step of the work: it asks for (node, k) and is sent that coefficient, None where it is 0.
Work = Generator[tuple[Node, int], Node | None, object]


class Series:
    """The series of all nodes in one direction, each coefficient computed once.

    Of every node the shape of a coefficient is the node's. A coefficient that is 0 is None.

    Args:
        x: the node that moves; those it depends on do not.
        direction: its coefficient of t, of the shape of `x`.
        derivatives: whether a coefficient k is multiplied by k!.
    """

    def __init__(self, x: Node, direction: Node, derivatives: bool = False):
        self.derivatives = derivatives
        self.known: dict[tuple[Node, int], Node | None] = {(x, 0): x, (x, 1): direction}
        self.x = x
        self.left = 0  # how many steps may still be taken
        self.degree: dict[Node, float] = {x: 1}  # no coefficient above it differs from 0
        self.made: dict[Node, bool] = {x: False}  # whether a placeholder is in it
        self.primal: dict[Node, Node] = {}  # what a placeholder is the tangent of
        self.rules: dict[tuple[Node, str], Node] = {}

    def coefficient(self, node: Node, k: int) -> Node:
        """Return coefficient `k` of a node. Raises Mistake where that is too much work."""
        self._classify(node)
        if not self.left:
            self.left = STEPS + STEPS_A_NODE * len(self.degree)
        value = self._finished(node, k)
        return full(0, node.shape) if value is None else value

    def _finished(self, node: Node, k: int) -> Node | None:
        """Do the work for a coefficient and for all that it asks for, on a stack of our own."""
        known = self.known
        stack = [((node, k), self._work(node, k))]
        value = None
        while stack:
            key, work = stack[-1]
            self.left -= 1
            if self.left <= 0:
                raise tensor_messages.derivative_too_long(k)
            try:
                need = work.send(value)
            except StopIteration as done:
                need, value = None, done.value
            if need is not None:
                value = known.get(need)
                if need not in known:
                    stack.append((need, self._work(*need)))
                continue
            stack.pop()
            if value is not None and value.is_zero and value.dtype == REAL:
                value = None
            known[key] = value
        return value

    def _classify(self, root: Node) -> None:
        """Find the degrees of all nodes below `root`, and which are made of placeholders."""
        pending = [root]
        while pending:
            node = pending[-1]
            missing = [x for x in node.operands if x not in self.degree]
            if node not in self.degree and missing:
                pending += missing
                continue
            pending.pop()
            if node not in self.degree:
                self.degree[node] = self._degree(node)
                self.made[node] = node.op is TANGENT or any(self.made[x] for x in node.operands)

    def _degree(self, node: Node) -> float:
        """A bound of the degree of a node as a polynomial in t: 0 where it does not move."""
        if node.op is TANGENT:
            return self.degree[self.primal[node]] - 1
        degrees = [self.degree[x] for x in node.operands]
        if not any(degrees) or node.dtype != REAL:
            return 0
        if node.op is ADD:
            return max(degrees)
        if node.op is CONTRACT:
            return sum(degrees)
        exponent = self._exponent(node)
        return degrees[0] * exponent if isinstance(exponent, int) and exponent > 0 else math.inf

    def _exponent(self, node: Node) -> Number | None:
        """The exponent of a power of a moving base by a number."""
        is_power = node.op is operators["power"] and node.operands[1].op is NUMBER
        return node.operands[1].value if is_power else None

    def _moves(self, node: Node) -> bool:
        return self.degree[node] > 0

    # -- the coefficients of one node --------------------------------------------------------------

    def _work(self, node: Node, k: int) -> Work:
        if (node, k) in self.known:
            return self.known[node, k]
        if node.op is TANGENT:
            value = yield self.primal[node], k + 1
            return value if self.derivatives else _times(k + 1, value)
        if k == 0:
            return (yield from self._value(node)) if self.made[node] else node
        if k > self.degree[node]:
            return None
        if node.op is ADD:
            return (yield from self._sum(node, k))
        if node.op is CONTRACT or node.op.inverts:
            return (yield from self._product(node, k))
        return (yield from self._by_rule(node, k))

    def _value(self, node: Node) -> Work:
        """The node with placeholders replaced by the values of tangents."""
        operands = []
        for x in node.operands:
            value = yield x, 0
            operands.append(full(0, x.shape) if value is None else value)
        return _outside(rebuild(node, operands))

    def _sum(self, node: Node, k: int) -> Work:
        """The sum of the terms' coefficients; in a rule, sums of sums are one, like terms meet."""
        terms = []
        for c, x, labels in zip(node.attrs, node.operands, node.labels, strict=True):
            value = yield x, k
            if value is None:
                continue
            scales = [times(c, a) for a in value.attrs] if value.op is ADD else []
            if not self.made[node] or not scales or None in scales:
                terms.append((c, value, labels))
                continue
            for scale, y, ls in zip(scales, value.operands, value.labels, strict=True):
                terms.append((scale, y, tuple(labels[i] for i in ls)))
        return add(terms, node.axes, dict(enumerate(node.shape))) if terms else None

    def _by_rule(self, node: Node, k: int) -> Work:
        """Coefficient k is coefficient k - 1 of the tangent, divided by k."""
        exponent = self._exponent(node)
        root = None
        if exponent is not None and self.degree[node.operands[0]] > 1:
            if isinstance(exponent, int) and exponent >= SQUARING:
                return (yield self._squared(node), k)
            if exponent < 0:
                root = self._relative(node)
        return (yield from self._integrated(root or self._rule(node), k))

    def _integrated(self, root: Node, k: int) -> Work:
        """Coefficient k of what has the tangent `root`."""
        value = yield root, k - 1
        return value if self.derivatives else _times(Fraction(1, k), value)

    # -- products ----------------------------------------------------------------------------------

    def _product(self, node: Node, k: int) -> Work:
        """A convolution; of a quotient ``y = a/b`` what ``y*b = a`` says of it.

        A divisor that is summed over has a series of its own and is a factor like any other.
        """
        alone = node.op is not CONTRACT
        coefficient = 1 if alone else node.coefficient
        factors = [(node, node.axes)] if alone else _factors(node)
        inner = set(node.axes)
        divisors = [f for f in factors if f[0].op.inverts and self._moves(f[0])]
        divisors = [f for f in divisors if inner.issuperset(f[1])]
        if not divisors:
            rest, pairs = yield from self._convolution(factors, node.axes, k)
            return _joined(coefficient, rest, pairs, node)
        divisor, labels = divisors[-1]
        others = list(factors)
        others.remove((divisor, labels))
        base = divisor.operands[0]
        its = tuple(labels[i] for i in divisor.labels[0])
        if self.degree[base] == 1 and not any(self._moves(x) for x, _ in others):
            root = self._power_of_divisor(node, coefficient, others, base, its)
            return (yield from self._integrated(root, k))
        terms = yield from self._numerator(coefficient, others, node, k)
        for j in range(1, min(k, self.degree[base]) + 1):
            b = yield base, j
            y = None if b is None else (yield node, k - j)
            if y is not None:
                terms.append((-self._weight(k, j), [(b, its), (y, node.axes)]))
        value = yield divisor, 0
        if value is None:
            return None
        masks = yield from self._values([f for f in others if f[0].dtype == BOOL])
        return _joined(1, [*masks, (value, labels)], terms, node, last=True)

    def _numerator(self, coefficient, factors: list[Factor], node: Node, k: int) -> Work:
        """The terms of coefficient k of a product; one that a rule made is written out."""
        if not any(self._moves(x) for x, _ in factors):
            return []
        top = contract(coefficient, factors, node.axes, dict(enumerate(node.shape)))
        self._classify(top)
        if self.made[top] and top.op is CONTRACT and not any(x.op.inverts for x in top.operands):
            rest, pairs = yield from self._convolution(_factors(top), top.axes, k)
            if all(x.dtype == BOOL for x, _ in rest):
                return [(w, [(number(top.coefficient), ()), *rest, *pair]) for w, pair in pairs]
        value = yield top, k
        return [] if value is None else [(1, [(value, top.axes)])]

    def _convolution(self, factors: Sequence[Factor], out: Labels, k: int) -> Work:
        """Return the factors that rest, and (weight, coefficients) whose products add up."""
        moving = [f for f in factors if self._moves(f[0])]
        rest = yield from self._values([f for f in factors if not self._moves(f[0])])
        if any(x.is_zero and x.dtype == REAL for x, _ in rest):
            return rest, []
        if len(moving) > 2:  # the product of all but the last has a series of its own
            needed = {*out, *moving[-1][1], *(i for _, labels in rest for i in labels)}
            labels = tuple(dict.fromkeys(i for _, ls in moving[:-1] for i in ls if i in needed))
            most = contract(1, moving[:-1], labels)
            self._classify(most)
            moving = [(most, labels), moving[-1]]
        if len(moving) == 1:
            value = yield moving[0][0], k
            return rest, [] if value is None else [(1, [(value, moving[0][1])])]
        pairs = []
        (a, its_a), (b, its_b) = moving
        first, last = max(0, k - self.degree[b]), min(k, self.degree[a])
        for j in range(first, last + 1):
            left = yield a, j
            right = None if left is None else (yield b, k - j)
            if right is not None:
                pairs.append((self._weight(k, j), [(left, its_a), (right, its_b)]))
        return rest, pairs

    def _values(self, factors: list[Factor]) -> Work:
        """The factors as they are at t = 0."""
        result = []
        for x, labels in factors:
            value = (yield x, 0) if self.made[x] else x
            result.append((full(0, x.shape) if value is None else value, labels))
        return result

    def _weight(self, k: int, j: int) -> int:
        """What the product of coefficients j and k - j counts in coefficient k."""
        return comb(k, j) if self.derivatives else 1

    # -- rules -------------------------------------------------------------------------------------

    def _rule(self, node: Node) -> Node:
        """The tangent of a node in terms of its operands, itself and their tangents."""

        def make_rule():
            moving = dict.fromkeys(x for x in node.operands if self._moves(x))
            return _opened(tangent(node, {x: self._placeholder(x) for x in moving}))

        return self._remembered(node, "tangent", make_rule)

    def _relative(self, node: Node) -> Node:
        """The tangent of ``y = u^c`` as ``c*y*du/u``: no new power, where u is not 0."""
        (u, exponent), labels = node.operands, node.labels[0]
        du = Indexed(self._placeholder(u), labels)
        factors = [Indexed(node, node.axes), du, reciprocal(Indexed(u, labels))]
        return self._remembered(
            node, "relative", lambda: product(factors, node.axes, exponent.value).node
        )

    def _power_of_divisor(self, node, coefficient, others, base: Node, labels: Labels) -> Node:
        """The tangent of ``a/u``, a at rest, as ``-a * u^-2 * du``; powers go on from there."""

        def make_rule():
            u, du = Indexed(base, labels), Indexed(self._placeholder(base), labels)
            factors = [*(Indexed(x, ls) for x, ls in others), u**-2, du]
            return product([Indexed(number(-1), ()), *factors], node.axes, coefficient).node

        return self._remembered(node, "divisor", make_rule)

    def _squared(self, node: Node) -> Node:
        """The power ``u^n`` as a product of lower powers, exact where u is 0."""
        base = Indexed(node.operands[0], node.labels[0])
        n = node.operands[1].value
        half = base ** (n // 2)
        factors = [half, half, base] if n % 2 else [half, half]
        return self._remembered(node, "squared", lambda: product(factors, node.axes).node)

    def _remembered(self, node: Node, kind: str, make_rule: Callable[[], Node]) -> Node:
        key = (node, kind)
        if key not in self.rules:
            self.rules[key] = make_rule()
            self._classify(self.rules[key])
        return self.rules[key]

    def _placeholder(self, x: Node) -> Node:
        leaf = make(TANGENT, out=x.axes, attrs=(x.serial,), shape=x.shape)
        self.primal[leaf] = x
        return leaf


#: What a coefficient is the sum of: weights and the factors of products.
Terms = list[tuple[Number, list[Factor]]]


def _factors(node: Node) -> list[Factor]:
    return list(zip(node.operands, node.labels, strict=True))


def _times(c: Number, value: Node | None) -> Node | None:
    if value is None:
        return None
    return contract(c, [(value, value.axes)], value.axes)


def _joined(
    coefficient: Number, rest: list[Factor], terms: Terms, node: Node, last: bool = False
) -> Node | None:
    """Return the product of `rest` with the sum of `terms`, on the axes of `node`.

    It is multiplied out where the sum by itself would have more axes than any of its factors.
    """
    sizes = dict(enumerate(node.shape))
    if not terms:
        return None
    if len(terms) == 1:
        weight, factors = terms[0]
        every = [*factors, *rest] if last else [*rest, *factors]
        return _product_times(coefficient, [(number(weight), ()), *every], node)
    needed = {*node.axes, *(i for _, labels in rest for i in labels)}
    labels = dict.fromkeys(i for _, fs in terms for _, ls in fs for i in ls if i in needed)
    inner = tuple(sorted(labels))
    if rest and not any(set(inner) == set(ls) for _, fs in terms for _, ls in fs):
        products = [(w, _product_times(coefficient, [*rest, *fs], node)) for w, fs in terms]
        return add([(w, p, node.axes) for w, p in products], node.axes, sizes)
    known = {i: n for _, fs in terms for x, ls in fs for i, n in zip(ls, x.shape, strict=True)}
    known = {i: known[i] for i in inner}
    value = add([(w, contract(1, fs, inner, known), inner) for w, fs in terms], inner, known)
    every = [(value, inner), *rest] if last else [*rest, (value, inner)]
    return _product_times(coefficient, every, node)


def _product_times(coefficient: Number, factors: list[Factor], node: Node) -> Node:
    """Return a product on the axes of `node`."""
    return _outside(contract(coefficient, factors, node.axes, dict(enumerate(node.shape))))


def _outside(value: Node) -> Node:
    """Write a product's number outside of it, where it joins those of other products."""
    if value.op is not CONTRACT or value.coefficient == 1 or len(value.operands) < 2:
        return value
    if not is_ordinary(value.coefficient):
        return value
    bare = contract(1, _factors(value), value.axes, dict(enumerate(value.shape)))
    return contract(value.coefficient, [(bare, value.axes)], value.axes)


def _opened(root: Node) -> Node:
    """Write a quotient among the factors of a product out: one recurrence then serves for both."""
    if root.op is not CONTRACT:
        return root
    factors: list[Factor] = []
    coefficient = root.coefficient
    for x, labels in _factors(root):
        quotient = x.op is CONTRACT and not x.summed and any(f.op.inverts for f in x.operands)
        scaled = times(coefficient, x.coefficient) if quotient else None
        if scaled is None:
            factors.append((x, labels))
        else:
            coefficient = scaled
            factors += [(f, tuple(labels[i] for i in ls)) for f, ls in _factors(x)]
    return contract(coefficient, factors, root.axes, dict(enumerate(root.shape)))
