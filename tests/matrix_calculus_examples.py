"""The examples of matrixcalculus.org, with the derivatives that it prints.

The site computes derivatives of matrix expressions in symbols. Here are the examples of its front
page and documentation, an example of each function that it knows, expressions that its users put
in the heads of the code that it generated for them, and the Hessians of the papers about it (Laue,
Mitterreiter, Giesen: NeurIPS 2018 and AAAI 2020). `printed` is the derivative in its notation: as
it prints it, or an equal form that is shorter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

inv, det, norm = np.linalg.inv, np.linalg.det, np.linalg.norm
eye = np.eye(4)

#: The types that the site supposes: a, b, c, d are scalars, h to z vectors, A to Z matrices.
TYPES = {
    "a": "real", "b": "real", "c": "real", "d": "real", "p": "real[n]", "q": "real[n]",
    "v": "real[n]", "w": "real[n]", "x": "real[n]", "y": "real[n]", "u": "real[m]", "z": "real[m]",
    "A": "real[n, n]", "B": "real[n, n]", "C": "real[n, n]", "X": "real[n, n]", "M": "real[m, n]",
    "T": "real[m, n]", "U": "real[m, k]", "V": "real[n, k]", "S": "real[n, n] symmetric",
}  # fmt: skip
SIZES = {"n": 4, "m": 5, "k": 3}


@dataclass(frozen=True)
class Example:
    name: str
    formula: str  # in the language
    wrt: str
    emit: str
    printed: str  # the derivative in the site's notation
    derivative: Callable  # the same in NumPy, by hand

    @property
    def names(self):
        """The inputs: those of the types that the formula names."""
        found = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", self.formula))
        return [name for name in found if name in TYPES]

    @property
    def source(self):
        """The program, which is also a golden source, ``corpus/good/mc_NAME.expr``."""
        what = {"gradient": "gradient", "jacobian": "Jacobian", "hessian": "Hessian"}[self.emit]
        lines = [f"# {what} by {self.wrt} of {self.formula}"]
        for name in self.names:
            lines.append(f"{'' if name == self.wrt else 'data '}{name}: {TYPES[name]}")
        return "\n".join([*lines, f"f = {self.formula}\n"])

    @property
    def operations(self):
        """The operators and calls of the printed form; a transpose, which is a view, is none."""
        calls = re.findall(r"[a-z]\w*(?=\()", self.printed)
        return len(calls) + len(re.findall(r"[-+*/^⊗]", self.printed))

    def values(self, seed=0):
        random = np.random.default_rng(seed)
        found = {}
        for name in self.names:
            sizes = re.findall(r"\b[nmk]\b", TYPES[name].partition("]")[0])
            x = random.uniform(0.2, 0.9, size=[SIZES[s] for s in sizes])
            if name == "X":
                x = x + 2 * np.eye(SIZES["n"])
            found[name] = x + x.T if "symmetric" in TYPES[name] else x
        return found


LOGISTIC = "sum(log(exp(-u.*(M @ w)) + vector(1)))"


def logistic(M, u, w):
    """Minus the margins through the exponential, and the same and 1."""
    t = np.exp(-u * (M @ w))
    return t, 1 + t


def share(M, u, x):
    e = np.exp(x)
    r = u / (M @ e / e.sum())
    return (M.T @ r) * e / e.sum() - (e @ (M.T @ r)) / e.sum() ** 2 * e - x / 9


def sharpe(S, a, p, w):
    s = w @ S @ w
    return p / np.sqrt(s) - (w @ p - a) / s**1.5 * (S @ w)


def spring(a, p, q):
    r = p - q
    return a / norm(r) ** 3 * np.outer(r, r) + (1 - a / norm(r)) * eye


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def squares_of(X):
    """The derivative of X @ X by X, with four axes."""
    return np.einsum("ik,lj->ijkl", eye, X) + np.einsum("ik,jl->ijkl", X, eye)


G, J, H = "gradient", "jacobian", "hessian"
EXAMPLES = [Example(*row) for row in (
    # The front page, and the inputs that the documentation gives as examples.
    ("front_page", "x' @ A @ x + c*(sin(y)' @ x)", "x", G, "A*x+A'*x+c*sin(y)",
     lambda A, c, x, y: (A + A.T) @ x + c * np.sin(y)),
    ("quadratic_half", "0.5*(x' @ A @ x)", "x", G, "0.5*A*x+0.5*A'*x",
     lambda A, x: (A + A.T) @ x / 2),
    ("exp_inside", "A @ exp(x)", "x", J, "A*diag(exp(x))", lambda A, x: A * np.exp(x)),
    ("weighted_dot", "(y.*v)' @ x", "x", G, "y.*v", lambda v, x, y: y * v),
    ("sine_dot", "sin(x)' @ y", "x", G, "y.*cos(x)", lambda x, y: y * np.cos(x)),
    ("power_base", "a^b", "a", G, "b*a^(b-1)", lambda a, b: b * a ** (b - 1)),
    ("power_exponent", "a^b", "b", G, "a^b*log(a)", lambda a, b: a**b * np.log(a)),
    ("absolute_residuals", "norm1(M @ x - u)", "x", G, "M'*sign(M*x-u)",
     lambda M, u, x: M.T @ np.sign(M @ x - u)),
    ("least_squares_norm", "norm2(M @ x - u)^2", "x", G, "2*M'*(M*x-u)",
     lambda M, u, x: 2 * M.T @ (M @ x - u)),
    ("logistic_loss", LOGISTIC, "w", G,
     "-M'*((u.*exp(-u.*(M*w)))./(exp(-u.*(M*w))+vector(1)))",
     lambda M, u, w: -M.T @ (u * logistic(M, u, w)[0] / logistic(M, u, w)[1])),
    ("trace_two", "tr(A @ X' @ B @ X @ C)", "X", G, "B'*X*A'*C'+B*X*C*A",
     lambda A, B, C, X: B.T @ X @ A.T @ C.T + B @ X @ C @ A),
    ("log_det_inverse", "log(det(inv(X)))", "X", G, "-inv(X)'", lambda X: -inv(X).T),
    # The conventions of layout.
    ("linear_form", "v' @ x", "x", G, "v", lambda v, x: v),
    ("linear_map", "A @ x", "x", J, "A", lambda A, x: A),
    ("trace_linear", "tr(A @ X)", "X", G, "A'", lambda A, X: A.T),
    # Each function that the documentation lists.
    ("fn_sin", "sum(sin(x))", "x", G, "cos(x)", lambda x: np.cos(x)),
    ("fn_cos", "sum(cos(x))", "x", G, "-sin(x)", lambda x: -np.sin(x)),
    ("fn_tan", "sum(tan(x))", "x", G, "tan(x).^2+vector(1)", lambda x: np.tan(x) ** 2 + 1),
    ("fn_arcsin", "sum(arcsin(x))", "x", G, "vector(1)./(vector(1)-x.^2).^0.5",
     lambda x: 1 / np.sqrt(1 - x**2)),
    ("fn_arccos", "sum(arccos(x))", "x", G, "-(vector(1)./(vector(1)-x.^2).^0.5)",
     lambda x: -1 / np.sqrt(1 - x**2)),
    ("fn_arctan", "sum(arctan(x))", "x", G, "vector(1)./(vector(1)+x.^2)",
     lambda x: 1 / (1 + x**2)),
    ("fn_exp", "sum(exp(x))", "x", G, "exp(x)", lambda x: np.exp(x)),
    ("fn_log", "sum(log(x))", "x", G, "vector(1)./x", lambda x: 1 / x),
    ("fn_tanh", "sum(tanh(x))", "x", G, "vector(1)-tanh(x).^2", lambda x: 1 - np.tanh(x) ** 2),
    ("fn_abs", "sum(abs(x - y))", "x", G, "sign(x-y)", lambda x, y: np.sign(x - y)),
    ("fn_sign", "sign(x)' @ x", "x", G, "sign(x)", lambda x: np.sign(x)),
    ("fn_relu", "sum(relu(x - y))", "x", G, "relu(sign(x-y))", lambda x, y: (x > y) * 1.0),
    ("fn_sum", "sum(A @ x)", "x", G, "A'*vector(1)", lambda A, x: A.sum(axis=0)),
    ("fn_norm1", "norm1(X)", "X", G, "sign(X)", lambda X: np.sign(X)),
    ("fn_norm2", "norm2(x)", "x", G, "1/norm2(x)*x", lambda x: x / norm(x)),
    ("fn_norm2_residual", "norm2(M @ x - u)", "x", G, "1/norm2(M*x-u)*M'*(M*x-u)",
     lambda M, u, x: M.T @ (M @ x - u) / norm(M @ x - u)),
    ("fn_tr", "tr(X)", "X", G, "eye()", lambda X: eye),
    ("fn_det", "det(X)", "X", G, "adj(X)'", lambda X: det(X) * inv(X).T),
    ("fn_logdet", "logdet(X)", "X", G, "inv(X)'", lambda X: inv(X).T),
    ("fn_log_det", "log(det(X))", "X", G, "inv(X)'", lambda X: inv(X).T),
    ("fn_inv", "x' @ inv(X) @ y", "X", G, "-inv(X)'*x*y'*inv(X)'",
     lambda X, x, y: -np.outer(inv(X).T @ x, inv(X) @ y)),
    ("fn_inv_jacobian", "inv(X)", "X", J, "-inv(X)'⊗inv(X)",
     lambda X: -np.einsum("ik,lj->ijkl", inv(X), inv(X))),
    ("fn_vector", "-sum(y.*log(x.^2 + vector(1)))", "x", G, "-2*(x.*y)./(x.^2+vector(1))",
     lambda x, y: -2 * x * y / (x**2 + 1)),
    ("fn_matrix", "sum((X + matrix(1)).^2)", "X", G, "2*(X+matrix(1))", lambda X: 2 * (X + 1)),
    # Expressions that users gave it.
    ("ratio_log", "u' @ log(M @ x)", "x", G, "M'*(u./(M*x))", lambda M, u, x: M.T @ (u / (M @ x))),
    ("share_log", "u' @ log(M @ exp(x)/sum(exp(x))) - 1/18*(x' @ x)", "x", G,
     "1/sum(exp(x))*(M'*(u./(1/sum(exp(x))*M*exp(x)))).*exp(x)-1/sum(exp(x)).^2*exp(x)'*M'"
     "*(u./(1/sum(exp(x))*M*exp(x)))*exp(x)-2/18*x", share),
    ("neuron", "((tanh(w' @ x + b) + 1)/2 - d)^2", "b", G,
     "(1-tanh(b+w'*x).^2)*((1+tanh(b+w'*x))/2-d)",
     lambda b, d, w, x: (1 - np.tanh(w @ x + b) ** 2) * ((1 + np.tanh(w @ x + b)) / 2 - d)),
    ("spring", "(1 - a/norm2(p - q))*(p - q)", "p", J,
     "a/norm2(p-q).^3*(p-q)*(p-q)'+(1-a/norm2(p-q))*eye()", spring),
    ("sharpe_ratio", "(w' @ p - a)/(w' @ S @ w)^0.5", "w", G,
     "1/(w'*S*w).^0.5*p-((0.5*(w'*S*w).^(-0.5)*(w'*p-a))/((w'*S*w).^0.5).^2*S*w"
     "+(0.5*(w'*S*w).^(-0.5)*(p'*w-a))/((w'*S*w).^0.5).^2*S*w)", sharpe),
    ("trace_inverse", "tr(A' @ inv(X))", "X", G, "-inv(X)'*A*inv(X)'",
     lambda A, X: -inv(X).T @ A @ inv(X).T),
    ("two_maps_by_vector", "norm2(A @ B @ x - v)^2", "x", G, "2*B'*A'*(A*B*x-v)",
     lambda A, B, v, x: 2 * B.T @ A.T @ (A @ B @ x - v)),
    ("two_maps_by_matrix", "norm2(A @ B @ x - v)^2", "B", G, "2*A'*(A*B*x-v)*x'",
     lambda A, B, v, x: 2 * np.outer(A.T @ (A @ B @ x - v), x)),
    ("layer_by_weights", "A @ x + v", "A", J, "x'⊗eye()",
     lambda A, v, x: np.einsum("ik,l->ikl", eye, x)),
    ("half_square", "A - (1/2)*X @ X", "X", J, "-(1/2*X'⊗eye()+1/2*eye()⊗X)",
     lambda A, X: -squares_of(X) / 2),
    ("rayleigh", "(x' @ A @ x)/(x' @ x)", "x", G,
     "1/(x'*x)*A*x+1/(x'*x)*A'*x-2*x'*A*x/(x'*x).^2*x",
     lambda A, x: ((A + A.T) @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x)),
    ("log_sum_exp", "log(sum(exp(x)))", "x", G, "1/sum(exp(x))*exp(x)", softmax),
    ("elastic_net", "norm2(M @ x - u)^2 + a*norm1(x) + b*norm2(x)^2", "x", G,
     "2*M'*(M*x-u)+a*sign(x)+2*b*x",
     lambda M, a, b, u, x: 2 * M.T @ (M @ x - u) + a * np.sign(x) + 2 * b * x),
    # Jacobians and second derivatives.
    ("exp_outside", "exp(A @ x)", "x", J, "diag(exp(A*x))*A",
     lambda A, x: np.exp(A @ x)[:, None] * A),
    ("quadratic_hessian", "x' @ A @ x", "x", H, "A+A'", lambda A, x: A + A.T),
    ("quadratic_half_hessian", "0.5*(x' @ A @ x)", "x", H, "0.5*A+0.5*A'",
     lambda A, x: (A + A.T) / 2),
    ("symmetric_hessian", "x' @ S @ x", "x", H, "2*S", lambda S, x: 2 * S),
    ("least_squares_hessian", "norm2(M @ x - u)^2", "x", H, "2*M'*M", lambda M, u, x: 2 * M.T @ M),
    ("logistic_hessian", LOGISTIC, "w", H,
     "M'*diag((u.*u.*exp(-u.*(M*w)))./(exp(-u.*(M*w))+vector(1)).^2)*M",
     lambda M, u, w: (M.T * (u**2 * logistic(M, u, w)[0] / logistic(M, u, w)[1] ** 2)) @ M),
    ("factorisation_gradient", "norm2(T - U @ V')^2", "U", G, "-2*(T-U*V')*V",
     lambda T, U, V: -2 * (T - U @ V.T) @ V),
    ("factorisation_hessian", "norm2(T - U @ V')^2", "U", H, "2*(V'*V)⊗eye()",
     lambda T, U, V: 2 * np.einsum("ik,jl->ijkl", np.eye(5), V.T @ V)),
    ("log_sum_exp_hessian", "log(sum(exp(x)))", "x", H,
     "1/sum(exp(x))*diag(exp(x))-1/sum(exp(x)).^2*exp(x)*exp(x)'",
     lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x))),
    ("sum_exp_hessian", "sum(exp(A @ x))", "x", H, "A'*diag(exp(A*x))*A",
     lambda A, x: (A.T * np.exp(A @ x)) @ A),
)]  # fmt: skip
