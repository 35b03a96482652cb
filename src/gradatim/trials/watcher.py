"""Whom a search among values tells how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a terminal's progress bar loads nothing that trains
    from gradatim.ladder.reading import Reading


class TrialWatcher:
    """Is told and does nothing; override what you want to hear."""

    def read(self, reading: Reading) -> None:
        """The table is read and understood."""

    def begins(self, candidates: int, folds: int, jobs: int) -> None:
        """The trainings begin: as many as candidates times folds, some at a time."""

    def trained(self, done: int, of: int) -> None:
        """One more training is over."""
