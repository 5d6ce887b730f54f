import numpy as np
from scipy.special import ndtr


def _checked(S, K, r, sigma, T):
    """Return the inputs as arrays of numbers."""
    S = np.asarray(S, dtype=float)[()]
    K = np.asarray(K, dtype=float)[()]
    r = np.asarray(r, dtype=float)[()]
    sigma = np.asarray(sigma, dtype=float)[()]
    T = np.asarray(T, dtype=float)[()]
    return S, K, r, sigma, T


def gradient(S, K, r, sigma, T):
    """Return (dcall_dS, dcall_dK, dcall_dr, dcall_dsigma, dcall_dT)."""
    S, K, r, sigma, T = _checked(S, K, r, sigma, T)
    # forward sweep
    t1 = S / K
    t2 = r + 0.5 * sigma**2
    t3 = np.sqrt(T)
    t4 = sigma * t3
    d1 = (np.log(t1) + t2 * T) / t4
    d2 = d1 - t4
    t5 = np.exp(-r * T)
    t6 = ndtr(d2)
    # reverse sweep
    # 4: call = S*normcdf(d1) - K*exp(-r*T)*normcdf(d2)
    dcall_dd2 = -0.3989422804014327 * K * t5 * np.exp(-0.5 * d2**2)
    dcall_dd1 = 0.3989422804014327 * S * np.exp(-0.5 * d1**2) + dcall_dd2
    t7 = dcall_dd1 / t4
    t8 = t7 / t1
    dcall_dK = -t6 * t5 - t1 * t8 / K
    # 2: d1 = (log(S/K) + (r + sigma^2/2)*T) / (sigma*sqrt(T))
    dcall_dS = ndtr(d1) + t8 / K              # through S/K, and through S*normcdf(d1)
    t9 = t6 * K * t5
    dcall_dr = T * (t9 + t7)                  # through r + sigma^2/2, and through -r*T
    t10 = -dcall_dd2 - dcall_dd1 * d1 / t4
    dcall_dsigma = t10 * t3 + t7 * T * sigma  # through sigma^2, and through sigma*sqrt(T)
    dcall_dT = t9 * r + t10 * sigma / (2 * t3) + t7 * t2
    return dcall_dS, dcall_dK, dcall_dr, dcall_dsigma, dcall_dT
