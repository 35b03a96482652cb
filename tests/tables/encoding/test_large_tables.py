"""Many rows, many columns, many levels."""

import tracemalloc
from time import perf_counter

import numpy as np
import polars as pl
import pytest

from gradatim.tables import Encoding, Table, TableEncoder
from gradatim.tables.encoding.scaling import Spread


def in_small_parts(monkeypatch, cells):
    for name, few in (
        ("threads.CELLS_AT_ONCE", cells),
        ("threads.FEWEST_ROWS", 1),
        ("encoding.numeric.CELLS_AT_ONCE", cells),
    ):
        monkeypatch.setattr(f"gradatim.tables.{name}", few)


def test_chunks_do_not_show(monkeypatch):
    table = Table.from_any({"x": np.arange(100.0), "k": [f"k{j % 7}" for j in range(100)]})
    encoder = TableEncoder.fit(table)
    whole = encoder.encode(table).X.tobytes()
    in_small_parts(monkeypatch, 30)
    assert TableEncoder.fit(table).encode(table).X.tobytes() == whole
    order = np.array([99, 3, 3, 50, 0])
    np.testing.assert_array_equal(encoder.encode(table, order).X, encoder.encode(table).X[order])


def test_a_million_rows_are_scaled_by_some_of_them_and_bounded_by_all():
    """Quartiles of a normal distribution are ±0.6745; a standard error of their ranks is 0.14 %."""
    x = np.random.default_rng(0).normal(size=1_000_000)
    x[1::10] = np.nan
    x[999_998] = 50.0
    rare = np.full(len(x), np.nan)
    rare[:5] = [0, 1, 2, 3, 4]
    spread = Spread.of(np.column_stack([x, rare]))
    assert spread.count.tolist() == [900_000, 5]
    assert spread.high.tolist() == [50, 4]
    np.testing.assert_allclose(spread.quartile_3[0], 0.6745, atol=0.02)
    np.testing.assert_allclose(spread.mean[0], np.nanmean(x), rtol=1e-9)
    np.testing.assert_allclose(spread.std[0], np.nanstd(x), rtol=1e-9)
    assert [spread.quartile_1[1], spread.median[1], spread.quartile_3[1]] == [1, 2, 3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_any_type_and_stride_is_copied_once(monkeypatch, dtype, order):
    """To what is encoded; the rest, a bit for each cell included, is the work on small parts of it."""
    in_small_parts(monkeypatch, 20_000)
    X = np.asarray(np.random.default_rng(0).normal(size=(100_000, 20)), dtype=dtype, order=order)
    rows = np.arange(100_000)
    tracemalloc.start()
    try:
        encoder = TableEncoder.fit(X, rows)
        fitting = tracemalloc.get_traced_memory()[1]
        encoded = encoder.encode(X).X
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fitting < encoded.nbytes
    assert peak < 1.5 * encoded.nbytes


def test_many_rows_in_order_are_the_same_rows():
    table = Table.from_any({"x": np.arange(300_000), "k": ["a", "b", "c"] * 100_000})
    rows = np.arange(1, 300_000, 2)
    for chosen in (rows, rows[::-1], np.arange(300_000) % 2 == 1):
        taken = table.take(chosen)
        assert sorted(taken.column("x").to_list()) == rows.tolist()
    assert table.take(rows).column("k")[:3].to_list() == ["b", "a", "c"]
    assert table.take(rows[::-1]).column("x")[0] == 299_999


def test_five_thousand_columns_and_a_hundred_thousand_levels_take_seconds():
    wide = pl.DataFrame(np.random.default_rng(0).normal(size=(300, 5000)))
    levels = pl.DataFrame({"k": [f"level {j % 100_000}" for j in range(200_000)], "x": np.arange(200_000.0)})
    started = perf_counter()
    assert TableEncoder.fit(wide).encode(wide).X.shape == (300, 5000)
    one_hot = TableEncoder.fit(levels)
    assert one_hot.encode(levels).X.shape == (200_000, 101)
    assert "100,000 levels: the 100 most frequent are kept" in one_hot.notes[0]
    often = pl.concat([levels] * 3)  # six rows a level: a name that two rows have would count as unknown
    embedded = TableEncoder.fit(often, encoding=Encoding(embed_above=100))
    assert embedded.encode(often).codes.max() == 100_000
    assert perf_counter() - started < 20
