"""Which rows when, and at which rate: the plan of an epoch, and which blocks depart from it."""

from __future__ import annotations

import numpy as np

from gradatim.engines.contract import BlockFactors, Plan, Problem
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import Adam, AdamW
from gradatim.settings import Settings

MANY_INPUTS = 1000


def block_factors(problem: Problem) -> tuple[BlockFactors, ...]:
    """How the blocks depart from the plan: weights alone decay, and an adaptive optimizer is gentle on many inputs.

    Adam moves every weight by about the rate, however small its gradient. Then Z = W A + b moves by up to n[l-1] times
    that: from the 12,288 inputs of a picture, one step at a rate of 0.001 silences a relu for good. So the rate of W[l]
    is times 1000/n[l-1] where the layer has more than 1000 inputs.

    Returns:
        One per block of the architecture, in order.
    """
    adaptive = isinstance(problem.optimizer, Adam | AdamW)
    return tuple(
        BlockFactors(
            rate=min(1.0, MANY_INPUTS / max(block.fan_in, 1)) if adaptive and block.role == "weight" else 1.0,
            decay=float(block.role == "weight"),
        )
        for block in problem.architecture.blocks
    )


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
        settings: resolved; learning_rate, schedule, weight_decay, batch_size and max_epochs are read.
        train_rows: (k,) row indices.
        epoch: counted from 1.
        rng: shuffles the rows; where one batch holds them all, their order is no matter and nothing is drawn.
        dropout_key: of this training's dropout masks.
        factors: of `block_factors`.

    Returns:
        The plan; its learning rates follow the schedule over all `max_epochs`.
    """
    rows = len(train_rows)
    batch_size = min(settings.batch_size or rows, rows)
    steps = -(-rows // batch_size)
    schedule = settings.schedule.factors((epoch - 1) * steps, steps, settings.max_epochs * steps, steps)
    return Plan(
        order=train_rows if steps == 1 else rng.permutation(train_rows),
        rows=rows,
        batch_size=batch_size,
        learning_rate=settings.learning_rate * schedule,
        decay=[settings.weight_decay or 0.0] * steps,
        dropout=[1.0] * steps,
        factors=factors,
        dropout_key=dropout_key,
    )
