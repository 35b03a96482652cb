"""What an entry of the table of activations holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gradatim.formulas.arrays import Array


@dataclass(frozen=True)
class Activation:
    """One activation as data. Two are equal if their names are.

    Attributes:
        name: as in `ACTIVATIONS`, with the parameter behind it where that is not the default: ``"leaky_relu(0.2)"``.
        value: A = g(Z).
        slope: g'(Z) from Z and A; for softmax the diagonal ∂a_i/∂z_i alone.
        formula: how a book prints it.
        source: where it comes from.
        chain: (dA, Z, A) -> dZ where units mix; None where dZ = dA ∘ g'(Z).

    Example:
        >>> import numpy as np
        >>> from gradatim.formulas.activations import activation
        >>> tanh = activation("tanh")
        >>> Z = np.array([[0.0, 1.0]])
        >>> A = tanh.value(Z)
        >>> tanh.slope(Z, A).round(4)
        array([[1.  , 0.42]])
    """

    name: str
    value: Callable[[Array], Array] = field(compare=False)
    slope: Callable[[Array, Array], Array] = field(compare=False)
    formula: str = field(compare=False)
    source: str = field(compare=False)
    chain: Callable[[Array, Array, Array], Array] | None = field(default=None, compare=False)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """The chain rule through the activation: dZ = ∂L/∂Z from dA = ∂L/∂A.

        Args:
            dA: (n, m), the slope of the loss in A.
            Z: (n, m) scores.
            A: (n, m), g(Z).

        Returns:
            dZ, (n, m).
        """
        if self.chain is not None:
            return self.chain(dA, Z, A)
        return dA * self.slope(Z, A)
