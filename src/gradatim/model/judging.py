"""How an epoch is judged: the metric on the rows held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradatim.engines.contract import Engine, Problem
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import METRICS, require_defined
from gradatim.model.preparation import PreparedTable
from gradatim.tables import NumberTarget
from gradatim.training import Validation


def validation_by(metric_name: str | None, problem: Problem, table: PreparedTable, engine: Engine) -> Validation | None:
    """The metric on the rows held out: numbers in their own units, two classes as 0 and 1 (the positive one).

    Args:
        metric_name: a key of `METRICS`; None takes the loss, J with every row counted once.
        problem: whose loss.
        table: with the rows held out.
        engine: computes the loss, from the scores: A says no more once it has rounded to 0 or 1.

    Returns:
        What `fit_parameters` judges epochs by; None where no row is held out.

    Raises:
        InputError: if the metric is not defined on these rows.
    """
    rows = table.roles.held_out
    if rows is None:
        return None
    if metric_name is None:
        data = replace(table.data, weights=None)
        return Validation(rows, "loss", lambda θ, A: engine.evaluate(problem, θ, data, rows))
    Y = np.asarray(table.data.Y)[rows]
    metric, target = METRICS[metric_name], table.target
    if isinstance(target, NumberTarget):
        y = target.decode(Y)
        require_defined(metric, y)
        return Validation(rows, metric_name, lambda θ, A: metric.value(y, target.decode(A)), metric.greater_is_better)
    codes, classes = _codes(Y), max(Y.shape[1], 2)
    metric = metric.among(classes)
    require_defined(metric, codes, classes=classes)
    if metric.needs == "labels":
        return Validation(rows, metric_name, lambda θ, A: metric.value(codes, _codes(A)), metric.greater_is_better)
    return Validation(rows, metric_name, lambda θ, A: metric.value(codes, A), metric.greater_is_better)


def _codes(A: Array) -> Array:
    """The most probable class of each row: (m,), from (m, 1) or (m, K)."""
    return (A[:, 0] > 0.5).astype(int) if A.shape[1] == 1 else A.argmax(axis=1)
