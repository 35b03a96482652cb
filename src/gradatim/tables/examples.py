"""Rows with a target: what a table becomes once it is said what is to be predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.tables.conversion import as_series
from gradatim.tables.reading.pictures import FILE
from gradatim.tables.reading.sources import table_of
from gradatim.tables.table import Table
from gradatim.tables.targets import columns_of, present, rows_without
from gradatim.training.weights import checked_weights


@dataclass(frozen=True)
class Examples:
    """Rows, what happened in each, and how much each counts.

    Attributes:
        table: the columns to predict from.
        y: the target without missing values, a Polars series (m,); of several targets a frame (m, k).
        weights: (m,) float64, 0 or more; None counts each row once.
        groups: (m,) of one group are rows that must stay together, such as those of one patient; None splits freely.
        order: (m,) the order in which rows came about; None where it is no matter.
        notes: what was decided on the way, a sentence each.
        held_out: the rows that the source itself keeps for a test, or None.
    """

    table: Table
    y: Any
    weights: Array | None = None
    groups: pl.Series | None = None
    order: pl.Series | None = None
    notes: tuple[str, ...] = ()
    held_out: Examples | None = None

    @classmethod
    def of(cls, X: Any, y: Any, weights: Any = None, *, groups: Any = None, name: str | None = None) -> Examples:
        """Rows from whatever people hold.

        Args:
            X: anything that `Table.from_any` takes, m rows.
            y: (m,), (m, 1) or (m, k); none missing.
            weights: (m,) numbers of 0 or more, or None.
            groups: (m,) labels of groups, or None.
            name: of the target; its own, or "target", without.

        Raises:
            ShapeError: where lengths differ.
            InputError: for a table or weights that are none, or a y that is missing somewhere.

        Example:
            >>> Examples.of([[1.0], [2.0]], [[0, 1], [1, 1]]).names
            ('target_1', 'target_2')
        """
        table, y = Table.from_any(X), _targets(y, name)
        if len(y) != table.n_rows:
            raise ShapeError(f"y must have one value for each of the {table.n_rows} rows of X. Got {len(y)}.")
        _require_present(y)
        grouping = None if groups is None else as_series(groups, "groups")
        if grouping is not None and len(grouping) != table.n_rows:
            raise ShapeError(f"groups must have one value for each of the {table.n_rows} rows. Got {len(grouping)}.")
        return cls(table, y, None if weights is None else checked_weights(weights, table.n_rows), grouping)

    @property
    def names(self) -> tuple[str, ...]:
        """(k,) of the targets."""
        return tuple(self.y.columns) if self.several else (self.y.name,)

    @property
    def target(self) -> str:
        """The name of the target; several with commas between."""
        return ", ".join(self.names)

    @property
    def several(self) -> bool:
        """Whether more than one target is to be predicted."""
        return isinstance(self.y, pl.DataFrame)

    @property
    def n_rows(self) -> int:
        """How many."""
        return self.table.n_rows

    def take(self, rows: Any) -> Examples:
        """These rows, in this order. Notes and held-out rows stay with the whole."""
        weights, groups, order = (
            None if part is None else part[rows] for part in (self.weights, self.groups, self.order)
        )
        return Examples(self.table.take(rows), self.y[rows], weights, groups, order)


def examples_of(
    source: Any,
    target: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    *,
    weight: str | None = None,
    group: str | None = None,
    order: str | None = None,
    query: str | None = None,
) -> Examples:
    """Read a table and part it into columns and target.

    Rows without a target, and rows of weight 0, are dropped and counted: no draw could give them a part.

    Args:
        source: a path, ``sample:NAME``, a `Table` or any dataframe.
        target: name of the column to predict, or several; a source that marks its own target needs none.
        ignore: columns to leave out.
        weight: column that says how much each row counts; it is not predicted from.
        group: column whose equal values mark rows that stay together; it is not predicted from.
        order: column by which rows are ordered; it stays among those to predict from.
        query: what to ask of a database.

    Returns:
        The examples.

    Raises:
        InputError: for a column that is not there, no target, or a target that is missing in every row.

    Example:
        >>> examples = examples_of({"x": [1, 2, 3], "y": ["a", None, "b"]}, "y")
        >>> examples.n_rows, examples.notes
        (2, ('1 row without y is left out.',))
    """
    table = table_of(source, query=query)
    names = _names(table, target)
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    roles = {"ignore": ignored, "weight": (weight,), "group": (group,), "order": (order,)}
    for role, asked in roles.items():
        _require_others(table, names, role, [column for column in asked if column is not None])
    held_out = None
    if table.held_out is not None:
        held_out = examples_of(table.held_out, names, [name for name in ignored if name in table.held_out.names])
    columns = {name: table.column(name) for name in names}
    there, lost = rows_without(names, list(columns.values()))
    if not there.any():
        raise InputError(
            f"The target {', '.join(names)!r} must hold values. Got a column that is missing in every row."
        )
    weights = None if weight is None else _weights(table, weight, there)
    found = Examples(
        table,
        columns[names[0]] if len(names) == 1 else pl.DataFrame(columns),
        weights,
        groups=None if group is None else table.column(group),
        order=None if order is None else table.column(order),
    )
    counted = there if weights is None else there & (weights > 0)
    if not counted.all():
        found = found.take(np.flatnonzero(counted))
    weightless = int((there & ~counted).sum())
    if weightless:
        lost.append(f"{weightless:,} {'row of weight 0 is' if weightless == 1 else 'rows of weight 0 are'} left out.")
    dropped = {*names, *ignored, *(name for name in (weight, group) if name is not None)}
    told = [] if weight is None else [f"In training each row counts by its {weight!r}, which is not predicted from."]
    notes = (*table.notes, *lost, *told)
    return replace(found, table=found.table.drop(dropped), notes=notes, held_out=held_out)


def _names(table: Table, target: str | Sequence[str] | None) -> tuple[str, ...]:
    """Which columns are to be predicted.

    Raises:
        InputError: if there are none, or one is not there.
    """
    asked = target or table.target_name
    names = (asked,) if isinstance(asked, str) else tuple(dict.fromkeys(asked or ()))
    _require_targets(table, names)
    if not names:
        raise InputError(
            f"The target must be named: which column is to be predicted? Got none. The columns are "
            f'{table.list_of_names()}. Add target="{table.names[-1] if table.names else "NAME"}", for instance.'
        )
    for name in names:
        table.require_one(name, "target")
    return names


def _require_others(table: Table, names: Sequence[str], role: str, columns: Sequence[str]) -> None:
    for column in columns:
        table.require_one(column, "column to ignore" if role == "ignore" else f"column of {role}")
        if column in names:
            raise InputError(f"{role} must not name the target. Got {column!r}.")


def _require_targets(table: Table, names: tuple[str, ...]) -> None:
    """Refuse pictures that nobody has labelled, before their pixels are offered as targets.

    Raises:
        InputError: if there is no column but pixels and the names of files.
    """
    columns = set(table.frame.columns)
    if table.image_shape is not None and not columns.intersection(names) and not columns - {FILE}:
        raise InputError(
            f"{table.source or 'The table'} must hold a target for each picture. Got pictures alone: put them into one "
            f"folder a class, or save an .npz file with the arrays X and y."
        )


def _weights(table: Table, name: str, there: Array) -> Array:
    """A column of weights, (m,); NaN where it is no number in a row without a target.

    Args:
        table: as it was read, so that rows are counted as people count them.
        name: of the column.
        there: (m,) which rows have a target: of the others the weight does not matter.

    Raises:
        InputError: where it holds anything but numbers of 0 or more, or no number above 0.
    """
    weights = table.column(name).cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    bad = np.flatnonzero(there & ~(np.isfinite(weights) & (weights >= 0)))
    who = f"The column of weight, {name!r},"
    if len(bad):
        raise InputError(
            f"{who} must hold a number of 0 or more in every row. Got {table.levels_column(name)[int(bad[0])]!r} in "
            f"row {bad[0] + 1}, and {len(bad):,} such {'row' if len(bad) == 1 else 'rows'} in all."
        )
    if not (weights[there] > 0).any():
        raise InputError(f"{who} must hold a number above 0 in a row with a target. Got 0 in every such row.")
    return np.asarray(weights, dtype=np.float64)


def _targets(y: Any, name: str | None) -> Any:
    """One target as a series, several as a frame."""
    columns = columns_of(y, None if name is None else (name,))
    return columns[0] if len(columns) == 1 else pl.DataFrame(columns)


def _require_present(y: Any) -> None:
    """Asked here, before rows are drawn, so that the message can name the caller's rows."""
    there = present(y)
    if not there.all():
        lost = np.flatnonzero(~there)
        raise InputError(
            f"y must hold a finite number or a label in every row. Got missing, NaN or inf in {len(lost):,} of "
            f"{len(y):,} rows, first in row {lost[0]} (counted from 0). Leave those rows out: they teach nothing."
        )
