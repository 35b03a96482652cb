"""The columns of a target, from whatever people hold, and the columns that a network hands back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import polars as pl

from gradatim.errors import ShapeError
from gradatim.tables.conversion import as_series, halves_of

Output = Literal["identity", "sigmoid", "softmax"]
"""The activation of the last layer that goes with a target."""


def columns_of(values: Any, names: Sequence[str] | None = None, *, exactly: bool = False) -> list[pl.Series]:
    """The columns of one target or of several, each with its name.

    Args:
        values: one target: (m,) of anything that is a column, or (m, 1). Several: a dataframe of any library, an array
            (m, k), or a list of rows.
        names: (k,); None for the columns' own, "target" without. With a single name, several columns keep those of
            their dataframe, and are numbered without.
        exactly: whether a single name means a single column.

    Returns:
        k series of m values.

    Raises:
        ShapeError: for another number of names, or arrays of higher rank.

    Example:
        >>> [column.name for column in columns_of([[0, 1], [1, 1]], ["topic"])]
        ['topic_1', 'topic_2']
    """
    rows = isinstance(values, list | tuple) and len(values) and isinstance(values[0], list | tuple | np.ndarray)
    if rows or len(getattr(values, "shape", ())) > 1:
        halves = halves_of(values)
        columns = halves.frame.get_columns() if halves.block is None else _of_block(halves.block)
    else:
        columns = [as_series(values, "target")]
    k = len(columns)
    if names is None or (len(names) == 1 < k and not exactly):
        names = _own_names(values, columns, "target" if names is None else names[0])
    if len(names) != k:
        count = f"{len(names)} columns: {', '.join(names)}" if len(names) > 1 else f"one column, {names[0]!r}"
        raise ShapeError(f"The target must have {count}. Got {k}.")
    return [column.alias(name) for column, name in zip(columns, names, strict=True)]


def _own_names(values: Any, columns: Sequence[pl.Series], name: str) -> list[str]:
    """The names that columns brought along, or the given one, numbered where there are several."""
    if hasattr(values, "columns") or hasattr(values, "name"):
        return [column.name or name for column in columns]
    return [name] if len(columns) == 1 else [f"{name}_{j}" for j in range(1, len(columns) + 1)]


def _of_block(block: Any) -> list[pl.Series]:
    dense = block if isinstance(block, np.ndarray) else block.toarray()
    return [as_series(column) for column in dense.T]


def words_for(dtype: pl.DataType) -> str:
    """What values of no number are called."""
    if dtype == pl.Boolean:
        return "booleans"
    return "dates" if dtype.is_temporal() else "texts"


def outputs_of(A: Any, outputs: int) -> np.ndarray:
    """What a network handed out, as (m, outputs) float64.

    Raises:
        ShapeError: for another number of columns.
    """
    columns: np.ndarray = np.asarray(A, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.shape[1] != outputs:
        raise ShapeError(f"Predictions must have shape (m, {outputs}). Got {columns.shape}.")
    return columns
