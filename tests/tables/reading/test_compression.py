"""Compressed files."""

from __future__ import annotations

import gzip
import sys
from io import BytesIO

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import read_table
from gradatim.tables.reading import compression

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {".gz": gzip.compress, ".zst": zstd.compress}
FRAME = pl.DataFrame({"x": [1, 2], "k": ["a, b", "c"]})


def content_of(name):
    file = BytesIO()
    if name == "data.npy":
        np.save(file, np.eye(2))
    elif name == "data.npz":
        np.savez(file, X=np.eye(2))
    else:
        {
            "data.csv": FRAME.write_csv,
            "data.tsv": lambda file: FRAME.write_csv(file, separator="\t"),
            "data.txt": FRAME.write_csv,
            "data.json": FRAME.write_json,
            "data.jsonl": FRAME.write_ndjson,
            "data.parquet": FRAME.write_parquet,
            "data.feather": FRAME.write_ipc,
            "data": FRAME.write_csv,
        }[name](file)
    return file.getvalue()


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize(
    "name",
    ["data.csv", "data.tsv", "data.txt", "data.json", "data.jsonl", "data.parquet", "data.feather", "data"],
)
def test_a_compressed_file_is_read_as_what_it_holds(write, name, packed):
    table = read_table(write(PACK[packed](content_of(name)), name + packed))
    assert table.frame.equals(FRAME)
    assert (table.source, table.notes) == (name + packed, ())


@pytest.mark.parametrize("name", ["data.npy", "data.npz"])
def test_compressed_arrays_are_read(write, name):
    np.testing.assert_array_equal(read_table(write(gzip.compress(content_of(name)), name + ".gz")).block, np.eye(2))


def test_files_packed_one_behind_the_other_are_one(write):
    path = write(gzip.compress(b"x,y\n1,2\n") + gzip.compress(b"3,4\n"), "data.csv.gz")
    assert read_table(path).frame.rows() == [(1, 2), (3, 4)]


@pytest.mark.parametrize("packed", PACK)
def test_what_breaks_off_or_is_damaged_is_refused(write, packed):
    whole = PACK[packed](content_of("data.csv") * 50)
    for end in (7, len(whole) // 2, len(whole) - 1):
        with pytest.raises(InputError, match=r"Got one that breaks off: was a download cut short"):
            read_table(write(whole[:end], f"data.csv{packed}"))
    damaged = bytearray(whole)
    damaged[len(whole) // 2 :] = bytes(len(whole) - len(whole) // 2)
    with pytest.raises(InputError, match=r"data\.csv\.\w+ must be .*Got (one that breaks off|something else)"):
        read_table(write(bytes(damaged), f"data.csv{packed}"))
    with pytest.raises(InputError, match=r"must be a (gzip|Zstandard) file. Got something else, or a damaged one"):
        read_table(write(whole + b"something behind it", f"data.csv{packed}"))


@pytest.mark.parametrize("packed", PACK)
def test_a_bomb_is_refused_before_it_fills_the_memory(write, packed, monkeypatch):
    """64 MB of zeros in 64 kB; at most 100 times its size may be unpacked, and a megabyte more is looked at."""
    seen = []
    refuse = compression.refuse_a_bomb
    monkeypatch.setattr(compression, "FREE", 10**6)
    monkeypatch.setattr(compression, "refuse_a_bomb", lambda *sizes: (seen.append(sizes[2]), refuse(*sizes)))
    bomb = PACK[packed](bytes(2**26))
    with pytest.raises(InputError, match=r"data\.csv\.\w+ must unpack to at most .* bytes .*made to fill memories"):
        read_table(write(bomb, f"data.csv{packed}"))
    assert max(seen) <= max(10**6, 100 * len(bomb)) + 2**20


def test_a_bomb_of_arrays_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "FREE", 10**6)
    np.savez_compressed(tmp_path / "data.npz", X=np.zeros((10**6, 2)))
    with pytest.raises(InputError, match=r"must unpack to at most"):
        read_table(tmp_path / "data.npz")


def test_what_is_inside_is_checked_and_named(write):
    with pytest.raises(InputError, match=r"data\.csv\.gz.data\.csv must hold a table. Got an empty file"):
        read_table(write(gzip.compress(b""), "data.csv.gz"))
    with pytest.raises(InputError, match=r"its ending says, \.csv. Got a Parquet file"):
        read_table(write(gzip.compress(content_of("data.parquet")), "data.csv.gz"))
    with pytest.raises(InputError, match=r"its ending says, \.zst. Got a gzip file: is it a \.gz"):
        read_table(write(gzip.compress(content_of("data.csv")), "data.csv.zst"))
    with pytest.raises(InputError, match=r"can be piped or compressed. Got \.db: unpack it"):
        read_table(write(gzip.compress(b"SQLite format 3\0"), "data.db.gz"))
    with pytest.raises(InputError, match=r"can be piped or compressed. Got \.gz"):
        read_table(write(gzip.compress(gzip.compress(b"x\n1\n")), "data.gz"))
