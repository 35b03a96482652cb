"""Seconds into steps."""

from time import sleep

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.engines import textbook
from gradatim.errors import EngineUnavailableError
from gradatim.formulas.optimizers import LBFGS
from gradatim.training import Validation, seconds_per_step, steps_within
from tests.training.trainings import HELD, TRAIN, Training

WHOLE = st.integers(1, 50)


@given(st.integers(0, 5000), WHOLE, st.integers(0, 50), WHOLE)
def test_as_many_steps_as_fit_and_no_more(seconds, per_step, per_judgement, steps_per_epoch):
    """In whole seconds, so that no rounding stands in between."""

    def cost(steps):
        return steps * per_step + -(-steps // steps_per_epoch) * per_judgement

    steps = steps_within(seconds, per_step, per_judgement, steps_per_epoch)
    assert steps == 1 or cost(steps) <= seconds
    assert cost(steps + 1) > seconds


class Sleeps:
    """The textbook engine with a nap for each step, a long one for each span, and one before each prediction."""

    def __getattr__(self, name):
        return getattr(textbook, name)

    def train(self, problem, state, data, plan, start, stop, workspace=None):
        sleep(0.002 + 0.01 * (stop - start))
        return textbook.train(problem, state, data, plan, start, stop, workspace)

    def predict(self, *arguments):
        sleep(0.03)
        return textbook.predict(*arguments)


def measure(validation, engine=None, **changes):
    training = Training(validation=validation, **changes)
    start = training.start(np.random.default_rng(0))
    before = start.copy()
    seconds = seconds_per_step(
        training.problem, start, training.data, TRAIN, training.settings, engine or Sleeps(), validation
    )
    assert np.array_equal(start, before)
    return seconds


@pytest.mark.parametrize("changes", [{}, {"batch_size": None}, {"max_steps": 2}])
def test_naps_are_found(changes):
    per_step, per_judgement = measure(Validation(HELD), **changes)
    assert 0.01 <= per_step < 0.2
    assert 0.03 <= per_judgement < 0.6
    assert per_step < per_judgement


def test_steps_are_measured_in_spans_as_a_training_takes_them():
    """A call of 20 ms is shared by the steps of its span: one by one each would seem to take 21 ms."""

    class Calls(Sleeps):
        def train(self, problem, state, data, plan, start, stop, workspace=None):
            sleep(0.02 + 0.001 * (stop - start))
            return textbook.train(problem, state, data, plan, start, stop, workspace)

    per_step, _ = measure(None, Calls(), batch_size=1)
    assert 0.001 < per_step < 0.012


def test_without_validation_there_is_nothing_to_judge():
    """An epoch has its plan beside the steps, and none of the naps before a prediction."""
    assert 0 < measure(None)[1] < 0.03


def test_lbfgs_has_no_steps():
    training = Training()
    object.__setattr__(training.problem, "optimizer", LBFGS())
    with pytest.raises(EngineUnavailableError):
        seconds_per_step(training.problem, np.zeros(26), training.data, TRAIN, training.settings, textbook)
