"""How a run goes, as it goes: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TextIO

from gradatim.ladder.watcher import Watcher
from gradatim.terminal.layout import width_of
from gradatim.terminal.reading import reading_text
from gradatim.trials.watcher import TrialWatcher

if TYPE_CHECKING:
    from gradatim.ladder.reading import Reading
    from gradatim.ladder.rungs import Rung
    from gradatim.ladder.tried import TriedRung
    from gradatim.training import Progress

SECONDS_BETWEEN_LINES = 5.0


class Teller:
    """Says on a stream how the table was understood.

    Args:
        stream: where progress goes.
        readings_to: where it says how the table was understood.
    """

    def __init__(self, stream: TextIO, readings_to: TextIO) -> None:
        self.stream, self.readings_to = stream, readings_to
        self._last = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing was opened."""

    def read(self, reading: Reading) -> None:
        """Say how the table was understood."""
        print(reading_text(reading, width_of(self.readings_to)) + "\n", file=self.readings_to, flush=True)

    def _say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)


def bars(stream: TextIO, description: str) -> Any:
    """A bar that goes away when it is done."""
    from rich import progress as rich
    from rich.console import Console

    news = rich.TextColumn("{task.fields[news]}")
    shown = (rich.TextColumn(description), rich.BarColumn(bar_width=24), news, rich.TimeElapsedColumn())
    return rich.Progress(*shown, console=Console(file=stream), transient=True)


class Lines(Teller, Watcher):
    """Progress as plain lines, for a log: a rung that takes long now and then, and each that ends."""

    def begins(self, rung: Rung) -> None:
        """Start to wait."""
        self._last = monotonic()

    def epoch(self, rung: Rung, progress: Progress) -> None:
        """Say where a long training is."""
        if monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = monotonic()
            unit = "epoch" if rung.is_network else "iteration"
            self._say(f"{rung.title}: {unit} {progress.epoch} of {progress.max_epochs}, {newest(progress.row)}")

    def ends(self, tried: TriedRung) -> None:
        """Say how long it took."""
        self._say(f"{tried.rung.title}: trained in {tried.seconds:.1f} s")

    def once_more(self, rung: Rung) -> None:
        """Say what is waited for."""
        self._last = monotonic()
        self._say(f"{rung.title}: once more, on all rows")


class Bar(Lines):
    """Progress as a bar that goes away when it is done, for a terminal."""

    def __init__(self, stream: TextIO, readings_to: TextIO) -> None:
        super().__init__(stream, readings_to)
        self._bars = bars(stream, "{task.description:<16}")

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def begins(self, rung: Rung) -> None:
        """Show the bar of this rung."""
        for task in self._bars.task_ids:
            self._bars.remove_task(task)
        self._bars.add_task(rung.title, total=1, news="")
        self._bars.start()  # not before: the table is read and described first, and a bar would stand in between

    def fold(self, rung: Rung, number: int, of: int) -> None:
        """Say which fold the bar is about."""
        self._bars.update(self._bars.task_ids[-1], description=f"{rung.title} {number}/{of}")

    def epoch(self, rung: Rung, progress: Progress) -> None:
        """Move the bar."""
        task = self._bars.task_ids[-1]
        unit = "epochs" if rung.is_network else "iterations"
        news = f"{progress.epoch:>4} of {progress.max_epochs} {unit}  {newest(progress.row)}"
        self._bars.update(task, completed=progress.epoch, total=progress.max_epochs, news=news)

    def ends(self, tried: TriedRung) -> None:
        """Nothing: the next rung takes the line."""

    def once_more(self, rung: Rung) -> None:
        """Show its bar again."""
        self.begins(rung)
        self._bars.update(self._bars.task_ids[-1], description=f"{rung.title}, all rows")


def newest(row: Mapping[str, float]) -> str:
    """The last score of a history's row, in a few characters."""
    from gradatim.training import judged_by

    name = judged_by(row) or "training_loss"
    return f"{name.removeprefix('validation_')} {row[name]:.4g}"


def run_progress(stream: TextIO, *, quiet: bool, readings_to: TextIO) -> AbstractContextManager[Watcher]:
    """The progress that suits a stream: a bar on a terminal, lines elsewhere, nothing where quiet."""
    if quiet:
        return nullcontext(Watcher())
    return (Bar if stream.isatty() else Lines)(stream, readings_to)


class TrialLines(Teller, TrialWatcher):
    """Progress as plain lines, for a log."""

    def begins(self, candidates: int, folds: int, jobs: int) -> None:
        """Say what is to be done."""
        self._last = monotonic()
        self.plan = (
            f"{candidates} {'candidate' if candidates == 1 else 'candidates'} on {folds} folds, {jobs} at a time"
        )
        self._announce()

    def trained(self, done: int, of: int) -> None:
        """Say now and then how far it is."""
        if monotonic() - self._last >= SECONDS_BETWEEN_LINES or done == of:
            self._last = monotonic()
            self._say(f"{done} of {of} trainings")

    def _announce(self) -> None:
        self._say(self.plan)


class TrialBar(TrialLines):
    """Progress as a bar that goes away when it is done, for a terminal."""

    def __init__(self, stream: TextIO, readings_to: TextIO) -> None:
        super().__init__(stream, readings_to)
        self._bars = bars(stream, "{task.description}")

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def trained(self, done: int, of: int) -> None:
        """Move the bar."""
        self._bars.update(self._bars.task_ids[-1], completed=done, total=of, news=f"{done} of {of} trainings")
        if done == of:
            self._bars.stop()

    def _announce(self) -> None:
        self._bars.add_task(self.plan, total=None, news="")
        self._bars.start()


def trial_progress(stream: TextIO, *, quiet: bool, readings_to: TextIO) -> AbstractContextManager[TrialWatcher]:
    """The progress that suits a stream: a bar on a terminal, lines elsewhere, nothing where quiet."""
    if quiet:
        return nullcontext(TrialWatcher())
    return (TrialBar if stream.isatty() else TrialLines)(stream, readings_to)
