"""Training that goes on: warm starts, partial_fit, and the network of any epoch given back."""

from dataclasses import replace

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.model import train_model
from gradatim.training import recording
from tests.estimators.examples import FULL_BATCH, LABELS, QUICK, X, y

KINDS = pytest.mark.parametrize(
    ("kind", "target"), [(NetworkClassifier, y), (NetworkRegressor, X[:, 3]), (NetworkClassifier, LABELS)]
)


def bytes_of(estimator):
    return estimator.model_.vector.tobytes()


@KINDS
@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_three_epochs_and_three_are_six(kind, target, optimizer):
    """With a full batch nothing is drawn on the way, so that moments and steps alone decide: to the last byte."""
    table, settings = X[:, :3], FULL_BATCH | {"optimizer": optimizer}
    six = kind(**settings, max_epochs=6).fit(table, target)
    warm = kind(**settings, max_epochs=3, warm_start=True).fit(table, target)
    three = warm.model_
    warm.fit(table, target)
    assert bytes_of(warm) == bytes_of(six)
    assert warm.history_["training_loss"].tolist() == six.history_["training_loss"].tolist()
    assert warm.history_["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert warm.n_iter_ == 6

    forgetful = replace(three, training=replace(three.training, state=None))
    anew = train_model(warm._settings(), table, target, task=three.task, start=forgetful)
    assert anew.vector.tobytes() != bytes_of(six), "moments that begin at 0 again lead elsewhere"


@KINDS
def test_calls_of_partial_fit_are_epochs(kind, target):
    six = kind(**FULL_BATCH, max_epochs=6).fit(X[:, :3], target)
    parts = kind(**FULL_BATCH)
    for _ in range(6):
        parts.partial_fit(X[:, :3], target)
    assert bytes_of(parts) == bytes_of(six)
    assert parts.history_["epoch"].tolist() == [1, 2, 3, 4, 5, 6]


def test_partial_fit_goes_on_from_fit():
    six = NetworkRegressor(**FULL_BATCH, max_epochs=6).fit(X[:, :3], X[:, 3])
    model = NetworkRegressor(**FULL_BATCH, max_epochs=5).fit(X[:, :3], X[:, 3]).partial_fit(X[:, :3], X[:, 3])
    assert bytes_of(model) == bytes_of(six)


def test_classes_of_later_calls_are_told_at_the_first():
    classifier = NetworkClassifier(**QUICK)
    for start in range(0, 150, 50):  # one class at a time
        classifier.partial_fit(X[start : start + 50], y[start : start + 50], classes=[0, 1, 2])
    assert classifier.predict_proba(X).shape == (150, 3)
    texts = np.where(LABELS, "yes", "no")
    several = NetworkClassifier(**QUICK).partial_fit(X[:50], texts[:50], classes=[["no", "yes"]] * 2)
    several.partial_fit(X[50:], texts[50:])
    assert set(several.predict(X).ravel()) <= {"no", "yes"}


def test_the_rows_held_out_stay_the_same():
    """Without a seed of one's own as well: rows that have trained must not choose the epoch afterwards."""
    rows = []

    def remembers(y_true, y_pred):
        rows.append(tuple(y_true))
        return 0.0

    table, target = np.arange(40.0).reshape(-1, 1), np.arange(40.0)
    warm = NetworkRegressor(max_epochs=2, warm_start=True, metric=remembers).fit(table, target)
    warm.fit(table, target)
    seen = {held for held in rows if len(held) == 8}
    assert len(seen) == 1
    warm.set_params(warm_start=False).fit(table, target)
    assert len({held for held in rows if len(held) == 8}) == 2, "a fit that begins anew draws others"


def test_a_fit_without_warm_start_begins_anew():
    first = NetworkRegressor(**QUICK).fit(X[:, :3], X[:, 3])
    before = bytes_of(first)
    assert bytes_of(first.fit(X[:, :3], X[:, 3])) == before
    assert first.n_iter_ == 15


def test_another_optimizer_goes_on_from_the_best_parameters():
    warm = NetworkClassifier(**FULL_BATCH, max_epochs=3, warm_start=True).fit(X, y)
    loss = warm.history_["training_loss"][-1]
    warm.set_params(optimizer="momentum", learning_rate=0.1).fit(X, y)
    assert warm.history_["training_loss"][3] < loss
    assert warm.n_iter_ == 6


def test_another_network_cannot_go_on():
    warm = NetworkClassifier(**QUICK, warm_start=True).fit(X, y)
    with pytest.raises(InputError, match=r"where a training goes on \(warm_start, .* n=\(4, 8, 3\), 67 parameters"):
        warm.set_params(hidden_widths=(9,)).fit(X, y)
    with pytest.raises(ValueError, match="X has 2 features, but NetworkClassifier is expecting 4"):
        warm.fit(X[:, :2], y)
    with pytest.raises(InputError, match=r"'y' must hold one of 0, 1, 2\. Got 3"):
        warm.set_params(hidden_widths=(8,)).fit(X, y + 1)


def test_the_network_of_any_epoch_is_given_back():
    """The loss of an epoch of one batch is measured before its step: it is that of the network of the epoch before."""
    model = NetworkRegressor(**FULL_BATCH, max_epochs=6, record="epochs", dtype="float64").fit(X[:, :3], X[:, 3])
    target = (X[:, 3] - X[:, 3].mean()) / X[:, 3].std()
    for epoch in range(6):
        then = model.at(epoch=epoch)
        assert isinstance(then, gd.Model)
        scaled = (then.predict(X[:, :3]) - X[:, 3].mean()) / X[:, 3].std()
        assert np.mean((scaled - target) ** 2) / 2 == pytest.approx(model.history_["training_loss"][epoch])
    assert model.at(epoch=6).vector.tobytes() == bytes_of(model)
    with pytest.raises(InputError, match=r"7 of them from 0 to 6\. Got 7; the nearest is 6"):
        model.at(epoch=7)
    with pytest.raises(InputError, match='train it with record="epochs"'):
        NetworkRegressor(**FULL_BATCH, max_epochs=1).fit(X[:, :3], X[:, 3]).at(epoch=1)


def test_steps_are_given_back_as_well():
    model = NetworkRegressor(**QUICK | {"max_epochs": 2, "batch_size": 30}, record="steps").fit(X[:, :3], X[:, 3])
    assert model.model_.training.recorded.steps == tuple(range(9))  # 120 rows are 4 batches
    assert model.at(step=4).vector.tobytes() == model.at(epoch=1).vector.tobytes()
    assert model.at(step=3).vector.tobytes() != model.at(step=4).vector.tobytes()


@pytest.mark.parametrize("record", ["epochs", "steps"])
def test_epochs_count_on_in_what_is_recorded(record):
    """As in history_: epoch 5 of a training in two halves is epoch 5 of one in a single piece."""
    six = NetworkRegressor(**FULL_BATCH, max_epochs=6, record=record).fit(X[:, :3], X[:, 3])
    warm = NetworkRegressor(**FULL_BATCH, max_epochs=3, record=record, warm_start=True).fit(X[:, :3], X[:, 3])
    warm.fit(X[:, :3], X[:, 3])
    parts = NetworkRegressor(**FULL_BATCH, record=record)
    for _ in range(6):
        parts.partial_fit(X[:, :3], X[:, 3])
    for epoch in range(7):
        then = six.at(epoch=epoch).vector.tobytes()
        assert warm.at(epoch=epoch).vector.tobytes() == then
        assert parts.at(epoch=epoch).vector.tobytes() == then
        assert warm.at(step=epoch).vector.tobytes() == then


def test_a_recording_that_begins_later_knows_which_epoch_it_is():
    warm = NetworkRegressor(**FULL_BATCH, max_epochs=3, warm_start=True).fit(X[:, :3], X[:, 3])
    warm.set_params(record="epochs").fit(X[:, :3], X[:, 3])
    assert warm.model_.training.recorded.epochs == (3, 4, 5, 6)
    assert warm.at(epoch=6).vector.tobytes() == bytes_of(warm)


def test_a_long_recording_stays_within_its_memory(monkeypatch):
    """Ten vectors of 41 float32 fit: then every second is dropped, and the message names the nearest that is left."""
    most_bytes = 10 * (4 * 41 + recording.BESIDE_THE_NUMBERS)
    monkeypatch.setattr(recording.Recording.start.__func__, "__defaults__", (most_bytes,))
    model = NetworkRegressor(**FULL_BATCH, max_epochs=30, record="epochs", warm_start=True)
    model.fit(X[:, :3], X[:, 3])
    recorded = model.model_.training.recorded
    assert recorded.epochs == (0, 4, 8, 12, 16, 20, 24, 28, 30)
    with pytest.raises(InputError, match="Got 13; the nearest is 12"):
        model.at(epoch=13)
    model.fit(X[:, :3], X[:, 3])
    epochs = model.model_.training.recorded.epochs
    assert len(model.model_.training.recorded.kept) <= 10
    assert (epochs[0], epochs[-1]) == (0, 60)
    assert max(np.diff(epochs)) <= 8
