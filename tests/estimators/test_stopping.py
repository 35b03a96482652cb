"""When a training ends, by whom, and what is kept: validation, metrics, callbacks, Ctrl-C, numbers that run away."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, f1_score, log_loss, make_scorer, mean_absolute_error, r2_score

from gradatim.errors import DivergedError, InputError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.formulas.metrics import metric_from_function
from gradatim.training import StopTraining
from gradatim.training.stopping import BestSoFar
from tests.estimators.examples import LABELS, QUICK, X, y

TRAIN, HELD = np.delete(np.arange(150), slice(None, None, 3)), np.arange(0, 150, 3)
OWN = {"X": X[TRAIN], "y": y[TRAIN]}


def test_early_stopping_restores_the_best_epoch():
    """Which epoch is best is read from the curve; its parameters from the recording."""
    patient = {"hidden_widths": (16,), "learning_rate": 0.05, "max_epochs": 100, "patience_epochs": 5}
    classifier = NetworkClassifier(**patient, record="epochs", random_state=0).fit(X, y)
    curve = classifier.history_["validation_log_loss"]
    best = int(np.argmin(curve)) + 1
    assert best < len(curve) == best + 5
    assert classifier.model_.vector.tobytes() == classifier.at(epoch=best).vector.tobytes()
    assert classifier.model_.training.best_epoch == best
    assert classifier.model_.training.stopped_because == "patience"


def test_both_curves_are_what_they_say():
    """Own rows to choose the epoch: the log loss of the network of each epoch on them, by scikit-learn's function."""
    classifier = NetworkClassifier(**QUICK, validation=(X[HELD], y[HELD]), record="epochs").fit(**OWN)
    assert classifier.model_.rows == {"train": 100, "validation": 50}
    history = classifier.history_
    for epoch in (1, 7, 15):
        expected = log_loss(y[HELD], classifier.at(epoch=epoch).predict_proba(X[HELD]))
        assert history["validation_loss"][epoch - 1] == pytest.approx(expected, rel=1e-5)
        assert history["validation_log_loss"][epoch - 1] == pytest.approx(expected, rel=1e-5)
    whole = NetworkClassifier(**QUICK, batch_size=None, validation=(X[HELD], y[HELD]), record="epochs").fit(**OWN)
    for epoch in (1, 7, 15):  # of one batch the training loss is measured before its step
        expected = log_loss(y[TRAIN], whole.at(epoch=epoch - 1).predict_proba(X[TRAIN]))
        assert whole.history_["training_loss"][epoch - 1] == pytest.approx(expected, rel=1e-5)


def hits(y_true, y_pred):
    return np.mean(y_true == y_pred)


@pytest.mark.parametrize(
    ("metric", "name", "expected"),
    [
        ("accuracy", "accuracy", accuracy_score),
        (hits, "hits", accuracy_score),
        (make_scorer(f1_score, average="macro"), "f1_score", lambda y, p: f1_score(y, p, average="macro")),
        (metric_from_function(hits, "classification", name="own"), "own", accuracy_score),
    ],
    ids=["name", "function", "scorer", "Metric"],
)
def test_the_metric_chooses_the_epoch(metric, name, expected):
    """With ties the last; labels reach a function in their own words."""
    species = np.array(["setosa", "versicolor", "virginica"])[y]
    own = (X[HELD], species[HELD])
    classifier = NetworkClassifier(**QUICK, metric=metric, validation=own, record="epochs").fit(
        X[TRAIN], species[TRAIN]
    )
    curve = classifier.history_[f"validation_{name}"]
    for epoch in (1, 8, 15):
        assert curve[epoch - 1] == pytest.approx(expected(own[1], classifier.at(epoch=epoch).predict(X[HELD])))
    assert classifier.model_.training.best_epoch == np.flatnonzero(curve == curve.max())[-1] + 1


@pytest.mark.parametrize(
    ("metric", "expected", "best"),
    [
        ("mae", mean_absolute_error, np.argmin),
        (r2_score, r2_score, np.argmax),
        (make_scorer(mean_absolute_error, greater_is_better=False), mean_absolute_error, np.argmin),
    ],
    ids=["name", "function", "scorer of an error"],
)
def test_the_metric_of_numbers_is_in_their_units(metric, expected, best):
    target = 1000 * X[:, 3]
    regressor = NetworkRegressor(**QUICK, metric=metric, validation=(X[HELD, :3], target[HELD]), record="epochs")
    regressor.fit(X[TRAIN, :3], target[TRAIN])
    curve = regressor.history_[regressor.history_.judged_by]
    for epoch in (1, 15):
        predicted = regressor.at(epoch=epoch).predict(X[HELD, :3])
        assert curve[epoch - 1] == pytest.approx(expected(target[HELD], predicted), rel=1e-4)
    assert regressor.model_.training.best_epoch == best(curve) + 1


def test_own_rows_of_several_labels():
    classifier = NetworkClassifier(**QUICK, validation=[X[HELD], LABELS[HELD]], metric="accuracy", record="epochs")
    classifier.fit(X[TRAIN], LABELS[TRAIN])
    assert classifier.model_.rows == {"train": 100, "validation": 50}
    expected = accuracy_score(LABELS[HELD], classifier.at(epoch=15).predict(X[HELD]))
    assert classifier.history_["validation_accuracy"][-1] == pytest.approx(expected)


def test_groups_stay_whole():
    """A group of 50 rows and one of 100: a fifth of the rows is nearest to the smaller one."""
    groups = np.repeat(["a", "b", "b"], 50)
    shuffled = np.random.default_rng(0).permutation(150)
    classifier = NetworkClassifier(**QUICK).fit(X[shuffled], y[shuffled] > 1, groups=groups[shuffled])
    assert classifier.model_.rows == {"train": 100, "validation": 50}
    assert NetworkClassifier(**QUICK).fit(X, y > 1).model_.rows == {"train": 120, "validation": 30}


class Counts:
    """Counts epochs."""

    epochs = 0

    def on_epoch_end(self, progress):
        self.epochs += 1
        assert progress.epoch == self.epochs
        assert progress.row["training_loss"] > 0


class Ends:
    """Ends the training at an epoch: by its answer, by a word, or as Ctrl-C does."""

    def __init__(self, epoch, how):
        self.epoch, self.how = epoch, how

    def on_epoch_end(self, progress):
        if progress.epoch == self.epoch and self.how is not False:
            raise self.how
        return progress.epoch < self.epoch


@pytest.mark.parametrize("how", [False, StopTraining])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_callback_can_end_it(how, optimizer):
    settings = QUICK if optimizer == "adam" else {"hidden_widths": (5,), "optimizer": "lbfgs", "random_state": 0}
    counts = Counts()
    model = NetworkRegressor(**settings, callbacks=[Ends(4, how), counts]).fit(X[:, :3], X[:, 3])
    assert len(model.history_) == counts.epochs == 4
    assert model.model_.training.stopped_because == "callback"


@pytest.mark.parametrize("callbacks", [5, [5], Counts(), [Counts], "stop"])
def test_what_is_no_list_of_callbacks_is_refused(callbacks):
    with pytest.raises(InputError, match=r"callbacks must be a list of objects with on_epoch_end\(progress\)"):
        NetworkClassifier(**QUICK, callbacks=callbacks).fit(X, y)


def test_no_callbacks_will_do():
    assert len(NetworkClassifier(**QUICK, callbacks=None).fit(X, y).history_) > 0


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_an_interrupt_keeps_the_best_so_far(optimizer):
    """It warns, as MLP does: a search over settings would otherwise take the half-trained for trained."""
    settings = QUICK if optimizer == "adam" else {"hidden_widths": (5,), "optimizer": "lbfgs", "random_state": 0}
    model = NetworkRegressor(**settings, callbacks=[Ends(4, KeyboardInterrupt)], record="epochs")
    with pytest.warns(ConvergenceWarning, match="Interrupted"):
        model.fit(X[:, :3], X[:, 3])
    assert model.model_.training.stopped_because == "interrupted"
    assert len(model.history_) == 4
    best = 4 if optimizer == "lbfgs" else int(np.argmin(model.history_["validation_rmse"])) + 1
    assert model.model_.vector.tobytes() == model.at(epoch=best).vector.tobytes()
    assert model.predict(X[:, :3]).shape == (150,)


@pytest.mark.parametrize("strikes", ["before", "after"])
def test_an_interrupt_in_the_middle_of_the_books_keeps_the_best_so_far(monkeypatch, strikes):
    """Ctrl-C strikes anywhere: also while an epoch is being entered, here around the fourth offer."""
    offer = BestSoFar.offer

    def interrupted(best, epoch, score, vector):
        if strikes == "after" or epoch < 4:
            offer(best, epoch, score, vector)
        if epoch == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(BestSoFar, "offer", interrupted)
    with pytest.warns(ConvergenceWarning, match="Interrupted in epoch 4"):
        classifier = NetworkClassifier(**QUICK).fit(X, y)
    assert classifier.model_.training.best_epoch == (4 if strikes == "after" else 3) <= classifier.n_iter_
    assert classifier.predict(X).shape == (150,)


def test_an_interrupt_before_there_is_an_epoch_is_passed_on():
    class AtOnce(dict):
        def get(self, label, default):
            raise KeyboardInterrupt

    classifier = NetworkClassifier(**QUICK, class_weight=AtOnce({0: 1.0}))
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, y)
    assert not hasattr(classifier, "model_")


PROGRAM = """
import warnings
import numpy as np
from gradatim import NetworkRegressor

class Tells:
    def on_epoch_end(self, progress):
        if progress.epoch == 3:
            print("trains", flush=True)

x = np.linspace(-1, 1, 2000).reshape(-1, 1)
model = NetworkRegressor("plain", max_epochs=10**6, patience_epochs=None, callbacks=[Tells()], random_state=0)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    model.fit(x, np.sin(3 * x[:, 0]))
print(len(told), model.model_.training.stopped_because, model.n_iter_ >= 3, model.score(x, np.sin(3 * x[:, 0])) > 0.5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_a_real_interrupt_keeps_the_best_so_far():
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        try:
            assert program.stdout.readline().strip() == b"trains"
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=60)
        finally:
            program.kill()
    assert (out.decode().split(), err) == (["1", "interrupted", "True", "True"], b"")


class Spoils:
    """After two epochs the parameters jump out of all bounds."""

    def on_epoch_end(self, progress):
        if progress.epoch == 2:
            progress.vector[:] = np.nan


def test_a_training_that_diverges_warns_and_keeps_the_best():
    with pytest.warns(ConvergenceWarning, match="became infinite or NaN in epoch 3"):
        classifier = NetworkClassifier(**QUICK, callbacks=[Spoils()]).fit(X, y)
    assert np.isfinite(classifier.predict_proba(X)).all()


def test_one_that_diverges_at_once_has_nothing_to_keep():
    regressor = NetworkRegressor(**QUICK | {"optimizer": "gradient_descent", "learning_rate": 1e30})
    with pytest.raises(DivergedError):
        regressor.fit(X[:, :3], X[:, 3])
    assert not hasattr(regressor, "model_")
