"""What a model says on average, where one column is set to a value in all rows.

Conventions
-----------
* Predictions are those that people see: probabilities of classes (of two classes, of the positive one), and numbers in
  the units of the target.
* The values of a number or a date are such as stand in the rows, at evenly spaced ranks from 5 % to 95 %: where values
  are many, points are close. Those of a category are the levels that the model knows, in its own order.
* The other columns stay as they are. Where two columns go together, some of these rows cannot exist, and what the model
  says of them has never been tested.

Source: Friedman 2001 (Greedy function approximation), section 8.2; the curves of single rows: Goldstein, Kapelner,
Bleich & Pitkin 2015 (Peeking inside the black box), individual conditional expectation. The numbers are those of
scikit-learn's ``partial_dependence`` with ``method="brute"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, whole
from gradatim.formulas.arrays import Array
from gradatim.glass.columns import Others, ReadRows, encoded_by_each, require_read
from gradatim.glass.listing import Listing, written
from gradatim.glass.within import model_within
from gradatim.model import Ensemble, Model
from gradatim.tables import ClassTarget, LabelTarget, NumberTarget, Table

RANKS = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The mean prediction by the value of a column.

    Attributes:
        column: its name.
        kind: "number", "date", "category" or "boolean".
        grid: (g,) the values, as the table has them.
        names: (outputs,) of what is predicted: the target, or its classes.
        values: (g, outputs) mean predictions.
        unit: what they are, in words.
        rows: how many were asked.
        individual: (m, g, outputs) the prediction of each row; None where nobody asked for it.
    """

    column: str
    kind: str
    grid: tuple[Any, ...]
    names: tuple[str, ...]
    values: Array
    unit: str
    rows: int
    individual: Array | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether there is something between two values: numbers and dates, not levels of a category."""
        return self.kind not in ("category", "boolean")

    def listing(self) -> Listing:
        """A row for each value."""
        rows = [(written(x), *(f"{y:.4g}" for y in ys)) for x, ys in zip(self.grid, self.values, strict=True)]
        title = f"{self.unit} by {self.column}, mean over {self.rows:,} rows"
        return Listing(title, (self.column, *self.names), rows, range(0 if self.is_ordered else 1, 1 + len(self.names)))

    def __str__(self) -> str:
        return self.listing().text()

    def _repr_html_(self) -> str:
        return self.listing().html()


def partial_dependence(
    model: Any,
    rows: Any,
    column: str,
    *,
    grid: Sequence[Any] | None = None,
    points: int = 20,
    individual: bool = False,
) -> PartialDependence:
    """The mean prediction where all rows have the same value in a column, value by value.

    Args:
        model: a `Model`, an `Ensemble`, a fitted estimator, or a run.
        rows: (m rows) as for `Model.table_of`, over which the mean is taken.
        column: one that the model reads.
        grid: values of your own, as the table has them; None missing.
        points: of the grid of a number or a date, at most.
        individual: whether to keep the prediction of every row, too: (m, g, outputs) numbers.

    Returns:
        A `PartialDependence`.

    Raises:
        InputError: for a column that the model does not read, a column of missing values alone, no rows, or an empty
            grid.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> table = {"x": [0.0, 1.0, 2.0, 3.0], "sex": ["f", "m", "m", "f"]}
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
        >>> model = train_model(line, table, [1.0, 2.0, 4.0, 7.0], target_name="pay")
        >>> print(partial_dependence(model, table, "sex"))
        pay by sex, mean over 4 rows
        sex  pay
        f      4
        m      3
    """
    whole("partial_dependence", "points", points, least=2)
    model = model_within(model)
    require_read(model.encoder, column)
    table = model.table_of(rows)
    if not table.n_rows:
        raise InputError("rows must be one or more. Got none.")
    kind = next(known.kind for known in model.encoder.columns if known.name == column)
    values = _grid(model, table, column, points) if grid is None else _own_grid(column, grid)
    read = ReadRows.of(model, table)
    others = encoded_by_each(model, _rows_with(table, column, values))
    said = (_predictions(model, read.outputs({column: Others(others, place)})) for place in range(len(values)))
    names, unit = _names_and_unit(model)
    of_rows = np.stack(list(said), axis=1) if individual else None
    means = np.stack([P.mean(axis=0) for P in said]) if of_rows is None else of_rows.mean(axis=0)
    return PartialDependence(column, kind, tuple(values), names, means, unit, table.n_rows, of_rows)


def _grid(model: Model | Ensemble, table: Table, column: str, points: int) -> pl.Series:
    """The levels of a category; values at evenly spaced ranks, or all where they are few."""
    categories = (*model.encoder.categories, *model.encoder.embedded)
    levels = next((one.levels for one in categories if one.feature.raw == column and not one.feature.part), None)
    if levels is not None:
        return pl.Series(column, levels)
    there = model.encoder.checked(table).column(column).drop_nulls()
    there = there.drop_nans() if there.dtype.is_float() else there
    if not len(there):
        raise InputError(f"Column {column!r} must have a value in some row. Got missing values alone: give a grid.")
    distinct = there.unique().sort()
    if len(distinct) <= points:
        return distinct
    ranks = np.linspace(*RANKS, points) * (len(there) - 1)
    return there.sort()[np.round(ranks).astype(np.int64)].unique().sort()


def _own_grid(column: str, grid: Any) -> pl.Series:
    if isinstance(grid, str) or not isinstance(grid, Iterable) or not (values := list(grid)):
        raise InputError(f"grid must be a list of one or more values of {column!r}. Got {grid!r}.")
    return pl.Series(column, values, strict=False)


def _rows_with(table: Table, column: str, values: pl.Series) -> Table:
    """The first row of a table as often as there are values, with these in a column."""
    first = table.take(np.zeros(len(values), dtype=np.intp)).to_polars()
    return Table.from_any(first.with_columns(values.alias(column)))


def _predictions(model: Model | Ensemble, outputs: Array) -> Array:
    """(m, names) as people see them."""
    target = model.target
    if isinstance(target, NumberTarget):
        return target.decode(outputs)
    if isinstance(target, ClassTarget) and len(target.classes) == 2:
        return outputs  # of the positive class
    return target.probabilities(outputs)


def _names_and_unit(model: Model | Ensemble) -> tuple[tuple[str, ...], str]:
    target = model.target
    if isinstance(target, NumberTarget):
        return target.names, ", ".join(target.names)
    if isinstance(target, LabelTarget):
        return target.names, f"Probability of {', '.join(target.names)}"
    if len(target.classes) == 2:
        positive = str(target.classes[-1] if target.positive is None else target.positive)
        return (positive,), f"Probability of {target.name} {positive}"
    return tuple(map(str, target.classes)), f"Probability of {target.name}"
