"""Evaluate a graph with NumPy, one node at a time and by the book: the oracle of the tests.

Contractions are evaluated over the whole space of their labels, selections by ``where``; slow, and
plain enough to be believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from .dims import Dim, count_of, evaluate
from .graph import (
    ADD,
    ARANGE,
    BOOL,
    CONSTANT,
    CONTRACT,
    EYE,
    INPUT,
    MAP,
    NUMBER,
    SIZE,
    Node,
    topological,
)
from .ops.define import Along, Core, Elementwise, Reduction, Spelling
from .ops.indexing import Indexing, Plan, counted, index, labelled, nonzero
from .ops.shaping import Shaping

DTYPES = {"real": float, "int": np.int64, "bool": bool}


def sizes_from(inputs: Sequence[Node], values: Sequence) -> dict[str, int]:
    """Return the number that each size name stands for, read off the shapes of input values."""
    sizes: dict[str, int] = {}
    for node, value in zip(inputs, values, strict=True):
        for size, actual in zip(node.shape, np.shape(value), strict=True):
            if isinstance(size, Dim) and size.is_name:
                sizes[str(size)] = actual
        if node.dtype == BOOL:
            sizes[str(count_of(node.name))] = np.count_nonzero(value)
    return sizes


def interpret(
    roots: Sequence[Node], values: Mapping[Node, object], sizes: Mapping[str, int] | None = None
) -> list[np.ndarray]:
    """Return the value of each of `roots`, given one for every input node.

    Without `sizes` they are read off the inputs' shapes. Floating-point warnings are silent: nan
    and inf come out as they are.
    """
    known = dict(sizes or sizes_from(list(values), list(values.values())))
    results: dict[Node, np.ndarray] = {}
    with np.errstate(all="ignore"):
        for node in topological(roots):
            if node.op is INPUT:
                results[node] = np.asarray(values[node], dtype=DTYPES[node.dtype])
            else:
                results[node] = _evaluate(node, [results[x] for x in node.operands], known)
    return [results[root] for root in roots]


def _evaluate(node: Node, operands: list[np.ndarray], sizes: dict[str, int]) -> np.ndarray:
    op = node.op
    shape = tuple(evaluate(n, sizes) for n in node.shape)
    if op is NUMBER:
        return np.asarray(node.value if node.dtype == BOOL else float(node.value))
    if op is CONSTANT:
        return np.asarray(float(node.value))
    if op is SIZE:
        return np.asarray(float(evaluate(node.attrs[0], sizes)))
    if op is EYE:
        return np.eye(shape[0])
    if op is ARANGE:
        return np.arange(shape[0])
    if op is CONTRACT:
        return _contract(node, operands, shape)
    if op is ADD:
        result = np.zeros(shape)
        for c, value, labels in zip(node.attrs, operands, node.labels, strict=True):
            result = result + float(c) * _spread(value, labels, node.rank)
        return np.broadcast_to(result, shape).copy()
    if op.family == MAP:
        assert isinstance(op, Elementwise)
        spread = [_spread(v, ls, node.rank) for v, ls in zip(operands, node.labels, strict=True)]
        attrs = dict(zip(op.attributes, node.attrs, strict=True))
        result = function(op.numpy, len(spread))(*spread, **attrs)
        return np.broadcast_to(np.asarray(result, dtype=DTYPES[node.dtype]), shape).copy()
    if isinstance(op, Reduction):
        (labels,) = node.labels
        over = tuple(i for i, k in enumerate(labels) if k >= node.rank)
        order = [*(k for k in labels if k < node.rank)]
        axis = "" if len(over) == len(labels) else f", axis={_axes(over)}"
        result = function(op.numpy, 1)(operands[0], axis=axis)
        return np.transpose(result, np.argsort(order)) if order else np.asarray(result)
    if op is nonzero:
        return np.flatnonzero(operands[0])
    if isinstance(op, Indexing):
        return _indexing(node, operands, shape, sizes)
    if isinstance(op, Shaping):
        fields = op.fields(node, lambda size: str(evaluate(size, sizes)))
        return function(op.numpy, len(operands))(*operands, **fields).copy()
    if isinstance(op, Core):
        return np.broadcast_to(_core(node, operands, shape, sizes), shape).copy()
    assert isinstance(op, Along), op
    along = _axes(node.attrs[0])
    spread = [_spread(v, ls, node.rank) for v, ls in zip(operands, node.labels, strict=True)]
    return np.broadcast_to(
        function(op.numpy, len(spread))(*spread, along=along, axis=f", axis={along}"), shape
    ).copy()


def _axes(axes: tuple[int, ...]):
    """Return axes as NumPy's functions of one axis take them, too."""
    return axes[0] if len(axes) == 1 else axes


def _spread(value: np.ndarray, labels: Sequence[int], rank: int) -> np.ndarray:
    """Arrange `value` over the labels ``0..rank-1``, with axes of size 1 where it has none.

    A repeated label takes the diagonal.
    """
    distinct = list(dict.fromkeys(labels))
    if len(distinct) < len(labels):
        letters = {k: chr(97 + i) for i, k in enumerate(distinct)}
        spec = "".join(letters[k] for k in labels) + "->" + "".join(letters.values())
        value = np.einsum(spec, value)
    value = np.transpose(value, np.argsort(distinct))
    index = tuple(slice(None) if k in distinct else None for k in range(rank))
    return value[index]


def _contract(node: Node, operands: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    rank = 1 + max((k for ls in node.labels for k in ls), default=node.rank - 1)
    rank = max(rank, node.rank)
    result = np.asarray(float(node.coefficient))
    divisors = []
    selected = np.asarray(True)
    for x, value, labels in zip(node.operands, operands, node.labels, strict=True):
        spread = _spread(value, labels, rank)
        if x.dtype == BOOL:
            selected = selected & spread
        elif x.op.inverts:
            divisors.append(1 / spread)
        else:
            result = result * spread
    for divisor in divisors:
        result = result / divisor
    result = np.where(selected, result, 0.0)
    result = np.sum(result, axis=tuple(range(node.rank, result.ndim)))
    return np.broadcast_to(result, shape).copy()


def _core(node: Node, operands: list[np.ndarray], shape: tuple[int, ...], sizes) -> np.ndarray:
    ranks = node.op.ranks
    batch = node.rank - ranks[-1]
    arranged = []
    for value, labels, rank in zip(operands, node.labels, ranks, strict=False):
        cut = len(labels) - rank
        axes = {k: i for i, k in enumerate(labels[:cut])}
        value = np.transpose(
            value, [axes[k] for k in range(batch) if k in axes] + list(range(cut, len(labels)))
        )
        index = tuple(slice(None) if k in axes else None for k in range(batch))
        arranged.append(value[(*index, ...)])
    attrs = {k: _numbers(v, sizes) for k, v in zip(node.op.attributes, node.attrs, strict=True)}
    attrs["offset"] = f", {attrs.get('offset', 0)}"
    attrs["batch"] = "".join(f"{n}, " for n in shape[:batch])
    if "columns" in node.op.numpy.layout:
        a, b = arranged
        return function(node.op.numpy, 2)(a, b[..., None])[..., 0]
    return function(node.op.numpy, len(arranged))(*arranged, **attrs)


def _indexing(node: Node, operands: list[np.ndarray], shape, sizes) -> np.ndarray:
    reads = node.op is index
    part = node.axes if reads else node.labels[0]
    whole = node.labels[0] if reads else node.axes
    items = labelled(node.attrs[0], part)
    plan = Plan.of(items, whole, node.labels[1:])
    dims = node.operands[0].shape if reads else node.shape
    arrays = []
    for value, labels in zip(operands[1:], node.labels[1:], strict=True):
        arrays.append(_spread(value, [plan.block.index(k) for k in labels], len(plan.block)))
    chosen: list = []
    for i, item in enumerate(items):
        if i in plan.aranges:
            axis = plan.block.index(item[4] if item[0] == "slice" else whole[i])
            bounds = [evaluate(v, sizes) for v in counted(dims[i], item)]
            steps = bounds[1] + bounds[2] * np.arange(bounds[0])
            chosen.append(_spread(steps, [axis], len(plan.block)))
        elif item[0] == "array":
            chosen.append(arrays[item[1] - 1])
        elif item[0] == "int":
            chosen.append(evaluate(item[1], sizes))
        elif item[0] == "slice":
            bounds = [None if v is None else evaluate(v, sizes) for v in item[1:4]]
            chosen.append(slice(*bounds))
        else:
            chosen.append(slice(None))
    if reads:
        value = operands[0][tuple(chosen)]
        return np.transpose(value, [plan.part.index(k) for k in node.axes]).copy()
    result = np.zeros(shape)
    value = np.transpose(operands[0], [part.index(k) for k in plan.part])
    np.add.at(result, tuple(chosen), value)
    return result


def _numbers(value, sizes: dict[str, int]):
    if isinstance(value, tuple):
        return ", ".join(str(_numbers(v, sizes)) for v in value)
    return evaluate(value, sizes)


@cache
def function(spelling: Spelling, count: int):
    """Return the Python function that `spelling` writes, of `count` operands."""
    names = [f"x{i}" for i in range(count)]
    fields = {"axis": "{axis}", "along": "{along}", "order": "{order}"}
    namespace: dict = {"np": np}
    if spelling.imports:
        exec(spelling.imports, namespace)
    if spelling.helper:
        exec(spelling.helper.text, namespace)

    @cache
    def compiled(options: tuple):
        chosen = {**fields, **dict(options), "operands": ", ".join(names)}
        chosen["rest"] = ", ".join(names[2:])
        text = spelling.template.format(*(f"({x})" for x in names), **chosen)
        return eval(f"lambda {', '.join(names)}: {text}", namespace)

    def apply(*values, **options):
        return compiled(tuple(options.items()))(*values)

    return apply
