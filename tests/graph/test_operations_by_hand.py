"""Operations and their derivatives at numbers that are worked by hand: kinks, powers, NaN, large scores."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import graph
from gradatim.graph import Variable, variable
from tests.numeric_slopes import complex_step


def slopes(expression, *values):
    inputs = [variable(value) for value in values]
    expression(*inputs).sum().backward()
    return [a.grad.tolist() for a in inputs]


def test_local_derivatives_by_hand():
    """At numbers whose derivatives everybody knows."""
    assert slopes(lambda a: 3 * a, 2.0) == [3.0]
    assert slopes(lambda a: a**2, 5.0) == [10.0]
    assert slopes(lambda a: a**3, 2.0) == [12.0]
    assert slopes(graph.log, 2.0) == [0.5]
    assert slopes(graph.exp, 0.0) == [1.0]
    assert slopes(graph.sin, 0.0) == [1.0]
    assert slopes(graph.cos, 0.0) == [0.0]
    assert slopes(graph.tanh, 0.0) == [1.0]
    assert slopes(lambda a, b: a / b, 6.0, 2.0) == [0.5, -1.5]
    assert slopes(lambda a, b: a - b, 6.0, 2.0) == [1.0, -1.0]
    assert slopes(lambda a: 2**a, 3.0) == [pytest.approx(8 * 0.6931471805599453)]


def test_kinks_are_as_promised():
    """Relu has slope 1 at 0; where its inputs are equal, maximum gives all to the first."""
    assert slopes(graph.relu, [-1.0, 0.0, 1.0]) == [[0.0, 1.0, 1.0]]
    assert slopes(graph.maximum, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]) == [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    assert slopes(lambda z: graph.maximum(z, 0), [-1.0, 0.0, 1.0]) == [[0.0, 1.0, 1.0]]


def test_powers_at_zero():
    """Without warnings: a⁰ has slope 0, a¹ slope 1, a² slope 0; and 0ᵇ stays 0 whatever b > 0 does."""
    assert slopes(lambda a: a ** np.array([0, 1, 2]), [0.0, 0.0, 0.0]) == [[0.0, 1.0, 0.0]]
    assert slopes(lambda a, b: a**b, 0.0, 2.0) == [0.0, 0.0]


def test_whole_powers_of_negative_numbers():
    assert slopes(lambda a: a**2, [-3.0]) == [[-6.0]]
    assert slopes(lambda a: a**-1, [-2.0]) == [[-0.25]]


def test_the_first_of_several_largest_hears_everything():
    """As with maximum: max of (a, b) is the larger of the two, ties included."""
    assert slopes(graph.max, [[3.0, 7.0], [7.0, 1.0]]) == [[[0, 1], [0, 0]]]
    assert slopes(lambda a: graph.max(a, axis=0), [[3.0, 7.0], [3.0, 9.0]]) == [[[1, 0], [0, 1]]]
    assert slopes(lambda a: graph.max(a, axis=(0, 2)), np.ones((2, 3, 2))) == [
        [[[1, 0], [1, 0], [1, 0]], [[0, 0], [0, 0], [0, 0]]]
    ]


def test_sigmoid_softplus_and_logsumexp_by_hand():
    """σ(log 3) = ¾ with slope 3/16; softplus(log 3) = log 4 with slope ¾; log(e⁰ + e^log 3) = log 4, slopes ¼ and ¾."""
    z = np.log(3.0)
    assert graph.sigmoid(z) == pytest.approx(0.75)
    assert graph.softplus(z) == pytest.approx(np.log(4.0))
    assert graph.logsumexp(np.array([0.0, z])) == pytest.approx(np.log(4.0))
    assert slopes(graph.sigmoid, z) == [pytest.approx(3 / 16)]
    assert slopes(graph.softplus, z) == [pytest.approx(3 / 4)]
    assert slopes(graph.logsumexp, [0.0, z]) == [pytest.approx([1 / 4, 3 / 4])]


def test_large_scores_overflow_nowhere():
    """Where e^1000 is infinite; warnings are errors here."""
    z = [-1000.0, 1000.0]
    assert graph.sigmoid(np.array(z)).tolist() == [0, 1]
    assert graph.softplus(np.array(z)).tolist() == [0, 1000]
    assert graph.logsumexp(np.array(z)) == 1000
    for f in (graph.sigmoid, graph.softplus, graph.logsumexp):
        assert slopes(f, z)[0] == ([0, 0] if f is graph.sigmoid else [0, 1])


def test_relu_and_maximum_do_not_hide_nan():
    nan = variable(np.nan)
    assert np.isnan(graph.relu(nan).value)
    assert np.isnan(graph.maximum(nan, 0).value)


def test_of_numbers_with_a_nan_the_nan_hears_everything():
    """It is the largest in the value, so in the derivative as well."""
    assert slopes(graph.max, [1.0, np.nan, 5.0, np.nan]) == [[0, 1, 0, 0]]


def test_lists_are_numbers_too():
    assert graph.sigmoid([0, 0]).tolist() == [0.5, 0.5]
    assert graph.softplus([1000, -1000]).tolist() == [1000, 0]


def test_a_row_that_is_looked_up_twice_hears_from_both():
    """An embedding: rows 1, 1, 0 are taken; row 1 gets both derivatives, row 2 none."""
    E = variable(np.zeros((3, 2)))
    E[np.array([1, 1, 0])].backward([[1, 2], [10, 20], [5, 5]])
    assert E.grad.tolist() == [[5, 5], [11, 22], [0, 0]]


def test_a_bias_hears_from_every_example():
    """Db = Σ dZ over the columns."""
    b = variable([[1.0], [2.0]])
    (b + np.zeros((2, 3))).backward([[1, 2, 3], [4, 5, 6]])
    assert b.grad.tolist() == [[6], [15]]


def test_plain_numbers_give_plain_results():
    """The same lines serve without a graph."""
    a = np.array([[0.25, 2.0]])
    for f in (graph.exp, graph.tanh, graph.relu, graph.sum, graph.mean, graph.transpose):
        assert not isinstance(f(a), Variable)
    np.testing.assert_array_equal(graph.relu(a - 1), [[0, 1]])
    np.testing.assert_array_equal(graph.reshape(a, 2), [0.25, 2])
    np.testing.assert_array_equal(graph.where(a > 1, a, 0), [[0, 2]])
    np.testing.assert_array_equal(graph.matmul(a, a.T), [[4.0625]])


def test_complex_numbers_pass_and_are_not_conjugated():
    """The derivative of z² at 1 + 2i is 2 + 4i, that of a complex function."""
    z = variable(1 + 2j)
    (z * z).backward()
    assert z.grad == 2 + 4j


def test_a_complex_step_through_the_graph_keeps_its_digits():
    """Log(1 + e⁻ᶻ) at z = 1/2 has slope −1/(1 + e^½)."""
    step = complex_step(lambda z: graph.log(1 + graph.exp(-variable(z))).sum().value, np.array([0.5]))
    np.testing.assert_allclose(step, -1 / (1 + np.exp(0.5)), rtol=1e-15)
