"""Passes and gradients: against numbers worked by hand, the long way round, and layers that do not exist."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from tests.course.expectations import by_hand, refused, table


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


def test_the_relu_of_the_assignments_has_slope_0_at_0_and_that_of_the_lectures_1():
    Z = np.array([[-1.0, 0.0, 1.0]])
    slopes = {name: gd.Network([1, 1, 1], [name, "sigmoid"]).g[1].slope(Z, Z).tolist() for name in ("relu", "relu(0)")}
    assert slopes == {"relu": [[0.0, 1.0, 1.0]], "relu(0)": [[0.0, 0.0, 1.0]]}


def test_passes_show_their_shapes():
    X, Y = table()
    net = gd.Network([3, 4, 1])
    p = net.forward(X)
    assert repr(p) == "ForwardPass(A[0] (3, 40), A[1] (4, 40), A[2] (1, 40); Z[1] (4, 40), Z[2] (1, 40))"
    assert repr(net.backward(p, Y)) == "BackwardPass(dW[1] (4, 3), dW[2] (1, 4); db[1] (4, 1), db[2] (1, 1))"
    assert [len(p.A), len(p.Z), len(net.W)] == [3, 2, 2]
    assert [A.shape for A in p.A] == [(3, 40), (4, 40), (1, 40)]


def test_a_pass_stays_what_it_was_when_weights_are_written():
    X, Y = table(n=2)
    net = gd.Network.from_parameters(by_hand(), activations=["tanh", "sigmoid"])
    p = net.forward(X)
    before = net.backward(p, Y).vector
    net.W[2] = [[5.0, 5.0]]
    net.layer(2)
    assert np.array_equal(net.backward(p, Y).vector, before)
    assert not np.array_equal(net.backward(net.forward(X), Y).vector, before)


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
