"""gradatim as anybody would call it: the estimator, with numbers taken as they are and all rows training.

Of the 12,288 inputs of a picture its Adam moves the first weights at a lower rate. That takes no less time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.speed.systems import RECIPE_EPOCHS, Array, Task
from benchmarks.speed.systems.ours_without_scikit_learn import options
from gradatim import NetworkClassifier


class After:
    """A callback that passes on that an epoch is done."""

    def __init__(self, after_epoch: Callable[[], None]) -> None:
        self.after_epoch = after_epoch

    def on_epoch_end(self, progress: Any, /) -> None:
        self.after_epoch()


def classifier(task: Task, epochs: int, after_epoch: Callable[[], None]) -> NetworkClassifier:
    return NetworkClassifier("plain", **options(task, epochs), callbacks=[After(after_epoch)])


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    classifier(task, epochs, after_epoch).fit(task.X, task.classes)


def fitted(task: Task) -> NetworkClassifier:
    """A network of that shape, trained hardly at all: what its numbers are is no matter for the time."""
    few = replace(task, X=task.X[:2_000], classes=task.classes[:2_000])
    return classifier(few, 1, lambda: None).fit(few.X, few.classes)


def predictor(task: Task) -> Callable[[Array], Array]:
    predict: Callable[[Array], Array] = fitted(task).predict_proba
    return predict


def fits(task: Task, fits: int, after_fit: Callable[[], None]) -> None:
    """The strong recipe with the epochs and batches of its paper, none left out: what the rival does."""
    for seed in range(fits):
        NetworkClassifier(
            "strong",
            max_epochs=RECIPE_EPOCHS,
            batch_size=task.shape.batch,
            patience_epochs=None,
            engine=task.engine,
            n_threads=task.threads,
            random_state=seed,
        ).fit(task.X, task.classes)
        after_fit()
