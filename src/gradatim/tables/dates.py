"""Dates, moments and times of day, and the numbers in them.

Conventions
-----------
* Texts are dates where they are written year first: 2024-02-29, with or without a time behind a space or a T, which may
  have fractions of a second, and a Z or an offset: 2024-02-29T10:00:00.000+02:00.
* Moments with an offset are brought to UTC; those without one beside them are taken as UTC.
* A model has a clock: that of the zone its training rows are in, which is UTC for texts with offsets. Later moments are
  brought to that zone from whatever zone they are in, so that a moment is always the same numbers. Later times
  without a zone are what that clock shows. If the training rows had no zone, nobody knows where their clock hung:
  later moments in a zone are refused. Rejected: UTC for all, where half past six in the evening is one hour in summer
  and another in winter.
* Other orders (25/12/2020, 12/25/2020, with / . or -) are dates where a whole column of training rows tells the order
  by a day above 12. It is kept, and later rows are read by it. Without such a day they stay texts: is 04-09-2012 in
  April?
* A year is a number with a fraction: the days that have passed over the days of that year.
"""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

from gradatim.errors import InputError

ORDERS = ("day", "month")
"""What can stand first in a date with the year last."""

UTC = "UTC"

_ZONE = r" ?(?:Z|[+-]\d{2}(?::?\d{2})?)"
_ISO_DATE = rf"^\d{{4}}-\d{{2}}-\d{{2}}([ T]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?({_ZONE})?)?$"
_IN_A_ZONE = rf":\d{{2}}(?:\.\d{{1,9}})?{_ZONE}$"
_YEAR_LAST = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?$"
_NAME_OF_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")  # what is none may make Polars panic
_DATE = "%Y-%m-%d"
_MOMENTS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")


def dates_of(series: pl.Series, name: str, first: str = "", zone: str | None = None) -> pl.Series:
    """A column as dates, moments or times; texts that are none become missing.

    Args:
        series: (m,) dates of any type, or texts.
        name: of the column, for messages.
        first: what stands first in dates with the year last, "day" or "month"; "" to have the texts tell.
        zone: whose clock moments are read by; "" for that of training rows without a zone; None for their own.

    Raises:
        InputError: for a column that holds something else, or dates whose order cannot be told or is another one; for
            moments in a zone, where the training rows had none.
    """
    dates = _read(series, name, first)
    found = zone_of(dates)
    if zone is None or not found:
        return dates
    if not zone:
        raise InputError(
            f"Column {name!r} must hold times without a zone, as the training rows did. Got moments in {found}, and "
            f"which zone the training rows were in was not said. Bring these to it and drop the zone, or train on "
            f"rows with theirs."
        )
    return dates.dt.convert_time_zone(zone)


def zone_of(dates: pl.Series) -> str:
    """The zone that moments are in; "" for times without one, for dates and for times of day.

    Example:
        >>> moments = parsed(pl.Series(["2024-07-01T12:00:00+02:00"]))
        >>> zone_of(moments), zone_of(moments.dt.date())
        ('UTC', '')
    """
    zone = dates.dtype.time_zone if isinstance(dates.dtype, pl.Datetime) else None
    return zone or ""


def is_zone(name: object) -> bool:
    """Whether this is the name of a time zone: Europe/Berlin or UTC, but not +02:00."""
    if not isinstance(name, str) or not _NAME_OF_ZONE.fullmatch(name):
        return False
    try:
        pl.Series([0]).cast(pl.Datetime("us", UTC)).dt.convert_time_zone(name)
    except pl.exceptions.ComputeError:
        return False
    return True


def _read(series: pl.Series, name: str, first: str) -> pl.Series:
    """A column as dates, moments or times, in the zone they are in."""
    if series.dtype.is_temporal() and not isinstance(series.dtype, pl.Duration):
        return series
    if series.dtype == pl.Null:
        return series.cast(pl.Date)
    if series.dtype not in (pl.String, pl.Categorical, pl.Enum):
        raise InputError(f"Column {name!r} must hold dates. Got {series.dtype}.")
    texts = series.cast(pl.String)
    if first:
        return _in_order(texts, name, first)
    if not look_like_dates(texts):
        return parsed(texts)
    found = dates_in_another_order(texts)
    if found is None:
        raise InputError(
            f"Column {name!r} must hold dates, the year first. Got {texts.drop_nulls()[0]!r}: which is the day? "
            f"Write 2020-12-25."
        )
    return found[0]


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
    few_first = (there.head(20), there)  # most columns of texts show with the first of them that they are no dates
    return bool(len(there)) and all(some.str.contains(_YEAR_LAST).all() for some in few_first)


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
    above = [bool((_part(texts, place) > 12).any()) for place in (1, 2)]
    if above[0] == above[1]:
        return None
    first: Literal["day", "month"] = "day" if above[0] else "month"
    dates = all_dates(_year_first(texts, first))
    return None if dates is None else (dates, first)


def parsed(texts: pl.Series) -> pl.Series:
    """These texts as dates, or as moments where some have a time of day; missing where a text is neither.

    Moments are in UTC if any has an offset, and in no zone else.
    """
    if texts.drop_nulls().str.len_chars().max() == 10:
        return texts.str.to_date(_DATE, strict=False)
    attempts = [texts.str.to_date(_DATE, strict=False).cast(pl.Datetime("us"))]
    attempts += [texts.str.to_datetime(known, strict=False, time_unit="us") for known in _MOMENTS]
    in_utc = texts.str.contains(_IN_A_ZONE).any()
    if in_utc:
        in_zones = [texts.str.to_datetime(f"{known}%#z", strict=False, time_unit="us") for known in _MOMENTS]
        attempts += [moments.dt.replace_time_zone(None) for moments in in_zones]  # Polars brought them to UTC
    moments = pl.select(pl.coalesce(attempts)).to_series().alias(texts.name)
    return moments.dt.replace_time_zone(UTC) if in_utc else moments


def _in_order(texts: pl.Series, name: str, first: str) -> pl.Series:
    """Texts with the year last, whose order is known; those with the year first are read as well."""
    other = (_part(texts, 2 if first == "day" else 1) > 12).fill_null(False).arg_true()
    if len(other):
        raise InputError(
            f"Column {name!r} must hold dates, the {first} first, as the training rows did. Got "
            f"{texts[int(other[0])]!r} in row {int(other[0]) + 1} (counted from 1): write 2020-12-25."
        )
    return parsed(_year_first(texts, first))


def _part(texts: pl.Series, place: int) -> pl.Series:
    """The first or the second number of dates with the year last; null where a text is none."""
    return texts.str.extract(_YEAR_LAST, place).cast(pl.Int64)


def _year_first(texts: pl.Series, first: str) -> pl.Series:
    """Dates with the year last as such with the year first; other texts as they are."""
    one, two, year, time = texts.str.extract_groups(_YEAR_LAST).struct.unnest().get_columns()
    day, month = (one, two) if first == "day" else (two, one)
    time = time.str.replace(r"^(\d):", "0${1}:")  # spreadsheets write 8:30
    turned = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + (" " + time).fill_null("")
    return turned.zip_with(turned.is_not_null(), texts).alias(texts.name)


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
