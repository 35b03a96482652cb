"""The learning rate and the number of epochs: from trainings that really went so."""

import numpy as np
import pytest

import gradatim as gd
from gradatim.tables.examples import examples_of
from tests.glass.doctor.patients import found, named, trained

QUICK = {"hidden_widths": (20,), "max_epochs": 30}


def rate_of(net, X, Y, rate):
    """What is said of the rate after so many steps of it."""
    costs = net.descend(X, Y, learning_rate=rate, iterations=300, record_every=1)
    found = gd.examine(net, X, Y, costs=costs, learning_rate=rate)
    return [one for one in found if one.name == "learning rate too large"], np.array(costs)


def moons(activation):
    examples = examples_of("sample:moons")
    X = examples.table.matrix(examples.table.names).T
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    Y = examples.y.to_numpy()[None].astype(float)
    return gd.Network([2, 10, 1], activations=[activation, "sigmoid"]), X, Y


def test_gradient_descent_that_swings_is_named():
    net, X, Y = moons("tanh")
    (one,), costs = rate_of(net, X, Y, 60.0)
    late = costs[150:]
    assert one.evidence.startswith("The training loss swings: ")
    assert f"between {late.min():.3g} and {late.max():.3g}." in one.evidence
    assert one.remedy == "Try learning_rate=6 in place of 60."
    assert rate_of(*moons("tanh"), 1.0)[0] == []


def test_a_loss_that_rises_is_named():
    (one,), costs = rate_of(*moons("relu"), 60.0)
    assert one.evidence.startswith(f"The training loss rose from {costs[0]:.3g} at first to ")
    assert np.median(costs[-75:]) > 1.5 * costs[0]
    assert rate_of(*moons("relu"), 1.0)[0] == []


def test_a_wild_rate_leaps_and_is_named():
    model, examples = trained("concrete", learning_rate=10.0, **QUICK)
    (one,) = named(gd.examine(model, examples.table, examples.y), "learning rate too large")
    assert f"leapt to {model.history_['training_loss'].max():.3g} in epoch 1," in one.evidence
    assert one.remedy == "Try learning_rate=0.01 in place of 10."


def test_a_leap_that_is_made_good_is_no_illness():
    """The rates of the preset strong are high: its first epochs may be far out, and its last ones are not."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5))
    strong = gd.NetworkRegressor(random_state=0, max_epochs=10, hidden_widths=(64, 64)).fit(X, X[:, 0] * X[:, 1])
    assert "learning rate too large" not in gd.examine(strong.model_, X, X[:, 0] * X[:, 1]).names


def test_a_training_that_broke_off_is_named():
    """On a bowl a step of three times its curvature leads out of it, each step farther."""
    out = {"hidden_widths": (), "optimizer": "gradient_descent", "learning_rate": 3.0, "batch_size": None}
    model, examples = trained("concrete", max_epochs=200, patience_epochs=None, **out)
    assert model.training.stopped_because == "diverged"
    (one,) = named(gd.examine(model, examples.table, examples.y), "learning rate too large")
    assert one.evidence.startswith(f"The training broke off after epoch {len(model.history_)}: ")


def test_a_tiny_rate_crawls_and_the_remedy_makes_steps_of_a_thousandth():
    model, examples = trained("concrete", learning_rate=1e-6, activation="tanh", **QUICK)
    (one,) = named(gd.examine(model, examples.table, examples.y), "learning rate too small")
    # Adam's first step moves each weight by the rate: ‖ΔW‖ / ‖W‖ = rate · √(size of W) / ‖W‖.
    W = model.network_.W
    steps = [1e-6 * np.sqrt(W[l].size) / np.linalg.norm(W[l]) for l in (1, 2)]
    assert one.measured["step"] == pytest.approx(max(steps), rel=0.02)
    better = f"{1e-6 * 1e-3 / max(steps):.1g}"
    assert one.remedy.startswith(f"Try learning_rate={better} in place of 1e-06")
    assert (
        "learning rate too small"
        not in found("concrete", learning_rate=float(better), activation="tanh", **QUICK).names
    )


def test_a_training_that_is_cut_short_at_a_good_rate_is_not_slow():
    assert "learning rate too small" not in found("concrete", hidden_widths=(20,), max_epochs=10).names


def test_overfitting_without_patience_names_the_epoch():
    settings = {"hidden_widths": (64, 64), "max_epochs": 150}
    model, examples = trained("diabetes", patience_epochs=None, **settings)
    (one,) = named(gd.examine(model, examples.table, examples.y), "overfitting")
    lowest = int(model.history_["validation_loss"].argmin()) + 1
    assert one.measured["epoch"] == lowest
    assert f"Since epoch {lowest} " in one.evidence
    assert one.severity == "worth a look"  # the lowest epoch was kept
    assert "overfitting" not in found("diabetes", **settings).names  # patience stops in time


def test_a_metric_that_keeps_an_epoch_long_after_is_serious():
    model, examples = trained("moons", patience_epochs=None, max_epochs=400, metric="accuracy")
    V = model.history_["validation_loss"]
    kept = V[model.training.best_epoch - 1]
    found = [one for one in gd.examine(model, examples.table, examples.y) if one.name == "overfitting"]
    worse = kept >= 1.25 * V.min()
    assert [one.severity for one in found] == ["serious" if worse else "worth a look"]
