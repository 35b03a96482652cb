"""Which rows train, which choose, and which are kept for the end.

Conventions
-----------
* Test rows are drawn first, validation rows from the rest: by default 64 % train, 16 % choose, 20 % test.
* A seed gives the same rows in every run and for every rung. Row indices come sorted: training draws its own order.
* For classes every part has them in proportion (stratified), and every class keeps a row to train on.
* Rows of one group stay together; a row without a group is a group of its own.
* In order, the last rows test and those before them choose: nothing is drawn. Rows of one moment stay together. A row
  without a moment trains: where it stands is not known, and what measures must be known to come later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, ShapeError
from gradatim.settings import VALIDATION_SHARE
from gradatim.tables.conversion import as_series
from gradatim.tables.dates import all_dates, dates_in_another_order, dates_of, look_like_dates
from gradatim.tables.targets import columns_of, label_text
from gradatim.training.split import group_codes, hold_out, strata

Indices = np.ndarray[Any, np.dtype[np.intp]]

FEWEST_ROWS = 5


@dataclass(frozen=True)
class Split:
    """Row indices of one table, disjoint and sorted.

    Attributes:
        train: rows that parameters and encodings are fitted on.
        validation: rows that choose the epoch and the rung.
        test: rows that nothing is chosen by; empty where the test rows are a table of their own.
        notes: what was decided on the way, a sentence each.
    """

    train: Indices
    validation: Indices
    test: Indices
    notes: tuple[str, ...] = ()

    @property
    def development(self) -> Indices:
        """Training and validation rows, sorted: all that a training may see."""
        return np.sort(np.concatenate([self.train, self.validation]))


def split_rows(
    n_rows: int, labels: Any = None, *, test: float = 0.2, seed: int = 0, groups: Any = None, order: Any = None
) -> Split:
    """Choose test rows, then validation rows from the rest.

    Args:
        n_rows: rows of the table, at least 5.
        labels: (n_rows,) classes to keep in proportion, or (n_rows, k) labels, whose combinations count; a column, a
            dataframe or an array; or None.
        test: share of the rows to test on; 0 draws none.
        seed: of the draw.
        groups: (n_rows,) what each row belongs to: no group is in two parts. Shares are met as closely as whole groups
            allow.
        order: (n_rows,) numbers, dates or texts to sort by: the last rows test, those before them validate. Texts that
            are no dates stand in alphabetical order.

    Returns:
        The split.

    Raises:
        InputError: for fewer than 5 rows, a share outside [0, 1), groups beside an order, fewer groups or moments than
            parts, or a class without a training row.
        ShapeError: for groups, or an order, of another length.

    Example:
        >>> split = split_rows(10, seed=1)
        >>> len(split.train), len(split.validation), len(split.test)
        (6, 2, 2)
        >>> split_rows(10, order=range(10)).test.tolist()
        [8, 9]
    """
    if not 0 <= test < 1:
        raise InputError(f"test must be a share of the rows in [0, 1), such as 0.2, or a file. Got {test!r}.")
    refuse_few_rows(n_rows)
    if groups is not None and order is not None:
        raise InputError("The rows must be split by groups or in order, not both. Got both: leave one of them out.")
    ranks = None if labels is None else _ranks(labels)
    if order is not None:
        split = _in_order(n_rows, test, order)
    else:
        codes, notes = (None, ()) if groups is None else _checked_groups(groups, n_rows, test)
        split = _drawn(n_rows, None if ranks is None else strata(ranks), codes, test, np.random.default_rng(seed))
        split = replace(split, notes=notes)
    if ranks is not None and (groups is not None or order is not None):
        _require_every_class(labels, ranks, split.train, "by groups" if order is None else "in order")
    return split


def refuse_few_rows(n_rows: int) -> None:
    """Refuse a table that cannot be split in three.

    Raises:
        InputError: with how many rows it must have.
    """
    if n_rows < FEWEST_ROWS:
        raise InputError(
            f"The table must have {FEWEST_ROWS} rows with a target or more, to train, choose and test. Got {n_rows}."
        )


def _drawn(
    n_rows: int, classes: np.ndarray | None, groups: np.ndarray | None, test: float, rng: np.random.Generator
) -> Split:
    def of(codes: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
        return None if codes is None else codes[rows]

    rest, held = np.arange(n_rows), np.arange(0)
    if test:
        rest, held = hold_out(rest, test, rng, classes, groups, keep=2)
    train, chosen = hold_out(rest, VALIDATION_SHARE, rng, of(classes, rest), of(groups, rest))
    return Split(train, chosen, held)


def _checked_groups(groups: Any, n_rows: int, test: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes of groups, of which there are enough for every part to have one; and a note on rows without a group."""
    codes = group_codes(groups, n_rows)
    parts, purpose = (3, "train, choose and test") if test else (2, "train and choose")
    found, series = int(codes.max()) + 1, as_series(groups, "groups")
    if found < parts:
        raise InputError(
            f"The rows must be of {parts} different groups or more, to {purpose}: each group stays whole. "
            f"Got {found} in {series.name or 'groups'!r}."
        )
    lost = (series.fill_nan(None) if series.dtype.is_float() else series).null_count()
    if not lost:
        return codes, ()
    each = (
        "1 row without a value is a group of its own"
        if lost == 1
        else f"{lost:,} rows without a value are groups of their own"
    )
    return codes, (f"{series.name or 'groups'!r} groups the rows: {each}.",)


def _in_order(n_rows: int, test: float, order: Any) -> Split:
    """The first moments train, the next choose, the last test."""
    series = as_series(order, "order")
    name = series.name or "order"
    if len(series) != n_rows:
        raise ShapeError(f"The order must have one value for each of the {n_rows:,} rows. Got {len(series):,}.")
    values, notes = sortable(series, name)
    there = values.drop_nulls()
    moments = there.rank("dense").to_numpy().astype(np.intp) - 1
    ends = np.cumsum(np.bincount(moments)) if len(moments) else np.zeros(0, dtype=np.intp)  # rows up to each moment
    parts = 3 if test else 2
    if len(ends) < parts:
        raise InputError(
            f"The column {name!r} must hold {parts} different values or more to order the rows by: rows of one value "
            f"stay together. Got {len(ends)}."
        )
    tested = _cut(ends[1:-1], (1 - test) * len(there)) + 2 if test else len(ends)
    trained = _cut(ends[: tested - 1], (1 - VALIDATION_SHARE) * ends[tested - 1]) + 1
    place = np.zeros(n_rows, dtype=np.intp)  # a row without a moment trains
    place[values.is_not_null().to_numpy()] = moments
    lost = n_rows - len(there)
    if lost:
        rows = "1 row without a value trains" if lost == 1 else f"{lost:,} rows without a value train"
        notes.append(
            f"{name!r} orders the rows: {rows}, as nobody knows when {'it was' if lost == 1 else 'they were'}."
        )
    train, chosen = np.flatnonzero(place < trained), np.flatnonzero((place >= trained) & (place < tested))
    return Split(train, chosen, np.flatnonzero(place >= tested), tuple(notes))


def _cut(ends: np.ndarray, wanted: float) -> int:
    """The place of the moment at whose end the number of rows is nearest to the one that is wanted."""
    return int(np.argmin(np.abs(ends - wanted)))


def sortable(series: pl.Series, name: str) -> tuple[pl.Series, list[str]]:
    """A column that sorts as people mean it, null where missing; and a note where that is a guess.

    Raises:
        InputError: for values without an order, or dates whose order cannot be told.
    """
    if series.dtype.is_float():
        return series.fill_nan(None), []
    if series.dtype.is_numeric() or series.dtype.is_temporal() or series.dtype in (pl.Boolean, pl.Enum):
        return series, []
    if series.dtype not in (pl.String, pl.Categorical):
        raise InputError(
            f"The column {name!r} must hold numbers, dates or texts to order the rows by. Got {series.dtype}."
        )
    texts = series.cast(pl.String)
    numbers = texts.cast(pl.Float64, strict=False)
    if numbers.null_count() == texts.null_count():
        return numbers, []
    dates = all_dates(texts)
    if dates is not None:
        return dates, []
    if look_like_dates(texts):
        found = dates_in_another_order(texts)
        return dates_of(texts, name) if found is None else found[0], []
    return texts, [f"{name!r} orders the rows by its texts, from {texts.min()!r} to {texts.max()!r}, as alphabets do."]


def _ranks(labels: Any) -> np.ndarray:
    """Whole numbers in the order of the labels, one or k a row: a million texts are slow to sort in Python."""
    if not isinstance(labels, pl.Series):
        return np.asarray(labels)
    texts = isinstance(labels.dtype, pl.Categorical | pl.Enum)
    column = labels.cast(pl.String) if texts else labels.cast(pl.UInt8) if labels.dtype == pl.Boolean else labels
    return column.rank("dense").to_numpy()


def _require_every_class(labels: Any, ranks: np.ndarray, train: Indices, how: str) -> None:
    """Refuse a split that leaves a class without a training row.

    Raises:
        InputError: with the classes that have none, as the table has them.
    """
    several = ranks.ndim == 2
    for place, column in enumerate(ranks.T if several else [ranks]):
        values, first = np.unique(column, return_index=True)
        untaught = first[~np.isin(values, column[train])].tolist()
        if untaught:
            whole = columns_of(labels)[place]
            named = ", ".join(repr(label_text(whole[row])) for row in untaught[:5]) + (", …" if untaught[5:] else "")
            raise InputError(
                f"Every class must have a training row. Got none for {named} when the rows are split {how}: such a "
                f"class cannot be learned. Leave its rows out, or split at random."
            )
