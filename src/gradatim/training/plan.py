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


def steps_per_epoch(settings: Settings, rows: int) -> int:
    """How many batches so many training rows make.

    Example:
        >>> steps_per_epoch(Settings(batch_size=32), rows=100)
        4
    """
    return -(-rows // min(settings.batch_size or rows, rows))


def total_steps(settings: Settings, rows: int) -> int:
    """How many steps a training takes at most.

    Example:
        >>> total_steps(Settings(batch_size=32, max_epochs=5), rows=100)
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
        settings: resolved; learning_rate, schedule, weight_decay, batch_size, max_epochs and max_steps are read.
        train_rows: (k,) row indices.
        epoch: counted from 1.
        rng: shuffles the rows; where one batch holds them all, their order is no matter and nothing is drawn.
        dropout_key: of this training's dropout masks.
        factors: of `block_factors`.

    Returns:
        The plan; its learning rates follow the schedule over the whole training. The last epoch before `max_steps` has
        the steps that are left, and so only some of the rows.
    """
    rows = len(train_rows)
    batch_size = min(settings.batch_size or rows, rows)
    whole_epoch, total = steps_per_epoch(settings, rows), total_steps(settings, rows)
    done = (epoch - 1) * whole_epoch
    steps = min(whole_epoch, total - done)
    schedule = settings.schedule.factors(done, steps, total, whole_epoch)
    order = train_rows if whole_epoch == 1 else rng.permutation(train_rows)
    return Plan(
        order=order[: steps * batch_size],
        rows=min(rows, steps * batch_size),
        batch_size=batch_size,
        learning_rate=settings.learning_rate * schedule,
        decay=[settings.weight_decay or 0.0] * steps,
        dropout=[1.0] * steps,
        factors=factors,
        dropout_key=dropout_key,
    )
