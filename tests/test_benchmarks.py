"""Every benchmark at a small size: all contenders agree. No time is looked at."""

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
HELPERS = {"__init__", "__main__", "harness", "machine", "peers", "report"}


def load():
    """Import the package from its folder: the checkout is not on sys.path."""
    spec = importlib.util.spec_from_file_location(
        "benchmarks", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks"] = package
    spec.loader.exec_module(package)
    return package


WORKLOADS, TABLES = load().WORKLOADS, load().TABLES
harness = importlib.import_module("benchmarks.harness")
report = importlib.import_module("benchmarks.report")
Case, Contender, Goal = harness.Case, harness.Contender, harness.Goal


@pytest.mark.parametrize("name", WORKLOADS)
def test_contenders_agree(name):
    cases = list(importlib.import_module(f"benchmarks.{name}").cases(small=True))
    assert cases
    for case in cases:
        assert case.contenders[0].name == "exprdiff"
        ready, skipped = harness.prepare(case)
        assert len(ready) == len(case.contenders)
        assert not skipped
        for goal in case.goals:
            assert any(c.name.startswith(goal.peer) for c in case.contenders)


def test_every_module_is_a_workload_and_in_the_readme():
    modules = {path.stem for path in FOLDER.glob("*.py")}
    assert modules == HELPERS | set(WORKLOADS) | set(TABLES)
    text = report.README.read_text(encoding="utf-8")
    listed = text.partition("## How it is measured")[0]
    assert re.findall(r"^\| \[(\w+)\]\(\1\.py\) \|", listed, re.M) == [*WORKLOADS, *TABLES]
    marks = re.findall(r"<!-- begin (\w+) -->\n.*?<!-- end \1 -->", text, re.S)
    assert marks == ["machine", "summary", *WORKLOADS, *TABLES]


def result(*values, goals=(), **options):
    """A measured case whose contenders return the values."""
    contenders = [
        Contender(f"c{i}", lambda value=value: lambda: value, **(options if i else {}))
        for i, value in enumerate(values)
    ]
    found = harness.measure(Case("a case", contenders, goals), seconds=0.01)
    found.share = 1.0  # whatever else the machine was doing
    return found


def test_results_that_differ_are_refused_before_timing():
    with pytest.raises(AssertionError, match=r"a case: c1: off by 1\.0e-09, more than 1e-10"):
        result(np.ones(2), np.array([1.0, 1 + 1e-9]))
    with pytest.raises(AssertionError, match="off by nan"):
        result(1.0, np.nan)
    with pytest.raises(AssertionError, match="shapes"):
        result(np.ones(2), np.ones((1, 2)))
    with pytest.raises(AssertionError, match="float32"):
        result(1.0, np.float32(1.0))


def test_a_looser_tolerance_is_said_with_its_reason():
    found = result((1.0, 2.0), (1.0, 2.0 + 1e-9), tolerance=1e-8, because="it rounds")
    assert found.timings[1].error == pytest.approx(5e-10, rel=1e-3)
    assert "c1 is held to 1e-08 only: it rounds." in found.remarks()


def test_a_peer_that_is_not_installed_is_left_out_with_a_line():
    found = result(1.0, 1.0, needs="no_such_package", goals=[Goal("c1", 2)])
    assert [timing.name for timing in found.timings] == ["c0"]
    assert found.remarks() == [
        "Goal: at least 2 times as fast as c1; not measured.",
        "Left out: c1, since no_such_package is not installed.",
    ]


def test_who_is_faster_and_goals_missed_are_said():
    found = result(1.0, 1.0, goals=[Goal("c1"), Goal("c1", 0.2)])
    found.share = 0.5
    for timing, samples in zip(found.timings, ([2.0, 4.0, 3.0], [5.0, 1.0, 9.0]), strict=True):
        timing.samples = samples
    assert found.remarks() == [
        "Goal: not slower than c1; missed, at 0.50.",
        "Goal: at least 0.2 times as fast as c1; reached, at 0.50.",
        "Faster than c0: c1 (0.50).",
        "Disturbed: this process had 50% of its core's time.",
    ]
    shown = report.markdown(found)
    assert "| c1 | 5.00 s | 1.00 s | 1.67 | 0.50 | | 0e+00 |" in shown
    assert "missed" in report.plain(found)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.5, "2.50 s"), (0.9996, "1000 ms"), (0.0123, "12.3 ms"), (9.996e-3, "10.0 ms"),
     (1.5e-6, "1.50 us"), (0.0, "0.00 us")],
)  # fmt: skip
def test_durations(seconds, text):
    assert report.duration(seconds) == text


def test_a_run_replaces_its_own_sections():
    text = f"before\n{report.section('machine', 'old')}\n{report.section('third', 'old')}\nafter\n"
    both = report.replaced(text, {"machine": "new", "third": "new"}, complete=True)
    assert both == text.replace("old", "new")
    one = report.replaced(text, {"machine": "old", "third": "new"}, complete=False)
    assert one.count("old") == one.count("new") == 1
    with pytest.raises(ValueError, match="another machine"):
        report.replaced(text, {"machine": "new", "third": "new"}, complete=False)
    with pytest.raises(ValueError, match="no marks for other"):
        report.replaced(text, {"other": "new"}, complete=True)


def test_a_run_of_some_replaces_their_rows_of_the_summary():
    first, second = result(1.0, 1.0, goals=[Goal("c1")]), result(1.0, 1.0)
    for found, samples in (first, [2.0]), (second, [4.0]):
        for timing in found.timings:
            timing.samples = samples
    old = report.summary({"third": [first], "products": [first, first]})
    assert old.count("\n") == 4
    assert report.table_row(["a", "", "", "|b|"]) == "| a | | | \\|b\\| |"
    new = report.summary({"third": [second]})
    assert "| [third](third.py) | a case | 4.00 s | | | | | reached |" in new
    text = report.section("machine", "same") + report.section("summary", old)
    both = report.replaced(text, {"machine": "same", "summary": new}, complete=False)
    assert both == text.replace(*(found.splitlines()[2] for found in (old, new)))


def test_the_command(tmp_path):
    words = ["hessian_factorisation", "--small", "--seconds", "0.01"]
    command = [sys.executable, "-m", "benchmarks", *words, "--markdown", tmp_path / "out.md"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Threads: one")
    assert "hessian_factorisation: Hessian of `sum((T - U @ V')^2)` by U" in done.stdout
    written = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "1 thread" in written or "threadpoolctl" in written
    assert "| JAX hessian |" in written


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_rows(name):
    """Its module compares the results itself."""
    rows = importlib.import_module(f"benchmarks.{name}").run(small=True)
    assert len(rows) > 1
    assert rows[0]["arrays recomputed"] < rows[0]["arrays stored"]
