"""Every program of the table with every function that can be asked of it: they agree.

The Jacobian times a direction is ``jvp``, a cotangent times it is ``vjp``; the Hessian is symmetric
and times a direction it is ``hvp``; sparse derivatives are the dense ones; along the edges of
``local`` the chain rule holds; and the emitted text is in order, whatever was asked.
"""

import ast

import numpy as np
import pytest
import scipy.sparse
from oracles.checks import strictly
from oracles.programs import PROGRAMS

import exprdiff

KINDS = [
    "gradient", "jvp", "vjp", "hessian", "hvp", "local", "jacobian", "jacobian_sparse",
    "jacobian_sparsity", "hessian_sparse", "hessian_sparsity",
]  # fmt: skip
CASES = [pytest.param(p, id=p.name.replace(" ", "-")) for p in PROGRAMS]
WIDTH = 100
LARGEST = 400  # elements of the inputs whose second derivatives are computed


def several(value):
    return value if isinstance(value, tuple) else (value,)


def ways(shapes, salt):
    """Arrays of these shapes that look random, the same every time."""
    return [np.cos(salt + 1.7 * np.arange(int(np.prod(s)))).reshape(s) for s in shapes]


def close(a, b, scale=1.0):
    assert np.shape(a) == np.shape(b)
    scale = max(1.0, scale, np.max(np.abs(b), initial=0.0))
    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10 * scale)


def whole(result, shape):
    """The matrix that a sparse result stands for."""
    if isinstance(result, np.ndarray):
        return (np.diag(result) if result.ndim == 1
                else scipy.sparse.block_diag(list(result)).toarray())  # fmt: skip
    first, second = result
    if isinstance(first, tuple):
        return scipy.sparse.diags_array(first, offsets=second, shape=shape).toarray()
    return scipy.sparse.coo_array(result, shape=shape).toarray()


def matches(dense, sparse, pattern, rows):
    matrix = np.reshape(dense, (rows, -1))
    close(np.reshape(whole(sparse, matrix.shape), matrix.shape), matrix)
    assert pattern.shape == matrix.shape
    assert np.all(pattern[matrix != 0])


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("p", CASES)
def test_they_agree(p, level):
    module = exprdiff.compile(p.source, emit=KINDS, optimize=level, **p.options)
    assert max(map(len, module.source.splitlines())) <= max(WIDTH, *map(len, p.source.splitlines()))
    ast.parse(module.source)
    values = p.values(p.sizes[0])
    with np.errstate(all="ignore") if level == 0 else strictly():
        gradient = several(module.gradient(*values))
        u, v = (ways([np.shape(g) for g in gradient], salt) for salt in (0.3, 1.1))
        tangents = several(module.jvp(*values, *v))
        cotangents = ways([np.shape(t) for t in tangents], 0.7)
        back = several(module.vjp(*values, *cotangents))
        left = sum(np.vdot(c, t) for c, t in zip(cotangents, tangents, strict=True))
        right = sum(np.vdot(b, d) for b, d in zip(back, v, strict=True))
        close(left, right, sum(np.abs(b * d).sum() for b, d in zip(back, v, strict=True)))
        jacobian = module.jacobian(*values)
        rows = jacobian if len(tangents) > 1 else (jacobian,)
        for k, (row, tangent) in enumerate(zip(rows, tangents, strict=True)):
            blocks = several(row)
            moved = sum(np.tensordot(j, d, np.ndim(d)) for j, d in zip(blocks, v, strict=True))
            close(moved, tangent, sum(np.abs(j).max(initial=0) for j in blocks))
            sparse = module.jacobian_sparse(*values)
            pattern = module.jacobian_sparsity(*values)
            if len(tangents) > 1:
                sparse, pattern = sparse[k], pattern[k]
            if len(blocks) == 1:
                sparse, pattern = (sparse,), (pattern,)
            for j, s, q in zip(blocks, sparse, pattern, strict=True):
                matches(j, s, q, np.size(tangent))
        with np.errstate(all="ignore"):  # the value of a branch that is not taken is a value, too
            derivatives = module.local(*values)[2]
        for name, g in zip(module.WRT, gradient, strict=True):
            close(derivatives[name], g)
        if sum(map(np.size, gradient)) > LARGEST:
            return
        along = several(module.hvp(*values, *v))
        hessian = module.hessian(*values)
        table = hessian if len(gradient) > 1 else ((hessian,),)
        scale = max(np.max(np.abs(h), initial=0) for row in table for h in row)
        for row, g, h in zip(table, gradient, along, strict=True):
            moved = sum(np.tensordot(b, d, np.ndim(d)) for b, d in zip(row, v, strict=True))
            close(np.reshape(moved, np.shape(g)), h, scale)
        for i, row in enumerate(table):
            for j, block in enumerate(row):
                other, cut = table[j][i], np.ndim(gradient[j])
                order = [*range(cut, np.ndim(other)), *range(cut)]
                close(block, np.transpose(other, order), scale)
        sparse, pattern = module.hessian_sparse(*values), module.hessian_sparsity(*values)
        if len(gradient) == 1:
            sparse, pattern = ((sparse,),), ((pattern,),)
        for row, s_row, q_row, g in zip(table, sparse, pattern, gradient, strict=True):
            for block, s, q in zip(row, s_row, q_row, strict=True):
                matches(block, s, q, np.size(g))
        close(sum(np.vdot(a, b) for a, b in zip(u, along, strict=True)),
              sum(np.vdot(a, b) for a, b in zip(several(module.hvp(*values, *u)), v, strict=True)),
              scale)  # fmt: skip
