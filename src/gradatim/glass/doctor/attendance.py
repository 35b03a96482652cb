"""The doctor beside a training: looks after epochs 1, 4, 16, 64 …, and at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradatim.errors import InputError
from gradatim.glass.doctor.diagnosis import Findings
from gradatim.glass.doctor.examination import CONDITIONS, look_at
from gradatim.glass.doctor.patient import Course, Patient, sampled
from gradatim.training.callbacks import Beginning, Progress
from gradatim.training.history import History, TrainingResult

ROWS_ON_THE_WAY, ROWS_AT_THE_END = 64, 256
"""Rows that are looked at. The compiled engine trains on ten rows while the textbook's looks at one."""

EARLY = tuple(condition for condition in CONDITIONS if condition.early)


class Doctor:
    """A callback that looks for conditions while a network trains, and tells each once.

    It looks after epochs 1, 4, 16, 64 …, each time by one pass forward and back over 64 rows, and at the end over 256.
    Of trainings of a second or more it took 1 to 7 % of the time. Columns of the table are not looked at here: a
    training has numbers alone, and `gradatim.examine` the table.

    Args:
        tell: is called with a text for each condition when it is first found; None tells nothing.

    Attributes:
        findings: what was found at the end, in the network that is kept; None before a training ended.

    Raises:
        InputError: if `tell` cannot be called.

    Example:
        >>> import gradatim as gd
        >>> X = np.random.default_rng(0).normal(size=(200, 4))
        >>> doctor = Doctor(tell=None)
        >>> zeros = gd.NetworkOptions(initializer="zeros")
        >>> model = gd.NetworkClassifier("plain", network=zeros, max_epochs=3, callbacks=[doctor], random_state=0)
        >>> fitted = model.fit(X, X[:, 0] > 0)
        >>> [(one.name, one.layer) for one in doctor.findings][:2]
        [('symmetric units', 1), ('symmetric units', 2)]
    """

    def __init__(self, tell: Callable[[str], object] | None = print) -> None:
        if tell is not None and not callable(tell):
            raise InputError(f"Doctor: tell must be a function of a text, such as print, or None. Got {tell!r}.")
        self.tell = tell
        self.findings: Findings | None = None
        self._patient: Patient | None = None
        self._rows: list[dict[str, float]] = []
        self._told: set[tuple[str, int | None]] = set()

    def on_training_begin(self, beginning: Beginning, /) -> None:
        """Called before the first epoch."""
        problem, settings = beginning.problem, beginning.settings
        data = sampled(beginning.data, ROWS_AT_THE_END, beginning.train_rows)
        nothing_yet = np.zeros(problem.architecture.size)
        self._patient = Patient(problem, nothing_yet, data, None, settings, settings.learning_rate)
        self.findings, self._rows, self._told = None, [], set()

    def on_epoch_end(self, progress: Progress, /) -> None:
        """Called after each epoch; most of them are only noted."""
        self._rows.append(progress.row)
        if self._patient is None or self._patient.data is None or not _is_looked_at(progress.epoch):
            return
        patient = replace(
            self._patient,
            vector=np.array(progress.vector, dtype=np.float64),
            data=sampled(self._patient.data, ROWS_ON_THE_WAY),
            course=Course(History(tuple(self._rows))),
        )
        self._tell(look_at(patient, EARLY), f"After epoch {progress.epoch}: ")

    def on_training_end(self, result: TrainingResult, /) -> None:
        """Called with what came out, where there is an epoch to keep."""
        assert self._patient is not None
        course = Course(result.history, result.best_epoch, result.stopped_because)
        vector = np.array(result.vector, dtype=np.float64)
        at_the_end = look_at(replace(self._patient, vector=vector, course=course))
        self._tell(at_the_end, "At the end: ")
        self.findings, self._patient = at_the_end, None  # no table is kept alive

    def _tell(self, findings: Findings, when: str) -> None:
        for one in findings:
            if (one.name, one.layer) not in self._told:
                self._told.add((one.name, one.layer))
                if self.tell is not None:
                    self.tell(when + one.text())


def _is_looked_at(epoch: int) -> bool:
    """Whether an epoch is a power of 4."""
    return epoch.bit_count() == 1 and epoch.bit_length() % 2 == 1
