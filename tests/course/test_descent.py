"""Descent: against its own steps, models that others solved, and the messages of settings without sense."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

import gradatim as gd
from gradatim.course import Costs
from gradatim.errors import DivergedError, InputError
from tests.course.expectations import table


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
