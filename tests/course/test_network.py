"""What a network is: its first weights, names and shapes, what it predicts, and what makes no network."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse

import gradatim as gd
from gradatim.course import ForwardPass
from gradatim.errors import InputError
from tests.course.expectations import refused, table
from tests.networks import CASES


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
    assert repr(net) == "Network([3, 4, 1], activations=['leaky_relu(0.2)', 'sigmoid'], loss='log_loss')"


def test_activations_left_out_are_relu_and_what_belongs_to_the_loss():
    def names(**settings):
        return [g.name for g in gd.Network([2, 3, 3, 2], **settings).g]

    assert names() == ["relu", "relu", "sigmoid"]
    assert names(loss="squared_error") == ["relu", "relu", "identity"]
    assert names(loss="categorical_log_loss") == ["relu", "relu", "softmax"]
    assert names(loss="huber") == ["relu", "relu", "identity"]


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


def test_sparse_columns_give_what_dense_ones_give():
    X, Y = table()
    X[np.abs(X) < 1] = 0
    net = gd.Network([3, 4, 1])
    assert np.allclose(net.forward(scipy.sparse.csr_array(X)).A[2], net.forward(X).A[2])
    sparse = gd.Network([3, 4, 1]).descend(scipy.sparse.csr_array(X), Y, 0.1, 20, 10)
    assert sparse == pytest.approx(net.descend(X, Y, 0.1, 20, 10))


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
