"""The climb: each rung is the model that its name says, trained on the training rows alone."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.formulas.metrics import METRICS
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.rungs import RUNGS, rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.model import train_model
from gradatim.model.preparation import classes_of
from gradatim.settings import Settings
from gradatim.tables import Encoding, TableEncoder
from gradatim.tables.examples import examples_of


def climbed(source, target, task, metric, rungs, **settings):
    """The rungs that were tried, the split, and all examples."""
    examples = examples_of(source, target)
    classes = classes_of(examples, task, None)
    split = split_rows(examples.n_rows, None if classes is None else examples.y.to_numpy(), seed=1)
    asked = Settings(**{"preset": "plain", "random_state": 1, "max_epochs": 3} | settings)
    ladder = Ladder.of(
        examples,
        split,
        classes=classes,
        settings=asked,
        widths=(6, 5),
        metric=METRICS[metric],
        rungs=rungs_named(rungs),
    )
    return ladder.climb(), split, examples


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(2, 200))
    return {
        "x1": x1,
        "x2": x2,
        "y": 3 * x1 - x2 + rng.normal(size=200),
        "c": np.where(x1 + rng.normal(size=200) > 0, "p", "n"),
    }


def test_constant_rung_predicts_the_mean_of_the_training_rows(table):
    (tried,), split, _ = climbed(table, "y", "regression", "rmse", "constant")
    expected = np.mean(table["y"][split.train])
    assert tried.model.parameter_count == 1
    assert tried.model.predict({"anything": [1.0, 2.0]}) == pytest.approx([expected, expected], abs=1e-6)
    errors = table["y"][split.validation] - expected
    assert tried.score.value == pytest.approx(np.sqrt(np.mean(errors**2)), abs=1e-6)


def test_constant_rung_predicts_the_shares_of_the_training_rows(table):
    (tried,), split, _ = climbed(table, "c", "classification", "log_loss", "constant")
    shares = [np.mean(table["c"][split.train] == label) for label in ("n", "p")]
    assert tried.model.predict_proba({"x1": [0.0]})[0] == pytest.approx(shares, abs=1e-5)


def best_of(models, scores):
    return models[int(np.argmin(scores))]


def test_linear_rung_is_the_best_ridge_regression_of_scikit_learn(table):
    """Ridge(alpha) on the same encoding and the standardized target; alpha by the same validation rows."""
    from sklearn.linear_model import Ridge

    source = {name: table[name] for name in ("x1", "x2", "y")}
    (tried,), split, examples = climbed(source, "y", "regression", "rmse", "linear")
    train, validation = split.train, split.validation
    encoder = TableEncoder.fit(examples.table, train, Encoding(clip=None, dtype="float64"))
    X, y = encoder.encode(examples.table).X, table["y"]
    mean, std = y[train].mean(), y[train].std()
    ridges = [Ridge(alpha=alpha).fit(X[train], (y[train] - mean) / std) for alpha in (100.0, 10.0, 1.0, 0.1, 0.01)]
    predictions = [ridge.predict(X[validation]) * std + mean for ridge in ridges]
    expected = best_of(predictions, [np.mean((prediction - y[validation]) ** 2) for prediction in predictions])
    assert tried.model.predict(examples.table.take(validation)) == pytest.approx(expected, abs=1e-4)


def test_linear_rung_is_the_best_logistic_regression_of_scikit_learn(table):
    """LogisticRegression(C), C = 1/weight, by the same validation rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    source = {name: table[name] for name in ("x1", "x2", "c")}
    (tried,), split, examples = climbed(source, "c", "classification", "log_loss", "linear")
    train, validation = split.train, split.validation
    X = TableEncoder.fit(examples.table, train, Encoding(clip=None, dtype="float64")).encode(examples.table).X
    models = [LogisticRegression(C=C, tol=1e-8).fit(X[train], table["c"][train]) for C in (0.01, 0.1, 1.0, 10.0, 100.0)]
    predictions = [model.predict_proba(X[validation]) for model in models]
    expected = best_of(predictions, [log_loss(table["c"][validation], prediction) for prediction in predictions])
    assert tried.model.predict_proba(examples.table.take(validation)) == pytest.approx(expected, abs=1e-4)


def test_a_training_begins_where_it_is_told_to(table):
    """From its own solution, of the same penalty, a linear model has nowhere to go."""
    X = {name: table[name] for name in ("x1", "x2")}
    settings = RUNGS["linear"].candidates(Settings(random_state=0), (), 200)[0]
    solved = train_model(settings, X, table["c"])
    again = train_model(settings, X, table["c"], start=solved)
    assert len(solved.history_) > 2
    assert len(again.history_) == len(solved.history_), "the second training adds no iteration"
    assert again.vector == pytest.approx(solved.vector, rel=1e-12)


def test_networks_have_the_layers_that_their_names_promise(table):
    (shallow, deep), _, _ = climbed(table, "y", "regression", "rmse", "shallow,deep")
    assert shallow.model.architecture.n[1:] == (6, 1)
    assert deep.model.architecture.n[1:] == (6, 5, 1)
    assert shallow.model.rows == deep.model.rows == {"train": 128, "validation": 32}


def test_a_line_is_a_line_beyond_its_rows_and_a_network_is_not(table):
    """The default's networks predict nothing beyond the training rows; that is no business of the linear model's."""
    source = {name: table[name] for name in ("x1", "x2", "y")}
    linear, shallow = climbed(source, "y", "regression", "rmse", "linear,shallow", preset="strong")[0]
    x1 = np.array([0.0, 1.0, 10.0, 100.0])
    steps = np.diff(linear.model.predict({"x1": x1, "x2": np.zeros(4)})) / np.diff(x1)
    assert steps == pytest.approx([steps[0]] * 3, rel=1e-6)
    assert steps[0] == pytest.approx(3.0, abs=0.3)
    target = shallow.model.target
    assert (target.clip, linear.model.target.clip) == (True, False)
    assert shallow.model.predict({"x1": x1, "x2": np.zeros(4)}).max() <= target.high[0]


def test_rows_that_are_tested_change_no_model(table):
    """The same training with other values in the test rows gives the same parameters."""
    changed = {name: values.copy() for name, values in table.items()}
    rows = split_rows(200, seed=1).test
    changed["y"][rows] += 1000.0
    changed["x1"][rows] *= 1000.0
    models = [climbed(source, "y", "regression", "rmse", "linear,deep")[0] for source in (table, changed)]
    for before, after in zip(*models, strict=True):
        assert np.array_equal(before.model.vector, after.model.vector)
