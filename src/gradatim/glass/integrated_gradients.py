"""What each column adds on the way from a baseline to a row: parts that add up to the difference of the scores.

Conventions
-----------
* Score, typical row and raw columns are those of `gradatim.glass.attribution`.
* The derivative is averaged over the straight line from the baseline to the row, and multiplied with the way. So the
  parts add up to score(row) - score(baseline), but for the error of the sum in the integral's place: `residuals`.
* The sum is the Gauss-Legendre rule: where activations are smooth, 32 points leave rounding errors. A relu has kinks,
  which no rule sees between its points: some thousandths of the difference are missed, less with more points.
* On the way a category is partly one level and partly another: its one-hot columns, or its embedding, go in a straight
  line as numbers do.
* For a network without hidden layers and front the parts are W (x - baseline).

Source: Sundararajan, Taly & Yan 2017 (arXiv 1703.01365), equation 1; completeness is their proposition 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from gradatim.errors import InputError, named, whole
from gradatim.formulas.arrays import Array
from gradatim.glass.attribution import Attribution, by_blocks, chosen_outputs, folded, mean_of, words_for
from gradatim.glass.scores import DTYPES, Score
from gradatim.glass.within import model_within
from gradatim.model.ensemble import networks_of
from gradatim.tables import Table


@dataclass(frozen=True, eq=False)
class IntegratedGradients(Attribution):
    """Parts that add up: to the score of the row less that of the baseline.

    Attributes:
        baseline_scores: (m,) the score of the baseline, of the output that is explained in each row.
        baseline: what it is, in words.
        steps: points at which the derivative was taken.
    """

    baseline_scores: Array = field(default_factory=lambda: np.zeros(0))
    baseline: str = ""
    steps: int = 0

    @property
    def residuals(self) -> Array:
        """(m,) what the parts miss: score - baseline's score - their sum."""
        return np.asarray(self.scores - self.baseline_scores - self.values.sum(axis=1))

    def _of(self, rows: slice) -> Self:
        return replace(super()._of(rows), baseline_scores=self.baseline_scores[rows])

    def _title(self) -> str:
        if len(self.values) == 1:
            start, end = self.baseline_scores[0], self.scores[0]
            return f"Integrated gradients of {self.score}: from {start:.4g} ({self.baseline}) to {end:.4g} (this row)"
        return f"Integrated gradients of {self.score}, from {self.baseline} to each of {len(self.values):,} rows"

    def _remarks(self) -> tuple[str, ...]:
        if not len(self.values):
            return ()
        worst = np.abs(self.residuals).max()
        if len(self.values) == 1:
            parts, difference = self.values.sum(), self.scores[0] - self.baseline_scores[0]
            return (f"The parts add up to {parts:.6g} of {difference:.6g}: {self.steps} steps miss {worst:.1g}.",)
        return (f"The parts miss the difference of the scores by {worst:.1g} at most, with {self.steps} steps.",)


def integrated_gradients(
    model: Any,
    rows: Any,
    output: int | None = None,
    *,
    baseline: Any = None,
    steps: int = 32,
    dtype: str = "float64",
) -> IntegratedGradients:
    """What each column adds on the way from a baseline to the row; the parts add up.

    Args:
        model: a `Model`, an `Ensemble`, a fitted estimator, or a run.
        rows: (m rows) as for `Model.table_of`. Encoded, they are held in memory at once, (m, inputs).
        output: as for `attribution`.
        baseline: where the way begins, one row as for `rows`; None begins at the typical row: zeros, encoded.
        steps: points of the Gauss-Legendre rule at which the derivative is taken. `residuals` tells whether they do.
        dtype: "float32" or "float64" of the computation; float32 takes about half the time.

    Returns:
        `IntegratedGradients`.

    Raises:
        InputError: for an output that there is not, a baseline of more rows than one, steps below 1, or another dtype.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "z": [1.0, -1.0, -1.0, 1.0]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, table, [0.5, 2.5, 4.5, 6.5])  # 0.5 + 2 x
        >>> found = integrated_gradients(model, table, baseline={"x": [1.0], "z": [0.0]})
        >>> (found.values.round(2) + 0.0).tolist()
        [[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0], [4.0, 0.0]]

    Source: Sundararajan, Taly & Yan 2017 (arXiv 1703.01365).
    """
    whole("integrated_gradients", "steps", steps)
    named("dtype", dtype, DTYPES)
    model = model_within(model)
    table = model.table_of(rows)
    start = None if baseline is None else model.table_of(baseline)
    if start is not None and start.n_rows != 1:
        raise InputError(f"baseline must be one row. Got {start.n_rows:,}: take one of them, or their medians.")
    points, weights = np.polynomial.legendre.leggauss(steps)
    along = (points + 1) / 2  # from [-1, 1] to [0, 1]
    encoded = [network.encoder.encode(table) for network in networks_of(model)]
    chosen = chosen_outputs(model, encoded, output)
    found, starts = [], []
    for network, read in zip(networks_of(model), encoded, strict=True):
        score = Score(network, dtype)
        way = _Way(score, _entering(score, start), along.astype(dtype), (weights / 2).astype(dtype))
        scores, start_scores, parts = by_blocks(way, score, read, chosen)
        found.append(Attribution(*folded(score, parts), scores))
        starts.append(start_scores)
    mean, said = mean_of(found), "the typical row" if baseline is None else "the baseline"
    of = words_for(model, output)
    return IntegratedGradients(mean.names, mean.values, mean.scores, of, table, np.mean(starts, axis=0), said, steps)


@dataclass(frozen=True)
class _Way:
    """From the baseline, U (k, 1), to rows: points on it and how much each counts."""

    score: Score
    start: Array
    along: Array
    weights: Array

    def __call__(self, U: Array, chosen: Array) -> tuple[Array, Array, Array]:
        """The scores of rows and of the baseline, and the parts (k, m)."""
        start = np.broadcast_to(self.start, U.shape)
        slope = self.score.mean_gradient(start, U, chosen, self.along, self.weights)
        return self.score.gradient(U, chosen)[0], self.score.gradient(start, chosen)[0], slope * (U - start)


def _entering(score: Score, start: Table | None) -> Array:
    """U (k, 1) of the baseline."""
    if start is None:
        return np.zeros((len(score.raws), 1), score.dtype)
    X, codes = score.model.encoder.encode(start)
    return score.entering(X.toarray() if hasattr(X, "toarray") else X, codes)
