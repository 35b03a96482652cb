"""Text tables: CSV, TSV and their relatives.

Conventions
-----------
* The separator is the one of , ; tab | that gives the header and most lines one and the same number of fields.
* Where numbers are written 1,5 the comma is decimal; never with the comma as separator.
* UTF-8, with or without its mark; UTF-16 by its mark; otherwise Windows-1252, said in a note.
* What spells a missing value, and which texts are numbers or dates: see `gradatim.tables.texts`.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.table import Table
from gradatim.tables.texts import MISSING, ReadColumn, code_with_leading_zero, read_texts

SEPARATORS = (",", ";", "\t", "|")
SNIFFED = 65536

_BINARY = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def read_delimited(path: Path, content: bytes) -> Table:
    """Read a text table.

    Args:
        path: names the table in messages. The ending .tsv makes the tab the first guess.
        content: of the file, unpacked.

    Raises:
        InputError: for an empty file, one that is no text, and rows of different lengths.
    """
    notes: list[str] = []
    data = _as_utf8(path, content, notes)
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
    frame = _with_leading_zeros(frame, data, separator)
    frame, written = _tidy(_named(frame, head, separator, notes), decimal_comma, notes)
    rows = _rows_to_keep(path, frame, data, separator, notes)
    table = Table(frame, notes=tuple(notes), written=written)
    return table if rows is None else replace(table.take(rows), notes=table.notes)


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


def _with_leading_zeros(frame: pl.DataFrame, data: bytes, separator: str) -> pl.DataFrame:
    """Columns that Polars took for whole numbers, as texts again where some have leading zeros."""
    if re.search(rb"[\n\"" + re.escape(separator.encode()) + rb"] *[+-]?0[0-9]", data) is None:
        return frame
    places = [place for place, dtype in enumerate(frame.dtypes) if dtype.is_integer()]
    if not places:
        return frame
    texts = pl.read_csv(data, separator=separator, infer_schema=False, columns=places, null_values=list(MISSING))
    return frame.with_columns([column for column in texts.get_columns() if code_with_leading_zero(column.drop_nulls())])


def _tidy(frame: pl.DataFrame, decimal_comma: bool, notes: list[str]) -> tuple[pl.DataFrame, Mapping[str, pl.Series]]:
    """Texts as what they are, and the texts of columns of numbers in which some are not.

    Polars can look for dates itself, but then takes four times as long for the numbers as well.
    """
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    found: dict[str, ReadColumn] = {name: read_texts(frame[name], decimal_comma=decimal_comma) for name in texts}
    notes += [column.note for column in found.values() if column.note]
    codes = [f"{name!r} ({column.code!r})" for name, column in found.items() if column.code]
    if codes:
        more = f" and {len(codes) - 3} more" if len(codes) > 3 else ""
        notes.append(f"Leading zeros are kept, as texts: {', '.join(codes[:3])}{more}.")
    written = {name: column.written for name, column in found.items() if column.written is not None}
    return frame.with_columns([column.values for column in found.values()]), written


def _rows_to_keep(path: Path, frame: pl.DataFrame, data: bytes, separator: str, notes: list[str]) -> np.ndarray | None:
    """All rows but empty lines, None for all; refuse lines that break off. Polars fills both in silence."""
    if frame.width < 2 or not frame.height:
        return None
    suspects = np.flatnonzero(frame[frame.columns[-1]].is_null().to_numpy())
    if not len(suspects):
        return None
    if b'"' in data:
        ragged, empty = _ragged_line(data, separator), _rows_without_values(frame).tolist()
    else:
        ragged, empty = _suspect_lines(data, suspects, frame.width, separator)
    if ragged:
        raise InputError(f"{path} must have equally many fields in every line. {ragged}")
    if not len(empty):
        return None
    notes.append(f"{len(empty)} empty lines are left out.")
    return np.setdiff1d(np.arange(frame.height), empty)


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
