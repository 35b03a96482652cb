"""A training ends with a wave of the learning rate that brought nothing."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

import gradatim as gd
from gradatim.errors import InputError
from gradatim.formulas.schedules import Constant, CosLog
from gradatim.settings import Settings
from gradatim.training.stopping import BestSoFar, ends_of_waves

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))
NOISE = RNG.normal(size=400)
QUICK = {"hidden_widths": (16,), "max_epochs": 64, "random_state": 0}


def test_waves_end_in_the_valleys():
    """Of 256 epochs at 256/15 = 17.07, 51.2 and 119.5: in the epoch that is under way there."""
    assert ends_of_waves(CosLog(waves=4), 256) == (18, 52, 120, 256)
    assert ends_of_waves(CosLog(waves=4), 16) == (2, 4, 8, 16)
    assert ends_of_waves(CosLog(waves=4), 15) == (), "one epoch is no wave"
    assert ends_of_waves(CosLog(waves=1), 10) == (10,)
    assert ends_of_waves(Constant(), 10) == ()


def scored(scores):
    best = BestSoFar()
    for epoch, score in enumerate(scores, start=1):
        best.offer(epoch, score, None)
    return best


@pytest.mark.parametrize(
    ("scores", "in_vain"),
    [
        ([3, 2, 4, 5, 6], (3, 5)),
        ([3, 2, 4, 1, 6], None),  # better within the wave
        ([3, 2, 4, 5, 2], (3, 5)),  # as good is not better
        ([3, 2, 4, 5], None),  # the wave is not over
        ([3, 2], None),  # nothing stands before the first wave
    ],
)
def test_a_wave_without_a_better_score_is_in_vain(scores, in_vain):
    assert scored(scores).waited_a_wave((2, 5, 9)) == in_vain


def test_a_network_on_noise_stops_with_a_wave_and_keeps_its_best_epoch():
    model = gd.NetworkRegressor(**QUICK).fit(X, NOISE)
    ends = ends_of_waves(CosLog(), 64)
    assert len(model.history_) in ends[1:3], "the second wave or the third brings nothing on noise"
    training = model.model_.training
    assert training.stopped_because == "patience"
    first, last = ends[ends.index(len(model.history_)) - 1] + 1, len(model.history_)
    assert training.message.startswith(f"No better validation rmse in the wave from epoch {first} to {last}.")
    scores = [row["validation_rmse"] for row in model.history_]
    assert training.best_epoch == len(scores) - np.argmin(scores[::-1])


def test_without_rows_held_out_and_without_patience_all_waves_are_trained():
    for changes in ({"validation": None}, {"patience_epochs": None}):
        assert len(gd.NetworkRegressor(**QUICK, **changes).fit(X, NOISE).history_) == 64


def test_waves_need_a_schedule_that_has_them():
    def resolved(**changes):
        return Settings(**changes).resolved("regression", output="identity", rows=100)

    assert resolved().patience_epochs == "wave"
    assert resolved(schedule="cosine").patience_epochs is None
    assert resolved(patience_epochs=7).patience_epochs == 7
    with pytest.raises(InputError, match="patience_epochs must be a number of epochs, or None, with the schedule cos"):
        resolved(schedule="cosine", patience_epochs="wave")


def test_a_training_of_one_step_says_that_it_moved_nothing():
    """The first rate of coslog is 0, as in RealMLP. 80 rows make one batch of 64, so one epoch is one step."""
    y = X[:80, 0] > 0
    model = gd.NetworkClassifier(**(QUICK | {"max_epochs": 1}), validation=None, record="epochs").fit(X[:80], y).model_
    assert "No step moved the network: every rate was 0" in model.training.message
    assert np.array_equal(model.vector, model.at(epoch=0).vector)
    assert (
        "No step moved"
        not in gd.NetworkClassifier(**(QUICK | {"max_epochs": 3})).fit(X, X[:, 0] > 0).model_.training.message
    )


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_few_epochs_are_better_than_none(epochs):
    """320 rows train, in 5 steps an epoch."""
    y = X[:, 0] > 0
    model = gd.NetworkClassifier(**(QUICK | {"max_epochs": epochs}), record="epochs").fit(X, y).model_
    surprise = [log_loss(y, network.predict_proba(X)) for network in (model.at(epoch=0), model)]
    assert surprise[1] < 0.8 * surprise[0]
