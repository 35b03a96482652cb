"""Which rows when, and at which rate: the plan of an epoch, and which blocks depart from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.engines.contract import BlockFactors, Plan, Problem
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import Adam, AdamW
from gradatim.network import Block
from gradatim.settings import DescentOptions, Settings

MANY_INPUTS = 1000


def block_factors(problem: Problem, descent: DescentOptions) -> tuple[BlockFactors, ...]:
    """How the blocks depart from the plan, by the kind of their parameters and by the width of the layer before them.

    Adam moves every weight by about the rate, however small its gradient. Then Z = W A + b moves by up to n[l-1] times
    that: from the 12,288 inputs of a picture, one step at a rate of 0.001 silences a relu for good. So with an adaptive
    optimizer the rate of W[l] is divided by √n[l-1] where the options say so, and is else times 1000/n[l-1] where the
    layer has more than 1000 inputs.

    Dividing by √n[l-1] is the same as writing Z = (1/√n[l-1]) W A + b, the "neural tangent" parametrization: gradients
    of that W are smaller by √n[l-1] as well, so Adam's ε is multiplied by it here.

    Returns:
        One per block of the architecture, in order. What decays, decays by the square of its rate factor, as in the
        program of the paper; biases never do.

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3.
    """
    adaptive = isinstance(problem.optimizer, Adam | AdamW)
    return tuple(_factors(block, descent, adaptive=adaptive) for block in problem.architecture.blocks)


def _factors(block: Block, descent: DescentOptions, *, adaptive: bool) -> BlockFactors:
    factor = descent.rate_factors.get(_kind(block), 1.0)
    by_width, epsilon = 1.0, 1.0
    if adaptive and block.role == "weight":
        width = max(block.fan_in, 1)
        by_width, epsilon = (width**-0.5, width**0.5) if descent.by_width else (min(1.0, MANY_INPUTS / width), 1.0)
    decays = block.role != "bias" if descent.rate_factors else block.role == "weight"
    return BlockFactors(factor * by_width, epsilon, decay=factor**2 if decays else 0.0)


def _kind(block: Block) -> str:
    if block.role != "embedding":
        return block.role
    return "categories" if block.name.startswith("E") else "numbers"


def steps_per_epoch(settings: Settings, rows: int) -> int:
    """How many batches so many training rows make.

    Example:
        >>> settings = Settings("plain", batch_size=32).resolved("regression", output="identity", rows=100)
        >>> steps_per_epoch(settings, rows=100)
        4
    """
    batch_size = min(settings.batch_size or rows, rows)
    return rows // batch_size if settings.descent.drop_last else -(-rows // batch_size)


def total_steps(settings: Settings, rows: int) -> int:
    """How many steps a training takes at most.

    Example:
        >>> settings = Settings("plain", batch_size=32, max_epochs=5)
        >>> total_steps(settings.resolved("regression", output="identity", rows=100), rows=100)
        20
    """
    if settings.max_steps is not None:
        return settings.max_steps
    return int(settings.max_epochs * steps_per_epoch(settings, rows))


def epoch_plan(
    settings: Settings,
    train_rows: Array,
    epoch: int,
    rng: np.random.Generator,
    dropout_key: int = 0,
    factors: tuple[BlockFactors, ...] | None = None,
) -> Plan:
    """Plan one epoch.

    Args:
        settings: resolved; learning_rate, weight_decay, batch_size, max_epochs, max_steps and schedules are read.
        train_rows: (k,) row indices.
        epoch: counted from 1.
        rng: shuffles the rows; where one batch holds them all, their order is no matter and nothing is drawn.
        dropout_key: of this training's dropout masks.
        factors: of `block_factors`.

    Returns:
        The plan; rates, decay and dropout follow their schedules over the whole training. The last epoch before
        `max_steps` has the steps that are left, and so only some of the rows.
    """
    rows = len(train_rows)
    batch_size = min(settings.batch_size or rows, rows)
    whole_epoch, total = steps_per_epoch(settings, rows), total_steps(settings, rows)
    done = (epoch - 1) * whole_epoch
    steps = min(whole_epoch, total - done)

    def scheduled(value: float, schedule: Any) -> Array:
        return value * schedule.factors(done, steps, total, whole_epoch)

    order = train_rows if batch_size == rows else rng.permutation(train_rows)
    return Plan(
        order=order[: steps * batch_size],
        rows=min(rows, steps * batch_size),
        batch_size=batch_size,
        learning_rate=scheduled(settings.learning_rate, settings.schedule),
        decay=scheduled(settings.weight_decay or 0.0, settings.descent.decay_schedule),
        dropout=scheduled(1.0, settings.descent.dropout_schedule),
        factors=factors,
        dropout_key=dropout_key,
    )
