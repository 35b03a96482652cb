"""Logarithms and quotients that are honest at 0: infinite, without a warning."""

from __future__ import annotations

from gradatim.formulas.arrays import Array, namespace


def times_log(Y: Array, A: Array) -> Array:
    """Y ln A, 0 where Y = 0, -inf where only A = 0; the logarithm itself never sees a 0, so nothing warns."""
    xp = namespace(A)
    product = Y * xp.log(xp.where(A > 0, A, 1.0))
    return xp.where((A > 0) | (Y == 0), product, -xp.inf)


def divided(Y: Array, A: Array) -> Array:
    """Y / A, 0 where Y = 0, inf where only A = 0."""
    xp = namespace(A)
    quotient = Y / xp.where(A == 0, 1.0, A)
    return xp.where((A != 0) | (Y == 0), quotient, xp.inf)
