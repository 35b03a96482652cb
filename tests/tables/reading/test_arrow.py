"""Parquet and Arrow files."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import read_table

FRAME = pl.DataFrame(
    {
        "x": [1.5, None],
        "n": pl.Series([1, 2], dtype=pl.Int16),
        "k": ["007", None],
        "level": pl.Series(["low", "high"], dtype=pl.Enum(["low", "high"])),
        "when": [dt.date(2024, 1, 1), None],
        "ok": [True, False],
    }
)
WRITERS = {
    "data.parquet": FRAME.write_parquet,
    "data.arrow": FRAME.write_ipc,
    "data.ipc": FRAME.write_ipc_stream,
    "data.feather": lambda path: FRAME.write_ipc(path, compression="lz4"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_types_stay(tmp_path, name):
    WRITERS[name](tmp_path / name)
    table = read_table(tmp_path / name, "k")
    assert table.frame.equals(FRAME)
    assert table.frame.schema == FRAME.schema
    assert (table.source, table.target_name, table.notes) == (name, "k", ())


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_breaks_off_is_refused(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    path.write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
    with pytest.raises(InputError, match=r"must be (a Parquet|an Arrow) file. Got something else, or a damaged one"):
        read_table(path)


@pytest.mark.parametrize("name", WRITERS)
def test_no_rows_are_refused(tmp_path, name):
    frame = FRAME.clear()
    getattr(frame, {"data.parquet": "write_parquet", "data.ipc": "write_ipc_stream"}.get(name, "write_ipc"))(
        tmp_path / name
    )
    with pytest.raises(InputError, match=r"must hold rows. Got 6 columns and no row"):
        read_table(tmp_path / name)


def test_dates_that_python_cannot_hold_are_missing_and_said(tmp_path):
    days = [0, 10**7, -(10**7), None, 2_932_896]  # the last is 9999-12-31
    hours = [0, 10**15, -(10**15), None, 253_402_300_799_999]
    frame = pl.DataFrame(
        {
            "day": pl.Series(days, dtype=pl.Int32).cast(pl.Date),
            "time": pl.Series(hours, dtype=pl.Int64).cast(pl.Datetime("ms")),
            "nano": pl.Series([0, 1, 2, 3, 2**63 - 1], dtype=pl.Int64).cast(pl.Datetime("ns")),
        }
    )
    frame.write_parquet(tmp_path / "data.parquet")
    table = read_table(tmp_path / "data.parquet")
    assert table.column("day").to_list() == [dt.date(1970, 1, 1), None, None, None, dt.date(9999, 12, 31)]
    assert table.column("time").to_list()[1:] == [None, None, None, dt.datetime(9999, 12, 31, 23, 59, 59, 999000)]
    assert table.column("nano").null_count() == 0
    assert table.notes == tuple(
        f"{name!r} holds 2 dates outside of the years 1 to 9999, read as missing." for name in ("day", "time")
    )
