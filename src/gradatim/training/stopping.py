"""Which epoch is the best so far, and when to stop waiting for a better one."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any


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

    @property
    def _sign(self) -> int:
        return 1 if self.greater_is_better else -1

    def _first_number(self, score: float) -> bool:
        return isnan(self.score) and not isnan(score)

    def _keep(self, epoch: int, score: float, vector: Any) -> None:
        kept = None if vector is None else vector.copy()  # an engine may reuse the memory of a spent state
        self.epoch, self.score, self.vector = epoch, score, kept
