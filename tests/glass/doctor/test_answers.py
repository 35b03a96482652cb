"""The level of a constant, against what scikit-learn's dummies reach; and classes that are never said."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss

import gradatim as gd
from gradatim.engines.contract import Data, Problem
from gradatim.engines.textbook.objective import batch_of
from gradatim.formulas.losses import loss
from gradatim.glass.doctor.constant import constant_loss
from gradatim.model import train_model
from gradatim.network import Architecture, Dense
from tests.glass.doctor.patients import found, named

RNG = np.random.default_rng(0)
NUMBERS = RNG.gamma(2.0, size=(200, 1))
CLASSES = RNG.choice(4, p=[0.5, 0.3, 0.15, 0.05], size=200)


def level(name, output, Y, weights=None):
    architecture = Architecture(1, output=Dense(Y.shape[1], output))
    problem = Problem(architecture, loss(name, output))
    data = Data(np.zeros((len(Y), 1)), Y=Y, weights=weights)
    return constant_loss(problem, batch_of(problem, np.zeros(architecture.size), data, slice(None)))


def test_the_level_of_classes_is_that_of_a_dummy():
    prior = DummyClassifier(strategy="prior").fit(np.zeros((200, 1)), CLASSES).predict_proba(np.zeros((200, 1)))
    assert level("log_loss", "softmax", np.eye(4)[CLASSES]) == pytest.approx(log_loss(CLASSES, prior), rel=1e-9)
    two = (CLASSES == 0).astype(float)[:, None]
    p = two.mean()
    assert level("log_loss", "sigmoid", two) == pytest.approx(-p * np.log(p) - (1 - p) * np.log(1 - p), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("squared_error", np.var(NUMBERS) / 2),
        ("absolute_error", np.mean(np.abs(NUMBERS - np.median(NUMBERS)))),
    ],
)
def test_the_level_of_numbers_is_that_of_mean_and_median(name, expected):
    assert level(name, "identity", NUMBERS) == pytest.approx(expected, rel=1e-5)


def test_rows_count_as_much_as_they_weigh():
    weights = np.where(CLASSES == 0, 0.0, 1.0)
    rest = CLASSES[CLASSES > 0]
    p = np.bincount(rest)[1:] / len(rest)
    assert level("log_loss", "softmax", np.eye(4)[CLASSES], weights) == pytest.approx(-np.sum(p * np.log(p)), rel=1e-6)


def test_noise_teaches_nothing_and_a_signal_does():
    rng = np.random.default_rng(0)
    X, noise = rng.normal(size=(300, 3)), rng.normal(size=300)
    model = gd.NetworkRegressor("plain", hidden_widths=(20,), max_epochs=5, random_state=0)
    (one,) = named(gd.examine(model.fit(X, noise).model_, X, noise), "loss of a constant")
    assert one.measured["constant"] == pytest.approx(0.5, abs=0.06)  # half of the variance of standardized numbers
    assert "columns tell nothing" in one.remedy
    assert "loss of a constant" not in gd.examine(model.fit(X, X[:, 0]).model_, X, X[:, 0]).names


def test_a_rare_class_that_is_never_said_is_named_with_its_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.where(rng.random(400) < 0.08, "rare", np.where(X[:, 0] > 0, "this", "that"))
    model = gd.NetworkClassifier("plain", hidden_widths=(10,), max_epochs=10, random_state=0)
    (one,) = named(gd.examine(model.fit(X, y).model_, X, y), "class never predicted")
    assert not np.any(model.predict(X) == "rare")
    assert f"'rare' ({np.sum(y == 'rare')} of 400 rows)" in one.evidence
    assert 'class_weight="balanced"' in one.remedy
    balanced = gd.NetworkClassifier(
        "plain", hidden_widths=(10,), max_epochs=10, random_state=0, class_weight="balanced"
    ).fit(X, y)
    assert np.any(balanced.predict(X) == "rare")
    assert "class never predicted" not in gd.examine(balanced.model_, X, y).names


def test_a_network_of_weighed_classes_is_judged_by_the_same_weights():
    """Where classes count the same, a rare one is foretold too often for the rows as they stand."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = X[:, 0] + rng.normal(size=600) > 2.5
    about = {"hidden_widths": (16,), "max_epochs": 40, "random_state": 0, "class_weight": "balanced"}
    model = gd.NetworkClassifier("plain", **about).fit(X, y).model_
    assert 0.02 < y.mean() < 0.06
    p = model.predict_proba(X)
    prior = np.tile([1 - y.mean(), y.mean()], (600, 1))
    assert log_loss(y, p) > log_loss(y, prior)
    assert not gd.examine(model, X, y)


def test_two_classes_are_told_by_their_own_names():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 2)), np.where(rng.random(400) < 0.08, "ok", "yes")
    line = gd.Settings("plain", hidden_widths=(), optimizer="lbfgs", validation=None, random_state=0)
    for positive in ("ok", "yes"):
        chosen = train_model(line, X, y, positive=positive)
        assert set(chosen.predict(X)) == {"yes"}
        (one,) = named(gd.examine(chosen, X, y), "class never predicted")
        assert f"'ok' ({np.sum(y == 'ok')} of 400 rows)" in one.evidence
        assert "gd.threshold(model, …)" in one.remedy


def test_a_model_that_reads_no_column_may_answer_always_the_same():
    run = gd.fit("sample:iris", rungs="constant", folds=1)
    assert not gd.examine(run.model, "sample:iris")


def test_healthy_classes_are_all_predicted():
    assert "class never predicted" not in found("iris", hidden_widths=(20,), max_epochs=60).names
