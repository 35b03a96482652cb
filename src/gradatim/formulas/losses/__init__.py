"""Losses: what one prediction costs. From the square to the logarithm, and back to losses that shrug at outliers.

====================  =============================  ========  ====================================================
name                  L of one output                output    where it belongs
====================  =============================  ========  ====================================================
half_squared_error    ½ (a - y)²                     identity  numbers
log_loss              -(y ln a + (1-y) ln(1-a))      sigmoid   two classes; or several answers that may all be true
categorical_log_loss  -Σ_k y_k ln a_k                softmax   one of many classes
absolute_error        |a - y|                        identity  numbers with outliers; aims at the median
quantile              max(q (y-a), (1-q) (a-y))      identity  numbers: the one that a share q of all y lie below
huber                 ½ (a - y)² within delta        identity  the square near 0, the absolute value far away
poisson               a - y ln a                     exp       counts, and other numbers of 0 or more
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
  short, A - Y for the first three and for poisson. Both give the same numbers where both can be computed.
* Why both: in float64 the sigmoid is exactly 1 from z = 37 on (float32: from 17). For an example of class 0 the log
  loss of that probability is honestly inf, its slope dA is -inf or inf and the long way ends in inf · 0. From the
  score the loss is simply 37. So training uses the forms in Z; the forms in A are for reading, and for judging
  probabilities. Infinities in A raise no warning here.
* Label smoothing ε moves the target towards even odds: y ← (1-ε) y + ε/K with K classes, and K = 2 for one sigmoid.
* The Poisson loss leaves out ln y!, which no network can change: as it stands, it may be negative. Behind an output
  that falls below 0 (identity, tanh) it is inf there.
* At a corner (absolute error and quantile at a = y) the slope is 0, so that what fits exactly is left alone.
"""

from __future__ import annotations

from gradatim.errors import InputError, named
from gradatim.formulas.losses.contract import Loss
from gradatim.formulas.losses.counts import Poisson
from gradatim.formulas.losses.distances import AbsoluteError, HalfSquaredError, Huber, Quantile
from gradatim.formulas.losses.probabilities import CategoricalLogLoss, LogLoss
from gradatim.formulas.names import with_number

__all__ = [
    "LOSSES",
    "AbsoluteError",
    "CategoricalLogLoss",
    "HalfSquaredError",
    "Huber",
    "LogLoss",
    "Loss",
    "Poisson",
    "Quantile",
    "loss",
]


LOSSES: dict[str, type[Loss]] = {
    "half_squared_error": HalfSquaredError,
    "log_loss": LogLoss,
    "categorical_log_loss": CategoricalLogLoss,
    "absolute_error": AbsoluteError,
    "quantile": Quantile,
    "huber": Huber,
    "poisson": Poisson,
}
"""Every loss by name, in growing difficulty."""


def loss(name: str | Loss, output: str) -> Loss:
    """The loss of that name, in the form that fits the output's activation.

    Args:
        name: a key of `LOSSES`, ``"squared_error"`` for half_squared_error, ``"quantile(0.9)"`` and ``"huber(2)"`` for
            a setting of one's own, or a loss object.
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
        >>> loss("quantile(0.9)", "identity")
        Quantile(quantile=0.9)
    """
    if isinstance(name, Loss) and not isinstance(name, type):  # a class has all that its objects have
        chosen = name
    else:
        known = "half_squared_error" if name == "squared_error" else name
        chosen = with_number(known, {"huber": Huber, "quantile": Quantile}) or named("loss", known, LOSSES)()
    if not isinstance(chosen, LogLoss | CategoricalLogLoss):
        return chosen
    if output not in ("sigmoid", "softmax"):
        raise InputError(
            f"{chosen.name} must stand behind an output of probabilities, sigmoid or softmax. Got output {output!r}: "
            "use sigmoid for two classes, softmax for more, or half_squared_error for numbers."
        )
    form = LogLoss if output == "sigmoid" else CategoricalLogLoss
    return form(label_smoothing=chosen.label_smoothing)
