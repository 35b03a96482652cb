"""One metric as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array

Task = Literal["classification", "regression"]
Needs = Literal["labels", "probabilities", "values"]
Kind = Literal["classes", "labels", "numbers"]


@dataclass(frozen=True)
class Metric:
    """One metric as data.

    Attributes:
        name: as in `METRICS`.
        task: what it judges.
        greater_is_better: True for scores, False for errors.
        needs: what the prediction must be: class codes, class probabilities, or values.
        value: (y, prediction, weights=None) -> the metric; NaN where it is not defined (one class only, constant y).
        per_row: (y, prediction) -> (m,) numbers whose mean is the metric (of unweighted rows), so that their standard
            deviation over √m is its standard error; None where there are no such numbers. For rmse they are the metric
            made straight near its value (the delta method).
        formula: how a book prints it.
        source: where it comes from.
        counts_classes: whether `value` takes ``classes`` as well, K: some rows alone do not show how many there are.
        names_classes: whether `value` takes ``names`` as well, (K,) what the codes stand for.
        defined_on: the rows that it needs, as in "it needs rows of every class"; empty where any will do.
        takes_weights: whether `value` takes ``weights``; a function of one's own may not.
        labelled: the same metric of several labels, where it has a meaning there; see `for_labels`.
    """

    name: str
    task: Task
    greater_is_better: bool
    needs: Needs
    value: Callable[..., float]
    per_row: Callable[[Array, Array], Array] | None
    formula: str
    source: str
    counts_classes: bool = False
    names_classes: bool = False
    defined_on: str = ""
    takes_weights: bool = True
    labelled: Metric | None = None

    def among(self, classes: int, names: Any = None) -> Metric:
        """The same metric where there are so many classes, also on rows in which some do not occur.

        Args:
            classes: K.
            names: (K,) what the codes stand for (of two classes the negative one first), for a function of one's own
                that knows labels by name; None leaves it the codes.

        Example:
            >>> from gradatim.formulas.metrics import METRICS
            >>> y, labels = [0, 1, 1, 0], [0, 1, 0, 0]                   # class 2 is not among these rows
            >>> f1_of_3 = METRICS["f1"].among(3)
            >>> round(METRICS["f1"].value(y, labels), 4), round(f1_of_3.value(y, labels), 4)
            (0.6667, 0.7333)
        """
        told: dict[str, Any] = {"classes": classes} if self.counts_classes else {}
        if self.names_classes and names is not None:
            told["names"] = np.asarray(names)
        return replace(self, value=partial(self.value, **told)) if told else self

    def for_labels(self) -> Metric:
        """The same metric where any number of k labels may be true of a row.

        Its y and labels are (m, k) of 0 and 1, its probabilities (m, k): of each label to be true.

        Raises:
            InputError: for a metric that has no meaning there.

        Example:
            >>> from gradatim.formulas.metrics import METRICS
            >>> METRICS["accuracy"].for_labels().value([[0, 1], [1, 1]], [[0, 1], [1, 0]])
            0.5
        """
        if self.labelled is None:
            raise InputError(
                f"metric must be one of several labels. Got {self.name}: take log_loss, accuracy, f1 or roc_auc."
            )
        return self.labelled

    def defined_for(self, kind: Kind) -> bool:
        """Whether it judges such predictions: one of K classes, any of k labels, or numbers.

        Example:
            >>> from gradatim.formulas.metrics import METRICS
            >>> [name for name, metric in METRICS.items() if metric.defined_for("labels")]
            ['accuracy', 'f1', 'roc_auc', 'average_precision', 'log_loss']
        """
        if kind == "numbers":
            return self.task == "regression"
        return self.task == "classification" and (kind == "classes" or self.labelled is not None)
