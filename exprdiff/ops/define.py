"""What an operation is: the entries of the registry, and the checks made when one is registered.

There is one entry for each function of the language, in the module of its topic. Everything else
follows from it: lowering, both modes of differentiation, every target, tests and documentation.

* :class:`Elementwise` states its partial derivatives, as if nothing broadcast.
* :class:`Reduction` and :class:`Along` state vjp and jvp over labelled axes.
* :class:`Composite` states its meaning in terms of other functions.

Derivative rules are ordinary arithmetic on :class:`~exprdiff.indexed.Indexed` values, so they are
simplified, differentiated again and printed like the user's own formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import signature

from .. import messages, tensor_messages
from ..graph import BOOL, MAP, REAL, SPECIAL, Label, Node, Op, fresh, make
from ..indexed import Indexed, apply, indexed, operators, union

Partial = Callable[..., Indexed | None]

#: Binding strengths of Python's operators, used by spellings and by the printer.
CHOICE, OR, AND, NOT, COMPARE, BIT_OR, BIT_AND, SUM, PRODUCT, UNARY, POWER, ATOM = range(12)


@dataclass(frozen=True)
class Domain:
    """Where a function of one operand is defined: an interval, and how to say so.

    `total` says that only isolated points lie outside it.
    """

    low: float = -math.inf
    high: float = math.inf
    text: str = "all reals"
    total: bool = True

    @property
    def inside(self) -> float:
        """A harmless point of the domain."""
        if math.isinf(self.high):
            return 1 if math.isinf(self.low) else self.low + 1
        return (self.low + self.high) / 2


REALS = Domain()
POSITIVE = Domain(0, math.inf, "x > 0", total=False)
NONNEGATIVE = Domain(0, math.inf, "x >= 0", total=False)


@dataclass(frozen=True)
class Helper:
    """A function without a NumPy name, printed once at the top of the emitted module.

    `text` is its source; `uses` names the helpers and imports it needs itself.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Spelling:
    """How a target writes an operation.

    `template` has ``{0}``, ``{1}``, ... for the operands and named fields for attributes;
    `precedence` is that of the result, `needs` the least precedence that each operand may have
    without brackets (none where the template brackets it). `imports` is a line the module needs.
    The `layout` "columns" has the second operand's core followed by an axis of columns.
    """

    template: str
    precedence: int = ATOM
    needs: tuple[int, ...] = ()
    helper: Helper | None = None
    imports: str | None = None
    layout: str = ""


def infix(operator: str, precedence: int) -> Spelling:
    """Return the spelling ``{0} operator {1}`` of a left-associative operator."""
    return Spelling(f"{{0}} {operator} {{1}}", precedence, (precedence, precedence + 1))


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function in the language.

    `kind` is ``value`` (a node), ``axes``, ``flag``, ``size``, ``shape``, ``number`` or ``text``.
    """

    name: str
    kind: str = "value"
    default: object = field(default=None)
    required: bool = True


AXIS = Parameter("axis", "axes", None, required=False)
KEEPDIMS = Parameter("keepdims", "flag", False, required=False)

#: Every function of the language by name and synonym.
REGISTRY: dict[str, Function] = {}


class Function:
    """A function of the language.

    Attributes:
        name, synonyms, parameters: how it is called.
        doc: one sentence. `formula`: its meaning as math text. `example`: a call worth showing.
        convention: what holds at its singular points, if it has any.
        domains: one for each value operand.
        oracle: the same function of mpmath numbers, for tests: ``oracle(mp, *operands)``.
        ulps: its largest error, in units in the last place of the result and of the operands.
    """

    name: str
    parameters: tuple[Parameter, ...]
    several: str | None = None  # the function meant by a call with several values
    ulps: tuple[float, float] = (4, 0)

    def describe(self, doc, formula, example, convention, domains, oracle, synonyms) -> None:
        """Keep what the documentation and the tests need."""
        self.doc, self.formula, self.example = doc, formula, example
        self.convention, self.domains, self.oracle = convention, domains, oracle
        self.synonyms = synonyms

    def build(self, values: Sequence, options: dict):
        """Return the node for operands with NumPy's axis order; see :mod:`.numpy_order`."""
        raise TypeError(self.name)


def register(function: Function) -> Function:
    """Enter `function` under its name and synonyms, refusing an entry that is not complete."""
    if not function.doc.endswith("."):
        raise TypeError(f"{function.name}: the description must be a sentence")
    for name in (function.name, *function.synonyms):
        if name in REGISTRY:
            raise TypeError(f"{name} is registered twice")
        REGISTRY[name] = function
    return function


class Elementwise(Op, Function):
    """An elementwise function: a node of the map family.

    ``partials[i](y, *xs)`` is the derivative by operand i in terms of the result `y` and the
    operands, or None where it is 0 everywhere. ``normal(*xs)``, where given, returns a simpler
    value or None. The operands numbered in `booleans` must be boolean.
    """

    family = MAP

    def __init__(self, name, parameters, partials, numpy, normal, dtype, commutative, attributes):
        Op.__init__(self, name, MAP)
        self.parameters = tuple(map(Parameter, parameters.split()))
        self.partials, self.numpy, self.normal = partials, numpy, normal
        self.dtype, self.commutative, self.attributes = dtype, commutative, attributes

    def __call__(self, *xs, **attrs) -> Indexed:
        """Apply to Indexed values (or numbers), aligned by label."""
        values, chosen = list(map(indexed, xs)), tuple(attrs[k] for k in self.attributes)
        if self.normal is not None:
            simpler = self.normal(*values, *chosen)
            if simpler is not None:
                return simpler  # it may have fewer labels, which broadcast where it is used
        return apply(self, values, chosen)

    def renew(self, operands, labels, out, attrs, shape) -> Node:
        if self.normal is not None:
            xs = [Indexed(n, ls) for n, ls in zip(operands, labels, strict=True)]
            simpler = self.normal(*xs, *attrs)
            # A boolean cannot broadcast by itself: it stays a map where it would have to.
            if simpler is not None and (self.dtype != BOOL or simpler.labels == tuple(out)):
                return simpler.to(out, dict(zip(out, shape, strict=True)))
        return make(self, operands, labels, out, attrs, shape)

    def build(self, values, options):
        return numpy_order.elementwise(self.name, *values, **options)

    def partial(self, i: int, y: Indexed, xs: Sequence[Indexed], attrs: tuple) -> Indexed | None:
        """Return the derivative by operand `i`, or None where it is 0."""
        return self.partials[i](y, *xs, *attrs) if self.partials[i] else None


def elementwise(
    name: str,
    parameters: str,
    doc: str,
    *partials: Partial | None,
    numpy: str | Spelling,
    formula: str | None = None,
    example: str | None = None,
    convention: str | None = None,
    domain: Domain | Sequence[Domain] = REALS,
    oracle: Callable | None = None,
    synonyms: Sequence[str] = (),
    normal: Callable | None = None,
    dtype: str = REAL,
    commutative: bool = False,
    attributes: Sequence[str] = (),
    inverts: bool = False,
    booleans: Sequence[int] = (),
    finite: bool = False,
    low: int | Callable = 0,
    ulps: tuple[float, float] = (4, 0),
    public: bool = True,
) -> Elementwise:
    """Register an elementwise function of `parameters`; see :class:`Elementwise`."""
    count = len(parameters.split())
    if len(partials) != (count if dtype != BOOL else 0):
        raise TypeError(f"{name}: {count} operands need {count} partial derivatives")
    for rule in partials:
        if rule is not None and len(signature(rule).parameters) < 1 + count:
            raise TypeError(f"{name}: a partial takes the result and every operand")
    spelling = Spelling(numpy) if isinstance(numpy, str) else numpy
    op = Elementwise(
        name,
        parameters,
        partials or (None,) * count,
        spelling,
        normal,
        dtype,
        commutative,
        tuple(attributes),
    )
    domains = (domain,) * count if isinstance(domain, Domain) else tuple(domain)
    op.total = all(d.total for d in domains)
    op.inverts, op.booleans = inverts, tuple(booleans)
    op.finite, op.low = finite or dtype == BOOL, low
    op.ulps = ulps
    op.describe(doc, formula, example, convention, domains, oracle, tuple(synonyms))
    operators[name] = op
    return register(op) if public else op


class Special(Op, Function):
    """An operation outside maps, contractions and sums; `rule` and `push` are its two modes."""

    family = SPECIAL

    def __init__(self, name, parameters, vjp, jvp, numpy, normal):
        Op.__init__(self, name, SPECIAL)
        self.parameters, self.vjp, self.jvp = parameters, vjp, jvp
        self.numpy, self.normal = numpy, normal

    def axes_of(self, y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the labels that the rules are told of."""
        raise TypeError(self.name)

    def pull(self, g: Indexed, y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the adjoints of the operands, given the adjoint `g` of the result `y`.

        `g` may carry further labels, which stay on the adjoints.
        """
        adjoints = self.vjp(g, y, *xs, self.axes_of(y, xs, attrs))
        return adjoints if isinstance(adjoints, tuple) else (adjoints,)

    def push(self, tangents: Sequence[Indexed], y: Indexed, xs: Sequence[Indexed], attrs: tuple):
        """Return the tangent of the result, given those of the operands."""
        return self.jvp(*tangents, y, *xs, self.axes_of(y, xs, attrs))


class Reduction(Special):
    """A reduction over the labels that its result lacks; rules are told those labels.

    One that is `single` is over one axis or all.

    ``normal(x, over)``, where given, returns a simpler value or None.
    """

    def axes_of(self, y, xs, attrs):
        return tuple(k for k in xs[0].labels if k not in y.labels)

    def __call__(self, x: Indexed, over: Sequence[Label]) -> Indexed:
        out = tuple(k for k in x.labels if k not in over)
        simpler = self.normal(x, tuple(over)) if self.normal else None
        if simpler is not None or len(out) == len(x.labels):
            return x if simpler is None else simpler
        sizes = x.sizes
        return Indexed(make(self, [x.node], [x.labels], out, (), [sizes[k] for k in out]), out)

    def build(self, values, options):
        x = values[0] if self.booleans else numpy_order.real(values[0], True)
        labels = fresh(x.rank)
        axis = options.get("axis")
        if self.single and isinstance(axis, tuple) and len(axis) != 1:
            raise tensor_messages.one_axis(self.name)
        over = tuple(labels[k] for k in numpy_order.normal_axes(axis, x))
        value = self(Indexed(x.node, labels), over)
        return numpy_order.kept_axes(value, x, labels, over, options.get("keepdims", False))


class Along(Special):
    """An operation along axes that it keeps; rules are told the labels of those axes.

    One that is `single` is along one axis.
    """

    def axes_of(self, y, xs, attrs):
        return tuple(y.labels[k] for k in attrs[0])

    def __call__(self, *xs: Indexed, along: Sequence[Label]) -> Indexed:
        out = union(xs)
        sizes = {k: n for x in xs for k, n in x.sizes.items()}
        positions = tuple(sorted(out.index(k) for k in along))
        shape = [sizes[k] for k in out]
        nodes, labels = [x.node for x in xs], [x.labels for x in xs]
        return Indexed(make(self, nodes, labels, out, (positions,), shape), out)

    def build(self, values, options):
        x = numpy_order.real(values[0], True)
        axis = options.get("axis")
        axes = numpy_order.normal_axes(-1 if axis is None else axis, x)
        value = Indexed(x.node)
        return numpy_order.Array(self(value, along=[value.labels[k] for k in axes]).node)


class Core(Special):
    """An operation on the last axes of its operands, as a generalised ufunc of NumPy's is.

    `ranks` says how many axes of each operand, and last of the result, are the core; all others are
    a batch. A node's axes are the batch's labels and then the core of the result; the core of an
    operand has labels of its own. ``shape(*cores, *attrs)`` is the core shape of the result.
    The rules are ``vjp(g, y, *xs, *attrs)`` and ``jvp(*tangents, y, *xs, *attrs)``, where the core
    of each value is its last axes and `g` and the tangents have the labels of what they belong to.
    """

    def __init__(self, name, parameters, ranks, shape, vjp, jvp, numpy, attributes, normal):
        super().__init__(name, parameters, vjp, jvp, numpy, normal)
        self.ranks, self.shape, self.attributes = tuple(ranks), shape, attributes
        self.square = False
        self.fixed = None

    def axes_of(self, y, xs, attrs):
        return y.labels[len(y.labels) - self.ranks[-1] :]

    def pull(self, g, y, xs, attrs):
        adjoints = self.vjp(g, y, *xs, *attrs)
        return adjoints if isinstance(adjoints, tuple) else (adjoints,)

    def push(self, tangents, y, xs, attrs):
        return self.jvp(*tangents, y, *xs, *attrs)

    def __call__(self, *xs: Indexed, attrs: tuple = ()) -> Indexed:
        """Apply to values whose last labels are the core; the result's core has fresh labels."""
        simpler = self.normal(*xs, *attrs) if self.normal else None
        if simpler is not None:
            return simpler
        parts = [core(x, r) for x, r in zip(xs, self.ranks, strict=False)]
        inner = [fresh(len(own)) for _, own in parts]  # an operand's core meets no other's
        batch = tuple(dict.fromkeys(k for rest, _ in parts for k in rest))
        sizes = {k: n for x in xs for k, n in x.sizes.items()}
        cores = [tuple(sizes[k] for k in own) for _, own in parts]
        shape = tuple(self.shape(*cores, *attrs))
        out = (*batch, *fresh(len(shape)))
        labels = [(*rest, *own) for (rest, _), own in zip(parts, inner, strict=True)]
        whole = (*(sizes[k] for k in batch), *shape)
        return Indexed(make(self, [x.node for x in xs], labels, out, attrs, whole), out)

    def build(self, values, options):
        arrays = [numpy_order.real(x, True) for x in values]
        for x, rank in zip(arrays, self.ranks, strict=False):
            if x.rank < rank:
                raise tensor_messages.rank_too_small(self.name, x.describe(), rank)
            if self.square and x.node.shape[-1] != x.node.shape[-2]:
                raise messages.not_square(self.name, x.describe())
            if self.fixed and any(n != self.fixed for n in x.node.shape[-rank:]):
                raise tensor_messages.wrong_size(self.name, x.describe(), self.fixed)
        aligned, batch = numpy_order.broadcast(arrays, self.name, self.ranks[:-1])
        attrs = tuple(options.get(k, self.default(k)) for k in self.attributes)
        value = self(*aligned, attrs=attrs)
        own = value.labels[len(value.labels) - self.ranks[-1] :] if self.ranks[-1] else ()
        return numpy_order.Array(value.to((*batch, *own), numpy_order.sizes_of(aligned, batch)))

    def default(self, name: str):
        """Return the value of an attribute that a call leaves out."""
        return next(p.default for p in self.parameters if p.name == name)


def core(x: Indexed, rank: int) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return the labels of the batch, and those of the last `rank` axes."""
    cut = len(x.labels) - rank
    return x.labels[:cut], x.labels[cut:]


def reduction(name, doc, *, vjp, jvp, numpy, **described) -> Reduction:
    """Register a reduction: ``vjp(g, y, x, over)`` and ``jvp(dx, y, x, over)``."""
    return _special(Reduction, name, doc, vjp, jvp, numpy, (AXIS, KEEPDIMS), described)


def along(name, doc, *, vjp, jvp, numpy, **described) -> Along:
    """Register an operation along axes: ``vjp(g, y, x, along)`` and ``jvp(dx, y, x, along)``."""
    return _special(Along, name, doc, vjp, jvp, numpy, (AXIS,), described)


def core_function(
    name: str,
    parameters: Sequence[Parameter] | str,
    ranks: Sequence[int],
    shape: Callable,
    doc: str,
    *,
    vjp: Callable,
    jvp: Callable,
    numpy: str | Spelling,
    attributes: Sequence[str] = (),
    normal: Callable | None = None,
    finite: bool = False,
    square: bool = False,
    fixed: int | None = None,
    domain: Domain = REALS,
    formula: str | None = None,
    example: str | None = None,
    convention: str | None = None,
    oracle: Callable | None = None,
    synonyms: Sequence[str] = (),
    public: bool = True,
) -> Core:
    """Register an operation on the last axes of its operands; see :class:`Core`.

    Those of a `square` one have two equal sizes, those of a `fixed` one that size.
    """
    if isinstance(parameters, str):
        parameters = tuple(map(Parameter, parameters.split()))
    spelling = Spelling(numpy) if isinstance(numpy, str) else numpy
    op = Core(name, parameters, ranks, shape, vjp, jvp, spelling, tuple(attributes), normal)
    op.total, op.finite = domain.total, finite
    op.square, op.fixed = square, fixed
    op.describe(
        doc, formula, example, convention, (domain,) * (len(ranks) - 1), oracle, tuple(synonyms)
    )
    operators[name] = op
    return register(op) if public else op


def _special(kind, name, doc, vjp, jvp, numpy, options, described):
    public = described.pop("public", True)
    total = described.pop("domain", REALS)
    spelling = Spelling(numpy) if isinstance(numpy, str) else numpy
    op = kind(name, (Parameter("x"), *options), vjp, jvp, spelling, described.pop("normal", None))
    op.total = total.total
    op.finite, op.low = described.pop("finite", False), described.pop("low", 0)
    op.several = described.pop("several", None)
    op.single = described.pop("single", False)
    op.dtype = described.pop("dtype", REAL)
    op.booleans = (0,) if described.pop("boolean", False) else ()
    operators[name] = op
    op.describe(
        doc,
        described.pop("formula", None),
        described.pop("example", None),
        described.pop("convention", None),
        (total,),
        described.pop("oracle", None),
        tuple(described.pop("synonyms", ())),
    )
    if described:
        raise TypeError(f"{name}: unknown {', '.join(described)}")
    return register(op) if public else op


class Composite(Function):
    """A function whose meaning is other functions; lowering expands it.

    ``meaning(*values, **options)`` works on operands in NumPy's axis order.
    """

    def __init__(self, name, parameters, meaning):
        self.name, self.parameters, self.meaning = name, parameters, meaning

    def build(self, values, options):
        return self.meaning(*values, **options)


def composite(
    name: str,
    parameters: Sequence[Parameter] | str,
    doc: str,
    *,
    formula: str | None = None,
    example: str | None = None,
    convention: str | None = None,
    domain: Domain | Sequence[Domain] = REALS,
    oracle: Callable | None = None,
    synonyms: Sequence[str] = (),
):
    """Decorate the meaning of a function that other functions express."""
    if isinstance(parameters, str):
        parameters = tuple(map(Parameter, parameters.split()))

    def enter(meaning):
        function = Composite(name, tuple(parameters), meaning)
        domains = (domain,) if isinstance(domain, Domain) else tuple(domain)
        function.describe(doc, formula, example, convention, domains, oracle, tuple(synonyms))
        register(function)
        return meaning

    return enter


from . import numpy_order  # noqa: E402  (it reads REGISTRY above; entries use it when called)
