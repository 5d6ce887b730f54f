"""e=(a+b)*(b+1)

    1 | e=(a+b)*(b+1)

Inputs: a, b.
Output: e.
Operations: forward 3, gradient 3, value_and_gradient 4.
Written by exprdiff; needs nothing but Python.
"""


def forward(a, b):
    """Return e."""
    return (a + b) * (b + 1)


def gradient(a, b):
    """Return (de_da, de_db)."""
    t1 = b + 1
    # 1: e=(a+b)*(b+1)
    de_da = t1
    de_db = a + b + t1  # through a+b, and through b+1
    return de_da, de_db


def value_and_gradient(a, b):
    """Return e and (de_da, de_db)."""
    t1 = a + b
    t2 = b + 1
    e = t1 * t2
    # 1: e=(a+b)*(b+1)
    de_da = t2
    de_db = t1 + t2  # through a+b, and through b+1
    return e, (de_da, de_db)


INPUTS = ("a", "b")
WRT = ("a", "b")
OUTPUTS = ("e",)
SOURCE = "e=(a+b)*(b+1)"
