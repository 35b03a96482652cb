"""Numbers brought to one size: centre, scale, smooth clip.

Conventions
-----------
* Statistics are those of the values that are there; a missing value (NaN) has no say in them.
* Quantiles are the linear ones (NumPy's default, type 7 of Hyndman & Fan 1996).
* A number beyond 1e30, infinity included, counts as missing: it is a sign for something, not a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BEYOND = 1e30
TINY = 1e-30


def without_beyond(X: np.ndarray) -> tuple[np.ndarray, int]:
    """X with NaN for what is infinite or beyond 1e30, and how many those were. X itself is left alone."""
    with np.errstate(invalid="ignore"):
        beyond = np.abs(X) > BEYOND
    count = int(np.count_nonzero(beyond))
    return (np.where(beyond, np.nan, X) if count else X), count


@dataclass(frozen=True)
class Spread:
    """What a scale needs to know of each column: seven numbers a column, NaN where a column has no value at all."""

    count: np.ndarray
    low: np.ndarray
    quartile_1: np.ndarray
    median: np.ndarray
    quartile_3: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray) -> Spread:
        """The spread of every column of X (m, n) float64, NaN for missing."""
        rising = np.sort(np.ascontiguousarray(X.T), axis=1)  # NaN sorts last; whole columns lie together
        count = X.shape[0] - np.isnan(rising).sum(axis=1)
        low, first, median, third, high = (_at(rising, count, share) for share in (0, 0.25, 0.5, 0.75, 1))
        some = np.maximum(count, 1)
        mean = np.where(count, np.nansum(rising, axis=1) / some, np.nan)
        # A mean of equal numbers may round away from them; the deviation of a constant is 0, not 1e-17.
        mean = np.clip(mean, low, high)
        std = np.sqrt(np.where(count, np.nansum((rising - mean[:, None]) ** 2, axis=1) / some, np.nan))
        return cls(count, low, first, median, third, high, mean, std)


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


def smooth_clip(Z: np.ndarray, clip: float) -> np.ndarray:
    """Bend z to z / √(1 + (z / clip)²): nearly z around 0, within ±clip everywhere, and its slope never jumps.

    Example:
        >>> import numpy as np
        >>> smooth_clip(np.array([0.0, 2.0]), 3.0).round(6)
        array([0.      , 1.664101])

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3.
    """
    return Z / np.sqrt(1 + (Z / clip) ** 2)
