"""Columns of Python values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from gradatim.tables.reading.values import distinct_names, read_values, table_of_values

ROME = dt.timezone(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("values", "dtype", "read"),
    [
        ([1, None, 3], pl.Int64, [1, None, 3]),
        ([1, 2.5], pl.Float64, [1.0, 2.5]),
        ([Decimal("1.25"), None, 2], pl.Float64, [1.25, None, 2.0]),
        ([Fraction(1, 4)], pl.Float64, [0.25]),
        ([2**63, -(10**400)], pl.Float64, [2.0**63, float("-inf")]),
        ([True, None], pl.Boolean, [True, None]),
        ([True, 2], pl.String, ["true", "2"]),
        ([None, None], pl.String, [None, None]),
        ([], pl.String, []),
        ([b"\xff", None], pl.Binary, [b"\xff", None]),
        (["1", 2, b"3"], pl.Int64, [1, 2, 3]),
        (["007", 8], pl.String, ["007", "8"]),
        ([dt.date(2024, 2, 29), None], pl.Date, [dt.date(2024, 2, 29), None]),
        ([dt.datetime(2024, 2, 29, 1)], pl.Datetime, [dt.datetime(2024, 2, 29, 1)]),
        ([dt.time(1, 2)], pl.Time, [dt.time(1, 2)]),
        ([dt.date(2024, 2, 29), "2024-03-01"], pl.Date, [dt.date(2024, 2, 29), dt.date(2024, 3, 1)]),
        ([(1, "a"), None, {"b": None}], pl.List(pl.String), [["1", "a"], None, ['{"b": null}']]),
        (["half \ud800"], pl.String, ["half ?"]),
        ([{"x": "\ud800"}], pl.List(pl.String), [['{"x": "?"}']]),
    ],
)
def test_values_are_read_as_what_they_are(values, dtype, read):
    found = read_values("x", values).values
    assert found.dtype == dtype
    assert found.to_list() == read


def test_times_of_several_zones_do_not_stop_the_reading():
    values = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 1, 1, tzinfo=ROME)]
    assert len(read_values("x", values).values) == 2


def test_what_was_decided_is_said_once():
    columns = {f"z{j}": ["01", "02"] for j in range(5)} | {"n": ["1", "2"]}
    table = table_of_values(columns, ["Before."])
    assert table.notes == (
        "Before.",
        "Leading zeros are kept, as texts: 'z0' ('01'), 'z1' ('01'), 'z2' ('01') and 2 more.",
    )
    assert table.column("n").to_list() == [1, 2]


def test_names_come_out_distinct_whatever_they_were():
    names, notes = distinct_names(["a", "a", "a_duplicated_0", "a"])
    assert names == ["a", "a_duplicated_1", "a_duplicated_0", "a_duplicated_2"]
    assert notes[0].startswith("The columns 'a' stand there more than once")
    assert distinct_names(["a", "b"]) == (["a", "b"], [])
