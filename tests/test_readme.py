"""Everything that README.md shows is what comes out; ``--update-golden`` writes its tables anew."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from exprdiff import reference
from exprdiff.transforms.rules_stable import STABLE

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```console\n\$ (.*?)```", TEXT, re.S))
def test_console(block):
    command, _, shown = block.partition("\n")
    words = shlex.split(command)
    assert words[0] == "exprdiff"
    ran = subprocess.run(
        [sys.executable, "-m", "exprdiff", *words[1:]], capture_output=True, text=True, check=False
    )
    assert ran.stdout + ran.stderr == shown


def test_python_sessions():
    sessions = "\n".join(re.findall(r"```python\n(>>> .*?)```", TEXT, re.S))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "README.md", str(README), 0)
    assert test.examples
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert result.failed == 0


@pytest.mark.parametrize(
    ("name", "code"), re.findall(r"<!-- golden: (\w+) -->\n```python\n(.*?)```", TEXT, re.S)
)
def test_code_is_in_a_golden_file(name, code):
    assert code in (ROOT / "tests" / "corpus" / "good" / f"{name}.py").read_text(encoding="utf-8")


def test_the_program_shown_is_the_one_in_the_corpus():
    program = re.search(r"```expr\n(.*?)```", TEXT, re.S).group(1)
    assert program == (ROOT / "tests/corpus/good/logistic.expr").read_text(encoding="utf-8")


def rules_table():
    """The stabilising rules with their reasons."""
    rows = [f"| `{rule.text.replace(' -> ', '` | `')}` | {rule.reason} |" for rule in STABLE]
    return "\n".join(["| written | becomes | because |", "| --- | --- | --- |", *rows])


@pytest.mark.parametrize(
    ("marker", "table"), [("functions", reference.table), ("rules", rules_table)]
)
def test_tables(marker, table, request):
    pattern = re.compile(rf"(<!-- {marker} -->\n\n)(\|.*?\n\n|)", re.S)
    if request.config.getoption("--update-golden"):
        text = README.read_text(encoding="utf-8")
        README.write_text(pattern.sub(lambda m: m[1] + table() + "\n\n", text), encoding="utf-8")
    shown = pattern.search(README.read_text(encoding="utf-8"))
    assert shown.group(2) == table() + "\n\n"
