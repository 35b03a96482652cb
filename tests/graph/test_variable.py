"""The bookkeeping: the chain rule along the graph, whole expressions, depth, memory, and what a Variable refuses."""

from __future__ import annotations

import gc
import sys
import weakref

import numpy as np
import pytest

from gradatim import graph
from gradatim.errors import InputError, ShapeError
from gradatim.graph import exp, gradients, log, tanh, topological_order, variable
from tests.numeric_slopes import assert_gradient, central_difference

# By hand


def test_the_graph_of_the_course():
    """J = 3(a + bc) at a = 5, b = 3, c = 2: u = bc = 6, v = a + u = 11, J = 3v = 33.

    dJ/dv = 3; dJ/da = 3 · 1 = 3; dJ/du = 3; dJ/db = 3 · c = 6; dJ/dc = 3 · b = 9.
    """
    a, b, c = variable(5, "a"), variable(3, "b"), variable(2, "c")
    u = b * c
    v = a + u
    J = 3 * v
    J.backward()
    assert (u.value, v.value, J.value) == (6, 11, 33)
    assert (v.grad, u.grad, a.grad, b.grad, c.grad) == (3, 3, 3, 6, 9)
    assert J.grad == 1


def test_a_nudge_of_a_thousandth_moves_j_as_the_slope_says():
    """The notes' own check: a from 5 to 5.001 moves J from 33 to 33.003."""
    assert float(3 * (5.001 + 3 * 2)) == pytest.approx(33.003)
    np.testing.assert_allclose(
        central_difference(lambda v: (3 * (variable(v[0]) + v[1] * v[2])).value, np.array([5.0, 3.0, 2.0])),
        [3, 6, 9],
        rtol=1e-9,
    )


def test_logistic_regression_on_one_example():
    """The notes' graph z = w₁x₁ + w₂x₂ + b: with w = (0.1, −0.2), x = (2, 1), b = 0 is z = 0, so ŷ = ½; y = 1.

    L = log 2; dz = ŷ − y = −½; dw₁ = x₁dz = −1; dw₂ = x₂dz = −½; db = −½.
    """
    w1, w2, b = variable(0.1, "w1"), variable(-0.2, "w2"), variable(0.0, "b")
    z = w1 * 2.0 + w2 * 1.0 + b
    y_hat = 1 / (1 + exp(-z))
    L = -log(y_hat)
    L.backward()
    assert L.value == pytest.approx(0.6931471805599453)
    assert [z.grad, w1.grad, w2.grad, b.grad] == pytest.approx([-0.5, -1.0, -0.5, -0.5])


def network(theta):
    """A 2-2-1 network, tanh then sigmoid, on one example, in the notes' letters. Gives each node by name."""
    W1, b1, W2, b2 = theta
    x = np.array([[1.0], [2.0]])
    Z1 = W1 @ x + b1
    A1 = tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = 1 / (1 + exp(-Z2))
    return {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "J": -log(A2)}  # y = 1


def small_parameters():
    return (
        variable([[0.3, -0.1], [0.2, 0.4]], "W1"),
        variable([[0.1], [-0.2]], "b1"),
        variable([[0.5, -0.5]], "W2"),
        variable([[0.1]], "b2"),
    )


def test_a_network_of_two_two_one_worked_by_hand():
    """Weights in tenths, x = (1, 2), y = 1.

    Forward
        Z1 = (0.3·1 − 0.1·2 + 0.1, 0.2·1 + 0.4·2 − 0.2) = (0.2, 0.8)
        A1 = (tanh 0.2, tanh 0.8)                       = (0.197375, 0.664037)
        Z2 = 0.5·0.197375 − 0.5·0.664037 + 0.1          = −0.133331
        A2 = 1 / (1 + e^0.133331) = 1 / 2.142628        = 0.466717
        J  = −log 0.466717                              = 0.762033
    Back
        dZ2 = A2 − y                                    = −0.533283
        dW2 = dZ2 · A1ᵀ                                 = (−0.105257, −0.354119)
        db2 = dZ2
        dA1 = W2ᵀ · dZ2                                 = (−0.266641, 0.266641)
        dZ1 = dA1 · (1 − A1²), 1 − A1² = (0.961043, 0.559055) = (−0.256254, 0.149067)
        dW1 = dZ1 · xᵀ                                  = (−0.256254, −0.512508; 0.149067, 0.298134)
        db1 = dZ1
    """
    theta = small_parameters()
    W1, b1, W2, b2 = theta
    nodes = network(theta)
    nodes["J"].backward()

    def meets(actual, expected):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1.5e-6)

    meets(nodes["Z1"].value, [[0.2], [0.8]])
    meets(nodes["A1"].value, [[0.197375], [0.664037]])
    meets(nodes["Z2"].value, [[-0.133331]])
    meets(nodes["A2"].value, [[0.466717]])
    meets(nodes["J"].value, [[0.762033]])
    meets(nodes["Z2"].grad, [[-0.533283]])
    meets(W2.grad, [[-0.105257, -0.354119]])
    meets(b2.grad, [[-0.533283]])
    meets(nodes["A1"].grad, [[-0.266641], [0.266641]])
    meets(nodes["Z1"].grad, [[-0.256254], [0.149067]])
    meets(W1.grad, [[-0.256254, -0.512508], [0.149067, 0.298134]])
    meets(b1.grad, [[-0.256254], [0.149067]])


def test_the_same_network_by_complex_step():
    theta = small_parameters()
    network(theta)["J"].backward()
    x = np.concatenate([p.value.ravel() for p in theta])

    def J(v):
        W1, b1, W2, b2 = (part.reshape(p.shape) for part, p in zip(np.split(v, [4, 6, 8]), theta, strict=True))
        return network((variable(W1), b1, W2, b2))["J"].value

    assert_gradient(np.concatenate([p.grad.ravel() for p in theta]), J, x)


# Shared nodes, repeated calls


def test_a_shared_node_hears_from_every_use():
    """a·a + a has slope 2a + 1; in a diamond, (a + 1)·(a·2) has slope 2a + 2(a + 1)."""
    a = variable(3.0)
    (a * a + a).backward()
    assert a.grad == 7
    a = variable(3.0)
    ((a + 1) * (a * 2)).backward()
    assert a.grad == 14


def test_a_chain_of_diamonds_takes_each_node_once():
    """Sixty doublings of a: 2⁶⁰ ways from J to a, in sixty-one nodes."""
    a = variable(1.0)
    J = a
    for _ in range(60):
        J = J + J
    assert len(topological_order(J)) == 61
    J.backward()
    assert a.grad == 2.0**60


def test_each_backward_writes_afresh():
    a = variable(3.0)
    J = a * a
    J.backward()
    J.backward()
    assert a.grad == 6
    (a * 5).backward()
    assert a.grad == 5


def test_a_gradient_is_an_array_of_its_own():
    """Addition passes the same derivative to both; scaling one must not scale the other."""
    a, b = variable([1.0, 2.0]), variable([3.0, 4.0])
    (a + b).sum().backward()
    a.grad *= 0.5
    assert b.grad.tolist() == [1, 1]


def test_a_variable_is_a_copy():
    x = np.ones(2)
    a = variable(x)
    x[0] = 5
    assert a.value.tolist() == [1, 1]


def test_a_given_gradient_starts_the_chain():
    """From dA on: with A = W x and dA = (1, 10), dW = dA xᵀ."""
    W = variable(np.zeros((2, 2)))
    (W @ np.array([[3.0], [4.0]])).backward([[1], [10]])
    assert W.grad.tolist() == [[3, 4], [30, 40]]


def test_one_number_in_any_shape_is_j():
    a = variable([[2.0]])
    (a * a).backward()
    assert a.grad.tolist() == [[4]]


def test_gradients_leave_grad_alone_and_are_zero_where_nothing_leads():
    a, b = variable(2.0), variable([1.0, 1.0])
    slope_a, slope_b = gradients(3 * a, [a, b])
    assert (slope_a.value, slope_b.value.tolist()) == (3, [0, 0])
    assert a.grad is None
    assert b.grad is None
    assert gradients(slope_a, [a])[0].value == 0  # a line has no curvature


# The graph as a thing to look at


def test_nodes_know_their_operation_parents_and_names():
    a, b = variable(2.0, "a"), variable([[1.0, 2.0]], "b")
    J = (a * b).sum(axis=1, keepdims=True)
    assert (J.operation.name, J.settings) == ("sum", {"axis": 1, "keepdims": True})
    (product,) = J.parents
    assert product.operation is graph.OPERATIONS["multiply"]
    assert product.parents == (a, b)
    assert (a.operation, a.parents, a.name) == (None, (), "a")


def test_plain_numbers_are_constants_without_a_derivative():
    a = variable(2.0)
    J = a * 3
    three = J.parents[1]
    J.backward()
    assert three.is_constant
    assert not J.is_constant
    assert three.value == 3
    assert three.grad is None


def test_parents_come_before_children():
    a = variable(1.0)
    b = exp(a)
    J = b * a + b
    order = topological_order(J)
    place = {node: i for i, node in enumerate(order)}
    assert len(order) == len(set(order)) == 4
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


def test_repr():
    a = variable(5, "a")
    assert repr(a) == "Variable(a = 5.0)"
    assert repr(a + 1) == "Variable(6.0, by add)"
    assert repr((a + 1).parents[1]) == "Variable(1.0, constant)"
    assert repr(variable([1, 2])) == "Variable([1., 2.])"
    assert repr(variable([[1, 2], [3, 4]], "W")) == "Variable(W = [[1., 2.],\n              [3., 4.]])"


# Deep and large


def test_a_chain_of_twenty_thousand_operations():
    """Ten thousand times x ← x · 0.9999 + 0.0001: twenty thousand nodes one behind the other, slope 0.9999^10000."""
    a = variable(2.0)
    J = a
    for _ in range(10_000):
        J = J * 0.9999 + 0.0001
    assert sys.getrecursionlimit() < 20_000
    J.backward()
    assert a.grad == pytest.approx(0.9999**10_000, rel=1e-10)
    (slope,) = gradients(J, [a])
    assert slope.value == pytest.approx(0.9999**10_000, rel=1e-10)


def test_deep_second_derivatives():
    """The slope of a deep graph is a deep graph: aⁿ by n multiplications, n = 5000, at a = 1."""
    a = variable(1.0)
    J = a
    for _ in range(4_999):
        J = J * a
    (slope,) = gradients(J, [a])
    slope.backward()
    assert (slope.value, a.grad) == (5_000, 5_000 * 4_999)


def test_a_deep_graph_is_freed_at_once():
    """Without the collector of cycles, and without a recursion that would overflow the stack."""
    a = variable(1.0)
    gc.collect()
    gc.disable()
    try:
        J = a
        for _ in range(100_000):
            J = J + 1.0
        J.backward()
        first_sum = weakref.ref(topological_order(J)[2])
        assert first_sum().operation.name == "add"
        del J
        assert first_sum() is None
    finally:
        gc.enable()


# Refusals


def test_backward_of_many_numbers_is_refused_with_the_cure():
    with pytest.raises(ShapeError, match=r"J must be one number. Got shape \(2,\). Take .sum\(\) or .mean\(\)"):
        (variable([1.0, 2.0]) * 2).backward()
    with pytest.raises(ShapeError, match="J must be one number"):
        gradients(variable([1.0, 2.0]), [])


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"gradient must have the shape of the variable, \(2, 1\). Got \(2,\)"):
        variable([[1.0], [2.0]]).backward([1.0, 1.0])


@pytest.mark.parametrize(
    "nonsense", ["five", None, ["a"], object(), [[1], [2, 3]], np.array(["2020"], dtype="datetime64[Y]")]
)
def test_what_is_not_made_of_numbers_is_refused(nonsense):
    with pytest.raises(InputError, match="variable: value must be a number or an array of numbers"):
        variable(nonsense)
    with pytest.raises(InputError, match="the other input must be a number or an array of numbers"):
        variable(1.0) + nonsense


@pytest.mark.parametrize(
    "leak",
    [
        np.asarray,
        np.array,
        lambda a: np.where(True, a, 0),
        lambda a: np.concatenate([a, a]),
        lambda a: variable([a, a]),
    ],
)
def test_numpy_cannot_make_a_variable_forget_its_history(leak):
    with pytest.raises(InputError, match="Got a Variable, which would lose its history"):
        leak(variable([1.0, 2.0]))


def test_numpys_own_functions_refuse_a_variable():
    with pytest.raises(TypeError, match="does not support ufuncs"):
        np.exp(variable(1.0))
