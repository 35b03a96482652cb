"""Schedules: how the length of a step changes over a training.

===========  =================================  =================================================================
name         factor on the base rate            what it is for
===========  =================================  =================================================================
constant     1                                  the course's way
step         factor^⌊epoch / every_epochs⌋      long at first, then short, by hand
exponential  factor^epoch                       the same without stairs
cosine       ½ (1 + cos(πt))                    from 1 to 0 over the whole training, nothing to choose
flat_cosine  1, then ½ (1 + cos(π(2t - 1)))     for dropout and decay, which may end only near the end
coslog       ½ (1 - cos(2π log₂(1 + 15t)))      waves, each about twice as long as the one before
warm_up      rising to 1, then another          where the first steps would go astray
===========  =================================  =================================================================

Conventions
-----------
* A schedule gives factors; the learning rate of a step is the base rate times the factor of that step.
* Steps count from 0, and a factor is taken before its step: the first step of cosine has factor 1, and 0 would come
  after the last; the first of coslog has factor 0. t = step / total_steps, epoch = step / steps_per_epoch (whole
  numbers only where ⌊ ⌋ stands).
* Every factor depends on the number of its step alone, so any span of steps can be asked for by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeGuard, runtime_checkable

import numpy as np

from gradatim.errors import InputError, named, number, whole
from gradatim.formulas.arrays import Array


@runtime_checkable
class Schedule(Protocol):
    """What training asks of a schedule."""

    name: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """The factors of a span of steps.

        Args:
            first_step: number of the first of them, from 0.
            steps: how many.
            total_steps: length of the whole training.
            steps_per_epoch: batches in an epoch.

        Returns:
            (steps,) float64.
        """


@dataclass(frozen=True)
class Constant:
    """Always 1.

    Example:
        >>> Constant().factors(0, 3, total_steps=10, steps_per_epoch=5)
        array([1., 1., 1.])

    Source: Cauchy 1847.
    """

    name: ClassVar[str] = "constant"
    formula: ClassVar[str] = "1"
    source: ClassVar[str] = "Cauchy 1847"

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        return np.ones(steps)


@dataclass(frozen=True)
class Step:
    """The factor is factor^⌊epoch / every_epochs⌋: stairs.

    Args:
        every_epochs: length of a stair, 1 or more.
        factor: from one stair to the next, above 0.

    Raises:
        InputError: for numbers outside these ranges.

    Example:
        >>> Step(every_epochs=1, factor=0.5).factors(0, 6, total_steps=6, steps_per_epoch=2)
        array([1.  , 1.  , 0.5 , 0.5 , 0.25, 0.25])

    Source: He et al. 2016 (arXiv 1512.03385), section 3.4.
    """

    every_epochs: int = 30
    factor: float = 0.1
    name: ClassVar[str] = "step"
    formula: ClassVar[str] = "factor^⌊epoch / every_epochs⌋"
    source: ClassVar[str] = "He et al. 2016 (arXiv 1512.03385), section 3.4"

    def __post_init__(self) -> None:
        number("Step", "every_epochs", self.every_epochs, least=1)
        number("Step", "factor", self.factor, above=True)

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        step = np.arange(first_step, first_step + steps)
        return np.float64(self.factor) ** (step // (self.every_epochs * steps_per_epoch))


@dataclass(frozen=True)
class Exponential:
    """The factor is factor^epoch, falling within an epoch too.

    At the start of each epoch it is what PyTorch's ``ExponentialLR`` has.

    Args:
        factor: from one epoch to the next, above 0.

    Raises:
        InputError: for a factor of 0 or less.

    Example:
        >>> Exponential(0.25).factors(0, 4, total_steps=4, steps_per_epoch=2)
        array([1.   , 0.5  , 0.25 , 0.125])

    Source: Senior et al. 2013, section 2.
    """

    factor: float = 0.95
    name: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "factor^epoch"
    source: ClassVar[str] = (
        "Senior et al. 2013 (An empirical study of learning rates in deep neural networks), section 2"
    )

    def __post_init__(self) -> None:
        number("Exponential", "factor", self.factor, above=True)

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        step = np.arange(first_step, first_step + steps)
        return np.float64(self.factor) ** (step / steps_per_epoch)


@dataclass(frozen=True)
class Cosine:
    """½ (1 + cos(πt)), t from 0 to 1 over the whole training, without restarts.

    Example:
        >>> Cosine().factors(0, 4, total_steps=4, steps_per_epoch=2).round(4)
        array([1.    , 0.8536, 0.5   , 0.1464])

    Source: Loshchilov & Hutter 2017 (arXiv 1608.03983), eq. 5 with η_min = 0.
    """

    name: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "½ (1 + cos(πt))"
    source: ClassVar[str] = "Loshchilov & Hutter 2017 (arXiv 1608.03983), eq. 5"

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        t = np.arange(first_step, first_step + steps) / total_steps
        return 0.5 * (1 + np.cos(np.pi * t))


@dataclass(frozen=True)
class FlatCosine:
    """1 for the first half of the training, then a cosine from 1 to 0.

    Example:
        >>> FlatCosine().factors(0, 8, total_steps=8, steps_per_epoch=2).round(4)
        array([1.    , 1.    , 1.    , 1.    , 1.    , 0.8536, 0.5   , 0.1464])

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), appendix A, "flat_cos".
    """

    name: ClassVar[str] = "flat_cosine"
    formula: ClassVar[str] = "½ (1 + cos(π (max(1, 2t) - 1)))"
    source: ClassVar[str] = "Holzmüller et al. 2024 (arXiv 2407.04491), appendix A"

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        t = np.arange(first_step, first_step + steps) / total_steps
        return 0.5 * (1 + np.cos(np.pi * (np.maximum(1, 2 * t) - 1)))


@dataclass(frozen=True)
class CosLog:
    """Waves from 0 to 1 and back, each about twice as long as the one before: ½ (1 - cos(2π log₂(1 + (2^k - 1) t))).

    In the valleys the rate is 0 and the network has come to rest, so an epoch near one of them is a good one to keep.
    The first factor is 0: that step moves nothing, but the optimizer's moments begin.

    Args:
        waves: k, 1 or more.

    Raises:
        InputError: for anything else.

    Example:
        Two waves: valleys at t = 0, 1/3 and 1.

        >>> CosLog(waves=2).factors(0, 6, total_steps=6, steps_per_epoch=2).round(4)
        array([0.    , 0.9304, 0.    , 0.7184, 0.9304, 0.3237])

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3 and appendix A, "coslog4".
    """

    waves: int = 4
    name: ClassVar[str] = "coslog"
    formula: ClassVar[str] = "½ (1 - cos(2π log₂(1 + (2^waves - 1) t)))"
    source: ClassVar[str] = "Holzmüller et al. 2024 (arXiv 2407.04491), section 3"

    def __post_init__(self) -> None:
        whole("CosLog", "waves", self.waves)

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        t = np.arange(first_step, first_step + steps) / total_steps
        return 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + (2**self.waves - 1) * t)))

    @property
    def valleys(self) -> Array:
        """(waves,) where the factor is 0 again, as shares t of the training; the last is 1.

        Example:
            >>> CosLog(waves=4).valleys.round(4)
            array([0.0667, 0.2   , 0.4667, 1.    ])
        """
        return (2.0 ** np.arange(1, self.waves + 1) - 1) / (2**self.waves - 1)


@dataclass(frozen=True)
class WarmUp:
    """Rising in even steps to 1 for some epochs; then another schedule, which sees only the steps that are left.

    The first factor is 1/w and not 0 (w steps of rising), so that no step is wasted.

    Args:
        epochs: how long it rises, above 0; parts of epochs are allowed.
        then: the schedule after that.

    Raises:
        InputError: for epochs of 0 or less, and for a `then` that is no schedule.

    Example:
        >>> WarmUp(epochs=2, then=Constant()).factors(0, 6, total_steps=6, steps_per_epoch=2)
        array([0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])

    Source: Goyal et al. 2017 (arXiv 1706.02677), section 2.2, "gradual warmup", beginning at 0.
    """

    epochs: float = 5
    then: Schedule = field(default_factory=Constant)
    name: ClassVar[str] = "warm_up"
    formula: ClassVar[str] = "min(1, (step + 1) / (epochs steps_per_epoch)), then another"
    source: ClassVar[str] = "Goyal et al. 2017 (arXiv 1706.02677), section 2.2"

    def __post_init__(self) -> None:
        number("WarmUp", "epochs", self.epochs, above=True)
        if not _is_schedule(self.then):
            raise InputError(f"WarmUp: then must be a schedule object, as Cosine(). Got {self.then!r}.")

    def factors(self, first_step: int, steps: int, total_steps: int, steps_per_epoch: int) -> Array:
        """See `Schedule.factors`."""
        w = max(1, round(self.epochs * steps_per_epoch))
        rising = min(max(w - first_step, 0), steps)
        rise = (first_step + 1 + np.arange(rising)) / w
        rest = self.then.factors(
            max(first_step - w, 0), steps - rising, total_steps=max(total_steps - w, 1), steps_per_epoch=steps_per_epoch
        )
        return np.concatenate([rise, rest])


def _is_schedule(given: object) -> TypeGuard[Schedule]:
    return isinstance(given, Schedule) and not isinstance(given, type)  # a class has all that its objects have


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step": Step,
    "exponential": Exponential,
    "cosine": Cosine,
    "flat_cosine": FlatCosine,
    "coslog": CosLog,
    "warm_up": WarmUp,
}
"""Every schedule by name, in growing difficulty."""


def schedule(name: str | Schedule) -> Schedule:
    """The schedule of that name, with its defaults.

    Args:
        name: a key of `SCHEDULES`, or a schedule object with its settings, which is handed back.

    Raises:
        InputError: for a name that is not known, and for what is neither name nor schedule.

    Example:
        >>> schedule("cosine")
        Cosine()
    """
    return name if _is_schedule(name) else named("schedule", name, SCHEDULES)()
