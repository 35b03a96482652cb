"""Several quantiles by one network: the true ones, and the same things that hold of every estimator here."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.metrics import mean_pinball_loss

import gradatim as gd
from gradatim.certainty import prediction_intervals
from gradatim.errors import InputError, ShapeError
from gradatim.estimators import NetworkClassifier, NetworkRegressor, QuantileRegressor

LEVELS = (0.1, 0.5, 0.9)
QUICK = {"preset": "plain", "hidden_widths": (8,), "random_state": 0}


def noisy(m, seed=0):
    """Normal with mean 2x and standard deviation ½ + x, so that every conditional quantile is known."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(m, 1))
    return x, 2 * x[:, 0] + (0.5 + x[:, 0]) * rng.normal(size=m)


def small(**rest):
    X, y = noisy(200)
    return X, y, QuantileRegressor(LEVELS, NetworkRegressor(**QUICK, max_epochs=4, **rest))


def test_the_true_quantiles_are_found():
    X, y = noisy(2500)
    model = QuantileRegressor(LEVELS, NetworkRegressor(**{**QUICK, "hidden_widths": (16,)}, max_epochs=30))
    model.fit(X[:1500], y[:1500])
    grid = np.linspace(0.05, 0.95, 19)
    true = 2 * grid[:, None] + (0.5 + grid[:, None]) * norm.ppf(LEVELS)
    assert model.predict(grid[:, None]) == pytest.approx(true, abs=0.3)
    below = (y[1500:, None] <= model.predict(X[1500:])).mean(axis=0)
    assert below == pytest.approx(np.array(LEVELS), abs=0.04)


def test_one_network_of_as_many_outputs_sorted_in_every_row():
    X, y, model = small()
    model.fit(X, y)
    inner = model.regressor_
    assert inner.network_.n == (1, 8, 3)
    assert inner.settings_.loss == gd.Quantile(LEVELS)
    assert inner.model_.target.names == ("y_q0.1", "y_q0.5", "y_q0.9")
    far = np.linspace(-50, 50, 101)[:, None]
    raw = inner.predict(far)
    assert (np.diff(raw, axis=1) < 0).any(), "far outside they cross"
    np.testing.assert_array_equal(model.predict(far), np.sort(raw, axis=1))


def test_the_score_is_minus_the_pinball_loss():
    X, y, model = small()
    said = model.fit(X, y).predict(X)
    weights = np.arange(200.0)
    expected = np.mean([mean_pinball_loss(y, said[:, k], alpha=q) for k, q in enumerate(LEVELS)])
    assert model.score(X, y) == pytest.approx(-expected)
    assert model.score(X, pl.DataFrame({"y": y})) == pytest.approx(-expected), "as fit takes it"
    weighed = np.mean([mean_pinball_loss(y, said[:, k], alpha=q, sample_weight=weights) for k, q in enumerate(LEVELS)])
    assert model.score(X, y, weights) == pytest.approx(-weighed)


@pytest.mark.parametrize("engine", ["textbook", "fast"])
def test_each_output_is_trained_by_its_own_loss(engine):
    """Without hidden layers and columns the outputs are the quantiles of the numbers 0, 1, …, 100: 10, 50, 90."""
    if engine == "fast":
        pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")
    nothing, numbers = np.zeros((101, 1)), np.arange(101.0)
    regressor = NetworkRegressor(
        "plain",
        hidden_widths=(),
        optimizer="gradient_descent",
        learning_rate=0.05,
        schedule=None,
        batch_size=None,
        validation=None,
        max_epochs=400,
        patience_epochs=None,
        engine=engine,
    )
    assert QuantileRegressor(LEVELS, regressor).fit(nothing, numbers).predict(nothing)[0] == pytest.approx(
        [10, 50, 90], abs=1.5
    )


def test_rows_of_its_own_choose_the_epoch():
    X, y, model = small()
    model.regressor.validation = (X[150:], y[150:])
    model.fit(X[:150], y[:150])
    assert "validation_loss" in model.regressor_.history_.names
    assert model.regressor_.model_.rows["train"] == 150
    assert model.regressor.loss == "preset", "what was handed over is left as it was"


def test_a_saved_network_serves_for_intervals(tmp_path):
    """The file holds the network, unsorted; its loss says which quantiles its columns are."""
    X, y, model = small()
    model.fit(X[:100], y[:100])
    model.regressor_.save(tmp_path / "quantiles.safetensors")
    loaded = gd.load(tmp_path / "quantiles.safetensors")
    assert loaded.loss == gd.Quantile(LEVELS)
    ours, theirs = (prediction_intervals(m, X[100:], y[100:]) for m in (model, loaded))
    assert ours.method == theirs.method == "quantiles"
    np.testing.assert_array_equal(ours.intervals(X), theirs.intervals(X))


def test_names_and_tables():
    X, y, model = small()
    frame = pl.DataFrame({"x": X[:, 0], "kind": ["a", "b"] * 100})
    model.fit(frame, pl.Series("price", y))
    assert model.regressor_.model_.target.names[0] == "price_q0.1"
    assert (model.n_features_in_, model.feature_names_in_.tolist()) == (2, ["x", "kind"])
    assert model.predict(frame).shape == (200, 3)


def test_clones_have_the_same_settings():
    model = QuantileRegressor((0.2, 0.8), NetworkRegressor(**QUICK))
    assert clone(model).get_params()["regressor__hidden_widths"] == (8,)
    assert clone(model).quantiles == (0.2, 0.8)
    assert QuantileRegressor().get_params() == {"quantiles": (0.05, 0.5, 0.95), "regressor": None}


@pytest.mark.parametrize(
    ("fault", "model", "y", "message"),
    [
        (InputError, QuantileRegressor((0.9, 0.1)), np.arange(20.0), "several quantiles must rise"),
        (InputError, QuantileRegressor((0.5, 1.0)), np.arange(20.0), r"in \(0, 1\)\. Got 1\.0"),
        (InputError, QuantileRegressor(LEVELS, NetworkClassifier()), np.arange(20.0), "must be a NetworkRegressor"),
        (ShapeError, QuantileRegressor(), np.zeros((20, 2)), r"must have shape \(m,\): the quantiles of one number"),
    ],
)
def test_what_is_refused(fault, model, y, message):
    with pytest.raises(fault, match=message):
        model.fit(np.arange(20.0)[:, None], y)
