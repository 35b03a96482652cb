"""Penalties by hand, by the complex step, and as scikit-learn's linear models mean them."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, Ridge

from gradatim.errors import InputError
from gradatim.formulas.penalties import L1, L2, PENALTIES, penalty
from tests.numeric_slopes import complex_step_of_sum

W = np.array([[1.0, -2.0, 0.5], [-0.25, 3.0, -1.0]])


def test_by_hand():
    """Σ w² = 1 + 4 + 0.25 + 0.0625 + 9 + 1 = 15.3125; Σ |w| = 7.75."""
    assert L2(0.1).value(W) == pytest.approx(0.05 * 15.3125, rel=1e-15)
    assert L1(0.1).value(W) == pytest.approx(0.775, rel=1e-15)
    np.testing.assert_allclose(L2(0.1).slope(W)[0], [0.1, -0.2, 0.05], rtol=1e-15)
    np.testing.assert_array_equal(L1(0.1).slope(W)[0], [0.1, -0.1, 0.1])


def test_at_the_corner_the_slope_of_l1_is_0():
    assert L1(0.1).slope(np.zeros((1, 1))) == 0


@pytest.mark.parametrize("name", PENALTIES)
def test_slope_equals_the_complex_step(name):
    R = penalty(name, 0.3)
    np.testing.assert_allclose(R.slope(W), complex_step_of_sum(R.value, W), rtol=1e-12)


@pytest.mark.parametrize("name", PENALTIES)
def test_float32_and_layers_without_inputs(name):
    R = penalty(name, 0.3)
    assert R.value(W.astype(np.float32)).dtype == np.float32
    assert R.slope(W.astype(np.float32)).dtype == np.float32
    assert R.value(np.zeros((2, 0))) == 0


@pytest.mark.parametrize("library", ["array_api_strict", "torch", "jax.numpy"])
@pytest.mark.parametrize("name", PENALTIES)
def test_the_same_lines_on_other_arrays(name, library):
    xp = pytest.importorskip(library)
    R, other = penalty(name, 0.3), xp.asarray(W, dtype=xp.float32)
    assert float(R.value(other)) == pytest.approx(R.value(W), rel=1e-6)
    assert R.slope(other).dtype == other.dtype
    np.testing.assert_allclose(np.asarray(R.slope(other)), R.slope(W), rtol=1e-6)


def test_strengths_of_scikit_learn():
    """At scikit-learn's optimum our gradient of J + R is 0, with Ridge's strength alpha/m and Lasso's alpha."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = X @ [1.0, -2.0, 0.5] + rng.normal(size=50)
    m = len(y)
    for model, R in ((Ridge(alpha=4.0), L2(4.0 / m)), (Lasso(alpha=0.1, tol=1e-12), L1(0.1))):
        w = model.fit(X, y).coef_
        dw = X.T @ (model.predict(X) - y) / m  # the half squared error's
        np.testing.assert_allclose(dw + R.slope(w), 0, atol=1e-9)


def test_wrong_settings():
    with pytest.raises(InputError, match=r"L2: strength must be a number, 0 or more\. Got -1"):
        L2(-1)
    with pytest.raises(InputError, match=r"L1: strength .* Got nan"):
        penalty("l1", float("nan"))
    with pytest.raises(InputError, match=r"penalty must be one of l2, l1\. Got 'l3'"):
        penalty("l3", 1.0)
