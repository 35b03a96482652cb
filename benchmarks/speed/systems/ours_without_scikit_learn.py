"""gradatim by the function below its estimators, which needs no scikit-learn and does not wait for its import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.speed.systems import LEARNING_RATE, Task
from gradatim import Settings, train_model


def options(task: Task, epochs: int) -> dict[str, Any]:
    """The terms of all, by the names of `Settings` and of the estimators."""
    return {
        "hidden_widths": task.shape.hidden,
        "activation": "relu",
        "optimizer": "adam",
        "learning_rate": LEARNING_RATE,
        "schedule": None,
        "weight_decay": None,
        "dropout": None,
        "batch_size": task.shape.batch,
        "max_epochs": epochs,
        "patience_epochs": None,
        "validation": None,
        "encoding": None,
        "engine": task.engine,
        "n_threads": task.threads,
        "dtype": "float32",
        "random_state": 0,
    }


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    train_model(Settings("plain", **options(task, epochs)), task.X, task.classes, task="classification")
