"""How an epoch is judged: the metric on the rows held out."""

from __future__ import annotations

from gradatim.formulas.metrics import Metric, metric, require_defined
from gradatim.model.outcomes import predicted, told_of
from gradatim.model.preparation import PreparedTable
from gradatim.tables.targets import ClassTarget
from gradatim.training import Validation


def validation_by(judge: Metric | str | None, table: PreparedTable) -> Validation | None:
    """The metric on the rows held out, which are given to it as `gradatim.model.outcomes` says.

    Args:
        judge: a metric or its name; None takes the loss, J with every row counted once.
        table: with the rows held out.

    Returns:
        What `fit_parameters` judges epochs by; None where no row is held out.

    Raises:
        InputError: if the metric is not defined on these rows.
    """
    rows = table.roles.held_out
    if rows is None:
        return None
    if judge is None:
        return Validation(rows)
    target, y = table.target, table.observed
    told = told_of(metric(judge), target)
    require_defined(told, y, classes=len(target.classes) if isinstance(target, ClassTarget) else 2)
    return Validation(rows, told.name, lambda θ, A: told.value(y, predicted(target, told, A)), told.greater_is_better)
