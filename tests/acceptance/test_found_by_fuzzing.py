"""Files that once brought a reader down, or hung it: found by the fuzzer, written here as small as they can be."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import read_table, task_of


@pytest.fixture
def read(tmp_path):
    def read(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return read_table(path)

    return read


def test_the_mark_of_utf_8_before_other_letters(read):
    table = read("data.csv", b"\xef\xbb\xbfx,y\n\xfcber,1\n")
    assert table.column("x").to_list() == ["über"]
    assert table.notes == ("The file is not UTF-8: read as Windows-1252. Check letters such as é and ß.",)


def test_the_mark_of_utf_8_before_binary_data(read):
    with pytest.raises(InputError, match="must be text"):
        read("data.csv", b"\xef\xbb\xbfx,y\n\0,1\n")


@pytest.mark.parametrize(("values", "kept"), [([1, 2, 300], [1, 2, 300]), ([1, 2**100, 3], ["1", str(2**100), "3"])])
def test_whole_numbers_of_128_bits(read, values, kept):
    content = BytesIO()
    pl.DataFrame({"x": pl.Series(values, dtype=pl.Int128)}).write_ipc(content)
    column = read("data.arrow", content.getvalue()).column("x")
    assert column.to_list() == kept
    task_of(column)


@pytest.mark.skipif(np.dtype("longdouble").itemsize <= 8, reason="long doubles are doubles here")
def test_long_doubles_beyond_the_range_of_doubles(read):
    content = BytesIO()
    np.save(content, np.array([[np.longdouble("1e4000")], [np.longdouble(2)]]))
    assert read("data.npy", content.getvalue()).matrix(["x1"]).tolist() == [[np.inf], [2.0]]


@pytest.mark.parametrize("shape", [(3, 0), (2, 3, 0)])
def test_rows_without_columns(read, shape):
    content = BytesIO()
    np.save(content, np.zeros(shape))
    with pytest.raises(InputError, match="must hold columns"):
        read("data.npy", content.getvalue())


def test_a_heap_of_texts_without_an_end(read):
    """The global heap begins with GCOL; its last object is the free space, of index 0, with its size."""
    h5py = pytest.importorskip("h5py")
    content = BytesIO()
    with h5py.File(content, "w") as file:
        file["X"], file["list_classes"] = np.eye(2), ["a", "b"]
    whole = content.getvalue()
    assert read("data.h5", whole).n_rows == 2
    heap = whole.index(b"GCOL")
    place = heap + 16
    while whole[place : place + 2] != b"\0\0":
        size = int.from_bytes(whole[place + 8 : place + 16], "little")
        place += 16 + -(-size // 8) * 8
    endless = whole[: place + 8] + bytes(8) + whole[place + 16 :]
    with pytest.raises(InputError, match="a heap of texts has no end"):
        read("data.h5", endless)


def test_an_array_whose_name_is_no_text(read):
    h5py = pytest.importorskip("h5py")
    content = BytesIO()
    with h5py.File(content, "w") as file:
        file["X"], file["nonsense"] = np.eye(2), np.eye(2)
    assert read("data.h5", content.getvalue().replace(b"nonsense", b"\xff\xfensense")).n_rows == 2


def test_names_of_classes_that_are_moments_without_a_unit(read):
    content = BytesIO()
    np.savez(content, X=np.eye(2), y=np.array([0, 1]), classes=np.array([1, 2]).astype("M8"))
    with pytest.raises(InputError, match="names of classes that are texts"):
        read("data.npz", content.getvalue())


def test_a_name_as_long_as_the_file(read):
    with pytest.raises(InputError, match=r"Got a name of 20,000 letters, '0000000000"):
        read("data.csv", b"0" * 20_000 + b"\n1\n")


def test_a_packed_file_is_called_by_its_own_kind(read):
    with pytest.raises(InputError, match="must be a Zstandard file"):
        read("data.csv.zst", b"no such thing")
    with pytest.raises(InputError, match="must be a gzip file"):
        read("data.csv.gz", b"no such thing")
