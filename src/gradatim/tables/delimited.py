"""Text tables: CSV, TSV and their relatives.

Conventions
-----------
* The separator is the one of , ; tab | that gives the header and most lines one and the same number of fields.
* Where numbers are written 1,5 the comma is decimal; never with the comma as separator.
* UTF-8, with or without its mark; UTF-16 by its mark; otherwise Windows-1252, said in a note.
* Missing: empty, NA, N/A, n/a, null, NULL, nan, NaN, ?. "None" stays a text: tables of houses mean "no garage" by it.
"""

from __future__ import annotations

import codecs
import csv
import re
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.dates import all_dates
from gradatim.tables.table import Table

SEPARATORS = (",", ";", "\t", "|")
MISSING = ("", "NA", "N/A", "n/a", "null", "NULL", "nan", "NaN", "?")
SNIFFED = 65536

_BINARY = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def read_delimited(path: Path) -> Table:
    """Read a text table.

    Args:
        path: of the file. The ending .tsv makes the tab the first guess.

    Raises:
        InputError: for an empty file, one that is no text, and rows of different lengths.
    """
    notes: list[str] = []
    data = _as_utf8(path, path.read_bytes(), notes)
    data = data.lstrip(b"\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if not data.strip():
        raise InputError(f"{path} must hold a table. Got an empty file.")
    head = data[:SNIFFED].decode("utf-8", "ignore").replace("\r", "").split("\n")
    head = head if len(data) <= SNIFFED or len(head) == 1 else head[:-1]  # the last line may be cut
    separator = _separator(head, "\t" if path.suffix.lower() == ".tsv" else ",")
    decimal_comma = separator != "," and _has_decimal_comma(head, separator)
    if separator != "," and path.suffix.lower() != ".tsv":
        decimal = ", and the decimal sign is a comma" if decimal_comma else ""
        notes.append(f"Columns are separated by {_WORDS[separator]}{decimal}.")
    frame = _frame(path, data, separator, decimal_comma)
    frame = _tidy(_named(frame, head, separator, notes))
    return Table(_without_empty_lines(path, frame, data, separator, notes), notes=tuple(notes))


def _as_utf8(path: Path, data: bytes, notes: list[str]) -> bytes:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            if encoding == "utf-8":
                return data.removeprefix(mark)
            notes.append("The file is UTF-16.")
            try:
                return data.decode(encoding).removeprefix("\ufeff").encode()
            except UnicodeDecodeError as fault:
                raise InputError(f"{path} must be text. Got UTF-16 that breaks off at byte {fault.start}.") from fault
    head = data[:SNIFFED]
    if len(head.translate(None, _BINARY)) < len(head):
        raise InputError(
            f"{path} must be text. Got binary data: is its ending right? Parquet files end in .parquet, arrays in .npz."
        )
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        notes.append("The file is not UTF-8: read as Windows-1252. Check letters such as é and ß.")
        return data.decode("cp1252", "replace").encode()
    return data


def _separator(lines: list[str], first_guess: str) -> str:
    """The separator under which header and lines agree best; the widest table among equals."""
    best, chosen = (0.0, 0), first_guess
    for candidate in (first_guess, *SEPARATORS):
        widths = [len(fields) for fields in csv.reader(lines, delimiter=candidate) if fields]
        if widths and widths[0] > 1:
            agreement = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if agreement > best:
                best, chosen = agreement, candidate
    return chosen


def _has_decimal_comma(lines: list[str], separator: str) -> bool:
    fields = [field.strip() for row in csv.reader(lines[1:], delimiter=separator) for field in row]
    commas = sum(_DECIMAL_COMMA.fullmatch(field) is not None for field in fields)
    return commas > sum(_DECIMAL_POINT.fullmatch(field) is not None for field in fields)


def _frame(path: Path, data: bytes, separator: str, decimal_comma: bool) -> pl.DataFrame:
    def read(infer: bool) -> pl.DataFrame:
        return pl.read_csv(
            data,
            separator=separator,
            decimal_comma=decimal_comma,
            infer_schema=infer,
            infer_schema_length=None,  # the first hundred rows lie: whole numbers may get a fraction in row 5000
            null_values=list(MISSING),
        )

    try:
        return read(infer=True)
    except pl.exceptions.PolarsError:
        pass
    try:
        return read(infer=False)  # a number too long for its type: texts first, types after
    except pl.exceptions.PolarsError as fault:
        ragged = _ragged_line(data, separator)
        if ragged:
            raise InputError(f"{path} must have equally many fields in every line. {ragged}") from fault
        raise InputError(
            f"{path} must be a text table. Got a line that cannot be read: {str(fault).splitlines()[0]}."
        ) from fault


def _ragged_line(data: bytes, separator: str) -> str:
    """The first line that has another number of fields than the header, in a sentence; "" if there is none."""
    lines = csv.reader(StringIO(data.decode("utf-8"), newline=""), delimiter=separator)
    try:
        width = len(next(lines))
        for fields in lines:
            if fields and len(fields) != width:
                return _ragged(len(fields), lines.line_num, width, separator)
    except csv.Error as fault:
        return f"Got a line that cannot be read, {lines.line_num}: {fault}."
    return ""


def _ragged(fields: int, line: int, width: int, separator: str) -> str:
    return (
        f"Got {fields} in line {line}, {width} in the header. "
        f"A {_WORDS[separator][:-1]} within a text needs quotation marks around that text."
    )


def _named(frame: pl.DataFrame, head: list[str], separator: str, notes: list[str]) -> pl.DataFrame:
    """Names without spaces around them; say where the reader had to invent some."""
    header = next(csv.reader(head, delimiter=separator))
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        renamed = ", ".join(map(repr, (name for name in frame.columns if "_duplicated_" in name)))
        notes.append(
            f"The header names {', '.join(map(repr, repeated))} more than once: the later ones became {renamed}."
        )
    stripped = [name.strip() for name in frame.columns]
    return (
        frame.rename(dict(zip(frame.columns, stripped, strict=True))) if len(set(stripped)) == len(stripped) else frame
    )


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without spaces around them, and as numbers or dates where all of them are.

    Polars can look for dates itself, but then takes four times as long for the numbers as well.
    """
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns([_tidy_column(frame[name]) for name in texts]) if texts else frame


def _tidy_column(texts: pl.Series) -> pl.Series:
    stripped = texts.str.strip_chars()
    stripped = stripped.set(stripped.is_in(MISSING).fill_null(False), None)
    present = stripped.len() - stripped.null_count()
    if not present:
        return stripped
    first = stripped.drop_nulls()[0]
    for dtype in (pl.Int64, pl.Float64):
        # Leading zeros are a sign of codes (postcodes, articles); as numbers they would be lost.
        if pl.Series([first]).cast(dtype, strict=False)[0] is None or stripped.str.contains(r"^[+-]?0\d").any():
            continue
        numbers = stripped.cast(dtype, strict=False)
        if numbers.null_count() == stripped.null_count():
            return numbers
    dates = all_dates(stripped)
    return stripped if dates is None else dates


def _without_empty_lines(
    path: Path, frame: pl.DataFrame, data: bytes, separator: str, notes: list[str]
) -> pl.DataFrame:
    """Drop empty lines; refuse lines that break off. Polars fills both with missing values in silence."""
    if frame.width < 2 or not frame.height:
        return frame
    suspects = np.flatnonzero(frame[frame.columns[-1]].is_null().to_numpy())
    if not len(suspects):
        return frame
    if b'"' in data:
        ragged, empty = _ragged_line(data, separator), _rows_without_values(frame).tolist()
    else:
        ragged, empty = _suspect_lines(data, suspects, frame.width, separator)
    if ragged:
        raise InputError(f"{path} must have equally many fields in every line. {ragged}")
    if not len(empty):
        return frame
    notes.append(f"{len(empty)} empty lines are left out.")
    return frame[np.setdiff1d(np.arange(frame.height), empty)]


def _rows_without_values(frame: pl.DataFrame) -> np.ndarray:
    return np.flatnonzero(frame.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy())


def _suspect_lines(data: bytes, rows: np.ndarray, width: int, separator: str) -> tuple[str, list[int]]:
    """Of the lines of these rows: the first that breaks off, in a sentence or "", and which are empty.

    Without quotation marks a line is a row, so that only these lines need a look.
    """
    lines = data.split(b"\n")
    empty = []
    for row in rows.tolist():
        line = lines[row + 1].rstrip(b"\r")
        if not line.strip(b" "):
            empty.append(row)
        elif line.count(separator.encode()) != width - 1:
            return _ragged(line.count(separator.encode()) + 1, row + 2, width, separator), []
    return "", empty
