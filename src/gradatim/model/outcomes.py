"""What happened in rows, and what a model says about them, as metrics take the two.

Conventions
-----------
* Numbers are in their own units, float64: (m,), or (m, k) of several targets. What happened is as the table has it, and
  neither rounded nor kept within the range of training.
* Classes are codes, (m,): of two classes 1 is the positive one. Probabilities of classes are (m, K), by code.
* Several labels are (m, k), 0 and 1; and their probabilities, of each to be true.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.tables.targets import ClassTarget, LabelTarget, NumberTarget, Target


def observed(target: Target, y: Any) -> Array:
    """What happened.

    Args:
        target: fitted.
        y: a series (m,), or a frame (m, k).

    Raises:
        InputError: for a class that the target does not know.
    """
    encoded = target.encode(y)
    if isinstance(target, NumberTarget):
        return np.asarray(y.to_numpy(), dtype=np.float64)
    if isinstance(target, LabelTarget):
        return encoded.astype(np.intp)
    return encoded[:, 0].astype(np.intp) if target.outputs == 1 else encoded.argmax(axis=1)


def predicted(target: Target, metric: Metric, outputs: Array) -> Array:
    """What a model says: labels, probabilities or values, as the metric needs it.

    Args:
        target: of the model.
        metric: that is told of it.
        outputs: (m, outputs) A[L].

    Example:
        >>> from gradatim.formulas.metrics import METRICS
        >>> target = ClassTarget.fit(["no", "yes"])
        >>> predicted(target, METRICS["accuracy"], np.array([[0.75], [0.25]]))
        array([1, 0])
        >>> predicted(target, METRICS["log_loss"], np.array([[0.75], [0.25]]))
        array([[0.25, 0.75],
               [0.75, 0.25]])
    """
    if isinstance(target, NumberTarget):
        values = target.decode(outputs)
        return values if values.shape[1] > 1 else values[:, 0]
    probabilities = target.probabilities(outputs)
    if isinstance(target, LabelTarget):
        return probabilities if metric.needs == "probabilities" else (probabilities > 0.5).astype(np.intp)
    if _positive_first(target):
        probabilities = probabilities[:, ::-1]
    return probabilities if metric.needs == "probabilities" else probabilities.argmax(axis=1)


def told_of(measure: Metric, target: Target) -> Metric:
    """The metric, told which classes or labels there are: a few rows may lack one."""
    if isinstance(target, LabelTarget):
        return measure.for_labels()
    if isinstance(target, NumberTarget):
        return measure
    return measure.among(len(target.classes), target.labels[::-1] if _positive_first(target) else target.labels)


def _positive_first(target: ClassTarget) -> bool:
    """Whether the class with code 1 is the first of the two, and not the last."""
    return len(target.classes) == 2 and target.positive == target.classes[0]
