"""Numbers that are no symmetric errors: counts, quantiles, amounts that cannot be negative; and every activation."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_poisson_deviance

import gradatim as gd
from gradatim.errors import InputError
from gradatim.estimators import NetworkRegressor
from tests.estimators.examples import SOLVED, X


def test_counts_are_better_told_by_poisson_than_by_squares():
    """On rows that were not trained on. Least squares predicts negative counts, which have no deviance: at least 0.01.

    The best that can be is the deviance of the rates that drew the counts.
    """
    rng = np.random.default_rng(1)
    X = rng.normal(size=(800, 3))
    rate = np.exp(0.5 + X @ [0.8, -0.5, 0.2])
    y = rng.poisson(rate)
    train, test = slice(400), slice(400, None)
    deviance = {}
    for loss in ("poisson", "half_squared_error"):
        model = NetworkRegressor(**SOLVED, loss=loss).fit(X[train], y[train])
        deviance[loss] = mean_poisson_deviance(y[test], np.maximum(model.predict(X[test]), 0.01))
    best = mean_poisson_deviance(y[test], rate[test])
    assert deviance["poisson"] == pytest.approx(best, rel=0.03)
    assert deviance["half_squared_error"] > 1.5 * deviance["poisson"]


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_a_quantile_covers_its_share(quantile):
    """The target is normal with mean 2x and standard deviation ½ + x, so that every conditional quantile is known."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(3000, 1))
    y = 2 * x[:, 0] + (0.5 + x[:, 0]) * rng.normal(size=3000)
    model = NetworkRegressor("plain", hidden_widths=(16,), loss=f"quantile({quantile})", max_epochs=40, random_state=0)
    model.fit(x[:2000], y[:2000])
    assert np.mean(y[2000:] <= model.predict(x[2000:])) == pytest.approx(quantile, abs=0.03)
    grid = np.linspace(0.05, 0.95, 19)
    true = 2 * grid + (0.5 + grid) * norm.ppf(quantile)
    assert model.predict(grid[:, None]) == pytest.approx(true, abs=0.3)
    assert model.history_.names[1:3] == ("training_loss", "validation_loss"), "chosen by its own loss, by no mean"


SIZE = np.random.default_rng(0).uniform(0, 200, 400)[:, None]
PRICE = np.maximum(0.0, 3 * SIZE[:, 0] - 120)
"""The course's first example: below a size the price is 0, above it a line."""


def test_one_relu_unit_is_the_line_that_prices_follow():
    """The price is scaled by its mean, and so are w and b; below 40 the prediction is 0, not about 0."""
    relu = gd.NetworkOptions(output_activation="relu")
    model = NetworkRegressor(**SOLVED, network=relu).fit(SIZE, PRICE)
    assert model.network_.W[1] * PRICE.mean() == pytest.approx(3.0, abs=1e-6)
    assert model.network_.b[1] * PRICE.mean() == pytest.approx(-120.0, abs=1e-4)
    assert model.predict(SIZE) == pytest.approx(PRICE, abs=1e-5)
    assert model.predict([[0.0], [20.0], [39.0], [-1000.0]]).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("preset", ["strong", "plain"])
@pytest.mark.parametrize("output", ["relu", "softplus", "exp"])
def test_such_outputs_are_never_negative(output, preset):
    """Trained by Adam, on raw sizes; asked far outside of what it saw, with no clip that would hide it."""
    asked = {"loss": "poisson"} if output == "exp" else {}
    free = {"hidden_widths": (8,), "max_epochs": 60, "random_state": 0}
    kept = gd.NetworkOptions(clip=False, output_activation="auto" if asked else output)
    model = NetworkRegressor(preset, **free, **asked, network=kept).fit(SIZE, PRICE)
    far = np.linspace(-500, 500, 101)[:, None]
    assert model.predict(far).min() >= 0
    assert model.network_.g[2].name == output
    usual = NetworkRegressor(preset, **free, network=gd.NetworkOptions(clip=False)).fit(SIZE, PRICE)
    assert usual.predict(far).min() < 0, "and one of identity is"


@pytest.mark.parametrize("asked", [{"loss": "poisson"}, {"network": gd.NetworkOptions(output_activation="relu")}])
def test_negative_targets_are_refused_in_any_row(asked):
    """Also in a row that only chooses the epoch; with the row's own number."""
    for row in range(20):
        y = np.ones(20)
        y[row] = -3.0
        with pytest.raises(InputError, match=rf"'y' must hold numbers of 0 or more .* Got -3.0 in row {row + 1} "):
            NetworkRegressor(random_state=0, **asked).fit(X[:20], y)


@pytest.mark.parametrize(
    "activation",
    ["sigmoid", "tanh", "relu", "leaky_relu(0.2)", "softplus", "elu", "elu(0.5)", "gelu", "selu", "mish", "identity"],
)
def test_every_activation_learns(activation):
    """Half the variance of the target is what a constant leaves of half_squared_error: the loss falls to a quarter."""
    model = NetworkRegressor(
        hidden_widths=(8,), activation=activation, max_epochs=40, learning_rate=0.02, random_state=0
    ).fit(X[:, :3], X[:, 3])
    assert model.history_["training_loss"].min() < 0.125
    assert model.network_.g[1].name == activation
    assert model.settings_.activation == activation


def test_the_leak_is_the_slope_below_zero():
    """One unit per line: the hidden A is 0.2·Z wherever Z < 0, in the trained network."""
    model = NetworkRegressor("plain", hidden_widths=(8,), activation="leaky_relu(0.2)", max_epochs=3, random_state=0)
    model.fit(X[:, :3], X[:, 3])
    p = model.network_.forward(model.model_.encode(X[:, :3]))
    below = p.Z[1] < 0
    assert below.any()
    assert p.A[1][below] == pytest.approx(0.2 * p.Z[1][below])
