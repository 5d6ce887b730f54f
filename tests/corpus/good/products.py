import numpy as np


def prod_others(x, axis):
    """For each element the product of all others along `axis`, exact where some are 0."""
    x = np.moveaxis(x, axis, -1)
    one = np.ones((*x.shape[:-1], min(1, x.shape[-1])))
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    right = np.cumprod(np.concatenate([one, x[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return np.moveaxis(left * right, -1, axis)


def _checked(x):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    return x


def gradient(x):
    """Return dy_dx: (n,)."""
    x = _checked(x)
    # 2: y = prod(x)^2
    dy_dx = 2 * np.prod(x) * prod_others(x, axis=0)  # (n,)
    return dy_dx
