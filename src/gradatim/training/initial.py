"""Where a training starts: parameters drawn block by block in the order of the vector, or the state another left."""

from __future__ import annotations

import numpy as np

from gradatim.engines.contract import Engine, Problem, State
from gradatim.errors import ShapeError
from gradatim.formulas.arrays import Array
from gradatim.formulas.initializers import Initializer, Rng
from gradatim.network import Architecture, Block, NumericEmbedding


def initial_vector(architecture: Architecture, initializer: Initializer, rng: Rng) -> Array:
    """Draw the parameters a training begins with.

    Weights come from the initializer (each member's output layer is drawn anew), biases are 0, scales and slopes 1.
    Members scale A[0] by random signs. A table of categories is N(0, 1) in every row, the unknown categories' too.

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
        return rng.standard_normal(block.shape)
    embedding = next(part for part in architecture.front if isinstance(part, NumericEmbedding))
    if block.name == "frequency":
        return embedding.sigma * rng.standard_normal(block.shape)
    if block.name == "phase":
        return rng.uniform(-np.pi, np.pi, block.shape)
    bound = 1 / np.sqrt(embedding.frequencies)
    return rng.uniform(-bound, bound, block.shape)


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
