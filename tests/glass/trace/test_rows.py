"""Which rows, through which network; and what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.errors import InputError, ShapeError
from gradatim.glass.trace import trace
from gradatim.model import train_ensemble, train_model
from tests.glass.trace.tables import NUMBERS, TWO, mixed_table, settings


def test_a_network_of_an_ensemble():
    rows = mixed_table()
    ensemble = train_ensemble(settings(hidden_widths=(3,)), rows, NUMBERS, models=3)
    t = trace(ensemble, rows, NUMBERS, row=9, network=2)
    assert t.prediction == pytest.approx(ensemble.models[1].predict(rows[8:9]))
    text = t.text()
    assert "This is network 2 of 3" in text
    said = [one.predict(rows[8:9])[0] for one in ensemble.models]
    for number in (*said, np.mean(said)):
        assert f"{number:.4g}" in text  # about 100: no sign
    with pytest.raises(InputError, match=r"network must be 1 to 3.* Got 4\."):
        trace(ensemble, rows, network=4)


def test_what_holds_a_model_is_taken_for_it(tmp_path):
    rows = np.linspace(0, 1, 20).reshape(10, 2)
    estimator = gd.NetworkRegressor(preset="plain", hidden_widths=(2,), max_epochs=1, random_state=0, engine="textbook")
    estimator.fit(rows, rows[:, 0])
    estimator.save(tmp_path / "model.safetensors")
    t, again = trace(estimator, rows[:1]), trace(tmp_path / "model.safetensors", rows[:1])
    assert t.prediction == pytest.approx(estimator.predict(rows[:1]))
    assert np.array_equal(t.Z[1], again.Z[1])
    assert gd.trace is trace


def test_without_the_target_there_is_no_way_back(by_hand):
    t = trace(by_hand.model, {"x": [1.0], "y": [2.0]})
    assert t.prediction == pytest.approx(by_hand.prediction)
    assert not t.has_target
    text = t.text()
    assert "The rows do not hold 'target', the target: there is no way back." in text
    assert "Layer 1 forward" in text
    assert "back\n" not in text.replace("way back\n", "")
    for ask in ("dZ", "dW", "db", "dA", "cost", "losses", "stepped"):
        with pytest.raises(InputError, match=r"whose target is known.*Got rows without target"):
            getattr(t, ask)
    missing = trace(by_hand.model, {"x": [1.0], "y": [2.0], "target": [None]})
    assert "The row lacks 'target'" in missing.text()


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"row": 3}, r"row must be 1 to 2, counted from 1.* Got 3\."),
        ({"row": 0}, r"row must be a whole number, 1 or more\. Got 0\."),
        ({"row": []}, r"row must be the number of a row, or several\. Got none\."),
        ({"member": 2}, r"member must be 1 to 1.* Got 2\."),
        ({"network": 2}, r"network must be 1 to 1.* Got 2\."),
        ({"learning_rate": -1}, r"learning_rate must be a number, 0 or more\. Got -1\."),
    ],
)
def test_what_is_counted_wrong_is_refused(by_hand, about, message):
    with pytest.raises(InputError, match=message):
        trace(by_hand.model, {"x": [1.0, 2.0], "y": [2.0, 3.0]}, **about)


def test_other_bad_input_is_refused(by_hand):
    with pytest.raises(InputError, match=r"columns that the network was trained on.*Missing: 'y'"):
        trace(by_hand.model, {"x": [1.0]})
    with pytest.raises(InputError, match="rows must be one or more"):
        trace(by_hand.model, {"x": np.zeros(0), "y": np.zeros(0)})
    with pytest.raises(ShapeError, match=r"y must have one value for each of the 1 rows\. Got 2\."):
        trace(by_hand.model, {"x": [1.0], "y": [1.0]}, [1.0, 2.0])
    with pytest.raises(InputError, match="model must be a fitted Model"):
        trace(42, {"x": [1.0]})
    for about, message in (
        ({"layer": 3}, r"layer must be 0 to 2"),
        ({"layer": 0, "unit": 1}, "unit must be left out for layer 0"),
        ({"layer": 1, "unit": 3}, r"unit must be 1 to 2.* of layer 1\. Got 3\."),
        ({"i": 2}, r"i must be 1 to 1"),
    ):
        with pytest.raises(InputError, match=message):
            by_hand.text(**about)
    rows = mixed_table()
    model = train_model(settings(hidden_widths=()), rows, TWO)
    with pytest.raises(InputError, match=r"must hold one of 'no', 'yes'\. Got 'perhaps'"):
        trace(model, rows[:1], ["perhaps"])


def test_a_level_that_training_never_saw_is_said():
    rows = mixed_table()
    model = train_model(settings(hidden_widths=(3,)), rows, NUMBERS)
    t = trace(model, rows[:1].with_columns(pl.lit("city 99").alias("city")))
    text = " ".join(t.text().split())
    assert "'city': 1 row holds 'city 99', which training never saw: read as missing." in text
    assert all("missing or unknown" in origin.how for origin in t.origins() if origin.raw == "city")
