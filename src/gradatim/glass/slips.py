"""The slips that are made in a backward pass, each as the wrong rule, so that its wrong numbers can be recognized.

A slip is data: `RIGHT` holds the five rules of the backward pass as the notes have them, and each slip replaces one.
The gradients of every slip are computed and held against the reader's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from gradatim.course.network import Network
from gradatim.course.passes import BackwardPass, ForwardPass
from gradatim.formulas.activations import ACTIVATIONS, Activation
from gradatim.formulas.arrays import Array

Gradients = dict[str, Array]
Slope = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Rules:
    """The backward pass of one layer, in the order in which it runs.

    Attributes:
        through: (dA, Z, A, g, l) → dZ, for hidden layers.
        output: (dZ of the right rule, dA, Z, A, g) → dZ[L].
        weights: (dZ, A_prev, A, m) → dW.
        bias: (dZ, m) → db.
        below: (W, dZ) → dA_prev.
    """

    through: Callable[[Array, Array, Array, Activation, int], Array]
    output: Callable[[Array, Array, Array, Array, Activation], Array]
    weights: Callable[[Array, Array, Array, int], Array]
    bias: Callable[[Array, int], Array]
    below: Callable[[Array, Array], Array]


RIGHT = Rules(
    through=lambda dA, Z, A, g, l: g.backward(dA, Z, A),
    output=lambda dZ, dA, Z, A, g: dZ,
    weights=lambda dZ, A_prev, A, m: dZ @ A_prev.T / m,
    bias=lambda dZ, m: np.sum(dZ, axis=1, keepdims=True) / m,
    below=lambda W, dZ: W.T @ dZ,
)


def _where_it_fits(wrong: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """A wrong rule for dA_prev in the layers where it runs unnoticed; elsewhere NumPy has put the reader right."""

    def below(W: Array, dZ: Array) -> Array:
        right = RIGHT.below(W, dZ)
        try:
            given = wrong(W, dZ)
        except ValueError:
            return right
        return given if given.shape == right.shape else right

    return below


@dataclass(frozen=True)
class Slip:
    """A wrong rule and what to say about it. ``{l}`` stands for the number of the layer, ``{k}`` for the one below."""

    says: str
    rules: Rules


PRODUCT = "`*` multiplies entry by entry where a matrix product belongs: "
SUM = "np.sum without axis=1 adds up units as well as examples: db[{l}] = np.sum(dZ[{l}], axis=1, keepdims=True) / m."
FORGOTTEN = "g'(Z) is forgotten: dZ[l] = dA[l] * g'(Z[l]) in every hidden layer."

SLIPS: tuple[Slip, ...] = (
    Slip(SUM, replace(RIGHT, bias=lambda dZ, m: np.sum(dZ) / m)),
    Slip(SUM, replace(RIGHT, bias=lambda dZ, m: np.sum(dZ, keepdims=True) / m)),
    Slip(SUM, replace(RIGHT, bias=lambda dZ, m: np.full((dZ.shape[0], 1), np.sum(dZ) / m))),
    Slip(
        "axis=0 adds up the units; axis=1 adds up the examples: db[{l}] = np.sum(dZ[{l}], axis=1, keepdims=True) / m.",
        replace(RIGHT, bias=lambda dZ, m: np.sum(dZ, axis=0) / m),
    ),
    Slip(
        "axis=0 adds up the units; axis=1 adds up the examples: db[{l}] = np.sum(dZ[{l}], axis=1, keepdims=True) / m.",
        replace(RIGHT, bias=lambda dZ, m: np.sum(dZ, axis=0, keepdims=True) / m),
    ),
    Slip(
        "The sum over the examples is missing: db[{l}] has one column, not m.",
        replace(RIGHT, bias=lambda dZ, m: dZ / m),
    ),
    Slip(
        PRODUCT + "dW[{l}] = dZ[{l}] @ A[{k}].T / m.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: dZ * A_prev / m),
    ),
    Slip(
        PRODUCT + "dW[{l}] = dZ[{l}] @ A[{k}].T / m.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: dZ * A_prev.T / m),
    ),
    Slip(
        PRODUCT + "dW[{l}] = dZ[{l}] @ A[{k}].T / m.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: np.sum(dZ * A_prev) / m),
    ),
    Slip(PRODUCT + "dA[l-1] = W[l].T @ dZ[l].", replace(RIGHT, below=_where_it_fits(lambda W, dZ: W.T * dZ))),
    Slip(PRODUCT + "dA[l-1] = W[l].T @ dZ[l].", replace(RIGHT, below=_where_it_fits(lambda W, dZ: W * dZ))),
    Slip(
        "W without its transpose: dA[l-1] = W[l].T @ dZ[l].", replace(RIGHT, below=_where_it_fits(lambda W, dZ: W @ dZ))
    ),
    Slip(
        "A[{k}] without its transpose: dW[{l}] = dZ[{l}] @ A[{k}].T / m.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: dZ @ A_prev / m),
    ),
    Slip(
        "It is the transpose: dW[{l}] = dZ[{l}] @ A[{k}].T / m, not A[{k}] @ dZ[{l}].T.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: A_prev @ dZ.T / m),
    ),
    Slip(
        "A[{l}] stands where A[{k}] belongs: dW[{l}] = dZ[{l}] @ A[{k}].T / m.",
        replace(RIGHT, weights=lambda dZ, A_prev, A, m: dZ @ A.T / m),
    ),
    Slip(FORGOTTEN, replace(RIGHT, through=lambda dA, Z, A, g, l: dA)),
    Slip(
        FORGOTTEN.replace("in every hidden layer", "at the output too: dA[L] is not dZ[L]"),
        replace(RIGHT, output=lambda dZ, dA, Z, A, g: dA),
    ),
    Slip(
        "g'(Z) is applied twice at the output: A[L] - Y is dZ[L] already.",
        replace(RIGHT, output=lambda dZ, dA, Z, A, g: dZ * g.slope(Z, A)),
    ),
    Slip(
        "g' is taken at A: dZ[l] = dA[l] * g'(Z[l]), with Z.",
        replace(RIGHT, through=lambda dA, Z, A, g, l: dA * g.slope(A, g.value(A))),
    ),
)


def _forgotten_in(layer: int) -> Slip:
    """The slope g' left out of one hidden layer only."""

    def through(dA: Array, Z: Array, A: Array, g: Activation, l: int) -> Array:
        return dA if l == layer else g.backward(dA, Z, A)

    return Slip(
        f"g'(Z[{layer}]) is forgotten: dZ[{layer}] = dA[{layer}] * g'(Z[{layer}]).", replace(RIGHT, through=through)
    )


SLOPES_IN_A = {"sigmoid": "A[{l}] * (1 - A[{l}])", "tanh": "(1 - A[{l}]**2)"}
"""How assignments write g' where A says it all: the two that are taken for each other."""


def _foreign_in(layers: Sequence[int], g: Activation) -> Iterator[Slip]:
    """In these layers, all of activation g, the slope of another activation, computed from their own Z and A."""
    others = {f"The slope of {name}": h.slope for name, h in ACTIVATIONS.items() if name not in (g.name, "identity")}
    if g.name == "tanh":
        others["1 - A"] = lambda Z, A: 1 - A
    l = layers[0]
    rule = f"dZ[{l}] = dA[{l}] * " + SLOPES_IN_A.get(g.name, "g'(Z[{l}]) with g = " + g.name).format(l=l)
    where = " and ".join(f"layer {l}" for l in layers)
    for stands, wrong in others.items():

        def through(dA: Array, Z: Array, A: Array, g: Activation, l: int, wrong: Slope = wrong) -> Array:
            return dA * wrong(Z, A) if l in layers else g.backward(dA, Z, A)

        says = f"{stands} stands in {where} where the slope of {g.name} belongs: {rule}."
        yield Slip(says, replace(RIGHT, through=through))


def _foreign_slopes(net: Network) -> Iterator[Slip]:
    """Every activation's slope in the place of another's: in a single hidden layer, then in all of that activation."""
    alike: dict[str, list[int]] = {}
    for l in range(1, net.L):
        alike.setdefault(net.g[l].name, []).append(l)
        yield from _foreign_in([l], net.g[l])
    for layers in alike.values():
        if len(layers) > 1:
            yield from _foreign_in(layers, net.g[layers[0]])


def wrong_gradients(net: Network, p: ForwardPass, d: BackwardPass) -> Iterator[tuple[str, Gradients]]:
    """For every slip, what it says and the gradients that it gives, as far as its shapes go.

    Args:
        net: a network without front, members and learned slopes.
        p: a forward pass.
        d: the right backward pass of it.
    """
    for slip in (*(_forgotten_in(l) for l in range(1, net.L)), *SLIPS, *_foreign_slopes(net)):
        yield slip.says, backward(net, p, d, slip.rules)


def backward(net: Network, p: ForwardPass, d: BackwardPass, rules: Rules = RIGHT) -> Gradients:
    """The backward pass by other rules: ``{"dZ2": …, "dW2": …, "db2": …, "dA1": …, "dZ1": …}``."""
    gradients: Gradients = {}
    L, m = net.L, p.output.shape[1]
    dA = d.dA[L]
    with np.errstate(all="ignore"):  # dA[L] may be infinite
        for l in range(L, 0, -1):
            Z, A, g = p.Z[l], p.A[l], net.g[l]
            dZ = rules.output(d.dZ[L], dA, Z, A, g) if l == L else rules.through(dA, Z, A, g, l)
            dA = rules.below(p.engine_pass.caches[l - 1].W, dZ)
            gradients |= {f"dZ{l}": dZ, f"db{l}": np.asarray(rules.bias(dZ, m)), f"dA{l - 1}": dA}
            with suppress(ValueError):  # NumPy refuses the shapes of this slip: the reader has met that error
                gradients[f"dW{l}"] = np.asarray(rules.weights(dZ, p.A[l - 1], A, m))
    return gradients


def factors(m: int) -> Mapping[float, str]:
    """By what a right dW or db may be multiplied, and what that means. Of two equal factors the simpler one wins."""
    return {
        0.5: "It is half the right one.",
        2.0: "It is twice the right one. (If the loss is squared: its ½ takes the 2 away.)",
        -1 / m: "The sign is flipped, and it is divided by m twice.",
        -float(m): "The sign is flipped, and the 1/m of the mean is missing.",
        -1.0: "The sign is flipped: dZ[L] = A[L] - Y, not Y - A[L].",
        1 / m: "It is divided by m twice: it is m times too small.",
        float(m): "The 1/m of the mean is missing: it is m times too large.",
        1.0: "",
    }
