"""Judging several labels, of which any number may be true of a row: y, labels and probabilities are (m, k) here."""

from __future__ import annotations

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics.classes import f1
from gradatim.formulas.metrics.probabilities import area


def all_right(y: Array, labels: Array) -> Array:
    """1.0 for every row of which all labels are right, (m,)."""
    return np.asarray((np.asarray(y) == np.asarray(labels)).all(axis=1), dtype=np.float64)


def subset_accuracy(y: Array, labels: Array, weights: Array | None = None) -> float:
    """The share of rows of which all labels are right.

    Example:
        >>> subset_accuracy([[0, 1], [1, 1]], [[0, 1], [1, 0]])
        0.5
    """
    return float(np.average(all_right(y, labels), weights=weights))


def f1_of_labels(y: Array, labels: Array, weights: Array | None = None) -> float:
    """The f1 of each label, 0 where it is neither true nor predicted; then the mean (macro).

    Example:
        >>> f1_of_labels([[0, 1], [1, 1]], [[0, 1], [1, 0]])  # 1, and 2 · 1 · ½ / (1 + ½)
        0.8333333333333333
    """
    return float(
        np.mean([f1(*both, weights, classes=2) for both in zip(np.asarray(y).T, np.asarray(labels).T, strict=True)])
    )


def roc_auc_of_labels(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The area under the curve of each label, then the mean; NaN where a label is true of no row, or of all.

    Example:
        >>> roc_auc_of_labels([[0, 0], [0, 1], [1, 0], [1, 1]], [[0.1, 0.2], [0.4, 0.3], [0.3, 0.1], [0.8, 0.9]])
        0.875
    """
    columns = zip(np.asarray(y).T == 1, np.asarray(probabilities).T, strict=True)
    return float(np.mean([area(truth, score, weights) for truth, score in columns]))


def average_precision_of_labels(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The average precision of each label, then the mean; NaN where a label is true of no row.

    Example:
        >>> average_precision_of_labels([[0, 1], [1, 0]], [[0.2, 0.4], [0.7, 0.6]])
        0.75
    """
    from sklearn.metrics import average_precision_score

    if not np.any(y, axis=0).all():
        return float("nan")
    return float(average_precision_score(y, probabilities, average="macro", sample_weight=weights))


def surprises_of_labels(y: Array, probabilities: Array) -> Array:
    """-ln p of what came true of each label, the mean over the labels, (m,)."""
    p = np.asarray(probabilities) * 1.0  # whole numbers become float64, float32 stays
    came_true = np.where(np.asarray(y) == 1, p, 1 - p)
    return -np.log(np.maximum(came_true, np.finfo(p.dtype).eps).astype(np.float64)).mean(axis=1)


def log_loss_of_labels(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The log loss of each label as two classes of its own, then the mean over the labels.

    The sum over labels, which training makes small, is k times as much.

    Example:
        >>> round(log_loss_of_labels([[0, 1]], [[0.5, 0.5]]), 6)
        0.693147
    """
    return float(np.average(surprises_of_labels(y, probabilities), weights=weights))
