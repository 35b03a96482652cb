"""The parameters before the first step, drawn block by block in the order of the vector."""

from __future__ import annotations

import numpy as np

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
