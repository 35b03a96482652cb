"""Callbacks that hand the epochs of a rung's trainings to the watcher."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock

from gradatim.ladder.rungs import Rung
from gradatim.ladder.watcher import Watcher
from gradatim.training import Progress


@dataclass(frozen=True)
class Relay:
    """Hands the epochs of one training on, and ends it after so many.

    Attributes:
        watcher: is told.
        rung: that is trained.
        epochs: after which the training ends; None leaves it alone.
    """

    watcher: Watcher
    rung: Rung
    epochs: int | None = None

    def on_epoch_end(self, progress: Progress) -> bool:
        """Tell the watcher; False ends the training."""
        self.watcher.epoch(self.rung, progress)
        return self.epochs is None or progress.epoch < self.epochs


@dataclass
class JointRelay:
    """Hands the epochs of all networks of an ensemble on, as those of one long training.

    The networks train side by side, each in a thread of its own; the watcher is told by one at a time.

    Attributes:
        watcher: is told.
        rung: that is trained.
        networks: how many there are.
        done: epochs, of all together.
    """

    watcher: Watcher
    rung: Rung
    networks: int
    done: int = 0
    _turn: Lock = field(default_factory=Lock, repr=False)

    def on_epoch_end(self, progress: Progress) -> None:
        """Tell the watcher."""
        with self._turn:
            self.done += 1
            of_all = replace(progress, epoch=self.done, max_epochs=self.networks * progress.max_epochs)
            self.watcher.epoch(self.rung, of_all)
