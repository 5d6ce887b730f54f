"""f = (1 - x)^2 + 100*(y - x^2)^2

    1 | f = (1 - x)^2 + 100*(y - x^2)^2

Inputs: x, y.
Output: f.
Operations: forward 7, gradient 8, value_and_gradient 12.
Written by exprdiff; needs nothing but Python.
"""


def forward(x, y):
    """Return f."""
    x, y = 1.0 * x, 1.0 * y
    return (1 - x)**2 + 100 * (y - x**2)**2


def gradient(x, y):
    """Return (df_dx, df_dy)."""
    x, y = 1.0 * x, 1.0 * y
    t1 = y - x**2
    # 1: f = (1 - x)^2 + 100*(y - x^2)^2
    df_dx = -400 * t1 * x - 2 * (1 - x)  # through 1 - x, and through x^2
    df_dy = 200 * t1
    return df_dx, df_dy


def value_and_gradient(x, y):
    """Return f and (df_dx, df_dy)."""
    x, y = 1.0 * x, 1.0 * y
    t1 = 1 - x
    t2 = y - x**2
    f = t1**2 + 100 * t2**2
    # 1: f = (1 - x)^2 + 100*(y - x^2)^2
    df_dx = -400 * t2 * x - 2 * t1  # through 1 - x, and through x^2
    df_dy = 200 * t2
    return f, (df_dx, df_dy)


INPUTS = ("x", "y")
WRT = ("x", "y")
OUTPUTS = ("f",)
SOURCE = "f = (1 - x)^2 + 100*(y - x^2)^2"
