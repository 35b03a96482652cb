"""Rows with a target: what a table becomes once it is said what is to be predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables import Table, table_of
from gradatim.tables.pictures import FILE
from gradatim.tables.targets import rows_without


@dataclass(frozen=True)
class Examples:
    """Rows, and what happened in each.

    Attributes:
        table: the columns to predict from.
        y: the target, a Polars series (m,) without missing values; of several targets a frame (m, k).
        target: its name; several with commas between.
        notes: what was decided on the way, a sentence each.
        held_out: the rows that the source itself keeps for a test, or None.
    """

    table: Table
    y: Any
    target: str
    notes: tuple[str, ...] = ()
    held_out: Examples | None = None

    @property
    def n_rows(self) -> int:
        """How many."""
        return self.table.n_rows

    def take(self, rows: Any) -> Examples:
        """These rows, in this order."""
        return Examples(self.table.take(rows), self.y[rows], self.target)


def examples_of(source: Any, target: str | Sequence[str] | None = None, ignore: str | Sequence[str] = ()) -> Examples:
    """Read a table and part it into columns and target. Rows without a target are dropped and counted.

    Args:
        source: a path, ``sample:NAME``, a `Table` or any dataframe.
        target: name of the column to predict, or several; a source that marks its own target needs none.
        ignore: columns to leave out.

    Returns:
        The examples.

    Raises:
        InputError: for a column that is not there, no target, or a target that is missing in every row.

    Example:
        >>> examples = examples_of({"x": [1, 2, 3], "y": ["a", None, "b"]}, "y")
        >>> examples.n_rows, examples.notes
        (2, ('1 row without y is left out.',))
    """
    table = table_of(source)
    asked = target or table.target_name
    names = (asked,) if isinstance(asked, str) else tuple(asked or ())
    _require_targets(table, names)
    if not names:
        raise InputError(
            f"The target must be named: which column is to be predicted? Got none. The columns are "
            f'{table.list_of_names()}. Add target="{table.names[-1] if table.names else "NAME"}", for instance.'
        )
    for name in names:
        table.require(name, "target")
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    for column in ignored:
        table.require(column, "column to ignore")
        if column in names:
            raise InputError(f"ignore must not name the target. Got {column!r}.")
    held_out = None if table.held_out is None else examples_of(table.held_out, names, ignored)
    found = {name: table.column(name) for name in names}
    there, lost = rows_without(names, list(found.values()))
    title = ", ".join(names)
    if not there.any():
        raise InputError(f"The target {title!r} must hold values. Got a column that is missing in every row.")
    y = found[names[0]] if len(names) == 1 else pl.DataFrame(found)
    notes = [*table.notes, *lost]
    if lost:
        rows = np.flatnonzero(there)
        table, y = table.take(rows), y[rows]
    return Examples(table.drop([*names, *ignored]), y, title, tuple(notes), held_out)


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
