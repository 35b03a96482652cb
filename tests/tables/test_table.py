"""A table from whatever people hold, and what can be done with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from gradatim.errors import InputError, ShapeError
from gradatim.tables import Table
from gradatim.tables.conversion import as_series


def test_a_numpy_array_stays_one_block_and_is_not_copied():
    X = np.arange(6.0).reshape(3, 2)
    table = Table.from_any(X)
    assert table.names == ("x1", "x2")
    assert np.shares_memory(table.matrix(table.names), X)
    assert np.shares_memory(table.take(slice(1, 3)).block, X)


def test_rows_are_taken_by_index_mask_and_slice_alike():
    table = Table.from_any({"a": [10, 11, 12, 13], "b": ["p", "q", "r", "s"]})
    for rows in ([1, 3], np.array([False, True, False, True]), slice(1, 4, 2)):
        taken = table.take(rows)
        assert taken.column("a").to_list() == [11, 13]
        assert taken.column("b").to_list() == ["q", "s"]
    assert table.take([3, 0, 0]).column("a").to_list() == [13, 10, 10]


def test_pandas_polars_and_dictionaries_give_the_same_columns():
    columns = {
        "number": [1.5, None, 3.0],
        "text": ["a", None, "c"],
        "when": [dt.datetime(2020, 1, 2), None, dt.datetime(2021, 3, 4)],
        "truth": [True, False, True],
    }
    frame = pd.DataFrame(columns)
    for X in (
        columns,
        frame,
        pl.DataFrame(columns),
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    ):
        table = Table.from_any(X)
        assert table.names == tuple(columns)
        np.testing.assert_array_equal(table.matrix(["number"]), [[1.5], [np.nan], [3.0]])
        for name in ("text", "when", "truth"):
            assert table.column(name).to_list() == columns[name]


def test_pandas_types_of_its_own_are_read():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "kind": pd.Categorical(["u", None, "v"]),
            "mixed": ["a", 2, None],
        }
    )
    table = Table.from_any(frame)
    np.testing.assert_array_equal(table.matrix(["whole"]).ravel(), [1, np.nan, 3])
    assert table.column("maybe").to_list() == [True, None, False]
    assert table.column("kind").to_list() == ["u", None, "v"]
    assert table.column("mixed").to_list() == ["a", "2", None]


def test_an_array_of_objects_becomes_columns_of_their_own_types():
    table = Table.from_any(np.array([["a", 1], ["b", 2.5], [None, np.nan]], dtype=object))
    assert table.column("x1").to_list() == ["a", "b", None]
    assert table.column("x2").to_list() == [1.0, 2.5, None]


def test_rows_of_texts_and_numbers_keep_the_numbers():
    table = Table.from_any([["a", 1.5], ["b", 2]])
    assert table.column("x2").to_list() == [1.5, 2.0]


def test_a_sparse_matrix_stays_sparse():
    X = sparse.random(5, 4, density=0.5, random_state=0, format="csc")
    table = Table.from_any(X)
    assert table.is_sparse
    assert sparse.issparse(table.take([2, 0]).block)
    np.testing.assert_array_equal(table.take([2, 0]).matrix(table.names), X.toarray()[[2, 0]])
    np.testing.assert_array_equal(table.drop(["x2"]).matrix(["x4", "x1"]), X.toarray()[:, [3, 0]])


def test_a_table_without_columns_still_has_rows():
    table = Table.from_any({"a": [1, 2, 3]}).drop(["a"])
    assert (table.n_rows, table.take([0, 2]).n_rows, table.take(slice(1, 2)).n_rows) == (3, 2, 1)
    assert Table.from_any(np.zeros((4, 1))).drop(["x1"]).n_rows == 4


def test_block_and_frame_stand_side_by_side():
    block = Table.from_any(np.array([[1, 2], [3, 4]]))
    table = replace(block, frame=pl.DataFrame({"name": ["p", "q"]}))
    assert table.names == ("x1", "x2", "name")
    assert table.to_polars().rows() == [(1, 2, "p"), (3, 4, "q")]
    table = replace(block, frame=pl.DataFrame({"name": ["p", "q"], "z": [5, None]}))
    np.testing.assert_array_equal(table.matrix(["z", "x2"]), [[5, 2], [np.nan, 4]])


def test_an_unknown_column_is_refused_with_a_guess():
    with pytest.raises(
        InputError, match=r"one of the table's columns: strength, age\. Got 'strenght'\. Did you mean 'strength'"
    ):
        Table.from_any({"strength": [1], "age": [2]}).column("strenght")


@pytest.mark.parametrize(
    ("X", "fault", "words"),
    [
        (np.zeros(3), ShapeError, r"rank 2.*Got shape \(3,\).*reshape\(-1, 1\)"),
        (np.zeros((2, 2, 2)), ShapeError, "rank 2"),
        (np.zeros((2, 2), dtype=complex), InputError, "real numbers"),
        (42, InputError, "must be a table.*Got int"),
        ({"a": [1], "b": [1, 2]}, ShapeError, "equally long"),
        ([[1, 2], [3]], ShapeError, "different lengths"),
    ],
)
def test_what_is_no_table_is_refused(X, fault, words):
    with pytest.raises(fault, match=words):
        Table.from_any(X)


def test_names_that_stand_twice_are_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(Exception, match="a"):
        Table.from_any(frame)
    with pytest.raises(InputError, match="'x1' more than once"):
        Table(pl.DataFrame({"x1": [1]}), np.zeros((1, 1)), ("x1",))


def test_a_column_may_come_as_a_series_an_array_or_a_list():
    for values in (pl.Series([1, 2]), pd.Series([1, 2]), np.array([1, 2]), np.array([[1], [2]]), [1, 2], (1, 2)):
        assert as_series(values, "y").to_list() == [1, 2]
    with pytest.raises(ShapeError, match=r"\(2, 2\)"):
        as_series(np.zeros((2, 2)))


def test_columns_of_pandas_that_share_a_name_are_refused():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match=r"names of columns must differ\. Got 'a' more than once"):
        Table.from_any(pandas.DataFrame(np.zeros((3, 3)), columns=["a", "b", "a"]))


def test_pixels_are_not_offered_as_names():
    table = Table(pl.DataFrame({"label": ["a"]}), np.zeros((1, 2)), ("p", "q"), image_shape=(1, 2, 1))
    with pytest.raises(InputError, match=r"one of the table's columns: label\. Got 'lable'\. Did you mean 'label'"):
        table.require("lable")
    with pytest.raises(InputError, match=r"columns: none but pixels\. Got 'label'"):
        table.drop(["label"]).require("label")
