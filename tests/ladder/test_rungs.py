"""The rungs: their order, their settings, and that each is the model that its name says."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.examples import examples_of
from gradatim.ladder.rungs import RUNGS, Ladder, rungs_for, rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.model import train_model
from gradatim.settings import Settings
from gradatim.tables import Encoding, TableEncoder


def ladder_of(source, target, task, metric, **settings):
    examples = examples_of(source, target)
    labels = examples.y.to_numpy() if task == "classification" else None
    split = split_rows(examples.n_rows, labels, seed=1)
    return Ladder(examples, split, Settings(random_state=1, max_epochs=3, **settings), (6, 5), METRICS[metric], task)


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


def test_rungs_climb_whatever_the_order_of_their_names():
    assert [rung.name for rung in rungs_named("deep, constant")] == ["constant", "deep"]
    assert [rung.name for rung in rungs_named(RUNGS)] == ["constant", "linear", "shallow", "deep"]


def test_unknown_rung_is_refused_with_a_guess():
    with pytest.raises(InputError, match=r"Got 'linaer'\. Did you mean 'linear'\?"):
        rungs_named("constant,linaer")


def test_one_hidden_layer_leaves_the_deep_rung_out():
    rungs, notes = rungs_for((20,), rungs_named(RUNGS))
    assert [rung.name for rung in rungs] == ["constant", "linear", "shallow"]
    assert notes == ("The deep network is left out: it needs 2 hidden layers or more, and there is 1 hidden layer.",)


def test_widths_that_no_rung_can_be_built_with_are_refused():
    with pytest.raises(InputError, match="rungs must hold one that 1 hidden layer can build"):
        rungs_for((20,), rungs_named("deep"))


def test_constant_rung_predicts_the_mean_of_the_training_rows(table):
    ladder = ladder_of(table, "y", "regression", "rmse")
    (tried,) = ladder.climb([RUNGS["constant"]])
    expected = np.mean(table["y"][ladder.split.train])
    assert tried.model.parameter_count == 1
    assert tried.model.predict({"anything": [1.0, 2.0]}) == pytest.approx([expected, expected], abs=1e-6)
    errors = table["y"][ladder.split.validation] - expected
    assert tried.score.value == pytest.approx(np.sqrt(np.mean(errors**2)), abs=1e-6)


def test_constant_rung_predicts_the_shares_of_the_training_rows(table):
    ladder = ladder_of(table, "c", "classification", "log_loss")
    (tried,) = ladder.climb([RUNGS["constant"]])
    shares = [np.mean(table["c"][ladder.split.train] == label) for label in ("n", "p")]
    assert tried.model.predict_proba({"x1": [0.0]})[0] == pytest.approx(shares, abs=1e-5)


def best_of(models, scores):
    return models[int(np.argmin(scores))]


def test_linear_rung_is_the_best_ridge_regression_of_scikit_learn(table):
    """Ridge(alpha) on the same encoding and the standardized target; alpha by the same validation rows."""
    from sklearn.linear_model import Ridge

    ladder = ladder_of({name: table[name] for name in ("x1", "x2", "y")}, "y", "regression", "rmse")
    (tried,) = ladder.climb([RUNGS["linear"]])
    train, validation = ladder.split.train, ladder.split.validation
    encoder = TableEncoder.fit(ladder.examples.table, train, Encoding(clip=None, dtype="float64"))
    X, y = encoder.encode(ladder.examples.table).X, table["y"]
    mean, std = y[train].mean(), y[train].std()
    ridges = [Ridge(alpha=alpha).fit(X[train], (y[train] - mean) / std) for alpha in (100.0, 10.0, 1.0, 0.1, 0.01)]
    predictions = [ridge.predict(X[validation]) * std + mean for ridge in ridges]
    expected = best_of(predictions, [np.mean((prediction - y[validation]) ** 2) for prediction in predictions])
    assert tried.model.predict(ladder.examples.table.take(validation)) == pytest.approx(expected, abs=1e-4)


def test_linear_rung_is_the_best_logistic_regression_of_scikit_learn(table):
    """LogisticRegression(C), C = 1/weight, by the same validation rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    ladder = ladder_of({name: table[name] for name in ("x1", "x2", "c")}, "c", "classification", "log_loss")
    (tried,) = ladder.climb([RUNGS["linear"]])
    train, validation = ladder.split.train, ladder.split.validation
    X = (
        TableEncoder.fit(ladder.examples.table, train, Encoding(clip=None, dtype="float64"))
        .encode(ladder.examples.table)
        .X
    )
    models = [LogisticRegression(C=C, tol=1e-8).fit(X[train], table["c"][train]) for C in (0.01, 0.1, 1.0, 10.0, 100.0)]
    predictions = [model.predict_proba(X[validation]) for model in models]
    expected = best_of(predictions, [log_loss(table["c"][validation], prediction) for prediction in predictions])
    assert tried.model.predict_proba(ladder.examples.table.take(validation)) == pytest.approx(expected, abs=1e-4)


def test_a_training_begins_where_it_is_told_to(table):
    """From its own solution, of the same penalty, a linear model has nowhere to go."""
    X = {name: table[name] for name in ("x1", "x2")}
    settings = RUNGS["linear"].candidates(Settings(random_state=0), (), 200)[0]
    solved = train_model(settings, X, table["c"])
    again = train_model(settings, X, table["c"], start=solved.vector)
    assert (len(solved.history_) > 2, len(again.history_)) == (True, 0)
    assert again.vector == pytest.approx(solved.vector, rel=1e-12)


def test_networks_have_the_layers_that_their_names_promise(table):
    ladder = ladder_of(table, "y", "regression", "rmse")
    shallow, deep = ladder.climb([RUNGS["shallow"], RUNGS["deep"]])
    assert shallow.model.architecture.n[1:] == (6, 1)
    assert deep.model.architecture.n[1:] == (6, 5, 1)
    assert shallow.model.rows == deep.model.rows == {"train": 128, "validation": 32}


def test_rows_that_are_tested_change_no_model(table):
    """The same training with other values in the test rows gives the same parameters."""
    changed = {name: values.copy() for name, values in table.items()}
    rows = split_rows(200, seed=1).test
    changed["y"][rows] += 1000.0
    changed["x1"][rows] *= 1000.0
    models = [
        ladder_of(source, "y", "regression", "rmse").climb([RUNGS["linear"], RUNGS["deep"]])
        for source in (table, changed)
    ]
    for before, after in zip(*models, strict=True):
        assert np.array_equal(before.model.vector, after.model.vector)
