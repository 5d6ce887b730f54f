"""Fit a logistic regression with an emitted gradient and compare it with scikit-learn's.

python examples/logistic/run.py
"""

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import exprdiff

C = 1.0
TOLERANCE = 1e-5


def fit(X, y):
    """The minimiser of model.expr as one vector: the coefficients, then the intercept."""
    text = Path(__file__).with_name("model.expr").read_text(encoding="utf-8")
    module = exprdiff.compile(text)

    def objective(theta):
        value, (dJ_dw, dJ_db) = module.value_and_gradient(X, y, C, theta[:-1], theta[-1])
        return value, np.append(dJ_dw, dJ_db)

    start = np.zeros(X.shape[1] + 1)
    options = {"ftol": 0, "gtol": 1e-10, "maxiter": 1000}
    return minimize(objective, start, jac=True, method="L-BFGS-B", options=options)


def main():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    ours = fit(X, y)
    peer = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12).fit(X, y)
    theirs = np.append(peer.coef_, peer.intercept_)

    print(f"{'':>9} {'exprdiff':>12} {'scikit-learn':>12}")
    names = [f"w[{i}]" for i in range(X.shape[1])] + ["intercept"]
    for name, a, b in zip(names, ours.x, theirs, strict=True):
        print(f"{name:>9} {a:12.8f} {b:12.8f}")
    difference = np.max(np.abs(ours.x - theirs) / np.abs(theirs))
    accuracy = np.mean((X @ ours.x[:-1] + ours.x[-1] > 0) == y)
    print(f"loss: {ours.fun:.10f} after {ours.nfev} evaluations")
    print(f"accuracy: {accuracy:.4f}")
    print(f"largest relative difference: {difference:.1e}")
    if difference > TOLERANCE:
        sys.exit(f"expected at most {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
