"""The parameters along the way: the right ones, and not too many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.training import Recording, Validation
from tests.training.trainings import BATCHES, HELD, Training


class Keep:
    def __init__(self):
        self.vectors = []

    def on_epoch_end(self, progress):
        self.vectors.append(progress.vector.copy())


@pytest.mark.parametrize("averaging", [None, 0.8])
def test_every_epoch_is_there_as_it_was(averaging):
    keep, training = Keep(), Training(record="epochs", averaging=averaging)
    result = training([keep])
    recorded = result.recorded
    assert recorded.epochs == (0, 1, 2, 3, 4, 5, 6)
    assert recorded.steps == tuple(BATCHES * epoch for epoch in range(7))
    for epoch, vector in enumerate(keep.vectors, start=1):
        assert np.array_equal(recorded.at(epoch=epoch), vector)
        assert np.array_equal(recorded.at(step=BATCHES * epoch), vector)
    start = training.start(np.random.default_rng(0)).astype(np.float32)
    assert np.array_equal(recorded.at(epoch=0), start)
    assert recorded.at(epoch=3).dtype == np.float32
    assert np.array_equal(recorded.at(epoch=result.best_epoch), result.vector)


def test_every_step_is_there_and_steps_change_nothing():
    """One more step at a time: what n steps end with is what is recorded after n steps of a longer training."""
    recorded = Training(record="steps", dropout=0.2)().recorded
    assert recorded.steps == tuple(range(31))
    assert recorded.epochs == (0, 1, 2, 3, 4, 5, 6)
    for steps in (1, 4, 5, 6, 13, 30):
        result = Training(max_steps=steps, validation=None, dropout=0.2)()
        assert np.array_equal(recorded.at(step=steps), result.vector)


def test_recording_changes_no_byte():
    vectors = {Training(record=record, dropout=0.2)().vector.tobytes() for record in (None, "epochs", "steps")}
    assert len(vectors) == 1
    assert Training()().recorded is None


def test_a_part_of_an_epoch_ends_an_epoch_too():
    recorded = Training(record="epochs", max_steps=13)().recorded
    assert (recorded.epochs, recorded.steps) == ((0, 1, 2, 3), (0, 5, 10, 13))


@given(st.integers(0, 300), st.integers(2, 20), st.integers(1, 300))
def test_a_full_recording_is_spread_evenly(epochs, capacity, best):
    recording = Recording("epochs", capacity)
    for epoch in range(epochs + 1):
        recording.add(step=epoch, epoch=epoch, vector=np.array([epoch]))
        if epoch == best:
            recording.mark_best()
    stride = recording.stride
    evenly = set(range(0, epochs + 1, stride))
    assert set(recording.epochs) == evenly | {epochs} | ({best} if best <= epochs else set())
    assert len(evenly) <= capacity
    assert stride == 1 or len(range(0, epochs + 1, stride // 2)) > capacity, "no more is dropped than must be"
    assert all(recording.at(epoch=epoch) == epoch for epoch in recording.epochs)


def test_the_bound_is_in_bytes():
    vector = np.zeros(1000)
    recording = Recording.start("steps", vector, most_bytes=80_000)
    for step in range(1, 100):
        recording.add(step, None, vector)
    assert sum(record.vector.nbytes for record in recording.kept.values()) <= 80_000
    assert recording.stride == 16, "9 fit, 100 of every 8 would be 13"
    tiny = np.zeros(1)
    assert Recording.start("steps", tiny, most_bytes=80_000).capacity < 200, "an array is more than its numbers"


def test_the_best_epoch_stays_reachable():
    scores = iter([6, 5, 4, 3, 1, 2, 3, 4])
    scripted = Validation(HELD, "scripted", lambda θ, A: next(scores))
    result = Training(max_epochs=8, record="epochs", validation=scripted)()
    recording = result.recorded
    short = Recording("epochs", capacity=2)
    for record in recording.records:
        short.add(record.step, record.epoch, record.vector)
        if record.epoch == result.best_epoch:
            short.mark_best()
    assert (result.best_epoch, short.stride, short.epochs) == (5, 8, (0, 5, 8))
    assert np.array_equal(short.at(epoch=result.best_epoch), result.vector)


def test_what_is_not_there_names_the_nearest():
    recording = Recording("epochs", capacity=2)
    for epoch in range(9):
        recording.add(step=5 * epoch, epoch=epoch, vector=np.zeros(1))
    with pytest.raises(InputError, match=r"epoch must be one that was recorded: 2 .* Got 7; the nearest is 8\."):
        recording.at(epoch=7)
    with pytest.raises(InputError, match=r"step must be .* from 0 to 40\. Got 100; the nearest is 40\."):
        recording.at(step=100)


@pytest.mark.parametrize("places", [{}, {"epoch": 1, "step": 5}])
def test_one_of_epoch_and_step(places):
    with pytest.raises(InputError, match="an epoch or a step"):
        Recording.start("epochs", np.zeros(1)).at(**places)


def test_what_is_handed_out_is_a_copy():
    recording = Recording.start("steps", np.zeros(2))
    recording.at(step=0)[:] = 1
    assert not recording.at(step=0).any()
