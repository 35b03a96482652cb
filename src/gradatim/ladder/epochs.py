"""Which epoch of a network counts, where it is trained in folds.

The rows held out in a fold choose the epoch of its training. A score of these same rows would flatter it: of a hundred
epochs the one that suits them best. So each fold is scored at the epoch that the others find best, and no row has a say
in the epoch by which it is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.ladder.allowance import planned_epochs
from gradatim.model import Model
from gradatim.settings import Settings
from gradatim.training import TrainingResult
from gradatim.training.history import judged_by
from gradatim.training.stopping import ends_of_waves


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


def epochs_once_more(scored: Sequence[Model], settings: Settings, rows: int) -> int:
    """For how many epochs a network is trained once more, without rows held out that could choose one.

    As long as those that were scored did best with, on average: as a share of the epochs there could be, since rates
    and decay follow these. Where the rate has waves it is the nearest valley instead, by ratio: where the best epoch
    lies between two by chance, the rate is far from 0, and much of what was learned last is noise.

    Args:
        scored: the networks that were scored.
        settings: of the training once more, resolved.
        rows: that it trains on.
    """
    shares = [
        model.training.best_epoch / planned_epochs(model.settings_, model.rows["train"])
        for model in scored
        if model.training is not None
    ]
    planned = planned_epochs(settings, rows)
    epochs = max(round(float(np.mean(shares)) * planned), 1)
    return min(ends_of_waves(settings.schedule, planned), key=lambda end: abs(log(end / epochs)), default=epochs)


def _curve(training: TrainingResult) -> Array:
    name = judged_by(training.history.names)
    assert name is not None
    return np.asarray(training.history[name], dtype=np.float64)
