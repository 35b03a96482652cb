"""Going on from the state that a training left."""

from dataclasses import replace

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import State
from gradatim.errors import ShapeError
from gradatim.training import History, TrainingResult, Validation
from tests.training.trainings import HELD, Training


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
@pytest.mark.parametrize("averaging", [None, 0.9])
def test_two_times_three_epochs_are_six(optimizer, averaging):
    """With a full batch nothing is drawn, so that the second half is the second half of the long training."""
    usual = {"optimizer": optimizer, "averaging": averaging, "batch_size": None, "validation": None}
    whole = Training(max_epochs=6, **usual)()
    half = Training(max_epochs=3, **usual)
    first = half()
    second = half(start=first.state)
    assert np.array_equal(second.vector, whole.vector)
    assert second.state.step == 6
    assert not np.array_equal(half(start=first.vector).vector, whole.vector), "moments count"
    assert second.history["training_loss"].tolist() == whole.history["training_loss"][3:].tolist()


def test_the_state_is_the_last_and_the_vector_the_best():
    scores = iter([3, 2, 1, 4, 5, 6])
    result = Training(validation=Validation(HELD, "scripted", lambda θ, A: next(scores)), record="epochs")()
    assert np.array_equal(result.state.vector, result.recorded.at(epoch=6))
    assert np.array_equal(result.vector, result.recorded.at(epoch=3))
    assert result.state.step == 30


def test_the_state_handed_in_stays_as_it_was():
    training = Training()
    state = training().state
    arrays = [state.vector, *state.moments]
    before = [array.copy() for array in arrays]
    training(start=state)
    assert all(np.array_equal(array, old) for array, old in zip(arrays, before, strict=True))


def test_a_state_of_another_network_or_optimizer_is_refused():
    training = Training()
    state = training().state
    with pytest.raises(ShapeError, match=r"start must have the 26 parameters .* Got shape \(25,\)"):
        training(start=replace(state, vector=state.vector[1:]))
    with pytest.raises(ShapeError, match="26 parameters"):
        training(start=np.zeros(3))
    with pytest.raises(ShapeError, match=r"optimizer adam, with 2 moments of 26 numbers\. Got \[\(26,\)\]"):
        training(start=Training(optimizer="momentum")().state)
    with pytest.raises(ShapeError, match="2 moments"):
        training(start=State(state.vector))


def test_float32_goes_on_in_float64():
    state = Training()().state
    result = Training(dtype="float64")(start=state)
    assert {array.dtype for array in (result.vector, *result.state.moments)} == {np.dtype(np.float64)}


def test_a_mean_that_was_not_kept_begins_at_the_parameters():
    state = Training(validation=None)().state
    fresh = Training(validation=None, averaging=0.5)
    assert fresh(start=state).state.averaged is not None
    assert Training(validation=None)(start=fresh().state).state.averaged is None


def test_histories_are_joined():
    rows = ({"epoch": 1, "training_loss": 3.0, "seconds": 1.0}, {"epoch": 2, "training_loss": 2.0, "seconds": 2.5})
    first = TrainingResult(None, History(rows), 1, "max_epochs", "")
    second = TrainingResult(None, History(({**rows[0], "learning_rate": 0.1},)), 1, "patience", "")
    joined = second.after(first)
    assert joined.history["epoch"].tolist() == [1, 2, 3]
    assert joined.history["seconds"].tolist() == [1.0, 2.5, 3.5]
    assert joined.history["training_loss"].tolist() == [3.0, 2.0, 3.0]
    assert np.array_equal(joined.history["learning_rate"], [np.nan, np.nan, 0.1], equal_nan=True)
    assert (joined.best_epoch, joined.stopped_because) == (3, "patience")


def test_after_an_interrupt_the_state_is_that_of_the_last_whole_epoch():
    class Interrupted:
        """The textbook engine, in the middle of its third epoch."""

        epochs = 0

        def __getattr__(self, name):
            return getattr(textbook, name)

        def train(self, problem, state, data, plan, start, stop, workspace=None):
            self.epochs += 1
            if self.epochs < 3:
                return textbook.train(problem, state, data, plan, start, stop)
            textbook.train(problem, state, data, plan, start, 2)
            raise KeyboardInterrupt

    result, two = Training(validation=None)(engine=Interrupted()), Training(validation=None, max_epochs=2)()
    assert (result.stopped_because, result.message) == ("interrupted", "Interrupted in epoch 3.")
    assert result.state.step == two.state.step == 10
    assert np.array_equal(result.state.vector, two.state.vector)
    assert np.array_equal(result.vector, two.vector)
