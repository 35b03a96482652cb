"""The loss of counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gradatim.formulas.activations import exp
from gradatim.formulas.arrays import Array, namespace
from gradatim.formulas.losses.infinities import divided, times_log


@dataclass(frozen=True)
class Poisson:
    """L = a - y ln a, for counts y with the mean a: -ln of the Poisson probability a^y e^-a / y!, without ln y!.

    What is left out does not depend on a. So L may be negative, and is y - y ln y at its smallest, for a = y. Half the
    deviance is L less that; PyTorch's ``poisson_nll_loss`` leaves out the same.

    y is 0 or more and need not be whole. A mean below 0 is impossible: there L is infinite.

    Example:
        >>> import numpy as np
        >>> A, Y = np.array([[1.0, 2.0, 2.0, 0.0]]), np.array([[0.0, 1.0, 2.0, 1.0]])
        >>> Poisson().value(A, Y).round(4)
        array([[1.    , 1.3069, 0.6137,    inf]])
        >>> Poisson().slope(A, Y)
        array([[ 1. ,  0.5,  0. , -inf]])

    Source: McCullagh & Nelder 1989, section 6.2.
    """

    name: ClassVar[str] = "poisson"
    output: ClassVar[str] = "exp"
    formula: ClassVar[str] = "L = a - y ln a"
    source: ClassVar[str] = "McCullagh & Nelder 1989 (Generalized linear models), section 6.2"

    def value(self, A: Array, Y: Array) -> Array:
        """A - Y ln A, with 0 · ln 0 = 0; inf where A is below 0, or is 0 and Y is not."""
        xp = namespace(A)
        return xp.where(A < 0, xp.inf, A - times_log(Y, A))

    def slope(self, A: Array, Y: Array) -> Array:
        """1 - Y/A; -inf, which calls for a larger A, where the value is inf."""
        xp = namespace(A)
        return xp.where(A < 0, -xp.inf, 1 - divided(Y, A))

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """e^Z - Y Z."""
        return exp(Z) - Y * Z

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """A - Y."""
        return exp(Z) - Y
