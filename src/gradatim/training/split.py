"""Which rows train, and which are held out: at random, with classes in proportion, and groups whole.

Conventions
-----------
* Classes and groups come as integer codes, one a row; `strata` and `group_codes` make them from what people hold.
* Without groups a class never loses its last row. With groups it keeps one wherever whole groups allow it.
* A share is met as closely as whole groups allow: the best of a few random fillings, never the exact optimum, which
  would hold out the same groups whatever the seed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array, is_missing

FILLINGS = 8
"""Random orders in which groups are offered to the part that is held out; the best filling counts."""

MOST_PARCELS = 1000
"""Of more groups than these, random ones travel together: chance keeps the shares of so many, and time is saved."""

ROWS_OF_A_STRATUM = 5
"""A combination of several labels in fewer rows is no stratum of its own."""


def rows_to_train_and_judge(
    rows: int, classes: Array | None, share: Any, given: Any, rng: np.random.Generator, groups: Any = None
) -> tuple[Array, Array | None]:
    """Which of the rows 0 … rows - 1 train, and which choose the epoch.

    Args:
        rows: how many there are.
        classes: (rows,) to keep in proportion, or None.
        share: in (0, 1), to hold out at random; None for none. A single row always trains.
        given: indices of the rows that choose the epoch; goes before `share` and `groups`.
        rng: draws the split.
        groups: (rows,) what each row belongs to, as for `group_codes`: no group is in both; or None.

    Returns:
        Sorted indices; None for the second where no row is held out.

    Raises:
        InputError: for given rows that are none, all, or not there, or a single group.
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
    codes = None if groups is None else group_codes(groups, rows)
    return hold_out(np.arange(rows), float(share), rng, classes, codes)


def hold_out(
    rows: Array,
    share: float,
    rng: np.random.Generator,
    classes: Array | None = None,
    groups: Array | None = None,
    *,
    keep: int = 1,
) -> tuple[Array, Array]:
    """Split rows at random into those that stay and those held out, with the classes in proportion.

    A class never loses its last row: a table with a class of one row is split like any other, where scikit-learn's
    ``train_test_split`` refuses it.

    Args:
        rows: (m,) row indices, two at least.
        share: of them held out, in (0, 1); one row at least, all but one at most.
        rng: draws the split.
        classes: (m,) the class of each of `rows`, or None.
        groups: (m,) the group of each of `rows`, as a code, or None. No group is then on both sides.
        keep: groups that stay, at least.

    Returns:
        (kept, held out), both in the order of `rows`.

    Raises:
        InputError: for too few groups to hold one out.

    Example:
        >>> kept, held = hold_out(np.arange(10), 0.2, np.random.default_rng(0), classes=np.arange(10) % 2)
        >>> len(kept), sorted(held % 2)
        (8, [np.int64(0), np.int64(1)])
        >>> kept, held = hold_out(np.arange(10), 0.4, np.random.default_rng(0), groups=np.arange(10) // 2)
        >>> len(held), set(kept // 2) & set(held // 2)
        (4, set())
    """
    if groups is not None:
        held = _groups_held(groups, share, rng, classes, keep)
        return rows[~held], rows[held]
    order = rng.permutation(len(rows))
    if classes is not None:
        order = order[_in_proportion(np.unique(classes[order], return_inverse=True)[1])]
    held = np.zeros(len(rows), dtype=bool)
    held[order[: min(max(round(share * len(rows)), 1), len(rows) - 1)]] = True
    return rows[~held], rows[held]


def parts_of(
    rows: Array, count: int, rng: np.random.Generator, classes: Array | None = None, groups: Array | None = None
) -> list[Array]:
    """Cut rows at random into parts of about the same size, with the classes in proportion.

    Args:
        rows: (m,) row indices, one for each part at least.
        count: how many parts.
        rng: draws them.
        classes: (m,) the class of each of `rows`, or None.
        groups: (m,) the group of each of `rows`, as a code, or None. Each is then in one part, whole.

    Returns:
        The parts, each in the order of `rows`.

    Raises:
        InputError: for fewer groups than parts.

    Example:
        >>> parts = parts_of(np.arange(6), 3, np.random.default_rng(0), classes=np.arange(6) % 2)
        >>> [sorted((part % 2).tolist()) for part in parts], sorted(np.concatenate(parts).tolist())
        ([[0, 1], [0, 1], [0, 1]], [0, 1, 2, 3, 4, 5])
    """
    parts, rest = [], np.arange(len(rows))
    for left in range(count, 1, -1):
        of_rest = (None if codes is None else codes[rest] for codes in (classes, groups))
        rest, part = hold_out(rest, 1 / left, rng, *of_rest, keep=left - 1)
        parts.append(rows[part])
    return [*parts, rows[rest]]


def strata(labels: Any) -> Array:
    """Codes of what is to be kept in proportion.

    Args:
        labels: (m,) classes; or (m, k) several labels a row, whose combinations count. Combinations in fewer than 5
            rows are one stratum together.

    Returns:
        (m,) int64.

    Example:
        >>> strata(["b", "a", "b"]).tolist()
        [1, 0, 1]
    """
    values = np.asarray(labels)
    if values.ndim == 1:
        return np.unique(values, return_inverse=True)[1]
    codes = np.stack([np.unique(column, return_inverse=True)[1] for column in values.T], axis=1)
    _, combination, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    combination = combination.reshape(-1) + 1
    combination[counts[combination - 1] < ROWS_OF_A_STRATUM] = 0
    return np.unique(combination, return_inverse=True)[1]


def group_codes(groups: Any, rows: int) -> Array:
    """Codes of what stays together.

    Args:
        groups: (rows,) hashable values: a series of any library, an array, a list. A missing one (None, NaN) is a group
            of its own: that several rows lack a name does not make them one thing.
        rows: how many there must be.

    Returns:
        (rows,) int64, counted in the order in which groups first appear.

    Raises:
        ShapeError: for another number of values, or more than one column.
        InputError: for values that are not hashable.

    Example:
        >>> group_codes(["ann", "bob", None, "ann", None], 5).tolist()
        [0, 1, 2, 0, 3]
    """
    if getattr(groups, "ndim", 1) != 1:
        raise ShapeError(f"The groups must be one column, with one value for each row. Got shape {groups.shape}.")
    as_list = getattr(groups, "to_list", getattr(groups, "tolist", None))
    values: Iterable[Hashable] = groups if as_list is None else as_list()
    seen: dict[Hashable, int] = {}
    codes = []
    try:
        for value in values:
            code = seen.get(value)
            if code is None:
                code = seen[object() if is_missing(value) else value] = len(seen)
            codes.append(code)
    except TypeError as fault:
        raise InputError(f"The groups must be texts, numbers or dates. Got {fault}.") from fault
    if len(codes) != rows:
        raise ShapeError(f"The groups must have one value for each of the {rows:,} rows. Got {len(codes):,}.")
    return np.array(codes, dtype=np.int64)


def _groups_held(groups: Array, share: float, rng: np.random.Generator, classes: Array | None, keep: int) -> Array:
    """Which rows are held out, as whole groups: (m,) booleans."""
    group = np.unique(groups, return_inverse=True)[1]
    G = int(group.max()) + 1
    if G <= keep:
        raise InputError(
            f"The rows must be of {keep + 1} different groups or more, as each stays whole and is either trained on or "
            f"judged by. Got {G}."
        )
    if G > MOST_PARCELS:
        group, G = (rng.permutation(G) % MOST_PARCELS)[group], MOST_PARCELS
    label = np.zeros(len(group), dtype=np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
    K = int(label.max()) + 1
    counts = np.bincount(group * K + label, minlength=G * K).reshape(G, K)
    counts = np.column_stack([counts.sum(axis=1), counts])
    parts = counts / counts.sum(axis=0)  # (G, 1 + K): the share of all rows, and of each class, that a group holds
    fillings = [_filling(parts, share, rng.permutation(G), keep) for _ in range(FILLINGS)]
    best = min(fillings, key=lambda held: _distance(parts[held].sum(axis=0), share))
    return np.isin(group, best)


def _filling(parts: Array, share: float, order: Array, keep: int) -> list[int]:
    """The groups that are held out if they are offered in this order, and taken where that brings the share nearer."""
    held: list[int] = []
    full = np.zeros(parts.shape[1])
    nearest = _distance(full, share)
    for group in order.tolist():
        distance = _distance(full + parts[group], share)
        if distance < nearest and len(held) < len(order) - keep:
            held, full, nearest = [*held, group], full + parts[group], distance
    return held or [int(min(order, key=lambda group: _distance(parts[group], share)))]


def _distance(held: Array, share: float) -> float:
    """How far held shares are from the share asked for; far off where a class is held whole, as none of it trains."""
    return float(np.mean((held - share) ** 2)) + float(np.any(held > 1 - 1e-9))


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
