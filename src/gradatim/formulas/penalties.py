"""Penalties: what large weights cost.

====  ====================  =========================================================================
name  R(W)                  what it does
====  ====================  =========================================================================
l2    (strength/2) Σ w²     shrinks every weight in proportion to its size; none becomes 0
l1    strength Σ |w|        pulls every weight towards 0 with the same force; small ones end there
====  ====================  =========================================================================

Conventions
-----------
* A penalty is added to J, which is a mean over examples. The course's (λ/2m) Σ w² is ``L2(strength=λ/m)``. For
  scikit-learn's numbers, with m examples: ``alpha/m`` of Ridge (beside the half squared error), ``1/(C·m)`` of
  LogisticRegression; MLPClassifier divides its alpha by the size of the batch.
* Only weights W[l] are charged: no bias, scale, slope or embedding.
* L2 in J is not weight decay where the optimizer is adaptive: Adam divides this slope by the size of past gradients,
  but it does not divide a decay (Loshchilov & Hutter 2019). For decay see `gradatim.formulas.optimizers.AdamW`.
* The slope of |w| at w = 0 is taken as 0, the one between -1 and 1 that leaves a zero weight alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from gradatim.errors import named, number
from gradatim.formulas.arrays import Array, namespace


class Penalty(Protocol):
    """What engines ask of a penalty."""

    name: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]

    @property
    def strength(self) -> float:
        """How much it costs; 0 is nothing."""

    def value(self, W: Array) -> Array:
        """R(W), a scalar array."""

    def slope(self, W: Array) -> Array:
        """∂R/∂W, of the shape of W."""


@dataclass(frozen=True)
class L2:
    """R = (strength/2) Σ w²; ∂R/∂W = strength · W.

    Args:
        strength: 0 or more.

    Raises:
        InputError: for a negative strength.

    Example:
        >>> import numpy as np
        >>> W = np.array([[1.0, -2.0]])
        >>> float(L2(0.1).value(W)), L2(0.1).slope(W)
        (0.25, array([[ 0.1, -0.2]]))

    Source: Hoerl & Kennard 1970; Krogh & Hertz 1991.
    """

    strength: float
    name: ClassVar[str] = "l2"
    formula: ClassVar[str] = "R = (strength/2) Σ w²"
    source: ClassVar[str] = "Hoerl & Kennard 1970 (Ridge regression); Krogh & Hertz 1991 (A simple weight decay)"

    def __post_init__(self) -> None:
        number("L2", "strength", self.strength)

    def value(self, W: Array) -> Array:
        """R = (strength/2) Σ w², a scalar array."""
        return self.strength / 2 * namespace(W).sum(W * W)

    def slope(self, W: Array) -> Array:
        """∂R/∂W = strength · W."""
        return self.strength * W


@dataclass(frozen=True)
class L1:
    """R = strength Σ ``|w|``; ∂R/∂W = strength · sign(W).

    Args:
        strength: 0 or more.

    Raises:
        InputError: for a negative strength.

    Example:
        >>> import numpy as np
        >>> W = np.array([[1.0, -2.0, 0.0]])
        >>> float(L1(0.5).value(W)), L1(0.5).slope(W)
        (1.5, array([[ 0.5, -0.5,  0. ]]))

    Source: Tibshirani 1996.
    """

    strength: float
    name: ClassVar[str] = "l1"
    formula: ClassVar[str] = "R = strength Σ |w|"
    source: ClassVar[str] = "Tibshirani 1996 (Regression shrinkage and selection via the lasso)"

    def __post_init__(self) -> None:
        number("L1", "strength", self.strength)

    def value(self, W: Array) -> Array:
        """R = strength Σ ``|w|``, a scalar array."""
        xp = namespace(W)
        return self.strength * xp.sum(xp.maximum(W, -W))

    def slope(self, W: Array) -> Array:
        """∂R/∂W = strength · sign(W)."""
        xp = namespace(W)
        return self.strength * (xp.astype(W > 0, W.dtype) - xp.astype(W < 0, W.dtype))


PENALTIES: dict[str, type[L1] | type[L2]] = {"l2": L2, "l1": L1}
"""Every penalty by name."""


def penalty(name: str, strength: float) -> Penalty:
    """The penalty of that name.

    Args:
        name: a key of `PENALTIES`.
        strength: 0 or more.

    Raises:
        InputError: for a name that is not known, or a negative strength.

    Example:
        >>> penalty("l2", 0.01)
        L2(strength=0.01)
    """
    return named("penalty", name, PENALTIES)(strength)
