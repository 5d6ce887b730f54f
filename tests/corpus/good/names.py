import numpy as np


def _checked(class_, np_, t1, dy_dnp, None_):
    """Return the inputs as arrays of numbers."""
    class_ = np.asarray(class_, dtype=float)[()]
    np_ = np.asarray(np_, dtype=float)[()]
    t1 = np.asarray(t1, dtype=float)[()]
    dy_dnp = np.asarray(dy_dnp, dtype=float)[()]
    None_ = np.asarray(None_, dtype=float)[()]
    return class_, np_, t1, dy_dnp, None_


def gradient(class_, np_, t1, dy_dnp, None_):
    """Return (dy_dclass, dy_dnp_, dy_dt1, dy_ddy_dnp, dy_dNone)."""
    class_, np_, t1, dy_dnp, None_ = _checked(class_, np_, t1, dy_dnp, None_)
    # forward sweep
    lambda_ = class_**2 + np_
    t2 = np.exp(lambda_)
    forward_ = t2 * t1 + dy_dnp
    # reverse sweep
    # 4: y = forward*None
    dy_dNone = forward_
    # 3: forward = exp(lambda)*t1 + dy_dnp
    dy_dlambda = None_ * t1 * t2
    dy_dt1 = None_ * t2
    dy_ddy_dnp = +None_
    # 2: lambda = class^2 + np
    dy_dclass = 2 * dy_dlambda * class_
    dy_dnp_ = dy_dlambda
    return dy_dclass, dy_dnp_, dy_dt1, dy_ddy_dnp, dy_dNone
