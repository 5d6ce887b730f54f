"""The emitted module: docstring, imports, helpers, functions, constants."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..dims import Dim, names_of, show_shape
from ..frontend.facts import clauses
from ..graph import ADD, BOOL, CONTRACT, INPUT, LEAF, NUMBER, Node, topological
from ..ops.calculus import held
from ..ops.define import Function as Entry
from ..transforms.derived import DERIVATIVE, REVERSE, Quantity
from ..transforms.local import Local
from ..transforms.products import KINDS, Product
from . import sparse
from .align import shape_tuple, size_names, size_text
from .inputs import Argument, checked_function, raising, size_lines
from .layout import (
    INDENT,
    WIDTH,
    assignment,
    call_lines,
    comment,
    displayed,
    quoted,
    returned,
    signature,
    strings,
    unpacked,
    with_margins,
)
from .names import Names
from .recompute import Thrift, kept_lines, recomputed
from .schedule import Scheduler, is_transparent, split_sums
from .target import NUMPY, Requirements, Target

FUNCTIONS = ("forward", "gradient", "value_and_gradient", "local", *KINDS)
CONSTANTS = ("INPUTS", "WRT", "OUTPUTS", "SOURCE")
CHECKED = "_checked"
LONGEST = 88  # characters of the first line of a docstring
HIGHEST = 2  # degree of a polynomial up to which NumPy's integers do not overflow soon


@dataclass(frozen=True)
class Function:
    """A function to write.

    `results` are (node, name of the quantity or None), `quantities` the named values, and `primal`
    the nodes of the forward sweep, operands first. `product` tells more of a Jacobian and its kin,
    `local` of the function for reading.
    """

    name: str
    results: Sequence[tuple[Node, str | None]]
    quantities: Sequence[Quantity]
    primal: Sequence[Node]
    product: Product | None = None
    local: Local | None = None

    @property
    def extra(self) -> Sequence[Node]:
        """Arguments besides the inputs."""
        return self.product.extra if self.product else ()

    @property
    def columns(self) -> int:
        """How many results are a row, where they come in rows."""
        return self.product.columns if self.product else 0


@dataclass(frozen=True)
class Unit:
    """What a module is written from.

    `title` and `notes` are lines of the docstring, `source` is the program's text and `headings`
    the text of each of its lines; `renamed` maps names of the program to those they have here.
    """

    title: str
    source: str
    inputs: Sequence[tuple[str, Node, bool]]
    wrt: Sequence[str]
    outputs: Sequence[str]
    functions: Sequence[Function]
    notes: Sequence[str] = ()
    regenerate: str = ""
    pointwise: bool = False
    checks: bool = True
    everything: bool = False
    recompute: bool = False
    least: Mapping[str, int] = field(default_factory=dict)


def write_module(unit: Unit, target: Target = NUMPY) -> str:
    """Return the text of the module; the same unit gives the same bytes."""
    return _Writer(unit, target).run()


class _Writer:
    def __init__(self, unit: Unit, target: Target):
        self.unit, self.target = unit, target
        self.needs = Requirements()
        self.lines = unit.source.split("\n")
        self.again: dict[str, int] = {}  # operations that a function repeats
        helpers = _helpers(unit, target)
        sizes = names_of(n for _, node, _ in unit.inputs for n in node.shape)
        self.names = Names((*FUNCTIONS, *CONSTANTS, CHECKED, *helpers))
        called = {name: self.names.take(name) for name in sizes}
        self.sizes = {name: other for name, other in called.items() if name != other}
        self.renamed = {name: self.names.take(name) for name, _, _ in unit.inputs}
        for f in unit.functions:
            for q in f.quantities:
                if q.name not in self.renamed:
                    self.renamed[q.name] = self.names.take(q.name.lstrip(DERIVATIVE))
        for name in unit.wrt:
            if name not in self.renamed:
                self.renamed[name] = self.names.take(name)
        for f in unit.functions:
            for x in f.extra:
                if x.name not in self.renamed:
                    self.renamed[x.name] = self.names.take(x.name.lstrip(DERIVATIVE))
        self.arguments = [Argument(self.renamed[name], node) for name, node, _ in unit.inputs]

    @cached_property
    def converts(self) -> bool:
        """Whether inputs become arrays of floats: not where a program only adds and multiplies.

        Such a program is right for any kind of number, and needs nothing but Python.
        """
        indexes = any(f.product and f.product.forms for f in self.unit.functions)
        return not self.unit.pointwise or indexes or math.isinf(self.degree)

    @cached_property
    def degree(self) -> float:
        """The degree of what is computed as a polynomial in the inputs, inf where it is none."""
        roots = [node for f in self.unit.functions for node, _ in f.results]
        roots += [q.node for f in self.unit.functions for q in f.quantities]
        return _degree(topological(roots))

    def run(self) -> str:
        """Return the module's text."""
        masks = {name: self.renamed[name] for name, x, _ in self.unit.inputs if x.dtype == BOOL}
        token = size_names.set(self.sizes | masks)
        try:
            return self.text()
        finally:
            size_names.reset(token)

    def text(self) -> str:
        functions = [self.function(f) for f in self.unit.functions]
        converts = self.converts
        body = ["import numpy as np"] if converts else []
        body += sorted(self.needs.imports)
        parts = [[self.docstring(converts)]]
        if body:
            parts.append(["", *body])
        for helper in sorted(self.needs.helpers):
            parts.append(["", "", *self.needs.helpers[helper].text.strip().split("\n")])
        if converts:
            u = self.unit
            checked = checked_function(
                CHECKED, self.arguments, u.checks, u.pointwise, self.names.child(), u.least
            )
            parts.append(["", "", *checked])
        for f, lines in zip(self.unit.functions, functions, strict=True):
            parts.append(["", "", *self.converted(f, lines)])
        parts.append(["", "", *self.constants()])
        return "\n".join(line for part in parts for line in part) + "\n"

    def converted(self, f: Function, lines: list[str]) -> list[str]:
        """Insert the line that converts the inputs after a function's docstring."""
        names = [a.name for a in self.arguments]
        names += [] if self.converts else [self.renamed[x.name] for x in f.extra]
        if not names or (not self.converts and self.degree <= HIGHEST):
            return lines
        if self.converts:
            unpacking = unpacked(names, CHECKED)
        else:
            scaled = ", ".join(f"1.0 * {name}" for name in names)
            unpacking = [f"{INDENT}{', '.join(names)} = {scaled}"]
            if len(unpacking[0]) > WIDTH:
                unpacking = [f"{INDENT}{name} = 1.0 * {name}" for name in names]
        if self.converts:
            unpacking += self.directions(f)
        head = next(i for i, line in enumerate(lines) if line.endswith('"""')) + 1
        return [*lines[:head], *unpacking, *lines[head:]]

    def directions(self, f: Function) -> list[str]:
        """The lines that convert the arguments besides the inputs, and check their shapes."""
        lines = []
        by_shape = {a.node.shape: a.name for a in self.arguments}
        places: dict[str, str] = {}
        for a in self.arguments:
            for i, n in enumerate(a.node.shape):
                if isinstance(n, Dim) and n.is_name:
                    places.setdefault(size_text(n), f"{a.name}.shape[{i}]")
        for x in f.extra:
            name = self.renamed[x.name]
            scalar = "" if x.shape else "[()]"
            lines.append(f"    {name} = np.asarray({name}, dtype=float){scalar}")
            if self.unit.checks and x.shape:
                wanted, shown = shape_tuple(x.shape, places), show_shape(x.shape)
                if x.shape in by_shape:
                    wanted = f"{by_shape[x.shape]}.shape"
                    shown = f"{{{wanted}}}"
                lines.append(f"    if {name}.shape != {wanted}:")
                text = f'f"{name} has shape {{{name}.shape}}, but must be {shown}"'
                lines += raising(text)
        return lines

    def function(self, f: Function) -> list[str]:
        """Return the lines of one function."""
        roots = [node for node, _ in f.results]
        everything = f.local is not None or (self.unit.everything and f.product is None)
        if everything:
            roots += [q.node for q in f.quantities]
        split = split_sums(roots)
        quantities = [
            replace(q, name=self.renamed[q.name], node=split[q.node])
            for q in f.quantities
            if q.node in split
        ]
        results = [
            (split[node], None if name is None else self.renamed[name]) for node, name in f.results
        ]
        scheduler = Scheduler(
            self.target,
            self.needs,
            self.names.child(),
            quantities,
            results,
            [split[node] for node in f.primal if node in split],
            self.renamed,
            {*(name for name, _, _ in self.unit.inputs), *(x.name for x in f.extra)},
            everything,
            self.converts,
            self.called(f, results),
        )
        body = scheduler.run(inline_last=f.name == "forward" and not everything)
        texts = [r.text for r in body.results]
        if f.product and f.product.forms:
            returns, described = sparse.returns(f.product, body, scheduler, KINDS[f.name].sentence)
        elif f.local:
            returns, described = self.dictionaries(f.local, texts, scheduler.names)
        else:
            returns, described = self.returns(f, texts)
        thrift = Thrift(body)
        if self.unit.recompute:
            thrift = recomputed(body, {q.name for q in quantities}, returns)
            self.again[f.name] = thrift.operations
        statements = self.statements(thrift.body)
        code = (text for text, _ in statements if not text.lstrip().startswith("#"))
        used = "\n".join([*code, *returns])
        sizes = size_lines(used, self.arguments)
        return [
            *signature(
                f.name,
                [*(a.name for a in self.arguments), *(self.renamed[x.name] for x in f.extra)],
            ),
            *kept_lines(described, thrift),
            *sizes,
            *with_margins(statements),
            *returns,
        ]

    def dictionaries(self, local: Local, texts: list[str], scope: Names) -> tuple[list[str], str]:
        """Return the last lines of the function for reading, and what its docstring says."""

        def key(name: str) -> str:
            return f'"{self.renamed.get(name, name)}"'

        rows = {
            "values": [key(name) for name in local.values],
            "edges": [f"({key(y)}, {key(x)})" for y, x in local.edges],
            "derivatives": [key(name) for name in local.derivatives],
        }
        lines, variables, given = [], [], iter(texts)
        for name, keys in rows.items():
            variables.append(scope.take(name))
            lines += displayed(variables[-1], [f"{k}: {next(given)}" for k in keys])
        described = (
            "Return (values, edges, derivatives): edges[y, x] is dy/dx, "
            f"derivatives[x] is d{self.renamed.get(local.output, local.output)}/dx."
        )
        if len(described) > LONGEST:
            described = "Return (values, edges, derivatives) of every node."
        return [*lines, f"{INDENT}return {', '.join(variables)}"], described

    def called(self, f: Function, results) -> dict[Node, str]:
        """What the results of a function are called where they need a name."""
        names: dict[Node, str] = {}
        if f.product and f.product.called and not f.product.forms:
            for (node, _), name in zip(results, f.product.called, strict=True):
                names.setdefault(node, name)
        return names

    def returns(self, f: Function, texts: list[str]) -> tuple[list[str], str]:
        """Return the lines of the return statement, and the docstring that says what it gives."""
        pairs = zip(f.results, self.result_names(f), strict=True)
        names = [self.renamed[name] if name else out for (_, name), out in pairs]
        shapes = [show_shape(node.shape) for node, _ in f.results]
        is_pair = f.name == "value_and_gradient"
        if is_pair:
            gradient, several = texts[1:], len(texts) > 2
            value = f"({', '.join(gradient)})" if several else gradient[0]
            shown = f"({', '.join(names[1:])})" if several else names[1]
            described = f"Return {names[0]} and {shown}"
            text = f"{texts[0]}, {value}"
        elif f.columns > 1:
            rows = [texts[i : i + f.columns] for i in range(0, len(texts), f.columns)]
            text = ", ".join(f"({', '.join(row)})" for row in rows)
            described = f"Return {KINDS[f.name].sentence} in {len(rows)} rows of blocks"
        elif f.product:
            text = ", ".join(texts)
            described = f"Return {KINDS[f.name].sentence}"
        else:
            text = ", ".join(texts)
            listed = ", ".join(names)
            described = f"Return {listed}" if len(names) == 1 else f"Return ({listed})"
        if any(shape != "()" for shape in shapes):
            described += ": " + ", ".join("scalar" if s == "()" else s for s in shapes)
        if len(described) > LONGEST:
            count = len(f.results) - is_pair
            what = "derivatives in the order of WRT" if f.name != "forward" else "outputs"
            described = f"Return {names[0]} and " if is_pair else "Return "
            described += f"{count} {what}" if count > 1 else "its derivative"
        return returned(text), f"{described}."

    def result_names(self, f: Function) -> list[str]:
        """The names of a function's results where they are outputs."""
        if f.name == "forward":
            return list(self.unit.outputs)
        return [""] * len(f.results) if f.name == "gradient" else self.value_names(f)

    def value_names(self, f: Function) -> list[str]:
        named = {q.node: q.name for q in f.quantities}
        return [named.get(node, "the value") for node, _ in f.results]

    def statements(self, body) -> list[tuple[str, str]]:
        """Return (line, margin) pairs with the headings of the two sweeps."""
        lines: list[tuple[str, str]] = []
        sweeps = {sweep for sweep, _, _ in body.statements}
        many = len(self.lines) > 1 and len(sweeps) > 1
        place = None
        for sweep, number, statement in body.statements:
            if many and (place is None or place[0] != sweep):
                lines.append((f"    # {sweep} sweep", ""))
            if sweep == REVERSE and place != (sweep, number) and number:
                text = self.lines[number - 1].strip()
                lines.append((comment(f"{number}: {text}"), ""))
            place = (sweep, number)
            if statement.target:
                written = assignment(statement.target, statement.text, statement.operator)
            else:
                written = call_lines(statement.text)
            lines += [(line, "") for line in written[:-1]]
            lines.append((written[-1], statement.margin if len(written) == 1 else ""))
        return lines

    def docstring(self, converts: bool) -> str:
        """Return the module's docstring."""
        u = self.unit
        width = len(str(len(self.lines)))
        source = [f"    {i:>{width}} | {quoted(s)}".rstrip() for i, s in enumerate(self.lines, 1)]
        described = []
        for name, node, data in u.inputs:
            shape = f" {show_shape(node.shape)}" if node.shape else ""
            kind = f" {node.dtype}" if node.dtype != "real" else ""
            described.append(f"{quoted(name)}{shape}{kind}{' data' if data else ''}")
        inputs = ", ".join(described) or "none"
        assumed = [f for name, node, _ in u.inputs for f in clauses(quoted(name), node)]
        costs = ", ".join(
            f"{f.name} {operations([n for n, _ in f.results])}"
            + (f" and {self.again[f.name]} again" if self.again.get(f.name) else "")
            for f in u.functions
        )
        needs = "nothing but Python"
        if converts:
            needs = "NumPy and SciPy" if self.needs.imports else "only NumPy"
        plain = self.sizes | {
            k.lstrip(DERIVATIVE): v for k, v in self.renamed.items() if k.lstrip(DERIVATIVE) != v
        }
        renamed = [f"{k} is called {v} here" for k, v in plain.items()]
        lines = [f'"""{quoted(u.title)}', "", *source, ""]
        lines += _filled(f"Inputs: {inputs}.")
        lines += _filled(f"Output{'s' if len(u.outputs) > 1 else ''}: {', '.join(u.outputs)}.")
        if assumed:
            lines += _filled(f"Assumed, not checked: {', '.join(assumed)}.")
        if renamed:
            lines += _filled("Names: " + ", ".join(map(quoted, renamed)) + ".")
        for note in u.notes:
            lines += _filled(quoted(note))
        lines += _filled(f"Operations: {costs}.")
        lines += _filled(f"Written by exprdiff; needs {needs}.")
        if u.regenerate:
            lines += [f"Regenerate: {quoted(u.regenerate)}"]
        return "\n".join([*lines, '"""'])

    def constants(self) -> list[str]:
        """Return the lines of the module's constants."""
        u = self.unit
        lines = [
            *strings("INPUTS", [a.name for a in self.arguments]),
            *strings("WRT", [self.renamed[name] for name in u.wrt]),
            *strings("OUTPUTS", u.outputs),
        ]
        if len(self.lines) == 1:
            return [*lines, f"SOURCE = {_string(u.source)}"]
        pieces = [f"    {_string(line + chr(10))}" for line in self.lines[:-1]]
        if self.lines[-1]:
            pieces.append(f"    {_string(self.lines[-1])}")
        return [*lines, "SOURCE = (", *pieces, ")"]


def _degree(order: Sequence[Node]) -> float:
    """Return the highest degree of polynomials in the inputs; inf where there is another node."""
    degrees: dict[Node, float] = {}
    for node in order:
        inner = [degrees[x] for x in node.operands]
        degree: float = math.inf
        if node.op is INPUT and node.dtype != BOOL:
            degree = 1
        elif node.op is NUMBER and not isinstance(node.value, float):
            degree = 0
        elif node.op is CONTRACT:
            degree = sum(inner)
        elif node.op is ADD or node.op is held:
            degree = max(inner)
        elif node.op.name == "power" and node.operands[1].op is NUMBER:
            exponent = node.operands[1].value
            if isinstance(exponent, int) and exponent > 0:
                degree = inner[0] * exponent
        degrees[node] = degree
    return max(degrees.values(), default=0)


def _filled(text: str) -> list[str]:
    """Break a sentence of the docstring into lines of at most 100 columns."""
    lines, current = [], ""
    for word in text.split(" "):
        if current and len(current) + 1 + len(word) > 100:
            lines.append(current)
            current = "    " + word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]


def _string(text: str) -> str:
    """Return a string literal in double quotes."""
    body = repr(f"'{text}")[2:-1]
    return f'"{body}"' if repr(f"'{text}").startswith('"') else repr(text)


def _helpers(unit: Unit, target: Target) -> set[str]:
    """The names that helpers and imports of the module take."""
    names: set[str] = set()
    roots = [node for f in unit.functions for node, _ in f.results]
    if unit.everything:
        roots += [q.node for f in unit.functions for q in f.quantities]
    for node in topological(roots):
        if isinstance(node.op, Entry):
            spelling = target.spelling(node.op)
            if spelling.helper:
                names.add(spelling.helper.name)
            if spelling.imports:
                names.add(re.split(r"\s", spelling.imports)[-1])
    return names


def operations(results: Sequence[Node]) -> int:
    """Return how many arithmetic operations and calls it takes to compute `results`."""
    total = 0
    for node in topological(results):
        if node.op.family == LEAF or (is_transparent(node) and not node.op.inverts):
            continue
        if node.op is CONTRACT:
            scaled = node.coefficient not in (1, -1)
            total += max(0, len(node.operands) - 1) + scaled
            total += bool(node.summed) and len(node.operands) == 1
        elif node.op is ADD:
            total += len(node.operands) - 1 + sum(c not in (1, -1) for c in node.attrs)
        elif not node.op.inverts:
            total += 1
    return total
