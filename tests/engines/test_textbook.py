"""The textbook engine: one example worked by hand, then its promises."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import BlockFactors, Data, DropoutDraw, Plan, Problem
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError, LogLoss
from gradatim.formulas.optimizers import LBFGS, Adam, GradientDescent, Momentum
from gradatim.formulas.penalties import L2
from gradatim.network import Architecture, Dense, Dropout, Parameters, Scale
from tests.networks import CASES, case

# --- by hand ---------------------------------------------------------------------------------------------------------
#
#   x = (1, 2), y = 1;  relu, then sigmoid
#   W1 = [[0.1, 0.2], [-0.3, 0.1]]  b1 = [0.1, 0.2]   Z1 = [0.1 + 0.4 + 0.1, -0.3 + 0.2 + 0.2] = [0.6, 0.1]   A1 = Z1
#   W2 = [[0.5, -0.5]]              b2 = [0.25]        Z2 = 0.3 - 0.05 + 0.25 = 0.5        A2 = σ(0.5) = 0.6224593312
#   L  = -ln 0.6224593312 = 0.4740769842
#   dZ2 = A2 - 1 = -0.3775406688
#   dW2 = dZ2 A1ᵀ = [-0.2265244013, -0.0377540669]     db2 = -0.3775406688
#   dA1 = W2ᵀ dZ2 = [-0.1887703344, 0.1887703344] = dZ1 (both units are on)
#   dW1 = dZ1 xᵀ = [[-0.1887703344, -0.3775406688], [0.1887703344, 0.3775406688]]          db1 = dZ1

ARCHITECTURE = Architecture(2, layers=(Dense(2, "relu"),), output=Dense(1, "sigmoid"))
VECTOR = np.array([0.1, 0.2, -0.3, 0.1, 0.1, 0.2, 0.5, -0.5, 0.25])
DATA = Data(X=np.array([[1.0, 2.0]]), Y=np.array([[1.0]]))


def test_both_passes_are_the_hand_worked_ones():
    J, gradient = textbook.loss_and_gradients(Problem(ARCHITECTURE, LogLoss()), VECTOR, DATA)
    assert J == pytest.approx(0.4740769842, abs=1e-10)
    d = Parameters(ARCHITECTURE, gradient)
    np.testing.assert_allclose(d.W[2], [[-0.2265244013, -0.0377540669]], atol=1e-10)
    np.testing.assert_allclose(d.b[2], [[-0.3775406688]], atol=1e-10)
    np.testing.assert_allclose(d.W[1], [[-0.1887703344, -0.3775406688], [0.1887703344, 0.3775406688]], atol=1e-10)
    np.testing.assert_allclose(d.b[1], [[-0.1887703344], [0.1887703344]], atol=1e-10)


def test_a_pass_keeps_every_matrix():
    p = textbook.forward(ARCHITECTURE, VECTOR, DATA.X.T)
    np.testing.assert_allclose(p.Z[1], [[0.6], [0.1]])
    np.testing.assert_allclose(p.A[1], [[0.6], [0.1]])
    np.testing.assert_allclose(p.Z[2], [[0.5]])
    np.testing.assert_array_equal(p.A[0], DATA.X.T)
    d = textbook.backward(ARCHITECTURE, VECTOR, p, p.A[2] - 1, input_gradient=True)
    np.testing.assert_allclose(d.dZ[1], [[-0.1887703344], [0.1887703344]], atol=1e-10)
    # dA0 = W1ᵀ dZ1 = [0.1 · -0.18877 + -0.3 · 0.18877, 0.2 · -0.18877 + 0.1 · 0.18877]
    np.testing.assert_allclose(d.dA[0], [[-0.0755081338], [-0.0188770334]], atol=1e-10)


def test_one_step_of_gradient_descent_by_hand():
    plan = Plan(slice(None), rows=1, batch_size=1, learning_rate=[0.1], decay=[0.0], dropout=[1.0])
    problem = Problem(ARCHITECTURE, LogLoss(), optimizer=GradientDescent())
    state, loss_sum, bad = textbook.train(problem, textbook.initial_state(problem, VECTOR), DATA, plan, 0, 1)
    assert (state.step, bad) == (1, None)
    assert loss_sum == pytest.approx(0.4740769842, abs=1e-10)
    np.testing.assert_allclose(state.vector[6:], [0.5 + 0.02265244013, -0.5 + 0.00377540669, 0.25 + 0.03775406688])


def test_layer_blocks_are_the_whole_network_cut():
    W1, b1, W2, b2 = (Parameters(ARCHITECTURE, VECTOR)[name] for name in ("W1", "b1", "W2", "b2"))
    A1, cache1 = textbook.forward_block(Dense(2, "relu"), W1, b1, DATA.X.T)
    A2, cache2 = textbook.forward_block(Dense(1, "sigmoid"), W2, b2, A1)
    dA2 = LogLoss().slope(A2, DATA.Y.T)
    dA1, dW2, db2, _ = textbook.backward_block(Dense(1, "sigmoid"), dA2, cache2)
    _, dW1, db1, _ = textbook.backward_block(Dense(2, "relu"), dA1, cache1)
    _, expected = textbook.loss_and_gradients(Problem(ARCHITECTURE, LogLoss()), VECTOR, DATA)
    np.testing.assert_allclose(np.concatenate([d.ravel() for d in (dW1, db1, dW2, db2)]), expected, rtol=1e-14)


# --- J and its weights -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["log loss", "everything at once"])
def test_a_weight_of_two_counts_an_example_twice(name):
    example = CASES[name]
    m = example.data.m
    weighted = replace(example.data, weights=np.array([2.0] + [1.0] * (m - 1)))
    twice = np.array([0, *range(m)])
    J, gradient = textbook.loss_and_gradients(example.problem, example.vector, weighted)
    J2, gradient2 = textbook.loss_and_gradients(example.problem, example.vector, replace(weighted, weights=None), twice)
    assert J == pytest.approx(J2, rel=1e-13)
    np.testing.assert_allclose(gradient, gradient2, rtol=1e-11, atol=1e-14)


def test_penalties_stay_out_of_J_and_leave_biases_alone():
    example = CASES["log loss"]
    problem = replace(example.problem, penalties=(L2(0.5),))
    J, gradient = textbook.loss_and_gradients(problem, example.vector, example.data)
    J0, gradient0 = textbook.loss_and_gradients(example.problem, example.vector, example.data)
    assert J == J0
    difference = Parameters(problem.architecture, gradient - gradient0)
    for l in (1, 2):
        W = Parameters(problem.architecture, example.vector).W[l]
        np.testing.assert_allclose(difference.W[l], 0.5 * W, atol=1e-15)
        assert not difference.b[l].any()
    W1, W2 = Parameters(problem.architecture, example.vector).W
    assert textbook.penalty(problem, example.vector) == pytest.approx(0.25 * ((W1**2).sum() + (W2**2).sum()))


def test_prediction_and_evaluation_in_pieces_are_those_at_once(monkeypatch):
    example = CASES["everything at once"]
    J, _ = textbook.loss_and_gradients(example.problem, example.vector, example.data)
    at_once = textbook.predict(example.problem.architecture, example.vector, example.data)
    monkeypatch.setattr("gradatim.engines.textbook.objective.ROWS_AT_ONCE", 4)
    assert textbook.evaluate(example.problem, example.vector, example.data) == pytest.approx(float(J), rel=1e-13)
    rows = np.array([5, 0, 2, 2, 3])
    pieces = textbook.predict(example.problem.architecture, example.vector, example.data, rows)
    np.testing.assert_allclose(pieces, at_once[rows], rtol=1e-13)


def test_members_predict_the_mean_of_probabilities_not_of_scores():
    architecture = Architecture(1, output=Dense(1, "sigmoid"), members=2)
    parameters = Parameters(architecture, np.zeros(architecture.size))
    parameters["r"] = [[1.0], [1.0]]
    parameters["W1"] = [[[0.0]], [[2.0]]]
    said = textbook.predict(architecture, parameters.vector, Data(np.array([[1.0]])))
    assert said == pytest.approx(np.array([[(0.5 + 1 / (1 + np.exp(-2))) / 2]]))


def test_sparse_tables_train_without_being_made_dense():
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(20, 7)) * (rng.uniform(size=(20, 7)) < 0.3)
    architecture = Architecture(7, layers=(Dense(4, "tanh"),), output=Dense(1, "sigmoid"))
    example = case(architecture, m=20)
    for made in (sparse.csr_array, sparse.csr_matrix):
        X, Y = made(dense), example.data.Y
        J, gradient = textbook.loss_and_gradients(example.problem, example.vector, Data(X, Y=Y), np.arange(0, 20, 2))
        J2, gradient2 = textbook.loss_and_gradients(example.problem, example.vector, Data(dense, Y=Y), slice(0, 20, 2))
        assert J == pytest.approx(J2)
        np.testing.assert_allclose(gradient, gradient2, atol=1e-14)
    scaled = replace(architecture, front=(Scale(),))
    with pytest.raises(InputError, match=r"\.toarray\(\)"):
        textbook.forward(scaled, np.zeros(scaled.size), sparse.csr_array(dense).T)


# --- a span of steps -------------------------------------------------------------------------------------------------


def _plan(rows, batch_size, seed=0):
    rng = np.random.default_rng(seed)
    steps = -(-rows // batch_size)
    return Plan(
        order=rng.permutation(rows),
        rows=rows,
        batch_size=batch_size,
        learning_rate=np.linspace(0.1, 0.01, steps),
        decay=np.full(steps, 0.05),
        dropout=np.linspace(1, 0.5, steps),
        dropout_key=12345,
    )


@given(cuts=st.lists(st.integers(0, 9), max_size=5), dtype=st.sampled_from(["float32", "float64"]))
def test_any_chunking_of_an_epoch_gives_the_same_bytes(cuts, dtype):
    architecture = Architecture(3, layers=(Dense(4, "mish"), Dropout(0.3)), output=Dense(2, "softmax"), members=2)
    example = case(architecture, CategoricalLogLoss(0.1), m=37, weights=True)
    problem = replace(example.problem, optimizer=Adam(), clip_norm=0.5, averaging=0.9, penalties=(L2(0.1),))
    d = example.data
    data = Data(d.X.astype(dtype), Y=d.Y.astype(dtype), weights=d.weights.astype(dtype))
    plan = _plan(37, 4)
    start = textbook.initial_state(problem, example.vector.astype(dtype))
    whole, *_ = textbook.train(problem, start, data, plan, 0, plan.steps)
    state = start
    edges = sorted([0, *cuts, plan.steps])
    for first, last in pairwise(edges):
        state, *_ = textbook.train(problem, state, data, plan, first, last)
    assert state.step == whole.step == 10
    assert state.vector.dtype == dtype
    for piece, at_once in zip(
        (state.vector, *state.moments, state.averaged), (whole.vector, *whole.moments, whole.averaged), strict=True
    ):
        assert piece.tobytes() == at_once.tobytes()


def test_the_state_that_goes_in_is_not_changed():
    example = CASES["log loss"]
    problem = replace(example.problem, optimizer=Momentum())
    state = textbook.initial_state(problem, example.vector)
    before = state.vector.copy()
    textbook.train(problem, state, example.data, _plan(6, 2), 0, 3)
    np.testing.assert_array_equal(state.vector, before)
    np.testing.assert_array_equal(example.vector, before)


def test_an_epochs_loss_sum_over_its_weight_is_the_mean_loss():
    """At rate zero nothing moves, so the sum over the batches is the whole table's."""
    example = CASES["smoothed categorical log loss"]
    problem = replace(example.problem, optimizer=GradientDescent())
    plan = replace(_plan(6, 4), learning_rate=[0.0, 0.0], decay=[0.0, 0.0])
    _, loss_sum, _ = textbook.train(problem, textbook.initial_state(problem, example.vector), example.data, plan, 0, 2)
    J = textbook.evaluate(problem, example.vector, example.data)
    assert loss_sum / example.data.weights.sum() == pytest.approx(J, rel=1e-13)


def test_training_stops_before_the_step_that_is_not_finite():
    architecture = Architecture(1, output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), optimizer=GradientDescent())
    data = Data(np.array([[1.0], [1.0], [1.0]]), Y=np.array([[1.0], [1.0], [np.inf]]))
    plan = Plan(slice(None), 3, 1, [0.5] * 3, [0.0] * 3, [1.0] * 3)
    state, _, bad = textbook.train(problem, textbook.initial_state(problem, np.zeros(2)), data, plan, 0, 3)
    assert (bad, state.step) == (2, 2)
    assert np.isfinite(state.vector).all()


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_step_to_parameters_that_are_not_finite_is_not_taken(decay):
    """Loss and gradient are finite before the second step, whose rate throws the parameters out of all numbers."""
    data = Data(X=np.array([[1.0, 2.0]] * 2), Y=np.array([[0.0], [0.0]]))
    plan = Plan(slice(None), rows=2, batch_size=1, learning_rate=[0.1, 1e308], decay=[0.0, decay], dropout=[1.0, 1.0])
    problem = Problem(Architecture(2, output=Dense(1)), HalfSquaredError(), optimizer=GradientDescent())
    start = textbook.initial_state(problem, np.array([30.0, 20.0, 10.0]))
    state, loss_sum, bad = textbook.train(problem, start, data, plan, 0, 2)
    assert (bad, state.step) == (1, 1)
    # Z = 30 + 40 + 10 = 80 = dZ; θ - 0.1 · 80 · (1, 2, 1)
    assert state.vector.tolist() == [22.0, 4.0, 2.0]
    assert loss_sum == 80**2 / 2, "of the step that was taken"


def test_clipping_keeps_the_direction_and_bounds_the_length():
    np.testing.assert_allclose(textbook.clip(np.array([3.0, 4.0]), 1.0), [0.6, 0.8])
    np.testing.assert_array_equal(textbook.clip(np.array([3.0, 4.0]), 6.0), [3.0, 4.0])


def test_block_factors_and_decay_by_hand():
    """θ ← θ (1 - rate·decay·f_decay) - rate·f_rate·g: W decays by 1 - 0.1·0.5 = 0.95; b's rate is ten times smaller."""
    architecture = Architecture(1, output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), optimizer=GradientDescent())
    factors = (BlockFactors(decay=1.0), BlockFactors(rate=0.1))
    plan = Plan(slice(None), 1, 1, [0.1], [0.5], [1.0], factors=factors)
    # x = 2, y = 1, W = 1, b = 1: ŷ = 3, dZ = 2, dW = 4, db = 2.
    data = Data(np.array([[2.0]]), Y=np.array([[1.0]]))
    state, *_ = textbook.train(problem, textbook.initial_state(problem, np.ones(2)), data, plan, 0, 1)
    np.testing.assert_allclose(state.vector, [0.95 - 0.4, 1 - 0.02])


def test_the_running_mean_by_hand():
    architecture = Architecture(1, output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), optimizer=GradientDescent(), averaging=0.75)
    data = Data(np.array([[0.0]]), Y=np.array([[1.0]]))
    plan = Plan(slice(None), 1, 1, [1.0], [0.0], [1.0])
    # x = 0, so only b moves: from 0 to 1. Mean: 0.75 · 0 + 0.25 · 1.
    state, *_ = textbook.train(problem, textbook.initial_state(problem, np.zeros(2)), data, plan, 0, 1)
    np.testing.assert_allclose(state.averaged, [0, 0.25])


def test_dropout_masks_follow_the_schedule_and_evaluation_has_none():
    architecture = Architecture(2, layers=(Dense(50, "relu"), Dropout(0.4)), output=Dense(1, "identity"))
    vector = np.random.default_rng(0).normal(size=architecture.size)
    X = np.ones((2, 200))
    full = textbook.forward(architecture, vector, X, dropout=DropoutDraw(key=1, step=0))
    half = textbook.forward(architecture, vector, X, dropout=DropoutDraw(key=1, step=0, factor=0.5))
    none = textbook.forward(architecture, vector, X)
    on = none.A[1] > 0
    # 50 · 200 draws: four standard errors of a share are below 0.02.
    assert (full.A[1][on] > 0).mean() == pytest.approx(0.6, abs=0.02)
    assert (half.A[1][on] > 0).mean() == pytest.approx(0.8, abs=0.02)
    kept = on & (full.A[1] > 0)
    np.testing.assert_allclose(full.A[1][kept], none.A[1][kept] / 0.6)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=r"X must be \(2, m\)"):
        textbook.forward(ARCHITECTURE, VECTOR, np.zeros((3, 5)))
    data = Data(np.zeros((5, 2)), Y=np.zeros((5, 2)))
    with pytest.raises(ShapeError, match="Y must have 1 columns"):
        textbook.loss_and_gradients(Problem(ARCHITECTURE, LogLoss()), VECTOR, data)
    with pytest.raises(InputError, match="targets Y"):
        textbook.loss_and_gradients(Problem(ARCHITECTURE, LogLoss()), VECTOR, Data(np.zeros((5, 2))))
    with pytest.raises(InputError, match="one value for each of the 3 steps"):
        Plan(slice(None), 5, 2, [0.1], [0.0] * 3, [1.0] * 3)
    assert textbook.unsupported(Problem(ARCHITECTURE, LogLoss(), optimizer=Adam())) is None
    assert "step by step" in textbook.unsupported(Problem(ARCHITECTURE, LogLoss(), optimizer=LBFGS()))
