"""Which rows when, and at which rate: the plan of an epoch."""

from __future__ import annotations

import numpy as np

from gradatim.engines.contract import Plan
from gradatim.formulas.arrays import Array
from gradatim.settings import Settings


def epoch_plan(
    settings: Settings, train_rows: Array, epoch: int, rng: np.random.Generator, dropout_key: int = 0
) -> Plan:
    """Plan one epoch.

    Args:
        settings: resolved; learning_rate, schedule, weight_decay, batch_size and max_epochs are read.
        train_rows: (k,) row indices.
        epoch: counted from 1.
        rng: shuffles the rows; where one batch holds them all, their order is no matter and nothing is drawn.
        dropout_key: of this training's dropout masks.

    Returns:
        The plan; its learning rates follow the schedule over all `max_epochs`.
    """
    rows = len(train_rows)
    batch_size = min(settings.batch_size or rows, rows)
    steps = -(-rows // batch_size)
    factors = settings.schedule.factors((epoch - 1) * steps, steps, settings.max_epochs * steps, steps)
    return Plan(
        order=train_rows if steps == 1 else rng.permutation(train_rows),
        rows=rows,
        batch_size=batch_size,
        learning_rate=settings.learning_rate * factors,
        decay=[settings.weight_decay or 0.0] * steps,
        dropout=[1.0] * steps,
        dropout_key=dropout_key,
    )
