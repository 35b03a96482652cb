"""pytabkit's RealMLP with its tuned defaults, for as many epochs as ours: one split, one network, the CPU."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from pytabkit import RealMLP_TD_Classifier

from benchmarks.speed.systems import RECIPE_EPOCHS, Task


def fits(task: Task, fits: int, after_fit: Callable[[], None]) -> None:
    warnings.simplefilter("ignore")
    for _ in range(fits):
        RealMLP_TD_Classifier(
            device="cpu",
            random_state=0,
            n_cv=1,
            n_refit=0,
            val_fraction=0.2,
            n_epochs=RECIPE_EPOCHS,
            batch_size=task.shape.batch,
            n_threads=task.threads,
        ).fit(task.X, task.classes)
        after_fit()
