"""How much each row counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array


def checked_weights(weights: Any, rows: int, who: str = "weights") -> Array:
    """Weights of rows as (rows,) float64.

    Args:
        weights: one a row.
        rows: how many there must be.
        who: what the caller calls them, for messages.

    Raises:
        ShapeError: for another number of them.
        InputError: for negative ones, ones that are not finite, none above 0, and for what is no number.
    """
    try:
        weights = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise InputError(f"{who} must be numbers, one for each row. Got {fault}.") from fault
    if weights.shape != (rows,):
        raise ShapeError(f"{who} must have shape ({rows},), one for each row. Got {weights.shape}.")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise InputError(
            f"{who} must be finite, 0 or more, and not all zero. Got {weights.min():g} to {weights.max():g}."
        )
    return weights


def class_weights(class_weight: str | Mapping[Any, float], classes: Sequence[Any], codes: Array) -> Array:
    """How much a row of each class counts.

    Args:
        class_weight: "balanced", which gives a class of c of m training rows the weight m / (K·c), or weights by label;
            a label that is not named weighs 1.
        classes: the K labels.
        codes: (m,) the place of each training row's label among them.

    Returns:
        (K,) float64.

    Raises:
        InputError: for a label that is no class.

    Example:
        >>> class_weights("balanced", ["no", "yes"], np.array([0, 0, 0, 1])).round(3)
        array([0.667, 2.   ])

    Source: King & Zeng 2001 (Logistic regression in rare events data), section 4.2; as in scikit-learn.
    """
    if isinstance(class_weight, str):
        counts = np.bincount(codes, minlength=len(classes))
        return np.asarray(len(codes) / (len(classes) * np.maximum(counts, 1)))
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise InputError(f"class_weight must name classes of the target, {tuple(classes)}. Got {unknown[0]!r}.")
    return np.array([class_weight.get(label, 1.0) for label in classes], dtype=np.float64)
