"""Weights read, written and updated: what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.errors import InputError
from gradatim.network import Architecture, Dense
from tests.course.expectations import by_hand, refused, table


def test_weights_can_be_written_and_dictionaries_go_round():
    net = gd.Network.from_parameters(by_hand(), activations=["tanh", "sigmoid"])
    assert all(np.array_equal(net.parameters()[name], value) for name, value in by_hand().items())
    net.W[1] = [[1.0, 2.0], [3.0, 4.0]]
    assert net.parameters()["W1"].tolist() == [[1.0, 2.0], [3.0, 4.0]]


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
