"""Fit NIST's nonlinear regressions with emitted gradients and count the certified digits.

python examples/nist/run.py
"""

import re
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize, root

import exprdiff

HERE = Path(__file__).parent
NAMES = ["Misra1a", "Hahn1", "Rat43", "MGH09", "Thurber", "Eckerle4"]
PARAMETER = re.compile(r"^ *b\d+ *= *(\S+) +(\S+) +(\S+) +\S+ *$", re.MULTILINE)
DIGITS_CERTIFIED = 11
DIGITS_WANTED = 6


def read(name):
    """One StRD file: the two starts, the certified parameters, and the observations x and y."""
    text = (HERE / "data" / f"{name}.dat").read_text(encoding="ascii")
    start_1, start_2, certified = np.array(PARAMETER.findall(text), dtype=float).T
    _, rows = text.rsplit("Data:", 1)
    y, x = np.array([line.split() for line in rows.splitlines()[1:] if line.strip()], dtype=float).T
    return (start_1, start_2), certified, x, y


def fit(module, x, y, start):
    """Minimise the residual sum of squares; return parameters, sum and count of evaluations."""
    unit = 0.1 * np.abs(start)

    def objective(u):
        value, gradient = module.value_and_gradient(x, y, *(start + unit * u))
        return value, unit * np.array(gradient)

    options = {"maxcor": 30, "ftol": 0, "gtol": 0, "maxiter": 5000, "maxfun": 5000}
    found = minimize(objective, np.zeros_like(start), jac=True, method="L-BFGS-B", options=options)
    near = start + unit * found.x

    def slope(u):
        return np.abs(near) * np.array(module.gradient(x, y, *(near * u)))

    sharper = root(slope, np.ones_like(near), tol=1e-15)
    parameters = near * sharper.x
    return parameters, module.forward(x, y, *parameters), found.nfev + sharper.nfev


def digits(fitted, certified):
    """Digits of agreement in the worst parameter: the log relative error of NIST's guidelines."""
    error = np.max(np.abs(fitted - certified) / np.abs(certified))
    return min(-np.log10(max(error, 1e-300)), DIGITS_CERTIFIED)


def main():
    table = Table("data set", title="Digits of agreement with the certified parameters")
    for column in "parameters", "start 1", "start 2", "evaluations", "residual sum":
        table.add_column(column, justify="right")
    worst = DIGITS_CERTIFIED
    for name in NAMES:
        module = exprdiff.compile((HERE / f"{name}.expr").read_text(encoding="utf-8"))
        starts, certified, x, y = read(name)
        fits = [fit(module, x, y, start) for start in starts]
        reached = [digits(parameters, certified) for parameters, _, _ in fits]
        worst = min(worst, *reached)
        _, rss, _ = fits[-1]
        evaluations = " + ".join(str(count) for _, _, count in fits)
        table.add_row(
            name, str(certified.size), *(f"{d:.1f}" for d in reached), evaluations, f"{rss:.10e}"
        )
    Console(width=88).print(table)
    print(f"at least {worst:.1f} digits of {DIGITS_CERTIFIED} from either start")
    if worst < DIGITS_WANTED:
        sys.exit(f"expected at least {DIGITS_WANTED}")


if __name__ == "__main__":
    main()
