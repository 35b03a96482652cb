"""A loss of several quantiles: a quantile for each output, in the formula and in both engines."""

from dataclasses import replace

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Data
from gradatim.errors import EngineUnavailableError, InputError, ShapeError
from gradatim.estimators import NetworkRegressor
from gradatim.formulas.losses import Quantile
from tests.array_libraries import LIBRARIES
from tests.networks import CASES, combination
from tests.numeric_slopes import complex_step_of_sum

THREE = Quantile((0.1, 0.5, 0.8))
A = np.array([[0.0, 2.0, 1.0], [0.0, 2.0, 1.0], [0.0, 2.0, 1.0]])
Y = np.ones((3, 3))


def test_by_hand():
    """One below y costs q, one above costs 1 - q, and what is exact nothing."""
    np.testing.assert_allclose(THREE.value(A, Y), [[0.1, 0.9, 0], [0.5, 0.5, 0], [0.8, 0.2, 0]], rtol=1e-15)
    np.testing.assert_allclose(THREE.slope(A, Y), [[-0.1, 0.9, 0], [-0.5, 0.5, 0], [-0.8, 0.2, 0]], rtol=1e-15)
    np.testing.assert_array_equal(THREE.value_from_scores(A, Y), THREE.value(A, Y))
    np.testing.assert_array_equal(THREE.slope_from_scores(A, Y), THREE.slope(A, Y))


def test_each_output_is_the_loss_of_its_own_quantile():
    rng = np.random.default_rng(0)
    Z, Y = rng.normal(size=(2, 3, 7)), rng.normal(size=(2, 3, 7))  # members may stand in front
    for k, q in enumerate(THREE.quantile):
        np.testing.assert_array_equal(THREE.value(Z, Y)[:, k], Quantile(q).value(Z, Y)[:, k])
        np.testing.assert_array_equal(THREE.slope(Z, Y)[:, k], Quantile(q).slope(Z, Y)[:, k])


def test_the_slope_equals_the_complex_step():
    rng = np.random.default_rng(1)
    Z, Y = rng.normal(size=(3, 7)), rng.normal(size=(3, 7))
    expected = complex_step_of_sum(lambda Z: THREE.value_from_scores(Z, Y), Z)
    np.testing.assert_allclose(THREE.slope_from_scores(Z, Y), expected, rtol=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_same_lines_on_other_arrays(library):
    make, back = LIBRARIES[library]()
    Z, Y = np.random.default_rng(2).normal(size=(2, 3, 5)).astype(np.float32)
    for function in (THREE.value, THREE.slope):
        actual = function(make(Z), make(Y))
        assert actual.dtype == make(Y).dtype
        np.testing.assert_allclose(back(actual), function(Z, Y), rtol=1e-6)


@pytest.mark.parametrize(
    ("quantile", "message"),
    [
        ((0.5, 0.1), r"several quantiles must rise, as in \(0\.05, 0\.5, 0\.95\)\. Got \(0\.5, 0\.1\)"),
        ((0.5, 0.5), "must rise"),
        ((), "must rise"),
        ((0.1, 1.0), r"quantile must be a number in \(0, 1\)\. Got 1\.0"),
    ],
)
def test_wrong_quantiles(quantile, message):
    with pytest.raises(InputError, match=message):
        Quantile(quantile)


def test_another_number_of_outputs_is_refused_and_not_broadcast():
    with pytest.raises(ShapeError, match=r"of 3 quantiles must stand behind as many outputs\. Got 1: gd\.Quantile"):
        THREE.value(A[:1], Y[:1])


@pytest.mark.parametrize("engine", ["auto", "textbook", "fast"])
def test_a_network_of_one_output_is_refused(engine):
    X = np.arange(20.0)[:, None]
    model = NetworkRegressor("plain", loss=THREE, engine=engine, max_epochs=1, random_state=0)
    with pytest.raises((ShapeError, EngineUnavailableError), match="quantiles"):
        model.fit(X, X[:, 0])


@pytest.mark.parametrize("name", ["everything at once", None])
def test_the_fast_engine_computes_the_same(name):
    """With members and a front, and without."""
    fast = pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")
    case = combination("tanh", "quantile", "dense") if name is None else CASES[name]
    outputs = case.problem.architecture.n[-1]
    loss = Quantile(tuple(np.linspace(0.1, 0.8, outputs).tolist()))
    identity = replace(case.problem.architecture.output, activation="identity")
    problem = replace(case.problem, loss=loss, architecture=replace(case.problem.architecture, output=identity))
    Y = np.random.default_rng(3).normal(size=(case.data.m, outputs))
    data = Data(case.data.X, case.data.codes, Y, case.data.weights)
    J, gradient = fast.loss_and_gradients(problem, case.vector, data)
    expected_J, expected = textbook.loss_and_gradients(problem, case.vector, data)
    assert fast.unsupported(problem) is None
    assert float(J) == pytest.approx(float(expected_J), rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)
