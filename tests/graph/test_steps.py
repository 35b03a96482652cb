"""The chain rule in words and numbers: whole texts, each line worked by hand."""

from __future__ import annotations

import numpy as np

from gradatim import graph
from gradatim.graph import constant, exp, log, sigmoid, tanh, variable
from tests.graph.expressions import EXPRESSIONS, values_of


def lines_back(J):
    return list(J.steps().back)


def test_one_example_with_two_features():
    """The notes' graph, at w = (0.1, −0.2), x = (2, 1), b = 0, y = 1: da = −2, dz = −½, dw1 = −1, dw2 = −½, db = −½."""
    w1, w2, b = variable(0.1, "w1"), variable(-0.2, "w2"), variable(0.0, "b")
    x1, x2 = constant(2.0, "x1"), constant(1.0, "x2")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = sigmoid(z).named("a")
    J = (-log(a)).named("L")
    text = str(J.steps())
    for line in (
        "u = w1 x1 = 0.1 · 2 = 0.2",
        "v = w2 x2 = (−0.2) · 1 = −0.2",
        "p = u + v = 0.2 + (−0.2) = 0",
        "a = sigmoid(z) = sigmoid(0) = 0.5",
        "L = −q = −(−0.6931) = 0.6931",
        "dL/da = dL/dq · dq/da = −1 · 2 = −2",
        "a = sigmoid(z), so da/dz = a (1 − a) = 0.25",
        "dL/dz = dL/da · da/dz = −2 · 0.25 = −0.5",
        "dL/db = dL/dz · dz/db = −0.5 · 1 = −0.5",
        "u = w1 x1, so du/dw1 = x1 = 2",
        "dL/dw1 = dL/du · du/dw1 = −0.5 · 2 = −1",
        "dL/dw2 = dL/dv · dv/dw2 = −0.5 · 1 = −0.5",
    ):
        assert line in text
    assert "dL/dx1" not in text


def test_the_sum_over_the_ways():
    """J = u + v with u = 2a and v = a²: two ways from a, 2 and 2a = 6, so 8 in all."""
    a = variable(3.0, "a")
    assert lines_back(2 * a + a**2) == [
        "J = u + v, so dJ/dv = 1",
        "J = u + v, so dJ/du = 1",
        "v = a², so dv/da = 2 a = 6",
        "u = 2 a, so du/da = 2",
        "    dJ/da = dJ/dv · dv/da + dJ/du · du/da = 1 · 6 + 1 · 2 = 8",
    ]


def test_a_factor_that_comes_twice_has_two_ways():
    a = variable(3.0, "a")
    assert lines_back(a * a) == [
        "J = a a, so dJ/da = a = 3 (as the first input)",
        "J = a a, so dJ/da = a = 3 (as the second input)",
        "    dJ/da = dJ/da + dJ/da = 3 + 3 = 6",
    ]


def test_arrays_tell_shapes_and_sums():
    """Z = W x + b for two examples, J = Σ tanh Z at Z = 0: dZ = 1, dW = dZ xᵀ = (4, 6), db = Σ dZ = 2."""
    W, b = variable([[0.0, 0.0]], "W"), variable([[0.0]], "b")
    X = constant([[1.0, 3.0], [2.0, 4.0]], "X")
    J = tanh((W @ X + b).named("Z")).named("A").sum()
    assert list(J.steps().forward)[-2:] == ["A = tanh(Z) = (1, 2): 0, 0", "J = Σ A = 0"]
    assert lines_back(J) == [
        "J = Σ A, so dJ/dA = 1, repeated for each number that was summed = (1, 2): 1, 1",
        "A = tanh(Z), so dJ/dZ = dJ/dA ∘ (1 − A²) = (1, 2): 1, 1",
        "Z = U + b, so dJ/db = Σ dJ/dZ along axis 1, where b was repeated, = (1, 1): 2",
        "Z = U + b, so dJ/dU = dJ/dZ = (1, 2): 1, 1",
        "U = W X, so dJ/dW = dJ/dU Xᵀ = (1, 2): 4, 6",
    ]


def test_several_uses_of_an_array_stand_under_one_another():
    a = variable([1.0, 2.0], "a")
    u = exp(a)
    assert lines_back((u * a).sum())[-3:] == [
        "v = u ∘ a",
        "u = exp(a)",
        "    so dJ/da = dJ/dv ∘ u + dJ/du ∘ u = (2,): 5.437, 22.17",  # (1 + a) eᵃ
    ]


def test_an_array_has_values_but_no_derivatives():
    steps = (variable([1.0, 2.0], "a") * 2).named("y").steps()
    assert str(steps).splitlines() == ["Values, from left to right", "  a = (2,): 1, 2", "  y = a · 2 = (2,): 2, 4"]


def test_telling_touches_no_grad():
    a = variable(3.0)
    J = a * a
    J.steps()
    assert a.grad is None
    assert J.grad is None


def test_every_operation_can_be_told_and_drawn():
    for expression, shapes in EXPRESSIONS.values():
        inputs = [variable(value, name) for value, name in zip(values_of(shapes), "ab", strict=False)]
        J = expression(*inputs).sum()
        text = str(J.steps())
        assert "dJ/da" in text
        assert "{" not in text
        assert "dJ/da" in J.draw().svg


def test_settings_are_told():
    a = variable(np.ones((2, 3)), "a")
    assert a.sum(axis=1).steps().forward[-1].startswith("J = Σ a along axis 1 = (2,)")
    assert a.reshape(3, 2).steps().forward[-1].startswith("J = a in shape (3, 2) = (3, 2)")
    assert a[:, 1:].steps().forward[-1].startswith("J = a[:, 1:] = (2, 2)")
    assert a.T.steps().forward[-1].startswith("J = aᵀ = (3, 2)")
    assert graph.concatenate([a, a]).steps().forward[-1].startswith("J = (a, a), one behind the other along axis 0")


def test_powers_are_read_as_they_are_written_by_hand():
    a = variable(4.0, "a")
    assert lines_back(a**0.5) == ["J = a^0.5, so dJ/da = 0.5 a^(−0.5) = 0.25"]
    assert lines_back(a**-1) == ["J = a⁻¹, so dJ/da = (−1) a⁻² = −0.0625"]
    assert lines_back(a**3) == ["J = a³, so dJ/da = 3 a² = 48"]


def test_only_a_single_number_is_multiplied_without_a_ring():
    """Slopes of an array are an array, whatever single numbers stand in their formula."""
    a, b = variable([1.0, 2.0], "a"), variable(3.0, "b")
    assert "dJ/du ∘ 2 a = (2,): 2, 4" in lines_back((a**2).sum())[-1]
    assert "dJ/du · b = (2,): 3, 3" in str((a * b).sum().steps())
    assert "Σ (dJ/du ∘ a) along axis 0, where b was repeated, = 3" in str((a * b).sum().steps())


def test_axes_in_another_order_are_told():
    A = variable(np.ones((2, 3, 4)), "A")
    assert A.transpose((2, 0, 1)).steps().forward[-1].startswith("J = Aᵀ (axes 2, 0, 1) = (4, 2, 3)")
    assert A[np.int64(1), ::-1].steps().forward[-1].startswith("J = A[1, ::−1] = (3, 4)")


def test_python_shows_them_as_text():
    steps = (variable(2.0, "a") * 3).steps()
    assert repr(steps) == str(steps)
    assert repr(steps).startswith("Values, from left to right\n")


def test_names_that_are_taken_are_not_given_again():
    u = variable(2.0, "u")
    J = variable(3.0, "J")
    assert (u * u + J).steps().forward == ("u = 2", "v = u u = 2 · 2 = 4", "J = 3", "p = v + J = 4 + 3 = 7")


def test_names_are_escaped_for_pages():
    assert "&lt;b&gt;" in (variable(1.0, "<b>") * 2).steps()._repr_html_()
