"""The same lines on the arrays of another library: they stay its own, and the numbers are NumPy's.

With array-api-strict, which refuses whatever the standard does not promise. PyTorch and JAX: `tests/agreement`.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradatim import graph
from gradatim.errors import InputError, ShapeError
from gradatim.graph import gradients, variable
from tests.graph.expressions import EXPRESSIONS, values_of

strict = pytest.importorskip("array_api_strict")


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_values_and_both_derivatives_are_numpys(name):
    expression, shapes = EXPRESSIONS[name]
    found = []
    for make in (np.asarray, strict.asarray):
        inputs = [variable(make(value)) for value in values_of(shapes)]
        J = (expression(*inputs) ** 2).sum()
        slopes = gradients(J, inputs)
        again = gradients(sum((slope * slope).sum() for slope in slopes), inputs)
        J.backward()
        assert all(isinstance(a.grad, type(make(1.0))) for a in inputs)
        found.append([J.value, *(a.grad for a in inputs), *(second.value for second in again)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-12, atol=1e-14)


def test_plain_numbers_and_numpys_arrays_come_over():
    a = variable(strict.asarray([1.0, 2.0], dtype=strict.float32))
    J = (2 * a + np.array([1.0, 1.0], dtype=np.float32) + 1).sum()
    J.backward()
    assert (type(J.value), J.dtype, a.grad.dtype) == (type(strict.asarray(1.0)), strict.float32, strict.float32)
    assert float(J.value) == 10.0
    assert np.asarray(a.grad).tolist() == [2.0, 2.0]


def test_a_gradient_may_be_numpys():
    a = variable(strict.asarray([1.0, 2.0]))
    (3 * a).backward(np.array([1.0, 10.0]))
    assert np.asarray(a.grad).tolist() == [3.0, 30.0]


def test_whole_numbers_become_floats():
    assert variable(strict.asarray([1, 2])).dtype == strict.float64
    assert variable(strict.asarray([True])).dtype == strict.float64


def test_two_libraries_in_one_expression_are_refused():
    with pytest.raises(InputError, match=r"arrays of one library. Got array_api_strict and numpy"):
        variable(1.0) + variable(strict.asarray(1.0))


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ShapeError, match=r"add: shapes must be equal .* Got \(2,\) and \(3,\)"):
        variable(strict.asarray([1.0, 2.0])) + strict.asarray([1.0, 2.0, 3.0])


def test_a_row_that_is_looked_up_often_hears_from_all_its_uses():
    E = variable(strict.asarray([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]))
    E[np.array([1, 1, 0, 1])].backward(strict.asarray([[1.0, 2.0], [10.0, 20.0], [5.0, 5.0], [100.0, 200.0]]))
    assert np.asarray(E.grad).tolist() == [[5, 5], [111, 222], [0, 0]]


def test_they_are_drawn_and_told_too():
    a = variable(strict.asarray([1.0, 2.0]), "a")
    J = (a * graph.relu(a)).sum()
    assert "dJ/da: 2, 4" in J.draw().svg
    assert "dJ/da" in str(J.steps())
    assert repr(a) == "Variable(a = [1., 2.])"


def test_the_graph_loads_numpy_alone():
    code = "import sys, gradatim.graph; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "numpy" in loaded
    assert not loaded & {"torch", "jax", "array_api_strict", "scipy", "sklearn", "matplotlib", "numba", "polars"}
