"""Derivatives by trying: what f does when its input is nudged. The judges of every derivative that is calculated.

f takes a flat float64 vector and gives one number. Gradients have the shape of the vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[[Any], Any]


def complex_step(f: Function, x: np.ndarray, h: float = 1e-30) -> np.ndarray:
    """∂f/∂xᵢ = Im f(x + i h eᵢ) / h, right to the last digits: nothing is subtracted, so h may be tiny.

    f must be made of smooth complex functions; abs, real and the like would lose the step, which is noticed here.
    Source: Squire & Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998).
    """
    x = _flat(x)
    gradient = np.empty(x.size)
    for i in range(x.size):
        nudged = x.astype(np.complex128)
        nudged[i] += 1j * h
        y = np.asarray(f(nudged))
        assert y.size == 1, f"complex_step: f must give one number. Got shape {y.shape}."
        assert np.iscomplexobj(y), "complex_step: f must hand the imaginary part through. Got a real number."
        gradient[i] = y.item().imag / h
    return gradient


def complex_step_of_sum(f: Function, Z: np.ndarray) -> np.ndarray:
    """∂ Σ f(Z) / ∂Z in the shape of Z, for an f that takes a matrix and gives numbers in any shape."""
    return complex_step(lambda z: np.sum(f(z.reshape(Z.shape))), Z.ravel()).reshape(Z.shape)


def central_difference(f: Function, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h, for functions without a complex form. Right to about 1e-10 of |f|."""
    x = _flat(x)
    gradient = np.empty(x.size)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        gradient[i] = (np.asarray(f(x + step)).item() - np.asarray(f(x - step)).item()) / (2 * h)
    return gradient


def assert_gradient(
    actual: np.ndarray, f: Function, x: np.ndarray, rtol: float = 1e-9, atol: float | None = None
) -> None:
    """Demand that actual is the gradient of f at x, entry by entry, by complex step.

    atol is for entries that are 0 up to rounding; its default is 1e-13 of the largest entry. A large entry
    thus buys no freedom for a small one.
    """
    expected = complex_step(f, x)
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, f"The gradient must have shape {expected.shape}. Got {actual.shape}."
    assert np.isfinite(expected).all(), f"The complex step is not finite: {expected}."
    assert np.isfinite(actual).all(), f"The gradient is not finite: {actual}."
    if atol is None:
        atol = 1e-13 * np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


def _flat(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    assert x.ndim == 1, f"x must be a flat vector. Got shape {x.shape}."
    assert x.dtype == np.float64, f"x must be float64. Got {x.dtype}."
    return x
