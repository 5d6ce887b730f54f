"""Every value, every edge, every node

    1 | # Every value, every edge, every node
    2 | c = a + b
    3 | d = b + 1
    4 | e = c*d

Inputs: a, b.
Output: e.
Operations: local 6.
Written by exprdiff; needs nothing but Python.
"""


def local(a, b):
    """Return (values, edges, derivatives): edges[y, x] is dy/dx, derivatives[x] is de/dx."""
    # forward sweep
    c = a + b
    d = b + 1
    e = c * d
    # reverse sweep
    # 4: e = c*d
    de_de = 1
    de_dd = de_de * c
    de_dc = de_de * d
    # 2: c = a + b
    de_db = de_dd + de_dc
    de_da = de_dc
    values = {"c": c, "d": d, "e": e}
    edges = {("e", "c"): d, ("e", "d"): c, ("d", "b"): 1, ("c", "a"): 1, ("c", "b"): 1}
    derivatives = {"e": de_de, "d": de_dd, "c": de_dc, "b": de_db, "a": de_da}
    return values, edges, derivatives


INPUTS = ("a", "b")
WRT = ("a", "b")
OUTPUTS = ("e",)
SOURCE = (
    "# Every value, every edge, every node\n"
    "c = a + b\n"
    "d = b + 1\n"
    "e = c*d"
)
