"""Small problems that between them use every activation, loss and layer kind: what the agreement tests loop over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from gradatim.engines.contract import Data, DropoutDraw, Problem
from gradatim.formulas.activations import ACTIVATIONS
from gradatim.formulas.losses import (
    AbsoluteError,
    CategoricalLogLoss,
    HalfSquaredError,
    Huber,
    LogLoss,
    Poisson,
    Quantile,
)
from gradatim.formulas.penalties import L1, L2
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale

HIDDEN = [name for name, g in ACTIVATIONS.items() if g.chain is None]
LOSSES = {
    "half squared error": HalfSquaredError(),
    "log loss": LogLoss(),
    "smoothed log loss": LogLoss(label_smoothing=0.1),
    "categorical log loss": CategoricalLogLoss(),
    "smoothed categorical log loss": CategoricalLogLoss(label_smoothing=0.1),
    "absolute error": AbsoluteError(),
    "Huber": Huber(delta=0.5),
    "quantile": Quantile(0.9),
    "Poisson": Poisson(),
}


@dataclass(frozen=True)
class Case:
    """A problem with parameters and data away from kinks."""

    problem: Problem
    vector: np.ndarray
    data: Data


def draw(case):
    """Masks for a case whose network has dropout: without them its gradients would be those of a network without."""
    return DropoutDraw(key=99, step=7) if any(case.problem.architecture.dropout) else None


def targets(loss, m, outputs, rng):
    """Random targets that fit the loss, (m, outputs)."""
    if loss.output == "sigmoid":
        return rng.integers(0, 2, size=(m, outputs)).astype(float)
    if loss.output == "softmax":
        return np.eye(outputs)[rng.integers(0, outputs, size=m)]
    if isinstance(loss, Poisson):
        return rng.poisson(2.0, size=(m, outputs)).astype(float)
    return rng.normal(size=(m, outputs))


def case(architecture, loss=None, *, m=6, seed=0, weights=False, **problem):
    """Random parameters and data for a network."""
    loss = loss or LogLoss()
    rng = np.random.default_rng(seed)
    levels = [part.levels for part in architecture.front if isinstance(part, CategoryEmbedding)]
    codes = np.stack([rng.integers(0, k, size=m) for k in levels[0]], axis=1).astype(np.int32) if levels else None
    data = Data(
        X=rng.normal(size=(m, architecture.inputs)),
        codes=codes,
        Y=targets(loss, m, architecture.output.units, rng),
        weights=rng.uniform(0.5, 2, size=m) if weights else None,
    )
    # Behind an exponential, e^z of the usual scores would drive a sigmoid to 1, where books' formulas say ln 0.
    explosive = any(layer.activation == "exp" for layer in architecture.dense[:-1])
    vector = rng.normal(scale=0.2 if explosive else 0.7, size=architecture.size)
    return Case(Problem(architecture, loss, **problem), vector, data)


def _every_activation():
    for activation in HIDDEN:
        architecture = Architecture(3, layers=(Dense(4, activation), Dense(3, activation)), output=Dense(1, "sigmoid"))
        yield f"hidden {activation}", case(architecture)


def _every_loss():
    for name, loss in LOSSES.items():
        units = 3 if loss.output == "softmax" else 2
        architecture = Architecture(3, layers=(Dense(4, "tanh"),), output=Dense(units, loss.output))
        yield name, case(architecture, loss, weights=True)


POSITIVE = ("sigmoid", "softmax", "softplus")
NOT_IDENTITY = (*POSITIVE, "tanh", "relu", "leaky_relu(0.2)", "exp", "elu(0.5)", "selu", "gelu", "mish")
UNPAIRED = {
    "half squared error": NOT_IDENTITY,
    "quantile": NOT_IDENTITY,
    # Every other output has numbers below 0, or relu's exact 0, of which the logarithm does not exist.
    "Poisson": POSITIVE,
}


def _every_unpaired_output():
    """A loss with another output activation than its own goes the long way, through dA."""
    for loss, activations in UNPAIRED.items():
        for activation in activations:
            architecture = Architecture(3, layers=(Dense(4, "tanh"),), output=Dense(3, activation))
            yield f"{loss} behind {activation}", case(architecture, LOSSES[loss])
    yield "log loss behind softmax", case(Architecture(3, layers=(Dense(4),), output=Dense(2, "softmax")), LogLoss())


NUMBERS, CATEGORIES = NumericEmbedding(2, frequencies=3, width=3), CategoryEmbedding((3, 4), width=2)
LAYER_KINDS = {
    "dense": {},
    "numeric embedding": {"front": (NUMBERS,)},
    "category embedding": {"front": (CATEGORIES,)},
    "scale": {"front": (Scale(),)},
    "learned slopes": {"learned_slope": True},
    "dropout": {"dropout": 0.4},
    "members": {"members": 3},
    "everything at once": {
        "front": (NUMBERS, CATEGORIES, Scale()),
        "learned_slope": True,
        "dropout": 0.4,
        "members": 2,
    },
}


def network(activation, loss, *, front=(), members=1, learned_slope=False, dropout=0.0):
    """Two hidden layers of this activation, the output that the loss is paired with, and what else is asked for.

    Dropout stands behind the first of them.
    """
    first, second = Dense(4, activation, learned_slope), Dense(3, activation, learned_slope)
    hidden = (first, Dropout(dropout), second) if dropout else (first, second)
    output = Dense(3 if loss.output == "softmax" else 2, loss.output)
    return Architecture(3, front, hidden, output, members)


def _every_layer_kind():
    loss = CategoricalLogLoss(0.1)
    for name, kind in LAYER_KINDS.items():
        yield name, case(network("mish", loss, **kind), loss, weights=True, penalties=(L2(0.1),))
    yield "no hidden layer", case(Architecture(3, output=Dense(1, "sigmoid")))
    yield "members without hidden layer", case(Architecture(3, output=Dense(1, "sigmoid"), members=2))
    yield "no inputs", case(Architecture(0, output=Dense(3, "softmax")), loss)
    yield "penalties", case(network("tanh", loss), loss, penalties=(L1(0.03), L2(0.7)))


def _dropout():
    architecture = Architecture(
        3,
        layers=(Dense(5, "tanh"), Dropout(0.4), Dense(4, "selu", learned_slope=True), Dropout(0.2)),
        output=Dense(1, "identity"),
    )
    yield "dropout behind two layers", case(architecture, HalfSquaredError())
    yield "dropout behind two layers with members", case(replace(architecture, members=2), HalfSquaredError())


CASES: dict[str, Case] = {
    name: example
    for group in (_every_activation, _every_loss, _every_unpaired_output, _every_layer_kind, _dropout)
    for name, example in group()
}

EVERY_COMBINATION = [*product(HIDDEN, LOSSES, LAYER_KINDS)]
"""(activation, loss, layer kind) by name; `combination` makes the case."""


def combination(activation, loss, kind):
    """One of `EVERY_COMBINATION` as a case."""
    return case(network(activation, LOSSES[loss], **LAYER_KINDS[kind]), LOSSES[loss], m=4)
