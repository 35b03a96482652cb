"""Columns of Python values, as JSON, databases and spreadsheets give them, as what they are.

Conventions
-----------
* Values are what `gradatim.tables.conversion` makes of them in memory; but texts, and texts beside numbers, are read as
  those of a text table: see `gradatim.tables.texts`.
* Whole numbers too long for 64 bits may be codes, and are read as texts are. Bytes stay bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from gradatim.tables.conversion import INT64, series_of_values, text_of
from gradatim.tables.table import Table
from gradatim.tables.texts import ReadColumn, read_texts
from gradatim.tables.threads import each

ZEROS_KEPT = "Leading zeros are kept, as texts:"


def table_of_values(columns: Mapping[str, Sequence[Any]], notes: Sequence[str] = ()) -> Table:
    """A table of columns of Python values, None where missing.

    Args:
        columns: the values of each column, equally many.
        notes: what the reader had to decide before.

    Example:
        >>> table_of_values({"x": [1, None, "2.5"], "when": ["2024-02-29", None, None]}).frame.rows()[0]
        (1.0, datetime.date(2024, 2, 29))
    """
    return _table([read_values(name, values) for name, values in columns.items()], notes)


def table_of_frame(frame: pl.DataFrame, notes: Sequence[str] = (), *, decimal_comma: bool = False) -> Table:
    """A table of a frame whose texts are to be read as those of a text table.

    Polars can look for dates itself, but then takes four times as long for the numbers as well. It reads in hundreds of
    pieces, among which every row would be looked for whenever some are taken: each column becomes one.

    Args:
        frame: columns of any type.
        notes: what the reader had to decide before.
        decimal_comma: whether 1,5 is a number.
    """

    def read(column: pl.Series) -> ReadColumn:
        column = column.rechunk()
        return read_texts(column, decimal_comma=decimal_comma) if column.dtype == pl.String else ReadColumn(column)

    return _table(each(read, frame.get_columns()), notes)


def _table(columns: Sequence[ReadColumn], notes: Sequence[str]) -> Table:
    said = [column.note for column in columns if column.note]
    codes = {column.values.name: column.code for column in columns if column.code}
    said += [note_of_codes(codes)] if codes else []
    written = {column.values.name: column.written for column in columns if column.written is not None}
    return Table(pl.DataFrame([column.values for column in columns]), notes=(*notes, *said), written=written)


def note_of_codes(codes: Mapping[str, str]) -> str:
    """Which columns stay texts for their leading zeros.

    Args:
        codes: one with a leading zero, by the name of its column.

    Example:
        >>> note_of_codes({"zip": "0120"})
        "Leading zeros are kept, as texts: 'zip' ('0120')."
    """
    named = [f"{name!r} ({code!r})" for name, code in codes.items()]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{ZEROS_KEPT} {', '.join(named[:3])}{more}."


def read_values(name: str, values: Sequence[Any]) -> ReadColumn:
    """One column of Python values as what it is.

    Args:
        name: of the column.
        values: (m,) None where missing.

    Example:
        >>> read_values("x", [1, 2.5, None]).values.to_list()
        [1.0, 2.5, None]
        >>> read_values("x", [[1, 2], {"a": 1}]).values.to_list()
        [['1', '2'], ['{"a": 1}']]
    """
    types = set(map(type, values)) - {type(None)}
    if types == {int} and any(value is not None and value not in INT64 for value in values):
        return read_texts(pl.Series(name, [None if value is None else text_of(value) for value in values]))
    if types == {bytes}:
        return ReadColumn(pl.Series(name, values, dtype=pl.Binary))
    series = series_of_values(name, values)
    return read_texts(series) if series.dtype == pl.String else ReadColumn(series)


def distinct_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names that differ, in order, and the sentence to say if some did not: ([names], [notes]).

    Example:
        >>> distinct_names(["id", "x", "id"])[0]
        ['id', 'x', 'id_duplicated_0']
    """
    found: list[str] = []
    renamed: list[str] = []
    for name in names:
        fresh, count = name, 0
        while fresh in found or (fresh != name and fresh in names):
            fresh, count = f"{name}_duplicated_{count}", count + 1
        found.append(fresh)
        renamed += [repr(fresh)] if fresh != name else []
    if not renamed:
        return found, []
    repeated = ", ".join(repr(name) for name, count in Counter(names).items() if count > 1)
    return found, [f"The columns {repeated} stand there more than once: the later ones became {', '.join(renamed)}."]
