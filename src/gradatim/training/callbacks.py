"""Looking on while a network trains, and stopping it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gradatim.errors import InputError


class StopTraining(Exception):
    """Raise it in a callback to stop a training; the best parameters so far are kept."""


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


class Callback(Protocol):
    """Anything with this method.

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


def wants_to_stop(callbacks: Sequence[Callback], progress: Progress) -> bool:
    """Call every callback; whether one of them asks for the end."""
    stop = False
    for callback in callbacks:
        try:
            stop |= callback.on_epoch_end(progress) is False
        except StopTraining:
            stop = True
    return stop
