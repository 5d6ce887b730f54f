"""Random programs with tensors: matrix products, slices, gathers, linear algebra, and so on.

The shapes of the trees are numbers; a *named* program writes them as sizes (``n``, ``n*d``), the
other kind as the numbers themselves, where also shapes meet that are equal by chance alone.
"""

from itertools import permutations

import numpy as np
from oracles.random_programs import BINARY, PATTERNS, UNARY, RandomProgram, Tree

N, D, B = 3, 2, 5
NAMES = {N: "n", D: "d", B: "b", D * D: "d*d", N * D: "n*d", N * N: "n*n", B * D: "b*d",
         B * N: "b*n", B * B: "b*b"}  # fmt: skip
#: Shapes of statements and inputs.
SHAPES = [(), (N,), (D,), (B,), (N, D), (D, N), (N, N), (B, N), (N, 1), (1, D),
          (B, N, D), (D, N, N), (B, N, N)]  # fmt: skip
REDUCTIONS = ["sum", "sum", "mean", "max", "min", "prod", "norm", "logsumexp", "var", "std",
              "norm1", "norminf"]  # fmt: skip
ALONG = ["softmax", "log_softmax", "cumsum", "cumprod", "sort"]


def code(shape):
    """A shape as a part of a name."""
    return "_".join(map(str, shape)) or "s"


def reduced(xp, name, x, axis, keepdims):
    """A reduction, written with the vocabulary of an oracle."""
    if name == "norm1":
        return xp.sum(xp.abs(x), axis=axis, keepdims=keepdims)
    if name == "norminf":
        return xp.max(xp.abs(x), axis=axis, keepdims=keepdims)
    if name == "prod" and isinstance(axis, tuple):  # one axis at a time, where an oracle must
        for k in sorted(axis, reverse=True):
            x = xp.prod(x, axis=k, keepdims=keepdims)
        return x
    return getattr(xp, name)(x, axis=axis, keepdims=keepdims)


def along(xp, name, x, axis):
    return getattr(xp, name)(x, axis=axis)


def regular(xp, a):
    """What the text ``(tanh(a) + 4*eye)`` of a matrix or a batch means."""
    return xp.tanh(a) + 4 * xp.eye(a.shape[-1])


def definite(xp, a):
    t = xp.tanh(a)
    return t @ xp.swap(t) + xp.eye(a.shape[-1])


def operands_of(shape):
    """Shapes of two operands that broadcast to `shape`, one or both of them smaller."""
    smaller = [shape[k:] for k in range(1, len(shape) + 1)]
    smaller += [tuple(1 if j == i else s for j, s in enumerate(shape)) for i in range(len(shape))]
    pairs = [(shape, shape)] * 2
    pairs += [p for s in smaller for p in ((shape, s), (s, shape))]
    if len(shape) == 2 and 1 not in shape:
        pairs += [((shape[0], 1), (shape[1],)), ((1, shape[1]), (shape[0], 1))]
    if len(shape) == 3:
        pairs += [((shape[0], 1, shape[2]), shape[1:]), ((shape[0], 1, 1), shape[1:])]
    return pairs


class Tensors:
    """Draws programs; `pick` chooses an element of a list."""

    def __init__(self, pick, named):
        self.pick, self.named = pick, named
        self.inputs: dict[str, tuple] = {}
        self.statements: list[tuple[str, Tree]] = []

    def size(self, number):
        return NAMES.get(number, str(number)) if self.named else str(number)

    def sizes(self, shape):
        return ", ".join(map(self.size, shape))

    def leaf(self, shape):
        """An earlier statement or an input of that shape, or a new input."""
        known = [n for n, t in self.statements if t.shape == shape] * 2
        known += [n for n, s in self.inputs.items() if s == shape]
        count = sum(s == shape for s in self.inputs.values())
        if count < 2:
            known.append(f"{'xy'[count]}_{code(shape)}")
        chosen = self.pick(known)
        if all(chosen != n for n, _ in self.statements):
            self.inputs[chosen] = shape
        return Tree(shape, chosen, None, [], chosen)

    def whole(self, shape, below):
        """An input of whole numbers from 0 to below `below`."""
        name = f"k{below}_{code(shape)}"
        return Tree(shape, name, None, [], name)

    def mask(self, shape):
        name = f"m_{code(shape)}"
        return Tree(shape, name, None, [], name)

    def tree(self, shape, text, meaning, shapes, depth):
        kids = [s if isinstance(s, Tree) else self.expression(s, depth - 1 - self.pick(range(2)))
                for s in shapes]  # fmt: skip
        return Tree(shape, f"({text})", meaning, kids)

    def expression(self, shape, depth):
        if depth <= 0:
            if shape == () and self.pick(range(6)) == 0:
                number = self.pick([0.5, 2, -1.5, 3])
                return Tree((), f"({number})", lambda xp, v=number: v * 1.0)
            return self.leaf(shape)
        kinds = [
            "elementwise" if depth > 2 else "leaf",
            "elementwise",
            "elementwise",
            "reduction",
            "rare",
            "product",
            "einsum",
        ]
        kind = self.pick(kinds)
        if kind == "leaf":
            return self.leaf(shape)
        found = getattr(self, kind)(shape)
        text, meaning, shapes = self.pick(found or self.elementwise(shape))
        return self.tree(shape, text, meaning, shapes, depth)

    # Each of the following returns a list of (text, meaning, operands).

    def elementwise(self, shape):
        kind = self.pick(["unary", "pattern", "binary", "binary"])
        if kind == "unary":
            name = self.pick(list(UNARY))
            return [(name + "({0})", UNARY[name], [shape])]
        if kind == "binary":
            pairs = operands_of(shape)
            return [(*self.pick(BINARY), self.pick(pairs))]
        patterns = [p for p in PATTERNS if self.named or ("/n" not in p[0] and "d*" not in p[0])]
        return [(*self.pick(patterns), [shape])]

    def reduction(self, shape):
        name = self.pick(REDUCTIONS)
        if len(shape) == 3:
            return self.along(shape)
        found = []
        for k in range(len(shape) + 1):
            s = self.pick([N, D, B])
            longer = (*shape[:k], s, *shape[k:])
            axis = self.pick([k, k - len(longer)])
            found.append((f"{name}({{0}}, axis={axis})", axis, False, longer))
        for k in (k for k, s in enumerate(shape) if s == 1):
            longer = (*shape[:k], self.pick([N, D]), *shape[k + 1 :])
            found.append((f"{name}({{0}}, axis={k}, keepdims=true)", k, True, longer))
        if shape == ():
            whole = self.pick([s for s in SHAPES if s])
            found.append((f"{name}({{0}})", tuple(range(len(whole))), False, whole))
        if len(shape) == 1:
            axes = self.pick([(0, 1), (1, 2), (2, 0)])
            longer = [self.pick([N, D, B]) for _ in range(3)]
            (kept,) = set(range(3)) - set(axes)
            longer[kept] = shape[0]
            text = f"{name}({{0}}, axis=({axes[0]}, {axes[1]}))"
            found.append((text, tuple(sorted(axes)), False, tuple(longer)))
        found = [
            (text, lambda xp, x, a=axis, k=keep: reduced(xp, name, x, a, k), [longer])
            for text, axis, keep, longer in found
        ]
        return found + (self.along(shape) if shape else [])

    def along(self, shape):
        name, k = self.pick(ALONG), self.pick(range(len(shape)))
        meaning = lambda xp, x: along(xp, name, x, k)  # noqa: E731
        return [(f"{name}({{0}}, axis={k})", meaning, [shape])]

    def product(self, shape):
        c = self.pick([N, D, B])
        matmul = ("{0} @ {1}", lambda xp, x, y: x @ y)
        left = ("{0}' @ {1}", lambda xp, x, y: xp.swap(x) @ y)
        right = ("{0} @ {1}'", lambda xp, x, y: x @ xp.swap(y))
        if shape == ():
            return [
                (*matmul, [(c,), (c,)]),
                ("{0}' @ {1} @ {2}", lambda xp, x, a, y: x @ a @ y, [(N,), (N, c), (c,)]),
                ("trace({0} @ {1})", lambda xp, a, b: xp.trace(a @ b), [(N, c), (c, N)]),
                ("det({0})", lambda xp, a: xp.linalg.det(a), [self.regular((N, N))]),
                self.of_definite("logdet", N, ()),
                ("{0}' @ solve({1}, {2})", lambda xp, x, a, y: x @ xp.linalg.solve(a, y),
                 [(N,), self.regular((N, N)), (N,)]),
            ]  # fmt: skip
        if len(shape) == 1:
            (a,) = shape
            found = [(*matmul, [(a, c), (c,)]), (*matmul, [(c,), (c, a)]),
                     ("{0}' @ {1}", lambda xp, x, y: x.T @ y, [(c, a), (c,)]),
                     ("diag({0})", lambda xp, x: xp.diag(x), [(a, a)]),
                     ("diag({0} @ {1})", lambda xp, x, y: xp.diag(x @ y),
                      [(a, c), (c, a)])]  # fmt: skip
            if a == N:
                found.append(("solve({0}, {1})", lambda xp, m, y: xp.linalg.solve(m, y),
                              [self.regular((N, N)), (N,)]))  # fmt: skip
            if a == B:
                found += [self.of_definite("logdet", N, (B,)),
                          ("det({0})", lambda xp, x: xp.linalg.det(x), [self.regular((B, N, N))]),
                          ("trace({0})", lambda xp, x: xp.trace(x, axis1=1, axis2=2),
                           [(B, N, N)])]  # fmt: skip
            return found
        *batch, a, b = shape
        found = [
            (*matmul, [(*batch, a, c), (*batch, c, b)]),
            (*left, [(*batch, c, a), (*batch, c, b)]),
            (*right, [(*batch, a, c), (*batch, b, c)]),
            ("{0}'", lambda xp, x: xp.swap(x), [(*batch, b, a)]),
        ]
        if batch:
            found += [(*matmul, [(a, c), (*batch, c, b)]), (*matmul, [(*batch, a, c), (c, b)])]
        elif 1 not in shape:
            found += [("{0} @ {1}", lambda xp, x, y: x @ y, [(a, b, c), (c,)]),
                      ("{0} @ {1}", lambda xp, x, y: x @ y, [(c,), (a, c, b)]),
                      ("outer({0}, {1})", lambda xp, x, y: xp.outer(x, y),
                       [(a,), (b,)])]  # fmt: skip
        if a == N:
            solved = [self.regular((*batch, N, N)), (*batch, N, b)]
            found.append(("solve({0}, {1})", lambda xp, m, y: xp.linalg.solve(m, y), solved))
        if (a, b) == (N, N):
            found += [
                ("inv({0})", lambda xp, x: xp.linalg.inv(x), [self.regular((*batch, N, N))]),
                ("inv({0})", lambda xp, x: xp.linalg.inv(x), [self.definite((*batch, N, N))]),
                ("cholesky({0})", lambda xp, x: xp.linalg.cholesky(x),
                 [self.definite((*batch, N, N))]),
                ("({0} + {0}')/2", lambda xp, x: (x + xp.swap(x)) / 2, [(*batch, N, N)]),
                ("{0} @ {0}'", lambda xp, x: x @ xp.swap(x), [(*batch, N, c)]),
            ]  # fmt: skip
            if not batch:
                found += [("diag({0})", lambda xp, x: xp.diag(x), [(N,)]),
                          ("triu({0})", lambda xp, x: xp.triu(x), [(N, N)]),
                          ("tril({0}, -1)", lambda xp, x: xp.tril(x, -1), [(N, N)])]  # fmt: skip
        return found

    def regular(self, shape):
        text = f"(tanh({{0}}) + 4*eye({self.size(N)}))"
        return Tree(shape, text, regular, [self.expression(shape, self.pick(range(2)))])

    def definite(self, shape):
        text = f"(tanh({{0}}) @ tanh({{0}})' + eye({self.size(N)}))"
        return Tree(shape, text, definite, [self.expression(shape, self.pick(range(2)))])

    def of_definite(self, name, size, batch):
        meaning = lambda xp, x: xp.linalg.slogdet(x)[1]  # noqa: E731
        return (f"{name}({{0}})", meaning, [self.definite((*batch, size, size))])

    def einsum(self, shape):
        """Labels of the result spread over two operands, one more of them summed."""
        letters = "ijk"[: len(shape)]
        owners = [self.pick(["first", "second", "both"]) for _ in letters]
        first = [x for x, o in zip(letters, owners, strict=True) if o != "second"]
        second = [x for x, o in zip(letters, owners, strict=True) if o != "first"]
        summed, sizes = self.pick([N, D, B]), dict(zip(letters, shape, strict=True))
        sizes["s"] = summed
        where = self.pick(["first", "second", "both", "both"])
        first += "s" if where != "second" and len(first) < 3 else ""
        second += "s" if where != "first" and len(second) < 3 else ""
        if not first or not second:
            return []
        a, b = ("".join(self.pick(list(permutations(x)))) for x in (first, second))
        meaning = lambda xp, x, y: xp.einsum(f"{a},{b}->{letters}", x, y)  # noqa: E731
        shapes = [tuple(sizes[c] for c in x) for x in (a, b)]
        text = f'einsum("{a},{b}->{letters}", {{0}}, {{1}})'
        return [(text, meaning, shapes)]

    def rare(self, shape):
        """Slices, gathers, joins, choices and changes of shape."""
        c, k = self.pick([N, D, B]), self.pick([0, 1, -1])
        found = [
            ("{0}[" + str(k) + "]", lambda xp, x: x[k], [(c, *shape)]),
            ("{0}[..., " + str(k) + "]", lambda xp, x: x[..., k], [(*shape, c)]),
            ("where({0}, {1}, {2})", lambda xp, m, x, y: xp.where(m, x, y),
             [self.mask(shape), shape, self.pick(operands_of(shape))[0]]),
            ("sum(stack({0}, {1})^2, axis=0)", lambda xp, x, y: x**2 + y**2, [shape, shape]),
            ("stack({0}, {1}, axis=-1)[..., 1]", lambda xp, x, y: y, [shape, shape]),
        ]  # fmt: skip
        if len(shape) == 3:
            found = found[2:]
        if len(shape) in (1, 2):
            found.append(("{0}[0, ::-1]", lambda xp, x: x[0, ::-1], [(c, *shape)]))
        if not shape or shape[0] == 1:
            return found
        rest, first, last = shape[1:], self.size(shape[0]), shape[-1]
        found += [
            ("{0}[{1}]", lambda xp, x, i: x[i], [(c, *rest), self.whole(shape[:1], c)]),
            ("{0}[::-1]", lambda xp, x: x[::-1], [shape]),
            ("concat({0}[1:], {1}[:1])", lambda xp, x, y: xp.concatenate([x[1:], y[:1]]),
             [shape, shape]),
            ("concat({0}[1:] - {0}[:-1], {1}[-1:])",
             lambda xp, x, y: xp.concatenate([x[1:] - x[:-1], y[-1:]]), [shape, shape]),
            ("roll({0}, 1, axis=0)", lambda xp, x: xp.roll(x, 1, axis=0), [shape]),
            (f"concat({{0}}, {{1}})[{self.size(c)}:]", lambda xp, x, y: y, [(c, *rest), shape]),
            (f"broadcast_to({{0}}, {self.sizes(shape)})",
             lambda xp, x: xp.broadcast_to(x, shape), [rest]),
            ("pad({0}, 1)[1:-1]" if not rest else "pad({0}, 1)[1:-1, 1:-1]" if len(rest) == 1
             else "pad({0}, 1)[1:-1, 1:-1, 1:-1]", lambda xp, x: x, [shape]),
        ]  # fmt: skip
        if len(shape) > 1 and last > 1:
            split = self.size(last), first
            found += [
                ("concat({0}[..., 1:], {1}[..., :1], axis=-1)",
                 lambda xp, x, y: xp.concatenate([x[..., 1:], y[..., :1]], axis=-1),
                 [shape, shape]),
                (f"reshape({{0}}, {self.sizes(shape)})", lambda xp, x: xp.reshape(x, shape),
                 [(shape[1], shape[0], *shape[2:])]),
                ("{0}[:, {1}]", lambda xp, x, i: x[:, i],
                 [(shape[0], c, *shape[2:]), self.whole(shape[1:2], c)]),
            ]  # fmt: skip
            if len(shape) == 2:
                found += [
                    (f"reshape({{0}}, {split[1]}, {split[0]})",
                     lambda xp, x: xp.reshape(x, shape), [(shape[0] * last,)]),
                    ("{0}[:, None] + {1}", lambda xp, x, y: x[:, None] + y,
                     [shape[:1], shape[1:]]),
                ]  # fmt: skip
        if len(shape) < 3:
            found.append(
                (f"sum(reshape({{0}}, {self.sizes(shape)}, {self.size(D)}), axis=-1)",
                 lambda xp, x: xp.sum(xp.reshape(x, (*shape, D)), axis=-1),
                 [(D, *shape)]))  # fmt: skip
        if len(shape) == 1:
            kron = "sum(reshape(kron({0}, {1}), " + f"{first}, {self.size(c)}), axis=1)"
            index = [self.whole(shape, N), self.whole(shape, c)]
            found += [
                ("{0}[{1}, {2}]", lambda xp, x, i, j: x[i, j], [(N, c), *index]),
                (kron, lambda xp, x, y: x * xp.sum(y), [shape, (c,)]),
                ("reshape({0}, -1)[" + f":{first}]",
                 lambda xp, x: xp.reshape(x, -1)[: shape[0]], [(shape[0], c)]),
            ]  # fmt: skip
        if not self.named and shape[0] < B:
            found.append(("{0}[1:]", lambda xp, x: x[1:], [(shape[0] + 1, *rest)]))
            found.append(("{0}[::2]", lambda xp, x: x[::2], [(2 * shape[0] - 1, *rest)]))
        return found

    def program(self, most=3, depth=3, scalar=True):
        for i in range(self.pick(range(most))):
            self.statements.append((f"t{i}", self.expression(self.pick(SHAPES), depth)))
        shape = () if scalar else self.pick(SHAPES[1:10])
        self.statements.append(("J", self.expression(shape, depth + 1)))
        return TensorProgram(self.statements, self.named)


class TensorProgram(RandomProgram):
    """A program of tensors drawn at random, with inputs of whole numbers and masks as well."""

    def __init__(self, statements, named):
        self.named = named
        self.keep_what_is_used(statements)
        if not any(n[0] in "xy" for n in self.inputs):
            self.inputs["x_s"] = ()
        # Sizes are names that some input must bind.
        bound = {s for shape in self.inputs.values() for s in shape}
        if named:
            self.inputs |= {f"z_{s}": (s,) for s in (N, D, B) if s not in bound}
        lines = []
        for name, shape in self.inputs.items():
            kind = {"k": "int", "m": "bool"}.get(name[0], "real")
            sizes = [(NAMES.get(s, str(s)) if named else str(s)) for s in shape]
            mark = "data " if name[0] in "kmz" else ""
            lines.append(f"{mark}{name}: {kind}{'[' + ', '.join(sizes) + ']' if sizes else ''}")
        lines += [f"{name} = {tree.write()}" for name, tree in self.statements]
        self.source = "\n".join(lines)

    @property
    def shape(self):
        return self.statements[-1][1].shape

    @property
    def positions(self):
        return tuple(i for i, name in enumerate(self.inputs) if name[0] in "xy")

    def leaf(self, shape):
        return Tree(shape, f"x_{code(shape)}", None, [], f"x_{code(shape)}")

    def like(self, statements):
        return TensorProgram(statements, self.named)

    def values(self, seed):
        random = np.random.default_rng(seed)
        found = []
        for name, shape in self.inputs.items():
            if name[0] == "k":
                found.append(random.integers(0, int(name[1 : name.index("_")]), size=shape))
            elif name[0] == "m":
                found.append(np.asarray(random.random(size=shape) < 0.6))
            else:
                found.append(np.asarray(random.uniform(-1.3, 1.3, size=shape)))
        return found
