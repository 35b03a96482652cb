"""After how many epochs a network ends that has no rows of its own to say so."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradatim as gd
from gradatim.ladder.epochs import epochs_by_others, epochs_once_more
from gradatim.settings import Settings


def scored_network(best_epoch, ended=96, **settings):
    """What is asked of it: its best epoch of 96, where it ended, and its rows."""
    used = Settings("strong", hidden_widths=(2,), **settings).resolved("regression", output="identity", rows=50)
    training = SimpleNamespace(best_epoch=best_epoch)
    return SimpleNamespace(training=training, settings_=used, rows={"train": 50}, history_=range(ended))


@pytest.mark.parametrize(
    ("best", "epochs"),
    [
        ((4,), 7),
        ((12,), 20),
        ((11,), 7),
        ((20,), 20),
        ((34,), 45),
        ((65,), 45),
        ((66,), 96),
        ((95,), 96),
        ((7, 33), 20),
    ],
)
def test_waves_end_in_the_nearest_valley(best, epochs):
    """Of 96 epochs valleys are at 7, 20, 45 and 96; in between the border is √(7·20) = 11.8, √(45·96) = 65.7."""
    models = [scored_network(epoch) for epoch in best]
    assert epochs_once_more(models, models[0].settings_, 60) == epochs


def test_without_waves_it_is_the_share():
    """Best after 12 of 96 epochs; of 48 epochs that is 6."""
    model = scored_network(12, schedule=gd.Constant())
    assert epochs_once_more([model], replace(model.settings_, max_epochs=48), 60) == 6


def test_a_fold_has_no_say_and_ends_no_later_than_it_did():
    """Means of the others: 52.5, 42 and 19.5 of 96 epochs, near 45, 45 and 20. The second ended at 20."""
    networks = [scored_network(9), scored_network(30, ended=20), scored_network(75)]
    assert epochs_by_others(networks) == [45, 20, 20]


@given(st.lists(st.integers(1, 96), min_size=2, max_size=5), st.integers(1, 96))
def test_another_best_epoch_of_its_own_changes_nothing(best, own):
    assert epochs_by_others(stubs(own, *best[1:]))[0] == epochs_by_others(stubs(*best))[0]


def stubs(*best):
    return [scored_network(epoch) for epoch in best]


@pytest.fixture(scope="module")
def run():
    rng = np.random.default_rng(1)
    x1, x2 = rng.normal(size=(2, 90))
    label = np.where(x1 * x2 + 0.5 * rng.normal(size=90) > 0, "yes", "no")
    table = {"x1": x1, "x2": x2, "y": label}
    return gd.fit(table, "y", rungs="shallow", folds=3, preset="plain", epochs=40, learning_rate=0.1, hidden=(8,))


def test_the_score_of_a_network_is_that_of_the_epochs_of_the_others(run):
    """By hand: the log loss of each fold after the mean of the two other best epochs, or where it ended before."""
    (tried,) = run.rungs
    curves = [fold.training.history["validation_log_loss"].tolist() for fold in tried.folds]
    rows = [fold.training.judged.shape[1] for fold in tried.folds]
    assert [fold.training.judged.shape for fold in tried.folds] == [
        (len(curve), m, 1) for curve, m in zip(curves, rows, strict=True)
    ]
    assert sum(rows) == 72
    best = [1 + int(np.argmin(curve)) for curve in curves]
    said = [round((sum(best) - own) / 2) for own in best]
    by_others = [curve[min(epoch, len(curve)) - 1] for curve, epoch in zip(curves, said, strict=True)]
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
