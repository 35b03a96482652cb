"""What a training leaves behind beside the parameters: a row per epoch, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from gradatim.engines.contract import State
from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.arrays import Array
from gradatim.training.recording import Recording

StoppedBecause = Literal[
    "max_epochs", "max_steps", "patience", "converged", "stalled", "diverged", "callback", "budget", "interrupted"
]


@dataclass(frozen=True)
class History:
    """A row per epoch.

    Attributes:
        rows: each a dictionary of numbers: epoch (from 1; with L-BFGS an iteration), training_loss (the mean over the
            epoch, each batch before its step, without penalties), and where rows are held out validation_loss (the
            same on them, with their weights) and validation_<metric>; learning_rate (of the epoch's last step; not with
            L-BFGS), seconds since the start. The metric may be the loss: then there is one column for both.

    Example:
        >>> history = History(({"epoch": 1, "training_loss": 0.7}, {"epoch": 2, "training_loss": 0.4}))
        >>> history["training_loss"]
        array([0.7, 0.4])
    """

    rows: tuple[dict[str, float], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.rows[0]) if self.rows else ()

    def __getitem__(self, name: str) -> Array:
        if name not in self.names:
            raise InputError(
                f"History: column must be one of {self.names}. Got {name!r}.{did_you_mean(name, self.names)}"
            )
        return np.array([row[name] for row in self.rows])

    @property
    def judged_by(self) -> str | None:
        """The column of the metric that judged the epochs; None where no row was held out."""
        return judged_by(self.names)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)


def judged_by(names: Iterable[str]) -> str | None:
    """Of the columns of a history, the one of the metric that judged the epochs; None where no row was held out.

    Example:
        >>> judged_by(["epoch", "training_loss", "validation_loss", "validation_rmse"])
        'validation_rmse'
        >>> judged_by(["epoch", "training_loss", "validation_loss"])
        'validation_loss'
    """
    validated = [name for name in names if name.startswith("validation_")]
    return next((name for name in validated if name != "validation_loss"), validated[0] if validated else None)


@dataclass(frozen=True)
class TrainingResult:
    """What came out of a training.

    Attributes:
        vector: (P,) the parameters of the best epoch.
        history: a row per epoch.
        best_epoch: whose parameters these are; with ties the last. Without validation the last epoch.
        stopped_because: "max_epochs", "max_steps", "patience", "converged", "stalled", "diverged", "callback", "budget"
            or "interrupted".
        message: the same as a sentence, with the numbers in it.
        state: where the training stood after its last whole epoch, which need not be the best one: what a warm start
            goes on from. None with L-BFGS, which remembers nothing.
        recorded: the parameters along the way, if `settings.record` asked for them.
        judged: (epochs, k, outputs) what the network said after each epoch about the rows held out, if
            `Validation.keeps_outputs` asked for it.
    """

    vector: Any
    history: History
    best_epoch: int
    stopped_because: StoppedBecause
    message: str
    state: State | None = None
    recorded: Recording | None = None
    judged: Any = None

    def after(self, earlier: TrainingResult) -> TrainingResult:
        """The same with the history of the training that it went on from before its own: epochs and seconds go on.

        Where one of them lacks a column, as learning_rate with L-BFGS, it is NaN there. What is recorded counts on as
        well, if this training recorded. The message still counts the epochs of this training alone.
        """
        epochs, seconds = len(earlier.history), earlier.seconds
        names = tuple(dict.fromkeys((*earlier.history.names, *self.history.names)))
        # Rows that are whole stay as they are: after thousands of calls of partial_fit there are as many of them.
        before = earlier.history.rows if names == earlier.history.names else _with_all(names, earlier.history)
        later = ({**row, "epoch": row["epoch"] + epochs, "seconds": row["seconds"] + seconds} for row in self.history)
        rows = (*before, *_with_all(names, later))
        recorded = None if self.recorded is None else self.recorded.after(earlier.recorded, earlier.steps, epochs)
        return replace(self, history=History(rows), best_epoch=self.best_epoch + epochs, recorded=recorded)

    @property
    def steps(self) -> int:
        """How many steps it took; an iteration of L-BFGS is one."""
        if self.recorded is not None and self.recorded.last is not None:
            return self.recorded.last.step
        return len(self.history) if self.state is None else self.state.step

    @property
    def seconds(self) -> float:
        """How long the training took."""
        return float(self.history.rows[-1]["seconds"]) if self.history.rows else 0.0


def _with_all(names: Iterable[str], rows: Iterable[dict[str, float]]) -> tuple[dict[str, float], ...]:
    return tuple({name: row.get(name, float("nan")) for name in names} for row in rows)
