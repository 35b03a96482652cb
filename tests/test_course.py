"""gd.Network and its ancestors: against loops, hand-worked numbers, other libraries, and the messages of misfits."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

import gradatim as gd
from gradatim.course import Costs, ForwardPass
from gradatim.errors import DivergedError, InputError, ShapeError
from gradatim.network import Architecture, CategoryEmbedding, Dense
from tests.networks import CASES


def table(n=3, m=40, seed=0):
    """X (n, m) and noisy labels (1, m), which no line separates."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m))
    Y = (X.sum(axis=0, keepdims=True) + rng.normal(size=(1, m)) > 0).astype(int)
    return X, Y


def by_hand():
    """Two inputs, two hidden units, one output; numbers in tenths."""
    return {
        "W1": np.array([[0.1, 0.2], [-0.3, 0.4]]),
        "b1": np.array([[0.5], [-0.1]]),
        "W2": np.array([[0.6, -0.7]]),
        "b2": np.array([[0.2]]),
    }


# --- logistic regression and the loops of the notes ------------------------------------------------------------------


@given(n=st.integers(1, 5), m=st.integers(1, 8), seed=st.integers(0, 1000))
def test_logistic_regression_by_loop_vectorized_and_by_the_engine_agree(n, m, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(n, m)), rng.integers(0, 2, size=(1, m))
    w, b = rng.normal(size=(n, 1)), float(rng.normal())
    net = gd.Network.from_parameters({"W1": w.T, "b1": np.array([[b]])})
    d = net.backward(net.forward(X), Y)
    for dw, db, J in (gd.logistic_regression_by_loop(w, b, X, Y), gd.logistic_regression(w, b, X, Y)):
        assert dw.shape == (n, 1)
        assert isinstance(db, float)
        assert np.abs(dw - d.dW[1].T).max() < 1e-12
        assert abs(db - d.db[1].item()) < 1e-12
        assert abs(J - net.cost(X, Y)) < 1e-12


@pytest.mark.parametrize("logistic_regression", [gd.logistic_regression, gd.logistic_regression_by_loop])
def test_logistic_regression_holds_where_the_probability_rounds_to_1(logistic_regression):
    """At z = ±1000, one example right and one wrong: J = (0 + 1000) / 2, where the printed formula gives ln 0."""
    dw, db, J = logistic_regression(np.array([[1000.0]]), 0.0, np.array([[1.0, -1.0]]), np.array([[1, 1]]))
    assert (dw.tolist(), db, J) == ([[0.5]], -0.5, 500.0)


@pytest.mark.parametrize("hidden", ["tanh", "relu", "sigmoid"])
def test_two_layers_example_by_example_are_the_network_s_forward_pass(hidden):
    X, _ = table()
    net = gd.Network([3, 4, 2], activations=[hidden, "sigmoid"], seed=3)
    net.b[1] = [[0.1], [-0.2], [0.3], [0.0]]
    p = net.forward(X)
    Z1, A1, Z2, A2 = gd.two_layer_forward_by_loop(net.parameters(), X, activations=(hidden, "sigmoid"))
    for ours, loop in ((p.Z[1], Z1), (p.A[1], A1), (p.Z[2], Z2), (p.A[2], A2)):
        assert np.abs(ours - loop).max() < 1e-12


# --- one example worked by hand --------------------------------------------------------------------------------------


def test_a_forward_and_backward_pass_worked_by_hand():
    """X = (1, 2), y = 1, relu and squared error.

    Z1 = (0.1 + 0.4 + 0.5, -0.3 + 0.8 - 0.1) = (1.0, 0.4) = A1
    Z2 = 0.6 - 0.28 + 0.2 = 0.52 = A2;  J = ½ 0.48² = 0.1152
    dZ2 = 0.52 - 1 = -0.48;  dW2 = -0.48 (1.0, 0.4);  db2 = -0.48
    dA1 = (0.6, -0.7) · -0.48 = (-0.288, 0.336) = dZ1;  dW1 = dZ1 xᵀ;  db1 = dZ1;  dA0 = W1ᵀ dZ1
    """
    net = gd.Network.from_parameters(by_hand(), activations=["relu", "identity"], loss="squared_error")
    X, Y = np.array([[1.0], [2.0]]), np.array([[1.0]])
    p = net.forward(X)
    d = net.backward(p, Y)

    def equal(actual, expected):
        assert np.allclose(actual, expected, rtol=0, atol=1e-15)

    equal(p.Z[1], [[1.0], [0.4]])
    equal(p.A[1], [[1.0], [0.4]])
    equal(p.A[2], [[0.52]])
    assert net.cost(X, Y) == pytest.approx(0.1152, abs=1e-15)
    equal(d.dZ[2], [[-0.48]])
    equal(d.dW[2], [[-0.48, -0.192]])
    equal(d.db[2], [[-0.48]])
    equal(d.dA[1], [[-0.288], [0.336]])
    equal(d.dZ[1], [[-0.288], [0.336]])
    equal(d.dW[1], [[-0.288, -0.576], [0.336, 0.672]])
    equal(d.db[1], [[-0.288], [0.336]])
    equal(d.dA[0], [[-0.1296], [0.0768]])
    equal(d.dA[2], [[-0.48]])
    net.update(d, learning_rate=0.5)
    equal(net.W[2], [[0.84, -0.604]])
    equal(net.b[1], [[0.644], [-0.268]])


def test_dZ_is_per_example_and_dW_holds_the_mean():
    X, Y = table()
    net = gd.Network([3, 4, 1], seed=1)
    p = net.forward(X)
    d = net.backward(p, Y)
    assert np.array_equal(d.dZ[2], p.A[2] - Y)
    assert np.allclose(d.dW[2], (p.A[2] - Y) @ p.A[1].T / 40, rtol=1e-14)
    assert np.allclose(d.db[1], np.mean(d.dZ[1], axis=1, keepdims=True), rtol=1e-14)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_short_way_and_the_long_way_to_dZ_agree(output):
    """A - Y against dA through the activation."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 9)), np.eye(4)[rng.integers(0, 4, 9)].T
    net = gd.Network([3, 5, 4], activations=["tanh", output], seed=1)
    p = net.forward(X)
    d = net.backward(p, Y)
    assert np.abs(net.g[2].backward(d.dA[2], p.Z[2], p.A[2]) - d.dZ[2]).max() < 1e-13


def test_layers_by_themselves_chain_to_the_whole_pass():
    X, Y = table()
    net = gd.Network([3, 4, 5, 1], activations=["tanh", "relu", "sigmoid"], seed=1)
    p = net.forward(X)
    d = net.backward(p, Y)
    A, caches = X, []
    for l in (1, 2, 3):
        A, cache = net.layer(l).forward(A)
        caches.append(cache)
        assert np.array_equal(A, p.A[l])
    dA = d.dA[3]
    for l in (3, 2, 1):
        dA, dW, db = net.layer(l).backward(dA, caches[l - 1])
        assert np.allclose(dA, d.dA[l - 1], rtol=1e-12)
        assert np.allclose(dW, d.dW[l], rtol=1e-12)
        assert np.allclose(db, d.db[l], rtol=1e-12)


# --- what it is ------------------------------------------------------------------------------------------------------


def test_weights_are_the_course_s_draws_in_the_course_s_order():
    """np.random.seed(3); W1 = randn(4, 2) * √(2/2); W2 = randn(1, 4) * √(2/4)."""
    rng = np.random.RandomState(3)
    net = gd.Network([2, 4, 1], seed=3)
    assert np.array_equal(net.W[1], rng.randn(4, 2) * np.sqrt(2 / 2))
    assert np.array_equal(net.W[2], rng.randn(1, 4) * np.sqrt(2 / 4))
    assert not net.b[1].any()


def test_names_shapes_and_letters():
    net = gd.Network([3, 4, 1], activations=["leaky_relu(0.2)", "sigmoid"])
    assert (net.L, net.n) == (2, (3, 4, 1))
    assert net.g[1].name == "leaky_relu(0.2)"
    assert net.shapes() == {"W1": (4, 3), "b1": (4, 1), "W2": (1, 4), "b2": (1, 1)}
    assert {name: value.shape for name, value in net.parameters().items()} == net.shapes()
    assert str(net).splitlines() == [
        "Network 3 → 4 → 1, log_loss, 21 parameters",
        "layer  activation       W       b       parameters",
        "1      leaky_relu(0.2)  (4, 3)  (4, 1)  16",
        "2      sigmoid          (1, 4)  (1, 1)  5",
    ]
    assert repr(net) == "Network([3, 4, 1], activations=['leaky_relu(0.2)', 'sigmoid'], loss='log_loss')"


def test_passes_show_their_shapes():
    X, Y = table()
    net = gd.Network([3, 4, 1])
    p = net.forward(X)
    assert repr(p) == "ForwardPass(A[0] (3, 40), A[1] (4, 40), A[2] (1, 40); Z[1] (4, 40), Z[2] (1, 40))"
    assert repr(net.backward(p, Y)) == "BackwardPass(dW[1] (4, 3), dW[2] (1, 4); db[1] (4, 1), db[2] (1, 1))"
    assert [len(p.A), len(p.Z), len(net.W)] == [3, 2, 2]
    assert [A.shape for A in p.A] == [(3, 40), (4, 40), (1, 40)]


def test_activations_left_out_are_relu_and_what_belongs_to_the_loss():
    def names(**settings):
        return [g.name for g in gd.Network([2, 3, 3, 2], **settings).g]

    assert names() == ["relu", "relu", "sigmoid"]
    assert names(loss="squared_error") == ["relu", "relu", "identity"]
    assert names(loss="categorical_log_loss") == ["relu", "relu", "softmax"]
    assert names(loss="huber") == ["relu", "relu", "identity"]


def test_weights_can_be_written_and_dictionaries_go_round():
    net = gd.Network.from_parameters(by_hand(), activations=["tanh", "sigmoid"])
    assert all(np.array_equal(net.parameters()[name], value) for name, value in by_hand().items())
    net.W[1] = [[1.0, 2.0], [3.0, 4.0]]
    assert net.parameters()["W1"].tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_pass_stays_what_it_was_when_weights_are_written():
    X, Y = table(n=2)
    net = gd.Network.from_parameters(by_hand(), activations=["tanh", "sigmoid"])
    p = net.forward(X)
    before = net.backward(p, Y).vector
    net.W[2] = [[5.0, 5.0]]
    net.layer(2)
    assert np.array_equal(net.backward(p, Y).vector, before)
    assert not np.array_equal(net.backward(net.forward(X), Y).vector, before)


def test_any_architecture_becomes_a_network():
    """A front, learned slopes, members: output is the mean over members, and A[L] holds them side by side."""
    example = CASES["everything at once"]
    p, data = example.problem, example.data
    net = gd.Network.from_architecture(p.architecture, example.vector, p.loss)
    X = np.vstack([data.X.T, data.codes.T])
    forward = net.forward(X)
    assert isinstance(forward, ForwardPass)
    first, second = np.split(forward.A[net.L], 2, axis=1)
    assert np.allclose(forward.output, (first + second) / 2, rtol=1e-14)
    assert forward.output.shape == (p.architecture.output.units, data.m)
    assert net.predict(X).shape == (1, data.m)
    assert "members: 2" in str(net)
    assert "front: CategoryEmbedding" in str(net)


def test_sparse_columns_give_what_dense_ones_give():
    X, Y = table()
    X[np.abs(X) < 1] = 0
    net = gd.Network([3, 4, 1])
    assert np.allclose(net.forward(scipy.sparse.csr_array(X)).A[2], net.forward(X).A[2])
    sparse = gd.Network([3, 4, 1]).descend(scipy.sparse.csr_array(X), Y, 0.1, 20, 10)
    assert sparse == pytest.approx(net.descend(X, Y, 0.1, 20, 10))


# --- predictions -----------------------------------------------------------------------------------------------------


def test_predictions_by_output():
    """Zero weights and biases of choice: every example gets the same scores."""
    X = np.zeros((2, 3))
    sigmoid = gd.Network.from_parameters({"W1": np.zeros((2, 2)), "b1": np.array([[-1.0], [1.0]])})
    assert sigmoid.predict(X).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert sigmoid.accuracy(X, np.array([[0, 0, 1], [1, 1, 1]])) == 5 / 6
    softmax = gd.Network.from_parameters({"W1": np.zeros((2, 2)), "b1": np.array([[-1.0], [1.0]])}, ["softmax"])
    assert softmax.predict(X).tolist() == [[1, 1, 1]]
    assert softmax.accuracy(X, np.array([[0, 0, 1], [1, 1, 0]])) == 2 / 3
    values = gd.Network.from_parameters({"W1": np.zeros((1, 2)), "b1": np.array([[7.0]])}, loss="squared_error")
    assert values.predict(X).tolist() == [[7.0, 7.0, 7.0]]
    with pytest.raises(InputError, match="must predict classes"):
        values.accuracy(X, np.zeros((1, 3)))


# --- descent ---------------------------------------------------------------------------------------------------------


def test_descend_is_forward_backward_update_again_and_again():
    X, Y = table()
    net, by_steps = gd.Network([3, 4, 1]), gd.Network([3, 4, 1])
    costs = net.descend(X, Y, learning_rate=0.3, iterations=25, record_every=10)
    expected = []
    for k in range(25):
        if k in (0, 10, 20, 24):
            expected.append(by_steps.cost(X, Y))
        by_steps.update(by_steps.backward(by_steps.forward(X), Y), 0.3)
    assert isinstance(costs, Costs)
    assert costs.iterations == [0, 10, 20, 24]
    assert costs == pytest.approx(expected, rel=1e-12)
    assert np.allclose(net.vector, by_steps.vector, rtol=1e-10, atol=1e-13)


def test_descend_goes_on_from_where_it_is():
    X, Y = table()
    once, twice = gd.Network([3, 4, 1]), gd.Network([3, 4, 1])
    once.descend(X, Y, 0.1, 30)
    twice.descend(X, Y, 0.1, 10)
    twice.descend(X, Y, 0.1, 20)
    assert np.array_equal(once.vector, twice.vector)


def test_descend_prints_as_the_course_does(capsys):
    X, Y = table()
    costs = gd.Network([3, 1], initializer="zeros").descend(X, Y, 0.1, 11, record_every=5, print_every=10)
    assert capsys.readouterr().out.splitlines() == [
        "Cost after iteration 0: 0.6931471805599453",
        f"Cost after iteration 10: {costs[2]}",
    ]


def test_batches_by_size_cover_every_example_and_repeat_with_the_seed():
    X, Y = table(m=10)
    first, again, other = (gd.Network([3, 4, 1], seed=s) for s in (1, 1, 2))
    costs = first.descend(X, Y, 0.1, 5, 1, batches=4)
    assert costs == again.descend(X, Y, 0.1, 5, 1, batches=4)
    assert costs != other.descend(X, Y, 0.1, 5, 1, batches=4)
    # With a rate of 0 the batches change nothing, and an iteration's cost is the cost of all examples.
    still = gd.Network([3, 4, 1])
    assert still.descend(X, Y, 0.0, 3, 1, batches=4) == pytest.approx([still.cost(X, Y)] * 3, rel=1e-12)


def test_numpy_s_integers_count_as_numbers():
    X, Y = table(m=10)
    plain, numpy = gd.Network([3, 4, 1]), gd.Network(np.array([3, 4, 1]), seed=np.int64(1))
    costs = plain.descend(X, Y, 0.1, 5, 1, batches=4)
    assert costs == numpy.descend(X, Y, np.float64(0.1), np.int64(5), np.uint8(1), batches=np.int64(4))


def test_batches_by_function_are_steps_in_that_order():
    X, Y = table(m=6)
    orders = [[np.array([5, 1]), np.array([0, 2, 3, 4])], [np.array([0, 1, 2]), np.array([3, 4, 5])]]
    net, by_steps = gd.Network([3, 4, 1]), gd.Network([3, 4, 1])
    net.descend(X, Y, lambda k: 0.5 / (k + 1), 2, batches=lambda k: orders[k])
    for k, order in enumerate(orders):
        for i in order:
            by_steps.update(by_steps.backward(by_steps.forward(X[:, i]), Y[:, i]), 0.5 / (k + 1))
    assert np.allclose(net.vector, by_steps.vector, rtol=1e-10, atol=1e-13)


def test_divergence_is_told_and_the_last_finite_weights_kept():
    X = np.array([[1.0, 2.0, 3.0]]) * 1e3
    net = gd.Network([1, 1], loss="squared_error")
    with pytest.raises(DivergedError, match=r"not finite in iteration \d+.*largest \|X\| = 3e\+03.*tenth"):
        net.descend(X, X, learning_rate=1.0, iterations=500)
    assert np.isfinite(net.vector).all()


def test_weights_that_a_step_makes_infinite_are_not_kept():
    X, Y = 100 * np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 1.0]]), np.ones((1, 3))
    net = gd.Network([2, 1], ["identity"], loss="squared_error")
    before = net.vector.copy()
    with pytest.raises(DivergedError, match="iteration 0"):
        net.descend(X, Y, learning_rate=1e308, iterations=1)
    assert np.array_equal(net.vector, before)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number. Got nan"),
        ({"learning_rate": lambda k: 0.1 if k < 1 else float("inf")}, "Got inf, in iteration 1"),
        ({"learning_rate": "fast"}, "learning_rate must be a finite number. Got 'fast'"),
        ({"iterations": 0}, "iterations must be a whole number of 1 or more. Got 0"),
        ({"record_every": 0}, "record_every must be a whole number of 1 or more"),
        ({"optimizer": "lbfgs"}, "must go step by step"),
        ({"optimizer": "adma"}, "Did you mean 'adam'"),
        ({"iterations": 2.5}, "iterations must be a whole number of 1 or more. Got 2.5"),
        ({"iterations": None}, "Got None"),
        ({"print_every": 0}, "print_every must be a whole number of 1 or more. Got 0"),
        (
            {"learning_rate": -0.1},
            "learning_rate must be 0 or more. Got -0.1. The minus stands in .* already: .* Try 0.1.",
        ),
        ({"learning_rate": lambda k: -1.0}, "Got -1.0, in iteration 0"),
        ({"learning_rate": 10**400}, "learning_rate must be a finite number. Got 1000"),
        ({"learning_rate": True}, "learning_rate must be a finite number. Got True"),
        ({"learning_rate": lambda k: "slow"}, "Got 'slow', in iteration 0"),
        ({"batches": lambda k: []}, r"batches\(0\) must give a list of one or more arrays of indices. Got \[\]"),
        ({"batches": lambda k: 5}, r"batches\(0\) must give a list .* Got 5"),
        ({"batches": True}, "batches must be None, a size of 1 or more, or a function"),
        ({"batches": 0}, "batches must be None, a size of 1 or more, or a function"),
        ({"batches": lambda k: [[0, 99]]}, r"batches\(0\) must give arrays of indices, each of 0 to 39"),
        ({"batches": lambda k: [np.array([True, False])]}, "must give arrays of indices"),
    ],
)
def test_settings_of_descend_that_make_no_sense(settings, says):
    X, Y = table()
    with pytest.raises(InputError, match=says):
        gd.Network([3, 1]).descend(X, Y, **settings)


# --- models that others solved ---------------------------------------------------------------------------------------


def optimum(net, X, Y):
    """The parameters where J of this network is smallest, found by SciPy from its own costs and gradients."""

    def gradient(vector):
        there = gd.Network.from_architecture(net.architecture, vector, net.loss)
        return there.backward(there.forward(X), Y).vector

    return minimize(net.cost_function(X, Y), net.vector, jac=gradient, method="BFGS", options={"gtol": 1e-9}).x


@pytest.mark.parametrize("initializer", ["zeros", "he", "small_normal(3)"])
def test_without_hidden_layers_log_loss_is_scikit_learn_s_logistic_regression(initializer):
    """From every start the same optimum: there J has one valley."""
    X, Y = table()
    judge = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X.T, Y[0])
    found = optimum(gd.Network([3, 1], initializer=initializer), X, Y)
    assert found == pytest.approx([*judge.coef_[0], *judge.intercept_], abs=1e-6)


def test_without_hidden_layers_softmax_is_scikit_learn_s_multinomial_regression():
    rng = np.random.default_rng(0)
    X, classes = rng.normal(size=(2, 60)), rng.integers(0, 3, 60)
    judge = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X.T, classes)
    net = gd.Network([2, 3], activations=["softmax"], initializer="zeros")
    found = gd.Network.from_architecture(net.architecture, optimum(net, X, np.eye(3)[classes].T), net.loss)
    assert np.abs(found.forward(X).A[1].T - judge.predict_proba(X.T)).max() < 1e-6


@pytest.mark.parametrize("initializer", ["zeros", "he"])
def test_without_hidden_layers_squared_error_is_least_squares(initializer):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 30)), rng.normal(size=(2, 30))
    expected = np.linalg.lstsq(np.vstack([X, np.ones((1, 30))]).T, Y.T, rcond=None)[0].T
    net = gd.Network([3, 2], loss="squared_error", initializer=initializer)
    net.descend(X, Y, learning_rate=0.5, iterations=1000)
    assert np.abs(net.W[1] - expected[:, :3]).max() < 1e-12
    assert np.abs(net.b[1] - expected[:, 3:]).max() < 1e-12


def test_x0_of_1_folded_into_w_is_the_bias():
    """The notes' other way to write it: x₀ = 1, and w₀ does what b does. Every step is the same."""
    X, Y = table()
    with_b = gd.Network([3, 1], initializer="zeros")
    costs = with_b.descend(X, Y, 0.5, 50, 10)
    with_ones = np.vstack([np.ones((1, 40)), X])
    w = np.zeros((4, 1))
    folded = []
    for k in range(50):
        dw, _, J = gd.logistic_regression(w, 0.0, with_ones, Y)
        if k % 10 == 0 or k == 49:
            folded.append(J)
        w = w - 0.5 * dw
    assert folded == pytest.approx(costs, rel=1e-12)
    assert w.ravel() == pytest.approx([with_b.b[1].item(), *with_b.W[1].ravel()], rel=1e-10)


# --- relu at the corner ----------------------------------------------------------------------------------------------


def test_the_relu_of_the_assignments_has_slope_0_at_0_and_that_of_the_lectures_1():
    Z = np.array([[-1.0, 0.0, 1.0]])
    slopes = {name: gd.Network([1, 1, 1], [name, "sigmoid"]).g[1].slope(Z, Z).tolist() for name in ("relu", "relu(0)")}
    assert slopes == {"relu": [[0.0, 1.0, 1.0]], "relu(0)": [[0.0, 0.0, 1.0]]}


# --- misfits ---------------------------------------------------------------------------------------------------------


def refused(call, *parts, error=ShapeError):
    with pytest.raises(error) as caught:
        call()
    for part in parts:
        assert part in str(caught.value), str(caught.value)


def test_inputs_that_do_not_fit_are_named_with_both_shapes_and_the_mend():
    net = gd.Network([3, 4, 1])
    refused(
        lambda: net.forward(np.ones((5, 7))), "W[1] is (4, 3), but X has 5 rows: X must be (3, m). Got shape (5, 7)."
    )
    refused(lambda: net.forward(np.ones((7, 3))), "but X has 7 rows: X must be (3, m). Got shape (7, 3)", "use X.T")
    refused(lambda: net.forward(np.ones(3)), "Got shape (3,).", "neither row nor column", "X.reshape(3, 1)")
    refused(lambda: net.forward(np.ones(7)), "Got shape (7,). A rank-1 array is neither row nor column.")
    refused(lambda: gd.Network([1, 1]).forward(np.ones(7)), "X.reshape(1, 7)")
    refused(lambda: net.forward(np.ones((3, 0))), "at least one example", error=InputError)
    refused(lambda: net.forward([["a"], ["b"], ["c"]]), "X must be an array of numbers", error=InputError)
    refused(lambda: net.forward([[1.0], [np.nan], [2.0]]), "Got nan at [1, 0]", error=InputError)
    pictures = gd.Network([12, 1])
    refused(lambda: pictures.forward(np.ones((5, 2, 2, 3))), "use X.reshape(X.shape[0], -1).T")


def test_the_mend_of_pictures_mends():
    pictures = np.arange(60.0).reshape(5, 2, 2, 3)
    assert gd.Network([12, 1]).forward(pictures.reshape(pictures.shape[0], -1).T).A[1].shape == (1, 5)


def test_activations_from_below_that_do_not_fit_a_layer():
    net = gd.Network([3, 4, 5, 1])
    refused(
        lambda: net.layer(2).forward(np.ones((6, 2))),
        "W[2] is (5, 4), but A[1] has 6 rows: A[1] must be (4, m). Got shape (6, 2).",
    )
    refused(
        lambda: net.layer(2).forward(np.ones((2, 4))),
        "W[2] is (5, 4), but A[1] has 2 rows: A[1] must be (4, m). Got shape (2, 4).",
        "use A[1].T",
    )
    _, cache = net.layer(2).forward(np.ones((4, 3)))

    def backward(dA, cache=cache):
        return lambda: net.layer(2).backward(dA, cache)

    refused(backward(np.ones((5, 2))), "dA[2] must have the shape of A[2], (5, 3).", "It needs 5 rows", "3 columns")
    refused(backward(np.ones((3, 5))), "Got (3, 5). It is the transpose: use dA[2].T.")
    refused(backward(np.ones(15)), "Got (15,). A rank-1 array is neither row nor column: use dA[2].reshape(5, 3).")
    refused(backward(np.ones(4)), "Got (4,). A rank-1 array is neither row nor column. It needs 5 rows")
    refused(backward("much"), "dA[2] must be an array of numbers. Got str", error=InputError)
    refused(
        backward(cache, np.ones((5, 3))), "cache must be what net.layer(2).forward", "Got ndarray", error=InputError
    )
    _, other = net.layer(1).forward(np.ones((3, 3)))
    refused(backward(np.ones((5, 3)), other), "W[2] is (5, 4) but the cache is of a layer whose W is (4, 3)")


def test_a_pass_of_another_network_is_not_differentiated():
    X, Y = table()
    net = gd.Network([3, 4, 1])
    others = {
        "3 → 5 → 1 (relu, sigmoid)": gd.Network([3, 5, 1]),
        "3 → 4 → 1 (tanh, sigmoid)": gd.Network([3, 4, 1], activations=["tanh", "sigmoid"]),
    }
    for label, other in others.items():
        refused(
            lambda: net.backward(other.forward(X), Y),  # noqa: B023
            "p must be a forward pass of this network, 3 → 4 → 1 (relu, sigmoid). Got one of another network",
            f"{label}: take p = net.forward(X).",
            error=InputError,
        )
    p = net.forward(X)
    refused(lambda: net.backward(Y, p), "Got ndarray. The two are swapped: it is net.backward(p, Y).", error=InputError)
    refused(lambda: net.backward(X, Y), "from p = net.forward(X). Got ndarray.", error=InputError)
    twin = gd.Network([3, 4, 1], seed=2)
    assert np.array_equal(net.backward(twin.forward(X), Y).vector, twin.backward(twin.forward(X), Y).vector)


def test_an_update_by_another_network_s_gradients_is_refused():
    X, Y = table()
    net, other = gd.Network([3, 4, 1]), gd.Network([3, 5, 1])
    before = net.vector
    d = other.backward(other.forward(X), Y)
    refused(lambda: net.update(d, 0.1), "dW[1] must have the shape of W[1], (4, 3). Got (5, 3).", "net.backward(")
    refused(lambda: gd.Network([3, 5]).update(d, 0.1), "Got dW[2] too", "another network")
    refused(lambda: gd.Network([3, 5, 1, 1]).update(d, 0.1), "dW[3] must have the shape of W[3], (1, 1). Got none.")
    refused(lambda: net.update(net.forward(X), 0.1), "from net.backward(p, Y). Got ForwardPass.", error=InputError)
    d = net.backward(net.forward(X), Y)
    for rate, says in (("0.1", "a finite number. Got '0.1'"), (np.nan, "Got nan"), (-0.1, "Try 0.1.")):
        refused(lambda: net.update(d, rate), "update: learning_rate must be", says, error=InputError)  # noqa: B023
    assert np.array_equal(net.vector, before)


def test_codes_stand_below_the_numbers_and_are_counted():
    architecture = Architecture(2, front=(CategoryEmbedding((3,), width=2),), output=Dense(1, "sigmoid"))
    net = gd.Network.from_architecture(architecture, np.zeros(architecture.size), "log_loss")
    assert net.forward([[1.0], [2.0], [0]]).A[0].shape == (4, 1)
    reads = "the front reads 2 inputs and 1 codes, but X has 2 rows: X must be (3, m). Got shape (2, 5)."
    refused(lambda: net.forward(np.ones((2, 5))), reads)


def test_targets_that_do_not_fit_are_named_with_the_mend():
    X, Y = table(m=4)
    net = gd.Network([3, 1])
    refused(lambda: net.cost(X, Y[0]), "Y must be (1, 4)", "Got shape (4,).", "Y.reshape(1, 4)")
    refused(lambda: net.cost(X, Y.T), "Got (4, 1)", "use Y.T")
    refused(lambda: net.cost(X, Y[:, :3]), "Got (1, 3). X and Y must be of the same examples.")
    refused(lambda: net.cost(X, np.vstack([Y, Y])), "The last layer has 1 unit: Y must have as many rows.")
    refused(lambda: net.cost(X, 2 * Y - 1), "0 and 1 only", "Got -1.", error=InputError)
    refused(lambda: net.cost(X, Y / 2), "Got 0.5.", error=InputError)
    refused(lambda: net.cost(X, [["cat"] * 4]), "Y must be an array of numbers", error=InputError)
    softmax = gd.Network([3, 2], activations=["softmax"])
    refused(lambda: softmax.cost(X, Y), "np.eye(2)[Y[0]].T")
    refused(lambda: softmax.cost(X, Y[0]), "np.eye(2)[Y].T")
    refused(lambda: softmax.cost(X, np.ones((2, 4))), "a single 1 in each column", "Got 2", error=InputError)
    assert softmax.cost(X, np.eye(2)[Y[0]].T) > 0


def test_numbers_of_layers_that_do_not_exist():
    X, Y = table()
    net = gd.Network([3, 4, 1])
    p = net.forward(X)
    d = net.backward(p, Y)
    refused(lambda: net.layer(0), "layer[l]: l must be 1 to 2", "Got 0.", error=InputError)
    refused(lambda: net.layer(1.0), "layer[l]: l must be 1 to 2", "Got 1.0.", error=InputError)
    refused(lambda: p.Z[0], "Z[l]: l must be 1 to 2 (layer 0 is the input and has no Z). Got 0.", error=InputError)
    refused(lambda: p.A[3], "A[l]: l must be 0 to 2. Got 3.", error=InputError)
    refused(lambda: p.A[-1], "Got -1.", error=InputError)
    refused(lambda: d.dW[0], "layer 0 is the input and has no dW", error=InputError)
    refused(lambda: net.layer(3), "l must be 1 to 2", error=InputError)
    refused(lambda: net.W[0], "l must be 1 to 2", error=InputError)
    refused(lambda: net.W[1][9], "out of bounds", error=IndexError)


def test_weights_of_another_shape_are_refused():
    net = gd.Network([3, 4, 1])
    before = net.vector

    def written(letter, l, value):
        return lambda: getattr(net, letter).__setitem__(l, value)

    refused(
        written("W", 1, np.ones((3, 4))), "W[1] must have shape (4, 3), which is (n[1], n[0]). Got (3, 4).", "use .T"
    )
    refused(
        written("W", 2, np.ones((4, 3))), "W[2] must have shape (1, 4), which is (n[2], n[1]). Got (4, 3).", "widths"
    )
    refused(written("b", 1, np.ones(4)), "b[1] must have shape (4, 1), which is (n[1], 1).", ".reshape(4, 1)")
    refused(written("W", 1, np.nan), "W[1] must hold finite numbers. Got nan.", error=InputError)
    refused(written("b", 2, [[np.inf]]), "b[2] must hold finite numbers. Got inf at [0, 0].", error=InputError)
    refused(written("W", 1, "he"), "W[1] must be an array of numbers. Got str", error=InputError)
    refused(written("W", 3, np.ones((1, 1))), "l must be 1 to 2", error=InputError)
    assert np.array_equal(net.vector, before)
    members = gd.Network.from_architecture(
        Architecture(2, output=Dense(1, "sigmoid"), members=3), np.ones(15), "log_loss"
    )
    refused(lambda: members.W.__setitem__(1, np.ones((1, 2))), "shape (3, 1, 2), which is (members, n[1], n[0])")


def test_weights_that_are_not_finite_are_not_blamed_on_the_learning_rate():
    X, Y = table()
    net = gd.Network([3, 4, 1])
    net.W[2][0, 1] = np.nan  # into the array itself, past the door
    refused(lambda: net.descend(X, Y), "W[2] must hold finite numbers. Got nan at [0, 1].", error=InputError)
    given = by_hand() | {"b1": np.array([[1.0], [-np.inf]])}
    refused(lambda: gd.Network.from_parameters(given), "b[1] must hold finite numbers. Got -inf", error=InputError)
    vector = np.array([0.0, 1.0, np.nan, 0.0])
    refused(
        lambda: gd.Network.from_architecture(Architecture(3, output=Dense(1, "sigmoid")), vector, "log_loss"),
        "W[1] must hold finite numbers. Got nan at [0, 2].",
        error=InputError,
    )


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (
            {"W2": np.ones((2, 7))},
            ["W[2] is (2, 7), but A[1] has 2 rows", "W[2] must have 2 columns. Got (2, 7)."],
        ),
        ({"W2": np.ones((1, 3))}, ["W[2] is (1, 3), but A[1] has 2 rows, for W[1] is (2, 2)", "Got (1, 3)."]),
        ({"W2": np.ones((2, 1)), "b2": np.ones((2, 1))}, ["W[2] must have 2 columns", "Got (2, 1).", "use W2.T"]),
        ({"W1": np.ones(4)}, ["W[1] must be a matrix, (n[1], n[0]). Got shape (4,)", "use W1.reshape(2, 2)"]),
        ({"W1": np.ones(5)}, ["W[1] must be a matrix, (n[1], n[0]). Got shape (5,)."]),
        ({"b2": np.ones(4)}, ["b[2] must be (1, 1), for W[2] is (1, 2). Got (4,). A rank-1 array"]),
        ({"b1": np.ones(2)}, ["b[1] must be (2, 1), for W[1] is (2, 2). Got (2,).", ".reshape(2, 1)"]),
        ({"b1": np.ones((3, 1))}, ["b[1] must be (2, 1), for W[1] is (2, 2). Got (3, 1)."]),
    ],
)
def test_dictionaries_whose_matrices_do_not_fit(change, parts):
    refused(lambda: gd.Network.from_parameters(by_hand() | change), *parts)
    refused(lambda: gd.two_layer_forward_by_loop(by_hand() | change, np.ones((2, 3))), *parts)


def test_the_loop_over_two_layers_refuses_what_is_missing_strange_or_infinite():
    X, P = np.ones((2, 3)), by_hand()

    def loop(parameters, activations=("tanh", "sigmoid")):
        return lambda: gd.two_layer_forward_by_loop(parameters, X, activations)

    must = "two_layer_forward_by_loop: parameters must be named W1, b1, W2, b2."
    without = {name: P[name] for name in ("W1", "b1", "W2")}
    refused(loop(without), must, "Got W1, b1, W2; missing: b2.", error=InputError)
    refused(loop(P | {"W3": np.ones((1, 1))}), must, "Got W1, b1, W2, b2, W3.", error=InputError)
    refused(loop([P["W1"]]), "must be a dictionary, as {'W1': …, 'b1': …}. Got list.", error=InputError)
    refused(loop(P | {"b2": np.array([[np.nan]])}), "b[2] must hold finite numbers", error=InputError)
    refused(loop(P, "tanh"), "activations must be 2 names, of g[1] and g[2]. Got 'tanh'.", error=InputError)
    refused(loop(P, ["tanh"]), "activations must be 2 names", error=InputError)
    refused(
        lambda: gd.two_layer_forward_by_loop(P, np.ones((5, 3))), "W[1] is (2, 2), but X has 5 rows: X must be (2, m)."
    )


@pytest.mark.parametrize("logistic_regression", [gd.logistic_regression, gd.logistic_regression_by_loop])
def test_logistic_regression_has_one_door_for_both_forms(logistic_regression):
    X, Y = table()
    w = np.full((3, 1), 0.2)
    dw, db, J = logistic_regression(w, 0.3, X, Y)
    for b in (np.array([[0.3]]), np.array([0.3]), np.float32(0.3), np.array(0.3)):
        again = logistic_regression(w, b, X, Y)
        assert isinstance(again[1], float)
        assert np.allclose(again[0], dw, atol=1e-8)
        assert again[1:] == pytest.approx((db, J), abs=1e-7)
    refused(
        lambda: logistic_regression(w, np.ones((3, 1)), X, Y), "b must be a number. Got shape (3, 1)", "share one bias"
    )
    refused(lambda: logistic_regression(w, "0.3 or so", X, Y), "b must be an array of numbers", error=InputError)
    refused(lambda: logistic_regression(w, np.nan, X, Y), "b must hold finite numbers. Got nan.", error=InputError)
    refused(
        lambda: logistic_regression(w.ravel(), 0.0, X, Y), "w must be a column, (n, 1). Got (3,).", "w.reshape(3, 1)"
    )
    refused(lambda: logistic_regression(w.T, 0.0, X, Y), "Got (1, 3). It is the transpose: use w.T.")
    refused(lambda: logistic_regression(w * np.inf, 0.0, X, Y), "w must hold finite numbers", error=InputError)


@pytest.mark.parametrize("names", [[], ["W1"], ["W1", "b2"], ["W1", "b1", "W3", "b3"], ["W1", "b1", "gamma1", "beta1"]])
def test_dictionaries_with_gaps_are_refused(names):
    given = {name: np.ones((1, 1)) for name in names}
    refused(lambda: gd.Network.from_parameters(given), "must be named W1, b1, W2, b2", error=InputError)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"widths": [3]}, "at least inputs and outputs. Got [3]"),
        ({"widths": [3, 4, 1], "activations": ["relu"]}, "must be 2 names, one for each of the layers 1 to 2"),
        ({"widths": [3, 1], "activations": "sigmoid"}, "must be 1 names"),
        ({"widths": [3, 0]}, "Dense: units must be a whole number, 1 or more. Got 0"),
        ({"widths": [3, 1], "activations": ["sigmiod"]}, "Did you mean 'sigmoid'"),
        ({"widths": [3, 1], "loss": "logloss"}, "Did you mean 'log_loss'"),
        ({"widths": [3, 1], "activations": ["identity"]}, "sigmoid or softmax"),
        ({"widths": [3, 1], "initializer": "hee"}, "Did you mean 'he'"),
        (
            {"widths": [2.5, 1]},
            "widths must be whole numbers n[0], …, n[L] in a list, as [2, 4, 1]. Got 2.5 in [2.5, 1]",
        ),
        ({"widths": [True, 1]}, "Got True in [True, 1]"),
        ({"widths": "21"}, "in a list, as [2, 4, 1]. Got '21'."),
        ({"widths": 5}, "in a list, as [2, 4, 1]. Got 5."),
        ({"widths": []}, "at least inputs and outputs. Got []"),
        ({"widths": [3, 1], "activations": 5}, "must be 1 names, one for each of the layers 1 to 1"),
        ({"widths": [3, 1], "seed": -1}, "seed must be a whole number from 0 to 4294967295. Got -1."),
        ({"widths": [3, 1], "seed": 1.5}, "Got 1.5."),
        (
            {"widths": [3, 1], "activations": ["softmax"]},
            "2 units or more, one per class. Got 1, which would always say 1",
        ),
        ({"widths": [3, 1], "loss": "categorical_log_loss"}, "For two classes take one unit with sigmoid."),
    ],
)
def test_networks_that_make_no_sense(arguments, says):
    with pytest.raises(InputError, match=re.escape(says)):
        gd.Network(**arguments)
