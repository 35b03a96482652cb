"""Losses: what one prediction costs. From the square to the logarithm, and back to losses that shrug at outliers.

====================  =============================  ========  ====================================================
name                  L of one output                output    where it belongs
====================  =============================  ========  ====================================================
half_squared_error    ½ (a - y)²                     identity  numbers
log_loss              -(y ln a + (1-y) ln(1-a))      sigmoid   two classes; or several answers that may all be true
categorical_log_loss  -Σ_k y_k ln a_k                softmax   one of many classes
absolute_error        |a - y|                        identity  numbers with outliers; aims at the median
huber                 ½ (a - y)² within delta        identity  the square near 0, the absolute value far away
====================  =============================  ========  ====================================================

Conventions
-----------
* A, Z and Y are (n, m): an output a row, an example a column. ``value`` gives (n, m), a number per output and
  example; their sum over axis 0 is L of an example, and J is the mean of L over examples. Nothing here divides by m
  or by n.
* The squared error carries the notes' ½, so that its slope is A - Y without a 2. scikit-learn's and PyTorch's mean
  squared error have no ½: theirs is twice ours.
* For classes, Y of the categorical loss is one-hot: each column sums to 1 (the short way A - Y needs that).
* Each loss has two forms. ``value(A, Y)`` and ``slope(A, Y)`` are the notes': L and dA = ∂L/∂A as a function of A.
  With ``slope`` and the output's activation one goes *the long way*, dZ = dA ∘ g'(Z). ``value_from_scores(Z, Y)`` and
  ``slope_from_scores(Z, Y)`` take the scores that the paired activation (``output``) would turn into A; there dZ is
  short, A - Y for the first three. Both give the same numbers where both can be computed.
* Why both: in float64 the sigmoid is exactly 1 from z = 37 on (float32: from 17). For an example of class 0 the log
  loss of that probability is honestly inf, its slope dA is -inf or inf and the long way ends in inf · 0. From the
  score the loss is simply 37. So training uses the forms in Z; the forms in A are for reading, and for judging
  probabilities. Infinities in A raise no warning here.
* Label smoothing ε moves the target towards even odds: y ← (1-ε) y + ε/K with K classes, and K = 2 for one sigmoid.
* At a corner (absolute error at a = y) the slope is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from gradatim.errors import InputError, named, number
from gradatim.formulas.activations import sigmoid, softmax
from gradatim.formulas.arrays import Array, namespace


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
        return -(_times_log(Y, A) + _times_log(1 - Y, 1 - A))

    def slope(self, A: Array, Y: Array) -> Array:
        """-Y/A + (1 - Y)/(1 - A)."""
        Y = self._smooth(Y)
        return -_divided(Y, A) + _divided(1 - Y, 1 - A)

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
        return -_times_log(self._smooth(Y), A)

    def slope(self, A: Array, Y: Array) -> Array:
        """-Y/A."""
        return -_divided(self._smooth(Y), A)

    def value_from_scores(self, Z: Array, Y: Array) -> Array:
        """-Y (Z - ln Σ_k e^Z_k)."""
        xp = namespace(Z)
        S = Z - xp.max(Z, axis=-2, keepdims=True)
        return -self._smooth(Y) * (S - xp.log(xp.sum(xp.exp(S), axis=-2, keepdims=True)))

    def slope_from_scores(self, Z: Array, Y: Array) -> Array:
        """A - Y."""
        return softmax(Z) - self._smooth(Y)


@dataclass(frozen=True)
class AbsoluteError:
    """L = |a - y|.

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
        """|A - Y|."""
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
class Huber:
    """L = ½ d² for d = |a - y| up to delta, and delta (d - ½ delta) beyond: a parabola that goes on as a line.

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
        """R (D - ½ R) with D = |A - Y| and R = min(D, delta): both branches in one."""
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


def _times_log(Y: Array, A: Array) -> Array:
    """Y ln A, 0 where Y = 0, -inf where only A = 0; the logarithm itself never sees a 0, so nothing warns."""
    xp = namespace(A)
    product = Y * xp.log(xp.where(A > 0, A, 1.0))
    return xp.where((A > 0) | (Y == 0), product, -xp.inf)


def _divided(Y: Array, A: Array) -> Array:
    """Y / A, 0 where Y = 0, inf where only A = 0."""
    xp = namespace(A)
    quotient = Y / xp.where(A == 0, 1.0, A)
    return xp.where((A != 0) | (Y == 0), quotient, xp.inf)


LOSSES: dict[str, type[Loss]] = {
    "half_squared_error": HalfSquaredError,
    "log_loss": LogLoss,
    "categorical_log_loss": CategoricalLogLoss,
    "absolute_error": AbsoluteError,
    "huber": Huber,
}
"""Every loss by name, in growing difficulty."""


def loss(name: str | Loss, output: str) -> Loss:
    """The loss of that name, in the form that fits the output's activation.

    Args:
        name: a key of `LOSSES`, ``"squared_error"`` for half_squared_error, or a loss object with its settings.
        output: the activation at the output. With ``"softmax"`` a log loss is the categorical one, with ``"sigmoid"``
            the plain one, whichever was named; label smoothing is kept.

    Returns:
        A loss object. Where its own ``output`` is not the one given (a squared error behind a sigmoid), only the forms
        in A apply.

    Raises:
        InputError: for an unknown name, for what is no loss, and for a log loss where the output is no probability.

    Example:
        >>> loss("log_loss", "sigmoid"), loss(LogLoss(label_smoothing=0.1), "softmax")
        (LogLoss(label_smoothing=0.0), CategoricalLogLoss(label_smoothing=0.1))
    """
    if isinstance(name, Loss) and not isinstance(name, type):  # a class has all that its objects have
        chosen = name
    else:
        chosen = named("loss", "half_squared_error" if name == "squared_error" else name, LOSSES)()
    if not isinstance(chosen, LogLoss | CategoricalLogLoss):
        return chosen
    if output not in ("sigmoid", "softmax"):
        raise InputError(
            f"{chosen.name} must stand behind an output of probabilities, sigmoid or softmax. Got output {output!r}: "
            "use sigmoid for two classes, softmax for more, or half_squared_error for numbers."
        )
    form = LogLoss if output == "sigmoid" else CategoricalLogLoss
    return form(label_smoothing=chosen.label_smoothing)
