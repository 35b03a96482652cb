"""The testers, tested: they find known derivatives, and they find faults."""

from __future__ import annotations

import numpy as np
import pytest

from tests.numeric_slopes import assert_gradient, central_difference, complex_step

x = np.array([0.5, -1.5, 2.0])


def f(v):
    """Its gradient is (3v₀² + v₁, v₀, cos v₂)."""
    return v[0] ** 3 + v[0] * v[1] + np.sin(v[2])


gradient = np.array([3 * 0.25 - 1.5, 0.5, np.cos(2.0)])


def test_complex_step_meets_a_known_gradient_to_the_last_digits():
    np.testing.assert_allclose(complex_step(f, x), gradient, rtol=1e-15)


def test_central_difference_meets_it_nearly():
    np.testing.assert_allclose(central_difference(f, x), gradient, rtol=1e-9)


def test_the_right_gradient_passes():
    assert_gradient(gradient, f, x)


@pytest.mark.parametrize("entry", range(3))
@pytest.mark.parametrize("rtol", [1e-9, 1e-6])
def test_an_error_of_one_in_a_thousand_is_noticed_in_any_entry(entry, rtol):
    wrong = gradient.copy()
    wrong[entry] *= 1.001
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_gradient(wrong, f, x, rtol=rtol)


def test_an_error_in_a_small_entry_is_noticed_beside_large_ones():
    scale = np.array([1e8, 1.0])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_gradient(scale * [1, 1.001], lambda v: (scale * v).sum(), np.ones(2))


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (gradient[:, None], "must have shape"),
        (gradient[:2], "must have shape"),
        (np.array([np.nan, 0.5, np.cos(2.0)]), "not finite"),
        (np.zeros(3), "Not equal"),
        (-gradient, "Not equal"),
    ],
)
def test_other_shapes_nan_and_plain_nonsense_are_noticed(wrong, match):
    with pytest.raises(AssertionError, match=match):
        assert_gradient(wrong, f, x)


def test_nan_on_both_sides_is_no_agreement():
    with pytest.raises(AssertionError, match="complex step is not finite"):
        assert_gradient(np.full(3, np.nan), lambda v: v.sum() * np.nan, x)


def test_a_function_that_loses_the_step_is_noticed():
    with pytest.raises(AssertionError, match="imaginary part"):
        complex_step(lambda v: np.abs(v).sum(), x)


def test_a_function_of_many_values_is_refused():
    with pytest.raises(AssertionError, match="one number"):
        complex_step(lambda v: v, x)


@pytest.mark.parametrize("bad", [np.ones((2, 1)), np.ones(2, dtype=np.float32), np.ones(2, dtype=int)])
def test_only_flat_float64_vectors_are_nudged(bad):
    """Where a whole number is nudged by 1e-5, nothing moves."""
    for by_trying in (complex_step, central_difference):
        with pytest.raises(AssertionError, match="x must be"):
            by_trying(f, bad)
