"""Subscripts drawn at random, read by exprdiff and by NumPy; their gradients against JAX."""

import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import exprdiff

jax.config.update("jax_enable_x64", True)

VALUES = {
    "T": np.random.default_rng(0).normal(size=(3, 4, 5)),
    "k": np.array([0, 2, 1, 1]), "j": np.array([1, 0, 2, 2]), "i": np.array(2),
    "m": np.array([True, False, True]), "c": np.array([False, True, True, False]),
}  # fmt: skip
DECLARED = (
    "T: real[3, 4, 5]\ndata k, j: int[4]\ndata i: int\ndata m: bool[3]\ndata c: bool[4]\n"
)
CHOICES = ("0", "-1", "1:", "::2", "::-1", ":", "...", "None", "k", "j", "i", "m", "c", "1:3",
           "-2:", "k[:2]", "j[1:3]", "k[:, None]")  # fmt: skip


def read(subscripts, array):
    """NumPy's reading, or None where it refuses."""
    try:
        return eval(f"T[{subscripts}]", {}, {**VALUES, "T": array})
    except IndexError:
        return None


def compiled(program):
    """The module, or None and the message."""
    try:
        return exprdiff.compile(program, of="J"), ""
    except exprdiff.ExprDiffError as error:
        return None, str(error)


@pytest.mark.parametrize("seed", range(12))
def test_as_numpy_reads_them(seed):
    draw = random.Random(seed)
    tried = 0
    for _ in range(14):
        subscripts = ", ".join(draw.choices(CHOICES, k=draw.randint(1, 4)))
        want = read(subscripts, VALUES["T"])
        program = f"{DECLARED}u = T[{subscripts}]\nJ = sum(sin(u))\nreturn u, J"
        module, message = compiled(program)
        if module is None:
            # A count of what a mask chooses is no other size, though NumPy may find them equal.
            assert want is None or "count(" in message, subscripts
            continue
        assert want is not None, subscripts
        got = module.forward(**VALUES)[0]
        assert np.shape(got) == want.shape, subscripts
        np.testing.assert_array_equal(got, want)
        slope = jax.grad(lambda T, s=subscripts: jnp.sum(jnp.sin(read(s, T))))(VALUES["T"])
        np.testing.assert_allclose(module.gradient(**VALUES), slope, atol=1e-12)
        tried += 1
    assert tried
