"""Sigmoid, tanh and softmax: any score becomes a number between two ends."""

from __future__ import annotations

from gradatim.formulas.arrays import Array, namespace


def sigmoid(Z: Array) -> Array:
    """g(z) = 1 / (1 + e^-z), for z < 0 written as e^z / (1 + e^z).

    Args:
        Z: scores, any shape.

    Returns:
        Numbers in [0, 1] of the shape and dtype of Z.

    Example:
        >>> import numpy as np
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])

    Source: Verhulst 1845; Bishop 2006, eq. 4.59.
    """
    xp = namespace(Z)
    E = exp_of_minus_abs(Z)
    return xp.where(Z >= 0, 1 / (1 + E), E / (1 + E))


def exp_of_minus_abs(Z: Array) -> Array:
    """e^-|z|: may underflow to 0, which is right, and cannot overflow."""
    xp = namespace(Z)
    return xp.exp(-xp.maximum(Z, -Z))


def sigmoid_slope(Z: Array, A: Array) -> Array:
    """g'(z) = a (1 - a): at most 1/4, at z = 0."""
    return A * (1 - A)


def tanh(Z: Array) -> Array:
    """g(z) = tanh z, the library's own.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.4.
    """
    return namespace(Z).tanh(Z)


def tanh_slope(Z: Array, A: Array) -> Array:
    """g'(z) = 1 - a²."""
    return 1 - A * A


def tanh_by_exponentials(Z: Array) -> Array:
    """The tanh as printed, (e^z - e^-z) / (e^z + e^-z), with both halves divided by e^|z|.

    As printed it is inf / inf at z = 1000. Divided, it is ±(1 - e^-2|z|) / (1 + e^-2|z|), finite everywhere.

    Example:
        >>> import numpy as np
        >>> tanh_by_exponentials(np.array([-1000.0, 0.0, 1000.0]))
        array([-1.,  0.,  1.])
    """
    xp = namespace(Z)
    E = exp_of_minus_abs(2 * Z)
    size = (1 - E) / (1 + E)
    return xp.where(Z >= 0, size, -size)


def tanh_by_sigmoid(Z: Array) -> Array:
    """The tanh as 2σ(2z) - 1: it is the sigmoid, stretched to [-1, 1] and twice as steep.

    Example:
        >>> import numpy as np
        >>> tanh_by_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([-1.,  0.,  1.])
    """
    return 2 * sigmoid(2 * Z) - 1


def softmax(Z: Array) -> Array:
    """g(z)_i = e^z_i / Σ_k e^z_k: scores to probabilities, each column sums to 1.

    The largest score of a column is taken from all of them first. That changes nothing (it cancels) but keeps every
    exponent at 0 or below.

    Args:
        Z: (K, m) scores.

    Returns:
        (K, m) probabilities.

    Example:
        >>> import numpy as np
        >>> softmax(np.array([[0.0, 1000.0], [0.0, -1000.0]]))
        array([[0.5, 1. ],
               [0.5, 0. ]])

    Source: Bridle 1990; Bishop 2006, eq. 4.104.
    """
    xp = namespace(Z)
    E = xp.exp(Z - xp.max(Z, axis=-2, keepdims=True))
    return E / xp.sum(E, axis=-2, keepdims=True)


def softmax_chain(dA: Array, Z: Array, A: Array) -> Array:
    """dz_i = Σ_k da_k ∂a_k/∂z_i with ∂a_k/∂z_i = a_k (1{i=k} - a_i), so dZ = A ∘ (dA - Σ_k dA_k A_k)."""
    return A * (dA - namespace(A).sum(dA * A, axis=-2, keepdims=True))
