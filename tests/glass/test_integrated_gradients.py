"""Parts that add up, against lines, finite sums and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradatim as gd
from gradatim.errors import InputError
from gradatim.glass.attribution import attribution
from gradatim.glass.integrated_gradients import integrated_gradients
from gradatim.model import Settings, train_ensemble, train_model
from gradatim.settings import NetworkOptions

LINE = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)


@pytest.fixture(scope="module")
def table():
    """Numbers, gaps, a category of one column, one of three, one that is embedded, and dates."""
    rng = np.random.default_rng(3)
    m = 60
    x, z = rng.normal(size=m), rng.normal(size=m)
    city = rng.choice([f"city {k}" for k in range(12)], m)
    sex, size = rng.choice(["f", "m"], m), rng.choice(["s", "m", "l"], m)
    when = np.datetime64("2024-01-01") + rng.integers(0, 700, m).astype("timedelta64[D]")
    holes = np.where(rng.random(m) < 0.2, np.nan, z)
    return {"x": x, "z": holes, "sex": sex, "size": size, "city": city, "when": when}, x + 2 * (sex == "f")


def smooth(preset, y, table, **more):
    options = {"hidden_widths": (8,), "activation": "tanh", "max_epochs": 3, "random_state": 0, **more}
    return train_model(Settings(preset, **options), table, y, **{"task": "regression"} if y.dtype.kind == "f" else {})


@pytest.mark.parametrize("preset", ["plain", "strong"])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_parts_add_up_to_the_difference_of_the_scores(table, preset, members, classes):
    """Through embeddings of numbers and categories, a scale, learned slopes and members, to 1e-6 of the difference."""
    rows, y = table
    y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes)) if classes else y
    model = smooth(preset, y, rows, members=members)
    found = integrated_gradients(model, rows, steps=48)
    assert found.names == ("x", "z", "when", "sex", "size", "city")
    difference = found.scores - found.baseline_scores
    assert found.values.sum(axis=1) == pytest.approx(difference, rel=1e-6, abs=1e-6 * np.abs(difference).mean())
    assert np.abs(difference).max() > 0.01


def test_the_score_of_numbers_is_the_prediction_in_their_units(table):
    rows, y = table
    y = 1000 * y + 5000
    model = smooth("strong", y, rows, members=2)
    assert integrated_gradients(model, rows).scores == pytest.approx(model.predict(rows), rel=1e-6)
    ensemble = train_ensemble(Settings("plain", hidden_widths=(4,), max_epochs=2, random_state=0), rows, y, models=3)
    found = integrated_gradients(ensemble, rows, steps=200)
    assert found.scores == pytest.approx(ensemble.predict(rows), rel=1e-6)
    assert np.abs(found.residuals).max() < 0.02 * np.abs(found.scores - found.baseline_scores).mean()


def test_of_counts_the_way_goes_through_the_exponential():
    """Positive outputs: the score is the prediction all the same, and not its logarithm."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = rng.poisson(np.exp(X[:, 0]))
    model = train_model(Settings("plain", loss="poisson", hidden_widths=(), max_epochs=20), X, y, task="regression")
    found = integrated_gradients(model, X)
    assert found.scores == pytest.approx(model.predict(X), rel=1e-6)
    assert found.residuals == pytest.approx(np.zeros(80), abs=1e-10)


def test_log_odds_are_those_of_the_probability(table):
    rows, y = table
    model = smooth("plain", np.where(y > 0.5, "yes", "no"), rows)
    p = model.predict_proba(rows)[:, 1]
    found = integrated_gradients(model, rows)
    assert found.scores == pytest.approx(np.log(p / (1 - p)), rel=1e-6)
    assert "log odds of 'yes'" in str(found)


def test_parts_of_a_line_are_weights_times_the_way(table):
    rows, y = table
    model = train_model(LINE, {"x": rows["x"], "sex": rows["sex"]}, y)
    baseline = {"x": [0.25], "sex": ["m"]}
    found = integrated_gradients(model, rows, baseline=baseline, steps=1)
    w = model.network_.W[1][0] * model.target.std[0]
    way = model.encode(rows) - model.encode(baseline)
    assert found.values == pytest.approx((w[:, None] * way).T)
    assert found.baseline_scores == pytest.approx(np.full(60, model.predict(baseline)[0]))
    from_zero = integrated_gradients(model, rows, steps=1)
    assert from_zero.values == pytest.approx(attribution(model, rows).values)


def test_a_quadratic_has_the_parts_that_the_definition_gives():
    """The mean derivative by a fine midpoint sum, of the network asked by differences."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 2))
    model = smooth("plain", X[:, 0] * X[:, 1], X, max_epochs=30, encoding=None)
    row, start = np.array([[1.0, -0.5]]), np.array([[-0.5, 0.25]])
    along = (np.arange(400) + 0.5) / 400
    points = start + along[:, None] * (row - start)
    expected = []
    for j in range(2):
        step = np.eye(2)[j] * 1e-4
        slope = (model.predict(points + step) - model.predict(points - step)) / 2e-4
        expected.append(slope.mean() * (row - start)[0, j])
    assert integrated_gradients(model, row, baseline=start).values[0] == pytest.approx(expected, rel=1e-4)


def test_an_embedded_category_goes_from_one_embedding_to_the_other():
    """Without hidden layers the score is linear in the embedding: the part is the difference of two predictions."""
    city = [f"city {k}" for k in range(16)] * 5
    y = np.arange(80) % 16 % 7 + 0.5
    network = NetworkOptions(embed_numbers=False, scale=False)
    options = Settings(
        "plain", hidden_widths=(), network=network, encoding=gd.Encoding(embed_above=8), max_epochs=4, random_state=0
    )
    model = train_model(options, {"city": city}, y, task="regression")
    found = integrated_gradients(model, {"city": city}, baseline={"city": ["city 3"]}, steps=1)
    difference = model.predict({"city": city}) - model.predict({"city": ["city 3"]})
    assert found.values[:, 0] == pytest.approx(difference, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([8, 32, 128]))
def test_kinks_are_missed_by_little_and_by_less_with_more_points(seed, steps):
    """The tolerance that the page gives for relu: 0.4 / steps of the mean difference, on average over rows."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(64, 5))
    model = train_model(Settings("plain", hidden_widths=(16, 16), max_epochs=1, random_state=seed), X, X[:, 0])
    found = integrated_gradients(model, X, steps=steps)
    size = np.abs(found.scores - found.baseline_scores).mean()
    assert np.abs(found.residuals).mean() < 0.4 / steps * size


def test_more_points_miss_less(table):
    rows, y = table
    model = smooth("plain", y, rows, activation="relu", hidden_widths=(16, 16))
    few, many = (np.abs(integrated_gradients(model, rows, steps=steps).residuals).mean() for steps in (4, 256))
    assert many < few / 10


def test_single_precision_says_the_same(table):
    rows, y = table
    model = smooth("strong", y, rows)
    single, double = (integrated_gradients(model, rows, dtype=dtype) for dtype in ("float32", "float64"))
    assert single.values == pytest.approx(double.values, abs=1e-5)


def test_blocks_of_rows_are_joined_in_order(table, monkeypatch):
    rows, y = table
    model = smooth("plain", y, rows)
    whole = integrated_gradients(model, rows)
    monkeypatch.setattr("gradatim.glass.attribution.ROWS_AT_ONCE", 7)
    assert integrated_gradients(model, rows).values == pytest.approx(whole.values, abs=1e-12)


def test_an_estimator_and_a_single_row_in_print():
    X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
    options = {"hidden_widths": (), "optimizer": "lbfgs", "validation": None, "encoding": None}
    line = gd.NetworkRegressor("plain", **options).fit(X, 1 + 2 * X[:, 0])
    found = integrated_gradients(line, X, baseline=[[0.0, 0.0]]).row(-1)
    title, header, first, *_ = str(found).splitlines()
    assert title == "Integrated gradients of y: from 1 (the baseline) to 7 (this row)"
    assert header.split() == ["column", "value", "part", "share"]
    assert first.split() == ["x1", "3", "+6", "100.0%"]
    assert "<td class='number'>+6</td>" in found._repr_html_()


def test_what_cannot_be_asked_is_refused(table):
    rows, y = table
    model = train_model(LINE, {"x": rows["x"]}, y)
    with pytest.raises(InputError, match=r"baseline must be one row. Got 60"):
        integrated_gradients(model, rows, baseline=rows)
    with pytest.raises(InputError, match="steps must be"):
        integrated_gradients(model, rows, steps=0)
    with pytest.raises(InputError, match="output must be 0 to 0"):
        integrated_gradients(model, rows, output=1)
    with pytest.raises(InputError, match=r"output must be 0 to 0.*Got '0'"):
        attribution(model, rows, output="0")
    with pytest.raises(InputError, match=r"dtype must be one of float32, float64. Got 'float16'"):
        integrated_gradients(model, rows, dtype="float16")
    with pytest.raises(InputError, match="row must be one of the 60"):
        integrated_gradients(model, rows).row(60)
    with pytest.raises(InputError, match=r"The model must be a trained one of gradatim.*Got dict"):
        integrated_gradients({}, rows)


def test_a_constant_model_has_no_parts():
    model = train_model(Settings(max_epochs=1, hidden_widths=()), {"x": [1.0, 1.0, 1.0, 1.0]}, [1.0, 2.0, 3.0, 4.5])
    found = integrated_gradients(model, {"x": [1.0, 2.0]})
    assert (found.values.shape, found.residuals.tolist()) == ((2, 0), [0.0, 0.0])
