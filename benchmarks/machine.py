"""One thread for everybody, and the facts of the machine; imports nothing that computes."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

#: What libraries read when they are imported, so it is set before they are.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}
XLA_FLAGS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
PACKAGES = ("numpy", "scipy", "jax", "autograd", "sympy")
_PREFIXES = ("OPENBLAS_", "OMP_", "MKL_", "BLIS_", "GOTO_", "XLA_", "JAX_", "NPY_")


def one_thread() -> list[str]:
    """Hold this process to one thread; return what was done, and what others had set, as lines.

    Raises RuntimeError where NumPy is imported already: it would not read the variables any more.
    """
    if "numpy" in sys.modules:
        raise RuntimeError("the number of threads must be set before NumPy is imported")
    found = {name: value for name, value in os.environ.items() if name.startswith(_PREFIXES)}
    os.environ.update(ONE_THREAD)
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {XLA_FLAGS}".strip()
    lines = [f"Threads: one, by {', '.join(ONE_THREAD)} and XLA_FLAGS"]
    if hasattr(os, "sched_setaffinity"):
        # The last core: the first one often serves interrupts. `taskset` chooses another.
        core = max(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {core})
        lines[0] += f"; the process is pinned to core {core}"
    if others := {name: value for name, value in found.items() if os.environ[name] == value}:
        # Some of these choose slower kernels, so none goes unsaid.
        said = ", ".join(f"{name}={value}" for name, value in sorted(others.items()))
        lines.append(f"Set from outside and in force: {said}")
    if hasattr(os, "getloadavg"):
        lines.append(f"Load of the machine before: {os.getloadavg()[0]:.1f}")
    return lines


def cpu() -> str:
    """The processor's name and the number of its cores that this machine has."""
    name = platform.processor() or platform.machine()
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        models = [x for x in listed.read_text("utf-8").splitlines() if x.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {os.cpu_count()} cores"


def blas() -> str:
    """The libraries of threads that are loaded, with kernel and number of threads."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "kernels unknown: threadpoolctl is not installed"
    if find_spec("scipy"):
        # JAX takes its LAPACK from SciPy, but loads it late: it is to be named in every case.
        importlib.import_module("scipy.linalg")
    said = []
    for pool in threadpool_info():
        kernel = f", {pool['architecture']} kernels" if pool.get("architecture") else ""
        threads = "1 thread" if pool["num_threads"] == 1 else f"{pool['num_threads']} threads"
        version = f" {pool['version']}" if pool.get("version") else ""
        parts = Path(pool["filepath"]).parts
        owners = (f" of {name}" for name in PACKAGES if {name, f"{name}.libs"} & set(parts))
        said.append(f"{pool['internal_api']}{version}{next(owners, '')}{kernel}, {threads}")
    return "; ".join(sorted(set(said))) or "no pool of threads is loaded"


def versions() -> str:
    """The versions of Python and of every package that may take part."""
    said = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            said.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            said.append(f"no {name}")
    return ", ".join(said)


def facts() -> list[str]:
    """The machine, its BLAS and the versions, as lines; call it when the libraries are loaded."""
    return [f"CPU: {cpu()}; one thread", f"BLAS: {blas()}", f"Versions: {versions()}"]
