"""Whom a run tells how it goes: a progress bar, a log, a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a terminal's progress bar loads nothing that trains
    from gradatim.ladder.reading import Reading
    from gradatim.ladder.rungs import Rung
    from gradatim.ladder.tried import TriedRung
    from gradatim.training import Progress


class Watcher:
    """Is told and does nothing; override what you want to hear.

    Example:
        >>> class Names(Watcher):
        ...     def begins(self, rung):
        ...         print(rung.name)
    """

    def read(self, reading: Reading) -> None:
        """The table is read and understood."""

    def begins(self, rung: Rung) -> None:
        """A rung begins to train."""

    def fold(self, rung: Rung, number: int, of: int) -> None:
        """A training of a rung on one of the folds begins; they are counted from 1."""

    def epoch(self, rung: Rung, progress: Progress) -> None:
        """An epoch of a rung is done."""

    def once_more(self, rung: Rung) -> None:
        """The network that is kept begins to train once more, on all rows; no `ends` follows."""

    def ends(self, tried: TriedRung) -> None:
        """A rung is trained and scored."""
