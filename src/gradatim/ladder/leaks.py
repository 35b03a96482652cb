"""Columns that give the target away.

Conventions
-----------
* Silence is better than a false alarm. A column is named only if hardly a row in a thousand contradicts it, and if
  chance would not do as well.
* Looked for in training rows, a sample of them in large tables. Pixels and sparse columns are left aside, and dates:
  they only follow a trend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from gradatim.tables import Table
from gradatim.tables.encoding.columns import Column, texts_of

CELLS = 2_000_000
FEWEST_ROWS, MOST_ROWS = 500, 20_000
"""So many rows are looked at: as many as make CELLS cells, within these bounds."""

NEARLY_ALL = 0.999

ROWS_TO_JUDGE_BY, MINORITY = 50, 10
"""With fewer rows, or fewer outside of the largest class, chance makes columns that predict all of them."""

ROWS_A_VALUE = 10
"""Numbers that come again so often, on average, are levels: each can stand with another class."""

SPELT_OUT = 5


def leaks(table: Table, y: pl.Series, rows: np.ndarray, columns: Iterable[Column], *, classes: bool) -> tuple[str, ...]:
    """Columns that alone predict the target, or equal it.

    A number predicts a number if their ranks correlate by more than 0.999; a category does if it leaves less than a
    thousandth of the variance. A column predicts classes if each of its values, or each of few ranges of a number,
    stands with one class: all but a thousandth of the rows that are not of the largest class.

    Args:
        table: all rows, without the target.
        y: (m,) the target, under its name.
        rows: the training rows.
        columns: to look at.
        classes: whether y is classes.

    Returns:
        A sentence for each of the first five, and one that counts the others.
    """
    found = leaking(table, y, rows, columns, classes=classes)
    said = [
        f'{name!r} {says}. If it is not known at prediction time, leave it out with ignore="{name}".'
        for name, says in found[:SPELT_OUT]
    ]
    if len(found) > SPELT_OUT:
        more = [repr(name) for name, _ in found[SPELT_OUT:]]
        said.append(f"So do {len(more)} other columns: {', '.join(more[:20])}{', …' if len(more) > 20 else ''}.")
    return tuple(said)


def leaking(
    table: Table, y: pl.Series, rows: np.ndarray, columns: Iterable[Column], *, classes: bool
) -> list[tuple[str, str]]:
    """The same columns by name, each with what it does: ``("euros", "equals 'dollars'")``."""
    rows = _sample(rows, len(table.names))
    part, y = table.take(rows), y[rows]
    aim = _codes(y) if classes else y.cast(pl.Float64).to_numpy()
    found = []
    for name in _suspects(part, list(_names_of(part, columns)), aim, classes=classes):
        series = part.column(name)
        how = _predicts_classes(series, aim) if classes else _predicts_numbers(series, aim)
        if how:
            same = texts_of(series, name).equals(texts_of(y, y.name), null_equal=True)
            found.append((name, f"equals {y.name!r}" if same else f"alone predicts {y.name!r} ({how})"))
    return found


def _sample(rows: np.ndarray, columns: int) -> np.ndarray:
    """Rows at even distances: as many as are looked at in a moment, whatever the number of columns."""
    most = min(max(CELLS // max(columns, 1), FEWEST_ROWS), MOST_ROWS)
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]


def _names_of(table: Table, columns: Iterable[Column]) -> Iterator[str]:
    """Columns to look at: of numbers, categories and booleans."""
    block = set() if table.image_shape is None and not table.is_sparse else set(table.block_names)
    for column in columns:
        if column.kind in ("number", "category", "boolean") and column.name not in block:
            yield column.name


def _suspects(table: Table, names: list[str], y: np.ndarray, *, classes: bool) -> Iterator[str]:
    """Columns that are worth a look of their own: among thousands of numbers few pass what can be asked of all at once.

    None is lost: whatever `_predicts_classes` and `_predicts_numbers` name passes, and so does all that has gaps.
    """
    numbers = [name for name in names if name in table.place or table.schema[name].is_numeric()]
    X = table.matrix(numbers)
    if classes:
        passes = _few_changes(np.where(np.isnan(X), np.inf, X), y)
    else:
        ranks = _ranks(X)
        ranks -= ranks.mean(axis=0)
        aim = _ranks(y[:, None])[:, 0] - (len(y) + 1) / 2
        passes = np.abs(aim @ ranks) >= (NEARLY_ALL - 1e-9) * np.sqrt((aim @ aim) * np.sum(ranks**2, axis=0))
    passes |= np.isnan(X).any(axis=0)
    innocent = {name for name, suspect in zip(numbers, passes, strict=True) if not suspect}
    return (name for name in names if name not in innocent)


def _few_changes(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Columns along which the class changes as seldom as it does along one that predicts it: (n,) booleans."""
    order = np.argsort(X, axis=0)
    label, along = y[order], np.take_along_axis(X, order, axis=0)
    changes = np.count_nonzero(label[1:] != label[:-1], axis=0)
    steps = np.count_nonzero(along[1:] != along[:-1], axis=0)
    counts = np.bincount(y)
    bearable = (len(y) - int(counts.max())) * (1 - NEARLY_ALL)
    levels = (steps + 1) * ROWS_A_VALUE <= len(y)
    few: np.ndarray = changes <= np.where(levels, steps, np.count_nonzero(counts) - 1) + 3 * bearable
    return few


def _predicts_numbers(series: pl.Series, y: np.ndarray) -> str:
    """How a column predicts numbers; "" if it does not."""
    there = _there(series)
    if there.sum() < max(ROWS_TO_JUDGE_BY, len(y) / 2) or _constant(y[there]):
        return ""
    y = y[there]
    if not series.dtype.is_numeric():
        remaining = _remaining_variance(_codes(series)[there], y)
        return "its values leave hardly any variance" if remaining < 1 - NEARLY_ALL else ""
    x = series.cast(pl.Float64).to_numpy()[there]
    if _constant(x):
        return ""
    ranks = abs(float(np.corrcoef(_ranks(np.stack([x, y], axis=1)), rowvar=False)[0, 1]))
    return f"rank correlation {ranks:.4f}" if ranks > NEARLY_ALL else ""


def _ranks(X: np.ndarray) -> np.ndarray:
    """The place of each number in its column, from 1; equal numbers share the mean of theirs. (m, n) both."""
    if not X.shape[1]:
        return np.empty(X.shape)  # a frame without columns would lose its rows
    return pl.DataFrame(np.ascontiguousarray(X)).select(pl.all().rank("average")).to_numpy(writable=True)


def _remaining_variance(codes: np.ndarray, y: np.ndarray) -> float:
    """The variance within values of a category over the whole one, both by degrees of freedom; 1 where each is rare."""
    counts = np.bincount(codes)
    levels = np.count_nonzero(counts)
    if levels > len(y) / 2 or (counts == 1).sum() > len(y) * (1 - NEARLY_ALL):
        return 1.0
    means = np.bincount(codes, weights=y) / np.maximum(counts, 1)
    within = float(np.sum((y - means[codes]) ** 2)) / (len(y) - levels)
    return within / float(np.var(y, ddof=1))


def _predicts_classes(series: pl.Series, y: np.ndarray) -> str:
    """How a column predicts classes, given as codes; "" if it does not."""
    others = len(y) - int(np.bincount(y).max())
    if len(y) < ROWS_TO_JUDGE_BY or others < MINORITY:
        return ""
    bearable = others * (1 - NEARLY_ALL)
    if _told_by(~_there(series), y, bearable):
        return "whether it is missing tells the class"
    number = series.dtype.is_numeric()
    x = _codes(series.cast(pl.Float64).fill_nan(None).fill_null(np.inf) if number else series)
    counts, most, label = _by_value(x, y)
    impure = int((counts - most).sum())
    if not number or len(counts) * ROWS_A_VALUE <= len(y):  # a value that stands once tells nothing about the next row
        once = (counts == 1) & (label != np.bincount(y).argmax())
        return "each of its values stands with one class" if impure + int(once.sum()) <= bearable else ""
    classes = int(np.count_nonzero(np.bincount(y)))
    beyond = max(int(np.count_nonzero(np.diff(label))) - (classes - 1), 0)
    return "one range of its numbers for each class" if impure + beyond <= bearable else ""


def _told_by(missing: np.ndarray, y: np.ndarray, bearable: float) -> bool:
    """Whether a column is missing in all rows of one of two classes, and in none of the other."""
    if missing.all() or not missing.any() or np.count_nonzero(np.bincount(y)) != 2:
        return False
    counts, most, _ = _by_value(missing.astype(np.intp), y)
    return int((counts - most).sum()) <= bearable


def _by_value(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each value of x, in order: how often it stands, how often with its most frequent class, and that class."""
    K = int(y.max()) + 1
    pairs, together = np.unique(x.astype(np.int64) * K + y, return_counts=True)
    value, label = pairs // K, pairs % K
    start = np.flatnonzero(np.r_[True, np.diff(value) > 0])
    largest_last = np.lexsort((together, value))
    most = largest_last[np.r_[start[1:], len(pairs)] - 1]
    return np.add.reduceat(together, start), together[most], label[most]


def _constant(x: np.ndarray) -> bool:
    return bool(x.min() == x.max())


def _there(series: pl.Series) -> np.ndarray:
    there = series.is_not_null()
    return ((there & series.is_not_nan().fill_null(False)) if series.dtype.is_float() else there).to_numpy()


def _codes(series: pl.Series) -> np.ndarray:
    """Equal values as equal whole numbers, the missing ones too."""
    return series.rank("dense").fill_null(0).to_numpy().astype(np.intp)
