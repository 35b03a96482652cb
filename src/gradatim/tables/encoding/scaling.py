"""Numbers brought to one size: centre, scale, smooth clip.

Conventions
-----------
* Statistics are those of the values that are there; a missing value (NaN) has no say in them.
* Quantiles are the linear ones (NumPy's default, type 7 of Hyndman & Fan 1996); of very many values, those of evenly
  spaced ones among them.
* A number beyond 1e30, infinity included, counts as missing: it is a sign for something, not a measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

BEYOND = 1e30
TINY = 1e-30
ROWS_TO_SORT = 100_000

_VALUES = np.array([-1.0, 0.0, 1.0])


def without_beyond(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """X with NaN for what is infinite or beyond 1e30, and how many those were in each row. X itself is left alone."""
    with np.errstate(invalid="ignore"):
        beyond = np.abs(X) > BEYOND
    count = np.count_nonzero(beyond, axis=1)
    return (np.where(beyond, np.nan, X) if count.any() else X), count


@dataclass(frozen=True)
class Spread:
    """What a scale needs to know of each column: numbers a column, NaN where a column has no value at all.

    Attributes:
        count: of the values that are there.
        low: the smallest.
        quartile_1: a quarter of the values is below it.
        median: a half is.
        quartile_3: three quarters are.
        high: the largest.
        mean: of the values.
        std: their standard deviation, the root of the mean square.
        beyond: how many are infinite or beyond 1e30, and so count as missing.
    """

    count: np.ndarray
    low: np.ndarray
    quartile_1: np.ndarray
    median: np.ndarray
    quartile_3: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    beyond: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray) -> Spread:
        """The spread of every column of X (m, n) float64, NaN for missing.

        All are exact, but for the quartiles and the median of 200,000 values or more: those are of every second value,
        or third, … so that 100,000 to 200,000 are looked at. Where rows are in no order, their ranks are off by about
        0.15 % of the rows: a standard error of √(¼ / 100,000).
        """
        X, beyond = without_beyond(np.ascontiguousarray(X.T))  # a column's values lie together
        missing = np.isnan(X)
        count = X.shape[1] - np.count_nonzero(missing, axis=1)
        rising = _rising(X, missing)
        places = np.count_nonzero(~np.isnan(rising), axis=1)
        first, median, third = (_at(rising, places, share) for share in (0.25, 0.5, 0.75))
        low, high = (extreme.reduce(X, axis=1, initial=np.nan) for extreme in (np.fmin, np.fmax))
        mean = _mean(X, missing, count)
        # A mean of equal numbers may round away from them; the deviation of a constant is 0, not 1e-17.
        mean = np.clip(mean, low, high)
        std = np.sqrt(_mean((X - mean[:, None]) ** 2, missing, count))
        return cls(count, low, first, median, third, high, mean, std, beyond)

    @classmethod
    def joined(cls, spreads: Sequence[Spread]) -> Spread:
        """The spread of the columns of all of these, side by side; at least one must be given."""
        return cls(*(np.concatenate([getattr(one, part.name) for one in spreads]) for part in fields(cls)))


def _rising(X: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Values of each row of X in rising order, behind them NaN: all, or evenly spaced ones where they are many."""
    if X.shape[1] < 2 * ROWS_TO_SORT:
        return np.asarray(np.sort(X, axis=1))  # NaN sorts last
    rising = np.full((len(X), 2 * ROWS_TO_SORT), np.nan)
    for row, x, gone in zip(rising, X, missing, strict=True):
        there = x[~gone]
        some = there[:: max(1, len(there) // ROWS_TO_SORT)]
        row[: len(some)] = np.sort(some)
    return rising


def _mean(X: np.ndarray, missing: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Of each row of X, over the values that are there; NaN where none is."""
    total = np.where(missing, 0.0, X).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(X), np.nan), where=count > 0))


def _at(rising: np.ndarray, count: np.ndarray, share: float) -> np.ndarray:
    """The linear quantile of each row of `rising`, of which the first `count` are there."""
    if not rising.shape[1]:
        return np.full(len(rising), np.nan)
    place = np.maximum(count - 1, 0) * share
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(rising))
    low, high = rising[rows, below], rising[rows, above]
    return np.asarray(low + (high - low) * (place - below))


def robust(low: np.ndarray, first: np.ndarray, third: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The robust factor s = 1 / q of each column.

    q is the interquartile range; where that is 0, half the range; where that is 0 as well, s = 0 and the column falls
    silent.

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3 and appendix A.
    """
    q = third - first
    q = np.where(q == 0, (high - low) / 2, q)
    return np.where(q == 0, 0.0, 1 / (q + TINY))


def spread_of_counts(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and robust factor of columns of -1, 0 and 1, from how often each stands there: counts (3, columns)."""
    low, first, median, third, high = (_quantile(counts, share) for share in (0, 0.25, 0.5, 0.75, 1))
    return median, robust(low, first, third, high)


def _quantile(counts: np.ndarray, share: float) -> np.ndarray:
    """As if -1, 0, 1 were repeated, sorted and interpolated linearly."""
    ends = np.cumsum(counts, axis=0)
    last = ends[-1] - 1
    place = last * share
    below = np.floor(place).astype(np.int64)
    under, over = (_VALUES[(index >= ends).sum(axis=0)] for index in (below, np.minimum(below + 1, last)))
    return np.asarray(under + (over - under) * (place - below))


def smooth_clip(Z: np.ndarray, clip: float) -> np.ndarray:
    """Bend z to z / √(1 + (z / clip)²): nearly z around 0, within ±clip everywhere, and its slope never jumps.

    Example:
        >>> import numpy as np
        >>> smooth_clip(np.array([0.0, 2.0]), 3.0).round(6)
        array([0.      , 1.664101])

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3.
    """
    return Z / np.sqrt(1 + (Z / clip) ** 2)


def scaled(X: np.ndarray, center: np.ndarray, scale: np.ndarray, clip: float | None) -> np.ndarray:
    """(x - center)·scale, smoothly clipped if `clip` is a number."""
    Z = X - center
    Z *= scale
    return Z if clip is None else smooth_clip(Z, clip)
