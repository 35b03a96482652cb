"""Judging classes: how many are right, and of which."""

from __future__ import annotations

import numpy as np

from gradatim.formulas.arrays import Array


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
        >>> round(f1([0, 1, 1, 0], [0, 1, 0, 0]), 4)  # 2·1 / (2 + 1)
        0.6667
    """
    y, labels = np.asarray(y).ravel(), np.asarray(labels).ravel()
    w = np.ones(y.size) if weights is None else np.asarray(weights, dtype=np.float64)
    there, codes = np.unique(np.concatenate([y, labels]), return_inverse=True)
    true, said = codes[: y.size], codes[y.size :]
    hits, wanted, found = (
        np.bincount(k, weights=share, minlength=len(there))
        for k, share in ((true, w * (true == said)), (true, w), (said, w))
    )
    each = np.divide(2 * hits, wanted + found, out=np.zeros(len(there)), where=wanted + found > 0)
    two = set(there) <= {0, 1} if classes is None else classes == 2
    return float(each[there == 1].sum() if two else each.mean())
