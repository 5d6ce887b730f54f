"""Random programs with tensors: Jacobians, Hessians and products, at both levels, against JAX.

A seed gives a program and a point. Where JAX finds nothing to compare with (a singular point, a
number too large), another program is drawn for that seed.
"""

from itertools import count

import pytest
from oracles.product_checks import check, draw, smallest, tame


def hold(seed, whole=False, **shape):
    """Check the first program of a seed that can be compared; report a small one that fails."""
    for attempt in count():
        number = seed + 1_000_000 * attempt
        p, values = draw(number, **shape)
        if not tame(p, values):
            continue
        try:
            if check(p, values, whole):
                return
        except Exception as error:
            small, message = smallest(p, number)
            raise AssertionError(f"seed {seed}:\n{p.source}\nor\n{small}\n{message}") from error


@pytest.mark.parametrize("seed", range(24))
def test_products_agree(seed):
    """Products with the derivatives in one direction, which no wrong element survives."""
    hold(seed)


@pytest.mark.parametrize("seed", range(100, 104))
def test_whole_matrices_agree(seed):
    hold(seed, whole=True)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(60))
def test_products_of_more_programs_agree(block):
    for seed in range(1000 + 10 * block, 1010 + 10 * block):
        hold(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_products_of_larger_programs_agree(block):
    for seed in range(5000 + 5 * block, 5005 + 5 * block):
        hold(seed, most=5, depth=4)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_more_whole_matrices_agree(block):
    for seed in range(9000 + 5 * block, 9005 + 5 * block):
        hold(seed, whole=True)
