"""Text tables: CSV, TSV and their relatives.

Conventions
-----------
* The separator is the one of , ; tab | that gives the header and most lines one and the same number of fields.
* Where numbers are written 1,5 the comma is decimal; never with the comma as separator.
* UTF-8, with or without its mark; UTF-16 by its mark; otherwise Windows-1252, said in a note.
* Types are guessed from the first rows and proved on all of them. Whole numbers are read as texts first, which keeps
  leading zeros in sight; where a later row refutes the guess, the column is read again as texts, and judged by those.
* Messages count lines as editors do, empty ones with the others, and rows as the table does, from 1.
* What spells a missing value, and which texts are numbers or dates: see `gradatim.tables.texts`.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.reading.values import table_of_frame
from gradatim.tables.table import Table
from gradatim.tables.texts import MISSING

SEPARATORS = (",", ";", "\t", "|")
SNIFFED = 65536
GUESSED_FROM = 5000
LONGEST_NAME = 10_000

_BINARY = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_TOO_LONG = "field limit"
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
    leading = len(data) - len(data.lstrip(b"\r\n"))
    blank = data.count(b"\n", 0, leading) or data.count(b"\r", 0, leading)
    data = data[leading:]
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if not data[:SNIFFED].strip() and not data.strip():
        raise InputError(f"{path} must hold a table. Got an empty file.")
    head = data[:SNIFFED].decode("utf-8", "ignore").replace("\r", "").split("\n")
    head = head if len(data) <= SNIFFED or len(head) == 1 else head[:-1]  # the last line may be cut
    separator = _separator(head, "\t" if path.suffix.lower() == ".tsv" else ",")
    decimal_comma = separator != "," and _has_decimal_comma(head, separator)
    if separator != "," and path.suffix.lower() != ".tsv":
        decimal = ", and the decimal sign is a comma" if decimal_comma else ""
        notes.append(f"Columns are separated by {_WORDS[separator]}{decimal}.")
    frame = _named(path, _frame(path, data, separator, decimal_comma, blank), head, separator, notes)
    rows = _rows_to_keep(path, frame, data, separator, blank, notes)
    del content, data  # as large as the table: freed before its columns are copied
    table = table_of_frame(frame if rows is None else frame[rows], notes, decimal_comma=decimal_comma)
    return replace(table, repeated=_repeated(head, separator))


def _as_utf8(path: Path, data: bytes, notes: list[str]) -> bytes:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            if encoding == "utf-8":
                notes.append("The file is UTF-8, with its mark.")
                data = data.removeprefix(mark)
                break
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
        notes[:] = ["The file is not UTF-8: read as Windows-1252. Check letters such as é and ß."]
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


def _frame(path: Path, data: bytes, separator: str, decimal_comma: bool, blank: int) -> pl.DataFrame:
    def read(missing: Sequence[str] = MISSING, **how: Any) -> pl.DataFrame:
        return pl.read_csv(data, separator=separator, decimal_comma=decimal_comma, null_values=[*missing], **how)

    try:
        return _typed(read)
    except pl.exceptions.PolarsError:
        pass
    try:
        return read(infer_schema=False)  # a number too long for its type: texts first, types after
    except pl.exceptions.PolarsError as fault:
        ragged = _ragged_line(data, separator, blank)
        if ragged:
            raise InputError(f"{path} must have equally many fields in every line. {ragged}") from fault
        raise InputError(
            f"{path} must be a text table. Got a line that cannot be read: {str(fault).splitlines()[0]}."
        ) from fault


def _typed(read: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    """Numbers with fractions and truth values as such, all else as texts."""
    guess = read(n_rows=GUESSED_FROM, infer_schema_length=GUESSED_FROM)
    whole = [place for place, dtype in enumerate(guess.dtypes) if dtype.is_integer()]
    if guess.height < GUESSED_FROM:
        return guess.with_columns(read(columns=whole, infer_schema=False)) if whole else guess
    types = {name: pl.String if place in whole else dtype for place, (name, dtype) in enumerate(guess.schema.items())}
    first = read(missing=(), n_rows=GUESSED_FROM, infer_schema=False)
    try:
        return _without_nan(read(missing=_spellings_of_missing(first), schema=types))
    except pl.exceptions.PolarsError:
        frame = read(schema=types, ignore_errors=True)  # a value that refutes the guess becomes null
    gaps = [place for place, column in enumerate(frame) if column.dtype != pl.String and column.null_count()]
    texts = read(columns=gaps, infer_schema=False)
    return frame.with_columns(column for column in texts if column.null_count() < frame[column.name].null_count())


def _spellings_of_missing(first: pl.DataFrame) -> list[str]:
    """Those that stand in the first rows: to look for all of them everywhere takes half as long as reading itself."""
    found = {text for column in first for text in column.filter(column.is_in(MISSING)).unique()}
    return [spelling for spelling in MISSING if spelling in found]


def _without_nan(frame: pl.DataFrame) -> pl.DataFrame:
    """NaN as missing: Polars reads it as a number."""
    fractions = [column for column in frame if column.dtype.is_float() and column.is_nan().any()]
    return frame.with_columns(column.fill_nan(None) for column in fractions)


def _ragged_line(data: bytes, separator: str, blank: int) -> str:
    """The first line that has another number of fields than the header, in a sentence; "" if there is none."""
    lines = csv.reader(StringIO(data.decode("utf-8"), newline=""), delimiter=separator)
    try:
        width, start = len(next(lines)), lines.line_num
        for fields in lines:
            if fields and len(fields) != width:
                return _ragged(len(fields), blank + start + 1, width, separator)
            start = lines.line_num
    except csv.Error as fault:
        if _TOO_LONG in str(fault):
            return ""
        return f"Got a line that cannot be read, {blank + lines.line_num}: {fault}."
    return ""


def _ragged(fields: int, line: int, width: int, separator: str) -> str:
    return (
        f"Got {fields} in line {line}, {width} in the header. "
        f"A {_WORDS[separator][:-1]} within a text needs quotation marks around that text."
    )


def _named(path: Path, frame: pl.DataFrame, head: list[str], separator: str, notes: list[str]) -> pl.DataFrame:
    """Names without spaces around them; say where the reader had to invent some."""
    longest = max(frame.columns, key=len, default="")
    if len(longest) > LONGEST_NAME:
        raise InputError(
            f"{path} must name its columns in its first line. Got a name of {len(longest):,} letters, "
            f"{longest[:20] + '…'!r}: is it a text table?"
        )
    repeated = _repeated(head, separator)
    if repeated:
        renamed = ", ".join(map(repr, (name for name in frame.columns if "_duplicated_" in name)))
        notes.append(
            f"The header names {', '.join(map(repr, repeated))} more than once: the later ones became {renamed}."
        )
    stripped = [name.strip() for name in frame.columns]
    return (
        frame.rename(dict(zip(frame.columns, stripped, strict=True))) if len(set(stripped)) == len(stripped) else frame
    )


def _repeated(head: list[str], separator: str) -> tuple[str, ...]:
    """The names that stand in the header more than once."""
    counts = Counter(next(csv.reader(head, delimiter=separator)))
    return tuple(sorted(name.strip() for name, count in counts.items() if name and count > 1))


def _rows_to_keep(
    path: Path, frame: pl.DataFrame, data: bytes, separator: str, blank: int, notes: list[str]
) -> np.ndarray | None:
    """All rows but empty lines, None for all; refuse lines that break off. Polars fills both in silence."""
    if frame.width < 2 or not frame.height:
        return None
    suspects = np.flatnonzero(frame[frame.columns[-1]].is_null().to_numpy())
    if not len(suspects):
        return None
    ends = _ends_of_rows(data)
    if len(ends) == frame.height + 1:
        ragged, empty = _suspect_rows(data, ends, suspects, frame.width, separator, blank)
    else:  # Polars counts otherwise: then no row is known to be an empty line
        ragged, empty = _ragged_line(data, separator, blank), []
    if ragged:
        raise InputError(f"{path} must have equally many fields in every line. {ragged}")
    if not empty:
        return None
    notes.append("1 empty line is left out." if len(empty) == 1 else f"{len(empty):,} empty lines are left out.")
    return np.setdiff1d(np.arange(frame.height), empty)


def _ends_of_rows(data: bytes) -> np.ndarray:
    """Where the header and each row end: at the line ends outside of quotation marks, and at the end of the data."""
    letters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if b'"' in data:
        marks = np.flatnonzero(letters == ord('"'))
        ends = ends[np.searchsorted(marks, ends) % 2 == 0]
    return ends if data.endswith(b"\n") else np.append(ends, len(data))


def _suspect_rows(
    data: bytes, ends: np.ndarray, rows: np.ndarray, width: int, separator: str, blank: int
) -> tuple[str, list[int]]:
    """Of these rows: the first that breaks off, in a sentence or "", and which are empty lines."""
    empty = []
    for row, start, end in zip(rows.tolist(), (ends[rows] + 1).tolist(), ends[rows + 1].tolist(), strict=True):
        line = data[start:end].rstrip(b"\r")
        if not line.strip(b" "):
            empty.append(row)
            continue
        fields = _fields(line, separator) if b'"' in line else line.count(separator.encode()) + 1
        if fields is not None and fields != width:
            return _ragged(fields, blank + data.count(b"\n", 0, start) + 1, width, separator), []
    return "", empty


def _fields(line: bytes, separator: str) -> int | None:
    """How many fields a line with quotation marks has; None where Python's own reader cannot tell, but Polars could."""
    try:
        return len(next(csv.reader([line.decode("utf-8")], delimiter=separator)))
    except csv.Error:
        return None
