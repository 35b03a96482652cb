"""What kind of column each one is, with the reason in a sentence.

Conventions
-----------
* Types (text, whole number, date …) come from the whole table; what depends on values looks at training rows only.
* constant, identifier and text are left out of the network, and said. All others are encoded.
* Columns of pixels are told by their names (pixel0, px_1, 3x7), and by values that bytes could have. Names such as x1
  or V1 say nothing: counts and measurements are whole numbers up to 255, too. A pixel that is the same in every
  training row stays, as in pictures: with one divisor for all it is harmless, and other rows may light it.
* A date becomes its year with a fraction (a number, so that a trend can be followed), its month and its weekday
  (categories, so that seasons can), and its hour (a number) where there is a time of day. Rejected: sine and cosine
  of the month, which force one smooth wave a year. All of them are read by the clock of the training rows' zone: see
  `gradatim.tables.dates`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np
import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.dates import (
    all_dates,
    dates_in_another_order,
    dates_of,
    hour_of,
    look_like_dates,
    year_of,
    zone_of,
)
from gradatim.tables.table import Table
from gradatim.tables.texts import SHARE_OF_NUMBERS, without_missing
from gradatim.tables.threads import each, parts_of_rows

KINDS = ("number", "category", "boolean", "date", "pixel", "constant", "identifier", "text")
LEFT_OUT = ("constant", "identifier", "text")
NUMERIC = ("number", "pixel")
DISTINCT_SHARE = 0.9
FEW_LEVELS = 20
FEWEST_PIXELS = 36
WHITE = 255

_NAME_OF_IDENTIFIER = re.compile(
    r"(?i:|unnamed: 0|(row|record|case)?[ _.-]?(id|index|names?|number|nr))|.*[a-z]ID|.*[ _.-](id|ID)"
)
_NAME_OF_PIXEL = re.compile(r"(?i:pixel|pix|px)[ _.-]?\d+([ _.x-]\d+){0,2}|\d+x\d+")


@dataclass(frozen=True)
class Column:
    """A column's kind, and why.

    Attributes:
        name: of the column; "pixels" for all the pixels of pictures together.
        kind: one of `KINDS`.
        reason: a sentence.
        first: what stands first in dates that are texts with the year last: "day" or "month"; "" elsewhere.
    """

    name: str
    kind: str
    reason: str
    first: str = ""


class Feature(NamedTuple):
    """What one number or one category of the encoding reads: a column, or a part of a date column.

    Attributes:
        raw: the column.
        part: of a date: "year", "month", "weekday" or "hour"; "" for the whole column.
        first: what stands first in dates that are texts with the year last; "" elsewhere.
        zone: of a date: the time zone of the training rows, by whose clock it is read; "" if they had none.
    """

    raw: str
    part: str = ""
    first: str = ""
    zone: str = ""

    @property
    def name(self) -> str:
        """As people read it: "age", "when (month)"."""
        return f"{self.raw} ({self.part})" if self.part else self.raw


def kinds_of(
    table: Table, kinds: Mapping[str, str] | None = None, *, keep_constants: bool = False
) -> tuple[Column, ...]:
    """The kind of each column.

    Args:
        table: the training rows.
        kinds: overrules the rules, by column name; or by a pattern such as ``pixel*``, if no column has that name.
        keep_constants: let numbers be numbers: columns of equal ones, and pixels.

    Returns:
        One `Column` for each column, in the table's order; the pixels of pictures are one.

    Raises:
        InputError: for an unknown column or kind in `kinds`, or a column that cannot be of that kind.

    Example:
        >>> table = Table.from_any({"age": [31, 54, 20], "city": ["Rome", "Oslo", None], "planet": ["Earth"] * 3})
        >>> [column.kind for column in kinds_of(table)]
        ['number', 'category', 'constant']
    """
    kinds = _by_column(kinds or {}, table)
    found: list[Column] = []
    if table.image_shape is not None:
        found.append(Column("pixels", "pixel", "They are pictures of {}×{}×{}.".format(*table.image_shape)))
    elif table.block is not None:
        found += _kinds_of_numbers(table, list(table.block_names), keep_constants)
    numeric = [name for name, dtype in table.schema.items() if dtype.is_numeric()]
    by_name = {column.name: column for column in _kinds_of_numbers(table, numeric, keep_constants)}
    for name in table.schema:
        known = by_name.get(name)
        found.append(known or _kind_of_other(table.frame[name], beside_pictures=table.image_shape is not None))
    return tuple(_overruled(column, kinds, table) for column in found)


def _by_column(kinds: Mapping[str, str], table: Table) -> dict[str, str]:
    """Kinds with names in place of patterns; a name overrules a pattern, and a later pattern an earlier one."""
    require_kinds(kinds)
    known = set(table.names)
    matched = {key: [name for name in table.named if fnmatchcase(name, key)] for key in kinds if key not in known}
    by_column = {name: kinds[key] for key, names in matched.items() for name in names}
    by_column.update({key: kind for key, kind in kinds.items() if not matched.get(key)})
    for name in by_column:
        table.require_one(name, "column in kinds")
    return by_column


def require_kinds(kinds: Mapping[str, str]) -> None:
    """Refuse kinds that there are none of.

    Raises:
        InputError: for those, with the one that was probably meant.
    """
    if not isinstance(kinds, Mapping):
        raise InputError(f'kinds must be a dictionary such as {{"zip": "category"}}. Got {kinds!r}.')
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise InputError(
                f"The kind of {name!r} must be one of {', '.join(KINDS)}. Got {kind!r}.{did_you_mean(str(kind), KINDS)}"
            )


def _overruled(column: Column, kinds: Mapping[str, str], table: Table) -> Column:
    kind = kinds.get(column.name)
    if kind is None or kind == column.kind:
        return column
    series = table.column(column.name)
    if kind in NUMERIC:
        numbers_of(series, column.name)
    if kind == "pixel" and (table.is_sparse or table.image_shape is not None):
        where = "sparse tables: each column there has a factor of its own" if table.is_sparse else "columns of pictures"
        raise InputError(f"Column {column.name!r} must be of another kind than pixel, which is not for {where}.")
    if kind == "date":
        _refuse_what_is_no_date(series)
    return Column(column.name, kind, "You said so.")


def _refuse_what_is_no_date(series: pl.Series) -> None:
    """Refuse texts of which fewer than 90 % are dates; the others count as missing."""
    bad = (dates_of(series, series.name).is_null() & series.is_not_null()).arg_true()
    if len(bad) > (1 - SHARE_OF_NUMBERS) * (len(series) - series.null_count()):
        raise InputError(
            f"Column {series.name!r} must hold dates. Got {series[int(bad[0])]!r}, one of {len(bad):,} values that are "
            f"none: write 2020-12-25."
        )


def is_plain_number(dtype: pl.DataType) -> bool:
    """Whether a cast makes a float of it: no text, no date, no duration."""
    return dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)


def _kinds_of_numbers(table: Table, names: list[str], keep_constants: bool) -> list[Column]:
    if not names:
        return []
    low, high, missing = _range(table, names)
    there = missing < table.n_rows
    pixels = {} if keep_constants else _pixels_among(table, names, low, high, there)
    columns = []
    for j, name in enumerate(names):
        if not there[j]:
            columns.append(Column(name, "constant", "It has no value in any training row."))
        elif j in pixels:
            columns.append(pixels[j])
        elif low[j] == high[j] and not missing[j] and not keep_constants:
            columns.append(Column(name, "constant", f"It is {low[j]:g} in every training row."))
        elif name not in table.place and _is_row_number(table.frame[name]):
            columns.append(Column(name, "identifier", _numbers_the_rows(table.frame[name])))
        else:
            columns.append(Column(name, "number", "It holds numbers."))
    return columns


def _pixels_among(
    table: Table, names: list[str], low: np.ndarray, high: np.ndarray, there: np.ndarray
) -> dict[int, Column]:
    """The columns that are named like pixels, by place: all of them, or none where one of them can be no pixel."""
    if table.is_sparse or table.image_shape is not None:
        return {}
    places = [j for j, name in enumerate(names) if there[j] and _NAME_OF_PIXEL.fullmatch(name)]
    if len(places) < FEWEST_PIXELS or min(low[places]) < 0 or max(high[places]) > WHITE:
        return {}
    if any((x > np.floor(x)).any() for x in (table.matrix([names[j]]) for j in places)):
        return {}
    span = f"{min(low[places]):g} to {max(high[places]):g}"
    reason = f"{len(places):,} columns are named like pixels, and hold whole numbers from {span}."
    return {j: Column(names[j], "pixel", reason) for j in places}


def _range(table: Table, names: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest value of each column, and how many are missing."""
    if table.is_sparse:
        low, high = (found.toarray().ravel().astype(np.float64) for found in (table.block.min(0), table.block.max(0)))
        return low, high, np.zeros(len(names), dtype=np.int64)
    if names[0] in table.schema:
        x = pl.col(names).cast(pl.Float64, strict=False)
        found = [table.frame.select(some).row(0) for some in (x.min(), x.max(), x.null_count(), x.is_nan().sum())]
        low, high, null, nan = (np.array(values, dtype=np.float64) for values in found)
        return low, high, null + nan
    found = each(lambda rows: _range_of(table.take(rows).matrix(names)), parts_of_rows(table.n_rows, len(names)))
    if not found:
        return np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names), dtype=np.int64)
    low, high, missing = (np.stack(part) for part in zip(*found, strict=True))
    return np.fmin.reduce(low, axis=0), np.fmax.reduce(high, axis=0), missing.sum(axis=0)


def _range_of(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0), np.isnan(X).sum(axis=0)


def _is_row_number(series: pl.Series) -> bool:
    named = series.dtype.is_integer() and _NAME_OF_IDENTIFIER.fullmatch(series.name) is not None
    return named and len(series) > FEW_LEVELS and series.n_unique() == len(series)


def _numbers_the_rows(series: pl.Series) -> str:
    return f"Its name says so, and its whole numbers all differ, such as {series[0]}."


def _kind_of_other(series: pl.Series, *, beside_pictures: bool) -> Column:
    name, dtype = series.name, series.dtype
    missing = series.null_count()
    if missing == len(series):
        return Column(name, "constant", "It has no value in any training row.")
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary):
        return Column(name, "text", f"It holds {str(dtype).lower()} values, which the network cannot read.")
    levels = series.n_unique() - (missing > 0)
    if levels == 1 and not missing:
        return Column(name, "constant", f"It is {series[0]} in every training row.")
    if dtype == pl.Boolean:
        return Column(name, "boolean", "It holds true and false.")
    if isinstance(dtype, pl.Duration):
        return Column(name, "number", "It holds durations, read as seconds.")
    if dtype.is_temporal():
        return Column(name, "date", f"It holds dates or times{_clock(series)}.")
    if beside_pictures:
        return Column(name, "identifier", f"It stands beside pictures and names them, such as {_example(series)}.")
    return _kind_of_text(series, int(levels), len(series) - missing)


def _kind_of_text(series: pl.Series, levels: int, there: int) -> Column:
    texts = series.cast(pl.String)
    dates = all_dates(texts)
    if dates is not None:
        return Column(series.name, "date", f"Its texts are dates{_clock(dates)}.")
    ordered = dates_in_another_order(texts)
    if ordered is not None:
        return Column(series.name, "date", f"Its texts are dates, the {ordered[1]} first.", ordered[1])
    if levels > FEW_LEVELS and levels > DISTINCT_SHARE * there:
        if look_like_dates(texts):
            said = f"It looks like dates, such as {_example(texts)}; write them year first."
            return Column(series.name, "identifier", said)
        said = f"{levels:,} of {there:,} texts differ, such as {_example(texts)}"
        words = texts.drop_nulls().head(1000).str.count_matches(r"\S+").mean()
        if isinstance(words, float) and words >= 3:
            return Column(series.name, "text", f"It is free text: {said}.")
        return Column(series.name, "identifier", f"It names the rows: {said}.")
    hint = f"; {_example(texts)} looks like a date: write dates year first" if look_like_dates(texts) else ""
    return Column(series.name, "category", f"It holds {levels:,} different texts{hint}.")


def _clock(dates: pl.Series) -> str:
    """By which zone's clock moments are read; "" if they have none."""
    zone = zone_of(dates)
    return f", read by the clock of {zone}" if zone else ""


def _example(texts: pl.Series) -> str:
    """A text of this column, cut where it is long."""
    text = str(texts.drop_nulls()[0])
    return repr(text if len(text) <= 30 else text[:29] + "…")


def features_of(column: Column, series: pl.Series) -> tuple[list[Feature], list[Feature]]:
    """Which numbers and which categories a column gives: ([numbers], [categories])."""
    if column.kind == "number":
        return [Feature(column.name)], []
    if column.kind in ("category", "boolean"):
        return [], [Feature(column.name)]
    dates = dates_of(series, column.name, column.first)
    if dates.dtype == pl.Time:
        return [Feature(column.name, "hour")], []
    parts = ["year", "hour"] if dates.dtype != pl.Date and (hour_of(dates).drop_nulls() != 0).any() else ["year"]
    zone = zone_of(dates)
    numbers = [Feature(column.name, part, column.first, zone) for part in parts]
    return numbers, [Feature(column.name, part, column.first, zone) for part in ("month", "weekday")]


def numbers_of(series: pl.Series, name: str, part: str = "", first: str = "", zone: str = "") -> np.ndarray:
    """A column, or a part of a date, as (m,) float64 with NaN for missing, and for every spelling of missing.

    Raises:
        InputError: where the column holds text that is no number, with the first rows that do; or dates that
            `dates_of` refuses.
    """
    if part:
        dates = dates_of(series, name, first, zone)
        return (year_of(dates) if part == "year" else hour_of(dates)).cast(pl.Float64).to_numpy()
    if isinstance(series.dtype, pl.Duration):
        return (series.dt.total_microseconds() / 1e6).to_numpy()
    if series.dtype.is_temporal() or series.dtype.is_nested() or series.dtype == pl.Object:
        raise InputError(f"Column {name!r} must hold numbers. Got {series.dtype}.")
    texts = series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series
    if texts.dtype != pl.String:
        return texts.cast(pl.Float64).to_numpy()
    texts = without_missing(texts, beside_numbers=True)
    numbers = texts.cast(pl.Float64, strict=False)
    refuse_texts(texts, numbers, name)
    return numbers.to_numpy()


def refuse_texts(texts: pl.Series, numbers: pl.Series, name: str) -> None:
    """Refuse texts that are no numbers.

    Args:
        texts: (m,) null where missing.
        numbers: (m,) what they are; null where they are none.
        name: of the column.

    Raises:
        InputError: with the first rows of those that are none.
    """
    bad = (numbers.is_null() & texts.is_not_null()).arg_true()
    if len(bad):
        rows = ", ".join(str(row + 1) for row in bad[:5]) + (f" and {len(bad) - 5:,} more" if len(bad) > 5 else "")
        raise InputError(
            f"Column {name!r} must hold numbers. Got text in row {rows} (counted from 1), such as "
            f"{texts[int(bad[0])]!r}."
        )


def texts_of(series: pl.Series, name: str, part: str = "", first: str = "", zone: str = "") -> pl.Series:
    """A column, or a part of a date, as texts: levels of a category. Whole numbers read alike, whatever their type."""
    if part:
        return dates_of(series, name, first, zone).dt.strftime("%m" if part == "month" else "%a")
    if series.dtype.is_float():
        whole = ((series == series.floor()) & (series.abs() < 2.0**53)).fill_null(False)
        texts = series.cast(pl.String).zip_with(~whole, series.cast(pl.Int64, strict=False).cast(pl.String))
        return texts.zip_with(series.is_not_nan().fill_null(True), pl.Series([None], dtype=pl.String))
    return series.cast(pl.String)
