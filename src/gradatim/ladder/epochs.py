"""Which epoch of a network counts, where it is trained in folds.

The rows held out in a fold choose the epoch of its training. A score of these same rows would flatter it: of a hundred
epochs the one that suits them best. So each fold is scored at the epoch that the others find best, and no row has a say
in the epoch by which it is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.ladder.allowance import planned_epochs
from gradatim.model import Model
from gradatim.training import TrainingResult
from gradatim.training.history import judged_by


def epochs_by_others(trainings: Sequence[TrainingResult], *, greater_is_better: bool) -> list[int]:
    """For each fold the epoch, from 1, whose mean score in all other folds is best; with ties the last.

    A training that ended early counts on with its last score, and is itself scored no later than where it ended.

    Args:
        trainings: of two folds or more, with rows held out.
        greater_is_better: of the metric that judged them.

    Example:
        >>> from gradatim.training import History
        >>> def fold(*scores):
        ...     rows = tuple({"epoch": e, "validation_rmse": s} for e, s in enumerate(scores, 1))
        ...     return TrainingResult(None, History(rows), 1, "max_epochs", "")
        >>> folds = [fold(3.0, 1.0, 2.0), fold(3.0, 2.0, 1.0), fold(3.0, 2.0, 1.5)]
        >>> epochs_by_others(folds, greater_is_better=False)
        [3, 2, 3]
    """
    curves = [_curve(training) for training in trainings]
    longest = max(map(len, curves))
    scores = np.stack([np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves])
    worse = -scores if greater_is_better else scores
    # A score that is no number, such as that of outputs without a rank, is none to be chosen.
    of_others = np.nan_to_num([np.delete(worse, k, axis=0).sum(axis=0) for k in range(len(worse))], nan=np.inf)
    last_best = longest - np.argmin(of_others[:, ::-1], axis=1)
    return [min(int(epoch), len(curve)) for epoch, curve in zip(last_best, curves, strict=True)]


def share_of_epochs(models: Sequence[Model]) -> float:
    """Where the best epochs of the folds lie on average, in the epochs there could be: rates and decay follow these."""
    planned = [planned_epochs(model.settings_, model.rows["train"]) for model in models]
    best = [model.training.best_epoch for model in models if model.training is not None]
    return float(np.mean([epoch / epochs for epoch, epochs in zip(best, planned, strict=True)]))


def _curve(training: TrainingResult) -> Array:
    name = judged_by(training.history.names)
    assert name is not None
    return np.asarray(training.history[name], dtype=np.float64)
