"""What the texts of one column are: numbers, truth values, dates, or texts.

Conventions
-----------
* A column is numbers where at least 90 % of its texts are; the others then count as missing, and are said. But not
  where few different texts stand there and the others come again: the "3+" beside 0, 1 and 2 is a level of its own.
* Whole numbers with leading zeros are codes (postcodes, articles), and stay texts: as numbers the zeros were lost.
* So are whole numbers most of which are too long for 64 bits: as fractions their last digits were lost.
* Amounts with a unit or commas between thousands ($1,200 or 15 %) are numbers, and that is said.
* Dates with the year first are dates. Those in another order (25/12/2020) stay texts here: only training rows tell the
  order (see `gradatim.tables.encoding.columns`).
* "None" and "missing" are missing beside numbers only: tables of houses mean "no garage" by "None".
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from gradatim.tables.amounts import amounts
from gradatim.tables.dates import all_dates

MISSING = (
    *("", "?", "-", "--", ".", "NA", "Na", "na", "N/A", "n/a", "<NA>", "NaN", "nan", "NAN", "NaT"),
    *("null", "Null", "NULL", "#N/A", "#DIV/0!", "#VALUE!", "#NUM!"),
)
MISSING_BESIDE_NUMBERS = ("None", "none", "NONE", "missing", "Missing", "MISSING")
SHARE_OF_NUMBERS = 0.9
FEW_TEXTS = 20

_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_LEADING_ZERO = r"^[+-]?0\d"
_WHOLE = r"^[+-]?\d+$"
_DECIMAL_COMMA = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"


class ReadColumn(NamedTuple):
    """A column of texts as what it is.

    Attributes:
        values: numbers, truth values, dates or texts; missing is null.
        written: the texts themselves, where some that are no numbers count as missing; None elsewhere.
        note: what had to be decided, as a sentence; or "".
        code: a text with a leading zero, where those are why numbers stay texts; or "".
    """

    values: pl.Series
    written: pl.Series | None = None
    note: str = ""
    code: str = ""


def read_texts(texts: pl.Series, *, decimal_comma: bool = False) -> ReadColumn:
    """Numbers, truth values or dates where the texts are such; else the texts, without spaces around them.

    Args:
        texts: (m,) as they stand in a file.
        decimal_comma: whether 1,5 is a number.

    Example:
        >>> read_texts(pl.Series("x", ["1", "-", "2.5"])).values.to_list()
        [1.0, None, 2.5]
        >>> read_texts(pl.Series("zip", ["0120", "4051"])).values.to_list()
        ['0120', '4051']
    """
    whole = texts.cast(pl.Int64, strict=False)
    if whole.null_count() == texts.null_count() < len(texts):
        code = code_with_leading_zero(texts)
        return ReadColumn(texts, code=code) if code else ReadColumn(whole)
    texts = without_missing(texts)
    if texts.null_count() == len(texts):
        return ReadColumn(texts)
    numbers = _numbers(texts, decimal_comma=decimal_comma)
    if numbers.null_count() < len(numbers):
        code = code_with_leading_zero(texts.filter(numbers.is_not_null()))
        if code:
            return ReadColumn(texts, code=code)
        strays = texts.filter(numbers.is_null() & texts.is_not_null())
        if not len(strays):
            long = _note_of_long(texts)
            return ReadColumn(texts, note=long) if long else ReadColumn(_whole_where_possible(texts, numbers))
        if _are_slips(strays, texts):
            return ReadColumn(_whole_where_possible(texts, numbers), texts, _note(texts, numbers))
    found = amounts(texts, decimal_comma=decimal_comma)
    if found is not None:
        strays = texts.filter(found.is_null() & texts.is_not_null())
        if not len(strays) or _are_slips(strays, texts):
            return ReadColumn(found, texts, _note_of_amounts(texts, found))
    truths = _truths(texts)
    if truths is not None:
        return ReadColumn(truths)
    dates = all_dates(texts)
    return ReadColumn(texts if dates is None else dates)


def without_missing(texts: pl.Series, *, beside_numbers: bool = False) -> pl.Series:
    """Texts without spaces around them, null where one is a spelling of missing."""
    spellings = (*MISSING, *MISSING_BESIDE_NUMBERS) if beside_numbers else MISSING
    stripped = texts.str.strip_chars()
    return stripped.set(stripped.is_in(spellings).fill_null(False), None)


def code_with_leading_zero(texts: pl.Series) -> str:
    """The first text with a leading zero, if there is one and all are whole numbers; "" if not."""
    led = texts.filter(texts.str.contains(_LEADING_ZERO).fill_null(False))
    return str(led[0]) if len(led) and bool(texts.str.contains(_WHOLE).all()) else ""


def _numbers(texts: pl.Series, *, decimal_comma: bool) -> pl.Series:
    if decimal_comma:
        texts = texts.str.replace(_DECIMAL_COMMA, "${1}.${2}")
    return texts.cast(pl.Float64, strict=False).fill_nan(None)


def _whole_where_possible(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    whole = texts.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == numbers.null_count() else numbers


def _note_of_long(texts: pl.Series) -> str:
    """'card' holds whole numbers too long for a number …; "" where at most half of the texts are such."""
    long = texts.filter(texts.cast(pl.Int64, strict=False).is_null() & texts.is_not_null())
    if 2 * len(long) <= len(texts) - texts.null_count() or not bool(texts.str.contains(_WHOLE).all()):
        return ""
    return (
        f"{texts.name!r} holds whole numbers too long for a number, such as {long[0]!r}: they stay texts. "
        f"If they are amounts, say that the column is a number."
    )


def _note_of_amounts(texts: pl.Series, numbers: pl.Series) -> str:
    said = f"{texts.name!r} holds amounts such as {texts.filter(numbers.is_not_null())[0]!r}, read as numbers."
    strays = bool((numbers.is_null() & texts.is_not_null()).any())
    return f"{said} {_note(texts, numbers)}" if strays else said


def _truths(texts: pl.Series) -> pl.Series | None:
    if not texts.drop_nulls().head(20).is_in(list(_TRUTHS)).all():
        return None
    truths = texts.replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
    return truths if truths.null_count() == texts.null_count() else None


def _are_slips(strays: pl.Series, texts: pl.Series) -> bool:
    """Whether texts beside numbers are slips, and no levels."""
    unknown = strays.filter(~strays.is_in(MISSING_BESIDE_NUMBERS))
    there = len(texts) - texts.null_count() - (len(strays) - len(unknown))
    if len(unknown) > (1 - SHARE_OF_NUMBERS) * there + 1e-9:
        return False
    few = texts.drop_nulls().n_unique() <= FEW_TEXTS
    return not (len(unknown) and few and bool((unknown.value_counts()["count"] > 1).all()))


def _note(texts: pl.Series, numbers: pl.Series) -> str:
    """'x' holds numbers and 1 other text ('abc', row 501), read as missing."""
    rows = (numbers.is_null() & texts.is_not_null()).arg_true()
    first: dict[str, int] = {}
    for row, text in zip(rows.to_list(), texts.gather(rows).to_list(), strict=True):
        first.setdefault(text, row + 1)
    said = "; ".join(f"{text!r}, row {row}" for text, row in list(first.items())[:3]) + (
        "; …" if len(first) > 3 else ""
    )
    count = f"{len(rows):,} other {'text' if len(rows) == 1 else 'texts'}"
    return f"{texts.name!r} holds numbers and {count} ({said}), read as missing."
