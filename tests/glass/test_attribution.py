"""Gradient times value, against finite differences and against lines, whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.glass.attribution import attribution, attribution_of_encoded
from gradatim.model import Settings, train_ensemble, train_model
from gradatim.settings import NetworkOptions


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=60), rng.normal(size=60)
    city = rng.choice([f"city {k}" for k in range(12)], 60)
    sex = rng.choice(["f", "m"], 60)
    holes = np.where(rng.random(60) < 0.2, np.nan, z)
    return {"x": x, "z": holes, "sex": sex, "city": city}, x + 2 * (sex == "f")


def test_parts_of_a_line_add_up_to_its_score(table):
    rows, y = table
    model = train_model(Settings(hidden_widths=(), optimizer="lbfgs", validation=None), rows, y)
    found = attribution(model, rows)
    assert found.names == ("x", "z", "sex", "city")
    constant = model.target.mean[0] + model.target.std[0] * model.network_.b[1][0, 0]
    assert found.values.sum(axis=1) + constant == pytest.approx(found.scores, abs=1e-9)
    assert found.scores == pytest.approx(model.predict(rows), abs=1e-6)


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("members", [1, 3])
def test_derivatives_go_through_the_front(table, task, members):
    """By central differences in each encoded number, with embeddings of numbers and categories, a scale and members."""
    rows, y = table
    y = y if task == "regression" else np.digitize(y, np.quantile(y, [0.3, 0.6]))
    settings = Settings("strong", hidden_widths=(8,), max_epochs=3, members=members, random_state=0)
    model = train_model(settings, rows, y, task=task)
    encoded = model.encoder.encode(rows)
    X = encoded.X[:5].astype(np.float64)
    assert encoded.codes is not None  # the city is embedded
    found = attribution_of_encoded(model, X, encoded.codes[:5])
    vector, outputs = model.vector.astype(np.float64), model.architecture.output.units

    def scores(X):
        Z = textbook.forward(model.architecture, vector, X.T, encoded.codes[:5].T).Z[-1]
        return Z.reshape(outputs, members, -1).mean(axis=1)

    chosen = scores(X).argmax(axis=0)

    def explained(X):
        Z = scores(X)
        if task == "regression":
            return Z[0] * model.target.std[0] + model.target.mean[0]  # not kept within the range of training
        return Z[chosen, np.arange(5)] - Z.mean(axis=0)

    assert found.scores == pytest.approx(explained(X))
    parts = np.zeros((5, len(found.names)))
    for j, output in enumerate(model.encoder.outputs):
        step = np.zeros_like(X)
        step[:, j] = 1e-5
        slope = (explained(X + step) - explained(X - step)) / 2e-5
        parts[:, found.names.index(output.raw)] += slope * X[:, j]
    one_hot = [found.names.index(name) for name in ("x", "z", "sex")]
    assert found.values[:, one_hot] == pytest.approx(parts[:, one_hot], abs=1e-6)


def test_an_embedded_category_counts_with_its_embedding():
    """Without hidden layers behind it, the score is linear in the embedding: parts and bias add up to it."""
    city = [f"city {k}" for k in range(16)] * 5
    y = np.arange(80) % 16 % 7 + 0.5
    network = NetworkOptions(embed_numbers=False, scale=False)
    from gradatim.tables import Encoding

    settings = Settings(
        "plain", hidden_widths=(), network=network, encoding=Encoding(embed_above=8), max_epochs=4, random_state=0
    )
    model = train_model(settings, {"city": city}, y, task="regression")
    assert model.architecture.code_columns == 1
    found = attribution(model, {"city": city})
    bias = float(model.vector[model.architecture.block["b1"].start])
    constant = model.target.mean[0] + model.target.std[0] * bias
    assert found.values[:, 0] + constant == pytest.approx(found.scores, abs=1e-9)


def test_of_several_targets_one_is_asked_for(table):
    rows, y = table
    line = Settings(hidden_widths=(), optimizer="lbfgs", validation=None)
    both = train_model(line, {"x": rows["x"]}, np.column_stack([y, -2 * y]))
    first, second = (attribution(both, {"x": rows["x"]}, output).values for output in (0, 1))
    assert second == pytest.approx(-2 * first, abs=1e-4)


def test_a_constant_model_has_no_columns():
    model = train_model(Settings(max_epochs=1, hidden_widths=()), {"x": [1.0, 1.0, 1.0, 1.0]}, [1.0, 2.0, 3.0, 4.5])
    found = attribution(model, {"x": [1.0, 2.0]})
    assert (found.names, found.values.shape, found.shares.shape) == ((), (2, 0), (0,))


def test_of_an_ensemble_it_is_the_mean(table):
    rows, y = table
    ensemble = train_ensemble(Settings("plain", hidden_widths=(4,), max_epochs=2, random_state=0), rows, y, models=2)
    one, other = (attribution(model, rows) for model in ensemble.models)
    found = attribution(ensemble, rows)
    assert found.values == pytest.approx((one.values + other.values) / 2)
    assert found.scores == pytest.approx(ensemble.predict(rows))


def test_print_says_how_large_the_parts_are(table):
    rows, y = table
    model = train_model(Settings(hidden_widths=(), optimizer="lbfgs", validation=None), rows, y)
    title, header, first, *_ = str(attribution(model, rows)).splitlines()
    assert title == "Gradient × value of target, 60 rows"
    assert header.split() == ["column", "mean", "|part|", "share"]
    assert first.split()[0] in ("x", "sex")
    said = str(attribution(model, rows).row(0))
    assert "value" in said
    assert rows["city"][0] in said
