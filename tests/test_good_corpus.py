"""The emitted text of good programs, byte for byte: what a reader of exprdiff's output sees.

``python -m pytest tests/test_good_corpus.py --update-golden`` writes the files anew; read the
difference before you commit it.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import exprdiff

CORPUS = Path(__file__).parent / "corpus" / "good"
PROGRAMS = sorted(CORPUS.glob("*.expr"))
WHOLE = ("colah", "rosenbrock", "quadratic", "local_colah")  # kept with docstring and constants
LONGEST = 60

#: What is asked for where it is not the gradient alone.
OPTIONS = {
    "colah": {},
    "rosenbrock": {},
    "logistic": {"emit": ["gradient", "value_and_gradient"]},
    "attention": {"checks": False, "emit": ["value_and_gradient"]},
    "outputs": {"of": "J", "emit": ["forward", "gradient"]},
    "hessian_logistic": {"emit": "hessian", "wrt": "w"},
    "hessian_softmax": {"emit": "hessian"},
    "hessian_factorisation": {"emit": "hessian"},
    "hessian_rosenbrock": {"emit": "hessian"},
    "hessian_blocks": {"emit": "hessian"},
    "hessian_logdet": {"emit": "hessian"},
    "jacobian_network": {"emit": "jacobian"},
    "jacobian_softmax": {"emit": ["jacobian", "jacobian_sparse"]},
    "jacobian_outputs": {"emit": "jacobian"},
    "sparse_laplacian": {"emit": "hessian_sparse"},
    "sparse_stencil": {"emit": ["jacobian_sparse", "jacobian_sparsity"]},
    "products_network": {"emit": ["jvp", "vjp"], "checks": True},
    "hvp_logistic": {"emit": "hvp"},
    "local_colah": {"emit": "local"},
    "by_names": {"wrt": "w,z,p", "emit": "gradient"},
}
#: The examples of a calculator of matrix derivatives: Jacobians and Hessians.
OPTIONS |= {
    f"mc_{name}": {"emit": "jacobian", "checks": False}
    for name in (
        "exp_inside", "linear_map", "fn_inv_jacobian", "spring", "layer_by_weights",
        "half_square", "exp_outside",
    )
} | {
    f"mc_{name}_hessian": {"emit": "hessian", "checks": False}
    for name in (
        "quadratic", "quadratic_half", "symmetric", "least_squares", "logistic", "factorisation",
        "log_sum_exp", "sum_exp",
    )
}


def emitted(path):
    options = {"emit": ["gradient"], "checks": path.stem == "quadratic"}
    if path.stem in OPTIONS:
        options = {"checks": False} | OPTIONS[path.stem]
    return exprdiff.emit(path.read_text(encoding="utf-8"), **options)


def shown(path, text):
    """What the golden file keeps: all, or the code between docstring and constants."""
    if path.stem in WHOLE:
        return text
    body = text.split('"""\n', 2)[1] if text.count('"""\n') > 1 else text
    code = text[text.index("\n\nimport numpy") + 2 :] if "\n\nimport numpy" in text else body
    return code[: code.index("\n\n\nINPUTS = ")] + "\n"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_golden(path, update_golden):
    text = shown(path, emitted(path))
    update_golden(path.with_suffix(".py"), text)
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_style(path):
    """Lines fit, every name assigned is read, headings quote the source, no arithmetic with 1."""
    text = emitted(path)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)
    idle = r"[*/] 1\b(?!\.)|\b1 \*|(?<![\w.])0 \+|\+ 0(?![\w.])"
    assert not re.search(idle, text.split('"""')[2])
    source = path.read_text(encoding="utf-8").splitlines()
    for number, quoted in re.findall(r"^    # (\d+): (.*)$", text, re.M):
        assert source[int(number) - 1].strip().startswith(quoted.removesuffix(" ..."))
    tree = ast.parse(text)
    for function in [f for f in tree.body if isinstance(f, ast.FunctionDef)]:
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
        single = {
            t.id
            for a in ast.walk(function)
            if isinstance(a, ast.Assign)
            for t in a.targets
            if isinstance(t, ast.Name)
        }
        assert single <= read, function.name


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_emission_is_deterministic(path):
    assert emitted(path) == emitted(path)


def test_the_linter_finds_nothing(tmp_path):
    for path in PROGRAMS:
        (tmp_path / f"m_{path.stem}.py").write_text(emitted(path), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=100"]
    rules = "E,F,W,I,B,UP,SIM,PIE,RET504,C4,PLE"
    found = subprocess.run(
        [*command, f"--select={rules}", "--ignore=RET504", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
