"""Files with a few bytes changed: a table, or refused; never another error, and never the end of the program."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3
from contextlib import closing
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.tables import read_table
from gradatim.tables.encoding.columns import kinds_of
from gradatim.tables.reading.parquet_pages import check_parquet

FRAME = pl.DataFrame(
    {
        "x": [1.5, 2.0, None] * 20,
        "k": ["a", "bb", None] * 20,
        "when": [dt.date(2024, 1, 1)] * 60,
        "l": [[1, 2], None, [3]] * 20,
    }
)


def written(write, *rest, **named):
    content = BytesIO()
    write(content, *rest, **named)
    return content.getvalue()


def an_h5_file():
    h5py = pytest.importorskip("h5py")
    content = BytesIO()
    with h5py.File(content, "w") as file:
        file["X"] = np.eye(4)
        file.create_dataset("y", data=np.arange(4), compression="gzip")
    return content.getvalue()


def a_workbook():
    pytest.importorskip("xlsxwriter")
    pytest.importorskip("fastexcel")
    return written(FRAME.drop("l").write_excel)


@pytest.fixture(scope="module")
def a_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "data.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x, k)")
        database.executemany("INSERT INTO t VALUES (?, ?)", [(j, f"level {j}") for j in range(300)])
        database.commit()
    return path.read_bytes()


WHOLE = {
    ".parquet": lambda: written(FRAME.write_parquet),
    ".arrow": lambda: written(FRAME.write_ipc),
    ".feather": lambda: written(FRAME.write_ipc, compression="lz4"),
    ".ipc": lambda: written(FRAME.write_ipc_stream, compression="zstd"),
    ".npz": lambda: written(np.savez_compressed, X=np.eye(4), y=np.arange(4)),
    ".npy": lambda: written(np.save, np.eye(4)),
    ".json": lambda: json.dumps([{"a": 1, "b": [1, {"c": 2}]}, {"a": "x"}] * 3).encode(),
    ".jsonl": lambda: b'{"a": 1, "b": "2024-01-01"}\n{"a": 2.5}\n' * 3,
    ".csv.gz": lambda: gzip.compress(FRAME.drop("l").write_csv().encode()),
    ".h5": an_h5_file,
    ".xlsx": a_workbook,
}
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 60),
        st.sampled_from([b"", b"\0", b"\xff" * 8, b"\x7f\xff\xff\xff", b"{", b'"', b"9" * 400]) | st.binary(max_size=9),
    ),
    min_size=1,
    max_size=4,
)


def damaged(content, changes):
    for place, taken, put in changes:
        start = int(place * len(content))
        content = content[:start] + put + content[start + (len(put) if taken > 30 else taken) :]
    return content


def read_or_refuse(content, ending, folder):
    path = folder / f"data{ending}"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    kinds_of(table)


@pytest.mark.parametrize("ending", WHOLE)
def test_a_damaged_file_is_a_table_or_is_refused(ending, tmp_path):
    whole = WHOLE[ending]()
    assert read_table_of(whole, ending, tmp_path).n_rows > 1

    @given(CHANGES)
    def check(changes):
        read_or_refuse(damaged(whole, changes), ending, tmp_path)

    check()


def read_table_of(content, ending, folder):
    path = folder / f"whole{ending}"
    path.write_bytes(content)
    return read_table(path)


def test_a_damaged_database_is_a_table_or_is_refused(a_database, tmp_path):
    @given(CHANGES)
    def check(changes):
        read_or_refuse(damaged(a_database, changes), ".db", tmp_path)

    check()


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".feather", ".ipc", ".npz", ".npy", ".csv.gz"])
def test_a_file_that_breaks_off_anywhere_is_refused(ending, tmp_path):
    whole = WHOLE[ending]()
    for end in range(1, len(whole) - 1, max(1, len(whole) // 40)):
        path = tmp_path / f"data{ending}"
        path.write_bytes(whole[:end])
        if ending == ".ipc" and end > len(whole) - 16:
            continue  # only the mark of the stream's end is gone
        with pytest.raises(InputError):
            read_table(path)


def test_a_compressed_buffer_that_promises_terabytes_is_refused(tmp_path):
    """Arrow writes the unpacked length before each compressed buffer: here 60 floats, 480 bytes."""
    whole = written(FRAME.select("x").write_ipc, compression="zstd")
    promise = (480).to_bytes(8, "little") + b"\x28\xb5\x2f\xfd"
    assert whole.count(promise) == 1
    path = tmp_path / "data.feather"
    path.write_bytes(whole.replace(promise, (2**45).to_bytes(8, "little") + promise[8:]))
    with pytest.raises(InputError, match="must unpack to at most"):
        read_table(path)


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
def test_a_whole_file_of_many_groups_and_pages_passes(tmp_path, compression):
    """Statistics of long texts and of negative numbers are stepped over, one byte or several."""
    frame = pl.DataFrame({"x": range(-3000, 3000), "k": ["w" * (j % 300) for j in range(6000)]})
    whole = written(frame.write_parquet, compression=compression, row_group_size=1000, data_page_size=500)
    check_parquet(tmp_path, whole)
    at = whole.rindex(b"\x19\x6c")  # the list of six groups, 0x6c, which becomes a number
    with pytest.raises(InputError, match="a header cannot be read"):
        check_parquet(tmp_path, whole[:at] + b"\x15" + whole[at + 1 :])


def test_a_page_with_more_values_than_its_column_is_refused(tmp_path):
    """The first field of a data page's header is its number of values: 60 is 120 in Thrift's zigzag form."""
    whole = written(FRAME.select("x").write_parquet, compression="uncompressed", use_pyarrow=False)
    check_parquet(tmp_path, whole)
    places = [at for at in range(4, len(whole)) if whole[at : at + 2] == b"\x15\x78"]
    assert places
    path = tmp_path / "data.parquet"
    path.write_bytes(whole[: places[0] + 1] + b"\x7f" + whole[places[0] + 2 :])  # -64 values
    with pytest.raises(InputError, match=r"more values than its column|a negative length"):
        read_table(path)
