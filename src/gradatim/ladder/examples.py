"""Rows with a target: what a table becomes once it is said what is to be predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.tables import Table, table_of
from gradatim.tables.pictures import FILE
from gradatim.tables.targets import present


@dataclass(frozen=True)
class Examples:
    """Rows, and what happened in each.

    Attributes:
        table: the columns to predict from.
        y: (m,) the target, a Polars series without missing values.
        target: its name.
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


def examples_of(source: Any, target: str | None = None, ignore: str | Sequence[str] = ()) -> Examples:
    """Read a table and part it into columns and target. Rows without a target are dropped and counted.

    Args:
        source: a path, ``sample:NAME``, a `Table` or any dataframe.
        target: name of the column to predict; a source that marks its own target needs none.
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
    name = target or table.target_name
    _require_targets(table, name)
    if name is None:
        raise InputError(
            f"The target must be named: which column is to be predicted? Got none. The columns are "
            f'{table.list_of_names()}. Add target="{table.names[-1] if table.names else "NAME"}", for instance.'
        )
    table.require(name, "target")
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    for column in ignored:
        table.require(column, "column to ignore")
    if name in ignored:
        raise InputError(f"ignore must not name the target. Got {name!r}.")
    held_out = None if table.held_out is None else examples_of(table.held_out, name, ignored)
    y = table.column(name)
    there = present(y)
    if not there.any():
        raise InputError(f"The target {name!r} must hold values. Got a column that is missing in every row.")
    notes = list(table.notes)
    if not there.all():
        lost = int((~there).sum())
        rows_are = "row without {} is" if lost == 1 else "rows without {} are"
        notes.append(f"{lost:,} {rows_are.format(name)} left out.")
        rows = np.flatnonzero(there)
        table, y = table.take(rows), y[rows]
    return Examples(table.drop([name, *ignored]), y, name, tuple(notes), held_out)


def _require_targets(table: Table, name: str | None) -> None:
    """Refuse pictures that nobody has labelled, before their pixels are offered as targets.

    Raises:
        InputError: if there is no column but pixels and the names of files.
    """
    if table.image_shape is not None and name not in table.frame.columns and not set(table.frame.columns) - {FILE}:
        raise InputError(
            f"{table.source or 'The table'} must hold a target for each picture. Got pictures alone: put them into one "
            f"folder a class, or save an .npz file with the arrays X and y."
        )
