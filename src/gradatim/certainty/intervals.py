"""Intervals that hold y as often as asked: split-conformal regression.

Three scores of a number y, by what the model is:

* of a model of numbers, |y - ŷ|: every interval is as wide as every other;
* with a second model for the size of the error, |y - ŷ| / σ: wide where that expects large errors;
* of a model of quantiles, max(low - y, y - high): both ends are moved by the same amount.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradatim.certainty.coverage import check, conformal_quantile, spread
from gradatim.certainty.evidence import as_numbers, of_numbers
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import Quantile


@dataclass(frozen=True, eq=False)
class PredictionIntervals:
    """A model of numbers that answers with intervals. `prediction_intervals` makes one.

    Attributes:
        model: that is asked.
        scale: a model of the size of its errors, or None.
        coverage: that was asked for.
        method: "absolute", "normalized" or "quantiles".
        quantile: of the scores: how far an interval reaches, in units of y, or of the scale. Of quantiles how far both
            ends move outwards; below 0 inwards.
        rows: of your own, that it is of.
    """

    model: Any = field(repr=False)
    scale: Any = field(repr=False)
    coverage: float
    method: str
    quantile: float
    rows: int

    def intervals(self, rows: Any) -> Array:
        """The lower and the upper end for each row: (m, 2), in units of y."""
        ends = _ends(self.model, rows)
        reach = self.quantile * (1.0 if self.scale is None else _scale(self.scale, rows))
        low, high = ends[:, 0] - reach, ends[:, 1] + reach
        middle = (low + high) / 2  # ends that were moved past each other meet
        return np.column_stack([np.minimum(low, middle), np.maximum(high, middle)])

    def predict(self, rows: Any) -> Array:
        """The model's own: (m,), of quantiles (m, k)."""
        return np.asarray(self.model.predict(rows))

    def spread(self, share: float = 0.9) -> tuple[float, float]:
        """Between which numbers the true coverage lies, for this share of all draws of own rows."""
        return spread(self.rows, self.coverage, share)


def prediction_intervals(
    model: Any, rows: Any, y: Any, *, coverage: float = 0.9, scale: Any = None, cv: Any = None
) -> PredictionIntervals:
    """Intervals, of which a share `coverage` holds y: on new rows, whatever the model is worth.

    Args:
        model: fitted, of numbers; or of quantiles, a `gradatim.QuantileRegressor`: then the lowest and the highest are
            moved. With `cv` an estimator.
        rows: (m rows) of your own, that neither trained the model nor chose its epoch.
        y: (m,) their numbers.
        coverage: in (0, 1).
        scale: a fitted model of the size of the error, above 0 everywhere; not trained on these rows either. Such as
            ``NetworkRegressor(network=NetworkOptions(output_activation="softplus"))``, fitted to ``|y - ŷ|``.
        cv: None; or folds, a number or a splitter, to train clones on where no rows can be spared. A number of folds
            takes rows as they stand, so that sorted ones must be shuffled: ``KFold(5, shuffle=True)``. The coverage is
            then mostly near, but no theorem.

    Returns:
        What answers in the model's place.

    Raises:
        InputError: for a coverage outside (0, 1), rows too few to promise it, and a model of several targets.

    Example:
        Nine errors of 1, …, 9, and k = ⌈10 · 0.8⌉ = 8.

        >>> class Zero:
        ...     def predict(self, rows):
        ...         return np.zeros(len(rows))
        >>> prediction_intervals(Zero(), range(9), [1, -2, 3, -4, 5, -6, 7, -8, 9], coverage=0.8).intervals(range(1))
        array([[-8.,  8.]])

    Source: absolute and normalized: Lei et al. 2018 (arXiv 1604.04173), sections 2.2 and 5.2. Quantiles: Romano,
    Patterson & Candès 2019 (arXiv 1905.03222), algorithm 1.
    """
    if scale is not None and cv is not None:
        raise InputError("scale must be None with cv: the errors that it learned are those of another model. Got both.")
    check("prediction_intervals", coverage, len(y))
    model, ends, happened = of_numbers(model, rows, y, _ends, cv)
    scores = np.maximum(ends[:, 0] - happened, happened - ends[:, 1])
    method = "quantiles" if _levels(model) is not None else "absolute"
    if scale is not None:
        if method == "quantiles":
            raise InputError("scale must be None with a model of quantiles, which has its own width. Got both.")
        scores, method = scores / _scale(scale, rows), "normalized"
    return PredictionIntervals(model, scale, coverage, method, conformal_quantile(scores, coverage), len(happened))


def _ends(model: Any, rows: Any) -> Array:
    """(m, 2) the lowest and the highest quantile; of a model of numbers twice the prediction."""
    said = as_numbers("What the model predicts", model.predict(rows))
    if _levels(model) is not None:
        ordered = np.sort(said, axis=1)
        return ordered[:, [0, -1]]
    if said.ndim == 2 and said.shape[1] == 1:
        said = said[:, 0]
    if said.ndim > 1:
        raise InputError(f"The model must predict one number. Got {said.shape[1]} targets: wrap a model for each.")
    return np.column_stack([said, said])


def _levels(model: Any) -> tuple[float, ...] | None:
    """The quantiles that a model's columns are; None of a model of numbers. A `Model` has them in its loss."""
    loss = getattr(model, "loss", None)
    found = getattr(model, "quantiles", loss.quantile if isinstance(loss, Quantile) else None)
    return tuple(found) if isinstance(found, tuple | list) and len(found) > 1 else None


def _scale(model: Any, rows: Any) -> Array:
    sizes = np.asarray(model.predict(rows), dtype=np.float64)
    if sizes.ndim != 1 or not (sizes > 0).all():
        raise InputError(
            "scale must predict one number above 0 for every row. Got others: an output of softplus, or a model of the "
            "logarithm of the errors, is never below."
        )
    return sizes
