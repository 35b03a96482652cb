"""Dates, moments and times of day, and the numbers in them.

Conventions
-----------
* Texts are dates where they are written year first: 2024-02-29, with or without a time behind a space or a T.
* Other orders (25/12/2020, 12/25/2020, with / . or -) are read from files only, where a whole column is in sight: one
  day above 12 tells the order. Without such a day they stay texts (is 04-09-2012 in April?), and in memory they do too,
  as rows that are encoded later may hold none.
* A year is a number with a fraction: the days that have passed over the days of that year.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from gradatim.errors import InputError

_ISO_DATE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$"
_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_YEAR_LAST = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$"


def dates_of(series: pl.Series, name: str) -> pl.Series:
    """A column as dates, moments or times; texts that are none become missing.

    Raises:
        InputError: for a column that holds something else, or dates whose order cannot be told.
    """
    if series.dtype.is_temporal() and not isinstance(series.dtype, pl.Duration):
        return series
    if series.dtype == pl.Null:
        return series.cast(pl.Date)
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = series.cast(pl.String)
        if look_like_dates(texts):
            raise InputError(
                f"Column {name!r} must hold dates, the year first. Got {texts.drop_nulls()[0]!r}: which is the day? "
                f"Write 2020-12-25."
            )
        return parsed(texts)
    raise InputError(f"Column {name!r} must hold dates. Got {series.dtype}.")


def all_dates(texts: pl.Series) -> pl.Series | None:
    """These texts as dates or moments, if every one of them is one; None if not."""
    first = texts.drop_nulls().head(20)
    if not len(first) or not first.str.contains(_ISO_DATE).all():
        return None
    dates = parsed(texts)
    return dates if dates.null_count() == texts.null_count() else None


def look_like_dates(texts: pl.Series) -> bool:
    """Whether every text is a date with the year last, such as 04/09/2012, whatever the order of day and month."""
    there = texts.drop_nulls()
    return bool(len(there)) and bool(there.str.contains(_YEAR_LAST).all())


def dates_in_another_order(texts: pl.Series) -> tuple[pl.Series, Literal["day", "month"]] | None:
    """Texts with the year last as dates or moments, and what stands first; None where the order cannot be told.

    Example:
        >>> dates, first = dates_in_another_order(pl.Series(["25/12/2020", "4/9/2021"]))
        >>> dates.dt.to_string().to_list(), first
        (['2020-12-25', '2021-09-04'], 'day')
        >>> dates_in_another_order(pl.Series(["04/09/2012"])) is None
        True
    """
    if not look_like_dates(texts):
        return None
    first, second, year, time = texts.str.extract_groups(_YEAR_LAST).struct.unnest().get_columns()
    above = [bool((part.cast(pl.Int64) > 12).any()) for part in (first, second)]
    if above[0] == above[1]:
        return None
    day, month = (first, second) if above[0] else (second, first)
    year_first = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    dates = all_dates(year_first + (" " + time).fill_null(""))
    return None if dates is None else (dates.alias(texts.name), "day" if above[0] else "month")


def parsed(texts: pl.Series) -> pl.Series:
    """These texts as dates, or as moments where some have a time of day; missing where a text is neither."""
    if texts.drop_nulls().str.len_chars().max() == 10:
        return texts.str.to_date(_DATE_FORMATS[0], strict=False)
    attempts = [texts.str.to_date(_DATE_FORMATS[0], strict=False).cast(pl.Datetime("us"))]
    attempts += [texts.str.to_datetime(known, strict=False, time_unit="us") for known in _DATE_FORMATS[1:]]
    return pl.select(pl.coalesce(attempts)).to_series()


def year_of(dates: pl.Series) -> pl.Series:
    """2024.5 for the middle of 2024: a year's days are counted, so that leap years close without a gap."""
    days = dates.dt.ordinal_day().cast(pl.Float64) - 1
    if dates.dtype != pl.Date:
        days = days + hour_of(dates) / 24
    return dates.dt.year().cast(pl.Float64) + days / (365 + dates.dt.is_leap_year().cast(pl.Float64))


def hour_of(dates: pl.Series) -> pl.Series:
    """18.5 for half past six in the evening; a date is midnight."""
    if dates.dtype == pl.Date:
        dates = dates.cast(pl.Datetime("us"))
    hour, minute, second = (part.cast(pl.Float64) for part in (dates.dt.hour(), dates.dt.minute(), dates.dt.second()))
    return hour + minute / 60 + second / 3600
