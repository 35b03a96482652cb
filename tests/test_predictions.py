"""Predictions beside the columns that came in."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.predictions import predicted


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
    assert notes == ("The table has these columns already: p_yes. The new ones end in a number.",)


def test_a_constant_model_says_that_it_reads_nothing(rungs):
    frame, notes = predicted(rungs["constant"], {"other": ["a", "b"]})
    assert frame["p_yes"].to_numpy() == pytest.approx([0.5, 0.5], abs=1e-6)
    assert notes == ("This model reads no column: it predicts the same for every row, of any table.",)
    assert predicted(rungs["linear"], {"x": [1.0], "p_yes": [0.5]})[1] == (
        "The table has these columns already: p_yes. The new ones end in a number.",
    )
