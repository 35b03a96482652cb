"""How an epoch is judged: the metric on the rows held out."""

from __future__ import annotations

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric, metric, require_defined
from gradatim.model.outcomes import predicted, told_of
from gradatim.model.preparation import PreparedTable
from gradatim.tables.targets import ClassTarget
from gradatim.training import Validation


def validation_by(
    judge: Metric | str | None, table: PreparedTable, *, keeps_outputs: bool = False
) -> Validation | None:
    """The metric on the rows held out, which are given to it as `gradatim.model.outcomes` says.

    Rows and classes count as much as in training: with ``class_weight="balanced"`` the epoch is kept that is best where
    classes count the same. A function of one's own that takes no ``sample_weight`` counts each row once.

    Args:
        judge: a metric or its name; None takes the loss, J.
        table: with the rows held out.
        keeps_outputs: see `Validation`.

    Returns:
        What `fit_parameters` judges epochs by; None where no row is held out.

    Raises:
        InputError: if the metric is not defined on these rows, or none of them counts.
    """
    rows = table.roles.held_out
    if rows is None:
        return None
    weights = _weights_of(rows, table)
    if judge is None:
        return Validation(rows, keeps_outputs=keeps_outputs)
    target, y = table.target, table.observed
    told = told_of(metric(judge), target)
    require_defined(told, y, classes=len(target.classes) if isinstance(target, ClassTarget) else 2)
    given = {} if weights is None or not told.takes_weights else {"weights": weights}

    def score(_: Array, A: Array) -> float:
        return float(told.value(y, predicted(target, told, A), **given))

    return Validation(rows, told.name, score, told.greater_is_better, keeps_outputs)


def _weights_of(rows: Array, table: PreparedTable) -> Array | None:
    weights = table.data.weights
    if weights is None:
        return None
    held = np.asarray(weights[rows], dtype=np.float64)
    if not held.any():
        raise InputError(
            f"Rows of weight above 0 must be among those that choose the epoch. Got {len(rows)} "
            f"{'row' if len(rows) == 1 else 'rows'} of weight 0, by sample_weight or class_weight. Choose the epoch by "
            f"other rows, or weigh these."
        )
    return held
