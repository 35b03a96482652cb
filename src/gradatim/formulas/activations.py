"""Activations: what a unit makes of its score. From the straight line to functions that blend several curves.

========== ============================ ====================================================================
name       A = g(Z)                     where it belongs
========== ============================ ====================================================================
identity   z                            the output of a regression
sigmoid    1 / (1 + e^-z)               the output for two classes: the probability of class 1
tanh       (e^z - e^-z) / (e^z + e^-z)  hidden layers, small networks: its mean is near 0
relu       max(0, z)                    hidden layers, the usual choice: its slope does not fade
leaky_relu max(slope z, z)              hidden layers where relu units fall silent
softmax    e^z / Σ e^z                  the output for many classes: each column sums to 1
softplus   ln(1 + e^z)                  an output that must be positive; a relu without a corner
selu       λ (z or α (e^z - 1))         deep stacks: keeps mean 0 and variance 1 from layer to layer
mish       z tanh(ln(1 + e^z))          hidden layers of regressions
========== ============================ ====================================================================

Conventions
-----------
* Z and A are (n, m): a unit a row, an example a column. Softmax runs over the units of each column, which is axis 0;
  it is written as axis -2, so that a stack (members, n, m) is right as well. Every other function works number by
  number.
* ``slope(Z, A)`` is g'(Z); it gets A too, for where A is known g' often costs nothing: 1 - A² for tanh, A (1 - A) for
  sigmoid. Softmax mixes the units of a column, so that no single slope says it all: ``backward`` is right for all of
  them.
* At a corner the slope is the one from the right: relu, leaky_relu and selu have the slope of z > 0 at z = 0. PyTorch
  takes the one from the left. ``"relu(0)"`` does too.
* Scores of ±1000 give finite numbers and no warning: no exponential here ever sees a positive argument.
* Nothing on the way to A takes an absolute value or a real part; |Z| is max(Z, -Z), which NumPy orders by the real
  part. So derivatives can be checked by the complex step, g'(z) = Im g(z + ih) / h, exact to the last digits (Squire
  & Trapp 1998, SIAM Review 40).
* Arrays of any library that follows the array API; float32 stays float32.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Real

from gradatim.errors import InputError, named
from gradatim.formulas.arrays import Array, namespace


@dataclass(frozen=True)
class Activation:
    """One activation as data. Two are equal if their names are.

    Attributes:
        name: as in `ACTIVATIONS`, with the parameter behind it where that is not the default: ``"leaky_relu(0.2)"``.
        value: A = g(Z).
        slope: g'(Z) from Z and A; for softmax the diagonal ∂a_i/∂z_i alone.
        formula: how a book prints it.
        source: where it comes from.
        chain: (dA, Z, A) -> dZ where units mix; None where dZ = dA ∘ g'(Z).

    Example:
        >>> import numpy as np
        >>> tanh = activation("tanh")
        >>> Z = np.array([[0.0, 1.0]])
        >>> A = tanh.value(Z)
        >>> tanh.slope(Z, A).round(4)
        array([[1.  , 0.42]])
    """

    name: str
    value: Callable[[Array], Array] = field(compare=False)
    slope: Callable[[Array, Array], Array] = field(compare=False)
    formula: str = field(compare=False)
    source: str = field(compare=False)
    chain: Callable[[Array, Array, Array], Array] | None = field(default=None, compare=False)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """The chain rule through the activation: dZ = ∂L/∂Z from dA = ∂L/∂A.

        Args:
            dA: (n, m), the slope of the loss in A.
            Z: (n, m) scores.
            A: (n, m), g(Z).

        Returns:
            dZ, (n, m).
        """
        if self.chain is not None:
            return self.chain(dA, Z, A)
        return dA * self.slope(Z, A)


def identity(Z: Array) -> Array:
    """g(z) = z."""
    return Z


def identity_slope(Z: Array, A: Array) -> Array:
    """g'(z) = 1."""
    return namespace(Z).ones_like(Z)


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
    E = _exp_of_minus_abs(Z)
    return xp.where(Z >= 0, 1 / (1 + E), E / (1 + E))


def _exp_of_minus_abs(Z: Array) -> Array:
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
    E = _exp_of_minus_abs(2 * Z)
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


def softplus(Z: Array) -> Array:
    """g(z) = ln(1 + e^z), written as max(z, 0) + ln(1 + e^-|z|).

    Example:
        >>> import numpy as np
        >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(4)
        array([0.000e+00, 6.931e-01, 1.000e+03])

    Source: Dugas et al. 2001; Glorot, Bordes & Bengio 2011.
    """
    xp = namespace(Z)
    return xp.maximum(Z, 0.0) + xp.log1p(_exp_of_minus_abs(Z))


def softplus_slope(Z: Array, A: Array) -> Array:
    """g'(z) = σ(z)."""
    return sigmoid(Z)


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


def mish(Z: Array) -> Array:
    """g(z) = z tanh(ln(1 + e^z)).

    Source: Misra 2019 (arXiv 1908.08681).
    """
    return Z * tanh(softplus(Z))


def mish_slope(Z: Array, A: Array) -> Array:
    """g'(z) = T + z σ(z) (1 - T²) with T = tanh(ln(1 + e^z))."""
    T = tanh(softplus(Z))
    return T + Z * sigmoid(Z) * (1 - T * T)


ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation("identity", identity, identity_slope, "a = z", "Bishop 2006, section 5.1"),
        Activation("sigmoid", sigmoid, sigmoid_slope, "a = 1 / (1 + e^-z)", "Verhulst 1845; Bishop 2006, eq. 4.59"),
        Activation(
            "tanh",
            tanh,
            tanh_slope,
            "a = (e^z - e^-z) / (e^z + e^-z)",
            "LeCun et al. 1998 (Efficient BackProp), section 4.4",
        ),
        Activation(
            "relu",
            relu,
            relu_slope,
            "a = max(0, z)",
            "Nair & Hinton 2010; Glorot, Bordes & Bengio 2011 (Deep sparse rectifier neural networks), section 3",
        ),
        leaky_relu(),
        Activation(
            "softmax",
            softmax,
            sigmoid_slope,  # the diagonal of the Jacobian has the sigmoid's form
            "a_i = e^z_i / Σ_k e^z_k",
            "Bridle 1990; Bishop 2006, eq. 4.104 and 4.106",
            softmax_chain,
        ),
        Activation(
            "softplus",
            softplus,
            softplus_slope,
            "a = ln(1 + e^z)",
            "Dugas et al. 2001; Glorot, Bordes & Bengio 2011, section 3",
        ),
        Activation(
            "selu",
            selu,
            selu_slope,
            "a = λ z for z >= 0, else λ α (e^z - 1); λ = 1.0507…, α = 1.6733…",
            "Klambauer et al. 2017 (arXiv 1706.02515), eq. 2 and 14",
        ),
        Activation("mish", mish, mish_slope, "a = z tanh(ln(1 + e^z))", "Misra 2019 (arXiv 1908.08681)"),
    )
}
"""Every activation by name, in growing difficulty."""


def activation(name: str | Activation) -> Activation:
    """The activation of that name.

    Args:
        name: a key of `ACTIVATIONS`; ``"linear"`` for identity; ``"leaky_relu(0.2)"`` for a slope of one's own;
            ``"relu(0)"`` for a relu whose slope at z = 0 is 0; an `Activation` is handed back as it is.

    Returns:
        The activation.

    Raises:
        InputError: for a name that is not known, and for what is neither name nor object.

    Example:
        >>> activation("leaky_relu(0.2)").formula
        'a = max(0.2 z, z)'
        >>> activation("rleu")
        Traceback (most recent call last):
        ...
        gradatim.errors.InputError: activation must be one of identity, ... Got 'rleu'. Did you mean 'relu'?
    """
    if isinstance(name, Activation):
        return name
    if name == "linear":
        return ACTIVATIONS["identity"]
    if name == "relu(0)":
        return replace(ACTIVATIONS["relu"], name="relu(0)", slope=relu_slope_flat_at_0)
    if isinstance(name, str) and name in ACTIVATIONS:
        return ACTIVATIONS[name]
    written = re.fullmatch(r"leaky_relu\(([-+.\de]+)\)", str(name).replace(" ", ""))
    return leaky_relu(_number(written[1])) if written else named("activation", name, ACTIVATIONS)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f'leaky_relu: slope must be a number, as in "leaky_relu(0.2)". Got {text!r}.') from None
