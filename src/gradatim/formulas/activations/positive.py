"""Exp and softplus: any score becomes a number above 0."""

from __future__ import annotations

from math import floor, log

from gradatim.formulas.activations.squashing import exp_of_minus_abs, sigmoid
from gradatim.formulas.arrays import Array, namespace


def exp(Z: Array) -> Array:
    """g(z) = e^z: scores to positive numbers, a step of 1 in z multiplies a by e.

    From z = 354 on (float32: 44) it is held at e^354. That is half of the exponent which the type can hold, so that
    products of two such numbers, A · A or dA · g'(z), are finite too.

    Args:
        Z: scores, any shape.

    Returns:
        Numbers of 0 or more of the shape and dtype of Z.

    Example:
        >>> import numpy as np
        >>> exp(np.array([-1000.0, 0.0, 1.0, 1000.0]))
        array([0.00000000e+000, 1.00000000e+000, 2.71828183e+000, 5.49852993e+153])

    Source: Euler 1748; as the output of a model of counts: McCullagh & Nelder 1989, section 6.2.
    """
    xp = namespace(Z)
    return xp.exp(xp.minimum(Z, highest_exponent(Z)))


def highest_exponent(Z: Array) -> float:
    """Half of ln(the largest number of Z's type), rounded down: 354 for float64, 44 for float32."""
    return float(floor(log(float(namespace(Z).finfo(Z.dtype).max)) / 2))


def exp_slope(Z: Array, A: Array) -> Array:
    """g'(z) = e^z = a, also where a is held.

    The flat line there has slope 0, but with 0 a score that went too far would never be called back.
    """
    return A


def softplus(Z: Array) -> Array:
    """g(z) = ln(1 + e^z), written as max(z, 0) + ln(1 + e^-|z|).

    Example:
        >>> import numpy as np
        >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(4)
        array([0.000e+00, 6.931e-01, 1.000e+03])

    Source: Dugas et al. 2001; Glorot, Bordes & Bengio 2011.
    """
    xp = namespace(Z)
    return xp.maximum(Z, 0.0) + xp.log1p(exp_of_minus_abs(Z))


def softplus_slope(Z: Array, A: Array) -> Array:
    """g'(z) = σ(z)."""
    return sigmoid(Z)
