"""Losses of probabilities: the log loss of one answer, and of one among many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gradatim.errors import number
from gradatim.formulas.activations import sigmoid, softmax
from gradatim.formulas.arrays import Array, namespace
from gradatim.formulas.losses.infinities import divided, times_log


@dataclass(frozen=True)
class LogLoss:
    """L = -(y ln a + (1 - y) ln(1 - a)), a the probability of class 1.

    Args:
        label_smoothing: ε in [0, 1): targets 0 and 1 become ε/2 and 1 - ε/2.

    Raises:
        InputError: for ε outside [0, 1).

    Example:
        A score of 40 for an example of class 0. Its probability rounds to 1, from which the loss cannot be had back.

        >>> import numpy as np
        >>> Z, Y = np.array([[0.0, 40.0]]), np.array([[1.0, 0.0]])
        >>> LogLoss().value_from_scores(Z, Y)
        array([[ 0.69314718, 40.        ]])
        >>> LogLoss().value(sigmoid(Z), Y)
        array([[0.69314718,        inf]])

    Source: Good 1952; Bishop 2006, eq. 4.90; smoothing: Szegedy et al. 2016 (arXiv 1512.00567).
    """

    label_smoothing: float = 0.0
    name: ClassVar[str] = "log_loss"
    output: ClassVar[str] = "sigmoid"
    formula: ClassVar[str] = "L = -(y ln a + (1 - y) ln(1 - a))"
    source: ClassVar[str] = "Good 1952; Bishop 2006, eq. 4.90; smoothing: Szegedy et al. 2016, section 7"

    def __post_init__(self) -> None:
        number("LogLoss", "label_smoothing", self.label_smoothing, below=1)

    def _smooth(self, Y: Array) -> Array:
        return (1 - self.label_smoothing) * Y + self.label_smoothing / 2

    def value(self, A: Array, Y: Array) -> Array:
        """-(Y ln A + (1 - Y) ln(1 - A)), with 0 · ln 0 = 0; inf where A rounded to the wrong end."""
        Y = self._smooth(Y)
        return -(times_log(Y, A) + times_log(1 - Y, 1 - A))

    def slope(self, A: Array, Y: Array) -> Array:
        """-Y/A + (1 - Y)/(1 - A)."""
        Y = self._smooth(Y)
        return -divided(Y, A) + divided(1 - Y, 1 - A)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """ln(1 + e^Z) - Y Z."""
        xp = namespace(Z)
        # In this order max(Z, 0) - Y Z cancels exactly; softplus(Z) - Y Z would lose the small ln(1 + e^-|Z|).
        return xp.maximum(Z, 0.0) - self._smooth(Y) * Z + xp.log1p(xp.exp(-xp.maximum(Z, -Z)))

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """A - Y."""
        return sigmoid(Z) - self._smooth(Y)


@dataclass(frozen=True)
class CategoricalLogLoss:
    """L = -Σ_k y_k ln a_k, a_k the probability of class k.

    Args:
        label_smoothing: ε in [0, 1): targets become (1 - ε) y + ε/K.

    Raises:
        InputError: for ε outside [0, 1).

    Example:
        >>> import numpy as np
        >>> Z, Y = np.array([[0.0], [0.0], [1000.0]]), np.array([[1.0], [0.0], [0.0]])
        >>> CategoricalLogLoss().value_from_scores(Z, Y).sum(axis=0)
        array([1000.])
        >>> CategoricalLogLoss().slope_from_scores(Z, Y).T
        array([[-1.,  0.,  1.]])

    Source: Bishop 2006, eq. 4.108; smoothing: Szegedy et al. 2016 (arXiv 1512.00567).
    """

    label_smoothing: float = 0.0
    name: ClassVar[str] = "categorical_log_loss"
    output: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "L = -Σ_k y_k ln a_k"
    source: ClassVar[str] = "Bishop 2006, eq. 4.108; smoothing: Szegedy et al. 2016, section 7"

    def __post_init__(self) -> None:
        number("CategoricalLogLoss", "label_smoothing", self.label_smoothing, below=1)

    def _smooth(self, Y: Array) -> Array:
        classes = int(Y.shape[-2])
        return (1 - self.label_smoothing) * Y + self.label_smoothing / classes

    def value(self, A: Array, Y: Array) -> Array:
        """-Y ln A, with 0 · ln 0 = 0; inf where the right class's A underflowed to 0."""
        return -times_log(self._smooth(Y), A)

    def slope(self, A: Array, Y: Array) -> Array:
        """-Y/A."""
        return -divided(self._smooth(Y), A)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """-Y (Z - ln Σ_k e^Z_k)."""
        xp = namespace(Z)
        S = Z - xp.max(Z, axis=-2, keepdims=True)
        return -self._smooth(Y) * (S - xp.log(xp.sum(xp.exp(S), axis=-2, keepdims=True)))

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """A - Y."""
        return softmax(Z) - self._smooth(Y)
