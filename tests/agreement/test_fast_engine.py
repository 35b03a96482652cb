"""The fast engine is the textbook engine: the same J, gradients, steps and epochs, to rounding.

The textbook engine itself is held to the complex step, the computation graph and PyTorch in `test_three_roads`. Run
once more with ``NUMBA_DISABLE_JIT=1``, these tests walk through the kernels as ordinary Python.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given

from gradatim.engines import textbook
from gradatim.engines.contract import BlockFactors, Plan
from gradatim.formulas.optimizers import OPTIMIZERS, Adam, AdamW, GradientDescent, Nesterov
from tests.agreement.random_trainings import distance_from_kinks, draw_of, examples, run, trainings
from tests.networks import CASES, EVERY_COMBINATION, HIDDEN, LAYER_KINDS, LOSSES, combination, draw

fast = pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")


def assert_equal_blocks(architecture, got, expected, *, relative):
    """Equal to a share of the largest number of each block: sums of many terms are right to their largest terms."""
    for block in architecture.blocks:
        ours, theirs = got[block.start : block.stop], expected[block.start : block.stop]
        largest = np.abs(theirs).max(initial=0)
        np.testing.assert_allclose(ours, theirs, rtol=relative, atol=relative * largest, err_msg=str(block))


def assert_equal_gradients(problem, vector, data, rows, dropout):
    """J and gradient of both engines, to 1e-12."""
    J, gradient = fast.loss_and_gradients(problem, vector, data, rows, dropout)
    expected_J, expected = textbook.loss_and_gradients(problem, vector, data, rows, dropout)
    assert float(J) == pytest.approx(float(expected_J), rel=1e-12, abs=1e-14)
    assert J.dtype == gradient.dtype == vector.dtype
    assert_equal_blocks(problem.architecture, gradient, expected, relative=1e-12)


def assert_equal_predictions(problem, vector, data, rows):
    """A[L] of both engines, to 1e-12."""
    said = fast.predict(problem.architecture, vector, data, rows)
    np.testing.assert_allclose(said, textbook.predict(problem.architecture, vector, data, rows), rtol=1e-12, atol=1e-15)


def assert_equal_states(architecture, got, expected, *, relative):
    """Parameters, moments and running mean."""
    assert got.step == expected.step
    assert len(got.moments) == len(expected.moments)
    assert (got.averaged is None) == (expected.averaged is None)
    pieces = [(got.vector, expected.vector), *zip(got.moments, expected.moments, strict=True)]
    if got.averaged is not None:
        pieces.append((got.averaged, expected.averaged))
    for ours, theirs in pieces:
        assert_equal_blocks(architecture, ours, theirs, relative=relative)


# --- J, gradients, predictions ---------------------------------------------------------------------------------------

SOME_ROWS = np.array([5, 0, 2, 2, 3, 5])


@pytest.mark.parametrize("name", CASES)
def test_every_case(name):
    case = CASES[name]
    for rows in (slice(None), slice(1, 4), SOME_ROWS, SOME_ROWS[:1], np.arange(2, 5)):
        assert_equal_gradients(case.problem, case.vector, case.data, rows, draw(case))
        assert_equal_predictions(case.problem, case.vector, case.data, rows)
        expected = textbook.evaluate(case.problem, case.vector, case.data, rows)
        assert fast.evaluate(case.problem, case.vector, case.data, rows) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", LAYER_KINDS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_activation_loss_and_layer_kind(loss, kind):
    for activation in HIDDEN:
        case = combination(activation, loss, kind)
        assert (activation, loss, kind) in EVERY_COMBINATION
        assert_equal_gradients(case.problem, case.vector, case.data, slice(None), draw(case))
        assert_equal_gradients(case.problem, case.vector, case.data, np.array([3, 1, 1]), draw(case))
        assert_equal_predictions(case.problem, case.vector, case.data, np.array([3, 1, 1]))


@examples(200)
@given(trainings())
def test_gradients_of_random_networks(training):
    assume(distance_from_kinks(training) > 1e-10)
    problem, vector, data = training.problem, training.state.vector, training.data
    rows = training.plan.batch(0)
    assert_equal_gradients(problem, vector, data, rows, draw_of(training))
    assert_equal_gradients(problem, vector, data, slice(None), None)
    assert_equal_predictions(problem, vector, data, rows)


def test_no_rows_have_no_predictions():
    case = CASES["everything at once"]
    said = fast.predict(case.problem.architecture, case.vector, case.data, np.arange(0))
    assert said.shape == (0, 3)


# --- steps -----------------------------------------------------------------------------------------------------------


def assert_equal_runs(training, *, relative):
    """All steps of a training by both engines."""
    state, loss_sum, bad = run(fast, training)
    expected, expected_sum, expected_bad = run(textbook, training)
    assert bad is expected_bad is None
    assert loss_sum == pytest.approx(expected_sum, rel=relative, abs=relative)
    assert_equal_states(training.problem.architecture, state, expected, relative=relative)


@examples(300)
@given(trainings())
def test_one_step(training):
    assume(distance_from_kinks(training) > 1e-10)
    assert_equal_runs(training, relative=1e-10)


@examples(150)
@given(trainings(smooth=True, most_steps=20))
def test_an_epoch(training):
    """Of smooth functions: where a slope jumps, two numbers that differ by rounding go different ways."""
    assert_equal_runs(training, relative=1e-7)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "lbfgs"])
@pytest.mark.parametrize("kind", ["everything at once", "members without hidden layer"])
def test_an_epoch_from_the_beginning(name, kind):
    """Moments at zero, clipping, decay, factors per block and a running mean; the last batch is smaller."""
    case = CASES[kind]
    problem = replace(case.problem, optimizer=OPTIMIZERS[name](), clip_norm=0.5, averaging=0.9)
    blocks = problem.architecture.blocks
    factors = tuple(BlockFactors(0.5 + k % 2, 1 + k % 3, 0.5 * (k % 2)) for k in range(len(blocks)))
    plan = Plan(np.array([4, 0, 5, 2, 1]), 5, 2, [0.1, 0.05, 0.02], [0.1] * 3, [1.0, 0.0, 0.5], factors, 2**64 - 1)
    state, loss_sum, bad = fast.train(problem, fast.initial_state(problem, case.vector), case.data, plan, 0, 3)
    expected, expected_sum, _ = textbook.train(
        problem, textbook.initial_state(problem, case.vector), case.data, plan, 0, 3
    )
    assert bad is None
    assert loss_sum == pytest.approx(expected_sum, rel=1e-10)
    assert_equal_states(problem.architecture, state, expected, relative=1e-10)


@examples(150)
@given(trainings(smooth=True))
def test_one_step_in_float32(training):
    """Within 64 ulp of the block's largest parameter, of the textbook's step in float64 from the same numbers.

    What can be shown: a gradient is a sum of products; rounding takes some ulp of its largest terms. The step is made
    of it by the rate, and is no longer than the parameters, so that as many ulp of these are lost. This holds as long
    as the rule divides by nothing that is nearly 0: not for the first step of Adam, in which a gradient of nothing but
    rounding becomes a whole step; nor where a score within rounding of a kink goes the other way.
    """
    single = training.of_type(np.float32)
    state, loss_sum, bad = run(fast, single)
    expected, expected_sum, _ = run(textbook, single.of_type(np.float64))
    assert bad is None
    assert state.vector.dtype == np.float32
    assert loss_sum == pytest.approx(expected_sum, rel=1e-4, abs=1e-5)
    for block in training.problem.architecture.blocks:
        ours, theirs = state.vector[block.start : block.stop], expected.vector[block.start : block.stop]
        if block.size:
            ulp = np.spacing(np.abs(theirs).max().astype(np.float32))
            assert np.abs(ours - theirs).max() <= 64 * ulp, str(block)


@pytest.mark.parametrize("name", ["everything at once", "dropout behind two layers with members"])
def test_the_comparison_notices_another_mask(name):
    """The tester tested: the masks of another step, or a rate of dropout a tenth lower, must not pass."""
    case = CASES[name]
    dropout = draw(case)
    for other in (replace(dropout, step=8), replace(dropout, key=98), replace(dropout, factor=0.9)):
        _, gradient = fast.loss_and_gradients(case.problem, case.vector, case.data, dropout=other)
        _, expected = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=dropout)
        with pytest.raises(AssertionError):
            assert_equal_blocks(case.problem.architecture, gradient, expected, relative=1e-12)


@pytest.mark.parametrize("optimizer", [GradientDescent(), Nesterov(), Adam(), AdamW()])
def test_the_comparison_notices_a_rate_one_in_a_million_off(optimizer):
    case = CASES["half squared error"]
    problem = replace(case.problem, optimizer=optimizer)
    plan = Plan(slice(None), 6, 6, [0.1], [0.1], [1.0])
    state, *_ = fast.train(problem, fast.initial_state(problem, case.vector), case.data, plan, 0, 1)
    off = replace(plan, learning_rate=[0.1 * (1 + 1e-6)])
    expected, *_ = textbook.train(problem, textbook.initial_state(problem, case.vector), case.data, off, 0, 1)
    with pytest.raises(AssertionError):
        assert_equal_states(problem.architecture, state, expected, relative=1e-10)
