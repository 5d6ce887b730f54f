import numpy as np


def _checked(x, mu, sigma):
    """Return the inputs as arrays of numbers."""
    x = np.asarray(x, dtype=float)
    mu = np.asarray(mu, dtype=float)[()]
    sigma = np.asarray(sigma, dtype=float)[()]
    return x, mu, sigma


def gradient(x, mu, sigma):
    """Return (dL_dmu, dL_dsigma)."""
    x, mu, sigma = _checked(x, mu, sigma)
    n = x.shape[0]
    # forward sweep
    t1 = (x - mu) / sigma  # (n,)
    # reverse sweep
    # 4: L = -sum(((x - mu)/sigma)^2)/2 - n*log(sigma) - n*log(2*pi)/2
    dL_dmu = np.sum(t1) / sigma
    dL_dsigma = (t1 @ t1 - n) / sigma
    return dL_dmu, dL_dsigma
