"""Losses of numbers: how far a lies from y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from array_api_compat import device

from gradatim.errors import InputError, ShapeError, number
from gradatim.formulas.arrays import Array, namespace


@dataclass(frozen=True)
class HalfSquaredError:
    """L = ½ (a - y)².

    Example:
        >>> import numpy as np
        >>> loss = HalfSquaredError()
        >>> A, Y = np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]])
        >>> loss.value(A, Y), loss.slope(A, Y)
        (array([[2., 0.]]), array([[2., 0.]]))

    Source: Legendre 1805; Bishop 2006, eq. 5.14.
    """

    name: ClassVar[str] = "half_squared_error"
    output: ClassVar[str] = "identity"
    formula: ClassVar[str] = "L = ½ (a - y)²"
    source: ClassVar[str] = "Legendre 1805; Bishop 2006, eq. 5.14"

    def value(self, A: Array, Y: Array) -> Array:
        """½ (A - Y)²."""
        return 0.5 * (A - Y) * (A - Y)

    def slope(self, A: Array, Y: Array) -> Array:
        """A - Y."""
        return A - Y

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.value(Z, Y)

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """Z - Y."""
        return self.slope(Z, Y)


@dataclass(frozen=True)
class AbsoluteError:
    """L = ``|a - y|``.

    Example:
        >>> import numpy as np
        >>> AbsoluteError().slope(np.array([[3.0, 1.0, 0.0]]), np.ones((1, 3)))
        array([[ 1.,  0., -1.]])

    Source: Boscovich 1757, Laplace 1789; Koenker & Bassett 1978.
    """

    name: ClassVar[str] = "absolute_error"
    output: ClassVar[str] = "identity"
    formula: ClassVar[str] = "L = |a - y|"
    source: ClassVar[str] = "Boscovich 1757, Laplace 1789; Koenker & Bassett 1978 (Regression quantiles)"

    def value(self, A: Array, Y: Array) -> Array:
        """``|A - Y|``."""
        return namespace(A).maximum(A - Y, Y - A)

    def slope(self, A: Array, Y: Array) -> Array:
        """The sign of A - Y; 0 where they are equal."""
        xp = namespace(A)
        return xp.astype(A > Y, A.dtype) - xp.astype(A < Y, A.dtype)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.value(Z, Y)

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.slope(Z, Y)


@dataclass(frozen=True)
class Quantile:
    """L = q (y - a) for a below y, (1 - q) (a - y) above: the pinball loss.

    What makes it smallest is the number that a share q of all y lie below. With q = 0.9 a prediction that is too low
    costs nine times one that is too high. `AbsoluteError` is twice the loss of the median, q = 0.5.

    Args:
        quantile: q in (0, 1), of every output; or a tuple of them that rises, one for each output of the network.

    Raises:
        InputError: for q outside (0, 1), and several that do not rise.

    Example:
        >>> import numpy as np
        >>> A, Y = np.array([[0.0, 1.0, 2.0]]), np.ones((1, 3))
        >>> Quantile(0.75).value(A, Y), Quantile(0.75).slope(A, Y)
        (array([[0.75, 0.  , 0.25]]), array([[-0.75,  0.  ,  0.25]]))

        Two outputs for the same y = 1, each with a q of its own:

        >>> Quantile((0.25, 0.75)).slope(np.zeros((2, 1)), np.ones((2, 1)))
        array([[-0.25],
               [-0.75]])

    Source: Koenker & Bassett 1978. scikit-learn's ``mean_pinball_loss`` with alpha = q is its mean.
    """

    quantile: float | tuple[float, ...] = 0.5
    name: ClassVar[str] = "quantile"
    output: ClassVar[str] = "identity"
    formula: ClassVar[str] = "L = max(q (y - a), (1 - q) (a - y))"
    source: ClassVar[str] = "Koenker & Bassett 1978 (Regression quantiles)"

    def __post_init__(self) -> None:
        if not isinstance(self.quantile, tuple):
            number("Quantile", "quantile", self.quantile, above=True, below=1)
            return
        for q in self.quantile:
            number("Quantile", "quantile", q, above=True, below=1)
        if not self.quantile or any(low >= high for low, high in pairwise(self.quantile)):
            raise InputError(f"Quantile: several quantiles must rise, as in (0.05, 0.5, 0.95). Got {self.quantile}.")

    def value(self, A: Array, Y: Array) -> Array:
        """The larger of q (Y - A) and (1 - q) (A - Y)."""
        q = self._of_outputs(A)
        return namespace(A).maximum(q * (Y - A), (1 - q) * (A - Y))

    def slope(self, A: Array, Y: Array) -> Array:
        """-q below Y, 1 - q above, 0 where A = Y: of all slopes between the two the one that stays."""
        xp, q = namespace(A), self._of_outputs(A)
        return (1 - q) * xp.astype(A > Y, A.dtype) - q * xp.astype(A < Y, A.dtype)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.value(Z, Y)

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.slope(Z, Y)

    def _of_outputs(self, A: Array) -> Any:
        """The q of every output: a number, or (n, 1)."""
        if not isinstance(self.quantile, tuple):
            return self.quantile
        if A.shape[-2] != len(self.quantile):  # one output would be broadcast over all quantiles, without a word
            raise ShapeError(
                f"Quantile of {len(self.quantile)} quantiles must stand behind as many outputs. Got {A.shape[-2]}: "
                f"gd.QuantileRegressor trains such a network."
            )
        return namespace(A).asarray(self.quantile, dtype=A.dtype, device=device(A))[:, None]


@dataclass(frozen=True)
class Huber:
    """L = ½ d² for d = ``|a - y|`` up to delta, and delta (d - ½ delta) beyond: a parabola that goes on as a line.

    Args:
        delta: where the line begins, in units of y; above 0.

    Raises:
        InputError: for a delta of 0 or less.

    Example:
        >>> import numpy as np
        >>> A, Y = np.array([[0.5, 3.0]]), np.zeros((1, 2))
        >>> Huber(delta=1.0).value(A, Y), Huber(delta=1.0).slope(A, Y)
        (array([[0.125, 2.5  ]]), array([[0.5, 1. ]]))

    Source: Huber 1964, eq. for ρ in section 1. PyTorch's ``smooth_l1_loss`` is this divided by delta.
    """

    delta: float = 1.0
    name: ClassVar[str] = "huber"
    output: ClassVar[str] = "identity"
    formula: ClassVar[str] = "L = ½ d² if d = |a - y| <= delta, else delta (d - ½ delta)"
    source: ClassVar[str] = "Huber 1964 (Robust estimation of a location parameter), section 1"

    def __post_init__(self) -> None:
        number("Huber", "delta", self.delta, above=True)

    def value(self, A: Array, Y: Array) -> Array:
        """R (D - ½ R) with D = ``|A - Y|`` and R = min(D, delta): both branches in one."""
        xp = namespace(A)
        D = xp.maximum(A - Y, Y - A)
        R = xp.minimum(D, self.delta)
        return R * (D - 0.5 * R)

    def slope(self, A: Array, Y: Array) -> Array:
        """A - Y, held between -delta and delta."""
        xp = namespace(A)
        return xp.maximum(xp.minimum(A - Y, self.delta), -self.delta)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.value(Z, Y)

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """As from A: the output is the identity."""
        return self.slope(Z, Y)
