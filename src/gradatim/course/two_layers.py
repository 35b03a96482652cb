"""A forward pass through one hidden layer, example by example, as the notes write it before they vectorize."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradatim.course.dimensions import as_columns, as_parameters
from gradatim.errors import InputError
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array


def two_layer_forward_by_loop(
    parameters: Mapping[str, Array], X: Array, activations: Sequence[str] = ("tanh", "sigmoid")
) -> tuple[Array, Array, Array, Array]:
    """For every example i: z[1] = W[1] x + b[1]; a[1] = g[1](z[1]); z[2] = W[2] a[1] + b[2]; a[2] = g[2](z[2]).

    Args:
        parameters: ``"W1"`` (n[1], n[0]), ``"b1"`` (n[1], 1), ``"W2"`` (n[2], n[1]), ``"b2"`` (n[2], 1).
        X: (n[0], m) examples as columns.
        activations: names of g[1] and g[2].

    Returns:
        Z[1] (n[1], m), A[1] (n[1], m), Z[2] (n[2], m), A[2] (n[2], m): the columns of the examples, side by side.

    Raises:
        ShapeError: if X and the matrices do not fit together.
        InputError: if a name is missing or strange, or a number not finite.

    Example:
        >>> parameters = {"W1": np.eye(2), "b1": np.zeros((2, 1)), "W2": np.ones((1, 2)), "b2": np.zeros((1, 1))}
        >>> X = np.array([[1.0, -1.0], [2.0, 1.0]])
        >>> Z1, A1, Z2, A2 = two_layer_forward_by_loop(parameters, X, ("relu", "identity"))
        >>> A2.tolist()
        [[3.0, 1.0]]
    """
    W1, b1, W2, b2 = as_parameters(parameters, "two_layer_forward_by_loop", layers=2).values()
    if isinstance(activations, str) or len(activations) != 2:
        raise InputError(
            f"two_layer_forward_by_loop: activations must be 2 names, of g[1] and g[2]. Got {activations!r}."
        )
    g1, g2 = (activation(name).value for name in activations)
    X = as_columns(X, rows=W1.shape[1], because=f"W[1] is {W1.shape}")
    m = X.shape[1]
    Z1, A1 = np.zeros((W1.shape[0], m)), np.zeros((W1.shape[0], m))
    Z2, A2 = np.zeros((W2.shape[0], m)), np.zeros((W2.shape[0], m))
    for i in range(m):
        x = X[:, i : i + 1]  # a slice keeps the column: X[:, i] would be rank 1
        z1 = W1 @ x + b1
        a1 = g1(z1)
        z2 = W2 @ a1 + b2
        a2 = g2(z2)
        Z1[:, i : i + 1], A1[:, i : i + 1], Z2[:, i : i + 1], A2[:, i : i + 1] = z1, a1, z2, a2
    return Z1, A1, Z2, A2
