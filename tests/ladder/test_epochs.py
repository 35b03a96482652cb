"""At which epoch a network is scored: one that the rows of the other folds chose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradatim as gd
from gradatim.ladder.epochs import epochs_by_others
from gradatim.training import History, TrainingResult


def training(scores, name="rmse"):
    rows = tuple({"epoch": epoch, f"validation_{name}": score} for epoch, score in enumerate(scores, 1))
    return TrainingResult(None, History(rows), 1, "max_epochs", "")


def chosen(*curves, greater_is_better=False):
    return epochs_by_others([training(curve) for curve in curves], greater_is_better=greater_is_better)


def test_the_fold_itself_has_no_say():
    """Its own rows like the third epoch best by far; those of the two others the first, or the second."""
    assert chosen([9.0, 9.0, 0.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])[0] == 1
    assert chosen([9.0, 9.0, 0.0], [5.0, 1.0, 3.0], [1.0, 2.0, 3.0])[0] == 2


def test_greater_may_be_better():
    assert chosen([0.1, 0.9], [0.8, 0.2], greater_is_better=True) == [1, 2]


def test_a_training_that_ended_early_counts_with_its_last_score_and_is_scored_where_it_ended():
    """Sums of the others: of the first 1 + 3, 2 + 2, 2 + 0; of the second 5 + 3, 4 + 2, 3 + 0."""
    assert chosen([5.0, 4.0, 3.0], [1.0, 2.0], [3.0, 2.0, 0.0])[:2] == [3, 2]


def test_a_score_that_is_no_number_is_not_chosen():
    assert chosen([1.0, 1.0, 1.0], [np.nan, 3.0, np.nan]) == [2, 3]


@given(st.lists(st.lists(st.floats(0, 10), min_size=4, max_size=4), min_size=2, max_size=5), st.data())
def test_another_curve_of_its_own_changes_nothing(curves, data):
    own = data.draw(st.lists(st.floats(0, 10), min_size=4, max_size=4))
    assert chosen(own, *curves[1:])[0] == chosen(*curves)[0]


@pytest.fixture(scope="module")
def run():
    rng = np.random.default_rng(1)
    x1, x2 = rng.normal(size=(2, 90))
    label = np.where(x1 * x2 + 0.5 * rng.normal(size=90) > 0, "yes", "no")
    table = {"x1": x1, "x2": x2, "y": label}
    return gd.fit(table, "y", rungs="shallow", folds=3, preset="plain", epochs=40, learning_rate=0.1, hidden=(8,))


def test_the_score_of_a_network_is_that_of_the_epochs_of_the_others(run):
    """By hand: the log loss of each fold after the epoch that the two others like best, up to where it ended."""
    (tried,) = run.rungs
    curves = [fold.training.history["validation_log_loss"].tolist() for fold in tried.folds]
    rows = [fold.training.judged.shape[1] for fold in tried.folds]
    assert [fold.training.judged.shape for fold in tried.folds] == [
        (len(curve), m, 1) for curve, m in zip(curves, rows, strict=True)
    ]
    assert sum(rows) == 72

    def at(curve, epoch):
        return curve[min(epoch, len(curve) - 1)]

    by_others = []
    for curve in curves:
        others = [other for other in curves if other is not curve]
        best = min(range(max(map(len, curves))), key=lambda epoch: sum(at(other, epoch) for other in others))
        by_others.append(at(curve, best))
    assert tried.score.value == pytest.approx(np.average(by_others, weights=rows), rel=1e-6)
    own = np.average([min(curve) for curve in curves], weights=rows)
    assert own < 0.999 * tried.score.value, "rows that choose their epoch flatter it"


def test_what_is_kept_of_an_epoch_is_what_the_network_says():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    run = gd.fit({"a": X[:, 0], "b": X[:, 1], "y": y}, "y", rungs="shallow", folds=2, preset="plain", epochs=3)
    assert run.rungs[0].model.training.judged is None, "nothing was held out of the model that is kept"
    for fold in run.rungs[0].folds:
        table = {"a": X[:, 0], "b": X[:, 1]}
        said = fold.outputs(table)[:, 0]
        kept = fold.training.judged[fold.training.best_epoch - 1][:, 0]
        found = [np.abs(said - value).min() for value in kept]
        assert max(found) < 1e-6
