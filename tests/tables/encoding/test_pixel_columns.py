"""Pixels that are columns of a table: one divisor for all of them, told by their names or asked for."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from gradatim.errors import InputError
from gradatim.tables import Encoding, Table, TableEncoder, read_table

EXACT = Encoding(dtype="float64")


def pixels_of(*names, **more):
    """An encoding in which these are pixels."""
    return Encoding(dtype="float64", kinds=dict.fromkeys(names, "pixel") | more)


def kinds(table, encoding=EXACT):
    return [column.kind for column in TableEncoder.fit(table, encoding=encoding).columns]


def grid(names, high=255, dtype=np.int64):
    """Forty rows of whole numbers from 0 to `high`, both of them among them."""
    values = np.random.default_rng(0).integers(0, high, (40, len(names)), endpoint=True).astype(dtype)
    values[0, :2] = 0, high
    return Table.from_any(pl.DataFrame(values, schema=list(names)))


NAMES = [f"pixel{j}" for j in range(36)]


# Asked for


def test_columns_of_pixels_share_one_divisor():
    table = Table.from_any({"p": [0, 51, 102], "age": [1.0, 2.0, 3.0], "q": [255, 0, None]})
    encoder = TableEncoder.fit(table, encoding=pixels_of("p", "q"))
    assert [(output.name, output.raw) for output in encoder.outputs] == [("age", "age"), ("p", "p"), ("q", "q")]
    np.testing.assert_allclose(encoder.encode(table).X[:, 1:], [[0, 1], [0.2, 0], [0.4, 0]], rtol=1e-15)
    assert encoder.notes == ("Missing pixels count as 0: 'q'.",)


@pytest.mark.parametrize(("largest", "divisor"), [(1, 1), (16, 16), (17, 255), (255, 255), (300, 300)])
def test_the_divisor_is_that_of_pictures(largest, divisor):
    encoder = TableEncoder.fit({"p": [0, largest], "q": [0, 1]}, encoding=pixels_of("p", "q"))
    assert encoder.encode({"p": [1], "q": [0]}).X.tolist() == [[1 / divisor, 0]]


def test_the_divisor_is_that_of_the_training_rows():
    """8 is the largest of the first two; the 16 of the third would halve everything."""
    table = Table.from_any({"p": [8, 4, 16]})
    assert TableEncoder.fit(table, slice(2), pixels_of("p")).encode(table).X.ravel().tolist() == [1, 0.5, 2]


def test_columns_of_an_array_are_asked_for_by_a_pattern():
    X = np.array([[0, 255, 3], [51, 0, 5]])
    encoder = TableEncoder.fit(X, encoding=pixels_of("x*", x3="number"))
    assert [column.kind for column in encoder.columns] == ["pixel", "pixel", "number"]
    np.testing.assert_allclose(encoder.encode(X).X[:, 1:], [[0, 1], [0.2, 0]], rtol=1e-15)


def test_a_name_is_no_pattern_where_a_column_has_it():
    assert kinds({"a*": [1, 2, 3], "ab": [1, 2, 3]}, pixels_of("a*")) == ["pixel", "number"]
    with pytest.raises(InputError, match=r"The column in kinds must be one of .*: ab\. Got 'b\*'"):
        kinds({"ab": [1, 2, 3]}, pixels_of("b*"))


def test_texts_that_are_numbers_are_pixels_and_others_are_refused():
    table = {"p": ["0", "51", "255"], "q": ["0", "one", "2"]}
    encoder = TableEncoder.fit(table, encoding=pixels_of("p", q="identifier"))
    assert encoder.encode(table).X.ravel().tolist() == [0, 0.2, 1]
    with pytest.raises(InputError, match=r"Column 'q' must hold numbers\. Got text in row 2 .*'one'"):
        TableEncoder.fit(table, encoding=pixels_of("p", "q"))
    with pytest.raises(InputError, match=r"Column 'p' must hold numbers\. Got text in row 1 .*'dark'"):
        encoder.encode({"p": ["dark"]})


def test_sparse_tables_and_columns_beside_pictures_have_no_columns_of_pixels():
    with pytest.raises(InputError, match="'x1' must be of another kind than pixel, which is not for sparse tables"):
        TableEncoder.fit(sparse.csr_array(np.eye(3)), encoding=pixels_of("x1"))
    table = Table(pl.DataFrame({"size": [3, 4]}), np.zeros((2, 1)), ("p",), image_shape=(1, 1, 1))
    with pytest.raises(InputError, match="'size' must be of another kind than pixel, which is not for columns of pict"):
        TableEncoder.fit(table, encoding=pixels_of("size"))


# Recognised


@pytest.mark.parametrize(
    "name", ["pixel{0}", "Pixel_{0}", "px_{0}", "pix.{0}", "pixel_{1}_{2}", "{1}x{2}", "pixel_{1}_{2}_0", "pixel 00{0}"]
)
def test_pixels_are_told_by_their_names(name):
    table = grid([name.format(j, j // 6, j % 6) for j in range(36)])
    encoder = TableEncoder.fit(table, encoding=EXACT)
    assert {column.kind for column in encoder.columns} == {"pixel"}
    assert encoder.columns[0].reason == "36 columns are named like pixels, and hold whole numbers from 0 to 255."
    np.testing.assert_allclose(encoder.encode(table).X, table.frame.to_numpy() / 255, rtol=1e-15)


@pytest.mark.parametrize("name", ["x{0}", "V{0}", "f{0}", "x.{0}", "pixels{0}", "pixel{0}mean", "{1}x{2}x", "{0}"])
def test_other_names_say_nothing(name):
    assert set(kinds(grid([name.format(j, j // 6, j % 6) for j in range(36)]))) == {"number"}


def test_too_few_pixels_are_numbers():
    assert set(kinds(grid(NAMES[:35]))) == {"number"}


@pytest.mark.parametrize("value", [0.5, -1.0, 256.0, np.inf])
def test_a_value_that_no_byte_has_makes_all_of_them_numbers(value):
    frame = grid(NAMES, dtype=np.float64).frame
    assert set(kinds(frame)) == {"pixel"}
    frame[7, "pixel30"] = value
    assert set(kinds(frame)) == {"number"}
    assert set(kinds(Table.from_any(frame).take(slice(7)))) == {"pixel"}  # only training rows are looked at


def test_a_pixel_that_is_dark_in_training_stays_and_one_without_a_value_does_not():
    frame = grid(NAMES).frame.with_columns(pixel0=pl.lit(0), pixel1=pl.lit(None, dtype=pl.Int64))
    frame = frame.with_columns(pixel40=pl.col("pixel2"))
    encoder = TableEncoder.fit(frame, encoding=EXACT)
    assert [column.kind for column in encoder.columns[:3]] == ["pixel", "constant", "pixel"]
    assert encoder.columns[0].reason.startswith("36 columns")
    lit = encoder.encode(frame.with_columns(pixel0=pl.lit(51))).X
    assert set(lit[:, 0]) == {0.2}


def test_what_was_recognised_can_be_overruled():
    table = grid(NAMES)
    assert kinds(table, Encoding(kinds={"pixel0": "number"})) == ["number", *["pixel"] * 35]
    assert set(kinds(table, Encoding(kinds={"pixel*": "number"}))) == {"number"}
    assert set(kinds(table, Encoding(numbers="none"))) == {"number"}


def test_columns_beside_pixels_are_encoded_as_ever():
    table = grid(NAMES)
    age = np.arange(40.0)
    frame = table.frame.with_columns(age=age)
    encoded = TableEncoder.fit(frame, encoding=EXACT).encode(frame).X
    np.testing.assert_array_equal(encoded[:, :1], TableEncoder.fit({"age": age}, encoding=EXACT).encode({"age": age}).X)
    np.testing.assert_array_equal(encoded[:, 1:], TableEncoder.fit(table, encoding=EXACT).encode(table).X)


def test_the_digits_as_columns_are_encoded_as_pictures_are():
    pictures = read_table("sample:digits").drop(["digit"])
    columns = Table.from_any(pl.DataFrame(pictures.block, schema=list(pictures.block_names)))
    as_columns, as_pictures = (TableEncoder.fit(table, slice(0, 1000)) for table in (columns, pictures))
    assert as_columns.encode(columns).X.tobytes() == as_pictures.encode(pictures).X.tobytes()


# In rows to predict, and in files


def test_columns_on_another_scale_are_refused_and_so_are_missing_ones():
    table = grid(NAMES)
    encoder = TableEncoder.fit(table, encoding=EXACT)
    with pytest.raises(InputError, match=r"0 to 255\. Got 0 to 1: multiply them by 255, if their white is 1"):
        encoder.encode(table.frame / 255)
    with pytest.raises(InputError, match="Missing: 'pixel35'"):
        encoder.encode(table.drop(["pixel35"]))


def test_texts_among_pixels_are_missing_where_training_had_some(tmp_path):
    for name, text in (("strays", "dead"), ("whole", "7"), ("later", "lost")):
        lines = [f"{51 * (j % 6)},{text if j == 3 else 0}" for j in range(30)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["px1,px2", *lines]))
    strays, whole, later = (read_table(tmp_path / f"{name}.csv") for name in ("strays", "whole", "later"))
    encoder = TableEncoder.fit(strays, encoding=pixels_of("px*"))
    assert encoder.notes == ("Missing pixels count as 0: 'px2'.",)
    np.testing.assert_allclose(encoder.encode(later).X[2:4], [[0.4, 0], [0.6, 0]], rtol=1e-15)
    with pytest.raises(InputError, match=r"'px2' must hold numbers\. Got text in row 4 .*'lost'"):
        TableEncoder.fit(whole, encoding=pixels_of("px*")).encode(later)


def test_columns_of_pixels_are_encoded_to_the_same_bytes_after_they_were_written():
    table = Table.from_any(grid(NAMES, 12).frame.with_columns(age=np.arange(40.0), town=pl.Series(["a", "b"] * 20)))
    encoder = TableEncoder.fit(table, slice(0, 30))
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json())), encoder.tensors())
    assert again.encode(table).X.tobytes() == encoder.encode(table).X.tobytes()
    assert again.pixels == encoder.pixels
    assert again.outputs == encoder.outputs
    assert again.inputs == encoder.inputs
