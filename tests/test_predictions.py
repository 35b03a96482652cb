"""Predictions beside the columns that came in."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.predictions import predicted, write_table


@pytest.fixture(scope="module")
def rungs():
    table = pl.DataFrame({"x": np.arange(40.0), "p_yes": [0.25, 0.5] * 20, "bought": ["no"] * 20 + ["yes"] * 20})
    return {tried.rung.name: tried.model for tried in gd.fit(table, "bought", rungs="constant,linear").rungs}


def test_input_columns_are_kept_and_new_ones_take_a_free_name(rungs):
    table = pl.DataFrame({"x": [1.0, 39.0], "p_yes": [0.25, 0.5], "p_yes_2": ["mine", "too"]})
    frame, notes = predicted(rungs["linear"], table)
    assert frame.columns == ["x", "p_yes", "p_yes_2", "bought_predicted", "p_no", "p_yes_3"]
    assert frame.select("x", "p_yes", "p_yes_2").equals(table)
    assert frame["p_yes_3"].to_numpy() == pytest.approx(rungs["linear"].predict_proba(table)[:, 1])
    assert notes == (
        "Not predicted from: 'p_yes_2'.",
        "The table has these columns already: p_yes. The new ones end in a number.",
    )


def test_a_constant_model_says_that_it_reads_nothing(rungs):
    frame, notes = predicted(rungs["constant"], {"other": ["a", "b"]})
    assert frame["p_yes"].to_numpy() == pytest.approx([0.5, 0.5], abs=1e-6)
    assert notes == ("This model reads no column: it predicts the same for every row, of any table.",)
    assert predicted(rungs["linear"], {"x": [1.0], "p_yes": [0.5]})[1] == (
        "The table has these columns already: p_yes. The new ones end in a number.",
    )


def test_levels_that_training_never_saw_are_said():
    city = ["Rome", "Oslo"] * 20
    run = gd.fit({"x": np.arange(40.0), "city": city, "bought": ["no"] * 20 + ["yes"] * 20}, "bought", rungs="linear")
    _, notes = predicted(run.model, {"x": [1.0, 2.0], "city": ["Roma", "Oslo"]})
    assert notes == ("'city': 1 row holds 'Roma', which training never saw: read as missing. Did you mean 'Rome'?",)


@pytest.fixture(scope="module")
def two_of_each():
    x = np.arange(60.0)
    columns = {"x": x, "red": np.where(x < 30, "no", "yes"), "round": x % 2, "size": 2.5 * x, "age": 0.5 - x}
    labels = gd.fit({name: columns[name] for name in ("x", "red", "round")}, ["red", "round"], rungs="linear").model
    numbers = gd.fit({name: columns[name] for name in ("x", "size", "age")}, ["size", "age"], rungs="linear").model
    return labels, numbers


def test_several_labels_have_a_probability_each(two_of_each):
    frame, _ = predicted(two_of_each[0], {"x": [0.0, 59.0], "p_red": [7, 8]})
    assert frame.columns == ["x", "p_red", "red_predicted", "round_predicted", "p_red_2", "p_round"]
    assert frame["red_predicted"].to_list() == ["no", "yes"]
    p = frame["p_red_2"].to_list()
    assert p[0] < 0.5 < p[1]


def test_several_numbers_have_a_column_each(two_of_each):
    frame, _ = predicted(two_of_each[1], {"x": [10.0, 20.0]})
    assert frame.columns == ["x", "size_predicted", "age_predicted"]
    assert frame["size_predicted"].to_numpy() == pytest.approx([25.0, 50.0], abs=0.5)
    assert frame["age_predicted"].to_numpy() == pytest.approx([-9.5, -19.5], abs=0.5)


def test_no_rows_give_no_predictions(rungs, two_of_each):
    assert predicted(rungs["linear"], {"x": [1.0], "p_yes": [0.5]})[0].height == 1
    for model, columns in ((rungs["linear"], ["x", "p_yes"]), (two_of_each[0], ["x"]), (two_of_each[1], ["x"])):
        empty = pl.DataFrame({name: pl.Series([], dtype=pl.Float64) for name in columns})
        assert predicted(model, empty)[0].height == 0


def test_columns_keep_their_spelling(rungs, tmp_path):
    """Codes with zeros in front, texts among numbers and large whole numbers come out as they went in."""
    lines = ["x,p_yes,code,stray,number"]
    lines += [f"{k}.5,0.25,{k:04d},{'n.b.' if k == 7 else f'{k}.25'},{2**53 + k}" for k in range(30)]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    frame, _ = predicted(rungs["linear"], str(tmp_path / "in.csv"))
    frame.select("x", "p_yes", "code", "stray", "number").write_csv(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == lines


def test_what_csv_has_no_form_for_is_written_as_text_and_numbers(tmp_path):
    frame = pl.DataFrame(
        {
            "photo": [b"\x00\xff", None],
            "took": [dt.timedelta(hours=-1, milliseconds=500), None],
            "tags": [["a", None], None],
            "at": [{"x": 1}, {"x": None}],
            "y": [0.5, 1.5],
        }
    )
    write_table(frame, tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text("utf-8").splitlines() == [
        "photo,took,tags,at,y",
        '00ff,-3599.5,"[""a"", null]","{""x"": 1}",0.5',
        ',,,"{""x"": null}",1.5',
    ]
