"""The computation graph on PyTorch's and JAX's arrays: NumPy's numbers, in arrays of theirs."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import graph
from gradatim.graph import gradients, variable
from tests.array_libraries import LIBRARIES
from tests.graph.expressions import EXPRESSIONS, values_of


def derivatives(expression, values, make):
    """J, ∂J/∂input, and the derivatives of the sum of their squares."""
    inputs = [variable(make(value)) for value in values]
    J = (expression(*inputs) ** 2).sum()
    J.backward()
    again = gradients(sum((slope * slope).sum() for slope in gradients(J, inputs)), inputs)
    return [J.value, *(a.grad for a in inputs), *(second.value for second in again)]


@pytest.mark.parametrize("library", ["PyTorch", "JAX"])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_values_and_both_derivatives_are_numpys(name, library):
    make, back = LIBRARIES[library]()
    expression, shapes = EXPRESSIONS[name]
    values = values_of(shapes)
    ours, theirs = derivatives(expression, values, np.asarray), derivatives(expression, values, make)
    for expected, actual in zip(ours, theirs, strict=True):
        assert type(actual) is type(make(np.ones(2)))
        np.testing.assert_allclose(back(actual), expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("library", ["PyTorch", "JAX"])
def test_their_arrays_may_stand_on_either_side(library):
    """J = Σ (x a − a + x / a), so dJ/da = x − 1 − x / a²: at x = 2, a = 1 and 2 it is −1 and ½."""
    make, back = LIBRARIES[library]()
    x, a = make(np.array([2.0, 2.0])), variable(make(np.array([1.0, 2.0])))
    J = (x * a - a + x / a).sum()
    J.backward()
    assert isinstance(J, graph.Variable)
    assert back(a.grad).tolist() == [-1.0, 0.5]
    x, a = make(np.array([[1.0, 2.0]])), variable(make(np.array([[1.0], [1.0]])))
    (x @ a).backward()
    assert back(a.grad).tolist() == [[1.0], [2.0]]
    assert back((a > 0) & (x.T > 1)).tolist() == [[False], [True]]


@pytest.mark.parametrize("library", ["PyTorch", "JAX"])
def test_they_are_drawn_and_told(library):
    make, _ = LIBRARIES[library]()
    a = variable(make(np.array([1.0, 2.0])), "a")
    J = (a * a).sum()
    assert "dJ/da: 2, 4" in J.draw().svg
    assert "dJ/da" in str(J.steps())
