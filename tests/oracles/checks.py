"""What must hold of a compiled program, whatever it computes."""

import warnings
from contextlib import contextmanager

import numpy as np

import exprdiff
from exprdiff.compiler import compile_text, load
from exprdiff.interpret import interpret, sizes_from
from exprdiff.transforms.pipeline import Options
from exprdiff.verify import verify


@contextmanager
def strictly():
    """Every floating-point event and every warning is an error."""
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def plural(values):
    """Several results as a tuple, one as a tuple of one."""
    return values if isinstance(values, tuple) else (values,)


def agree(actual, expected, tolerance, what="", scale=None):
    """Compare by the largest element of `expected` (or `scale`)."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: {actual.shape} is not {expected.shape}"
    size = max(1.0, np.max(np.abs(expected), initial=0.0), scale or 0.0)
    error = np.max(np.abs(actual - expected), initial=0.0) / size
    assert error <= tolerance, f"{what}: {error:.3g} off\n{actual}\n{expected}"


def gradients(module, values, numbers=True):
    """Value and gradient; checks shapes, types, aliases, and that inputs stay as they were.

    Where `numbers` is false, a scalar result may be an integer of Python's.
    """
    before = [np.array(x) for x in values]
    value, found = module.value_and_gradient(*values)
    alone = plural(module.gradient(*values))
    found = plural(found)
    outputs = plural(module.forward(*values))
    for x, old in zip(values, before, strict=True):
        np.testing.assert_array_equal(x, old, err_msg="an input was modified")
        for result in (*outputs, *found, *alone, value):
            assert not np.shares_memory(result, x), "a result shares memory with an input"
    results = [np.asarray(x) for x in (*outputs, *found, *alone)]
    for x in results:
        assert x.flags.writeable, "a result cannot be written"
    # A program of scalars that needs no NumPy keeps Python's numbers: forward(2, 1) is 6.
    if "np" in vars(module):
        for x in (value, *outputs, *found, *alone):
            if numbers or np.shape(x):
                assert np.asarray(x).dtype == np.float64, f"float64, not {np.asarray(x).dtype}"
    wanted = [np.shape(values[module.INPUTS.index(name)]) for name in module.WRT]
    assert [np.shape(x) for x in found] == wanted, "a gradient has the shape of its input"
    assert [np.shape(x) for x in alone] == wanted
    for a, b in zip(alone, found, strict=True):
        agree(a, b, 1e-14, "gradient and value_and_gradient")
    return outputs, value, found


def verified(source, **options):
    """Compile with every graph verified after every pass; return the passes and their module."""
    passes = []

    def watch(name, roots):
        passes.append(name)
        verify(roots)

    optimize = options.pop("optimize", 1)
    wrt = options.pop("wrt", None)
    chosen = Options(
        tuple(wrt) if wrt else None, options.pop("of", None), None, optimize, **options
    )
    compiled = compile_text(source, chosen, watch)
    return passes, load(compiled)


def interpreted(module, values):
    """Evaluate the graph of `module` by the book; return the gradient and the outputs."""
    derived = module.graph
    inputs = [x.node for x in derived.inputs]
    sizes = sizes_from(inputs, values)
    given = dict(zip(inputs, values, strict=True))
    partials = [node for node, _ in derived.functions["gradient"]]
    outputs = [node for node, _ in derived.functions["forward"]]
    found = interpret([*partials, *outputs], given, sizes)
    return found[: len(partials)], found[len(partials) :]


def compiled(source, **options):
    return exprdiff.compile(source, **options)
