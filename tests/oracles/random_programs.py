"""Random well-typed programs, as text and as a function of the oracles' vocabulary.

A program is a list of statements, each a tree of :class:`Tree`; `pick` chooses an element of a list
(Hypothesis or a generator of random numbers), so the same grammar serves both.
"""

from dataclasses import dataclass, field

import numpy as np

SIZES = {"n": 3, "d": 2}
SHAPES = [(), ("n",), ("d",), ("n", "d"), ("d", "n"), ("n", "n"), ("n", 1), (1, "d")]


@dataclass(eq=False)
class Tree:
    """An expression: its shape, its text with a place for each operand, its meaning."""

    shape: tuple
    text: str
    meaning: object
    kids: list = field(default_factory=list)
    name: str | None = None  # of an input or an earlier statement

    def write(self):
        return self.text.format(*(k.write() for k in self.kids))

    def evaluate(self, xp, names):
        if self.name is not None:
            return names[self.name]
        return self.meaning(xp, *(k.evaluate(xp, names) for k in self.kids))

    def walk(self):
        yield self
        for k in self.kids:
            yield from k.walk()


UNARY = {
    "sin": lambda xp, x: xp.sin(x), "cos": lambda xp, x: xp.cos(x),
    "tanh": lambda xp, x: xp.tanh(x), "atan": lambda xp, x: xp.arctan(x),
    "sigmoid": lambda xp, x: xp.sigmoid(x), "softplus": lambda xp, x: xp.softplus(x),
    "relu": lambda xp, x: xp.relu(x), "abs": lambda xp, x: xp.abs(x),
    "exp": lambda xp, x: xp.exp(x), "expm1": lambda xp, x: xp.expm1(x),
    "square": lambda xp, x: x * x, "asinh": lambda xp, x: xp.arcsinh(x),
    "erf": lambda xp, x: xp.erf(x), "sign": lambda xp, x: xp.sign(x),
    "silu": lambda xp, x: x * xp.sigmoid(x), "log_sigmoid": lambda xp, x: -xp.softplus(-x),
}  # fmt: skip
PATTERNS = [
    ("log({0}^2 + 1)", lambda xp, x: xp.log(x**2 + 1)),
    ("sqrt({0}^2 + 1)", lambda xp, x: xp.sqrt(x**2 + 1)),
    ("log(1 + exp({0}))", lambda xp, x: xp.softplus(x)),
    ("1/(1 + exp(-{0}))", lambda xp, x: xp.sigmoid(x)),
    ("(exp({0}) - 1)", lambda xp, x: xp.exp(x) - 1),
    ("(1 - sigmoid({0}))", lambda xp, x: 1 - xp.sigmoid(x)),
    ("log(exp({0}))", lambda xp, x: x),
    ("-{0}", lambda xp, x: -x),
    ("(2*{0} - 1)", lambda xp, x: 2 * x - 1),
    ("{0}/n", lambda xp, x: x / SIZES["n"]),
    ("d*{0}", lambda xp, x: x * SIZES["d"]),
    ("{0}^2", lambda xp, x: x**2),
    ("{0}^3", lambda xp, x: x**3),
    ("(1 + {0}^2)^-1", lambda xp, x: 1 / (1 + x**2)),
    ("(1 + {0}^2)^1.5", lambda xp, x: (1 + x**2) ** 1.5),
    ("clip({0}, -0.7, 0.9)", lambda xp, x: xp.clip(x, -0.7, 0.9)),
    ("max({0}, 0.25)", lambda xp, x: xp.maximum(x, 0.25)),
    ("leaky_relu({0})", lambda xp, x: xp.where(x > 0, x, x / 100)),
    ("0.5*{0}*{0}", lambda xp, x: 0.5 * x * x),
    ("({0} - {0})", lambda xp, x: 0 * x),
    ("{0}/(1 + abs({0}))", lambda xp, x: x / (1 + xp.abs(x))),
]  # fmt: skip
BINARY = [
    ("{0} + {1}", lambda xp, x, y: x + y),
    ("{0} - {1}", lambda xp, x, y: x - y),
    ("{0}*{1}", lambda xp, x, y: x * y),
    ("{0}*{1}", lambda xp, x, y: x * y),
    ("{0}/(2 + {1}^2)", lambda xp, x, y: x / (2 + y**2)),
    ("{0}/{1}", lambda xp, x, y: x / y),
    ("maximum({0}, {1})", lambda xp, x, y: xp.maximum(x, y)),
    ("minimum({0}, {1})", lambda xp, x, y: xp.minimum(x, y)),
    ("hypot({0}, {1})", lambda xp, x, y: xp.hypot(x, y)),
    ("sqrt({0}^2 + {1}^2)", lambda xp, x, y: xp.hypot(x, y)),
    ("atan2({0}, {1})", lambda xp, x, y: xp.arctan2(x, y)),
    ("logaddexp({0}, {1})", lambda xp, x, y: xp.logaddexp(x, y)),
    ("log(exp({0}) + exp({1}))", lambda xp, x, y: xp.logaddexp(x, y)),
    ("(1 + {0}^2)^{1}", lambda xp, x, y: (1 + x**2) ** y),
    ("({0} if {1} > 0.1 else {1})", lambda xp, x, y: xp.where(y > 0.1, x, y)),
    ("where({0} < {1}, {0}*{1}, {1})", lambda xp, x, y: xp.where(x < y, x * y, y)),
    ("where({0} > 0 and {1} > 0, {0}, {1}*{1})",
     lambda xp, x, y: xp.where((x > 0) & (y > 0), x, y * y)),
    ("xlogy({0}, 1 + {1}^2)", lambda xp, x, y: x * xp.log(1 + y**2)),
]  # fmt: skip
REDUCTIONS = ["sum", "mean", "max", "min", "prod", "norm", "logsumexp"]
HANDWRITTEN = [
    ("log(sum(exp({0}){1}))", lambda xp, x, o: xp.logsumexp(x, **o)),
    ("sqrt(sum({0}^2{1}))", lambda xp, x, o: xp.norm(x, **o)),
    ("sum(abs({0}){1})", lambda xp, x, o: xp.sum(xp.abs(x), **o)),
    ("norm1({0}{1})", lambda xp, x, o: xp.sum(xp.abs(x), **o)),
    ("norminf({0}{1})", lambda xp, x, o: xp.max(xp.abs(x), **o)),
    ("sum({0} > 0{1})", lambda xp, x, o: xp.sum(xp.where(x > 0, 1.0, 0.0), **o)),
]
ALONG = [
    ("softmax({0}{1})", lambda xp, x, a: xp.softmax(x, axis=a)),
    ("log_softmax({0}{1})", lambda xp, x, a: xp.log_softmax(x, axis=a)),
    ("log(softmax({0}{1}))", lambda xp, x, a: xp.log_softmax(x, axis=a)),
    ("exp({0})/sum(exp({0}){1}, keepdims=true)", lambda xp, x, a: xp.softmax(x, axis=a)),
    ("({0} - logsumexp({0}{1}, keepdims=true))", lambda xp, x, a: xp.log_softmax(x, axis=a)),
]


def broadcast_pairs(shape):
    """Shapes of two operands that broadcast to `shape`."""
    parts = {(): [()], ("n",): [("n",), ()], ("d",): [("d",), ()],
             ("n", "d"): [("n", "d"), ("d",), ("n", 1), (1, "d"), ()],
             ("d", "n"): [("d", "n"), ("n",), ()], ("n", "n"): [("n", "n"), ("n",), ("n", 1), ()],
             ("n", 1): [("n", 1), ()], (1, "d"): [(1, "d"), ()]}[shape]  # fmt: skip
    spans = {(("n", 1), ("d",)), (("d",), ("n", 1)), (("n", 1), (1, "d")), ((1, "d"), ("n", 1))}
    pairs = [(a, b) for a in parts for b in parts if shape in (a, b)]
    return pairs + (sorted(spans, key=str) if shape == ("n", "d") else [])


def reduced_from(shape):
    """(operand's shape, options as text, options) whose reduction has `shape`."""
    found = {
        (): [(s, "", {}) for s in SHAPES if s],
        ("n",): [(("n", "d"), ", axis=1", {"axis": 1}), (("d", "n"), ", axis=0", {"axis": 0}),
                 (("n", "n"), ", axis=-1", {"axis": -1}), (("n", 1), ", axis=1", {"axis": 1})],
        ("d",): [(("n", "d"), ", axis=0", {"axis": 0}), (("d", "n"), ", axis=-1", {"axis": -1}),
                 ((1, "d"), ", axis=0", {"axis": 0})],
        ("n", 1): [(("n", "d"), ", axis=1, keepdims=true", {"axis": 1, "keepdims": True}),
                   (("n", "n"), ", axis=1, keepdims=true", {"axis": 1, "keepdims": True})],
        (1, "d"): [(("n", "d"), ", axis=0, keepdims=true", {"axis": 0, "keepdims": True})],
    }  # fmt: skip
    return found.get(shape, [])


def products_of(shape):
    """(text, meaning, operands' shapes) of matrix products with result `shape`."""
    matmul = ("{0} @ {1}", lambda xp, x, y: x @ y)
    found = {
        (): [(*matmul, (v, v)) for v in (("n",), ("d",))]
        + [("{0}' @ {1} @ {2}", lambda xp, x, a, y: x @ a @ y, (("n",), ("n", "d"), ("d",))),
           ("trace({0})", lambda xp, a: xp.trace(a), (("n", "n"),)),
           ("trace({0} @ {1})", lambda xp, a, b: xp.trace(a @ b), (("n", "d"), ("d", "n"))),
           ("dot({0}, {1})", lambda xp, x, y: xp.dot(x, y), (("n",), ("n",)))],
        ("n",): [(*matmul, s) for s in ((("n", "d"), ("d",)), (("n", "n"), ("n",)),
                                        (("d",), ("d", "n")), (("n",), ("n", "n")))],
        ("d",): [(*matmul, s) for s in ((("d", "n"), ("n",)), (("n",), ("n", "d")))]
        + [("{0}' @ {1}", lambda xp, a, x: a.T @ x, (("n", "d"), ("n",)))],
        ("n", "d"): [(*matmul, (("n", "n"), ("n", "d"))), (*matmul, (("n", 1), (1, "d"))),
                     ("outer({0}, {1})", lambda xp, x, y: xp.outer(x, y), (("n",), ("d",))),
                     ("{0} @ {1}'", lambda xp, x, y: xp.outer(x, y), (("n",), ("d",))),
                     ("{0}'", lambda xp, a: a.T, (("d", "n"),))],
        ("d", "n"): [(*matmul, (("d", "n"), ("n", "n"))),
                     ("{0}'", lambda xp, a: a.T, (("n", "d"),)),
                     ("outer({0}, {1})", lambda xp, x, y: xp.outer(x, y), (("d",), ("n",)))],
        ("n", "n"): [(*matmul, (("n", "d"), ("d", "n"))), (*matmul, (("n", "n"), ("n", "n"))),
                     ("{0} @ {0}'", lambda xp, a: a @ a.T, (("n", "d"),)),
                     ("{0}'", lambda xp, a: a.T, (("n", "n"),)),
                     ("({0} + {0}')/2", lambda xp, a: (a + a.T) / 2, (("n", "n"),)),
                     ("outer({0}, {0})", lambda xp, x: xp.outer(x, x), (("n",),)),
                     ("({0} + eye(n))", lambda xp, a: a + xp.eye(SIZES["n"]), (("n", "n"),)),
                     ("eye(n)*{0}", lambda xp, a: a * xp.eye(SIZES["n"]), (("n", "n"),)),
                     ("eye(n) @ {0}", lambda xp, a: a, (("n", "n"),)),
                     ("({0} - {1} @ {1}')", lambda xp, a, u: a - u @ u.T,
                      (("n", "n"), ("n", "d")))],
        ("n", 1): [(*matmul, (("n", "n"), ("n", 1)))],
        (1, "d"): [("{0}' @ {1}", lambda xp, c, a: c.T @ a, (("n", 1), ("n", "d")))],
    }  # fmt: skip
    return found.get(shape, [])


class Grammar:
    """Draws trees; `inputs` and `statements` are what the program has so far."""

    def __init__(self, pick):
        self.pick = pick
        self.inputs: dict[str, tuple] = {}
        self.statements: list[tuple[str, Tree]] = []

    def name(self, shape):
        """An earlier statement or an input of that shape, or a new input."""
        known = [n for n, t in self.statements if t.shape == shape] * 2
        known += [n for n, s in self.inputs.items() if s == shape]
        count = sum(s == shape for s in self.inputs.values())
        if count < 2:
            code = "".join(map(str, shape)) or "s"
            known.append(f"{'x' if count == 0 else 'y'}_{code}")
        chosen = self.pick(known)
        if all(chosen != n for n, _ in self.statements):
            self.inputs[chosen] = shape
        return Tree(shape, chosen, None, [], chosen)

    def expression(self, shape, depth):
        if depth <= 0:
            if shape == () and self.pick(range(6)) == 0:
                number = self.pick([0.5, 2, -1.5, 3, 0, 1])
                return Tree((), f"({number})", lambda xp, v=number: v * 1.0)
            return self.name(shape)
        kinds = ["unary", "pattern", "binary", "binary", "leaf"]
        products, reduced = products_of(shape), reduced_from(shape)
        kinds += ["product"] * (2 if products else 0) + ["reduction"] * (2 if reduced else 0)
        kinds += ["along"] if shape not in ((), ("n", 1), (1, "d")) else []
        kind = self.pick(kinds)
        if kind == "leaf":
            return self.name(shape)
        if kind == "unary":
            name = self.pick(list(UNARY))
            return self.tree(shape, name + "({0})", UNARY[name], [shape], depth)
        if kind == "pattern":
            return self.tree(shape, *self.pick(PATTERNS), [shape], depth)
        if kind == "binary":
            return self.tree(shape, *self.pick(BINARY), self.pick(broadcast_pairs(shape)), depth)
        if kind == "product":
            return self.tree(shape, *self.pick(products), depth)
        if kind == "along":
            text, meaning = self.pick(ALONG)
            k = self.pick(range(len(shape)))
            filled = text.replace("{1}", f", axis={k}")
            return self.tree(shape, filled, lambda xp, x: meaning(xp, x, k), [shape], depth)
        source, text, options = self.pick(reduced)
        if self.pick(range(3)) == 0:
            pattern, function = self.pick(HANDWRITTEN)
            written = pattern.replace("{1}", text)
        else:
            name = self.pick(REDUCTIONS)
            written = f"{name}({{0}}{text})"

            def function(xp, x, options):
                return getattr(xp, name)(x, **options)

        return self.tree(shape, written, lambda xp, x: function(xp, x, options), [source], depth)

    def tree(self, shape, text, meaning, shapes, depth):
        kids = [self.expression(s, depth - 1 - self.pick(range(2))) for s in shapes]
        return Tree(shape, f"({text})", meaning, kids)

    def program(self, most=4, depth=3):
        for i in range(self.pick(range(most))):
            self.statements.append((f"t{i}", self.expression(self.pick(SHAPES), depth)))
        self.statements.append(("J", self.expression((), depth + 1)))
        return RandomProgram(self.statements)


class RandomProgram:
    """A program drawn at random: `source`, `inputs` by name, and its meaning."""

    def __init__(self, statements):
        self.keep_what_is_used(statements)
        # Sizes are names that some input must bind.
        bound = {s for shape in self.inputs.values() for s in shape}
        for s in ("n", "d"):
            if s not in bound:
                self.inputs[f"z_{s}"] = (s,)
        lines = [
            f"{name}: real{'[' + ', '.join(map(str, shape)) + ']' if shape else ''}"
            for name, shape in self.inputs.items()
        ]
        lines += [f"{name} = {tree.write()}" for name, tree in self.statements]
        self.source = "\n".join(lines)

    def keep_what_is_used(self, statements):
        """Set `statements`, without those that J does not need, and `inputs`."""
        used = {"J"}
        kept = []
        for name, tree in reversed(statements):
            if name in used:
                used.update(t.name for t in tree.walk() if t.name)
                kept.append((name, tree))
        self.statements = kept[::-1]
        defined = {name for name, _ in self.statements}
        self.inputs = {}
        for _, tree in self.statements:
            for t in tree.walk():
                if t.name and t.name not in defined:
                    self.inputs.setdefault(t.name, t.shape)

    def values(self, seed):
        random = np.random.default_rng(seed)
        shapes = [tuple(SIZES.get(s, s) for s in shape) for shape in self.inputs.values()]
        return [np.asarray(random.uniform(-1.3, 1.3, size=shape)) for shape in shapes]

    def __call__(self, xp, *values):
        names = dict(zip(self.inputs, values, strict=True))
        for name, tree in self.statements:
            names[name] = tree.evaluate(xp, names)
        return names["J"]

    def smaller(self):
        """Programs with one part replaced by a part of it of the same shape, or by an input."""
        for i, (name, tree) in enumerate(self.statements):
            for path, node in _paths(tree):
                options = [k for k in node.walk() if k is not node and k.shape == node.shape]
                options = [k for k in options if not k.name or k.name[0] not in "km"]  # no data
                if node.name is None:
                    options.append(self.leaf(node.shape))
                for option in options:
                    changed = list(self.statements)
                    changed[i] = (name, _replaced(tree, path, option))
                    yield self.like(changed)

    def leaf(self, shape):
        """An input of that shape."""
        name = f"x_{''.join(map(str, shape)) or 's'}"
        return Tree(shape, name, None, [], name)

    def like(self, statements):
        """A program of these statements, of the same kind."""
        return RandomProgram(statements)


def _paths(tree, path=()):
    yield path, tree
    for i, k in enumerate(tree.kids):
        yield from _paths(k, (*path, i))


def _replaced(tree, path, new):
    if not path:
        return new
    kids = list(tree.kids)
    kids[path[0]] = _replaced(kids[path[0]], path[1:], new)
    return Tree(tree.shape, tree.text, tree.meaning, kids, tree.name)
