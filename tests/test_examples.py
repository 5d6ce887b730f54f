"""Every example runs by its one command, and prints the numbers it is there to show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def run(tmp_path):
    """Run an example's script, away from the checkout; return what it printed."""

    def run(name, *arguments):
        command = [sys.executable, str(EXAMPLES / name / "run.py"), *map(str, arguments)]
        environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Warning" not in done.stderr
        return done.stdout

    return run


def test_every_example_is_tested():
    scripts = {path.parent.name for path in EXAMPLES.glob("*/run.py")}
    assert scripts == {"colah", "logistic", "mlp", "nist"}


def test_colah(run):
    printed = run("colah")
    for level in 0, 1:
        assert f"-O{level}: forward(2, 1) = 6, gradient(2, 1) = (2, 5)\n" in printed
    assert printed.count("def gradient(a, b):") == 2


def test_logistic(run):
    printed = run("logistic")
    rows = re.findall(r"^ *(w\[\d+\]|intercept) +(\S+) +(\S+)$", printed, re.M)
    assert len(rows) == 31
    for _, ours, theirs in rows:
        assert float(ours) == pytest.approx(float(theirs), rel=1e-5)
    assert float(re.search(r"^loss: (\S+)", printed, re.M)[1]) == pytest.approx(0.06636, abs=1e-5)
    assert float(re.search(r"^accuracy: (\S+)", printed, re.M)[1]) > 0.98


@pytest.mark.slow
def test_mlp(run, tmp_path):
    plot = tmp_path / "losses.png"
    printed = run("mlp", "--plot", plot)
    line = r"^(\w+)\.expr: loss (\S+) -> (\S+), held-back accuracy (\S+)$"
    results = {name: map(float, rest) for name, *rest in re.findall(line, printed, re.M)}
    assert set(results) == {"book", "deep"}
    for first, last, accuracy in results.values():
        assert last < first / 10
        assert accuracy > 0.95
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_nist(run):
    printed = run("nist")
    line = r"^\W*(\w+)\W+(\d)\W+([\d.]+)\W+([\d.]+)\W+(\d+ \+ \d+)\W+(\S+)\W*$"
    rows = {name: rest for name, *rest in re.findall(line, printed, re.M)}
    certified = {
        "Misra1a": (2, 1.2455138894e-01),
        "Hahn1": (7, 1.5324382854e00),
        "Rat43": (4, 8.7864049080e03),
        "MGH09": (4, 3.0750560385e-04),
        "Thurber": (7, 5.6427082397e03),
        "Eckerle4": (3, 1.4635887487e-03),
    }
    assert set(rows) == set(certified)
    for name, (parameters, residual_sum) in certified.items():
        count, start_1, start_2, _, fitted = rows[name]
        assert int(count) == parameters
        assert min(float(start_1), float(start_2)) >= 6
        assert float(fitted) == pytest.approx(residual_sum, rel=1e-9)
