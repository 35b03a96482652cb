"""Activations: what a unit makes of its score. From the straight line to functions that blend several curves.

========== ============================ ====================================================================
name       A = g(Z)                     where it belongs
========== ============================ ====================================================================
identity   z                            the output of a regression
sigmoid    1 / (1 + e^-z)               the output for two classes: the probability of class 1
tanh       (e^z - e^-z) / (e^z + e^-z)  hidden layers, small networks: its mean is near 0
relu       max(0, z)                    hidden layers, the usual choice: its slope does not fade
leaky_relu max(slope z, z)              hidden layers where relu units fall silent
exp        e^z                          the output for counts and rates: a mean above 0
softmax    e^z / Σ e^z                  the output for many classes: each column sums to 1
softplus   ln(1 + e^z)                  an output that must be positive; a relu without a corner
elu        z or α (e^z - 1)             hidden layers: a relu whose left half bends down to -α
selu       λ (z or α (e^z - 1))         deep stacks: keeps mean 0 and variance 1 from layer to layer
gelu       z σ(2u), u a cubic of z      hidden layers, as in transformers: a relu without a corner that dips below 0
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
* At a corner the slope is the one from the right: relu, leaky_relu, elu and selu have the slope of z > 0 at z = 0.
  PyTorch takes the one from the left. ``"relu(0)"`` does too.
* Scores of ±1000 give finite numbers and no warning. No exponential here sees a positive argument but exp itself,
  which is held at e^354 (float32: e^44).
* gelu is the tanh form of its paper, PyTorch's ``approximate="tanh"``. The form with the error function, which other
  libraries take where nothing is said, differs by 0.00047 at most.
* Nothing on the way to A takes an absolute value or a real part; |Z| is max(Z, -Z), which NumPy orders by the real
  part. So derivatives can be checked by the complex step, g'(z) = Im g(z + ih) / h, exact to the last digits (Squire
  & Trapp 1998, SIAM Review 40).
* Arrays of any library that follows the array API; float32 stays float32.
"""

from __future__ import annotations

from dataclasses import replace

from gradatim.errors import named
from gradatim.formulas.activations.entry import Activation
from gradatim.formulas.activations.positive import exp, exp_slope, softplus, softplus_slope
from gradatim.formulas.activations.rectifiers import (
    elu,
    identity,
    identity_slope,
    leaky_relu,
    relu,
    relu_slope,
    relu_slope_flat_at_0,
    selu,
    selu_slope,
)
from gradatim.formulas.activations.smooth import gelu, gelu_slope, mish, mish_slope
from gradatim.formulas.activations.squashing import (
    sigmoid,
    sigmoid_slope,
    softmax,
    softmax_chain,
    tanh,
    tanh_by_exponentials,
    tanh_by_sigmoid,
    tanh_slope,
)
from gradatim.formulas.names import with_number

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activation",
    "elu",
    "exp",
    "gelu",
    "identity",
    "leaky_relu",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
    "tanh_by_exponentials",
    "tanh_by_sigmoid",
]


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
            "exp",
            exp,
            exp_slope,
            "a = e^z",
            "Euler 1748; McCullagh & Nelder 1989 (Generalized linear models), section 6.2",
        ),
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
        elu(),
        Activation(
            "selu",
            selu,
            selu_slope,
            "a = λ z for z >= 0, else λ α (e^z - 1); λ = 1.0507…, α = 1.6733…",
            "Klambauer et al. 2017 (arXiv 1706.02515), eq. 2 and 14",
        ),
        Activation(
            "gelu",
            gelu,
            gelu_slope,
            "a = ½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))",
            "Hendrycks & Gimpel 2016 (arXiv 1606.08415), section 2",
        ),
        Activation("mish", mish, mish_slope, "a = z tanh(ln(1 + e^z))", "Misra 2019 (arXiv 1908.08681)"),
    )
}
"""Every activation by name, in growing difficulty."""


def activation(name: str | Activation) -> Activation:
    """The activation of that name.

    Args:
        name: a key of `ACTIVATIONS`; ``"linear"`` for identity; ``"leaky_relu(0.2)"`` and ``"elu(0.5)"`` for a slope
            and an alpha of one's own; ``"relu(0)"`` for a relu whose slope at z = 0 is 0; an `Activation` is handed
            back as it is.

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
    return with_number(name, {"leaky_relu": leaky_relu, "elu": elu}) or named("activation", name, ACTIVATIONS)
