"""The passes through a whole network: layer 1 to L forward, L to 1 backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradatim.engines.contract import DropoutDraw
from gradatim.engines.dropout import keep_mask
from gradatim.engines.textbook.front import Gradients, front_backward, front_forward
from gradatim.engines.textbook.layer import (
    BlockCache,
    affine_gradients,
    affine_input_gradient,
    forward_block,
    join_members,
    split_members,
    through_activation,
)
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array, namespace
from gradatim.network import Architecture, Parameters


@dataclass(frozen=True)
class Pass:
    """Everything a forward pass computed.

    Attributes:
        stages: X, then what each part of the front made of it; the last is A[0] (before members scale it).
        codes: (code columns, m), or None.
        caches: one per layer 1 … L.
        outputs: A[1] … A[L].
    """

    stages: tuple[Array, ...]
    codes: Array | None
    caches: tuple[BlockCache, ...]
    outputs: tuple[Array, ...]

    @property
    def Z(self) -> tuple[Any, ...]:
        """Z[1] … Z[L]; Z[0] is None, since the input has no scores."""
        return (None, *(cache.Z for cache in self.caches))

    @property
    def A(self) -> tuple[Array, ...]:
        """A[0] … A[L]."""
        return (self.caches[0].A_prev, *self.outputs)


@dataclass(frozen=True)
class BackwardPass:
    """Everything a backward pass computed; the index is l, and dZ[0] is None.

    Attributes:
        dZ: dZ[1] … dZ[L], each (n[l], m).
        dA: dA[0] … dA[L-1], each (n[l], m); dA[0] is None where nobody asked for it.
        gradients: ∂J/∂block, by name of the block.
    """

    dZ: tuple[Any, ...]
    dA: tuple[Any, ...]
    gradients: Gradients


def forward(
    architecture: Architecture, vector: Array, X: Array, codes: Array | None = None, dropout: DropoutDraw | None = None
) -> Pass:
    """The forward pass.

    Args:
        architecture: the network.
        vector: (P,) its parameters.
        X: (inputs, m) columns; a SciPy sparse matrix where nothing stands before the first layer.
        codes: (code columns, m) category codes.
        dropout: masks to draw, in training; None in evaluation.

    Raises:
        ShapeError: if X does not have `inputs` rows.
        InputError: if X is sparse where a front or members need dense numbers.
    """
    parameters = Parameters(architecture, vector)
    stages, A = through_front(architecture, parameters, X, codes)
    caches: list[BlockCache] = []
    outputs: list[Array] = []
    for l, layer in enumerate(architecture.dense, start=1):
        slope = parameters[f"slope{l}"] if layer.learned_slope else None
        mask = _dropout_mask(architecture, l, A.shape[1], vector, dropout)
        A, cache = forward_block(layer, parameters.W[l], parameters.b[l], A, slope, mask)
        caches.append(cache)
        outputs.append(A)
    return Pass(stages, codes, tuple(caches), tuple(outputs))


def through_front(
    architecture: Architecture, parameters: Parameters, X: Array, codes: Array | None = None
) -> tuple[tuple[Array, ...], Array]:
    """What stands before the first layer: X and what each part of the front makes of it, and A[0] as members see it.

    Raises:
        ShapeError: if X does not have `inputs` rows.
        InputError: if X is sparse where a front or members need dense numbers.
    """
    _check_inputs(architecture, X)
    stages = [X]
    for part in architecture.front:
        stages.append(front_forward(part, parameters, stages[-1], codes))
    return tuple(stages), _scale_members(architecture, parameters, stages[-1])


def backward(
    architecture: Architecture, vector: Array, p: Pass, dZ: Array, *, input_gradient: bool = False
) -> BackwardPass:
    """The backward pass from dZ[L] (n[L], m), the derivative of J by the scores of the output layer.

    With `input_gradient`, dA[0] is computed even where no front needs it (training has no use for it).
    """
    parameters = Parameters(architecture, vector)
    has_front = bool(architecture.front) or architecture.members > 1
    gradients: Gradients = {}
    dZs = [dZ]
    dAs: list[Any] = []
    for l in range(architecture.L, 0, -1):
        cache = p.caches[l - 1]
        gradients[f"W{l}"], gradients[f"b{l}"] = affine_gradients(dZs[-1], cache)
        wanted = l > 1 or has_front or input_gradient
        dAs.append(affine_input_gradient(dZs[-1], cache.W) if wanted else None)
        if l > 1:
            dZ_prev, dslope = through_activation(architecture.dense[l - 2], dAs[-1], p.caches[l - 2])
            dZs.append(dZ_prev)
            if dslope is not None:
                gradients[f"slope{l - 1}"] = dslope
    if has_front:
        gradients |= _backward_front(architecture, parameters, p, dAs[-1])
    return BackwardPass((None, *reversed(dZs)), tuple(reversed(dAs)), gradients)


def _check_inputs(architecture: Architecture, X: Array) -> None:
    if X.ndim != 2 or X.shape[0] != architecture.inputs:
        raise ShapeError(
            f"X must be ({architecture.inputs}, m): a row per input of the network, a column per example. "
            f"Got {tuple(X.shape)}."
        )
    if hasattr(X, "tocsr") and (architecture.front or architecture.members > 1):
        raise InputError(
            "Sparse X must go straight into the first layer. Got a front or members: make X dense with .toarray()."
        )


def _scale_members(architecture: Architecture, parameters: Parameters, A: Array) -> Array:
    """Every member's own look at A[0]: r[k] ∘ A[0], side by side, (n[0], members·m)."""
    if architecture.members == 1:
        return A
    return join_members(parameters["r"][:, :, None] * A[None, :, :])


def _backward_front(architecture: Architecture, parameters: Parameters, p: Pass, dA: Array) -> Gradients:
    """The gradients of every block before the first layer, from dA[0]."""
    xp = namespace(dA)
    gradients: Gradients = {}
    if architecture.members > 1:
        dA = split_members(dA, architecture.members)
        gradients["r"] = xp.sum(dA * p.stages[-1][None, :, :], axis=2)
        dA = xp.sum(parameters["r"][:, :, None] * dA, axis=0)
    for part, X in zip(reversed(architecture.front), reversed(p.stages[:-1]), strict=True):
        dA, of_part = front_backward(part, parameters, X, p.codes, dA)
        gradients |= of_part
    return gradients


def _dropout_mask(
    architecture: Architecture, l: int, columns: int, like: Array, dropout: DropoutDraw | None
) -> Array | None:
    rate = 0.0 if dropout is None else architecture.dropout[l - 1] * dropout.factor
    if dropout is None or rate == 0.0:
        return None
    keep = keep_mask(dropout.key, dropout.step, l, columns, architecture.n[l], rate)
    return namespace(like).asarray(keep / (1 - rate), dtype=like.dtype)
