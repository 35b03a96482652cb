"""Mean predictions by a column, against scikit-learn and by hand."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection

import gradatim as gd
from gradatim.errors import InputError
from gradatim.glass.partial_dependence import partial_dependence
from gradatim.model import Settings, train_ensemble, train_model


@pytest.fixture(scope="module")
def mixed():
    rng = np.random.default_rng(4)
    m = 90
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=m),
            "rooms": rng.integers(1, 6, m),
            "sex": rng.choice(["f", "m"], m),
            "city": rng.choice([f"city {k:02}" for k in range(12)], m),
            "size": rng.choice(["l", "m", "s"], m),
            "sold": rng.random(m) < 0.5,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, m), unit="D"),
        }
    )
    return frame, frame["x"] ** 2 + frame["rooms"] + (frame["sex"] == "f") + frame["when"].dt.month / 6


def by_sklearn(estimator, frame, column, categories=("sex", "city", "size")):
    options = {"method": "brute", "kind": "both", "grid_resolution": 9}
    found = inspection.partial_dependence(estimator, frame, [column], categorical_features=list(categories), **options)
    return found["grid_values"][0], found["average"].T, found["individual"]


@pytest.mark.parametrize("column", ["x", "sex", "city", "size"])
@pytest.mark.parametrize("preset", ["plain", "strong"])
def test_numbers_are_those_of_scikit_learn(mixed, column, preset):
    """Numbers, categories of one column and of several, and embedded ones."""
    frame, y = mixed
    regressor = gd.NetworkRegressor(preset, hidden_widths=(8,), max_epochs=3, random_state=0).fit(frame, y)
    grid, average, individual = by_sklearn(regressor, frame, column)
    found = partial_dependence(regressor, frame, column, grid=grid, individual=True)
    assert found.values == pytest.approx(average, abs=1e-9)
    assert found.individual[:, :, 0] == pytest.approx(individual[0], abs=1e-9)
    assert found.names == ("y",)
    if column != "x":
        assert partial_dependence(regressor, frame, column).grid == tuple(grid)  # the levels, in the same order


@pytest.mark.parametrize("classes", [2, 3])
def test_of_classes_it_is_probabilities(mixed, classes):
    frame, y = mixed
    labels = np.array(["a", "b", "c"])[np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))]
    model = gd.NetworkClassifier("plain", hidden_widths=(8,), max_epochs=3, random_state=0).fit(frame, labels)
    grid, average, _ = by_sklearn(model, frame, "x")
    found = partial_dependence(model, frame, "x", grid=grid)
    assert found.values == pytest.approx(average, abs=1e-9)
    assert found.names == (("b",) if classes == 2 else ("a", "b", "c"))


def test_the_positive_class_is_the_model_s_own(mixed):
    frame, y = mixed
    labels = np.where(y > y.median(), "high", "low")
    options = Settings("plain", max_epochs=2, random_state=0)
    high, low = (train_model(options, frame, labels, positive=label) for label in ("high", "low"))
    found = partial_dependence(high, frame, "sex")
    assert found.names == ("high",)
    there = frame.assign(sex="m")
    assert found.values[1, 0] == pytest.approx(high.predict_proba(there)[:, 0].mean())
    assert partial_dependence(low, frame, "sex").values[1, 0] == pytest.approx(low.predict_proba(there)[:, 1].mean())


def test_values_of_numbers_stand_in_the_rows_at_even_ranks(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=1), frame, y)
    rows = pd.concat([frame.iloc[:1]] * 101, ignore_index=True).assign(x=np.arange(101.0) ** 2)
    found = partial_dependence(model, rows, "x", points=10)
    assert found.grid == tuple(float(k**2) for k in range(5, 96, 10))
    assert partial_dependence(model, frame, "rooms").grid == (1, 2, 3, 4, 5)
    half = pd.concat([rows.iloc[:0], rows.assign(x=[np.nan] * 60 + list(range(41)))], ignore_index=True)
    assert partial_dependence(model, half, "x", points=3).grid == (2, 20, 38)


def test_dates_and_booleans_are_asked_as_the_table_has_them(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=2, random_state=0), frame, y)
    found = partial_dependence(model, frame, "when", points=5)
    assert all(isinstance(day, datetime.datetime) for day in found.grid)
    expected = [model.predict(frame.assign(when=pd.Timestamp(day))).mean() for day in found.grid]
    assert found.values[:, 0] == pytest.approx(expected)
    sold = partial_dependence(model, frame, "sold")
    assert (sold.grid, sold.is_ordered) == (("true", "false"), False)
    assert sold.values[1, 0] == pytest.approx(model.predict(frame.assign(sold=False)).mean())


def test_dates_that_are_texts_come_in_their_order():
    """As texts, 1/12/2020 would stand before 2/1/2020."""
    days = [f"{day}/{month}/2020" for month in range(1, 13) for day in (1, 2, 25)]
    model = train_model(Settings("plain", max_epochs=1), {"day": days, "x": range(36)}, np.arange(36.0))
    found = partial_dependence(model, {"day": days, "x": range(36)}, "day", points=4)
    # Ranks 0.05 · 35 = 1.75, 12.25, 22.75 and 33.25, of three days a month.
    assert [(day.day, day.month) for day in found.grid] == [(25, 1), (1, 5), (25, 8), (1, 12)]


def test_missing_is_a_value_too(mixed):
    frame, y = mixed
    holes = frame.assign(sex=np.where(np.arange(90) % 5, frame["sex"], None))
    model = train_model(Settings("plain", max_epochs=2, random_state=0), holes, y)
    found = partial_dependence(model, holes, "sex", grid=["f", None])
    assert found.values[1, 0] == pytest.approx(model.predict(frame.assign(sex=None)).mean())
    assert str(found).splitlines()[3].startswith("missing")


def test_an_ensemble_and_several_targets(mixed):
    frame, y = mixed
    both = pd.DataFrame({"y": y, "z": -y})
    ensemble = train_ensemble(Settings("plain", max_epochs=2, random_state=0), frame, both, models=2)
    found = partial_dependence(ensemble, frame, "sex")
    assert found.names == ("y", "z")
    assert found.values[0] == pytest.approx(ensemble.predict(frame.assign(sex="f")).mean(axis=0))


def test_a_column_that_is_not_read_is_refused(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=1), frame.assign(one=1.0), y)
    with pytest.raises(InputError, match=r"Got 'one', left out: It is 1 in every training row"):
        partial_dependence(model, frame.assign(one=1.0), "one")
    with pytest.raises(InputError, match=r"Got 'room'\. Did you mean 'rooms'\?"):
        partial_dependence(model, frame, "room")
    with pytest.raises(InputError, match="must have a value in some row"):
        partial_dependence(model, frame.assign(x=np.nan), "x")
    for grid in ([], 3, "low"):
        with pytest.raises(InputError, match="grid must be a list of one or more values of 'x'"):
            partial_dependence(model, frame.assign(one=1.0), "x", grid=grid)
    with pytest.raises(InputError, match="rows must be one or more"):
        partial_dependence(model, frame.iloc[:0], "x")


def test_print_has_a_line_for_each_value(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=1), frame, y, target_name="price")
    said = str(partial_dependence(model, frame, "size")).splitlines()
    assert said[:2] == ["price by size, mean over 90 rows", "size  price"]
    assert [line.split()[0] for line in said[2:]] == ["l", "m", "s"]
