"""Which rows train, and which are held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array


def rows_to_train_and_judge(
    rows: int, classes: Array | None, share: Any, given: Any, rng: np.random.Generator
) -> tuple[Array, Array | None]:
    """Which of the rows 0 … rows - 1 train, and which choose the epoch.

    Args:
        rows: how many there are.
        classes: (rows,) to keep in proportion, or None.
        share: in (0, 1), to hold out at random; None for none. A single row always trains.
        given: indices of the rows that choose the epoch; goes before `share`.
        rng: draws the split.

    Returns:
        Sorted indices; None for the second where no row is held out.

    Raises:
        InputError: for given rows that are none, all, or not there.
    """
    if given is not None:
        held = np.unique(np.asarray(given, dtype=np.intp))
        if not len(held) or held[0] < 0 or held[-1] >= rows or len(held) == rows:
            raise InputError(
                f"validation_rows must be some, not all, of the row indices 0 to {rows - 1}. "
                f"Got {len(held)} different ones{f', {held[0]} to {held[-1]}' if len(held) else ''}."
            )
        return np.setdiff1d(np.arange(rows), held), held
    if share is None or rows < 2:
        return np.arange(rows), None
    return hold_out(np.arange(rows), float(share), rng, classes)


def hold_out(rows: Array, share: float, rng: np.random.Generator, classes: Array | None = None) -> tuple[Array, Array]:
    """Split rows at random into those that stay and those held out, with the classes in proportion.

    A class never loses its last row: a table with a class of one row is split like any other, where scikit-learn's
    ``train_test_split`` refuses it.

    Args:
        rows: (m,) row indices, two at least.
        share: of them held out, in (0, 1); one row at least, all but one at most.
        rng: draws the split.
        classes: (m,) the class of each of `rows`, or None.

    Returns:
        (kept, held out), both in the order of `rows`.

    Example:
        >>> kept, held = hold_out(np.arange(10), 0.2, np.random.default_rng(0), classes=np.arange(10) % 2)
        >>> len(kept), sorted(held % 2)
        (8, [np.int64(0), np.int64(1)])
    """
    order = rng.permutation(len(rows))
    if classes is not None:
        order = order[_in_proportion(np.unique(classes[order], return_inverse=True)[1])]
    held = np.zeros(len(rows), dtype=bool)
    held[order[: min(max(round(share * len(rows)), 1), len(rows) - 1)]] = True
    return rows[~held], rows[held]


def _in_proportion(labels: Array) -> Array:
    """An order whose beginnings, however long, have the classes in proportion.

    Of a class with c rows the i-th, counted from 0, stands at (i + ½)/c; the last of each class goes to the very end.
    """
    counts = np.bincount(labels)
    by_class = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels))
    rank[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = (rank + 0.5) / counts[labels]
    place[rank == counts[labels] - 1] = 2.0
    return np.argsort(place, kind="stable")
