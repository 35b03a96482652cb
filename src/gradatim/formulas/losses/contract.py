"""What every loss has."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from gradatim.formulas.arrays import Array


@runtime_checkable
class Loss(Protocol):
    """What engines ask of a loss. All arrays are (n, m).

    Attributes:
        name: as in `LOSSES`.
        output: the activation at the output that it is paired with.
        formula: how a book prints it.
        source: where it comes from.
    """

    name: ClassVar[str]
    output: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]

    def value(self, A: Array, Y: Array) -> Array:
        """L per output and example, from A."""

    def slope(self, A: Array, Y: Array) -> Array:
        """The slope in A: dA = ∂L/∂A."""

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """L per output and example, from the scores that ``output`` turns into A; finite for every finite score."""

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """The short way: dZ = ∂L/∂Z."""
