"""The rows that a model is given are checked as one table, whatever pieces they are computed in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.model import Settings, train_model
from gradatim.tables import Table, read_table
from gradatim.tables.encoding import columns

m = 60
NUMBERS = {"x": np.arange(m) / 4, "k": ["a", "b", "c"] * (m // 3)}


def trained(table):
    return train_model(Settings(max_epochs=1, random_state=0), table, np.arange(m) % 2)


@pytest.fixture
def model():
    return trained(NUMBERS)


@pytest.fixture
def in_pieces(monkeypatch):
    """Rows are computed seven at a time, or fewer."""
    monkeypatch.setattr("gradatim.model.model.NUMBERS_AT_ONCE", 7)


@pytest.fixture
def stray(tmp_path):
    """A file of numbers with a text in row 21."""
    lines = ["x,k", *(f"{'abc' if row == 21 else row / 4},a" for row in range(1, m + 1))]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "rows.csv"


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "outputs", "encode"])
def test_a_stray_text_among_the_numbers_of_a_file_is_refused(model, ask, stray, in_pieces):
    """The reader takes it for a missing number; training lacked none, so that there is nothing to read it as."""
    for source in (stray, read_table(str(stray))):
        with pytest.raises(InputError, match=r"'x' must hold numbers\. Got text in row 21 .*'abc'"):
            getattr(model, ask)(source)


def test_a_stray_text_in_a_test_file_of_ones_own_is_refused(stray, tmp_path):
    table = pl.DataFrame({**NUMBERS, "y": np.arange(m) % 2})
    held_out = pl.read_csv(stray, infer_schema=False).with_columns(table["y"])
    held_out.write_csv(tmp_path / "test.csv")
    with pytest.raises(InputError, match=r"'x' must hold numbers\. Got text in row 21 "):
        gd.fit(table, "y", test=tmp_path / "test.csv", rungs="linear")


def test_a_stray_text_is_refused_by_estimators(stray):
    estimator = gd.NetworkClassifier(max_epochs=1, random_state=0).fit(pl.DataFrame(NUMBERS), np.arange(m) % 2)
    with pytest.raises(InputError, match=r"'x' must hold numbers\. Got text in row 21 "):
        estimator.predict(pl.read_csv(stray, infer_schema=False))


def test_a_stray_text_is_refused_where_training_lacked_numbers_only(stray):
    """An empty cell is no text: what was never seen there is a slip, and its row is named."""
    x = np.where(np.arange(m) % 9 == 4, np.nan, NUMBERS["x"])
    with pytest.raises(InputError, match=r"'x' must hold numbers\. Got text in row 21 "):
        trained({**NUMBERS, "x": x}).outputs(stray)


def test_a_stray_text_is_missing_where_the_fitted_table_had_one(stray, tmp_path):
    table = read_table(str(stray)).drop(["k"])
    model = trained(table)
    filled = pl.DataFrame({"x": [None if row == 21 else row / 4 for row in range(1, m + 1)]})
    np.testing.assert_array_equal(model.outputs(stray), model.outputs(filled))
    model.save(tmp_path / "model.safetensors")
    again = gd.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.outputs(stray), model.outputs(filled))


def test_rows_are_counted_from_the_first_one_of_the_table(model, in_pieces):
    texts = [str(number) for number in NUMBERS["x"]]
    texts[40] = "abc"
    with pytest.raises(InputError, match=r"Got text in row 41 \(counted from 1\), such as 'abc'"):
        model.predict({**NUMBERS, "x": texts})


def test_texts_are_parsed_once(model, in_pieces, monkeypatch):
    asked = Counter()
    numbers_of = columns.numbers_of

    def counted(series, name, part="", first=""):
        asked[name] += 1
        return numbers_of(series, name, part, first)

    for place in ("encoder", "numeric"):
        monkeypatch.setattr(f"gradatim.tables.encoding.{place}.numbers_of", counted, raising=False)
    texts = {**NUMBERS, "x": [str(number) for number in NUMBERS["x"]]}
    np.testing.assert_array_equal(model.predict(texts), model.predict(NUMBERS))
    assert asked == {"x": 1}


def test_the_order_of_dates_is_told_by_the_whole_table(monkeypatch):
    """04/09 may be in April; in a table that has 25/09 as well it is in September."""
    days = pl.date_range(pl.date(2012, 1, 1), pl.date(2012, 12, 31), "6d", eager=True)[:m]
    model = trained({"when": days, "x": NUMBERS["x"]})
    expected = model.outputs({"when": days, "x": NUMBERS["x"]})
    monkeypatch.setattr("gradatim.model.model.NUMBERS_AT_ONCE", 7)
    texts = days.dt.strftime("%d/%m/%Y")
    np.testing.assert_allclose(model.outputs({"when": texts, "x": NUMBERS["x"]}), expected, rtol=1e-12)


def test_the_scale_of_pictures_is_judged_by_all_of_them(in_pieces):
    """Between pictures of 0 to 255 one of fractions is nearly black; alone it would be on another scale."""

    def pictures(block):
        return Table(pl.DataFrame(), block, ("p", "q"), image_shape=(1, 2, 1))

    block = np.tile([[0.0, 0.0], [255.0, 9.0]], (m // 2, 1))
    model = trained(pictures(block))
    dark = block.copy()
    dark[30] = [0.0, 0.5]
    assert model.outputs(pictures(dark)).shape == (m, 1)
    with pytest.raises(InputError, match="multiply them by 255"):
        model.outputs(pictures(dark[30:31]))


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "outputs", "encode"])
def test_a_table_without_rows_still_needs_its_columns(model, ask):
    empty = pl.DataFrame(schema={"x": pl.Float64, "k": pl.String})
    assert 0 in getattr(model, ask)(empty).shape
    with pytest.raises(InputError, match="Missing: 'k'"):
        getattr(model, ask)(empty.drop("k"))
