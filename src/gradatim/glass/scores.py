"""One number that a network says of each row, and its derivative by everything that enters.

Conventions
-----------
* Of a number the score is the prediction, in the units of the target, before it is kept within the range of training.
  Of two classes, and of each of several labels, it is the log odds, Z[L]. Of more classes it is the Z[L] of one of
  them less the mean of all, since a number added to every score of a softmax changes nothing.
* Of members it is the mean of theirs.
* What enters, U (k, m), is the encoded table, X, and below it the embeddings of its codes. A code cannot move a little,
  its embedding can. So U can go from one row to another, and the score with it.
* Derivatives are exact: the backward pass goes on to U.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradatim.engines.textbook.front import front_backward, front_forward
from gradatim.engines.textbook.layer import (
    BlockCache,
    affine_input_gradient,
    forward_block,
    join_members,
    split_members,
    through_activation,
)
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.model import Model
from gradatim.network import CategoryEmbedding, NumericEmbedding, Parameters
from gradatim.tables import NumberTarget

DTYPES = {"float32": np.float32, "float64": np.float64}
"""In which networks compute."""

Stages = list[Array]
"""X, then what each part of the front makes of it; the last is A[0]."""


class Score:
    """The score of a model, as a function of what enters.

    Args:
        model: any.
        dtype: "float32" or "float64" of the computation.

    Attributes:
        raws: (k,) which column of the table each row of U comes from.
    """

    def __init__(self, model: Model, dtype: str = "float64") -> None:
        self.model, self.dtype = model, np.dtype(dtype)
        self._architecture = model.architecture
        self._parameters = Parameters(model.architecture, model.vector.astype(dtype))
        width = sum(part.width for part in self._architecture.front if isinstance(part, CategoryEmbedding))
        embedded = [category.feature.raw for category in model.encoder.embedded]
        of_X = [output.raw for output in model.encoder.outputs]
        self.raws = (*of_X, *(raw for raw in embedded for _ in range(width)))

    def entering(self, X: Array, codes: Array | None) -> Array:
        """U (k, m) of rows: X (m, inputs) dense and codes (m, c)."""
        columns = [] if codes is None else list(codes.T)
        embeddings = [self._parameters[f"E{k}"][column].T for k, column in enumerate(columns, start=1)]
        return np.vstack([X.T, *embeddings]).astype(self.dtype, copy=False)

    def gradient(self, U: Array, chosen: Array) -> tuple[Array, Array]:
        """The score of each row, (m,), and its derivative by U, (k, m); `chosen` (m,) says of which output."""
        stages, Z1 = self._into_first_layer(U)
        score, dZ1 = self._from_first_layer(Z1, chosen)
        return score, self._out_of_first_layer(dZ1, stages)

    def mean_gradient(self, start: Array, end: Array, chosen: Array, α: Array, weights: Array) -> Array:
        """∂score/∂U, (k, m), averaged over the line from `start` to `end` (k, m), at points α with these weights.

        α and the weights must be of the type of U: NumPy computes in the larger of two types.
        """
        if any(isinstance(part, NumericEmbedding) for part in self._architecture.front):
            return _weighted_sum(weights, (self.gradient(start + a * (end - start), chosen)[1] for a in α))
        # Up to Z[1] all is linear, so that the line stays one there: neither the first layer, which may be the widest,
        # nor what stands before it has to be passed at every point.
        _, first = self._into_first_layer(start)
        stages, last = self._into_first_layer(end)
        dZ1 = _weighted_sum(weights, (self._from_first_layer(first + a * (last - first), chosen)[1] for a in α))
        return self._out_of_first_layer(dZ1, stages)

    def _into_first_layer(self, U: Array) -> tuple[Stages, Array]:
        a, parameters = self._architecture, self._parameters
        stages = [U[: a.inputs]]
        for part in a.front:
            if isinstance(part, CategoryEmbedding):
                stages.append(np.vstack([stages[-1], U[a.inputs :]]))
            else:
                stages.append(front_forward(part, parameters, stages[-1], None))
        A0 = stages[-1] if a.members == 1 else join_members(parameters["r"][:, :, None] * stages[-1])
        return stages, forward_block(a.dense[0], parameters.W[1], parameters.b[1], A0)[1].Z

    def _from_first_layer(self, Z1: Array, chosen: Array) -> tuple[Array, Array]:
        """The score, (m,), and ∂score/∂Z[1]."""
        a, parameters = self._architecture, self._parameters
        α = self._slope(1)
        G = activation(a.dense[0].activation).value(Z1)
        A = G if α is None else Z1 + α * (G - Z1)
        caches = [BlockCache(Z1, parameters.W[1], Z1, G, α)]
        for l in range(2, a.L + 1):
            A, cache = forward_block(a.dense[l - 1], parameters.W[l], parameters.b[l], A, self._slope(l))
            caches.append(cache)
        score, dZ = self._of_outputs(caches[-1].Z, A, chosen)
        for l in range(a.L, 1, -1):
            dA = affine_input_gradient(dZ, caches[l - 1].W)
            dZ, _ = through_activation(a.dense[l - 2], dA, caches[l - 2])
        return score, dZ

    def _out_of_first_layer(self, dZ1: Array, stages: Stages) -> Array:
        a, parameters = self._architecture, self._parameters
        dA = affine_input_gradient(dZ1, parameters.W[1])
        if a.members > 1:
            dA = np.sum(parameters["r"][:, :, None] * split_members(dA, a.members), axis=0)
        embedded = dA[:0]
        for part, X in zip(a.front[::-1], stages[-2::-1], strict=True):
            if isinstance(part, CategoryEmbedding):
                dA, embedded = dA[: len(X)], dA[len(X) :]
            else:
                dA, _ = front_backward(part, parameters, X, None, dA)
        return np.vstack([dA, embedded])

    def _of_outputs(self, Z: Array, A: Array, chosen: Array) -> tuple[Array, Array]:
        """The score, (m,), and ∂score/∂Z[L]."""
        output, members, target = self._architecture.output, self._architecture.members, self.model.target
        wanted = np.zeros((output.units, len(chosen)), self.dtype)
        wanted[chosen, np.arange(len(chosen))] = 1
        if isinstance(target, NumberTarget):
            mean, wanted = np.array(target.mean)[chosen], wanted * np.array(target.std, self.dtype)[:, None]
            dA = np.tile(wanted / members, (1, members))
            score = np.sum(wanted * split_members(A, members).mean(axis=0), axis=0) + mean
            return score, activation(output.activation).backward(dA, Z, A)
        if output.activation == "softmax":
            wanted -= self.dtype.type(1 / output.units)
        score = np.sum(wanted * split_members(Z, members).mean(axis=0), axis=0)
        return score, np.tile(wanted / members, (1, members))

    def _slope(self, l: int) -> Array | None:
        return self._parameters[f"slope{l}"] if self._architecture.dense[l - 1].learned_slope else None


def _weighted_sum(weights: Array, terms: Iterable[Array]) -> Array:
    return np.asarray(sum(weight * term for weight, term in zip(weights, terms, strict=True)))
