"""Judging the probabilities of classes: their order, and their size."""

from __future__ import annotations

import numpy as np

from gradatim.formulas.arrays import Array


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
    probabilities, y = by_class(probabilities), np.asarray(y).ravel()
    K = probabilities.shape[1]
    classes = range(K) if K > 2 else (1,)
    return float(np.mean([area(y == k, probabilities[:, k], weights) for k in classes]))


def area(positive: Array, scores: Array, weights: Array | None = None) -> float:
    """The share of the pairs, one row positive and one not, in which the positive one scores higher; ties are a half.

    Args:
        positive: (m,) booleans.
        scores: (m,) numbers.
        weights: (m,), or None. A pair counts the product of its two.

    Returns:
        The area under the curve of true against false positives; NaN where there is no pair.

    Example:
        >>> area(np.array([False, False, True, True]), np.array([1.0, 4.0, 4.0, 8.0]))  # (1 + ½ + 1 + 1) / 4
        0.875

    Source: Hanley & McNeil 1982.
    """
    w = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    different, place = np.unique(scores, return_inverse=True)
    others = np.bincount(place, weights=w * ~positive, minlength=len(different))
    below = np.cumsum(others) - others / 2
    of_positive = w * positive
    pairs = of_positive.sum() * others.sum()
    return float(of_positive @ below[place] / pairs) if pairs else float("nan")


def average_precision(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """The precision at the rank of each positive row, averaged; NaN where a class to be found has no rows.

    Example:
        >>> average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])  # (1/1 + 2/3) / 2
        0.8333333333333333
    """
    from sklearn.metrics import average_precision_score

    probabilities = by_class(probabilities)
    found = np.asarray(y).ravel()[:, None] == np.arange(probabilities.shape[1])
    if probabilities.shape[1] == 2:
        found, probabilities = found[:, 1:], probabilities[:, 1:]
    if not found.any(axis=0).all():
        return float("nan")
    return float(average_precision_score(found, probabilities, average="macro", sample_weight=weights))


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
