"""The parameters along the way: what a network was after each epoch, or after each step.

A recording is bounded. Once it is full, every other record is dropped and only every second of what follows is kept, so
that it spans the training evenly however long that takes. The start, the best epoch and the last record always stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array

By = Literal["epochs", "steps"]

MOST_BYTES = 2**28
"""Of all records together: 256 MB, some 1300 of a network of 50,000 parameters."""

BESIDE_THE_NUMBERS = 500
"""Bytes that a record takes in Python beyond its numbers: of a tiny network there would be millions."""


@dataclass(frozen=True)
class Record:
    """Parameters at one moment.

    Attributes:
        step: steps done since the start of this training, and of those that it went on from.
        epoch: the epoch that ends here, 0 at the start; None in the middle of one.
        vector: (P,) the parameters, as they were trained.
    """

    step: int
    epoch: int | None
    vector: Array


@dataclass(eq=False)
class Recording:
    """The parameters after every epoch or step, or after every second, fourth … where they are too many.

    Args:
        by: "epochs" or "steps"; an iteration of L-BFGS is both.
        capacity: records to keep at most, beside the best and the last.
        stride: of the epochs or steps, only multiples of it are kept.
        kept: by step.
        best: of the best epoch.
        last: the latest.

    Example:
        >>> import numpy as np
        >>> recording = Recording("epochs", capacity=3)
        >>> for epoch in range(7):
        ...     recording.add(step=10 * epoch, epoch=epoch, vector=np.array([float(epoch)]))
        >>> recording.epochs
        (0, 4, 6)
        >>> recording.at(epoch=4), recording.at(step=60)
        (array([4.]), array([6.]))
    """

    by: By
    capacity: int
    stride: int = 1
    kept: dict[int, Record] = field(default_factory=dict, repr=False)
    best: Record | None = field(default=None, repr=False)
    last: Record | None = field(default=None, repr=False)

    @classmethod
    def start(cls, by: By, vector: Array, most_bytes: int = MOST_BYTES) -> Recording:
        """A recording that begins with the initial parameters.

        Args:
            by: "epochs" or "steps".
            vector: (P,).
            most_bytes: of all records together.
        """
        recording = cls(by, max(most_bytes // (vector.nbytes + BESIDE_THE_NUMBERS), 2))
        recording.add(0, 0, vector)
        return recording

    def add(self, step: int, epoch: int | None, vector: Array) -> None:
        """Copy parameters.

        Args:
            step: as in `Record`; not before that of the last one.
            epoch: likewise.
            vector: (P,).
        """
        self.last = Record(step, epoch, vector.copy())
        if self._has_place(self.last):
            self.kept[step] = self.last
        while len(self.kept) > self.capacity:
            self.stride *= 2
            self.kept = {step: record for step, record in self.kept.items() if self._has_place(record)}

    def mark_best(self) -> None:
        """The last record is of the best epoch so far: it stays until there is a better one."""
        self.best = self.last

    def after(self, earlier: Recording | None, steps: int, epochs: int) -> Recording:
        """One recording of two trainings, of which this one went on from the other: epochs and steps count on.

        Where both together are too many, every other record of the whole is dropped. The best is this training's.

        Args:
            earlier: what the other training recorded, if it did.
            steps: that it took.
            epochs: likewise.
        """

        def later(record: Record) -> Record:
            return Record(record.step + steps, None if record.epoch is None else record.epoch + epochs, record.vector)

        def at_later(record: Record | None) -> Record | None:
            return None if record is None else later(record)

        before = () if earlier is None else earlier.records
        # Where one ends the other begins: the end is what that epoch was, even if the start was its best one instead.
        kept = {record.step: record for record in (*map(later, self.kept.values()), *before)}
        stride = self.stride if earlier is None else max(self.stride, earlier.stride)
        while len(kept) > self.capacity:
            stride *= 2
            kept = dict(sorted(kept.items())[::2])
        return Recording(self.by, self.capacity, stride, kept, at_later(self.best), at_later(self.last))

    @property
    def records(self) -> tuple[Record, ...]:
        """All that is there, in order."""
        beside = {record.step: record for record in (self.best, self.last) if record is not None}
        return tuple(record for _, record in sorted((self.kept | beside).items()))

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps after which there are parameters; 0 is the start."""
        return tuple(record.step for record in self.records)

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs after which there are parameters; 0 is the start."""
        return tuple(record.epoch for record in self.records if record.epoch is not None)

    def at(self, *, epoch: int | None = None, step: int | None = None) -> Array:
        """The parameters after an epoch, or after a step; 0 is the start.

        Args:
            epoch: counted from 1.
            step: counted from 1, over all epochs of this training.

        Returns:
            (P,) a copy.

        Raises:
            InputError: if not one of both is given, or there is no such record; the message names the nearest.
        """
        if (epoch is None) == (step is None):
            raise InputError(f"at must be given an epoch or a step. Got epoch={epoch} and step={step}.")
        name, wanted, there = ("epoch", epoch, self.epochs) if step is None else ("step", step, self.steps)
        assert wanted is not None
        if wanted not in there:
            nearest = min(there, key=lambda number: abs(number - wanted))
            raise InputError(
                f"{name} must be one that was recorded: {len(there)} of them from {there[0]} to {there[-1]}. Got "
                f"{wanted}; the nearest is {nearest}. Recorded by {self.by}, every {self.stride} of them, and the best "
                f"and the last."
            )
        return next(record.vector.copy() for record in self.records if getattr(record, name) == wanted)

    def _has_place(self, record: Record) -> bool:
        number = record.epoch if self.by == "epochs" else record.step
        return number is not None and number % self.stride == 0
