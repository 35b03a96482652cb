"""A problem as numbers that compiled kernels read: where each block lies, which formula each layer has.

The kernels are compiled for a type of numbers, never for a network: widths, depths and batch sizes stand in here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradatim.engines.contract import Problem
from gradatim.engines.fast.activations import NAMES as ACTIVATIONS
from gradatim.engines.fast.losses import NAMES as LOSSES
from gradatim.formulas.activations.positive import highest_exponent
from gradatim.formulas.losses import LOSSES as FORMULAS
from gradatim.formulas.losses import Loss, Quantile
from gradatim.formulas.optimizers import LBFGS, Adam, AdamW, GradientDescent, Momentum, Nesterov
from gradatim.formulas.penalties import L1, L2
from gradatim.network import Architecture, CategoryEmbedding, NumericEmbedding, Scale

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]

GRADIENT_DESCENT, MOMENTUM, NESTEROV, ADAM = range(4)

KINDS: dict[Any, int] = {
    GradientDescent: GRADIENT_DESCENT,
    Momentum: MOMENTUM,
    Nesterov: NESTEROV,
    Adam: ADAM,
    AdamW: ADAM,
}
"""Optimizers of which there are kernels."""

ABSENT = -1
"""The place of a block that a network does not have."""

ORDER_OF_FRONT = (NumericEmbedding, CategoryEmbedding, Scale)


class Program(NamedTuple):
    """A network and its loss. Arrays of L + 1 entries are read at l; entry 0 is the input's.

    Attributes:
        n: units of each layer, (L + 1,); n[0] is the height of A[0].
        W: where W[l] begins in the vector.
        b: where b[l] begins.
        α: where the learned slopes begin, or `ABSENT`.
        g: the code of each activation.
        g_number: its number: a slope, an α, where exp is held.
        dropout: the rate behind each layer.
        loss: the code of the loss.
        loss_numbers: its number for each output: smoothing, quantile, delta.
        inputs: columns of X.
        members: networks that share the hidden layers.
        r: where their scales begin, or `ABSENT`.
        scale: where the scale begins, or `ABSENT`.
        waves: where the numeric embedding's first block begins, or `ABSENT`.
        embedded: columns that it embeds, frequencies and width: (3,).
        E: where each category's table begins.
        E_width: columns of these tables.
        starts: (blocks + 1,) where the blocks of the vector begin, and its end.
        is_weight: (blocks,) 1.0 where penalties apply, else 0.0.
    """

    n: Places
    W: Places
    b: Places
    α: Places
    g: Places
    g_number: Numbers
    dropout: Numbers
    loss: int
    loss_numbers: Numbers
    inputs: int
    members: int
    r: int
    scale: int
    waves: int
    embedded: Places
    E: Places
    E_width: int
    starts: Places
    is_weight: Numbers


class Rule(NamedTuple):
    """How one step goes down the gradient. Arrays have an entry for each block of the vector.

    Attributes:
        kind: of `KINDS`.
        β1: share of the old mean.
        β2: share of the old mean square.
        ε: behind Adam's root.
        clip_norm: infinity never clips.
        averaging: β of the running mean of parameters; below 0 keeps none.
        l1: strength of that penalty.
        l2: strength of that penalty.
        rate: on the learning rate.
        epsilon: on ε.
        decay: on the decoupled decay.
    """

    kind: int
    β1: float
    β2: float
    ε: float
    clip_norm: float
    averaging: float
    l1: float
    l2: float
    rate: Numbers
    epsilon: Numbers
    decay: Numbers


def unsupported(problem: Problem) -> str | None:
    """Why there is no kernel for the problem, in a sentence; None if there is one."""
    if isinstance(problem.optimizer, LBFGS):
        return f"{problem.optimizer.name} does not go step by step: it needs whole-table losses and gradients"
    if problem.optimizer is not None and type(problem.optimizer) not in KINDS:
        return f"the optimizer {problem.optimizer!r} is one of your own"
    if any(type(penalty) not in (L1, L2) for penalty in problem.penalties):
        return "a penalty is one of your own"
    return lacking(problem.architecture, problem.loss)


def lacking(architecture: Architecture, loss: Loss | None = None) -> str | None:
    """What of a network or a loss there is no kernel for, in a sentence; None if there is one for all of it."""
    for layer in architecture.dense:
        if name_and_number(layer.activation)[0] not in ACTIVATIONS:
            return f"the activation {layer.activation!r} has no kernel"
    if loss is not None and type(loss) is not FORMULAS.get(loss.name):
        return f"the loss {loss!r} is one of your own"
    if isinstance(loss, Quantile) and isinstance(loss.quantile, tuple) and len(loss.quantile) != architecture.n[-1]:
        return f"the loss {loss!r} has another number of quantiles than the network of outputs"
    order = [ORDER_OF_FRONT.index(type(part)) for part in architecture.front]
    if order != sorted(order):
        return "in the front a scale stands before an embedding"
    return None


def name_and_number(activation: str) -> tuple[str, float]:
    """The activation's name and its number, 0.0 where it has none.

    Example:
        >>> name_and_number("leaky_relu(0.2)"), name_and_number("leaky_relu"), name_and_number("relu(0)")
        (('leaky_relu', 0.2), ('leaky_relu', 0.01), ('relu(0)', 0.0))
    """
    if activation in ACTIVATIONS:
        return activation, {"leaky_relu": 0.01, "elu": 1.0}.get(activation, 0.0)
    name, _, number = activation.partition("(")
    known = {"linear": ("identity", 0.0)}
    return known.get(name) or (name, float(number.rstrip(")") or 0))


def program_of(architecture: Architecture, dtype: Any, loss: Loss | None = None) -> Program:
    """The program of a network; without a loss it can only predict."""
    place = {block.name: block.start for block in architecture.blocks}
    L = architecture.L
    names = [name_and_number(layer.activation) for layer in architecture.dense]
    held = highest_exponent(np.empty(0, dtype))
    numeric = next((part for part in architecture.front if isinstance(part, NumericEmbedding)), None)
    tables = next((part for part in architecture.front if isinstance(part, CategoryEmbedding)), None)
    return Program(
        n=np.array(architecture.n),
        W=_places([place[f"W{l}"] for l in range(1, L + 1)]),
        b=_places([place[f"b{l}"] for l in range(1, L + 1)]),
        α=_places([place.get(f"slope{l}", ABSENT) for l in range(1, L + 1)]),
        g=_places([ACTIVATIONS.index(name) for name, _ in names]),
        g_number=np.array([0.0, *(held if name == "exp" else number for name, number in names)]),
        dropout=np.array([0.0, *architecture.dropout]),
        loss=0 if loss is None else LOSSES.index(loss.name),
        loss_numbers=_numbers_of(loss, architecture.output.units),
        inputs=architecture.inputs,
        members=architecture.members,
        r=place.get("r", ABSENT),
        scale=place.get("scale", ABSENT),
        waves=place.get("frequency", ABSENT),
        embedded=np.array([0, 0, 0] if numeric is None else [numeric.columns, numeric.frequencies, numeric.width]),
        E=np.array(
            [] if tables is None else [place[f"E{k}"] for k in range(1, len(tables.levels) + 1)], dtype=np.int64
        ),
        E_width=0 if tables is None else tables.width,
        starts=np.array([*(block.start for block in architecture.blocks), architecture.size]),
        is_weight=_is_weight(architecture),
    )


def rule_of(problem: Problem, factors: Any) -> Rule:
    """The rule of a step.

    Args:
        problem: with an optimizer that goes step by step.
        factors: one `BlockFactors` for each block, or None: then weights alone decay.
    """
    optimizer = problem.optimizer
    adam = optimizer if isinstance(optimizer, Adam | AdamW) else None
    ones = np.ones(len(problem.architecture.blocks))

    def strength(kind: Any) -> float:
        return float(sum(penalty.strength for penalty in problem.penalties if type(penalty) is kind))

    def of_blocks(name: str) -> Numbers:
        return np.array([float(getattr(factor, name)) for factor in factors])

    return Rule(
        kind=KINDS[type(optimizer)],
        β1=float(getattr(optimizer, "momentum", 0.0) if adam is None else adam.beta1),
        β2=0.0 if adam is None else float(adam.beta2),
        ε=0.0 if adam is None else float(adam.epsilon),
        clip_norm=float("inf" if problem.clip_norm is None else problem.clip_norm),
        averaging=-1.0 if problem.averaging is None else float(problem.averaging),
        l1=strength(L1),
        l2=strength(L2),
        rate=ones if factors is None else of_blocks("rate"),
        epsilon=ones if factors is None else of_blocks("epsilon"),
        decay=_is_weight(problem.architecture) if factors is None else of_blocks("decay"),
    )


def _is_weight(architecture: Architecture) -> Numbers:
    return np.array([float(block.role == "weight") for block in architecture.blocks])


def _places(of_layers: list[int]) -> Places:
    return np.array([ABSENT, *of_layers], dtype=np.int64)


def _numbers_of(loss: Loss | None, outputs: int) -> Numbers:
    """The one setting that a loss has, if any, for each output."""
    for name in ("label_smoothing", "quantile", "delta"):
        if hasattr(loss, name):
            return np.full(outputs, getattr(loss, name), dtype=np.float64)
    return np.zeros(outputs)
