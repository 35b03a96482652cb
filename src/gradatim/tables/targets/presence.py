"""Which rows have a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradatim.tables.conversion import as_series
from gradatim.tables.targets.target_columns import columns_of


def present(values: Any) -> np.ndarray:
    """Which rows have a target, or all of several: (m,) booleans, False for missing, NaN and infinite ones.

    Args:
        values: (m,) or (m, k), as `columns_of` takes it.

    Example:
        >>> present([1.0, None, float("nan")])
        array([ True, False, False])
    """
    there = []
    for series in columns_of(values):
        finite = series.is_finite().fill_null(False) if series.dtype.is_float() else series.is_not_null()
        there.append(finite.to_numpy())
    return np.asarray(np.logical_and.reduce(there))


def rows_without(names: Sequence[str], columns: Sequence[Any]) -> tuple[np.ndarray, list[str]]:
    """Which rows have every target, and a sentence on those that lack one, or where one is infinite.

    Example:
        >>> rows_without(["y"], [[1.0, None, float("inf")]])[1]
        ['1 row without y is left out.', '1 row whose y is infinite is left out.']
    """
    there = np.logical_and.reduce([present(values) for values in columns])
    infinite = ~there & np.logical_or.reduce([_infinite(values) for values in columns])
    title, notes = ", ".join(names), []
    for rows, lacking in ((~there & ~infinite, f"without {title}"), (infinite, f"whose {title} is infinite")):
        lost = int(rows.sum())
        if lost:
            notes.append(f"{lost:,} {f'row {lacking} is' if lost == 1 else f'rows {lacking} are'} left out.")
    return there, notes


def _infinite(values: Any) -> np.ndarray:
    series = as_series(values)
    if not series.dtype.is_float():
        return np.zeros(len(series), dtype=bool)
    return series.is_infinite().fill_null(False).to_numpy()
