"""After how many epochs a network ends that has no rows of its own to say so.

Rows held out choose the best epoch of a training. A score of these same rows would flatter it: of a hundred epochs the
one that suits them best. So each fold is scored after as many epochs as the others say, by the rule for the network
that is kept, which is trained once more with nothing held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from gradatim.ladder.allowance import planned_epochs
from gradatim.model import Model
from gradatim.settings import Settings
from gradatim.training.stopping import ends_of_waves


def epochs_once_more(scored: Sequence[Model], settings: Settings, rows: int) -> int:
    """For how many epochs to train again without rows held out, by networks that had some.

    As long as these did best with, on average: as a share of the epochs there could be, since rates and decay follow
    these. Where the rate has waves it is the nearest valley instead, by ratio: where the best epoch lies between two by
    chance, the rate is far from 0, and much of what was learned last is noise.

    Args:
        scored: the networks, of one epoch or more.
        settings: of the training without, resolved.
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


def epochs_by_others(scored: Sequence[Model]) -> list[int]:
    """For each network of a fold the epoch, from 1, that those of all other folds say; at most that where it ended.

    Args:
        scored: one a fold, two or more.
    """
    said = [
        epochs_once_more([*scored[:k], *scored[k + 1 :]], model.settings_, model.rows["train"])
        for k, model in enumerate(scored)
    ]
    return [min(epoch, len(model.history_)) for epoch, model in zip(said, scored, strict=True)]
