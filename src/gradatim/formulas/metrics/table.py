"""Every metric by name, and the function that looks a name up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradatim.errors import InputError, named
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics.classes import accuracy, balanced_accuracy, f1, right
from gradatim.formulas.metrics.labels import (
    all_right,
    average_precision_of_labels,
    f1_of_labels,
    log_loss_of_labels,
    roc_auc_of_labels,
    subset_accuracy,
    surprises_of_labels,
)
from gradatim.formulas.metrics.metric import Metric
from gradatim.formulas.metrics.probabilities import average_precision, log_loss, roc_auc, surprises
from gradatim.formulas.metrics.values import (
    MeanPinballLoss,
    absolute_errors,
    mae,
    mean_poisson_deviance,
    median_absolute_error,
    poisson_deviances,
    r2,
    rmse,
    straightened_errors,
)
from gradatim.formulas.names import with_number

_MULTI_LABEL = "Zhang & Zhou 2014 (A review on multi-label learning algorithms), section 2.2"


def _also_of_labels(
    entry: Metric, value: Callable[..., float], formula: str, per_row: Callable[[Array, Array], Array] | None = None
) -> Metric:
    """The entry, with its form for several labels."""
    of_labels = replace(entry, value=value, per_row=per_row, formula=formula, source=_MULTI_LABEL, counts_classes=False)
    return replace(entry, labelled=of_labels)


def _pinball(quantile: float) -> Metric:
    value = MeanPinballLoss(quantile)
    return Metric(
        name="mean_pinball_loss" if quantile == 0.5 else f"mean_pinball_loss({quantile!r})",
        task="regression",
        greater_is_better=False,
        needs="values",
        value=value,
        per_row=value.losses,
        formula="mean max(q (y - ŷ), (q - 1) (y - ŷ))",
        source="Koenker & Bassett 1978 (Regression quantiles)",
    )


METRICS: dict[str, Metric] = {
    entry.name: entry
    for entry in (
        _also_of_labels(
            Metric(
                name="accuracy",
                task="classification",
                greater_is_better=True,
                needs="labels",
                value=accuracy,
                per_row=right,
                formula="mean 1{ŷ = y}",
                source="Hastie, Tibshirani & Friedman 2009, section 7.2 (1 - the 0-1 loss)",
            ),
            subset_accuracy,
            "mean 1{all of ŷ = y}",
            all_right,
        ),
        Metric(
            name="balanced_accuracy",
            task="classification",
            greater_is_better=True,
            needs="labels",
            value=balanced_accuracy,
            per_row=None,
            formula="mean over classes k of P(ŷ = k | y = k)",
            source="Brodersen et al. 2010 (The balanced accuracy and its posterior distribution)",
        ),
        _also_of_labels(
            Metric(
                name="f1",
                task="classification",
                greater_is_better=True,
                needs="labels",
                value=f1,
                per_row=None,
                formula="2 precision recall / (precision + recall)",
                source="van Rijsbergen 1979 (Information retrieval), chapter 7",
                counts_classes=True,
            ),
            f1_of_labels,
            "mean over the labels of f1",
        ),
        _also_of_labels(
            Metric(
                name="roc_auc",
                task="classification",
                greater_is_better=True,
                needs="probabilities",
                value=roc_auc,
                per_row=None,
                formula="P(p of a positive > p of a negative)",
                source="Hanley & McNeil 1982 (The meaning and use of the area under a ROC curve)",
                defined_on="rows of every class",
            ),
            roc_auc_of_labels,
            "mean over the labels of roc_auc",
        ),
        _also_of_labels(
            Metric(
                name="average_precision",
                task="classification",
                greater_is_better=True,
                needs="probabilities",
                value=average_precision,
                per_row=None,
                formula="mean over the positives of the precision at their rank",
                source="Manning, Raghavan & Schütze 2008 (Introduction to information retrieval), section 8.4",
                defined_on="rows of every class",
            ),
            average_precision_of_labels,
            "mean over the labels of average_precision",
        ),
        _also_of_labels(
            Metric(
                name="log_loss",
                task="classification",
                greater_is_better=False,
                needs="probabilities",
                value=log_loss,
                per_row=surprises,
                formula="-mean ln p(y)",
                source="Good 1952 (Rational decisions)",
            ),
            log_loss_of_labels,
            "mean over the labels of -(y ln p + (1-y) ln(1-p))",
            surprises_of_labels,
        ),
        Metric(
            name="mae",
            task="regression",
            greater_is_better=False,
            needs="values",
            value=mae,
            per_row=absolute_errors,
            formula="mean |y - ŷ|",
            source="Willmott & Matsuura 2005 (Advantages of the mean absolute error)",
        ),
        Metric(
            name="median_absolute_error",
            task="regression",
            greater_is_better=False,
            needs="values",
            value=median_absolute_error,
            per_row=None,
            formula="median |y - ŷ|",
            source="Hampel 1974 (The influence curve and its role in robust estimation)",
        ),
        Metric(
            name="rmse",
            task="regression",
            greater_is_better=False,
            needs="values",
            value=rmse,
            per_row=straightened_errors,
            formula="√ mean (y - ŷ)²",
            source="Hastie, Tibshirani & Friedman 2009, eq. 7.1; errors of it: van der Vaart 1998, theorem 3.1",
        ),
        Metric(
            name="r2",
            task="regression",
            greater_is_better=True,
            needs="values",
            value=r2,
            per_row=None,
            formula="1 - Σ (y - ŷ)² / Σ (y - ȳ)²",
            source="Wright 1921 (Correlation and causation)",
            defined_on="rows whose targets differ",
        ),
        Metric(
            name="mean_poisson_deviance",
            task="regression",
            greater_is_better=False,
            needs="values",
            value=mean_poisson_deviance,
            per_row=poisson_deviances,
            formula="mean 2 (y ln(y/ŷ) - y + ŷ)",
            source="McCullagh & Nelder 1989 (Generalized linear models), section 2.3",
            defined_on="rows whose targets are 0 or more",
        ),
        _pinball(0.5),
    )
}
"""Every metric by name: classes first, then numbers."""

_ALIASES = {"root_mean_squared_error": "rmse", "mean_absolute_error": "mae"}


def metric(name: str | Metric) -> Metric:
    """The metric of that name.

    Args:
        name: a key of `METRICS`; ``"mean_pinball_loss(0.9)"`` for a quantile of one's own; scikit-learn's long names
            ``"root_mean_squared_error"``, ``"mean_absolute_error"``. A `Metric` is handed back as it is.

    Raises:
        InputError: for a name that is not known.

    Example:
        >>> metric("root_mean_squared_error").name
        'rmse'
        >>> metric("mean_pinball_loss(0.9)").value([10.0, 10.0], [9.0, 11.0])
        0.5
    """
    if isinstance(name, Metric):
        return name
    of_a_quantile = with_number(name, {"mean_pinball_loss": _pinball})
    return of_a_quantile or named("metric", _ALIASES.get(name, name) if isinstance(name, str) else name, METRICS)


def require_defined(metric: Metric, y: Array, classes: int = 2) -> None:
    """Refuse rows on which a metric is no number, whatever is predicted: r2 of one row, roc_auc of one class.

    Args:
        metric: an entry of `METRICS`, or one of your own.
        y: (m,) codes of classes, (m, k) labels of 0 and 1, or (m,) or (m, k) numbers: of the rows that epochs or models
            are chosen by.
        classes: K, how many classes there are.

    Raises:
        InputError: if the metric of the right answers themselves is no finite number.

    Example:
        >>> require_defined(METRICS["roc_auc"], np.array([1, 1, 1]))
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: metric must be defined on the validation rows. Got roc_auc and 3 rows: it needs ...
    """
    one_class_a_row = metric.needs == "probabilities" and np.ndim(y) == 1
    right_answers = np.eye(classes)[y] if one_class_a_row else y
    if not np.isfinite(metric.value(y, right_answers)):
        raise InputError(
            f"metric must be defined on the validation rows. Got {metric.name} and {len(y)} "
            f"{'row' if len(y) == 1 else 'rows'}: it needs {metric.defined_on or 'rows on which it is a number'}. "
            f"Hold out more rows, or take {'log_loss' if metric.task == 'classification' else 'rmse'}."
        )
