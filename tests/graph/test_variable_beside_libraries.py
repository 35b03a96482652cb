"""A Variable beside NumPy, PyTorch and the complex step: operators, dtypes, whole expressions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim import graph
from gradatim.graph import concatenate, exp, log, maximum, relu, tanh, variable, where
from tests.numeric_slopes import assert_gradient, complex_step

# Beside NumPy


@pytest.mark.parametrize(
    "other", [np.array([1.0, 2.0]), np.float64(3), np.int64(3), np.float32(3), np.array(3), 3, 3.0, True]
)
@pytest.mark.parametrize(
    ("operate", "slope"),
    [
        (lambda c, a: c + a, lambda c, a: 1 + 0 * c),
        (lambda c, a: c - a, lambda c, a: -1 + 0 * c),
        (lambda c, a: c * a, lambda c, a: c),
        (lambda c, a: c / a, lambda c, a: -c / a**2),
        (lambda c, a: c**a, lambda c, a: c**a * np.log(c)),
    ],
)
def test_numbers_and_arrays_may_stand_on_the_left(operate, slope, other):
    a = variable([2.0, 4.0])
    y = operate(other, a)
    assert isinstance(y, graph.Variable)
    y.sum().backward()
    expected = slope(np.asarray(other, dtype=np.float64), np.array([2.0, 4.0]))
    np.testing.assert_allclose(a.grad, np.broadcast_to(expected, 2), rtol=1e-6)  # float32 holds seven digits


def test_a_matrix_may_stand_on_the_left():
    a = variable([[1.0], [2.0]])
    y = np.array([[3.0, 4.0]]) @ a
    y.backward()
    assert y.value.tolist() == [[11]]
    assert a.grad.tolist() == [[3], [4]]


def test_comparisons_give_plain_booleans():
    a = variable([1.0, 2.0, 3.0])
    b = np.array([2.0, 2.0, 2.0])
    for result, expected in [
        (a < b, [1, 0, 0]),
        (a <= b, [1, 1, 0]),
        (a > 2, [0, 0, 1]),
        (a >= variable(2), [0, 1, 1]),
        (a == b, [0, 1, 0]),
        (a != 2, [1, 0, 1]),
        (b < a, [0, 0, 1]),
    ]:
        assert isinstance(result, np.ndarray)
        assert result.tolist() == [bool(e) for e in expected]


def test_a_variable_can_steer_an_if_and_be_a_key():
    a, twin = variable(2.0), variable(2.0)
    assert a
    assert not variable(0.0)
    assert len({a, twin, a}) == 2


def test_rows_can_be_gone_through():
    rows = variable([[1.0, 2.0], [3.0, 4.0]])
    assert [row.value.tolist() for row in rows] == [[1, 2], [3, 4]]
    assert len(rows) == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_dtypes_stay(dtype):
    """Python's numbers do not widen float32, neither on the way there nor on the way back."""
    a = variable(np.array([[1.0, 2.0]], dtype=dtype))
    z = 2 * a + 1 - a / 3 + a**2 + maximum(a, 0) + where(np.array([True, False]), a, 0)
    J = (relu(tanh(z)).T.mean() + exp(-z).sum() + concatenate([a, a])[0, 0]) / 2
    J.backward()
    assert J.dtype == a.dtype == a.grad.dtype == dtype


@pytest.mark.parametrize("whole", [3, True, np.array([1, 2], dtype=np.int8), [[1, 2]], np.array([True])])
def test_whole_numbers_become_float64(whole):
    assert variable(whole).dtype == np.float64


# Beside another library


@given(seed=st.integers(0, 2**32 - 1))
def test_whole_expressions_meet_the_complex_step(seed):
    """A two-layer network with softmax, embedding lookup and shared weights, at random numbers."""
    rng = np.random.default_rng(seed)
    x, codes, Y = rng.standard_normal(23), rng.integers(0, 3, 4), np.eye(3)[rng.integers(0, 3, 4)].T

    def J(v):
        theta = variable(v)
        E, W1, b1, W2, b2 = (
            theta[:6].reshape(3, 2),
            theta[6:12].reshape(3, 2),
            theta[12:15].reshape(3, 1),
            theta[15:21].reshape(2, 3),
            theta[21:].reshape(2, 1),
        )
        A0 = E[codes].T
        A1 = tanh(W1 @ A0 + b1)
        Z2 = W1 @ (A0 + W2 @ A1 + b2)  # W1 a second time
        A2 = exp(Z2) / exp(Z2).sum(axis=0, keepdims=True)
        return theta, -(Y * log(A2)).sum(axis=0).mean()

    theta, loss = J(x)
    loss.backward()
    assert_gradient(theta.grad, lambda v: J(v)[1].value, x)


def test_pytorch_agrees():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(11)
    values = [rng.standard_normal(shape) for shape in [(4, 3), (3, 5), (4, 1), (6, 4), (5,)]]
    index = np.array([0, 5, 5, 2])

    def J(library, W, A, b, E, c):
        Z = W @ A + b
        H = library.tanh(Z) * library.where(Z > 0, Z, 0.5 * Z) - library.sin(Z) / (2 + library.cos(Z))
        P = library.exp(H - c) ** 1.5
        S = library.concatenate([P[:2], library.maximum(P, E[index].sum(axis=1).reshape(4, 1))], 0)
        return library.log(S[:, ::2]).mean() + library.relu(E @ Z).sum()

    ours = [variable(value) for value in values]
    J_ours = J(graph, *ours)
    J_ours.backward()
    theirs = [torch.tensor(value, requires_grad=True) for value in values]
    J_theirs = J(torch, *theirs)
    J_theirs.backward()

    assert J_ours.value == pytest.approx(J_theirs.item(), rel=1e-13)
    for a, t in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad, t.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_the_hessian_by_complex_step_through_the_graphs_gradient():
    """J = a²b: second derivatives (2b, 2a; 2a, 0) at a = 3, b = 5."""

    def slope(v, i):
        a, b = variable(v[0]), variable(v[1])
        (a * a * b).backward()
        return (a, b)[i].grad

    hessian = [complex_step(lambda v, i=i: slope(v, i), np.array([3.0, 5.0])) for i in range(2)]
    np.testing.assert_allclose(hessian, [[10, 6], [6, 0]], rtol=1e-14)
