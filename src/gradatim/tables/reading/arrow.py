"""Files of columns: Parquet and Arrow.

Conventions
-----------
* Types are those of the file: texts are not looked into for numbers.
* An Arrow file is one with a footer (Feather 2 is its other name) or a stream; the first bytes say which.
* Dates before the year 1 or after 9999, which Python cannot hold, count as missing, and are said.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.conversion import within_64_bits
from gradatim.tables.reading.arrow_buffers import FILE, check_arrow
from gradatim.tables.reading.parquet_pages import check_parquet
from gradatim.tables.table import Table

_ERA = (np.datetime64(datetime.min), np.datetime64(datetime.max))


def read_parquet(path: Path, content: bytes | None = None) -> Table:
    """Read a Parquet file.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.

    Raises:
        InputError: if it is no such file.
    """
    if content is None:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            check_parquet(path, mapped)
    else:
        check_parquet(path, content)
    return _whole(path, "a Parquet file", lambda: pl.read_parquet(path if content is None else content, glob=False))


def read_arrow(path: Path, content: bytes | None = None) -> Table:
    """Read an Arrow file or stream.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.

    Raises:
        InputError: if it is no such file.
    """
    content = path.read_bytes() if content is None else content
    check_arrow(path, content)
    read = pl.read_ipc if content.startswith(FILE) else pl.read_ipc_stream
    return _whole(path, "an Arrow file", lambda: read(BytesIO(content)))


def _whole(path: Path, kind: str, read: Callable[[], pl.DataFrame]) -> Table:
    try:
        frame = read()
    except (Exception, pl.exceptions.PanicException) as fault:  # damaged files raise many kinds of both
        said = str(fault).strip().split("\n")[0].rstrip(".")
        raise InputError(f"{path} must be {kind}. Got something else, or a damaged one: {said}.") from fault
    return _with_dates_of_this_era(within_64_bits(frame))


def _with_dates_of_this_era(frame: pl.DataFrame) -> Table:
    notes, columns = [], []
    for column in frame.get_columns():
        if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
            mended = _within_python(column)
            count = mended.null_count() - column.null_count()
            if count:
                notes.append(f"{column.name!r} holds {count:,} dates outside of the years 1 to 9999, read as missing.")
                column = mended
        columns.append(column)
    return Table(pl.DataFrame(columns), notes=tuple(notes))


def _within_python(dates: pl.Series) -> pl.Series:
    dtype, margin = dates.dtype, np.timedelta64(0, "D")
    unit = "D"
    if isinstance(dtype, pl.Datetime):
        unit = dtype.time_unit
        margin = np.timedelta64(1 if dtype.time_zone else 0, "D")  # stored as UTC, which is up to a day off
    if unit == "ns":
        return dates  # reaches from 1677 to 2262 only
    low, high = (
        (bound + shift).astype(f"datetime64[{unit}]").astype("int64")
        for bound, shift in zip(_ERA, (margin, -margin), strict=True)
    )
    return dates.set(~dates.to_physical().is_between(int(low), int(high)).fill_null(True), None)
