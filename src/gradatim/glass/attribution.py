"""Which columns a prediction rests on: the derivative of a score by each input, times how far the input moved.

Conventions
-----------
* What the score is, and that all derivatives are exact, `gradatim.glass.scores` says. Of an ensemble it is the mean of
  the models' scores; of numbers that is the prediction.
* Encoded numbers are centred, so that 0 is a typical value: the median, or the mean where the encoding is "standard";
  no level of a category, or the one that more than half of the rows have; a black pixel. The *typical row* is 0
  everywhere, embeddings too.
* `attribution` multiplies the derivative at the row with what the row is beside the typical one. It is quick, and tells
  of the neighbourhood of the row alone; `gradatim.glass.integrated_gradients` looks at all of the way between the two.
* The parts of one raw column (a date's year and month, the levels of a category, the mark of its gaps) are summed.
* For a network without hidden layers and front the parts are W x, and with b they add up to the score.

Source: Shrikumar, Greenside, Shcherbina & Kundaje 2016 (arXiv 1605.01713), gradient ⊙ input; derivatives as
explanations: Baehrens et al. 2010 (How to explain individual classification decisions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Integral
from typing import Any, Self

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.glass.listing import Listing, written
from gradatim.glass.scores import Score
from gradatim.glass.within import model_within
from gradatim.model import Ensemble, Model
from gradatim.model.ensemble import networks_of
from gradatim.tables import ClassTarget, Encoded, LabelTarget, NumberTarget, Table
from gradatim.tables.threads import each
from gradatim.training.threads import blas_threads

SOURCE = "Shrikumar et al. 2016 (arXiv 1605.01713), gradient ⊙ input; Baehrens et al. 2010"

ROWS_AT_ONCE = 512
"""Rows that go through the network together: their activations stay near the processor."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each raw column gives to a score.

    Attributes:
        names: (k,) of the raw columns that the model reads.
        values: (m, k) their parts, in the units of the score.
        scores: (m,) the scores that were explained.
        score: what they are, in words.
        table: the rows as they came, for print; None where they came encoded.
    """

    names: tuple[str, ...]
    values: Array
    scores: Array
    score: str = "score"
    table: Table | None = field(default=None, repr=False)

    @property
    def shares(self) -> Array:
        """(k,) the mean size of each column's part, as a share of all; zeros where no column has any."""
        size = np.abs(self.values).mean(axis=0) if len(self.values) else np.zeros(len(self.names))
        total = size.sum()
        return np.asarray(size / total if total > 0 else size)

    def row(self, i: int) -> Self:
        """The same of one row alone, counted from 0: printed, it says what stands in each column."""
        m = len(self.values)
        if not -m <= i < m:
            raise InputError(f"row must be one of the {m:,} that were explained, counted from 0. Got {i}.")
        return self._of(slice(i % m, i % m + 1))

    def _of(self, rows: slice) -> Self:
        table = None if self.table is None else self.table.take(rows)
        return replace(self, values=self.values[rows], scores=self.scores[rows], table=table)

    def listing(self) -> Listing:
        """The columns, that of the largest part first."""
        shares = self.shares
        order = np.argsort(-shares, kind="stable")
        if len(self.values) == 1:
            rows: list[tuple[str, ...]] = [
                (self.names[j], self._cell(j), f"{self.values[0, j]:+.4g}", f"{shares[j]:.1%}") for j in map(int, order)
            ]
            header: tuple[str, ...] = ("column", "value", "part", "share")
        else:
            sizes = np.abs(self.values).mean(axis=0) if len(self.values) else shares
            rows = [(self.names[j], f"{sizes[j]:.4g}", f"{shares[j]:.1%}") for j in map(int, order)]
            header = ("column", "mean |part|", "share")
        return Listing(self._title(), header, rows, range(1, len(header)), self._remarks())

    def _cell(self, j: int) -> str:
        return "" if self.table is None else written(self.table.levels_column(self.names[j])[0])

    def _title(self) -> str:
        if len(self.values) == 1:
            return f"Gradient × value of {self.score}, {self.scores[0]:.4g} in this row"
        return f"Gradient × value of {self.score}, {len(self.values):,} rows"

    def _remarks(self) -> tuple[str, ...]:
        return ()

    def __str__(self) -> str:
        return self.listing().text()

    def _repr_html_(self) -> str:
        return self.listing().html()


def attribution(model: Any, rows: Any, output: int | None = None) -> Attribution:
    """Exact gradient times value, by raw column.

    Args:
        model: a `Model`, an `Ensemble`, a fitted estimator, or a run.
        rows: (m rows) as for `Model.table_of`. Encoded, they are held in memory at once, (m, inputs).
        output: the place of the output whose score is explained, from 0. None explains the first, and of several
            classes in each row the one that is predicted.

    Returns:
        An `Attribution`; without columns for a constant model.

    Raises:
        InputError: for an output that there is not.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "noise": [1.0, -1.0, -1.0, 1.0]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, table, [0.0, 2.0, 4.0, 6.5])
        >>> found = attribution(model, table)
        >>> found.names, found.shares.round(2)
        (('x', 'noise'), array([0.95, 0.05]))
    """
    model = model_within(model)
    table = model.table_of(rows)
    encoded = [network.encoder.encode(table) for network in networks_of(model)]
    return replace(_attribution(model, encoded, output), table=table)


def attribution_of_encoded(model: Model, X: Array, codes: Array | None, output: int | None = None) -> Attribution:
    """The same of rows that are encoded already, X (m, inputs) dense or CSR, and codes (m, c)."""
    return _attribution(model, [Encoded(X, codes)], output)


def _attribution(model: Model | Ensemble, encoded: Sequence[Encoded], output: int | None) -> Attribution:
    chosen = chosen_outputs(model, encoded, output)
    found = []
    for network, read in zip(networks_of(model), encoded, strict=True):
        score = Score(network)
        scores, parts = by_blocks(partial(_gradient_times_value, score), score, read, chosen)
        found.append(Attribution(*folded(score, parts), scores))
    return replace(mean_of(found), score=words_for(model, output))


def _gradient_times_value(score: Score, U: Array, chosen: Array) -> tuple[Array, Array]:
    value, slope = score.gradient(U, chosen)
    return value, slope * U


def chosen_outputs(model: Model | Ensemble, encoded: Sequence[Encoded], output: int | None) -> Array:
    """(m,) the place of the output whose score is explained in each row.

    Args:
        model: that is asked.
        encoded: the rows as each of its networks reads them.
        output: a place, or None.

    Raises:
        InputError: for a place at which there is none.
    """
    m, outputs = encoded[0].X.shape[0], model.target.outputs
    if output is not None:
        if not isinstance(output, Integral) or not 0 <= output < outputs:
            raise InputError(
                f"output must be 0 to {outputs - 1}, the place of one of the model's outputs. Got {output!r}."
            )
        return np.full(m, output)
    if not (isinstance(model.target, ClassTarget) and outputs > 1):
        return np.zeros(m, dtype=np.intp)
    said = [network.compiled_predictor()(*read) for network, read in zip(networks_of(model), encoded, strict=True)]
    return np.asarray(np.mean(said, axis=0).argmax(axis=1))


def words_for(model: Model | Ensemble, output: int | None) -> str:
    """What the score is."""
    target = model.target
    if isinstance(target, NumberTarget):
        return target.names[output or 0]
    if isinstance(target, LabelTarget):
        return f"the log odds of {target.names[output or 0]!r}"
    if len(target.classes) == 2:
        return f"the log odds of {(target.classes[-1] if target.positive is None else target.positive)!r}"
    said = "the predicted class" if output is None else repr(target.classes[output])
    return f"the score of {said} beside the mean of all"


def by_blocks(block: Callable[[Array, Array], tuple[Array, ...]], score: Score, read: Encoded, chosen: Array) -> Any:
    """What `block` makes of U (k, some) and of the outputs chosen there, for all rows: its arrays, joined.

    Blocks are shared by threads, each of which leaves BLAS alone with its products.
    """
    X = read.X.toarray() if hasattr(read.X, "toarray") else read.X

    def of(start: int) -> tuple[Array, ...]:
        rows = slice(start, start + ROWS_AT_ONCE)
        return block(score.entering(X[rows], None if read.codes is None else read.codes[rows]), chosen[rows])

    with blas_threads(1):
        found = each(of, range(0, max(1, len(X)), ROWS_AT_ONCE))
    return [np.concatenate(arrays, axis=-1) for arrays in zip(*found, strict=True)]


def folded(score: Score, parts: Array) -> tuple[tuple[str, ...], Array]:
    """Parts (k, m) by what enters, as parts (m, columns) by raw column, with the names of these."""
    names = tuple(dict.fromkeys(score.raws))
    place = {name: j for j, name in enumerate(names)}
    values = np.zeros((len(names), parts.shape[1]))
    np.add.at(values, [place[raw] for raw in score.raws], parts)
    return names, values.T


def mean_of(found: Sequence[Attribution]) -> Attribution:
    """The mean over networks. A network whose rows lacked all values of a column does not read it: a part of 0."""
    names = tuple(dict.fromkeys(name for one in found for name in one.names))
    values = np.zeros((len(found[0].values), len(names)))
    for one in found:
        values[:, [names.index(name) for name in one.names]] += one.values / len(found)
    return Attribution(names, values, np.mean([one.scores for one in found], axis=0))
