"""Steps of the fast engine that diverge: found where the textbook engine finds them, with the state before them."""

from dataclasses import replace

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Plan
from gradatim.formulas.optimizers import GradientDescent, Momentum
from gradatim.network import Architecture, Dense
from tests.agreement.random_trainings import run
from tests.engines.epochs import DEEP, LINE, assert_close, fast, many_threads_and_blocks, needs_compiler, training

RELU = Architecture(2, layers=(Dense(6, "relu"), Dense(4, "relu")), output=Dense(1, "identity"))


def diverging(architecture, *, at=None, rate=0.01, rates=None, m=40, **problem):
    """An epoch of 10 steps in order; row `at` of X has a number in it that spoils the step."""
    example = training(architecture, m=m, batch_size=4, **{"clip_norm": None, "averaging": None} | problem)
    X = example.data.X.copy()
    for row, value in (at or {}).items():
        X[row, 1] = value
    rates = [rate] * 10 if rates is None else rates
    plan = replace(example.plan, order=slice(None), learning_rate=rates, decay=[0.0] * 10)
    return replace(example, data=replace(example.data, X=X), plan=plan)


DIVERGING = {
    "NaN in the table": (diverging(RELU, at={30: np.nan}), 7),
    "infinity in the table": (diverging(RELU, at={13: np.inf}), 3),
    "minus infinity in the first row": (diverging(LINE, at={0: -np.inf}), 0),
    "infinity, clipped": (diverging(LINE, at={22: np.inf}, clip_norm=1.0), 5),
    "NaN, clipped": (diverging(RELU, at={22: np.nan}, clip_norm=1.0), 5),
    "NaN, averaged": (diverging(RELU, at={38: np.nan}, averaging=0.9), 9),
    "a product that overflows": (diverging(RELU, at={17: 1e300}, optimizer=GradientDescent()), 4),
    "a rate that throws parameters out of all numbers": (
        diverging(LINE, rates=[0.01] * 6 + [1e308 * 10] * 4, optimizer=GradientDescent(), averaging=0.5),
        6,
    ),
    "a huge rate of Adam": (diverging(LINE, rates=[0.01] * 5 + [np.inf] * 5), 5),
    "a rate that is NaN": (diverging(LINE, rates=[0.01] * 2 + [np.nan] * 8, optimizer=Momentum()), 2),
    "in a deep network with a front": (diverging(replace(DEEP, inputs=3), at={25: np.nan}), 6),
}


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=needs_compiler)])
@pytest.mark.parametrize("name", DIVERGING)
def test_a_diverging_step_is_reported_with_the_state_before_it(name, threads):
    """The step that the textbook engine finds, in whatever span it lies."""
    example, bad = DIVERGING[name]
    expected, expected_sum, expected_bad = run(textbook, example)
    assert expected_bad == bad
    with many_threads_and_blocks():
        workspace = fast.workspace(example.problem, threads)
        for start in sorted({0, bad // 2, bad}):
            begun, before, _ = run(fast, example, 0, start, workspace)
            state, loss_sum, found = run(fast, replace(example, state=begun), start, 10, workspace)
            assert (found, state.step) == (bad, bad)
            assert before + loss_sum == pytest.approx(expected_sum, rel=1e-9)
            assert np.isfinite(state.vector).all()
            assert_close(state, expected)
            if expected.averaged is not None:
                np.testing.assert_allclose(state.averaged, expected.averaged, rtol=1e-9)


@pytest.mark.parametrize("rate", [30.0, 1e3, 1e10, 1e100, 1e200])
def test_rates_that_are_far_too_large_end_at_the_same_step(rate):
    example = diverging(LINE, m=40, rate=rate, optimizer=GradientDescent())
    example = replace(example, problem=replace(example.problem, penalties=()))
    plan = Plan(np.tile(np.arange(40), 50), 2000, 4, [rate] * 500, [0.0] * 500, [1.0] * 500)
    example = replace(example, plan=plan)
    _, _, expected = run(textbook, example)
    state, _, bad = run(fast, example)
    assert expected is not None
    # Where numbers grow by a factor each step, rounding may move the step in which they leave float64 by one.
    assert abs(bad - expected) <= 1
    assert np.isfinite(state.vector).all()


def test_a_batch_that_weighs_nothing_is_reported():
    example = diverging(RELU)
    weights = example.data.weights.copy()
    weights[8:12] = 0
    example = replace(example, data=replace(example.data, weights=weights))
    assert run(fast, example)[2] == run(textbook, example)[2] == 2
