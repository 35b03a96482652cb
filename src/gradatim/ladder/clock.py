"""The clock behind a budget: it ends a training that takes longer than was measured, so that others get their part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import ClassVar

from gradatim.ladder.allowance import Allowance, Trainings
from gradatim.training import Progress, StopTraining
from gradatim.training.history import StoppedBecause

GRACE = 1.08
"""So many times its part of the seconds that are left a training may take before the clock ends it: one that is a
little slower than was measured ends with its steps, and can be repeated."""

SHARE_OF_SIMPLE = 0.5
"""So much of a budget the rungs that are no networks may take together, where there are networks to come."""


class TimeIsUp(StopTraining):
    """The seconds of a budget are over."""

    because: ClassVar[StoppedBecause] = "budget"


@dataclass
class Until:
    """A callback that ends a training at the end of the epoch which lies nearest to a moment.

    Attributes:
        moment: by `perf_counter`.
        began: the moment from which on it counts.
    """

    moment: float
    # Looked up at each call, so that a clock which a test puts in its place counts here too.
    began: float = field(default_factory=lambda: perf_counter())
    _last: float = field(default_factory=lambda: perf_counter())

    def part(self, share: float) -> Until:
        """That of a training which has to end when this share of the time is over."""
        return Until(self.began + share * (self.moment - self.began))

    def on_epoch_end(self, progress: Progress) -> None:
        """Raise `TimeIsUp` if another half of an epoch would end later."""
        now = perf_counter()
        last, self._last = self._last, now
        if now + (now - last) / 2 > self.moment:
            raise TimeIsUp(f"The budget was used up after epoch {progress.epoch} of {progress.max_epochs}.")


class Clock:
    """Shares the seconds that are left among the trainings that are left.

    Args:
        ends: the moment, by `perf_counter`.
        allowance: says how long a training of each rung takes beside those of the others.
        rungs: that are networks, the simplest first. One that was not measured, since a run goes on with more rungs
            than it began with, counts as the longest that was.
        trainings: how often each is trained.

    Example:
        >>> measured = Allowance(500, {"shallow": 1.0, "deep": 4.0})
        >>> clock = Clock(perf_counter() + 100.0, measured, ["shallow", "deep"], Trainings(2))
        >>> round(clock.for_the_next("shallow")), round(clock.for_the_next("deep"))
        (11, 54)
    """

    def __init__(self, ends: float, allowance: Allowance, rungs: Sequence[str], trainings: Trainings) -> None:
        longest = max(allowance.seconds.values())
        self.ends, self.seconds = ends, {rung: allowance.seconds.get(rung, longest) for rung in rungs}
        self.left = dict.fromkeys(rungs, trainings.each)
        self.once_more = longest if trainings.once_more else 0.0

    def for_the_next(self, rung: str) -> float:
        """Seconds for the next training of a rung. Rungs before it are done, or diverged."""
        for earlier in list(self.left)[: list(self.left).index(rung)]:
            del self.left[earlier]
        to_come = sum(count * self.seconds[name] for name, count in self.left.items()) + self.once_more
        self.left[rung] -= 1
        return GRACE * max(self.ends - perf_counter(), 0.0) * self.seconds[rung] / to_come

    def for_the_last(self) -> float:
        """Seconds for the training once more: all that are left."""
        return max(self.ends - perf_counter(), 0.0)
