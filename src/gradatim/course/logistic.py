"""Logistic regression of the notes, twice: as a loop over examples, and without one.

Conventions
-----------
* Examples are columns: X is (n, m), w is (n, 1), b a number, Y is (1, m) of 0 and 1.
* z = wᵀx + b; a = σ(z); L = -(y ln a + (1 - y) ln(1 - a)); J = (1/m) Σ L.
* dw stands for ∂J/∂w, (n, 1), and db for ∂J/∂b, a number. (``dz.sum() / m`` is a scalar, not a (1, 1) matrix.)

σ and L are written so that they hold for every z. The formulas of the notes give ln 0 as soon as a rounds to 0 or 1,
which in float64 is at z = 37:

    a = σ(z) = 1 / (1 + e⁻ᶻ) = exp(-ln(1 + e⁻ᶻ))
    L = -(y ln a + (1 - y) ln(1 - a)) = ln(1 + eᶻ) - y z
"""

from __future__ import annotations

import math

import numpy as np

from gradatim.course.dimensions import as_columns, as_numbers, as_targets
from gradatim.errors import ShapeError, mend_of_shape
from gradatim.formulas.arrays import Array


def logistic_regression_by_loop(w: Array, b: float, X: Array, Y: Array) -> tuple[Array, float, float]:
    """One pass over the examples, one after the other and input by input, as the notes write it first.

    Args:
        w: (n, 1) weights.
        b: the bias, a number; an array that holds one number counts as that number.
        X: (n, m) examples as columns.
        Y: (1, m) of 0 and 1.

    Returns:
        dw (n, 1), db and the cost J.

    Raises:
        ShapeError: if the shapes do not fit together.
        InputError: for what is not a finite number, and for a Y of other than 0 and 1.

    Example:
        >>> X, Y = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[1, 0]])
        >>> dw, db, J = logistic_regression_by_loop(np.zeros((2, 1)), 0.0, X, Y)
        >>> dw.tolist(), db, round(J, 6)
        ([[0.25], [1.0]], 0.0, 0.693147)
    """
    w, b, X, Y = _checked(w, b, X, Y)
    n, m = X.shape
    J, dw, db = 0.0, [0.0] * n, 0.0
    for i in range(m):
        x, y = X[:, i].tolist(), float(Y[0, i])
        z = b
        for j in range(n):
            z += float(w[j, 0]) * x[j]
        a = math.exp(-_softplus(-z))
        J += _softplus(z) - y * z
        dz = a - y
        for j in range(n):
            dw[j] += x[j] * dz
        db += dz
    return np.array(dw).reshape(n, 1) / m, db / m, J / m


def logistic_regression(w: Array, b: float, X: Array, Y: Array) -> tuple[Array, float, float]:
    """The same without a loop: Z = wᵀX + b; A = σ(Z); dZ = A - Y; dw = (1/m) X dZᵀ; db = (1/m) Σ dZ.

    Args:
        w: (n, 1) weights.
        b: the bias, a number; an array that holds one number counts as that number.
        X: (n, m) examples as columns.
        Y: (1, m) of 0 and 1.

    Returns:
        dw (n, 1), db and the cost J.

    Raises:
        ShapeError: if the shapes do not fit together.
        InputError: for what is not a finite number, and for a Y of other than 0 and 1.

    Example:
        One step of gradient descent.

        >>> X, Y = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[1, 0]])
        >>> w, b = np.zeros((2, 1)), 0.0
        >>> dw, db, J = logistic_regression(w, b, X, Y)
        >>> w, b = w - 0.1 * dw, b - 0.1 * db
        >>> w.tolist()
        [[-0.025], [-0.1]]
    """
    w, b, X, Y = _checked(w, b, X, Y)
    m = X.shape[1]
    Z = w.T @ X + b
    A = np.exp(-np.logaddexp(0.0, -Z))
    J = float(np.sum(np.logaddexp(0.0, Z) - Y * Z)) / m
    dZ = A - Y
    dw = X @ dZ.T / m
    db = float(np.sum(dZ)) / m
    return dw, db, J


def _softplus(z: float) -> float:
    """ln(1 + eᶻ), with no eᶻ of a large z."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _checked(w: Array, b: float, X: Array, Y: Array) -> tuple[Array, float, Array, Array]:
    """One door for both: what the loop takes, the vectorized form takes."""
    w, bias = as_numbers(w, "w"), as_numbers(b, "b")
    if w.ndim != 2 or w.shape[1] != 1:
        mend = mend_of_shape("w", w.shape, (w.size, 1))
        raise ShapeError(f"w must be a column, (n, 1). Got {w.shape}.{mend}")
    if bias.size != 1:
        raise ShapeError(f"b must be a number. Got shape {bias.shape}: all inputs and all examples share one bias.")
    X = as_columns(X, rows=w.shape[0], because=f"w is {w.shape}")
    return w, float(bias.item()), X, as_targets(Y, outputs=1, m=X.shape[1], labels=True)
