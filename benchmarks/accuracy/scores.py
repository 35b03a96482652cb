"""What predictions are worth: reckoned in the same way for everybody."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

LEAST_PROBABILITY = float(np.finfo(np.float32).eps)
"""Probabilities below it count as it, 1.2e-7, as scikit-learn has it for float32: nobody gains by a wider dtype."""


def scores(task: str, y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """The scores of the test rows.

    Args:
        task: "classification" or "regression".
        y: (m,) classes as 0, 1, …; or amounts.
        predicted: (m, classes) probabilities; or (m,) amounts.

    Returns:
        For classes ``log_loss``, ``accuracy`` and, where there are two and both test, ``auc``. For amounts ``rmse`` and
        ``spread``, the standard deviation of ``y``.

    Raises:
        ValueError: for predictions of another shape, or that are not finite.
    """
    predicted = np.asarray(predicted, dtype=np.float64)
    if not np.isfinite(predicted).all():
        raise ValueError("Predictions must be finite.")
    if task == "regression":
        if predicted.reshape(-1).shape != y.shape:
            raise ValueError(f"There must be an amount for each of {len(y)} rows. Got shape {predicted.shape}.")
        error = predicted.reshape(-1) - y
        return {"rmse": float(np.sqrt(np.mean(error**2))), "spread": float(np.std(y))}
    if predicted.ndim != 2 or len(predicted) != len(y) or predicted.shape[1] <= y.max():
        raise ValueError(f"There must be probabilities of all classes for each row. Got shape {predicted.shape}.")
    of_truth = predicted[np.arange(len(y)), y]
    found = {
        # + 0.0 makes 0 of −0, which is what certainty comes to.
        "log_loss": float(np.mean(-np.log(np.clip(of_truth, LEAST_PROBABILITY, 1.0)))) + 0.0,
        "accuracy": float(np.mean(predicted.argmax(axis=1) == y)),
    }
    if predicted.shape[1] == 2 and len(np.unique(y)) == 2:
        found["auc"] = float(roc_auc_score(y, predicted[:, 1]))
    return found
