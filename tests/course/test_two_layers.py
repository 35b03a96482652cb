"""The loop over two layers: against the network's forward pass, and the messages of misfits."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from tests.course.expectations import by_hand, refused, table


@pytest.mark.parametrize("hidden", ["tanh", "relu", "sigmoid"])
def test_two_layers_example_by_example_are_the_network_s_forward_pass(hidden):
    X, _ = table()
    net = gd.Network([3, 4, 2], activations=[hidden, "sigmoid"], seed=3)
    net.b[1] = [[0.1], [-0.2], [0.3], [0.0]]
    p = net.forward(X)
    Z1, A1, Z2, A2 = gd.two_layer_forward_by_loop(net.parameters(), X, activations=(hidden, "sigmoid"))
    for ours, loop in ((p.Z[1], Z1), (p.A[1], A1), (p.Z[2], Z2), (p.A[2], A2)):
        assert np.abs(ours - loop).max() < 1e-12


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
