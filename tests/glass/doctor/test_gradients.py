"""Derivatives by layer: the numbers are those of the network's own backward pass."""

import numpy as np
import pytest

import gradatim as gd
from tests.glass.doctor.patients import blobs, found, named


def norms(net, X, Y):
    d = net.backward(net.forward(X), Y)
    return [float(np.linalg.norm(dZ)) for dZ in d.dZ]


def test_many_sigmoids_make_derivatives_vanish_and_relus_do_not():
    X, Y = blobs()
    widths = [4, *[10] * 8, 1]
    net = gd.Network(widths, activations=["sigmoid"] * 9, initializer="glorot")
    (one,) = named(gd.examine(net, X, Y), "vanishing gradients")
    sizes = norms(net, X, Y)
    assert one.measured["ratio"] == pytest.approx(sizes[0] / sizes[-1], rel=1e-9)
    assert one.measured["ratio"] < 1e-3
    faded = [l for l, size in enumerate(sizes, start=1) if size < 1e-3 * sizes[-1]]
    assert one.layer == max(faded)
    assert 'activations=["relu", …] with initializer="he"' in one.remedy
    assert "vanishing gradients" not in gd.examine(gd.Network(widths), X, Y).names


def test_a_trained_stack_of_sigmoids_is_named_by_its_settings():
    ill = found("penguins", hidden_widths=(20,) * 8, activation="sigmoid", max_epochs=5)
    (one,) = named(ill, "vanishing gradients")
    assert 'activation="relu" with network=NetworkOptions(initializer="he")' in one.remedy


def test_large_weights_make_derivatives_explode():
    X, Y = blobs()
    net = gd.Network([4, 10, 10, 10, 10, 10, 1])
    assert "exploding gradients" not in gd.examine(net, X, Y).names
    for l in range(2, 7):
        net.W[l] = 10 * net.W[l]
    (one,) = named(gd.examine(net, X, Y), "exploding gradients")
    sizes = norms(net, X, Y)
    assert one.measured["ratio"] == pytest.approx(max(sizes) / sizes[-1], rel=1e-9)
    assert one.measured["ratio"] > 1e3
    assert one.layer == 1


def test_what_is_cut_off_is_not_said_to_fade():
    """Behind a layer that is silent on every row derivatives are 0, and dead units say why."""
    X, Y = blobs()
    net = gd.Network([4, 10, 10, 1])
    net.b[2] = np.full((10, 1), -1000.0)
    names = gd.examine(net, X, Y).names
    assert "dead units" in names
    assert "vanishing gradients" not in names
