"""Units that are silent, stuck or all the same: brought about, counted by hand, and not seen where all is well."""

import numpy as np
import pytest

import gradatim as gd
from tests.glass.doctor.patients import blobs, found, named, trained


def test_too_large_a_rate_kills_relus_and_they_are_counted():
    model, examples = trained("digits", learning_rate=0.3, max_epochs=5, hidden_widths=(30, 20))
    ill = {one.layer: one for one in named(gd.examine(model, examples.table, examples.y), "dead units")}
    Z = model.network_.forward(model.encode(examples.table)).Z
    for l, one in ill.items():
        dead = int(np.sum(np.all(Z[l] < 0, axis=1)))
        assert one.measured["dead"] == dead >= 0.4 * len(Z[l])
        assert f"{dead} of {len(Z[l])} units" in one.evidence
    assert "learning_rate=0.01 in place of 0.3" in ill[1].remedy
    assert 'activation="leaky_relu"' in ill[1].remedy


def test_units_below_the_share_are_left_alone():
    X, Y = blobs()
    net = gd.Network([4, 10, 1])
    net.b[1] = np.where(np.arange(10) < 3, -1000.0, 0.0)[:, None]
    assert "dead units" not in gd.examine(net, X, Y).names
    net.b[1] = np.where(np.arange(10) < 4, -1000.0, 0.0)[:, None]
    (one,) = named(gd.examine(net, X, Y), "dead units")
    assert (one.layer, one.severity, one.measured["share"]) == (1, "worth a look", 0.4)
    net.b[1] = np.full((10, 1), -1000.0)
    assert named(gd.examine(net, X, Y), "dead units")[0].severity == "serious"


def test_leaky_relus_do_not_die():
    X, Y = blobs()
    net = gd.Network([4, 10, 1], activations=["leaky_relu", "sigmoid"])
    net.b[1] = np.full((10, 1), -1000.0)
    assert "dead units" not in gd.examine(net, X, Y).names


@pytest.mark.parametrize(("activation", "beyond"), [("tanh", np.arctanh(np.sqrt(0.95))), ("sigmoid", np.log(78 - 1))])
def test_large_weights_saturate(activation, beyond):
    """Tanh has less than 5 % of its slope beyond artanh √0.95 = 2.18; sigmoid beyond about 4.3."""
    X, Y = blobs()
    net = gd.Network([4, 30, 1], activations=[activation, "sigmoid"])
    assert "saturated units" not in gd.examine(net, X, Y).names
    net.W[1] = 30 * net.W[1]
    (one,) = named(gd.examine(net, X, Y), "saturated units")
    share = np.mean(np.abs(net.forward(X).Z[1]) > beyond)
    assert one.layer == 1
    assert one.measured["share"] == pytest.approx(share, abs=0.01)
    assert f"{share:.0%}"[:-2] in one.evidence


def test_raw_columns_saturate_a_trained_tanh_network():
    names = found("concrete", activation="tanh", encoding=None, max_epochs=5, hidden_widths=(20,)).names
    assert {"saturated units", "unscaled inputs"} <= set(names)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_zeros_keep_units_equal_through_a_whole_training(activation):
    settings = {"network": gd.NetworkOptions(initializer="zeros"), "activation": activation, "hidden_widths": (8, 6)}
    ill = named(found("iris", max_epochs=10, **settings), "symmetric units")
    assert [(one.layer, one.measured["units"], one.measured["different"]) for one in ill] == [(1, 8, 1), (2, 6, 1)]
    assert 'NetworkOptions(initializer="he")' in ill[0].remedy


def test_equal_weights_that_are_not_0_are_symmetric_too():
    X, Y = blobs()
    net = gd.Network([4, 6, 1], activations=["tanh", "sigmoid"])
    net.W[1], net.W[2] = np.full((6, 4), 0.3), np.full((1, 6), 0.2)
    net.descend(X, Y, learning_rate=0.5, iterations=50)
    (one,) = named(gd.examine(net, X, Y), "symmetric units")
    assert one.measured == {"units": 6, "different": 1}
    assert initializer_of_the_course(one)


def initializer_of_the_course(one):
    return 'initializer="he"' in one.remedy and "NetworkOptions" not in one.remedy


def test_one_pair_of_twins_among_many_is_no_illness():
    X, Y = blobs()
    net = gd.Network([4, 6, 1], activations=["tanh", "sigmoid"])
    W, v = net.W[1].copy(), net.W[2].copy()
    W[1], v[:, 1] = W[0], v[:, 0]
    net.W[1], net.W[2] = W, v
    assert "symmetric units" not in gd.examine(net, X, Y).names
