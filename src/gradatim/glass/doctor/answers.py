"""What the network answers: no more than a constant, or never some of the classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.engines.textbook import split_members
from gradatim.formulas.arrays import Array
from gradatim.glass.doctor.diagnosis import Diagnosis
from gradatim.glass.doctor.patient import Patient, finite

NO_BETTER = 0.99
"""Of the loss of the best constant. A network that learned anything at all is further below it on the rows that it was
trained on: of the samples, those of both presets come to 0.45 of it or less."""

FEWEST_OF_A_CLASS = 10
"""Rows of a class, of those that are looked at: of fewer, none may be predicted by chance."""

RARE = 0.5
"""Of the rows that a class would have if all had as many."""


def constant_level(patient: Patient) -> Iterator[Diagnosis]:
    """The loss is that of the best prediction that looks at no column."""
    level = patient.constant_loss
    loss = min(patient.loss, _of_training(patient))
    if level <= 0 or loss < NO_BETTER * level:
        return
    level_with = loss < level / NO_BETTER
    where = "at" if level_with else "above"
    so = "nothing that was learned can be seen in it" if level_with else "the network is worse than none"
    yield Diagnosis(
        "loss of a constant",
        "serious",
        f"The loss on these {patient.batch.Y.shape[1] // patient.architecture.members:,} rows is {loss:.4g}, "
        f"{where} that of the best constant prediction, {level:.4g}: {so}.",
        "Mend what else is found first. If nothing is: train longer, or with another rate (gradatim try); where that "
        "changes nothing, the columns tell nothing about the target.",
        measured=finite(loss=loss, constant=level),
    )


def _of_training(patient: Patient) -> float:
    """The training loss of the epoch that is kept, where it is known.

    On rows that did not train, a few wild answers can be as bad as a constant's all together; that is no such illness.
    """
    course = patient.course
    if course is None or course.best_epoch is None:
        return float("inf")
    at = course.history["epoch"] == course.best_epoch
    return float(course.history["training_loss"][at].min(initial=np.inf))


def class_never_predicted(patient: Patient) -> Iterator[Diagnosis]:
    """A class that stands in the rows, and in no answer."""
    A = np.mean(split_members(patient.forward.A[-1], patient.architecture.members), axis=0)
    happened, said = (_codes(one) for one in (patient.batch.Y[:, : A.shape[1]], A))
    classes, names = max(len(A), 2), patient.classes
    rows, answers = (np.bincount(codes, minlength=classes) for codes in (happened, said))
    never = [k for k in range(classes) if rows[k] >= FEWEST_OF_A_CLASS and not answers[k]]
    if not never:
        return
    told = ", ".join(
        f"{repr(names[k]) if names else f'class {k}'} ({rows[k]:,} of {len(happened):,} rows)" for k in never[:5]
    )
    more = f" and {len(never) - 5} more" if len(never) > 5 else ""
    if rows[never].min() < RARE * len(happened) / classes:
        weighing = 'class_weight="balanced"' if patient.settings is not None else "examples of it several times"
        two = ", or a lower threshold, gd.threshold(model, …)" if classes == 2 else ""
        remedy = f"Rare: if it matters to you, try {weighing}{two}."
    else:
        remedy = f"Not rare: mend what else is found first; then try {patient.slower}, or train longer."
    yield Diagnosis(
        "class never predicted",
        "worth a look",
        f"Never the most probable: {told}{more}.",
        remedy,
        measured=finite(classes=len(never), rows=rows[never].sum()),
    )


def _codes(A: Array) -> Array:
    """The number of the most probable class of each column; one unit tells class 1 from class 0."""
    codes: Array = A.argmax(axis=0) if len(A) > 1 else (A[0] > 0.5).astype(np.intp)
    return codes
