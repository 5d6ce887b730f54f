"""What the registry says about the functions of the language, as text: the reference.

Derivative rules are printed from the rules themselves, and examples are compiled: nothing here is
written twice.
"""

from __future__ import annotations

import re
from textwrap import indent, wrap

from . import option_messages
from .codegen.expression import Expression
from .codegen.target import Requirements, Target
from .compiler import compile_text, options_from
from .diagnostics import ExprDiffError, Source, Span
from .graph import BOOL, REAL, Node, input_, interning, topological
from .indexed import Indexed, operators
from .ops import REGISTRY
from .ops.define import ATOM, NOT, POWER, UNARY, Along, Elementwise, Function, Spelling

#: What the names in examples are, unless the function is elementwise and they are numbers.
DECLARED = {
    "x": "real[n]", "y": "real[n]", "z": "real[n]", "w": "real[d]", "v": "real[n]",
    "r": "real[3]", "p": "real[3]", "a": "real", "b": "real",
    "A": "real[n, n]", "B": "real[n, n]", "X": "real[n, d]", "Y": "real[n, k]", "W": "real[d, k]",
}  # fmt: skip

#: The topics, and the modules of the registry that are about them.
TOPICS = {
    "elementwise": (),
    "reductions": ("reduce",),
    "along an axis": ("cumulative",),
    "matrices": ("linalg", "matrices", "products"),
    "shapes": ("shaping",),
    "losses": ("losses",),
    "derivatives": ("calculus",),
}


def functions() -> list[Function]:
    """Return the functions of the language, once each, in the order of their topics."""
    entries = [entry for name, entry in REGISTRY.items() if name == entry.name]
    topics = list(TOPICS)
    return sorted(entries, key=lambda f: (topics.index(topic(f)), f.name))


def topic(function: Function) -> str:
    """Return the topic of a function."""
    if isinstance(function, Along):
        return "along an axis"
    rule = getattr(function, "meaning", None) or getattr(function, "vjp", None)
    module = rule.__module__.rpartition(".")[2] if rule else ""
    return next((title for title, rooms in TOPICS.items() if module in rooms), "elementwise")


def call_text(function: Function) -> str:
    """Return how a function is called; optional parameters stand in square brackets."""
    shown = []
    for p in function.parameters:
        name = f"{p.name}, ..." if p.kind in ("values", "shape") else p.name
        shown.append(name if p.required else f"[{p.name}={_default(p.default)}]")
    return f"{function.name}({', '.join(shown)})"


def _default(value) -> str:
    return {None: "", False: "false", True: "true"}.get(value, str(value))


# -- derivative rules ------------------------------------------------------------------------------

_OWN = {
    "power": Spelling("{0}^{1}", POWER, (ATOM, UNARY)),
    "not": Spelling("not {0}", NOT, (NOT,)),
    "and": Spelling("{0} and {1}", NOT - 1, (NOT - 1, NOT)),
    "or": Spelling("{0} or {1}", NOT - 2, (NOT - 2, NOT - 1)),
    "reciprocal": operators["reciprocal"].numpy,
    "stop_gradient": operators["stop_gradient"].numpy,
}


def _spelling(op: Elementwise) -> Spelling:
    """How the language writes an operation."""
    if op.name in _OWN:
        return _OWN[op.name]
    if op.dtype == BOOL:
        return op.numpy
    operands = [f"{{{i}}}" for i in range(len(op.parameters))]
    return Spelling(f"{op.name}({', '.join([*operands, *(f'{{{a}}}' for a in op.attributes)])})")


#: What products that select are written with, and how the language writes it.
_WORDS = ((" * ", "*"), (" / ", "/"), ("np.where(", "where("), (" & ", " and "), (" | ", " or "))

LANGUAGE = Target(
    "language",
    {op.name: _spelling(op) for op in operators.values() if isinstance(op, Elementwise)},
    {"pi": "pi"},
)


def formula(root: Node) -> str:
    """Return a scalar of elementwise operations as a formula of the language."""
    texts: dict[Node, Expression] = {}
    for node in topological([root]):
        operands = [texts[x] for x in node.operands]
        text = LANGUAGE.write(node, operands, Requirements())
        if node.op.inverts:
            text = Expression(text.text, text.precedence, inverse=operands[0])
        texts[node] = text
    text = texts[root].text
    for numpy, own in _WORDS:
        text = text.replace(numpy, own)
    return text


def derivative_rules(function: Function) -> list[tuple[str, str]]:
    """Return (operand, partial derivative) for each operand of an elementwise function."""
    if not isinstance(function, Elementwise) or function.dtype != REAL:
        return []
    with interning():
        xs = []
        for i, p in enumerate(function.parameters):
            dtype = BOOL if i in function.booleans else REAL
            xs.append(Indexed(input_(p.name, (), dtype), ()))
        attrs = tuple(1 for _ in function.attributes)
        y = function(*xs, **dict(zip(function.attributes, attrs, strict=True)))
        rules = []
        for i, x in enumerate(xs):
            if x.node.dtype == REAL:
                rule = function.partial(i, y, xs, attrs)
                text = "0" if rule is None else formula(rule.node)
                if rule is not None and rule.node.dtype == BOOL:
                    text = f"1 if {text} else 0"
                rules.append((x.node.name, text))
    return rules


# -- examples --------------------------------------------------------------------------------------


def example_program(function: Function) -> str:
    """Return a program that calls a function: its example, with the declarations it needs."""
    names = [p.name for p in function.parameters if p.kind in ("value", "variable")]
    call = function.example or f"{function.name}({', '.join(names)})"
    if topic(function) == "elementwise":
        return f"f = {call}"
    used = dict.fromkeys(re.findall(r"[^\W\d]\w*(?!\w|\s*[(=])", re.sub(r'"[^"]*"', "", call)))
    lines = [f"{name}: {DECLARED[name]}" for name in used if name in DECLARED]
    return "\n".join([*lines, f"f = {call}"])


def example_code(function: Function) -> tuple[str, str]:
    """Return the example and the code that it compiles to: the gradient, if it has one."""
    program = example_program(function)
    for attempt, emit in ((program, "gradient"), (_summed(program), "gradient"),
                          (program, "forward")):  # fmt: skip
        try:
            compiled = compile_text(Source(attempt), options_from(None, emit, 1, None, True, False))
        except ExprDiffError:
            continue
        return attempt, _body(compiled.text, emit)
    raise ValueError(function.name)


def _summed(program: str) -> str:
    """Return a program whose result is the sum of squares of the given one's."""
    head, _, call = program.rpartition("f = ")
    square = f"({call})" if re.search(r" [-+*/@] ", call) else call
    return f"{head}f = sum({square}^2)"


def _body(text: str, name: str) -> str:
    """Return the statements of a function of an emitted module."""
    lines = text[text.index(f"\ndef {name}(") :].split('"""\n', 1)[1].split("\n\n\n")[0].split("\n")
    kept = [line[4:] for line in lines if " = _checked(" not in line and line[:6] != "    # "]
    return "\n".join(line.rstrip() for line in kept)


# -- pages -----------------------------------------------------------------------------------------


def page(name: str) -> str:
    """Return what there is to know about a function. Raises ExprDiffError if there is none."""
    if name not in REGISTRY:
        mistake = option_messages.no_such_function(name, REGISTRY)
        raise ExprDiffError([mistake.diagnostic(Span(0, 0))], Source(name))
    f = REGISTRY[name]
    rows = [("formula", f.formula)] if f.formula else []
    rules = derivative_rules(f)
    rows += [(f"derivative by {x}" if len(rules) > 1 else "derivative", rule) for x, rule in rules]
    values = [p.name for p in f.parameters if p.kind == "value"]
    domains = f.domains * (len(values) if len(f.domains) == 1 else 1)
    texts = [d.text for d in domains]
    if any(text != "all reals" for text in texts):
        one = len(set(texts)) == 1 or len(texts) == 1
        pairs = zip(values, texts, strict=False)
        rows.append(("domain", texts[0] if one else ", ".join(f"{v}: {t}" for v, t in pairs)))
    if f.convention:
        rows.append(("convention", f.convention))
    if f.synonyms:
        rows.append(("also called", ", ".join(f.synonyms)))
    program, code = example_code(f)
    width = max((len(label) for label, _ in rows), default=0)
    lines = [call_text(f), *wrap(f.doc, 92, initial_indent="    ", subsequent_indent="    "), ""]
    lines += [f"    {label:{width}}  {text}" for label, text in rows]
    if rows:
        lines.append("")
    shown = "the derivative of" if "return df" in code else "the code of"
    lines += ["    example", indent(program, "        "), ""]
    lines += [f"    {shown} the example, as emitted", indent(code, "        ")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def overview() -> str:
    """Return every function with its call and what it is, by topic."""
    parts = []
    for title in TOPICS:
        entries = [f for f in functions() if topic(f) == title]
        parts.append(title)
        parts += [_row(f) for f in entries]
        parts.append("")
    return "\n".join(parts)


def _row(f: Function) -> str:
    head = f"  {call_text(f)}"
    room = 34
    if len(head) >= room:
        return f"{head}\n{'':{room}}{f.doc}"
    return f"{head:{room}}{f.doc}"


def table() -> str:
    """Return the functions by topic as a table in Markdown, synonyms in brackets."""
    rows = []
    for title in TOPICS:
        names = [_named(f) for f in functions() if topic(f) == title]
        rows.append(f"| {title} | {', '.join(names)} |")
    return "\n".join(["| topic | functions |", "| --- | --- |", *rows])


def _named(f: Function) -> str:
    return f"`{f.name}`" + "".join(f" ({s})" for s in f.synonyms)


def document() -> str:
    """Return all pages as a document in Markdown."""
    parts = ["# Functions", "", "What `exprdiff functions NAME` prints, for every function.", ""]
    for title in TOPICS:
        parts += [f"## {title[0].upper()}{title[1:]}", ""]
        for f in functions():
            if topic(f) == title:
                parts += [f"### {f.name}", "", "```text", page(f.name).rstrip(), "```", ""]
    return "\n".join(parts)
