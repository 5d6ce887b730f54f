"""The rewriting engine: patterns are graphs with wildcards, a rule is an equation with a reason.

A pattern of scalars matches elementwise at any rank; a wildcard made with ``axis=True`` has one
axis of its own, which stands for the axes that a reduction reduces. Sums and products match in any
order; at the root of a pattern further terms or factors may stand by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from ..dims import dim
from ..graph import (
    ADD,
    CONTRACT,
    INPUT,
    MAP,
    NUMBER,
    Label,
    Labels,
    Node,
    Op,
    count,
    fresh,
    input_,
    number,
    topological,
)
from ..indexed import Indexed, apply, product, total
from ..normal import add, rebuild
from ..ops.define import Along, Core, Reduction

WIDEST = 8  # operands of a sum or product among which a pattern is looked for
DEEPEST = 40  # rules that may fire on what a rule has made, one inside the other
FUEL = 16  # rules that may fire on one node, one after the other

Bindings = dict[str, object]


def wild_matrix(name: str) -> Indexed:
    """Return a wildcard for the operand of an operation on square matrices."""
    return Indexed(input_(f"?{name}", (dim("k"), dim("k"))), fresh(2))


def wild(name: str, axis: bool = False) -> Indexed:
    """Return a wildcard; with `axis` it has the axis that a reduction in the pattern reduces."""
    return Indexed(input_(f"?{name}", (dim("k"),) if axis else ()), (AXIS,) if axis else ())


AXIS: Label = fresh(1)[0]


@dataclass(frozen=True)
class Rule:
    """``left -> right``, because of `reason`.

    `unless` is a source on which the rule must not fire, `at` a point (wildcard name -> value)
    that its reason speaks of; `guard`, where given, decides from the matched values. A rule to be
    applied `once` is for formulas as the user wrote them, not for derivatives.
    """

    text: str
    left: Indexed
    right: Indexed
    reason: str
    unless: str = ""
    at: tuple[tuple[str, float], ...] = ()
    guard: Callable[[dict[str, Indexed]], bool] | None = None
    once: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Fired:
    """A rule that was applied, and the node it replaced."""

    rule: Rule
    node: Node


class Rules:
    """A table of rules, tried in order on every node."""

    def __init__(self, rules: Sequence[Rule]):
        self.rules = tuple(rules)
        self.by_root: dict[Op, list[Rule]] = {}
        for rule in self.rules:
            self.by_root.setdefault(rule.left.node.op, []).append(rule)

    def __iter__(self):
        return iter(self.rules)

    def __add__(self, other: Rules) -> Rules:
        return Rules(self.rules + other.rules)

    def apply(self, node: Node) -> tuple[Node, Rule] | None:
        """Return the node that the first matching rule makes of `node`, and that rule."""
        for rule in self.by_root.get(node.op, ()):
            result = _apply(rule, node)
            if result is not None and result is not node:
                return result, rule
        return None


def use_counts(roots: Sequence[Node]) -> dict[Node, int]:
    """Return how many operand places, and roots, hold each node."""
    order = topological(roots)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for x in node.operands:
            uses[x] += 1
    for root in roots:
        uses[root] += 1
    return uses


def run(rules: Rules, roots: Sequence[Node], fired: list[Fired]) -> dict[Node, Node]:
    """Apply `rules` everywhere, operands first, until none matches; return a map old -> new."""
    new: dict[Node, Node] = {}
    done: dict[Node, Node] = {}
    for node in topological(roots):
        result = rebuild(node, [new[x] for x in node.operands])
        new[node] = _settle(rules, result, node, done, fired)
    return new


def _settle(
    rules: Rules, start: Node, origin: Node, done: dict, fired: list[Fired], depth: int = 0
) -> Node:
    """Rewrite one node, and what the rewriting makes below it, to the end."""
    node = start
    for _ in range(FUEL):
        if node in done:
            node = done[node]
            break
        mark = count()
        found = rules.apply(node)
        if found is None:
            break
        node, rule = found
        fired.append(Fired(rule, origin))
        if depth < DEEPEST:
            new: dict[Node, Node] = {}
            for x in _made_since(mark, node):
                inner = rebuild(x, [new.get(y, y) for y in x.operands])
                new[x] = _settle(rules, inner, origin, done, fired, depth + 1)
            node = rebuild(node, [new.get(y, y) for y in node.operands])
    done[start] = node
    return node


def _made_since(mark: int, root: Node) -> list[Node]:
    """The nodes below `root` that are new since the table had `mark` nodes, operands first."""
    found: set[Node] = set()
    pending = [root]
    while pending:
        for x in pending.pop().operands:
            if x.serial >= mark and x not in found:
                found.add(x)
                pending.append(x)
    return sorted(found, key=lambda x: x.serial)


def _apply(rule: Rule, node: Node) -> Node | None:
    pattern = rule.left.node
    labels = fresh(node.rank)
    if pattern.op is ADD and len(node.operands) >= len(pattern.operands):
        return _within_sum(rule, node, labels)
    if pattern.op is CONTRACT and len(node.operands) > len(pattern.operands):
        return _within_product(rule, node, labels)
    for bindings in _match(pattern, rule.left.labels, node, labels, {}):
        result = _built(rule, bindings)
        if result is not None:
            return result.to(labels, dict(zip(labels, node.shape, strict=True)))
    return None


def _built(rule: Rule, bindings: Bindings) -> Indexed | None:
    values = {k: v for k, v in bindings.items() if isinstance(v, Indexed)}
    axis = bindings.get("axis", frozenset())
    for name, value in values.items():
        has = axis.intersection(value.labels)
        wanted = axis if name in _with_axis(rule) else frozenset()
        if has != wanted:
            return None
    if rule.guard is not None and not rule.guard(values):
        return None
    return instantiate(rule.right, values, tuple(sorted(axis)))


def _with_axis(rule: Rule) -> set[str]:
    return {x.name[1:] for x in topological([rule.left.node]) if x.op is INPUT and x.rank == 1}


def _within_sum(rule: Rule, node: Node, labels: Labels) -> Node | None:
    """Match some terms of a sum, of either sign, and keep the others."""
    if len(node.operands) > WIDEST:
        return None
    pattern = rule.left.node
    terms = list(zip(node.attrs, node.operands, node.labels, strict=True))
    for chosen in permutations(range(len(terms)), len(pattern.operands)):
        for sign in (1, -1):
            picked = [terms[i] for i in chosen]
            bindings = _match_terms(pattern, rule.left.labels, picked, labels, {}, sign)
            for found in bindings:
                result = _built(rule, found)
                if result is not None:
                    rest = [
                        (c, x, tuple(labels[k] for k in ls))
                        for i, (c, x, ls) in enumerate(terms)
                        if i not in chosen
                    ]
                    at = min(chosen)
                    rest.insert(at, (sign, result.node, result.labels))
                    return add(rest, labels, dict(zip(labels, node.shape, strict=True)))
    return None


def _within_product(rule: Rule, node: Node, labels: Labels) -> Node | None:
    """Match some factors of a product without a sum, and keep the others."""
    pattern = rule.left.node
    if len(node.operands) > WIDEST or pattern.summed or node.summed:
        return None
    factors = [
        (x, tuple(labels[k] for k in ls)) for x, ls in zip(node.operands, node.labels, strict=True)
    ]
    for chosen in permutations(range(len(factors)), len(pattern.operands)):
        picked = [factors[i] for i in chosen]
        for found in _match_all(pattern, rule.left.labels, picked, {}):
            result = _built(rule, found)
            if result is not None:
                rest = [Indexed(*f) for i, f in enumerate(factors) if i not in chosen]
                rest.insert(min(chosen), result)
                sizes = dict(zip(labels, node.shape, strict=True))
                return product(rest, labels, node.coefficient, sizes).node
    return None


def _match(
    pattern: Node, axes: Labels, node: Node, labels: Labels, bindings: Bindings
) -> Iterator[Bindings]:
    """Yield the ways in which `node`, its axes called `labels`, is an instance of `pattern`."""
    if pattern.op is INPUT:
        value = Indexed(node, labels)
        bound = bindings.get(pattern.name[1:])
        if bound is None:
            yield {**bindings, pattern.name[1:]: value}
        elif bound.node is node:
            yield from _same(pattern.name[1:], bound, value, bindings)
        return
    if pattern.op is not node.op:
        return
    if pattern.op is NUMBER:
        if pattern is node or pattern.value == node.value:
            yield bindings
    elif pattern.op is ADD:
        if len(node.operands) == len(pattern.operands):
            terms = list(zip(node.attrs, node.operands, node.labels, strict=True))
            for order in permutations(terms):
                yield from _match_terms(pattern, axes, order, labels, bindings, 1)
    elif pattern.op is CONTRACT:
        yield from _match_contraction(pattern, axes, node, labels, bindings)
    elif pattern.op.family == MAP:
        if pattern.attrs != node.attrs:
            return
        inner = [tuple(labels[k] for k in ls) for ls in node.labels]
        pairs = list(zip(node.operands, inner, strict=True))
        yield from _match_all(pattern, axes, pairs, bindings)
        if pattern.op.commutative:
            yield from _match_all(pattern, axes, pairs[::-1], bindings)
    elif isinstance(pattern.op, Reduction):
        names = dict(enumerate(labels))
        for k in node.summed:
            names[k] = fresh(1)[0]
        over = frozenset(names[k] for k in node.summed)
        inner = tuple(names[k] for k in node.labels[0])
        if bindings.get("axis", over) == over:
            found = {**bindings, "axis": over}
            yield from _match(pattern.operands[0], (AXIS,), node.operands[0], inner, found)
    elif isinstance(pattern.op, Core) and len(node.operands) == 1 and pattern.attrs == node.attrs:
        own = fresh(pattern.op.ranks[0])
        batch = [labels[k] for k in node.labels[0][: node.operands[0].rank - len(own)]]
        yield from _match(
            pattern.operands[0], own, node.operands[0], (*batch, *own), bindings
        )
    elif isinstance(pattern.op, Along) and len(node.operands) == 1:
        over = frozenset(labels[k] for k in node.attrs[0])
        if bindings.get("axis", over) == over:
            found = {**bindings, "axis": over}
            inner = tuple(labels[k] for k in node.labels[0])
            yield from _match(pattern.operands[0], (AXIS,), node.operands[0], inner, found)


def _same(name: str, bound: Indexed, value: Indexed, bindings: Bindings) -> Iterator[Bindings]:
    """Match a wildcard that is bound to the same node already.

    Inside a reduction the reduced labels have other names than outside; those outside stay.
    """
    differing = [(a, b) for a, b in zip(bound.labels, value.labels, strict=True) if a != b]
    before, after = frozenset(a for a, _ in differing), frozenset(b for _, b in differing)
    if not differing:
        yield bindings
    elif after == bindings.get("axis"):
        yield {**bindings, "axis": before}
    elif before == bindings.get("axis"):
        yield {**bindings, "axis": after, name: value}


def _match_all(pattern: Node, axes, pairs, bindings) -> Iterator[Bindings]:
    """Match operands one after the other."""
    if not pairs:
        yield bindings
        return
    states = [bindings]
    for x, (node, labels) in zip(pattern.operands, pairs, strict=True):
        states = [found for state in states for found in _match(x, axes, node, labels, state)]
    yield from states


def _match_terms(pattern, axes, terms, labels, bindings, sign) -> Iterator[Bindings]:
    """Match terms one after the other, all of them times `sign`; a number carries its own sign."""
    states = [bindings]
    for want, c, (k, x, ls) in zip(pattern.operands, pattern.attrs, terms, strict=True):
        if want.op is NUMBER:
            if x.op is not NUMBER or want.value * c != sign * k * x.value:
                return
            continue
        if c != sign * k:
            return
        inner = tuple(labels[q] for q in ls)
        states = [found for s in states for found in _match(want, axes, x, inner, s)]
    yield from states


def _match_contraction(pattern, axes, node, labels, bindings) -> Iterator[Bindings]:
    if len(node.operands) != len(pattern.operands) or node.coefficient != pattern.coefficient:
        return
    if bool(node.summed) != bool(pattern.summed):
        return
    names = dict(enumerate(labels))
    for k in node.summed:
        names[k] = fresh(1)[0]
    over = frozenset(names[k] for k in node.summed)
    if over:
        if bindings.get("axis", over) != over:
            return
        bindings = {**bindings, "axis": over}
    factors = [
        (x, tuple(names[k] for k in ls)) for x, ls in zip(node.operands, node.labels, strict=True)
    ]
    for order in permutations(factors):
        yield from _match_all(pattern, axes, order, bindings)


def instantiate(pattern: Indexed, values: dict[str, Indexed], axis: Labels) -> Indexed:
    """Return the value that `pattern` stands for, given its wildcards and the reduced labels."""
    made: dict[Node, Indexed] = {}
    for node in topological([pattern.node]):
        operands = [made[x] for x in node.operands]
        if node.op is INPUT:
            made[node] = values[node.name[1:]]
        elif node.op is CONTRACT:
            value = product(operands, coefficient=node.coefficient)
            made[node] = value.sum(axis) if node.summed else value
        elif node.op is ADD:
            made[node] = total(list(zip(node.attrs, operands, strict=True)))
        elif node.op.family == MAP:
            made[node] = apply(node.op, operands, node.attrs)
        elif isinstance(node.op, Reduction):
            made[node] = node.op(operands[0], axis)
        elif isinstance(node.op, Along):
            made[node] = node.op(*operands, along=axis)
        elif isinstance(node.op, Core):
            made[node] = node.op(*operands, attrs=node.attrs)
        else:
            assert node.op is NUMBER, node
            made[node] = Indexed(number(node.value), ())  # of the current table
    return made[pattern.node]
