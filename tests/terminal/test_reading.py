"""How a table was understood, as a user reads it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.terminal.reading import reading_text


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    m = 60
    frame = {f"x{j}": rng.normal(size=m) for j in range(10)}
    frame |= {"city": rng.choice(["Rome", "Oslo", "Lima"], m), "zip": rng.integers(1000, 1009, m)}
    frame |= {"day": pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 29), eager=True), "same": ["a"] * m}
    return pl.DataFrame({**frame, "y": rng.normal(size=m)})


def read(table, **arguments):
    return reading_text(gd.fit(table, "y", rungs="constant,linear", **arguments).reading)


def test_kinds_are_told_with_names_and_levels(table):
    text = read(table, kinds={"zip": "category"})
    assert "13 columns to predict from (10 numbers, 2 categories, 1 date), 1 left out" in text
    assert "column  number: x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, which hold numbers\n" in text
    assert "        category: city (3), so many texts in each\n" in text
    assert "        category: zip (9). You said so.\n" in text
    assert "        date: day. It holds dates or times." in text
    assert "note    Left out 'same'." in text


def test_many_columns_of_pixels_are_one_line():
    rng = np.random.default_rng(0)
    table = pl.DataFrame(rng.integers(0, 17, (60, 64)), schema=[f"pixel{j}" for j in range(64)])
    text = read(table.with_columns(y=rng.normal(size=60)))
    assert "64 columns to predict from (64 pixels)\n" in text
    reason = "64 columns are named like pixels, and hold whole numbers from 0 to 16."
    assert f"column pixel: pixel0 to pixel63 (64 in all). {reason}" in " ".join(text.split())


def test_options_are_written_as_options(table):
    assert "--order day tests on the last rows" in " ".join(read(table).split())


def test_the_order_of_rows_is_told(table):
    text = " ".join(read(table, order="day").split())
    assert "12 to test; the last by 'day' test, and those before them choose" in text
