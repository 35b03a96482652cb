"""Metrics: how a finished model is judged. Numbers for people, where a loss is a number for training.

=====================  ================================================  ==========================================
name                   formula                                           what it tells
=====================  ================================================  ==========================================
accuracy               share of right classes                            how often it is right
balanced_accuracy      mean over classes of the share found              the same, where classes are uneven
f1                     2 precision recall / (precision + recall)         rare positives: found, and found rightly
roc_auc                P(a positive ranks above a negative)              the order of the probabilities
log_loss               -mean ln p(right class)                           the probabilities themselves
mae                    mean |y - ŷ|                                      a typical error, in units of y
median_absolute_error  median |y - ŷ|                                    the same, blind to outliers
rmse                   √ mean (y - ŷ)²                                   a typical error; large ones count more
r2                     1 - Σ (y - ŷ)² / Σ (y - ȳ)²                       share of the variance explained
=====================  ================================================  ==========================================

Conventions
-----------
* Rows here: y is (m,) and predictions are (m,) or (m, k), as a model hands them out; columns of examples stay inside.
* Names and numbers are scikit-learn's, without its ``neg_``: a loss stays positive and ``greater_is_better`` is
  False.
* Classes are codes 0 … K-1. Probabilities are (m, K), the column k for class k; for two classes (m,) or (m, 1)
  probabilities of class 1 do as well. For two classes f1 and roc_auc look at class 1; for more they are means over
  the classes (f1 macro, roc_auc one against the rest). How many there are is not read off the rows if it is told
  (`Metric.among`, the columns of probabilities): a few rows may lack a class.
* Several outputs of a regression count the same: the metric of each, then the mean.
* log_loss holds probabilities at least one rounding error above 0, as scikit-learn does, so that one certain mistake
  costs 36 and not infinity.
* ``weights`` are (m,), how much each row counts; None counts each once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from gradatim.errors import InputError, named
from gradatim.formulas.arrays import Array

Task = Literal["classification", "regression"]
Needs = Literal["labels", "probabilities", "values"]


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

    def among(self, classes: int) -> Metric:
        """The same metric where there are so many classes, also on rows in which some do not occur.

        Args:
            classes: K.

        Example:
            >>> y, labels = [0, 1, 1, 0], [0, 1, 0, 0]                   # class 2 is not among these rows
            >>> f1_of_3 = METRICS["f1"].among(3)
            >>> round(METRICS["f1"].value(y, labels), 4), round(f1_of_3.value(y, labels), 4)
            (0.6667, 0.7333)
        """
        return replace(self, value=partial(self.value, classes=classes)) if self.counts_classes else self


# ---- classes


def right(y: Array, labels: Array) -> Array:
    """1.0 for every row whose class is right, (m,)."""
    return np.asarray(np.asarray(y).ravel() == np.asarray(labels).ravel(), dtype=np.float64)


def accuracy(y: Array, labels: Array, weights: Array | None = None) -> float:
    """The share of rows whose class is right.

    Example:
        >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
        0.75
    """
    return float(np.average(right(y, labels), weights=weights))


def balanced_accuracy(y: Array, labels: Array, weights: Array | None = None) -> float:
    """The share found of each class, averaged over the classes that occur.

    Example:
        >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0])
        0.5
    """
    y = np.asarray(y).ravel()
    hits, weights = right(y, labels), np.ones(y.size) if weights is None else np.asarray(weights)
    classes = [y == k for k in np.unique(y) if weights[y == k].sum() > 0]
    return float(np.mean([np.average(hits[rows], weights=weights[rows]) for rows in classes]))


def f1(y: Array, labels: Array, weights: Array | None = None, classes: int | None = None) -> float:
    """The harmonic mean of precision and recall: of class 1 where there are two, else the mean over the classes.

    Args:
        y: (m,) codes.
        labels: (m,) predicted codes.
        weights: (m,), or None.
        classes: K, how many classes there are; None takes what these rows show: two if they hold 0 and 1 only. The
            mean goes over those that occur.

    Example:
        >>> round(f1([0, 1, 1, 0], [0, 1, 0, 0]), 4)
        0.6667
    """
    from sklearn.metrics import f1_score

    two = set(np.unique(y)) | set(np.unique(labels)) <= {0, 1} if classes is None else classes == 2
    return float(f1_score(y, labels, average="binary" if two else "macro", sample_weight=weights, zero_division=0.0))


# ---- probabilities of classes


def by_class(probabilities: Array) -> Array:
    """Probabilities as (m, K), with the column of class 0 added where only that of class 1 was given."""
    probabilities = np.asarray(probabilities) * 1.0  # whole numbers become float64, float32 stays
    if probabilities.ndim == 1:
        probabilities = probabilities[:, None]
    if probabilities.shape[1] == 1:
        probabilities = np.concatenate([1 - probabilities, probabilities], axis=1)
    return probabilities


def roc_auc(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The chance that a row of class 1 gets a higher probability than one of class 0; NaN where a class has no rows.

    Example:
        >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    from sklearn.metrics import roc_auc_score

    probabilities = by_class(probabilities)
    classes = probabilities.shape[1]
    if np.unique(y).size < classes:
        return float("nan")
    if classes == 2:
        return float(roc_auc_score(y, probabilities[:, 1], sample_weight=weights))
    labels = np.arange(classes)
    one_hot = np.asarray(y).ravel()[:, None] == labels
    return float(roc_auc_score(one_hot, probabilities, average="macro", sample_weight=weights))


def surprises(y: Array, probabilities: Array) -> Array:
    """-ln p of the class that came true, (m,)."""
    probabilities = by_class(probabilities)
    y = np.asarray(y).ravel().astype(np.intp)
    smallest = np.finfo(probabilities.dtype).eps
    return -np.log(np.maximum(probabilities[np.arange(y.size), y], smallest).astype(np.float64))


def log_loss(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The mean of -ln p of the class that came true.

    Example:
        >>> round(log_loss([0, 1], [0.5, 0.5]), 6)
        0.693147
    """
    return float(np.average(surprises(y, probabilities), weights=weights))


# ---- values


def _errors(y: Array, values: Array) -> tuple[Array, Array]:
    """The targets y and the errors y - ŷ, both (m, k)."""
    y, values = np.asarray(y, dtype=np.float64), np.asarray(values, dtype=np.float64)
    y = y[:, None] if y.ndim == 1 else y
    return y, y - values.reshape(y.shape)


def absolute_errors(y: Array, values: Array) -> Array:
    """|y - ŷ|, the mean over the outputs, (m,)."""
    return np.abs(_errors(y, values)[1]).mean(axis=1)


def mae(y: Array, values: Array, weights: Array | None = None) -> float:
    """The mean absolute error.

    Example:
        >>> mae([1.0, 2.0], [1.0, 5.0])
        1.5
    """
    return float(np.average(absolute_errors(y, values), weights=weights))


def median_absolute_error(y: Array, values: Array, weights: Array | None = None) -> float:
    """The median of the absolute errors.

    Example:
        >>> median_absolute_error([1.0, 2.0, 3.0], [1.0, 3.0, 300.0])
        1.0
    """
    from sklearn.metrics import median_absolute_error as score

    return float(score(y, values, sample_weight=weights))


def rmse(y: Array, values: Array, weights: Array | None = None) -> float:
    """The root of the mean squared error.

    Example:
        >>> rmse([0.0, 0.0], [1.0, 7.0])
        5.0
    """
    return float(np.sqrt(np.average(_errors(y, values)[1] ** 2, axis=0, weights=weights)).mean())


def straightened_errors(y: Array, values: Array) -> Array:
    """Per row rmse + ((y - ŷ)² - rmse²) / (2 rmse), (m,): the mean is rmse, the spread that of rmse to first order."""
    squares = _errors(y, values)[1] ** 2
    root = np.sqrt(squares.mean(axis=0))
    return (root + (squares - root**2) / (2 * np.where(root > 0, root, 1.0))).mean(axis=1)


def r2(y: Array, values: Array, weights: Array | None = None) -> float:
    """1 - (squared error) / (squared error of the mean): 1 is perfect, 0 no better than the mean; NaN for a constant y.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """
    y, errors = _errors(y, values)
    spread = np.average((y - np.average(y, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    if not (spread.all() and np.ptp(y, axis=0).all()):  # the mean of equal numbers may be off by a rounding error
        return float("nan")
    return float(np.mean(1 - np.average(errors**2, axis=0, weights=weights) / spread))


METRICS: dict[str, Metric] = {
    entry.name: entry
    for entry in (
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
        Metric(
            name="roc_auc",
            task="classification",
            greater_is_better=True,
            needs="probabilities",
            value=roc_auc,
            per_row=None,
            formula="P(p of a positive > p of a negative)",
            source="Hanley & McNeil 1982 (The meaning and use of the area under a ROC curve)",
        ),
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
        ),
    )
}
"""Every metric by name: classes first, then numbers."""

_ALIASES = {"root_mean_squared_error": "rmse", "mean_absolute_error": "mae"}


def metric(name: str | Metric) -> Metric:
    """The metric of that name.

    Args:
        name: a key of `METRICS`, or scikit-learn's long names ``"root_mean_squared_error"``, ``"mean_absolute_error"``.

    Raises:
        InputError: for a name that is not known.

    Example:
        >>> metric("root_mean_squared_error").name
        'rmse'
    """
    if isinstance(name, Metric):
        return name
    return named("metric", _ALIASES.get(name, name) if isinstance(name, str) else name, METRICS)


def require_defined(metric: Metric, y: Array, classes: int = 2) -> None:
    """Refuse rows on which a metric is no number, whatever is predicted: r2 of one row, roc_auc of one class.

    Args:
        metric: an entry of `METRICS`.
        y: (m,) codes of classes, or (m,) or (m, k) numbers: of the rows that epochs or models are chosen by.
        classes: K, how many classes there are.

    Raises:
        InputError: if the metric of the right answers themselves is NaN.

    Example:
        >>> require_defined(METRICS["roc_auc"], np.array([1, 1, 1]))
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: metric must be defined on the validation rows. Got roc_auc and 3 rows: it needs ...
    """
    right_answers = np.eye(classes)[y] if metric.needs == "probabilities" else y
    if np.isnan(metric.value(y, right_answers)):
        needs = "rows of every class" if metric.task == "classification" else "rows whose targets differ"
        raise InputError(
            f"metric must be defined on the validation rows. Got {metric.name} and {len(y)} "
            f"{'row' if len(y) == 1 else 'rows'}: it needs {needs}. Hold out more rows, or take "
            f"{'log_loss' if metric.task == 'classification' else 'rmse'}."
        )
