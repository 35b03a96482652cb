"""Forward and back: against predictions, complex steps, and numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.formulas.activations import activation
from gradatim.glass.trace import trace
from gradatim.network import Parameters


def test_the_last_activations_are_the_prediction(traced):
    t, rows = traced
    taken = t.model.table_of(rows).take([16, 1, 29])
    if t.model.architecture.members == 1:
        assert np.array_equal(t.A[t.L], t.output)
    if t.model.task == "classification":
        assert t.model.target.probabilities(t.output.T) == pytest.approx(t.model.predict_proba(taken), abs=1e-9)
        assert t.prediction.tolist() == t.model.predict(taken).tolist()
    else:
        assert t.prediction == pytest.approx(t.model.predict(taken), rel=1e-9)
    assert t.numbers == (17, 2, 30)


def test_layers_follow_from_one_another(traced):
    t, _ = traced
    for l, layer in enumerate(t.model.architecture.dense, start=1):
        assert t.Z[l] == pytest.approx(t.W[l] @ t.A[l - 1] + t.b[l])
        if not layer.learned_slope:
            assert t.A[l] == pytest.approx(activation(layer.activation).value(t.Z[l]))
    if not t.model.architecture.front and t.model.architecture.members == 1:
        assert np.array_equal(t.A[0], t.X)


STEP = 1e-30
"""h of the complex step: nothing is subtracted, so it is right to the last digits."""


def losses(t, Z, Y):
    g = activation(t.model.architecture.output.activation)
    return textbook.loss_values(t.network.loss, g, Z, Y).sum(axis=0)


def costs_of_members(t, vector):
    """J of each member alone, by the textbook engine."""
    members = t.model.architecture.members
    Z = textbook.forward(t.model.architecture, vector, t.X, t.codes).Z[-1]
    return losses(t, Z, np.tile(t.Y, (1, members))).reshape(members, t.m).mean(axis=1)


def gradients_by_complex_step(t):
    """(members, P): the derivative of each member's J by every parameter."""
    vector = t.network.vector
    columns = []
    for k in range(len(vector)):
        moved = vector.astype(complex)
        moved[k] += 1j * STEP
        columns.append(costs_of_members(t, moved).imag / STEP)
    return np.array(columns).T


def test_every_dW_and_db_is_that_of_the_complex_step(traced):
    t, _ = traced
    each = gradients_by_complex_step(t)
    own = Parameters(t.model.architecture, each[t.member - 1])
    for l in range(1, t.L + 1):
        for letter, found in (("W", t.dW[l]), ("b", t.db[l])):
            expected = own[f"{letter}{l}"]
            expected = expected if expected.ndim == 2 else expected[t.member - 1]
            assert found.shape == expected.shape
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-12)
    # The step is that of the whole network: J is the mean over members, and the front moves as well.
    moved = t.network.vector - t.learning_rate * each.mean(axis=0)
    assert t.stepped.vector == pytest.approx(moved, rel=1e-9, abs=1e-13)
    assert t.cost == pytest.approx(costs_of_members(t, t.network.vector)[t.member - 1])


def forward_from(t, l, Z):
    """Z[L] from any Z[l], by the formulas of the layers alone."""
    parameters = Parameters(t.model.architecture, t.network.vector)
    for k in range(l, t.L):
        layer = t.model.architecture.dense[k - 1]
        A = activation(layer.activation).value(Z)
        if layer.learned_slope:
            A = Z + parameters[f"slope{k}"] * (A - Z)
        Z = t.W[k + 1] @ A + t.b[k + 1]
    return Z


def test_every_dZ_is_that_of_the_complex_step(traced):
    t, _ = traced
    for l in range(1, t.L + 1):
        expected = np.empty_like(t.dZ[l])
        for j in range(len(expected)):
            Z = t.Z[l].astype(complex)
            Z[j] += 1j * STEP  # examples do not mix: all of them at once
            expected[j] = losses(t, forward_from(t, l, Z), t.Y).imag / STEP
        assert t.dZ[l] == pytest.approx(expected, rel=1e-7, abs=1e-12)
        if l < t.L:
            assert t.dA[l] == pytest.approx(t.W[l + 1].T @ t.dZ[l + 1])


def test_one_example_alone_has_the_derivatives_of_its_row(traced):
    t, _ = traced
    alone = [t.example(i) for i in (1, 2, 3)]
    assert [one.numbers for one in alone] == [(17,), (2,), (30,)]
    for l in range(1, t.L + 1):
        assert np.mean([one.dW[l] for one in alone], axis=0) == pytest.approx(t.dW[l])
        assert alone[1].dZ[l] == pytest.approx(t.dZ[l][:, [1]])
    assert np.mean([one.cost for one in alone]) == pytest.approx(t.cost)


def test_a_network_worked_by_hand(by_hand):
    t = by_hand
    assert (t.model.target.mean, t.model.target.std) == ((0.0,), (1.0,))
    assert t.Z[1] == pytest.approx(np.array([[0.6], [0.5]]))
    assert t.A[1] == pytest.approx(np.array([[0.5370], [0.4621]]), abs=5e-5)
    assert t.prediction == pytest.approx([0.19125], abs=1e-5)
    assert t.cost == pytest.approx(0.04766, abs=1e-5)
    assert t.dZ[2] == pytest.approx(np.array([[-0.30875]]), abs=1e-5)
    assert t.dW[2] == pytest.approx(np.array([[-0.16581, -0.14268]]), abs=1e-5)
    assert t.dZ[1] == pytest.approx(np.array([[-0.10985], [0.14569]]), abs=1e-5)
    assert t.dW[1] == pytest.approx(np.array([[-0.10985, -0.21970], [0.14569, 0.29138]]), abs=2e-5)
    assert t.row == {"x": 1.0, "y": 2.0, "target": 0.5}
    assert str(t.contributions(2)) == "Z[2] unit 1 = −0.6 · 0.4621 + 0.5 · 0.537 + 0.2 = 0.1913"


def test_that_the_step_is_taken_with_the_rate_that_is_given(by_hand):
    t = by_hand
    again = trace(t.model, t.table, [0.5], learning_rate=2.0)
    moved = Parameters(t.model.architecture, again.stepped.vector)
    assert moved.W[2] == pytest.approx(t.W[2] - 2 * t.dW[2])
    assert moved.b[1] == pytest.approx(t.b[1] - 2 * t.db[1])
    assert np.array_equal(t.network.vector, t.model.vector)  # the model stays as it is
