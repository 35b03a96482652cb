"""The straight line, and what is a straight line on the right only: relu, leaky relu, elu, selu."""

from __future__ import annotations

from functools import partial
from math import inf
from numbers import Real

from gradatim.errors import InputError, number
from gradatim.formulas.activations.entry import Activation
from gradatim.formulas.arrays import Array, namespace


def identity(Z: Array) -> Array:
    """g(z) = z."""
    return Z


def identity_slope(Z: Array, A: Array) -> Array:
    """g'(z) = 1."""
    return namespace(Z).ones_like(Z)


def relu(Z: Array) -> Array:
    """g(z) = max(0, z).

    Source: Nair & Hinton 2010; Glorot, Bordes & Bengio 2011.
    """
    return namespace(Z).maximum(Z, 0.0)  # not where(Z >= 0, Z, 0), which would turn NaN into a harmless 0


def relu_slope(Z: Array, A: Array) -> Array:
    """g'(z) = 1 for z >= 0, else 0. At 0 the notes say 1."""
    return namespace(Z).astype(Z >= 0, Z.dtype)


def relu_slope_flat_at_0(Z: Array, A: Array) -> Array:
    """g'(z) = 1 for z > 0, else 0, for ``"relu(0)"``.

    The code of the course's assignments says 0 at 0 (``dZ[Z <= 0] = 0``), and so do PyTorch, JAX and Keras. It matters
    at the start, where biases are 0: if no unit of a layer answers to an example, the next scores are 0 exactly.
    """
    return namespace(Z).astype(Z > 0, Z.dtype)


def leaky_relu(slope: float = 0.01) -> Activation:
    """g(z) = max(slope · z, z).

    Args:
        slope: of the left half, in [0, 1]; 0 makes it relu, 1 the identity.

    Returns:
        An `Activation` with this slope.

    Raises:
        InputError: if the slope is not in [0, 1].

    Example:
        >>> import numpy as np
        >>> leaky_relu(0.2).value(np.array([[-1.0, 3.0]]))
        array([[-0.2,  3. ]])

    Source: Maas, Hannun & Ng 2013, section 2.
    """
    if isinstance(slope, bool) or not isinstance(slope, Real) or not 0 <= slope <= 1:
        raise InputError(f"leaky_relu: slope must be a number in [0, 1]. Got {slope!r}.")
    return Activation(
        "leaky_relu" if slope == 0.01 else f"leaky_relu({float(slope)!r})",
        partial(_leaky_relu, slope=float(slope)),
        partial(_leaky_relu_slope, slope=float(slope)),
        f"a = max({slope:g} z, z)",
        "Maas, Hannun & Ng 2013 (Rectifier nonlinearities improve neural network acoustic models), section 2",
    )


def _leaky_relu(Z: Array, *, slope: float) -> Array:
    return namespace(Z).maximum(Z, slope * Z)


def _leaky_relu_slope(Z: Array, A: Array, *, slope: float) -> Array:
    return namespace(Z).where(Z >= 0, namespace(Z).ones_like(Z), slope)


def elu(alpha: float = 1.0) -> Activation:
    """g(z) = z for z >= 0, else alpha (e^z - 1): a relu whose left half sinks to -alpha.

    Args:
        alpha: how deep the left half goes, above 0; 1 makes the slope continuous.

    Returns:
        An `Activation` with this alpha.

    Raises:
        InputError: if alpha is 0 or less, or not finite.

    Example:
        >>> import numpy as np
        >>> elu(0.5).value(np.array([[-1000.0, 3.0]]))
        array([[-0.5,  3. ]])

    Source: Clevert, Unterthiner & Hochreiter 2016 (arXiv 1511.07289), section 3.
    """
    number("elu", "alpha", alpha, above=True, below=inf)
    return Activation(
        "elu" if alpha == 1 else f"elu({float(alpha)!r})",
        partial(_elu, alpha=float(alpha)),
        partial(_elu_slope, alpha=float(alpha)),
        f"a = z for z >= 0, else {'' if alpha == 1 else f'{alpha:g} '}(e^z - 1)",
        "Clevert, Unterthiner & Hochreiter 2016 (arXiv 1511.07289), section 3",
    )


def _elu(Z: Array, *, alpha: float) -> Array:
    xp = namespace(Z)
    return xp.maximum(Z, 0.0) + alpha * xp.expm1(xp.minimum(Z, 0.0))


def _elu_slope(Z: Array, A: Array, *, alpha: float) -> Array:
    return namespace(Z).where(Z >= 0, namespace(Z).ones_like(Z), A + alpha)  # alpha e^z = a + alpha


SELU_SCALE = 1.0507009873554805  # λ
SELU_ALPHA = 1.6732632423543772  # α


def selu(Z: Array) -> Array:
    """g(z) = λz for z >= 0, else λα (e^z - 1), with the λ and α that keep mean 0 and variance 1.

    Source: Klambauer et al. 2017 (arXiv 1706.02515), eq. 2 and 14.
    """
    xp = namespace(Z)
    return SELU_SCALE * (xp.maximum(Z, 0.0) + SELU_ALPHA * xp.expm1(xp.minimum(Z, 0.0)))


def selu_slope(Z: Array, A: Array) -> Array:
    """g'(z) = λ for z >= 0, else λα e^z = a + λα."""
    xp = namespace(Z)
    return xp.where(Z >= 0, xp.full_like(Z, SELU_SCALE), A + SELU_SCALE * SELU_ALPHA)
