"""scikit-learn's MLPClassifier on float32, told never to stop by itself."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.speed.systems import LEARNING_RATE, Array, Task


class Watched(MLPClassifier):  # type: ignore[misc]  # scikit-learn carries no types
    """Says when an epoch is done: this method is all that scikit-learn calls after each. `fit` itself is untouched."""

    after_epoch: Callable[[], None]

    def _update_no_improvement_count(self, *arguments: Any) -> None:
        super()._update_no_improvement_count(*arguments)
        self.after_epoch()


def classifier(task: Task, epochs: int, after_epoch: Callable[[], None]) -> Watched:
    watched = Watched(
        hidden_layer_sizes=task.shape.hidden,
        activation="relu",
        solver="adam",
        alpha=0.0,
        batch_size=task.shape.batch,
        learning_rate_init=LEARNING_RATE,
        max_iter=epochs,
        shuffle=len(task.batches) > 1,
        random_state=0,
        tol=0.0,
        early_stopping=False,
        n_iter_no_change=10**9,
    )
    watched.after_epoch = after_epoch
    return watched


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier(task, epochs, after_epoch).fit(task.X, task.classes)


def predictor(task: Task) -> Callable[[Array], Array]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = classifier(task, 1, lambda: None).fit(task.X[:2_000], task.classes[:2_000])
    predict: Callable[[Array], Array] = fitted.predict_proba
    return predict
