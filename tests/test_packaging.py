"""The distributions: what they hold, and that an installed wheel works away from the checkout."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DEPENDENCIES = ["click", "lark", "numpy", "rich"]
LOGISTIC = """
data X: real[n, d]
data y: real[n]
w: real[d]
J = mean(softplus(X @ w) - y * (X @ w))
"""


def run(*command, cwd):
    """Run a command that must succeed, with no path but its own; return what it printed."""
    command = [str(part) for part in command]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The source distribution, and the wheel that is built from it."""
    assert (ROOT / "pyproject.toml").is_file(), "the tests must lie in a checkout or its sdist"
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(distributions, tmp_path_factory):
    """The scripts' folder of a fresh environment with the wheel, and no network used.

    The dependencies are those of the running interpreter, after the environment's own packages.
    """
    _, wheel = distributions
    folder = tmp_path_factory.mktemp("env")
    builder = venv.EnvBuilder(with_pip=False)
    builder.create(folder)
    context = builder.ensure_directories(folder)
    pip = [sys.executable, "-m", "pip", "--python", context.env_exe, "install"]
    run(*pip, "--no-deps", "--no-index", "--quiet", wheel, cwd=folder)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(context.env_exe, "-c", ask, cwd=folder).strip())
    homes = {Path(importlib.util.find_spec(name).origin).parents[1] for name in DEPENDENCIES}
    (packages / "dependencies.pth").write_text("\n".join(map(str, sorted(homes))))
    return Path(context.bin_path)


def test_wheel_holds_the_package_alone(distributions):
    _, wheel = distributions
    names = zipfile.ZipFile(wheel).namelist()
    assert "exprdiff/grammars/exprdiff.lark" in names
    assert "exprdiff/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"exprdiff", wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"}


def test_wheel_holds_every_module_of_the_checkout(distributions):
    _, wheel = distributions
    built = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    assert built == {path.relative_to(ROOT).as_posix() for path in ROOT.glob("exprdiff/**/*.py")}


def test_sdist_holds_what_building_and_testing_need(distributions):
    sdist, _ = distributions
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in [
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "grammars/exprdiff.lark",
        "tests/test_packaging.py",
        "benchmarks/README.md",
        "examples/nist/data/Misra1a.dat",
        ".ci/run",
    ]:
        assert needed in names
    assert not [name for name in names if name.endswith((".pyc", ".png"))]


def test_installed_command_compiles_and_its_module_stands_alone(installed, tmp_path):
    where = run(
        installed / "python", "-c", "import exprdiff; print(*exprdiff.__path__)", cwd=tmp_path
    )
    assert Path(where).is_relative_to(installed.parent)
    run(installed / "exprdiff", "compile", "e=(a+b)*(b+1)", "-o", "formula.py", cwd=tmp_path)
    code = (
        "import formula\n"
        "assert formula.forward(2, 1) == 6\n"
        "assert tuple(formula.gradient(2, 1)) == (2, 5)\n"
        "value, gradient = formula.value_and_gradient(2, 1)\n"
        "assert value == 6 and tuple(gradient) == (2, 5)\n"
    )
    # Without site-packages neither exprdiff nor NumPy can be imported.
    run(installed / "python", "-S", "-c", code, cwd=tmp_path)


def test_module_with_arrays_needs_numpy_alone(installed, tmp_path):
    (tmp_path / "model.expr").write_text(LOGISTIC, encoding="utf-8")
    run(installed / "exprdiff", "compile", "model.expr", "-o", "model.py", cwd=tmp_path)
    code = (
        "import sys; sys.modules.update(exprdiff=None, lark=None, click=None, rich=None)\n"
        "import model, numpy as np\n"
        "X, y, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.0, 1.0]), np.zeros(2)\n"
        "assert np.allclose(model.forward(X, y, w), np.log(2))\n"
        "assert np.allclose(model.gradient(X, y, w), X.T @ (0.5 - y) / 2)\n"
    )
    run(installed / "python", "-c", code, cwd=tmp_path)
