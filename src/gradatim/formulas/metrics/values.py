"""Judging predicted numbers. Several outputs count the same: the metric of each, then the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradatim.errors import number
from gradatim.formulas.arrays import Array


def _beside(y: Array, values: Array) -> tuple[Array, Array]:
    """The targets y and the predictions ŷ, both (m, k) float64."""
    y, values = np.asarray(y, dtype=np.float64), np.asarray(values, dtype=np.float64)
    y = y[:, None] if y.ndim == 1 else y
    return y, values.reshape(y.shape)


def _errors(y: Array, values: Array) -> tuple[Array, Array]:
    """The targets y and the errors y - ŷ, both (m, k)."""
    y, values = _beside(y, values)
    return y, y - values


def absolute_errors(y: Array, values: Array) -> Array:
    """|y - ŷ|, the mean over the outputs, (m,)."""
    return np.abs(_errors(y, values)[1]).mean(axis=1)


def mae(y: Array, values: Array, weights: Array | None = None) -> float:
    """The mean absolute error.

    Example:
        >>> mae([1.0, 2.0], [1.0, 5.0])
        1.5
    """
    return float(np.average(absolute_errors(y, values), weights=weights))


def median_absolute_error(y: Array, values: Array, weights: Array | None = None) -> float:
    """The median of the absolute errors.

    Example:
        >>> median_absolute_error([1.0, 2.0, 3.0], [1.0, 3.0, 300.0])
        1.0
    """
    from sklearn.metrics import median_absolute_error as score

    return float(score(y, values, sample_weight=weights))


def rmse(y: Array, values: Array, weights: Array | None = None) -> float:
    """The root of the mean squared error.

    Example:
        >>> rmse([0.0, 0.0], [1.0, 7.0])
        5.0
    """
    return float(np.sqrt(np.average(_errors(y, values)[1] ** 2, axis=0, weights=weights)).mean())


def straightened_errors(y: Array, values: Array) -> Array:
    """Per row rmse + ((y - ŷ)² - rmse²) / (2 rmse), (m,): the mean is rmse, the spread that of rmse to first order."""
    squares = _errors(y, values)[1] ** 2
    root = np.sqrt(squares.mean(axis=0))
    return (root + (squares - root**2) / (2 * np.where(root > 0, root, 1.0))).mean(axis=1)


def r2(y: Array, values: Array, weights: Array | None = None) -> float:
    """1 - (squared error) / (squared error of the mean): 1 is perfect, 0 no better than the mean; NaN for a constant y.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """
    y, errors = _errors(y, values)
    spread = np.average((y - np.average(y, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    if not (spread.all() and np.ptp(y, axis=0).all()):  # the mean of equal numbers may be off by a rounding error
        return float("nan")
    return float(np.mean(1 - np.average(errors**2, axis=0, weights=weights) / spread))


def poisson_deviances(y: Array, values: Array) -> Array:
    """2 (y ln(y/ŷ) - y + ŷ), the mean over the outputs, (m,); infinite for ŷ = 0 where y is above, and for ŷ < 0."""
    from scipy.special import kl_div

    y, values = _beside(y, values)
    return np.asarray(2 * kl_div(y, values).mean(axis=1))


def mean_poisson_deviance(y: Array, values: Array, weights: Array | None = None) -> float:
    """The mean deviance of a Poisson distribution, for counts: an error weighs less where more is expected.

    Infinite for predictions that no Poisson distribution has, and for negative y.

    Example:
        >>> mean_poisson_deviance([0.0, 2.0], [1.0, 2.0])
        1.0
    """
    return float(np.average(poisson_deviances(y, values), weights=weights))


@dataclass(frozen=True)
class MeanPinballLoss:
    """The mean pinball loss, least for the quantile of y; at the median half the mean absolute error.

    Attributes:
        quantile: q, between 0 and 1: 0.9 charges 0.9 for each unit below y and 0.1 for each above.

    Example:
        >>> MeanPinballLoss(0.9)([10.0, 10.0], [9.0, 11.0])
        0.5
    """

    quantile: float = 0.5

    def __post_init__(self) -> None:
        number("mean_pinball_loss", "quantile", self.quantile, above=True, below=1)

    def __call__(self, y: Array, values: Array, weights: Array | None = None) -> float:
        """The mean of `losses`."""
        return float(np.average(self.losses(y, values), weights=weights))

    def losses(self, y: Array, values: Array) -> Array:
        """max(q (y - ŷ), (q - 1) (y - ŷ)), the mean over the outputs, (m,)."""
        errors = _errors(y, values)[1]
        return np.maximum(self.quantile * errors, (self.quantile - 1) * errors).mean(axis=1)
