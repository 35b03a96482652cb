"""What the presets decide: named dictionaries, each beside the paper that it is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gradatim.errors import named
from gradatim.formulas.optimizers import Adam
from gradatim.formulas.schedules import CosLog, FlatCosine
from gradatim.settings.sizes import plain_batch, plain_epochs, strong_batch, strong_epochs

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
    "max_epochs": "auto",
    "patience_epochs": 20,
    "auto": {"batch_size": plain_batch, "max_epochs": plain_epochs},
    "embed_above": None,
    "network": {
        "initializer": "glorot",
        "embed_numbers": False,
        "scale": False,
        "learned_slope": False,
        "clip": False,
    },
    "descent": {
        "dropout_schedule": None,
        "decay_schedule": None,
        "rate_factors": {},
        "by_width": False,
        "drop_last": False,
    },
}
"""The course's way: relu, Adam in mini-batches (Kingma & Ba 2015), early stopping.

Initial weights are Glorot & Bengio's (2010): on 25 tables they did better than He's (2015), since outputs begin smaller
(root mean squared error 4 % lower, log loss 1 %).
"""

STRONG: Mapping[str, Any] = {
    "hidden_widths": (256, 256, 256),
    "optimizer": Adam(beta2=0.95),
    "schedule": CosLog(waves=4),
    "weight_decay": 0.02,
    "dropout": 0.15,
    "batch_size": "auto",
    "max_epochs": "auto",
    "patience_epochs": "wave",
    "auto": {"batch_size": strong_batch, "max_epochs": strong_epochs},
    "embed_above": 8,
    "network": {
        "initializer": "standardized",
        "embed_numbers": True,
        "scale": True,
        "learned_slope": True,
        "clip": True,
    },
    "descent": {
        "dropout_schedule": FlatCosine(),
        "decay_schedule": FlatCosine(),
        "rate_factors": {"scale": 6.0, "bias": 0.1, "numbers": 0.1, "slope": 0.1},
        "by_width": True,
        "drop_last": True,
    },
}
"""RealMLP with its tuned defaults (Holzmüller, Grinsztajn & Steinwart 2024, arXiv 2407.04491, tables A.1 and A.2).

Otherwise than there: no label smoothing, and the epoch is chosen by the log loss, since probabilities are wanted as
well as labels; two classes have one sigmoid; fewer epochs of smaller batches (`gradatim.settings.sizes`); and a wave of
the rate that brings no better score ends the training.
"""

PRESETS: dict[str, dict[Task, Mapping[str, Any]]] = {
    "strong": {
        "classification": {
            **STRONG,
            "activation": "selu",
            "learning_rate": 0.04,
            "loss": "log_loss",
            "metric": "log_loss",
        },
        "regression": {
            **STRONG,
            "activation": "mish",
            "learning_rate": 0.2,
            "loss": "half_squared_error",
            "metric": "rmse",
        },
    },
    "plain": {
        "classification": {**PLAIN, "loss": "log_loss", "metric": "log_loss"},
        "regression": {**PLAIN, "loss": "half_squared_error", "metric": "rmse"},
    },
}
"""By name and task: what stands for ``"preset"`` in `Settings`."""

PRESETS["best"] = {task: {**strong, "models": 5} for task, strong in PRESETS["strong"].items()}
"""Several of the strong ones, which predict by their mean: see `gradatim.model.train_ensemble`."""


def preset_for(name: str, task: Task, *, hidden_layers: bool = True) -> Mapping[str, Any]:
    """What a preset decides for such a network.

    Without hidden layers every preset is the plain one, whose weights begin at zero: logistic regression stays logistic
    regression, with nothing learned before it. Every start ends at the same optimum there; zeros are the notes' start.

    Args:
        name: of the preset.
        task: "classification" or "regression".
        hidden_layers: whether there are any.

    Raises:
        InputError: for an unknown name.
    """
    found = named("preset", name, PRESETS)[task]
    if hidden_layers:
        return found
    plain = PRESETS["plain"][task]
    return {**plain, "network": {**plain["network"], "initializer": "zeros"}}
