"""What a model says about rows beside what happened in them, as each metric asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

from gradatim.formulas.metrics import METRICS, Metric, require_defined
from gradatim.ladder.verdict import Score, score
from gradatim.model.fitted import Fitted
from gradatim.model.outcomes import observed, predicted, told_of
from gradatim.tables import ClassTarget, LabelTarget
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target

REPORTED: dict[Literal["classification", "regression"], tuple[str, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "f1", "log_loss", "roc_auc"),
    "regression": ("rmse", "r2", "mae"),
}
"""What is reported of test rows, whatever metric chose the rung."""

REPORTED_OF_LABELS = ("accuracy", "f1", "log_loss", "roc_auc")
"""The same where each row has several labels."""


def require_score(metric: Metric, target: Target, y: Any) -> None:
    """Refuse, before anything is trained, rows on which rungs cannot be compared by this metric.

    Raises:
        InputError: if the metric is no number on these rows, whatever is predicted.
    """
    classes = len(target.classes) if isinstance(target, ClassTarget) else 2
    require_defined(told_of(metric, target), observed(target, y), classes)


@dataclass(frozen=True)
class Outcome:
    """What a model says about rows beside what happened in them.

    Attributes:
        target: of the model.
        y: what happened in the rows: a series (m,), or a frame (m, k).
        outputs: (m, outputs) the model's A[L] on them.

    Raises:
        InputError: for a class that the model has never seen, when a metric is asked for.
    """

    target: Target
    y: Any
    outputs: Any

    def value(self, metric: Metric) -> float:
        """The metric alone."""
        return told_of(metric, self.target).value(self.observed, self.predicted(metric))

    @cached_property
    def observed(self) -> Any:
        """What happened, as metrics take it."""
        return observed(self.target, self.y)

    def predicted(self, metric: Metric) -> Any:
        """What this metric needs: codes of classes, probabilities by code, or values in the units of the target."""
        return predicted(self.target, metric, self.outputs)


class Told(Protocol):
    """What somebody said about rows, beside what happened in them."""

    @property
    def target(self) -> Target:
        """What was to be predicted."""

    @property
    def observed(self) -> Any:
        """What happened, as metrics take it."""

    def predicted(self, metric: Metric) -> Any:
        """What was said, as this metric takes it."""


def pooled_score(outcomes: Sequence[Told], metric: Metric) -> Score:
    """The metric over the rows of all folds together, and its noise: each row by the model that did not see it."""
    told = told_of(metric, outcomes[0].target)
    happened = [outcome.observed for outcome in outcomes]
    said = [outcome.predicted(metric) for outcome in outcomes]
    return score(told, np.concatenate(happened), np.concatenate(said))


def report_metrics(model: Fitted, examples: Examples) -> dict[str, float]:
    """Every metric in `REPORTED` that goes with the model's task."""
    outcome = Outcome(model.target, examples.y, model.outputs(examples.table))
    names = REPORTED_OF_LABELS if isinstance(model.target, LabelTarget) else REPORTED[model.task]
    return {name: outcome.value(METRICS[name]) for name in names}
