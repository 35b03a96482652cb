"""Where a training starts: parameters drawn block by block, fitted to the training rows or not, or a state of another.

Blocks are drawn in the order of the vector.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradatim.engines.contract import Data, Engine, Problem, State
from gradatim.engines.textbook import columns_of, forward_block, split_members, through_front
from gradatim.errors import ShapeError
from gradatim.formulas.arrays import Array
from gradatim.formulas.initializers import Initializer, Rng
from gradatim.network import Architecture, Block, NumericEmbedding, Parameters


def initial_vector(architecture: Architecture, initializer: Initializer, rng: Rng) -> Array:
    """Draw the parameters a training begins with.

    Weights come from the initializer (each member's output layer is drawn anew), biases are 0, scales and slopes 1.
    Members scale A[0] by random signs. A table of categories is N(0, 1), but 0 for the unknown ones:
    where no training row has any, that row stays as it is, and should say nothing.

    Args:
        architecture: gives the blocks and their order.
        initializer: draws a block of weights.
        rng: called once per block, so that ``RandomState(1)`` gives what ``np.random.seed(1)`` gives in the course.

    Returns:
        (P,) float64.

    Example:
        >>> from gradatim.formulas.initializers import initializer
        >>> from gradatim.network import Dense
        >>> architecture = Architecture(2, output=Dense(1, "sigmoid"))
        >>> initial_vector(architecture, initializer("zeros"), np.random.default_rng(0))
        array([0., 0., 0.])

    Source: embeddings of numbers, Holzmüller et al. 2024 (arXiv 2407.04491), appendix A; signs of members, Gorishniy et
        al. (TabM), ICLR 2025.
    """
    draws = [_initial_block(architecture, block, initializer, rng).ravel() for block in architecture.blocks]
    return np.concatenate(draws, dtype=np.float64)


def _initial_block(architecture: Architecture, block: Block, initializer: Initializer, rng: Rng) -> Array:
    if block.size == 0:  # a network without inputs has weights of shape (n[1], 0): nothing to draw, and √(2/0) to avoid
        return np.zeros(block.shape)
    if block.role == "weight":
        return initializer.draw(rng, block.shape, block.fan_in, block.shape[-2])
    if block.role == "bias":
        return np.zeros(block.shape)
    if block.role == "embedding":
        return _initial_embedding(architecture, block, rng)
    if block.name == "r":
        return np.where(rng.uniform(-1.0, 1.0, block.shape) < 0, -1.0, 1.0)
    return np.ones(block.shape)


def _initial_embedding(architecture: Architecture, block: Block, rng: Rng) -> Array:
    if block.name.startswith("E"):
        E = rng.standard_normal(block.shape)
        E[0] = 0.0
        return E
    embedding = next(part for part in architecture.front if isinstance(part, NumericEmbedding))
    if block.name == "frequency":
        return embedding.sigma * rng.standard_normal(block.shape)
    if block.name == "phase":
        return rng.uniform(-np.pi, np.pi, block.shape)
    bound = 1 / np.sqrt(embedding.frequencies)
    return rng.uniform(-bound, bound, block.shape)


ROWS_TO_MEASURE, NUMBERS_TO_MEASURE = 10_000, 2**24
"""Training rows that deviations are measured on, at most: their error is then below one percent. Fewer of wide tables,
whose embeddings would take too much memory."""

TINY = 1e-12
"""A deviation below this is rounding."""

ROWS_OF_A_BIAS = 5


def standardized(architecture: Architecture, vector: Array, data: Data, train_rows: Array, rng: Rng) -> Array:
    """Weights and biases fitted to the training rows, one layer after the other.

    1. W[l] ← W[l] / (standard deviation of W[l] A[l-1] over the rows), unit by unit: every score has deviation 1.
    2. b[l] = -Σ w_i Z[l]⁽ⁱ⁾ over five rows i drawn for each unit, with random weights w_i that sum to 1: its corner
       lies among the rows ("he+5").
    3. A[l] = g(Z[l] + b[l]) is what the next layer sees.

    Args:
        architecture: of the network.
        vector: (P,) drawn by `initial_vector`.
        data: the encoded table.
        train_rows: (k,) row indices.
        rng: draws rows and their weights.

    Returns:
        (P,) float64. A unit whose score does not vary keeps its weights.

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3; biases: Steinwart 2019 (arXiv 1903.11482).
    """
    rows = _some(architecture, train_rows, rng)
    parameters = Parameters(architecture, np.array(vector, dtype=np.float64))
    A = through_front(architecture, parameters, *columns_of(data, rows, np))[1]
    for l, layer in enumerate(architecture.dense, start=1):
        W, b = parameters.W[l], parameters.b[l]
        Z = forward_block(replace(layer, activation="identity"), W, np.zeros_like(b), A)[0]
        Z = split_members(Z, b.shape[0]) if b.ndim == 3 else Z
        deviation = Z.std(axis=-1, keepdims=True)
        deviation = np.where(deviation > TINY, deviation, 1.0)
        parameters.W[l], Z = W / deviation, Z / deviation
        parameters.b[l] = -_among(Z, rng)
        slope = parameters[f"slope{l}"] if layer.learned_slope else None
        A = forward_block(layer, parameters.W[l], parameters.b[l], A, slope)[0]
    return parameters.vector


def _some(architecture: Architecture, rows: Array, rng: Rng) -> Array:
    widest = max(block.size // max(block.shape[-2:][0], 1) for block in architecture.blocks)
    most = min(ROWS_TO_MEASURE, max(NUMBERS_TO_MEASURE // max(widest, *architecture.n), 1))
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _among(Z: Array, rng: Rng) -> Array:
    """(…, n, 1): for each unit a mean of five of its scores, with weights drawn evenly from all that sum to 1."""
    drawn = (*Z.shape[:-1], ROWS_OF_A_BIAS)
    weights = -np.log1p(-rng.uniform(0.0, 1.0, drawn))
    places = np.floor(rng.uniform(0.0, Z.shape[-1], drawn)).astype(np.int64)
    scores = np.take_along_axis(Z, places, axis=-1)
    return np.sum(weights * scores, axis=-1, keepdims=True) / np.sum(weights, axis=-1, keepdims=True)


def first_state(problem: Problem, start: Array | State, dtype: str, engine: Engine) -> State:
    """The state before the first step.

    Args:
        problem: network and optimizer.
        start: (P,) parameters, or the state that a training of the same network and optimizer left: then the optimizer
            remembers what it knew.
        dtype: of the training.
        engine: begins what a state from elsewhere lacks.

    Returns:
        A copy, in that type.

    Raises:
        ShapeError: for parameters of another network, or moments of another optimizer.
    """
    warm = start if isinstance(start, State) else None
    vector = np.asarray(start if warm is None else warm.vector, dtype=dtype)
    if vector.shape != (problem.architecture.size,):
        raise ShapeError(
            f"start must have the {problem.architecture.size} parameters of this network. Got shape {vector.shape}: it "
            f"is of a network with other inputs or layers. Begin anew, without it."
        )
    state = engine.initial_state(problem, vector)
    if warm is None:
        return state
    if [np.shape(moment) for moment in warm.moments] != [moment.shape for moment in state.moments]:
        raise ShapeError(
            f"start must be a state of the optimizer {getattr(problem.optimizer, 'name', None)}, with "
            f"{len(state.moments)} moments of {len(vector)} numbers. Got {[np.shape(v) for v in warm.moments]}: it is "
            f"of another optimizer. Keep the optimizer, or begin with the parameters alone."
        )
    moments = tuple(np.array(moment, dtype=dtype) for moment in warm.moments)
    averaged = state.averaged
    if averaged is not None and warm.averaged is not None:
        averaged = np.array(warm.averaged, dtype=dtype)
    return State(state.vector, moments, warm.step, averaged)
