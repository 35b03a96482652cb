"""Looking on while a network trains, and stopping it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from gradatim.engines.contract import Data, Problem
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.settings import Settings
from gradatim.training.history import StoppedBecause


class StopTraining(Exception):
    """Raise it in a callback to stop a training; the best parameters so far are kept.

    With a text, such as ``StopTraining("The coffee is ready.")``, that is what the result's message begins with.
    """

    because: ClassVar[StoppedBecause] = "callback"


@dataclass(frozen=True)
class Progress:
    """A training after one of its epochs.

    Attributes:
        epoch: counted from 1.
        max_epochs: how many there will be at most; with `max_steps` the last may be a part of one.
        row: this epoch's row of the history.
        best_epoch: the best so far.
        vector: (P,) the parameters now; copy what you keep, the next step may reuse the memory.
    """

    epoch: int
    max_epochs: int
    row: dict[str, float]
    best_epoch: int
    vector: Any


@dataclass(frozen=True)
class Beginning:
    """A training before its first step.

    Attributes:
        problem: architecture, loss, penalties and optimizer.
        data: the whole encoded table.
        train_rows: (k,) the rows that steps are taken on.
        settings: resolved.
    """

    problem: Problem
    data: Data
    train_rows: Array
    settings: Settings


class Callback(Protocol):
    """Anything with this method.

    Two more are called where they are there: ``on_training_begin(beginning)``, with a `Beginning`, before the first
    epoch; and ``on_training_end(result)``, with the `TrainingResult`, unless an error ended the training.

    Example:
        >>> class Print:
        ...     def on_epoch_end(self, progress):
        ...         print(progress.epoch, progress.row["training_loss"])
    """

    def on_epoch_end(self, progress: Progress, /) -> bool | None:
        """Called after each epoch. Return False, or raise `StopTraining`, to stop."""


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Callbacks as a tuple; none for None.

    Raises:
        InputError: for anything but a sequence of objects with ``on_epoch_end``.
    """
    found = () if callbacks is None else tuple(callbacks) if isinstance(callbacks, Iterable) else (None,)
    if any(isinstance(callback, type) or not hasattr(callback, "on_epoch_end") for callback in found):
        raise InputError(f"callbacks must be a list of objects with on_epoch_end(progress). Got {callbacks!r}.")
    return found


def tell(callbacks: Sequence[Callback], moment: str, what: Any) -> None:
    """Call the method of that name of each callback that has one."""
    for callback in callbacks:
        method = getattr(callback, moment, None)
        if method is not None:
            method(what)


def asks_to_stop(callbacks: Sequence[Callback], progress: Progress) -> tuple[StoppedBecause, str] | None:
    """Call every callback. The reason and the message of the first that asks for the end, or None."""
    asked: list[StopTraining] = []
    for callback in callbacks:
        try:
            if callback.on_epoch_end(progress) is False:
                asked.append(StopTraining())
        except StopTraining as stop:
            asked.append(stop)
    if not asked:
        return None
    return asked[0].because, str(asked[0]) or f"Stopped by a callback after epoch {progress.epoch}."
