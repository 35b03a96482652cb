"""What a run looks like in a terminal: text for standard output, progress for standard error.

Everything here returns text, or shows progress on the stream that it is handed; `gradatim.cli` decides what is printed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from shutil import get_terminal_size
from textwrap import fill
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TextIO

from gradatim.ladder.watcher import Watcher

if TYPE_CHECKING:  # a message about a slip of the pen needs nothing that trains
    from gradatim.ladder.reading import Reading
    from gradatim.ladder.rungs import Rung, TriedRung
    from gradatim.runs import Run
    from gradatim.training import Progress

SECONDS_BETWEEN_LINES = 5.0
WIDTH = 100
PARTS = {"train": "train", "validation": "choose", "test": "test"}
BLOCKS = "▁▂▃▄▅▆▇█"


def wrapped(text: str, width: int = WIDTH, indent: str = "") -> str:
    """Text broken between words; a line that is indented keeps its indent."""
    return fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def reading_text(reading: Reading, width: int = WIDTH) -> str:
    """What was read, and how it was understood."""
    kinds = ", ".join(counted(count, kind) for kind, count in reading.kinds.items())
    facts = {
        "data": f"{reading.source}: {counted(reading.n_rows, 'row')}, "
        f"{counted(reading.n_columns, 'column')} to predict from ({kinds})",
        "target": f"{reading.target}: {reading.task}{classes_phrase(reading)}. {reading.why}",
        "rows": ", ".join(f"{reading.rows[part]:,} to {verb}" for part, verb in PARTS.items()),
    }
    lines = [wrapped(f"{name:<8}{fact}", width, " " * 8) for name, fact in facts.items()]
    lines += [wrapped(f"{'note':<8}{note}", width, " " * 8) for note in reading.notes]
    return "\n".join(lines)


def counted(count: int, noun: str) -> str:
    """``1 number``, ``2 categories``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else plural}"


def classes_phrase(reading: Reading) -> str:
    """How many classes there are, and which of two counts as 1."""
    if reading.positive is not None:
        return f" into 2 classes, {reading.positive!r} counts as positive"
    return f" into {len(reading.classes)} classes" if reading.classes else ""


def run_text(run: Run, data: str, width: int = WIDTH) -> str:
    """The table of rungs, the verdict, the score on the test rows, and what to do next."""
    from gradatim.runs import rows_sentence

    test = number_list(run.metrics["test"])
    tested = f"On the test rows the {title_of(run)} has {test}." if test else "No row was kept to test on."
    ends = [wrapped(tested, width), rows_sentence(run.reading.rows)]
    parts = [rungs_text(run), *mishaps(run, width), wrapped(str(run.verdict), width), "\n".join(ends)]
    return "\n\n".join([*parts, next_text(run, data, width)])


def evaluation_text(found: Mapping[str, Any]) -> str:
    """What `gradatim.runs.evaluate` found: the target, the rows, and a line for each metric."""
    positive = "" if found["positive"] is None else f", {found['positive']!r} counts as positive"
    lines = columns([(metric, four_digits(value)) for metric, value in found["test"].items()])
    return f"{found['target']}: {found['rows']:,} {'row' if found['rows'] == 1 else 'rows'}{positive}\n{lines}"


def mishaps(run: Run, width: int = WIDTH) -> list[str]:
    """A sentence for each rung whose training broke off, with the likely cause."""
    trainings = {tried.rung.title: tried.model.training for tried in run.rungs}
    return [
        wrapped(f"{title}: {training.message}", width)
        for title, training in trainings.items()
        if training is not None and training.stopped_because == "diverged"
    ]


def title_of(run: Run) -> str:
    """The title of the rung that was kept."""
    return next(tried.rung.title for tried in run.rungs if tried.rung.name == run.verdict.chosen)


def rungs_text(run: Run) -> str:
    """The rungs as a table, the kept one marked, each with its course of training as a line of blocks."""
    from gradatim.ladder.verdict import plus_minus

    header = ("", "rung", f"{run.metrics['metric']} ± s.e.", "parameters", "seconds", "training")
    rows = [
        (
            "→" if tried.rung.name == run.verdict.chosen else "",
            tried.rung.name,
            plus_minus(tried.score.value, tried.score.standard_error),
            f"{tried.model.parameter_count:,}",
            f"{tried.seconds:.1f}",
            blocks(course_of(tried)),
        )
        for tried in run.rungs
    ]
    return columns([header, *rows], right={3, 4})


def course_of(tried: TriedRung) -> Sequence[float]:
    """The validation metric by epoch; the training loss where nothing was validated on the way."""
    history = tried.model.history_
    validated = [name for name in history.names if name.startswith("validation_")]
    return list(history[validated[0] if validated else "training_loss"]) if len(history) > 1 else []


def blocks(values: Sequence[float], width: int = 16) -> str:
    """A curve in one line of eight block characters, scaled from its lowest to its highest value.

    Example:
        >>> blocks([3.0, 2.0, 1.0, 1.0])
        '█▄▁▁'
    """
    shown = [values[i * len(values) // width] for i in range(width)] if len(values) > width else list(values)
    finite = [value for value in shown if abs(value) < float("inf")]
    if not finite or min(finite) == max(finite):
        return BLOCKS[0] * len(finite)
    low, span = min(finite), max(finite) - min(finite)
    return "".join(BLOCKS[int((value - low) / span * 7)] if value in finite else " " for value in shown)


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows of text, aligned: `right` names the columns that end, and do not begin, at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = set(right)
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if place in right else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number_list(numbers: Mapping[str, float]) -> str:
    """``accuracy 0.967, log_loss 0.0812``; what is not defined (NaN) is left out."""
    return ", ".join(f"{name} {four_digits(value)}" for name, value in numbers.items() if value == value)


def four_digits(value: float) -> str:
    """A number as people read it.

    Example:
        >>> four_digits(1.0), four_digits(0.006255), four_digits(31234.5)
        ('1.000', '0.006255', '31,234')
    """
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e15 else f"{value:#.4g}"


def next_text(run: Run, data: str, width: int = WIDTH) -> str:
    """Where the run is, and two commands to go on with."""
    if run.folder is None:
        return ""
    folder = shlex.quote(str(run.folder))
    other = str(run.metrics["seed"] + 1)
    again = shlex.join(["gradatim", "fit", data, "--target", run.reading.target, "--seed", other])
    return (
        wrapped(f"The run is in {folder}. Next: predict, or see whether the verdict holds on other rows.", width)
        + f"\n  gradatim predict {folder} {shlex.quote(data)} --out predictions.csv\n  {again}"
    )


class Lines(Watcher):
    """Progress as plain lines, for a log: a rung that takes long now and then, and each that ends.

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

    def begins(self, rung: Rung) -> None:
        """Start to wait."""
        self._last = monotonic()

    def epoch(self, rung: Rung, progress: Progress) -> None:
        """Say where a long training is."""
        if monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = monotonic()
            self._say(f"{rung.title}: epoch {progress.epoch} of {progress.max_epochs}, {newest(progress.row)}")

    def ends(self, tried: TriedRung) -> None:
        """Say how long it took."""
        self._say(f"{tried.rung.title}: trained in {tried.seconds:.1f} s")

    def _say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)


class Bar(Lines):
    """Progress as a bar that goes away when it is done, for a terminal."""

    def __init__(self, stream: TextIO, readings_to: TextIO) -> None:
        super().__init__(stream, readings_to)
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[news]}"),
            TimeElapsedColumn(),
            console=Console(file=stream),
            transient=True,
        )

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def begins(self, rung: Rung) -> None:
        """Show the bar of this rung."""
        for task in self._bars.task_ids:
            self._bars.remove_task(task)
        self._bars.add_task(rung.title, total=1, news="")
        self._bars.start()  # not before: the table is read and described first, and a bar would stand in between

    def epoch(self, rung: Rung, progress: Progress) -> None:
        """Move the bar."""
        task = self._bars.task_ids[-1]
        news = f"{progress.epoch:>4} of {progress.max_epochs} epochs  {newest(progress.row)}"
        self._bars.update(task, completed=progress.epoch, total=progress.max_epochs, news=news)

    def ends(self, tried: TriedRung) -> None:
        """Nothing: the next rung takes the line."""


def newest(row: Mapping[str, float]) -> str:
    """The last score of a history's row, in a few characters."""
    validated = [name for name in row if name.startswith("validation_")]
    name = validated[0] if validated else "training_loss"
    return f"{name.removeprefix('validation_')} {row[name]:.4g}"


def progress(stream: TextIO, *, quiet: bool, readings_to: TextIO) -> AbstractContextManager[Watcher]:
    """The progress that suits a stream: a bar on a terminal, lines elsewhere, nothing where quiet."""
    if quiet:
        return nullcontext(Watcher())
    return (Bar if stream.isatty() else Lines)(stream, readings_to)


def width_of(stream: TextIO) -> int:
    """Characters in a line: a terminal's own number, at most 100; 100 elsewhere."""
    return min(WIDTH, get_terminal_size().columns) if stream.isatty() else WIDTH
