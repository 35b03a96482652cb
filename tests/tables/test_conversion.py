"""One column from Python values that people hold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gradatim.formulas.arrays import is_missing
from gradatim.tables import Table
from gradatim.tables.conversion import as_series
from gradatim.tables.encoding.columns import kinds_of
from gradatim.tables.reading.values import read_values
from gradatim.training.split import group_codes

MISSING = [
    None,
    float("nan"),
    np.float32("nan"),
    np.datetime64("NaT", "s"),
    pd.NaT,
    pd.NA,
    Decimal("NaN"),
    Decimal("sNaN"),
]


class Odd:
    """A value that cannot be compared."""

    def __ne__(self, other):
        raise ValueError("no truth")

    __hash__ = object.__hash__


@pytest.mark.parametrize("value", MISSING)
def test_missing_is_known_by_every_sign_of_it(value):
    assert is_missing(value)
    assert as_series(["a", value, "b"]).to_list() == ["a", None, "b"]
    assert as_series([1, value, 2]).to_list() == [1, None, 2]


@pytest.mark.parametrize("value", ["", "nan", b"", 0, False, np.array([1, 2]), np.array([np.nan]), [], Odd()])
def test_nothing_else_is_missing(value):
    assert not is_missing(value)


def test_a_column_of_arrays_becomes_lists_that_the_network_cannot_read():
    table = Table.from_any({"x": [np.array([1, 2]), np.array([3, 4]), None], "k": [1.0, 2.0, 3.0]})
    assert table.column("x").to_list() == [["1", "2"], ["3", "4"], None]
    assert [column.kind for column in kinds_of(table)] == ["text", "number"]


@pytest.mark.parametrize("make", [lambda x: {"x": x}, lambda x: [{"x": value} for value in x]])
def test_whole_numbers_beyond_fractions_are_infinite(make):
    table = Table.from_any(make([10**400, -(10**400), 1, None]))
    assert table.column("x").to_list() == [float("inf"), float("-inf"), 1.0, None]


@pytest.mark.parametrize(
    "values",
    [
        [True, 1, None],
        [1, 2.5, float("nan")],
        [Fraction(1, 4), Decimal("1.5"), 3],
        [dt.date(2024, 2, 29), None],
        [dt.datetime(2024, 2, 29, 1), dt.datetime(2024, 3, 1)],
        [dt.timedelta(days=1)],
        [["a", 1], {"b": (2,)}, None],
        ["half \ud800", "x"],
        ["a", b"b", 3.5],
        [None, None],
    ],
)
def test_what_is_held_is_what_is_read_from_a_file(values):
    held, read = as_series(values, "x"), read_values("x", values).values
    assert held.dtype == read.dtype
    assert held.equals(read)


def test_bytes_in_arrays_are_texts():
    assert as_series(np.array([b"a", "é".encode()])).to_list() == ["a", "é"]
    assert as_series(np.array([b"a", b"b"], dtype=object)).to_list() == ["a", "b"]


def test_days_beside_times_stay_whole():
    values = [dt.date(2024, 2, 29), dt.datetime(2024, 3, 1, 5)]
    assert as_series(values).to_list() == ["2024-02-29", "2024-03-01 05:00:00"]


def test_objects_with_keys_of_any_kind_become_texts():
    assert as_series([{(1, 2): "a"}, None]).dtype == pl.List(pl.String)


def test_groups_that_are_missing_are_groups_of_their_own():
    assert group_codes(["a", None, pd.NA, "a", pd.NaT, float("nan")], 6).tolist() == [0, 1, 2, 0, 3, 4]
    odd = Odd()
    assert group_codes([odd, odd], 2).tolist() == [0, 0]
