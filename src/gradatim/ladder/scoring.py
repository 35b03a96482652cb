"""What a model says about rows beside what happened in them, as each metric asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from gradatim.formulas.metrics import METRICS, Metric, require_defined
from gradatim.ladder.examples import Examples
from gradatim.ladder.verdict import Score, score
from gradatim.model import Model
from gradatim.tables import ClassTarget
from gradatim.tables.targets import Target

REPORTED: dict[Literal["classification", "regression"], tuple[str, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "f1", "log_loss", "roc_auc"),
    "regression": ("rmse", "r2", "mae"),
}
"""What is reported of test rows, whatever metric chose the rung."""


def observed(target: Target, examples: Examples) -> Any:
    """Numbers as they are; classes as codes, with 1 for the positive one where there are two.

    Raises:
        InputError: for a class that the target does not know.
    """
    encoded = target.encode(examples.y)
    if not isinstance(target, ClassTarget):
        return examples.y.to_numpy().astype(np.float64)
    return encoded[:, 0].astype(np.intp) if target.outputs == 1 else encoded.argmax(axis=1)


def require_score(metric: Metric, target: Target, examples: Examples) -> None:
    """Refuse, before anything is trained, rows on which rungs cannot be compared by this metric.

    Raises:
        InputError: if the metric is no number on these rows, whatever is predicted.
    """
    classes = len(target.classes) if isinstance(target, ClassTarget) else 2
    require_defined(metric, observed(target, examples), classes)


@dataclass(frozen=True)
class Outcome:
    """A model beside what happened. Predictions are made once, however many metrics ask for them.

    Attributes:
        model: any.
        examples: the rows to judge it by.

    Raises:
        InputError: for a class that the model has never seen, when a metric is asked for.
    """

    model: Model
    examples: Examples

    def score(self, metric: Metric) -> Score:
        """The metric and its noise."""
        return score(self._among(metric), self.observed, self.predicted(metric))

    def value(self, metric: Metric) -> float:
        """The metric alone."""
        return self._among(metric).value(self.observed, self.predicted(metric))

    def _among(self, metric: Metric) -> Metric:
        """The metric, told how many classes there are: these rows, or a resampling of them, may lack one."""
        target = self.model.target
        return metric.among(len(target.classes)) if isinstance(target, ClassTarget) else metric

    @cached_property
    def observed(self) -> Any:
        """What happened, as `observed` gives it."""
        return observed(self.model.target, self.examples)

    def predicted(self, metric: Metric) -> Any:
        """What this metric needs: codes of classes, probabilities by code, or values."""
        if metric.needs == "values":
            return self.values
        return self.probabilities if metric.needs == "probabilities" else self.probabilities.argmax(axis=1)

    @cached_property
    def values(self) -> Any:
        """Predicted numbers, in the units of the target."""
        return self.model.predict(self.examples.table)

    @cached_property
    def probabilities(self) -> Any:
        """(m, K), the column of the positive class last where there are two."""
        probabilities = self.model.predict_proba(self.examples.table)
        target = self.model.target
        first_is_positive = isinstance(target, ClassTarget) and target.positive == target.classes[0]
        return probabilities[:, ::-1] if first_is_positive else probabilities


def report_metrics(model: Model, examples: Examples) -> dict[str, float]:
    """Every metric in `REPORTED` that goes with the model's task."""
    outcome = Outcome(model, examples)
    return {name: outcome.value(METRICS[name]) for name in REPORTED[model.task]}
