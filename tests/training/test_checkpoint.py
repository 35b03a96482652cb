"""A training that was cut off, wherever it was, ends with the bytes of one left alone."""

import os
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gradatim.engines import textbook
from gradatim.errors import InputError
from gradatim.training import Checkpoint, Validation
from gradatim.training.recording import BESIDE_THE_NUMBERS, Recording
from tests.training.trainings import CASES, HELD, RMSE, KillAfter, Killed, Training, told


@pytest.fixture
def checkpoint(tmp_path):
    """Written after every epoch."""
    return Checkpoint(tmp_path / "training.safetensors", every_seconds=0)


@pytest.mark.parametrize("name", CASES)
def test_cut_off_after_each_epoch_and_resumed(name, checkpoint):
    training = Training(**CASES[name])
    alone = training()
    for epoch in range(1, len(alone.history) + 1):
        checkpoint.path.unlink(missing_ok=True)
        with pytest.raises(Killed):
            training([KillAfter(epoch)], checkpoint)
        assert told(training([], checkpoint)) == told(alone)


@pytest.mark.parametrize("name", CASES)
def test_cut_off_after_every_epoch_of_one_training(name, checkpoint):
    """Each start gets one epoch further: the epoch whose callback was cut off is done again, and then the next."""
    training = Training(**CASES[name])
    alone, killed = training(), 0
    for epoch in range(1, len(alone.history) + 1):
        killer = KillAfter(epoch)
        with pytest.raises(Killed):
            training([killer], checkpoint)
        killed += 1
        assert killer.seen == ([1] if epoch == 1 else [epoch - 1, epoch])
    assert told(training([], checkpoint)) == told(alone)
    assert killed == len(alone.history)


class KillInStep:
    """The textbook engine, which is killed in the middle of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def __getattr__(self, name):
        return getattr(textbook, name)

    def train(self, problem, state, data, plan, start, stop, workspace=None):
        if state.step // 5 + 1 == self.epoch and stop > 2:
            textbook.train(problem, state, data, plan, start, 2)
            raise Killed
        return textbook.train(problem, state, data, plan, start, stop, workspace)


@pytest.mark.parametrize("name", ["Adam, dropout, cosine, validation", "steps recorded"])
@pytest.mark.parametrize("epoch", [1, 2, 5])
def test_cut_off_within_an_epoch(name, epoch, checkpoint):
    training = Training(**CASES[name])
    with pytest.raises(Killed):
        training([], checkpoint, engine=KillInStep(epoch))
    assert checkpoint.path.exists() == (epoch > 1)
    assert told(training([], checkpoint)) == told(training())


@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("writing", [1, 3, 6])
def test_cut_off_while_a_checkpoint_is_written(moment, writing, checkpoint, monkeypatch):
    """The last writing is that of the result."""
    training, calls, honest = Training(**CASES["epochs recorded"]), [], getattr(os, moment)

    def dies(*args):
        calls.append(args)
        if len(calls) == writing:
            raise Killed
        return honest(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, moment, dies)
        with pytest.raises(Killed):
            training([], checkpoint)
    assert told(training([], checkpoint)) == told(training())


def test_a_training_that_had_ended_gives_its_result_without_a_step(checkpoint):
    class Idle:
        def __getattr__(self, name):
            assert name != "train"
            return getattr(textbook, name)

    for name, case in CASES.items():
        training = Training(**case)
        here = replace(checkpoint, path=checkpoint.path.with_name(f"{name}.safetensors"))
        first, killer = training([], here), KillAfter(1)
        again = training([killer], here, engine=Idle())
        assert told(again) == told(first)
        assert np.array_equal(again.history["seconds"], first.history["seconds"])
        assert killer.seen == []


def test_times_go_on_where_they_stopped(checkpoint):
    training = Training()
    with pytest.raises(Killed):
        training([KillAfter(4)], checkpoint)
    seconds = training([], checkpoint).history["seconds"]
    assert (np.diff(seconds) > 0).all()


def test_a_result_of_ctrl_c_is_not_the_end(checkpoint):
    class Interrupt:
        def on_epoch_end(self, progress):
            if progress.epoch == 3:
                raise KeyboardInterrupt

    training = Training(**CASES["epochs recorded"])
    assert training([Interrupt()], checkpoint).stopped_because == "interrupted"
    assert told(training([], checkpoint)) == told(training())


def test_a_callback_that_stopped_a_training_stopped_it_for_good(checkpoint):
    class Stop:
        def on_epoch_end(self, progress):
            return progress.epoch < 3

    first = Training()([Stop()], checkpoint)
    assert first.stopped_because == "callback"
    assert told(Training()([], checkpoint)) == told(first)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"learning_rate": 0.002},
        {"weighted": True},
        {"validation": None},
        {"dropout": 0.1},
        {"record": "steps"},
        {"max_epochs": 7},
    ],
)
def test_a_checkpoint_of_another_training_is_refused(other, checkpoint):
    with pytest.raises(Killed):
        Training()([KillAfter(3)], checkpoint)
    before = checkpoint.path.read_bytes()
    with pytest.raises(InputError, match="must belong to this training"):
        Training(**other)([], checkpoint)
    assert checkpoint.path.read_bytes() == before


def test_a_checkpoint_of_another_generator_is_refused(checkpoint):
    """Even if the parameters at the start are the same."""
    start = np.zeros(26)
    Training()([], checkpoint, start)
    with pytest.raises(InputError, match="must belong to this training"):
        Training(seed=1)([], checkpoint, start)


@pytest.mark.parametrize("place", ["X", "Y"])
def test_a_checkpoint_of_other_data_is_refused(place, checkpoint):
    Training()([], checkpoint)
    changed = Training()
    array = getattr(changed.data, place).copy()
    array[-1, 0] += 1
    changed.data = replace(changed.data, **{place: array})
    with pytest.raises(InputError, match="must belong to this training"):
        changed([], checkpoint)


@pytest.mark.parametrize("content", [b"", b"junk", b"\x00" * 5000])
def test_a_file_of_another_kind_is_refused(content, checkpoint):
    checkpoint.path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        Training()([], checkpoint)
    assert checkpoint.path.read_bytes() == content


def test_a_model_file_is_no_checkpoint(checkpoint):
    save_file({"W1": np.zeros((2, 2))}, checkpoint.path)
    with pytest.raises(InputError, match="cannot be read"):
        Training()([], checkpoint)


def test_the_folder_must_be_there(checkpoint):
    with pytest.raises(InputError, match="folder"):
        Training()([], replace(checkpoint, path=checkpoint.path.parent / "none" / "a"))


def test_nothing_but_the_checkpoint_is_left(checkpoint):
    Training()([], checkpoint)
    assert os.listdir(checkpoint.path.parent) == [checkpoint.path.name]
    assert load_file(checkpoint.path)["vector"].dtype == np.float32


def test_it_is_written_as_often_as_told(checkpoint, monkeypatch):
    """In an hour there is no second writing but that of the result."""
    written, honest = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *args: written.append(args) or honest(*args))
    Training()([], checkpoint)
    assert len(written) == 6
    checkpoint.path.unlink()
    Training()([], replace(checkpoint, every_seconds=3600))
    assert len(written) == 7


def test_a_recording_that_is_full_goes_on_as_it_would_have(checkpoint, monkeypatch):
    honest = Recording.start
    monkeypatch.setattr(
        Recording, "start", lambda by, vector: honest(by, vector, most_bytes=6 * (vector.nbytes + BESIDE_THE_NUMBERS))
    )
    worst_is_best = Validation(HELD, "upside_down", RMSE.score, greater_is_better=True)
    training = Training(record="steps", max_steps=28, validation=worst_is_best)
    alone = training()
    assert (alone.best_epoch, alone.recorded.stride, alone.recorded.steps) == (1, 8, (0, 5, 8, 16, 24, 28))
    for epoch in range(1, 7):
        checkpoint.path.unlink(missing_ok=True)
        with pytest.raises(Killed):
            training([KillAfter(epoch)], checkpoint)
        assert told(training([], checkpoint)) == told(alone)
