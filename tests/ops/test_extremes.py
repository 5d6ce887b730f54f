"""No NumPy warning from emitted code on any input for which the result is finite."""

import warnings

import numpy as np
import pytest
from ops.support import PUBLIC_ELEMENTWISE, derivative, exact, operand_points

import exprdiff
from exprdiff.ops import REGISTRY

EXTREMES = (0.0, 1.0, 0.5, 20.0, 700.0, 1e4, 1e300, 1e-300)


def strictly(function, *values):
    """Call with every event that NumPy would warn of an error."""
    with np.errstate(over="raise", divide="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        return function(*values)


def extremes(name):
    points = operand_points(name)
    if len(REGISTRY[name].parameters) == 1:
        domain = REGISTRY[name].domains[0]
        chosen = {s * x for x in EXTREMES for s in (1, -1) if domain.low <= s * x <= domain.high}
        edges = {x for (x,) in points[:3] + points[-3:] if domain.low <= x <= domain.high}
        return [(x,) for x in sorted(chosen | edges)]
    return points[:: max(1, len(points) // 60)]


#: Derivatives that hold x^2, which overflows above 1e154 on its way to a finite result.
SQUARES = {"atan", "erf", "erfc", "gelu", "normcdf"}


@pytest.mark.parametrize("name", PUBLIC_ELEMENTWISE)
def test_emitted_code_does_not_warn(name):
    names = "uvw"[: len(REGISTRY[name].parameters)]
    module = exprdiff.compile(f"y = {name}({', '.join(names)})")
    for operands in extremes(name):
        value = exact(name, operands)
        if value is None:
            continue
        if name in SQUARES and abs(operands[0]) > 1e154:
            continue
        got = strictly(module.forward, *operands)
        assert np.isfinite(got), operands
        if any(abs(x) > 1e150 or 0 < abs(x) < 1e-20 for x in operands):
            slopes = [None] * len(names)  # too far out for differences
        else:
            slopes = [derivative(name, operands, (i,)) for i in range(len(names))]
        with np.errstate(all="ignore"):
            found = np.atleast_1d(module.gradient(*operands))
        if np.all(np.isfinite(found)):
            strictly(module.gradient, *operands)
            strictly(module.value_and_gradient, *operands)
        for mine, right in zip(found, slopes, strict=True):
            if right is not None:
                assert np.isfinite(mine), operands


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax", "max", "min", "norm1",
                                  "norminf", "mean", "sum"])  # fmt: skip
def test_reductions_do_not_warn(name):
    module = exprdiff.compile(f"x: real[n]\nu = {name}(x)\nJ = sum(u)\nreturn u, J", of="J")
    for x in ([0.0, 0.0], [1e4, -1e4], [700.0, 710.0, -745.0], [1e300, -1e300, 1e299], [-1e300]):
        value, _ = strictly(module.forward, np.array(x))
        assert np.all(np.isfinite(value))
        assert np.all(np.isfinite(strictly(module.gradient, np.array(x))))


@pytest.mark.parametrize(
    "loss, targets",
    [
        ("cross_entropy(z, t)", np.eye(3)),
        ("binary_cross_entropy(z, t)", np.eye(3)),
        ("mae(z, t)", np.eye(3)),
    ],
)
@pytest.mark.parametrize("size", [1.0, 1e4, 1e300])
def test_losses_do_not_warn(loss, targets, size):
    module = exprdiff.compile(f"z: real[n, n]\ndata t: real[n, n]\nJ = {loss}")
    z = np.array([[1.0, -1.0, 0.0], [-0.5, 0.25, 1.0], [0.0, 0.0, 0.0]]) * size
    assert np.isfinite(strictly(module.forward, z, targets))
    found = strictly(module.gradient, z, targets)
    assert np.all(np.isfinite(found))
