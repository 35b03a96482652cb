"""How the training went: too fast, too slow, or too long.

Conventions
-----------
* What says so is the loss by epoch. The size of the steps, as a part of the weights, is only given with it: the same
  size suits one network and not another.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.schedules import CosLog
from gradatim.glass.doctor.diagnosis import Diagnosis
from gradatim.glass.doctor.patient import Course, Patient, finite
from gradatim.training.advice import TREMBLED

FEWEST_EPOCHS = 8
"""Of fewer no course can be told."""

SWINGS = 0.25
"""Median change of the training loss from epoch to epoch, over the second half, as a part of the loss. Under a schedule
of waves (CosLog) the loss goes up and down with the rate, and is not asked."""

UPS = 0.25
"""Share of these changes that go up, at least: a loss that falls by a quarter in each epoch is no swing. AutoTrainer
(Zhang et al. 2021, ICSE) calls it oscillation where a fifth of the epochs turn."""

FAR_FROM_DONE = 0.2
"""Of the loss of the first epoch: a loss that is nearly 0 swings in healthy networks too, by little."""

ROSE = 1.5
"""The training loss of the last epochs, in losses of the first."""

LEAPT = 20.0
"""The highest training loss of an epoch, in losses of the best constant, if it never came back below that: the first
steps leapt far away. Short trainings of the preset strong, whose rates are high, leap to 200, and come back."""

STILL_FALLING = 0.5
"""Speed of the fall in the last quarter, in mean speeds: near 1 the loss is on a straight line, hardly on its way."""

TINY_STEPS = 3e-4
"""‖ΔW‖ / ‖W‖ of one step: a third of what is said to do well, "around 1e-3" (course notes of Stanford's CS231n, Neural
Networks 3)."""

GOOD_STEPS = 1e-3

OVERFIT = 1.25
"""The validation loss at the end, in lowest ones, while the training loss fell."""

LONG_AFTER = 10
"""Epochs behind the lowest validation loss: before that it may only tremble."""


def rate_too_large(patient: Patient) -> Iterator[Diagnosis]:
    """The training loss broke off, rose, or swings up and down far above 0."""
    course = _course(patient)
    L = course.history["training_loss"]
    if course.stopped_because == "diverged":
        said = f"The training broke off after {course.unit} {len(L)}: its numbers were no longer finite."
    elif len(L) < FEWEST_EPOCHS:
        return
    elif (end := float(np.median(L[-len(L) // 4 :]))) > ROSE * L[0]:
        said = f"The training loss rose from {L[0]:.3g} at first to {end:.3g} at the end."
    elif _swings(L) and not _has_waves(patient):
        late = L[len(L) // 2 :]
        said = (
            f"The training loss swings: in the second half of the training it changes by {_change(late):.0%} from one "
            f"{course.unit} to the next (median), up {_ups(late):.0%} of the time, between {late.min():.3g} and "
            f"{late.max():.3g}."
        )
    elif patient.data is not None and L.max() > LEAPT * (level := patient.constant_loss) and end >= level:
        said = (
            f"The training loss leapt to {L.max():.3g} in {course.unit} {course.history['epoch'][L.argmax()]:.0f}, "
            f"and ended at {end:.3g}, where a constant prediction has {level:.3g}."
        )
    else:
        return
    yield Diagnosis(
        "learning rate too large",
        "serious",
        said + _steps(patient),
        f"Try {patient.slower}.",
        measured=finite(first=L[0], last=L[-1], **_largest_step(patient)),
    )


def rate_too_small(patient: Patient) -> Iterator[Diagnosis]:
    """The training ended while its loss still fell on a straight line, by steps that hardly move the weights."""
    course = _course(patient)
    L = course.history["training_loss"]
    if len(L) < FEWEST_EPOCHS:
        return
    if course.stopped_because not in ("", "max_epochs", "max_steps") or L[0] <= L[-1]:
        return
    quarter = max(len(L) // 4, 2)
    late, mean = (L[-quarter - 1] - L[-1]) / quarter, (L[0] - L[-1]) / (len(L) - 1)
    if late < STILL_FALLING * mean or np.mean(np.diff(L) < 0) < 1 - UPS:
        return
    steps = patient.step_sizes
    if not steps or not 0 < max(steps.values()) <= TINY_STEPS:
        return
    rate, largest = patient.learning_rate or 0.0, max(steps.values())
    yield Diagnosis(
        "learning rate too small",
        "worth a look",
        f"The training loss was still falling as fast as ever when the training ended: {L[0]:.4g} at "
        f"first, {L[-1]:.4g} at the end, {late:.2g} less an {course.unit} in the last quarter.{_steps(patient)}",
        f"Try learning_rate={rate * GOOD_STEPS / largest:.1g} in place of {rate:.2g}: steps of a thousandth of the "
        "weights.",
        measured=finite(first=L[0], last=L[-1], **_largest_step(patient)),
    )


def overfitting(patient: Patient) -> Iterator[Diagnosis]:
    """The validation loss rose long after its lowest epoch while the training loss fell, and nothing watched.

    Early stopping is no illness: where patience was set, and the lowest epoch or one nearly as good was kept, all is
    well, however the epochs behind it looked.
    """
    course = _course(patient)
    L, V = course.history["training_loss"], course.history["validation_loss"]
    if len(V) < FEWEST_EPOCHS or not np.isfinite(V).all():
        return
    k = int(V.argmin())
    kept = len(V) - 1 if course.best_epoch is None else int(np.searchsorted(course.history["epoch"], course.best_epoch))
    watched = patient.settings is not None and patient.settings.patience_epochs is not None
    end = kept if watched else len(V) - 1
    if V[end] < max(OVERFIT * V[k], V[k] + TREMBLED) or end - k < LONG_AFTER or L[end] >= L[k]:
        return
    epoch = course.history["epoch"]
    said = f" Epoch {course.best_epoch} was kept." if course.best_epoch is not None else ""
    yield Diagnosis(
        "overfitting",
        "serious" if V[kept] >= OVERFIT * V[k] else "worth a look",
        f"Since epoch {epoch[k]:.0f} the loss on the rows held out rose from {V[k]:.3g} to {V[end]:.3g}, while that on "
        f"the training rows fell from {L[k]:.3g} to {L[end]:.3g}.{said}",
        f"Stop in time, patience_epochs=20 or max_epochs={epoch[k]:.0f}; or hold back, dropout=0.15 or "
        "weight_decay=0.02; or find more rows.",
        measured=finite(epoch=epoch[k], lowest=V[k], last=V[end]),
    )


def _course(patient: Patient) -> Course:
    assert patient.course is not None
    return patient.course


def _has_waves(patient: Patient) -> bool:
    return patient.settings is not None and isinstance(patient.settings.schedule, CosLog)


def _swings(L: Array) -> bool:
    late = L[len(L) // 2 :]
    return bool(_change(late) > SWINGS and _ups(late) >= UPS and np.median(late) > FAR_FROM_DONE * L[0])


def _change(L: Array) -> float:
    return float(np.median(np.abs(np.diff(L)) / np.maximum(np.abs(L[:-1]), 1e-300)))


def _ups(L: Array) -> float:
    return float(np.mean(np.diff(L) > 0))


def _steps(patient: Patient) -> str:
    sizes = patient.step_sizes
    if not sizes:
        return ""
    l = max(sizes, key=sizes.__getitem__)
    return f" A step moves W[{l}] by {sizes[l]:.2g} of its size; around 0.001 is usual."


def _largest_step(patient: Patient) -> dict[str, float]:
    sizes = patient.step_sizes
    return {"step": max(sizes.values())} if sizes else {}
