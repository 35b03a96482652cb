"""What a training leaves behind beside the parameters: a row per epoch, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.arrays import Array

StoppedBecause = Literal["max_epochs", "patience", "converged", "stalled", "diverged", "callback", "interrupted"]


@dataclass(frozen=True)
class History:
    """A row per epoch.

    Attributes:
        rows: each a dictionary of numbers: epoch (from 1; with L-BFGS an iteration), training_loss (the mean over the
            epoch, each batch before its step, without penalties), validation_<metric> where rows are held out,
            learning_rate (of the epoch's last step; not with L-BFGS), seconds since the start.

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

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)


@dataclass(frozen=True)
class TrainingResult:
    """What came out of a training.

    Attributes:
        vector: (P,) the parameters of the best epoch.
        history: a row per epoch.
        best_epoch: whose parameters these are; with ties the last. Without validation the last epoch.
        stopped_because: "max_epochs", "patience", "converged", "stalled", "diverged", "callback" or
            "interrupted".
        message: the same as a sentence, with the numbers in it.
    """

    vector: Any
    history: History
    best_epoch: int
    stopped_because: StoppedBecause
    message: str

    @property
    def seconds(self) -> float:
        """How long the training took."""
        return float(self.history.rows[-1]["seconds"]) if self.history.rows else 0.0
