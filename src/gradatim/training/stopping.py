"""Which epoch is the best so far, and when to stop waiting for a better one.

Two ways to wait: for so many epochs, or for a whole wave of the learning rate, where the schedule has waves. Within a
wave the score is bad while steps are long, so that counting epochs would end a training in the middle of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isnan
from typing import Any

WAVE = "wave"


def ends_of_waves(schedule: Any, epochs: int) -> tuple[int, ...]:
    """The epochs in which a wave of the schedule ends, of so many in all; none where it has no waves.

    In few epochs there are none either: the first wave must have two, for one epoch says little of a wave.

    Example:
        >>> from gradatim.formulas.schedules import CosLog
        >>> ends_of_waves(CosLog(waves=4), 256)
        (18, 52, 120, 256)
    """
    ends = tuple(ceil(round(t * epochs, 6)) for t in getattr(schedule, "valleys", ()))
    return ends if ends and ends[0] > 1 else ()


@dataclass
class BestSoFar:
    """The best epoch so far, its score, and a copy of its parameters.

    Of equal scores the last wins (Holzmüller et al. 2024: better than the first). Patience counts from the last epoch
    that was *strictly* better: a metric that stands still, as accuracy does, would never run out of it otherwise.

    Args:
        greater_is_better: whether a larger score is a better one.
        patience_epochs: epochs to wait for a better score; None waits for ever.

    Attributes:
        epoch: the best so far; 0 before the first.
        score: its score.
        vector: (P,) its parameters.
        improved: the last epoch that was strictly better.
        offered: the last epoch shown.

    Example:
        >>> best = BestSoFar(greater_is_better=True, patience_epochs=2)
        >>> for epoch, accuracy in enumerate([0.5, 0.8, 0.7, 0.8], start=1):
        ...     best.offer(epoch, accuracy, vector=None)
        >>> best.epoch, best.waited_enough
        (4, True)
    """

    greater_is_better: bool = False
    patience_epochs: int | None = None
    epoch: int = 0
    score: float = float("nan")
    vector: Any = None
    improved: int = 0
    offered: int = 0

    def offer(self, epoch: int, score: float | None, vector: Any) -> None:
        """Show an epoch's score and parameters.

        A score of None (nothing is validated) keeps the last epoch, and so does NaN as long as no score was a number.
        """
        self.offered = epoch
        if score is None:
            self._keep(epoch, float("nan"), vector)
        elif self._first_number(score) or self._sign * score > self._sign * self.score:
            self.improved = epoch
            self._keep(epoch, score, vector)
        elif score == self.score or isnan(self.score):
            self._keep(epoch, score, vector)

    @property
    def waited_enough(self) -> bool:
        """Whether patience has run out."""
        return self.patience_epochs is not None and self.offered - self.improved >= self.patience_epochs

    def waited_a_wave(self, ends: tuple[int, ...]) -> tuple[int, int] | None:
        """The epochs, first and last, of a wave that ended just now and had no better score; None where there is none.

        Args:
            ends: of all waves. The first one is never in vain: it has nothing before it.

        Example:
            >>> best = BestSoFar()
            >>> for epoch, loss in enumerate([0.9, 0.5, 0.8, 0.6, 0.7], start=1):
            ...     best.offer(epoch, loss, vector=None)
            >>> best.waited_a_wave((2, 5, 10))
            (3, 5)
        """
        for before, end in pairwise(ends):
            if end == self.offered and self.improved <= before:
                return before + 1, end
        return None

    @property
    def _sign(self) -> int:
        return 1 if self.greater_is_better else -1

    def _first_number(self, score: float) -> bool:
        return isnan(self.score) and not isnan(score)

    def _keep(self, epoch: int, score: float, vector: Any) -> None:
        kept = None if vector is None else vector.copy()  # an engine may reuse the memory of a spent state
        self.epoch, self.score, self.vector = epoch, score, kept
