"""Derivatives by independent roads: the backward pass, the complex step, the computation graph, PyTorch."""

from itertools import product

import numpy as np
import pytest

from gradatim.engines import textbook
from tests.agreement import graph_network
from tests.networks import CASES, EVERY_COMBINATION, HIDDEN, LAYER_KINDS, LOSSES, combination, draw
from tests.numeric_slopes import complex_step


def objective(case, vector, dropout=None):
    """J + penalties, for real or complex parameters."""
    J, _ = textbook.loss_and_gradients(case.problem, vector, case.data, dropout=dropout)
    return J + textbook.penalty(case.problem, vector)


def by_complex_step(case, dropout=None):
    """∂(J + penalties)/∂θ."""
    return complex_step(lambda vector: objective(case, vector, dropout), case.vector)


@pytest.mark.parametrize("name", CASES)
def test_backward_pass_equals_complex_step(name):
    case = CASES[name]
    _, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
    np.testing.assert_allclose(gradient, by_complex_step(case, draw(case)), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_backward_pass_equals_computation_graph(name):
    case = CASES[name]
    J, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
    expected_J, expected = graph_network.loss_and_gradient(case, draw(case))
    assert float(J) == pytest.approx(expected_J, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)


def assert_pytorch_agrees(case):
    pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    from tests.agreement import torch_network

    J, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
    expected_J, expected = torch_network.loss_and_gradient(case, draw(case))
    assert float(J) == pytest.approx(expected_J, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_backward_pass_equals_pytorch(name):
    assert_pytorch_agrees(CASES[name])


@pytest.mark.parametrize(("activation", "loss", "kind"), EVERY_COMBINATION)
def test_backward_pass_equals_pytorch_for_every_activation_loss_and_layer_kind(activation, loss, kind):
    assert_pytorch_agrees(combination(activation, loss, kind))


@pytest.mark.parametrize("loss", LOSSES)
def test_the_fast_engine_equals_the_computation_graph_for_every_activation(loss):
    """Without the textbook engine between them, which all other tests of the fast engine lean on."""
    fast = pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")
    for activation, kind in product(HIDDEN, ("dense", "everything at once")):
        case = combination(activation, loss, kind)
        J, gradient = fast.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
        expected_J, expected = graph_network.loss_and_gradient(case, draw(case))
        assert float(J) == pytest.approx(expected_J, rel=1e-12)
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13, err_msg=f"{activation}, {kind}")


@pytest.mark.parametrize(("activation", "loss", "kind"), EVERY_COMBINATION)
def test_all_roads_meet_for_every_activation_loss_and_layer_kind(activation, loss, kind):
    case = combination(activation, loss, kind)
    J, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
    graph_J, graph_gradient = graph_network.loss_and_gradient(case, draw(case))
    assert float(J) == pytest.approx(graph_J, rel=1e-12)
    np.testing.assert_allclose(gradient, graph_gradient, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(gradient, by_complex_step(case, draw(case)), rtol=1e-10, atol=1e-13)


def test_the_product_draws_masks_that_drop_and_masks_that_keep():
    """Dropout in a case means nothing unless a mask is drawn, and one that drops something."""
    with_dropout = [kind for kind in LAYER_KINDS if draw(combination("tanh", "log loss", kind))]
    assert with_dropout == ["dropout", "everything at once"]
    for kind in with_dropout:
        case = combination("tanh", "log loss", kind)
        J, _ = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=draw(case))
        J_without, _ = textbook.loss_and_gradients(case.problem, case.vector, case.data)
        assert abs(J - J_without) > 1e-3


@pytest.mark.parametrize("name", ["hidden selu", "everything at once"])
def test_the_comparison_notices_an_error_of_one_in_a_thousand(name, monkeypatch):
    """The tester tested: every hidden slope 0.1 % too large must not pass."""
    case = CASES[name]
    right = textbook.layer.through_activation

    def slightly_wrong(layer, dA, cache):
        dZ, dslope = right(layer, dA, cache)
        return 1.001 * dZ, dslope

    monkeypatch.setattr("gradatim.engines.textbook.passes.through_activation", slightly_wrong)
    _, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(gradient, by_complex_step(case), rtol=1e-10, atol=1e-13)
