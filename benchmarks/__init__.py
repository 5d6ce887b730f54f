"""Benchmarks beside other tools: ``python -m benchmarks [NAME ...]``, see README.md."""

#: The workloads in the order in which they run; each is a module with ``cases(small)``.
WORKLOADS = (
    "hessian_logistic",
    "hvp_logistic",
    "hessian_factorisation",
    "hessian_softmax",
    "jacobian",
    "third",
    "linear_algebra",
    "products",
)

#: Tables of another kind: each is a module with ``run(small)``, which returns rows.
TABLES = ("recompute",)
