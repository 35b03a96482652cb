"""Files, folders and pictures as tables."""

from __future__ import annotations

import builtins
import gzip
import re
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError, MissingPackageError
from gradatim.tables import TableEncoder, read_table, table_of
from gradatim.tables.reading.sources import _KNOWN


def test_a_target_that_is_not_there_is_refused_with_a_guess(write):
    path = write("strength,age\n1,2\n")
    assert read_table(path, "age").target_name == "age"
    with pytest.raises(
        InputError, match=r"target must be one of the table's columns: .* Got 'strenght'\. Did you mean"
    ):
        read_table(path, "strenght")


def test_a_file_that_is_not_there_is_refused_with_a_guess(write, tmp_path):
    write("a\n1\n", "houses.csv")
    with pytest.raises(InputError, match=r"Got nothing of that name\. Did you mean 'houses\.csv'"):
        read_table(tmp_path / "house.csv")
    with pytest.raises(InputError, match="Did you mean 'sample:iris'"):
        read_table("iris")
    with pytest.raises(InputError, match="There is no folder"):
        read_table(tmp_path / "nowhere" / "house.csv")


def test_an_unknown_ending_is_refused(write):
    with pytest.raises(InputError, match=r"an ending that is known: \.csv, .*Got '\.doc'"):
        read_table(write("a\n1\n", "data.doc"))


def test_a_model_is_no_table(write):
    with pytest.raises(
        InputError, match=r"model\.safetensors must be a table\. Got a model: .* a MODEL and the DATA\."
    ):
        read_table(write("{}", "model.safetensors"))


# Every kind


NEEDS = {
    ".h5": "h5py",
    ".hdf5": "h5py",
    ".png": "PIL",
    ".jpg": "PIL",
    ".xlsx": "fastexcel",
    ".xlsm": "fastexcel",
    ".xls": "fastexcel",
    ".ods": "fastexcel",
}
ENDINGS = re.findall(r"\.\w+", "".join(_KNOWN))


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending not in (".csv", ".tsv", ".txt")])
@pytest.mark.parametrize("junk", [b"no such thing", bytes(range(256)) * 9, b"\xff" * 64, b"ARROW1\0\0 and more"])
def test_junk_is_refused_under_every_ending(write, ending, junk):
    if ending in NEEDS:
        pytest.importorskip(NEEDS[ending])
    path = write(junk, f"junk{ending}")
    with pytest.raises(InputError, match=r"junk\.") as refusal:
        read_table(path)
    assert re.search(r"Got (something else|other bytes|an Arrow|a picture)", str(refusal.value))


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending not in (".png", ".jpg")])
def test_an_empty_file_is_refused_under_every_ending(write, ending):
    with pytest.raises(InputError, match=r"must hold a table. Got an empty file"):
        read_table(write(b"", f"empty{ending}"))


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending not in (".parquet", ".png", ".jpg")])
def test_a_file_of_another_kind_is_refused_with_its_ending(write, ending):
    parquet = BytesIO()
    pl.DataFrame({"x": [1]}).write_parquet(parquet)
    with pytest.raises(InputError, match=rf"its ending says, \{ending}. Got a Parquet file: is it a \.parquet\?"):
        read_table(write(parquet.getvalue(), f"data{ending}"))


def test_a_file_that_may_not_be_read_stays_an_error_of_the_system(write, monkeypatch):
    path = write("x\n1\n")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError):
        read_table(path)


def test_a_query_goes_with_databases_only(write):
    for source in (write("x\n1\n"), "sample:iris"):
        with pytest.raises(InputError, match=r"query must go with a database. Got one for"):
            read_table(source, query="SELECT 1")
    with pytest.raises(InputError, match=r"query must go with a database. Got one for a dict"):
        table_of({"x": [1]}, query="SELECT 1")


def test_a_web_address_is_no_table():
    with pytest.raises(InputError, match=r"Got https://…: download it first"):
        read_table("https://example.org/houses.csv")


# Standard input


@pytest.fixture
def pipe(monkeypatch):
    def pipe(content, *, terminal=False):
        stream = TextIOWrapper(BytesIO(content), encoding="utf-8")
        stream.isatty = lambda: terminal
        monkeypatch.setattr(sys, "stdin", stream)

    return pipe


def as_file(write):
    content = BytesIO()
    write(content)
    return content.getvalue()


FRAME = pl.DataFrame({"x": [1, 2], "k": ["a", "b"]})
ROWS = b'[{"x": 1, "k": "a"}, {"x": 2, "k": "b"}]'


@pytest.mark.parametrize(
    "content",
    [
        b"x,k\n1,a\n2,b\n",
        "\ufeffx;k\n1;a\n2;b\n".encode("utf-16"),
        ROWS,
        b"\xef\xbb\xbf\n " + ROWS,
        b'{"x": 1, "k": "a"}\n{"x": 2, "k": "b"}\n',
        b'{"x": [1, 2], "k": ["a", "b"]}',
        as_file(FRAME.write_parquet),
        as_file(FRAME.write_ipc),
        as_file(FRAME.write_ipc_stream),
        gzip.compress(ROWS),
        gzip.compress(as_file(FRAME.write_parquet)),
    ],
    ids=["csv", "utf-16", "json", "json with a mark", "lines", "columns", "parquet", "arrow", "stream", "gz", "both"],
)
def test_standard_input_is_told_by_its_first_bytes(pipe, content):
    pipe(content)
    table = read_table("-")
    assert table.frame.equals(FRAME)
    assert table.source == "standard input"


def test_arrays_come_through_standard_input_too(pipe):
    pipe(as_file(lambda file: np.savez(file, X=np.eye(2), y=[0, 1])))
    assert read_table("-").column("label").to_list() == [0, 1]


@pytest.mark.parametrize(
    ("content", "terminal", "words"),
    [
        (b"", False, "standard input must hold a table. Got nothing"),
        (b"x,y\n1,2\n", True, "Standard input must hold a table, .* Got a terminal"),
        (bytes(range(256)), False, "standard input must be text. Got binary data"),
        (b"SQLite format 3\0", False, r"standard input must be a table that can be piped .* Got \.sqlite"),
    ],
)
def test_standard_input_without_a_table_is_refused(pipe, content, terminal, words):
    pipe(content, terminal=terminal)
    with pytest.raises(InputError, match=words):
        read_table("-")


@pytest.mark.parametrize(
    ("name", "module", "words"),
    [
        ("a.h5", "h5py", r"needs h5py.*gradatim\[images\]"),
        ("a.png", "PIL", r"needs Pillow.*gradatim\[images\]"),
        ("a.xlsx", "fastexcel", r"needs fastexcel.*gradatim\[excel\]"),
        ("duckdb:///a.duckdb", "sqlalchemy", r"needs SQLAlchemy.*gradatim\[database\]"),
    ],
)
def test_a_missing_package_is_named_with_its_command(write, monkeypatch, name, module, words):
    real = builtins.__import__

    def without(wanted, *rest, **named):
        if wanted.split(".")[0] == module:
            raise ImportError(wanted)
        return real(wanted, *rest, **named)

    path = name if "://" in name else write(b"anything", name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPackageError, match=words):
        read_table(path)


# The larger files, where they are


def test_the_cats_of_the_course(shared):
    pytest.importorskip("h5py")
    table = read_table(shared / "course" / "train_catvnoncat.h5")
    assert (table.n_rows, table.image_shape) == (209, (64, 64, 3))
    assert table.column("label").to_list().count("cat") == 72
    test = read_table(shared / "course" / "test_catvnoncat.h5")
    assert (test.n_rows, test.column("label").to_list().count("cat")) == (50, 33)
    npz = read_table(shared / "data" / "catvnoncat.npz")
    np.testing.assert_array_equal(npz.block, table.block)
    np.testing.assert_array_equal(npz.held_out.block, test.block)


LARGE = ("mnist.npz", "cifar10_10k.npz")


def read_and_encode(path, target):
    """Fit on every other row, encode the rows between."""
    table = read_table(path, target if path.suffix == ".parquet" else None)
    encoder = TableEncoder.fit(table.drop([table.target_name]), slice(0, None, 2))
    X = encoder.encode(table, slice(1, None, 2)).X
    assert X.shape == (table.n_rows // 2, encoder.n_outputs), path.name
    assert np.isfinite(X).all(), path.name
    assert np.abs(X).max() <= 3, path.name


def test_every_shared_table_is_read_and_encoded(shared):
    manifest = pl.read_csv(shared / "data" / "manifest.csv").filter(~pl.col("file").is_in(LARGE))
    assert manifest.height >= 40
    for file, target in manifest.select("file", "target").iter_rows():
        read_and_encode(shared / "data" / file, target)


@pytest.mark.slow
@pytest.mark.parametrize("file", LARGE)
def test_the_large_picture_files_are_read_and_encoded(shared, file):
    read_and_encode(shared / "data" / file, None)
