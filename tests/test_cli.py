"""The command line: what goes where, exit statuses, and no traceback whatever happens."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from exprdiff.cli import main

FORMULA = "e = (a + b)*(b + 1)"
STAGES = ("ast", "graph", "gradient", "code")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX files")
needs_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may write anywhere"
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments, stdin=None):
    """Run the command in this process; return its status, output and messages."""
    result = CliRunner().invoke(main, ["compile", *arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stdout, result.stderr


def spawn(*arguments, env=None, closed=None, **options):
    """Run ``python -m exprdiff compile`` in a process of its own, as bytes.

    The shell closes the stream numbered `closed`: this process, which has threads, must not fork.
    """
    command = [sys.executable, "-m", "exprdiff", "compile", *arguments]
    if closed is not None:
        command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *command]
    environment = {**os.environ, **(env or {})}
    options = {"capture_output": True, **options}
    done = subprocess.run(command, env=environment, timeout=60, check=False, **options)
    assert b"Traceback" not in (done.stderr or b"")
    return done


def namespace(text):
    values = {}
    exec(compile(text, "emitted", "exec"), values)
    return values


# -- what is compiled, and into what ---------------------------------------------------------------


def test_formula():
    status, out, err = run(FORMULA)
    assert (status, err) == (0, "")
    emitted = namespace(out)
    assert emitted["forward"](2, 1) == 6
    assert emitted["gradient"](2, 1) == (2, 5)
    assert f'Regenerate: exprdiff compile "{FORMULA}"' in out


def test_file():
    Path("model.expr").write_text(FORMULA, encoding="utf-8")
    status, out, err = run("model.expr")
    assert (status, err) == (0, "")
    assert "Regenerate: exprdiff compile model.expr\n" in out


def test_file_with_byte_order_mark_and_windows_line_ends():
    Path("model.expr").write_bytes(b"\xef\xbb\xbfy = 2*x\r\nz = y^2\r\n")
    status, out, err = run("model.expr")
    assert (status, err) == (0, "")
    assert namespace(out)["forward"](3) == 36


def test_standard_input():
    status, out, err = run("-", stdin=FORMULA)
    assert (status, err) == (0, "")
    assert namespace(out)["forward"](2, 1) == 6
    assert "Regenerate" not in out


def test_python_dash_m():
    done = spawn(FORMULA)
    assert (done.returncode, done.stderr) == (0, b"")
    assert namespace(done.stdout)["gradient"](2, 1) == (2, 5)


@pytest.mark.parametrize("stage", STAGES)
def test_stage(stage):
    status, out, err = run(FORMULA, "--stage", stage)
    assert (status, err) == (0, "")
    assert out.endswith("\n")
    start = {"ast": "Assignment", "graph": "%0", "gradient": "%0", "code": '"""'}[stage]
    assert out.startswith(start)


@pytest.mark.parametrize("stage", STAGES)
def test_stage_of_a_mistake(stage):
    status, out, err = run("y = 2x", "--stage", stage)
    assert (status, out) == (1, "")
    assert "there is no implicit multiplication" in err


def test_optimisation_levels():
    textbook, expert = run(FORMULA, "-O0")[1], run(FORMULA, "-O1")[1]
    assert "-O0" in textbook
    assert "-O1" not in expert
    for text in (textbook, expert):
        assert namespace(text)["gradient"](2, 1) == (2, 5)


def test_wrt_of_and_emit():
    status, out, _ = run("e = a*b; return e, b^2", "--wrt", "b", "--of", "e", "--emit", "gradient")
    assert status == 0
    emitted = namespace(out)
    assert emitted["gradient"](2, 5) == 2
    assert "forward" not in emitted
    assert "--wrt b --of e --emit gradient" in out


def test_several_names_are_separated_by_commas():
    status, out, _ = run("e = a*b*c", "--wrt", "c, a", "--emit", "forward,gradient")
    assert status == 0
    assert namespace(out)["gradient"](2, 3, 5) == (15, 6)


def test_checks_can_be_left_out():
    formula = "x: real[n]; y = x @ x"
    status, out, _ = run(formula, "--no-checks", "--no-stabilise")
    assert status == 0
    assert len(out) < len(run(formula)[1])
    assert "--no-stabilise --no-checks" in out


# -- files written ---------------------------------------------------------------------------------


def test_output_file_is_what_is_printed_otherwise():
    status, out, err = run(FORMULA, "-o", "e.py")
    assert (status, out, err) == (0, "", "")
    assert Path("e.py").read_bytes().decode("utf-8") == run(FORMULA)[1]
    assert sorted(os.listdir()) == ["e.py"]


def test_output_file_of_a_stage():
    assert run(FORMULA, "--stage", "graph", "-o", "graph.txt")[0] == 0
    assert Path("graph.txt").read_text(encoding="utf-8") == run(FORMULA, "--stage", "graph")[1]


def test_a_mistake_leaves_the_old_file():
    Path("e.py").write_text("old", encoding="utf-8")
    assert run("e = (a", "-o", "e.py")[0] == 1
    assert Path("e.py").read_text(encoding="utf-8") == "old"
    assert os.listdir() == ["e.py"]


@needs_posix
def test_a_link_and_the_file_mode_stay():
    Path("real.py").write_text("old", encoding="utf-8")
    os.chmod("real.py", 0o640)
    os.symlink("real.py", "link.py")
    assert run(FORMULA, "-o", "link.py")[0] == 0
    assert os.path.islink("link.py")
    assert Path("real.py").read_text(encoding="utf-8") == run(FORMULA)[1]
    assert os.stat("real.py").st_mode & 0o777 == 0o640


@needs_posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_no_traceback():
    status, _, err = run(FORMULA, "-o", "/dev/full")
    assert status == 1
    assert err.startswith("exprdiff: cannot write /dev/full: ")
    with open("/dev/full", "wb") as full:
        done = spawn(FORMULA, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"exprdiff: cannot write to standard output: ")
    assert done.stderr.count(b"\n") == 1


def test_check():
    assert run(FORMULA, "-o", "e.py", "--check")[0] == 1
    assert not Path("e.py").exists()
    run(FORMULA, "-o", "e.py")
    assert run(FORMULA, "-o", "e.py", "--check") == (0, "", "")
    status, out, err = run("e = a", "-o", "e.py", "--check")
    assert (status, out) == (1, "")
    assert err == "exprdiff: e.py is stale: compile again with -o e.py\n"
    assert Path("e.py").read_text(encoding="utf-8") == run(FORMULA)[1]


# -- mistakes --------------------------------------------------------------------------------------


def test_formula_with_a_mistake():
    assert run("y = sine(x)") == (
        1,
        "",
        "<formula>:1:5: error: unknown function 'sine'\n"
        "  1 | y = sine(x)\n"
        "    |     ^^^^\n"
        "  hint: did you mean 'sin'?\n",
    )


def test_file_with_several_mistakes():
    Path("model.expr").write_text("a = 2x\nb = (a + 1\nc = a * * b\n", encoding="utf-8")
    status, out, err = run("model.expr")
    assert (status, out) == (1, "")
    assert [line for line in err.splitlines() if line.startswith("model.expr:")] == [
        "model.expr:1:5: error: there is no implicit multiplication",
        "model.expr:2:5: error: '(' is never closed",
        "model.expr:3:7: error: an operand is missing between '*' and '*'",
    ]


def test_standard_input_has_a_name():
    assert run("-", stdin="y = x *")[2].startswith("<stdin>:1:7: error: ")


@pytest.mark.parametrize(
    "options, said",
    [
        (["--wrt", "q"], "<formula>: error: cannot differentiate by 'q'"),
        (["--of", "q", "--emit", "gradient"], "<formula>: error: 'q' is no output"),
        (["--emit", "grad"], "<formula>: error: there is no function 'grad' to emit"),
    ],
)
def test_options_that_do_not_fit_the_formula(options, said):
    status, out, err = run("y = x^2", *options)
    assert (status, out) == (1, "")
    assert err.startswith(said)
    assert "  hint: " in err
    assert "|" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [FORMULA, "more"],
        [FORMULA, "--stage", "assembler"],
        [FORMULA, "-O2"],
        [FORMULA, "--unknown"],
        [FORMULA, "--check"],
        [FORMULA, "--check", "-o", "e.py", "--stage", "graph"],
        ["-y"],
    ],
)
def test_usage(arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("Usage: ")


def test_unknown_command_and_help():
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0
    assert CliRunner().invoke(main, ["compile", "-h"]).exit_code == 0
    assert CliRunner().invoke(main, ["--version"]).output.startswith("exprdiff, version ")


def test_warnings_go_to_standard_error():
    status, out, err = run("y = a^2; u: real")
    assert status == 0
    assert out == run("-", stdin="y = a^2; u: real")[1].replace(
        "needs nothing but Python.\n",
        'needs nothing but Python.\nRegenerate: exprdiff compile "y = a^2; u: real"\n',
    )
    assert err.startswith("<formula>:1:10: warning: no output depends on 'u'\n")
    assert "warning" not in out


def test_warning_for_a_hidden_constant():
    status, _, err = run("pi = 3; y = pi*x")
    assert status == 0
    assert err.startswith("<formula>:1:1: warning: 'pi' hides the constant of that name\n")


# -- files that cannot be read or written ----------------------------------------------------------


def test_missing_file():
    status, out, err = run("missing.expr")
    assert (status, out) == (1, "")
    assert err == "exprdiff: cannot read missing.expr: No such file or directory\n"


def test_directory_as_source():
    os.mkdir("model.expr")
    status, _, err = run("model.expr")
    assert status == 1
    assert err.startswith("exprdiff: cannot read model.expr: ")
    assert run(os.path.join(os.curdir, "model.expr"))[0] == 1


def test_file_that_is_not_utf8():
    Path("latin.expr").write_bytes(b"y = x\n# caf\xe9\n")
    status, out, err = run("latin.expr")
    assert (status, out) == (1, "")
    assert err == "exprdiff: latin.expr:2: this is not UTF-8 text\n"
    assert run("-", stdin=b"\xff")[2] == "exprdiff: <stdin>:1: this is not UTF-8 text\n"


def test_file_in_utf16():
    Path("wide.expr").write_bytes("y = x".encode("utf-16"))
    assert run("wide.expr")[2] == "exprdiff: wide.expr:1: this is not UTF-8 text\n"


def test_directory_as_output():
    os.mkdir("out")
    status, _, err = run(FORMULA, "-o", "out")
    assert status == 1
    assert err.startswith("exprdiff: cannot write out: ")
    assert os.listdir("out") == []


def test_output_in_a_missing_directory():
    status, _, err = run(FORMULA, "-o", "missing/e.py")
    assert status == 1
    assert err == "exprdiff: cannot write missing/e.py: No such file or directory\n"


@needs_user
def test_output_in_a_directory_without_permission():
    os.mkdir("locked", 0o500)
    status, _, err = run(FORMULA, "-o", "locked/e.py")
    assert status == 1
    assert err == "exprdiff: cannot write locked/e.py: Permission denied\n"
    assert os.listdir("locked") == []


@needs_posix
def test_output_path_that_is_too_long():
    status, _, err = run(FORMULA, "-o", "x" * 5000)
    assert status == 1
    assert err.startswith("exprdiff: cannot write xxx")


# -- the surroundings ------------------------------------------------------------------------------


@needs_posix
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
    ids=lambda env: " ".join(env),
)
def test_text_is_utf8_whatever_the_locale(env):
    done = spawn("y = β²".encode(), env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert namespace(done.stdout)["forward"](3) == 9


@needs_posix
def test_argument_that_is_not_utf8():
    done = spawn(b"y = \xff")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"exprdiff: <formula>:1: this is not UTF-8 text\n"


@needs_posix
@pytest.mark.parametrize("stream", [0, 1, 2])
def test_closed_streams(stream):
    source = "-" if stream == 0 else "y = x"
    done = spawn(source, closed=stream)
    assert done.returncode == (0 if stream == 2 else 1)
    if stream == 0:
        assert done.stderr.startswith(b"exprdiff: cannot read standard input: ")
    if stream == 1:
        assert done.stderr.startswith(b"exprdiff: cannot write to standard output: ")


@needs_posix
def test_a_reader_that_leaves():
    read, write = os.pipe()
    os.close(read)
    done = spawn(FORMULA, stdout=write, stderr=subprocess.PIPE, capture_output=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@needs_posix
@pytest.mark.parametrize("no_color", [None, "", "1"])
def test_colour_only_on_a_terminal_and_where_wanted(no_color):
    pty = pytest.importorskip("pty")
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    if no_color is not None:
        env["NO_COLOR"] = no_color
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "exprdiff", "compile", "y = x +"]
    done = subprocess.run(command, env=env, stderr=theirs, timeout=60, check=False)
    os.close(theirs)
    said = os.read(ours, 4096)
    os.close(ours)
    assert done.returncode == 1
    assert (b"\x1b[" in said) == (not no_color)
    assert b"an operand is missing after '+'" in said


def test_no_colour_in_a_pipe():
    done = spawn("y = x +", env={"FORCE_COLOR": ""})
    assert b"\x1b[" not in done.stderr
