"""One number that makes a model as sure as it may be: the temperature that its scores are divided by.

Conventions
-----------
* Scores are logarithms of probabilities. They differ from the network's Z by a number per row, which a softmax does not
  see; for two classes ln p - ln(1 - p) is the Z of the sigmoid itself. So any model has scores, an ensemble too.
* As in the metric log_loss, probabilities are held at least one rounding error above 0.
* T above 1 makes less sure, below 1 surer. Which class is the most probable, and in which order rows stand, stays.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradatim.certainty.evidence import of_classes, probabilities
from gradatim.formulas.activations import softmax
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import CategoricalLogLoss

COLDEST, HOTTEST = 0.02, 50.0
"""Temperatures are looked for between these."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A model of classes whose scores are divided by a temperature. `calibrated` makes one.

    Attributes:
        model: that is asked.
        temperature: T.
        log_loss_before: of the rows that T was found on, (natural logarithm, mean over rows).
        log_loss_after: of the same rows. One number is fitted to them, which flatters it by about 1 / (2 rows).
        rows: how many they were.
    """

    model: Any = field(repr=False)
    temperature: float
    log_loss_before: float
    log_loss_after: float
    rows: int

    @property
    def classes_(self) -> Array:
        """(K,) the labels, in the order of `predict_proba`'s columns."""
        return np.asarray(self.model.classes_)

    def predict_proba(self, rows: Any) -> Array:
        """softmax(ln p / T), of two classes sigmoid(z / T): (m, K) float64, rows sum to 1."""
        return at_temperature(probabilities(self.model, rows), self.temperature)

    def predict(self, rows: Any) -> Array:
        """Labels, (m,): the model's own, for a temperature changes no order."""
        return np.asarray(self.model.predict(rows))

    def __str__(self) -> str:
        return (
            f"Temperature {self.temperature:.3g}: log loss {self.log_loss_before:.4g} → {self.log_loss_after:.4g} on "
            f"the {self.rows:,} rows that it was found on."
        )


def calibrated(model: Any, rows: Any, y: Any, *, cv: Any = None) -> Calibrated:
    """The model at the temperature that makes the log loss of these rows smallest.

    Args:
        model: of classes, fitted. With `cv` an estimator, which is left as it is.
        rows: (m rows) of your own: that neither trained the model nor chose its epoch. Nobody checks that.
        y: (m,) their labels.
        cv: None; or folds, a number or a splitter, to train clones on where no rows can be spared.

    Returns:
        What predicts in the model's place.

    Raises:
        InputError: for a model without probabilities or of several targets, and a label that it does not know.
        ShapeError: for another number of labels than of rows.

    Warns:
        UserWarning: where the smallest log loss lies at the end of what is searched: each row is predicted rightly, or
            the probabilities say nothing at all about these rows.

    Example:
        A model that is too sure: it says 0.9, and is right in 3 of 4 rows. ln 9 / T = ln 3 for T = 2.

        >>> class Sure:
        ...     classes_ = np.array(["no", "yes"])
        ...     def predict_proba(self, rows):
        ...         return np.array([[0.9, 0.1]] * len(rows))
        >>> model = calibrated(Sure(), range(4), ["no", "no", "no", "yes"])
        >>> round(model.temperature, 4), model.predict_proba(range(1)).round(4)
        (2.0, array([[0.75, 0.25]]))

    Source: Guo et al. 2017 (arXiv 1706.04599, On calibration of modern neural networks), section 4.2.
    """
    model, said, codes = of_classes(model, rows, y, cv)
    temperature = best_temperature(said, codes)
    if temperature in (COLDEST, HOTTEST):
        what = "right about every row" if temperature < 1 else "no better than chance about these rows"
        warnings.warn(
            f"The temperature stands at the end of its range, {temperature:.3g}: the model is {what}, of which there "
            f"are {len(codes):,}. Calibrate on more rows.",
            stacklevel=2,
        )
    return Calibrated(
        model, temperature, log_loss_at(said, codes, 1.0), log_loss_at(said, codes, temperature), len(codes)
    )


def scores(P: Array) -> Array:
    """The logarithm of P, with P at least one rounding error."""
    return np.log(np.maximum(P, np.finfo(np.float64).eps))


def at_temperature(P: Array, temperature: float) -> Array:
    """Probabilities (m, K) whose scores are divided by T.

    Example:
        >>> at_temperature(np.array([[0.9, 0.1]]), 2.0).round(4)
        array([[0.75, 0.25]])
    """
    return np.asarray(softmax(scores(P).T / temperature).T)


def log_loss_at(P: Array, codes: Array, temperature: float) -> float:
    """The mean log loss of probabilities at a temperature."""
    Y = np.eye(P.shape[1])[codes].T
    return float(CategoricalLogLoss().value_from_scores(scores(P).T / temperature, Y).sum(axis=0).mean())


def best_temperature(P: Array, codes: Array) -> float:
    """T of the smallest log loss, or the nearest end of the range.

    In 1/T the log loss is convex: its slope, the mean of Σ_k p_k (s_k - s_right), rises, and is 0 at one place. The
    slope is looked at, and not the log loss itself: where every row is right that is 0 to the last digit over half of
    the range, and a search for its smallest value ends anywhere therein.
    """
    from scipy.optimize import brentq

    S = scores(P)
    S = S - S[np.arange(len(codes)), codes][:, None]

    def slope(of_one: float) -> float:
        return float((softmax(S.T * of_one).T * S).sum(axis=1).mean())

    least, most = 1 / HOTTEST, 1 / COLDEST
    if slope(least) >= 0:
        return HOTTEST
    return COLDEST if slope(most) <= 0 else 1 / float(brentq(slope, least, most))
