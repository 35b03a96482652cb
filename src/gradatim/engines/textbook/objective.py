"""What a network says of a table, and how wrong it is: outputs, J, and the derivative of J by every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradatim.engines.contract import ALL_ROWS, Data, DropoutDraw, Problem, Rows
from gradatim.engines.textbook.layer import split_members
from gradatim.engines.textbook.passes import backward, forward
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.activations import Activation, activation
from gradatim.formulas.arrays import Array, namespace
from gradatim.formulas.losses import Loss
from gradatim.network import Architecture

ROWS_AT_ONCE = 8192
"""Rows per pass where only the outputs are wanted, so that memory does not grow with the table."""


def loss_values(loss: Loss, g: Activation, Z: Array, Y: Array) -> Array:
    """L per output and example.

    Args:
        loss: any.
        g: the activation at the output.
        Z: (n[L], m) the scores Z[L].
        Y: (n[L], m) targets.

    Returns:
        (n[L], m): from the scores where loss and activation are a pair, else from A = g(Z).
    """
    return loss.value_from_scores(Z, Y) if loss.output == g.name else loss.value(g.value(Z), Y)


def loss_slopes(loss: Loss, g: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """∂L/∂Z[L].

    Args:
        loss: any.
        g: the activation at the output.
        Z: (n[L], m) the scores Z[L].
        A: (n[L], m) A[L] = g(Z[L]).
        Y: (n[L], m) targets.

    Returns:
        (n[L], m): the short way (A - Y …) where loss and activation are a pair, else the long way, dA ∘ g'(Z).
    """
    return loss.slope_from_scores(Z, Y) if loss.output == g.name else g.backward(loss.slope(A, Y), Z, A)


@dataclass(frozen=True)
class Batch:
    """A batch as columns: X, codes, Y, and the share of each column in J (summing to 1)."""

    X: Array
    codes: Array | None
    Y: Array
    share: Array
    weight: float


def columns_of(data: Data, rows: Rows, xp: Any) -> tuple[Array, Array | None]:
    """X and codes of these rows as columns: gathered, then transposed. The other order would copy the whole table.

    Args:
        data: the table.
        rows: which of them.
        xp: the namespace of its arrays.
    """
    codes = None if data.codes is None else _take(data.codes, rows, xp).T
    return _take(data.X, rows, xp).T, codes


def _take(array: Array, rows: Rows, xp: Any) -> Array:
    if hasattr(array, "tocsr"):
        return array[rows]
    if isinstance(rows, slice):
        return array[rows, ...]
    return xp.take(array, xp.asarray(rows), axis=0)


def batch_of(problem: Problem, vector: Array, data: Data, rows: Rows) -> Batch:
    """These rows as columns, once for each member."""
    if data.Y is None:
        raise InputError("Data must have targets Y for a loss. Got None.")
    xp = namespace(vector)
    members = problem.architecture.members
    X, codes = columns_of(data, rows, xp)
    Y = _take(data.Y, rows, xp).T
    if Y.shape[0] != problem.architecture.output.units:
        raise ShapeError(
            f"Y must have {problem.architecture.output.units} columns, one per output of the network. Got {Y.shape[0]}."
        )
    w = xp.ones(Y.shape[1], dtype=Y.dtype) if data.weights is None else _take(data.weights, rows, xp)
    total = xp.sum(w)
    share = w / (members * total)
    return Batch(X, codes, xp.tile(Y, (1, members)), xp.tile(share, (members,))[None, :], float(total))


def loss_and_gradients(
    problem: Problem, vector: Array, data: Data, rows: Rows = ALL_ROWS, dropout: DropoutDraw | None = None
) -> tuple[Array, Array]:
    """J and the derivative of J + penalties by every parameter.

    Args:
        problem: network, loss, penalties.
        vector: (P,) parameters.
        data: the table.
        rows: which of its rows.
        dropout: masks to draw; None for none.

    Returns:
        J (without penalties) and the gradient, (P,).
    """
    batch = batch_of(problem, vector, data, rows)
    return batch_loss_and_gradients(problem, vector, batch, dropout)


def batch_loss_and_gradients(
    problem: Problem, vector: Array, batch: Batch, dropout: DropoutDraw | None
) -> tuple[Array, Array]:
    """As `loss_and_gradients`, for a batch at hand."""
    xp = namespace(vector)
    architecture = problem.architecture
    g = activation(architecture.output.activation)
    p = forward(architecture, vector, batch.X, batch.codes, dropout)
    Z, A = p.Z[-1], p.A[-1]
    J = xp.sum(batch.share * loss_values(problem.loss, g, Z, batch.Y))
    dZ = batch.share * loss_slopes(problem.loss, g, Z, A, batch.Y)
    gradients = backward(architecture, vector, p, dZ).gradients
    flat = xp.concat([xp.reshape(gradients[block.name], (-1,)) for block in architecture.blocks])
    return J, flat + penalty_gradient(problem, vector) if problem.penalties else flat


def penalty(problem: Problem, vector: Array) -> Array:
    """R, the sum of the penalties over all weights: what is added to J, and reported apart from it."""
    weights = [block for block in problem.architecture.blocks if block.role == "weight"]
    return sum(p.value(vector[block.start : block.stop]) for p in problem.penalties for block in weights)


def penalty_gradient(problem: Problem, vector: Array) -> Array:
    """∂R/∂vector, (P,): 0 for all but weights."""
    xp = namespace(vector)
    parts = []
    for block in problem.architecture.blocks:
        W = vector[block.start : block.stop]
        penalized = problem.penalties if block.role == "weight" else ()
        parts.append(sum((p.slope(W) for p in penalized), start=xp.zeros_like(W)))
    return xp.concat(parts)


def _pieces(data: Data, rows: Rows) -> Iterator[Rows]:
    """The rows in pieces of at most ROWS_AT_ONCE, in order."""
    if isinstance(rows, slice):
        first, last, _ = rows.indices(data.m)
        yield from (slice(i, min(i + ROWS_AT_ONCE, last)) for i in range(first, last, ROWS_AT_ONCE))
    else:
        yield from (rows[i : i + ROWS_AT_ONCE] for i in range(0, len(rows), ROWS_AT_ONCE))


def predict(architecture: Architecture, vector: Array, data: Data, rows: Rows = ALL_ROWS) -> Array:
    """A[L] of these rows, rows first: (m, outputs). With members, the mean of their probabilities (not of scores)."""
    xp = namespace(vector)
    outputs = [xp.zeros((0, architecture.output.units), dtype=vector.dtype)]
    for piece in _pieces(data, rows):
        X, codes = columns_of(data, piece, xp)
        A = forward(architecture, vector, X, codes).A[-1]
        outputs.append(xp.mean(split_members(A, architecture.members), axis=0).T)
    return xp.concat(outputs, axis=0)


def evaluate(problem: Problem, vector: Array, data: Data, rows: Rows = ALL_ROWS) -> float:
    """J over these rows (the weighted mean loss, no dropout, no penalties). With members, the mean of their losses."""
    g = activation(problem.architecture.output.activation)
    loss_sum, weight = 0.0, 0.0
    for piece in _pieces(data, rows):
        batch = batch_of(problem, vector, data, piece)
        Z = forward(problem.architecture, vector, batch.X, batch.codes).Z[-1]
        values = batch.share * loss_values(problem.loss, g, Z, batch.Y)
        loss_sum += batch.weight * float(namespace(values).sum(values))
        weight += batch.weight
    return loss_sum / weight
