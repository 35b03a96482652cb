"""One call from a table to a verdict, and one from a model to its score: what ``gradatim fit`` and ``evaluate`` do.

Conventions
-----------
* Rows without a target are dropped before anything is drawn. Test rows are then set aside, validation rows drawn from
  the rest, and every rung sees the same ones. Test rows are touched once, by the rung that is kept.
* Nothing is written unless `out` says where, and then whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from platform import python_version
from time import perf_counter
from typing import Any, Literal

from gradatim import __version__
from gradatim.errors import InputError
from gradatim.exchange.json_form import to_json
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.examples import Examples, examples_of
from gradatim.ladder.reading import Reading, reading_of
from gradatim.ladder.rungs import RUNGS, Ladder, Rung, TriedRung, rungs_for, rungs_named
from gradatim.ladder.scoring import report_metrics, require_score
from gradatim.ladder.splits import Split, split_rows
from gradatim.ladder.verdict import Verdict, decide, require_choice
from gradatim.ladder.watcher import Watcher
from gradatim.model import Model
from gradatim.run_folder import default_folder, refuse_taken, whole_or_not_at_all, write_run
from gradatim.settings import Settings, seed_of
from gradatim.tables import ClassTarget, Encoding, NumberTarget, Table, TableEncoder, task_of
from gradatim.tables.tasks import refuse_classes_of_one_row

Task = Literal["auto", "classification", "regression"]
TEST_SHARE = 0.2

ARGUMENTS = {"hidden_widths": "hidden", "max_epochs": "epochs", "random_state": "seed"}
"""The settings that `fit` has another name for."""

Source = Any
"""A path, ``sample:NAME``, a Table, or any dataframe."""


@dataclass(frozen=True)
class Run:
    """What came out.

    Attributes:
        model: of the rung that is kept.
        verdict: which rung that is, and why; ``str(run.verdict)`` is the sentence.
        metrics: the content of ``metrics.json``.
        folder: where the files are, or None if nothing was written.
        rungs: every rung that was tried, the simplest first.
        reading: how the table was understood.
    """

    model: Model
    verdict: Verdict
    metrics: Mapping[str, Any]
    folder: Path | None
    rungs: tuple[TriedRung, ...]
    reading: Reading

    def __str__(self) -> str:
        return f"{self.verdict}\n{rows_sentence(self.reading.rows)}"


def rows_sentence(rows: Mapping[str, int]) -> str:
    """How many rows did what."""
    return (
        f"Trained on {rows['train']:,}, validated on {rows['validation']:,}, tested on {rows['test']:,} "
        f"{'row' if rows['test'] == 1 else 'rows'}."
    )


def fit(
    source: Source,
    target: str | None = None,
    *,
    task: Task = "auto",
    positive: Any = None,
    rungs: str | Iterable[str] = tuple(RUNGS),
    choose: str = "simplest",
    metric: str | None = None,
    hidden: Sequence[int] | None = None,
    activation: str | None = None,
    learning_rate: float | None = None,
    epochs: int | None = None,
    preset: str = "strong",
    ignore: str | Sequence[str] = (),
    test: float | str | PathLike[str] | None = None,
    seed: int | None = 0,
    out: str | PathLike[str] | None = None,
    replace: bool = False,
    progress: Watcher | None = None,
) -> Run:
    """Climb the ladder on a table and keep the simplest rung that does.

    Args:
        source: a path (CSV, Parquet, pictures …), ``sample:NAME``, a `Table`, or any dataframe.
        target: the column to predict. Sources that mark their own target need none.
        task: "classification", "regression", or "auto": texts, booleans and few whole numbers are classes.
        positive: the class that counts as 1 where there are two; the last in order without.
        rungs: some of constant, linear, shallow, deep.
        choose: "simplest" (within one standard error of the best), "best", or a rung's name.
        metric: by which epochs and rungs are chosen; log_loss for classes, rmse for numbers without.
        hidden: units of each hidden layer of the deep network; the shallow one has the first of them.
        activation: of the hidden layers.
        learning_rate: of the networks.
        epochs: how often the networks see each training row, at most.
        preset: the networks' other settings.
        ignore: columns that are not to be predicted from.
        test: share of the rows to test on, or a file that holds the test rows. Without, the part that the source itself
            holds back, or 0.2.
        seed: of the split and of every training; None draws one, and the metrics have it.
        out: folder to write to; "auto" is ``runs/<data>-<target>``, numbered if taken. None writes nothing.
        replace: whether a run in `out` may be replaced.
        progress: is told how it goes.

    Returns:
        The run: its model, verdict, metrics and rungs.

    Raises:
        InputError: with what must be mended, before anything is written.

    Example:
        >>> run = fit("sample:iris", rungs="constant,linear")
        >>> run.verdict.chosen, run.metrics["rows"]
        ('linear', {'train': 96, 'validation': 24, 'test': 30})
    """
    started = perf_counter()
    watcher = progress or Watcher()
    if out is not None and out != "auto":
        refuse_taken(Path(out), replace=replace)
    wanted = rungs_named(rungs)
    asked: dict[str, Any] = {
        "hidden_widths": hidden,
        "activation": activation,
        "learning_rate": learning_rate,
        "max_epochs": epochs,
        "metric": metric,
    }
    with _named_as_arguments():
        seed = seed_of(seed)
        settings = Settings(preset, random_state=seed, **{k: value for k, value in asked.items() if value is not None})
        problem = _understood(examples_of(source, target, ignore), task, positive, wanted, settings, test)
    require_choice(choose, [rung.name for rung in problem.rungs])
    watcher.read(problem.reading)
    with _folder(out, replace, problem.reading) as partial:
        tried = problem.ladder.climb(problem.rungs, watcher)
        verdict = decide([t.standing for t in tried], problem.ladder.metric, choose)
        model = next(t.model for t in tried if t.rung.name == verdict.chosen)
        metrics = {
            **_facts(problem, tried, verdict),
            "test": {} if problem.test is None else report_metrics(model, problem.test),
            "seconds": perf_counter() - started,
            "seed": seed,
            "settings": to_json(model.settings_),
            "versions": versions(),
        }
        if partial is not None:
            write_run(partial, verdict.chosen, {t.rung.name: t.model for t in tried}, metrics)
    folder = None if partial is None else partial.with_name(partial.name.removesuffix(".partial"))
    return Run(model, verdict, metrics, folder, tried, problem.reading)


def evaluate(model: Model, source: Source) -> dict[str, Any]:
    """Measure how well a model predicts rows whose target is known.

    Args:
        model: any, of classes or of one or several numbers.
        source: as for `fit`, with the columns that the model reads and those of its target.

    Returns:
        ``task``; ``target``, several with commas between; ``positive``, the class that counts as 1, or None; ``rows``,
        how many were measured; ``test``, the metrics by name, as in ``metrics.json``; ``notes``, what was decided on
        the way, a sentence each.

    Raises:
        InputError: for a column that is not there, or a class that the model has never seen.

    Example:
        >>> run = fit("sample:iris", rungs="constant")
        >>> found = evaluate(run.model, "sample:iris")
        >>> found["rows"], round(found["test"]["accuracy"], 3)
        (150, 0.333)
    """
    examples = examples_of(model.table_of(source), model.target.names)
    return {
        "task": model.task,
        "target": examples.target,
        "positive": model.target.positive if isinstance(model.target, ClassTarget) else None,
        "rows": examples.n_rows,
        "test": report_metrics(model, examples),
        "notes": list(examples.notes),
    }


@contextmanager
def _named_as_arguments() -> Iterator[None]:
    """Messages about settings, in the words of `fit`. Each begins with its subject: who must be what."""
    try:
        yield
    except InputError as error:
        who, _, rest = str(error).partition(" ")
        if who not in ARGUMENTS:
            raise
        raise InputError(f"{ARGUMENTS[who]} {rest}") from error


@dataclass(frozen=True)
class _Problem:
    """Everything that is decided before the first rung is trained."""

    ladder: Ladder
    rungs: tuple[Rung, ...]
    test: Examples | None
    reading: Reading


def _understood(
    examples: Examples,
    task: Task,
    positive: Any,
    rungs: Sequence[Rung],
    settings: Settings,
    test: float | str | PathLike[str] | None,
) -> _Problem:
    """Decide task, split, metric and rungs, and refuse now whatever would fail after minutes of training."""
    found, why = task_of(examples.y, task)
    classes = found == "classification"
    if classes:
        refuse_classes_of_one_row(examples.y, examples.target)
    output = "identity" if not classes else "sigmoid" if examples.y.n_unique() == 2 else "softmax"
    resolved = settings.resolved(found, output=output, rows=examples.n_rows)
    metric = METRICS[resolved.metric or ("log_loss" if classes else "rmse")]
    rungs, notes = rungs_for(resolved.hidden_widths, rungs)
    own_test, share = _own_test(examples, test)
    labels = examples.y.to_numpy() if classes else None
    split = split_rows(examples.n_rows, labels, test=share, seed=settings.random_state or 0)
    target = _target(examples.take(split.train), positive, classes=classes)
    require_score(metric, target, examples.take(split.validation))
    encoder = _encoder(examples.table, split, settings, rungs)
    if own_test is not None:  # refuses missing columns, texts where numbers were, classes that no training row has
        encoder.encode(own_test.table)
        target.encode(own_test.y)
    held = own_test if own_test is not None else (examples.take(split.test) if len(split.test) else None)
    rows = {"train": len(split.train), "validation": len(split.validation), "test": 0 if held is None else held.n_rows}
    reading = reading_of(examples, encoder, target, why, rows, notes)
    ladder = Ladder(examples, split, settings, resolved.hidden_widths, metric, found, positive)
    return _Problem(ladder, rungs, held, reading)


def _target(examples: Examples, positive: Any, *, classes: bool) -> ClassTarget | NumberTarget:
    if classes:
        return ClassTarget.fit(examples.y, name=examples.target, positive=positive)
    if positive is not None:
        raise InputError(f"positive must be left out where the target is a number. Got {positive!r}.")
    return NumberTarget.fit(examples.y, names=(examples.target,))


def _encoder(table: Table, split: Split, settings: Settings, rungs: Sequence[Rung]) -> TableEncoder:
    encoder = TableEncoder.fit(table, split.train, Encoding.of(settings.encoding))
    if not encoder.reads_columns and any(rung.reads_columns for rung in rungs):
        raise InputError(f"The table must hold a column to predict from. Got none. {' '.join(encoder.notes)}".rstrip())
    return encoder


def _own_test(examples: Examples, test: float | str | PathLike[str] | None) -> tuple[Examples | None, float]:
    """Test rows that are a table of their own, or else the share of rows to draw."""
    if test is None:
        return (None, TEST_SHARE) if examples.held_out is None else (examples.held_out, 0.0)
    if isinstance(test, int | float):
        return None, float(test)
    return examples_of(str(test), examples.target), 0.0


def _folder(out: str | PathLike[str] | None, replace: bool, reading: Reading) -> AbstractContextManager[Path | None]:
    if out is None:
        return nullcontext()
    folder = default_folder(reading.source, reading.target) if out == "auto" else Path(out)
    return whole_or_not_at_all(folder, replace=replace)


def _facts(problem: _Problem, tried: Sequence[TriedRung], verdict: Verdict) -> dict[str, Any]:
    """The part of ``metrics.json`` that is known before the test rows are touched."""
    return {
        "task": problem.reading.task,
        "target": problem.reading.target,
        "metric": problem.ladder.metric.name,
        "rows": dict(problem.reading.rows),
        "rungs": [
            {
                "name": t.rung.name,
                "score": t.score.value,
                "standard_error": t.score.standard_error,
                "seconds": t.seconds,
                "parameters": t.model.parameter_count,
            }
            for t in tried
        ],
        "chosen": verdict.chosen,
        "verdict": verdict.sentence,
    }


def versions() -> dict[str, str]:
    """What a run depends on: Python, gradatim, and the libraries whose version can move a number."""
    libraries = ("numpy", "polars", "scikit-learn", "scipy")
    return {"python": python_version(), "gradatim": __version__, **{name: version(name) for name in libraries}}
