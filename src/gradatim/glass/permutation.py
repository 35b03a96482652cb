"""How much worse a model predicts rows in which a column is shuffled.

Conventions
-----------
* The numbers are those of scikit-learn's ``permutation_importance``, whose shuffles they are: the same seed gives the
  same. A loss counts with the other sign, so that by any metric what is important is above 0.
* A column that says the same as another one loses little: the other is still there. That says nothing about the column
  alone.
* Of rows that trained, they tell what the model clings to; of rows that it has not seen, what its predictions are
  worth. Take those.

Source: Breiman 2001 (Random forests), section 10; Fisher, Rudin & Dominici 2019 (JMLR 20, 177) for any model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import InputError, named, whole
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric, metric_for
from gradatim.glass.columns import Others, ReadRows, columns_read, require_read
from gradatim.glass.listing import Listing
from gradatim.glass.scores import DTYPES
from gradatim.glass.within import model_within
from gradatim.ladder.scoring import Outcome
from gradatim.tables.examples import Examples, examples_of


@dataclass(frozen=True, eq=False)
class PermutationImportance:
    """By how much each column's shuffling worsens the metric.

    Attributes:
        names: (k,) of the columns, in the table's order.
        importances: (k, n_repeats) of each shuffle, in the units of the metric, as scikit-learn calls them.
        metric: by name.
        score: the metric of the rows as they are.
        rows: how many there are.
    """

    names: tuple[str, ...]
    importances: Array
    metric: str
    score: float
    rows: int

    @property
    def values(self) -> Array:
        """(k,) means over the shuffles."""
        return np.asarray(self.importances.mean(axis=1))

    @property
    def deviations(self) -> Array:
        """(k,) standard deviations over the shuffles, as scikit-learn has them: of n, not of n - 1."""
        return np.asarray(self.importances.std(axis=1))

    @property
    def order(self) -> Array:
        """(k,) places of the columns, the most important first."""
        return np.argsort(-self.values, kind="stable")

    def listing(self) -> Listing:
        """The most important column first."""
        rows = [(self.names[j], f"{self.values[j]:.4g}", f"± {self.deviations[j]:.2g}") for j in map(int, self.order)]
        title = f"{self.metric} is {self.score:.4g} on {self.rows:,} rows; with a column shuffled it is worse by"
        return Listing(title, ("column", "worse by", "sd"), rows, (1,))

    def __str__(self) -> str:
        return self.listing().text()

    def _repr_html_(self) -> str:
        return self.listing().html()


def permutation_importance(
    model: Any,
    rows: Any,
    y: Any = None,
    *,
    metric: Any = None,
    columns: Sequence[str] | None = None,
    n_repeats: int = 5,
    random_state: int | None = 0,
    dtype: str = "float64",
) -> PermutationImportance:
    """How much worse the metric gets where a column is shuffled, column by column.

    Args:
        model: a `Model`, an `Ensemble`, a fitted estimator, or a run.
        rows: (m rows) as for `Model.table_of`; best such as did not train.
        y: (m,) or (m, k) targets; None where `rows` have them as columns.
        metric: as in settings: a name, a `Metric`, or a function. None is log_loss of classes, and rmse of numbers.
        columns: which; None takes all that the model reads.
        n_repeats: shuffles of each column.
        random_state: seed of the shuffles.
        dtype: "float32" or "float64" of the predictions; float32 takes about half the time.

    Returns:
        A `PermutationImportance`.

    Raises:
        InputError: for a column that the model does not read, a model that reads none (of pictures `attribution` says
            what each pixel gives), a metric that is not defined on these rows, or another dtype.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "noise": [1.0, -1.0, -1.0, 1.0]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, table, [0.0, 2.0, 4.0, 6.0])
        >>> print(permutation_importance(model, table, [0.0, 2.0, 4.0, 6.0], metric="mae"))  # doctest: +ELLIPSIS
        mae is ... on 4 rows; with a column shuffled it is worse by
        column  worse by  sd
        x            ...
        noise        ...
    """
    whole("permutation_importance", "n_repeats", n_repeats)
    named("dtype", dtype, DTYPES)
    model = model_within(model)
    table = model.table_of(rows)
    examples = examples_of(table, model.target.names) if y is None else Examples.of(table, y)
    judge = metric_for(metric or ("rmse" if model.task == "regression" else "log_loss"), model.task)
    names = columns_read(model.encoder) if columns is None else tuple(require_read(model.encoder, c) for c in columns)
    if not names:
        raise InputError("permutation_importance must be asked of a model that reads columns. Got none to shuffle.")
    shuffled = Shuffled(ReadRows.of(model, examples.table, dtype), examples.y, judge, names)
    found = shuffled.importances(n_repeats, random_state)
    if found is None:
        raise InputError(f"The metric must be defined on these rows. Got {judge.name}, which is no number on them.")
    return PermutationImportance(names, found, judge.name, shuffled.value({}), examples.n_rows)


@dataclass(frozen=True)
class Shuffled:
    """Rows whose columns are shuffled, one at a time.

    Attributes:
        read: the rows.
        y: their targets.
        metric: by which they are judged.
        names: of the columns.
    """

    read: ReadRows
    y: Any
    metric: Metric
    names: tuple[str, ...]

    def importances(self, n_repeats: int, random_state: int | None) -> Array | None:
        """(k, n_repeats); None where the metric is not defined on these rows."""
        from sklearn.inspection import permutation_importance  # predicting passes by this package

        m = self.read.m
        if not np.isfinite(self.value({})):
            return None
        # scikit-learn shuffles numbers of rows, a column of them for each column of the table; what stands in those
        # rows is looked up for the score.
        places = np.repeat(np.arange(m)[:, None], len(self.names), axis=1)
        found = permutation_importance(
            _AsItIs(), places, np.zeros(m), scoring=self._score, n_repeats=n_repeats, random_state=random_state
        )
        return np.asarray(found.importances)

    def value(self, moved: dict[str, Array]) -> float:
        """The metric, where columns have the values of other rows: their names → these rows."""
        changed = {name: Others(self.read.encoded, rows) for name, rows in moved.items()}
        return Outcome(self.read.model.target, self.y, self.read.outputs(changed)).value(self.metric)

    def _score(self, _: Any, places: Array, y: Any = None) -> float:
        """The metric where column k has the values of the rows places[:, k]; greater is better."""
        moved = np.flatnonzero((places != np.arange(len(places))[:, None]).any(axis=0))
        value = self.value({self.names[k]: places[:, k] for k in moved})
        return value if self.metric.greater_is_better else -value


class _AsItIs:
    """What scikit-learn asks of a model, which the score does not need."""

    def fit(self, X: Any, y: Any = None) -> _AsItIs:
        return self
