"""Gelu and mish: z times a smooth switch between 0 and 1."""

from __future__ import annotations

from math import pi, sqrt

from gradatim.formulas.activations.positive import softplus
from gradatim.formulas.activations.squashing import sigmoid, tanh
from gradatim.formulas.arrays import Array, namespace

GELU_SCALE = sqrt(2 / pi)
GELU_CUBE = 0.044715


def gelu(Z: Array) -> Array:
    """g(z) = ½ z (1 + tanh u) with u = √(2/π) (z + 0.044715 z³), written as z σ(2u).

    It is the paper's short form of z Φ(z), Φ the share of a normal distribution that lies below z: the array API has no
    Φ. The two differ by 0.00047 at most, near z = ±2.7. σ(2u) is ½ (1 + tanh u), and keeps its digits where tanh u is
    near -1.

    Example:
        >>> import numpy as np
        >>> gelu(np.array([-1000.0, 0.0, 1.0, 1000.0])).round(4)
        array([-0.000e+00,  0.000e+00,  8.412e-01,  1.000e+03])

    Source: Hendrycks & Gimpel 2016 (arXiv 1606.08415), section 2.
    """
    return Z * sigmoid(2 * _held_cubic(Z)[0])


def gelu_slope(Z: Array, A: Array) -> Array:
    """g'(z) = s + z s (1 - s) 2u' with s = σ(2u), u' = √(2/π) (1 + 3 · 0.044715 z²)."""
    U, dU = _held_cubic(Z)
    S = sigmoid(2 * U)
    return S + Z * S * (1 - S) * 2 * dU


def _held_cubic(Z: Array) -> tuple[Array, Array]:
    """The cubic u and its slope u'. Z is held at ±30, where σ(2u) has long been 0 or 1, so that no z³ overflows."""
    xp = namespace(Z)
    H = xp.maximum(xp.minimum(Z, 30.0), -30.0)
    return GELU_SCALE * (H + GELU_CUBE * H * H * H), GELU_SCALE * (1 + 3 * GELU_CUBE * H * H)


def mish(Z: Array) -> Array:
    """g(z) = z tanh(ln(1 + e^z)).

    Source: Misra 2019 (arXiv 1908.08681).
    """
    return Z * tanh(softplus(Z))


def mish_slope(Z: Array, A: Array) -> Array:
    """g'(z) = T + z σ(z) (1 - T²) with T = tanh(ln(1 + e^z))."""
    T = tanh(softplus(Z))
    return T + Z * sigmoid(Z) * (1 - T * T)
