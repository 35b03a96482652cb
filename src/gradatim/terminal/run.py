"""What came out of a run, in words: the rungs, the verdict, the score on the test rows, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradatim.tables.reading.databases import without_password
from gradatim.terminal.commands import ABOUT_TABLES, fit_words, in_options
from gradatim.terminal.layout import WIDTH, blocks, columns, four_digits, number_list, wrapped

if TYPE_CHECKING:
    from gradatim.ladder.tried import TriedRung
    from gradatim.runs.run import Run
    from gradatim.training import TrainingResult


def run_text(run: Run, data: str, arguments: Mapping[str, Any], width: int = WIDTH) -> str:
    """The table of rungs, the verdict, the score on the test rows, and what to do next.

    Args:
        run: that is done.
        data: as on the command line.
        arguments: of `gradatim.fit`, as they were given.
        width: of the terminal.
    """
    from gradatim.ladder.reading import rows_sentence

    test = number_list(run.metrics["test"])
    tested = f"On the test rows the {title_of(run)} has {test}." if test else "No row was kept to test on."
    ends = [wrapped(tested, width), rows_sentence(run.reading.rows, run.reading.folds)]
    parts = [
        rungs_text(run),
        *steps_text(run, width),
        *mishaps(run, width),
        wrapped(str(run.verdict), width),
        "\n".join(ends),
    ]
    return "\n\n".join([*parts, next_text(run, data, arguments, width)])


def evaluation_text(found: Mapping[str, Any]) -> str:
    """What `gradatim.runs.evaluate` found: the target, the rows, and a line for each metric."""
    positive = "" if found["positive"] is None else f", {found['positive']!r} counts as positive"
    lines = columns([(metric, four_digits(value)) for metric, value in found["test"].items()])
    return f"{found['target']}: {found['rows']:,} {'row' if found['rows'] == 1 else 'rows'}{positive}\n{lines}"


def steps_text(run: Run, width: int = WIDTH) -> list[str]:
    """How many steps the networks had, where that was given or followed from a budget."""
    steps = run.metrics["steps"]
    if steps is None or not any(tried.rung.is_network for tried in run.rungs):
        return []
    if steps == 1:
        return [
            wrapped("Each network had 1 step, which tells nothing: give a larger --budget, or more --steps.", width)
        ]
    trainings = [training for _, training in _trainings(run) if training is not None]
    early, late = (sum(training.stopped_because == why for training in trainings) for why in ("patience", "budget"))
    repeats = f"--steps {steps} repeats this run."
    if late:
        repeats = (
            f"{late} of {len(trainings)} trainings took longer than was measured, and the clock ended them: --steps "
            f"{steps} would give those all their steps."
        )
    said = f"Each network had {steps:,} steps at most: {repeats}"
    if early:
        said += f" {early} of {len(trainings)} trainings ended before that, for want of a better score."
    return [wrapped(said, width)]


def _trainings(run: Run) -> list[tuple[str, TrainingResult | None]]:
    """Every training of every rung, and the rung's title."""
    from gradatim.model.ensemble import networks_of

    models = [(tried.rung.title, model) for tried in run.rungs for model in (*tried.folds, tried.model)]
    return [(title, one.training) for title, model in models for one in networks_of(model)]


def mishaps(run: Run, width: int = WIDTH) -> list[str]:
    """A sentence for each rung whose training broke off, with the likely cause."""
    from gradatim.ladder.rungs import RUNGS

    told = {f"{RUNGS[name].title}, left out": message for name, message in run.metrics["diverged"].items()}
    told |= {
        title: training.message
        for title, training in _trainings(run)
        if training is not None and training.stopped_because == "diverged"
    }
    options = (*ABOUT_TABLES, "learning_rate")
    return [wrapped(in_options(f"{title}: {message}", options), width) for title, message in told.items()]


def title_of(run: Run) -> str:
    """The title of the rung that was kept."""
    return next(tried.rung.title for tried in run.rungs if tried.rung.name == run.verdict.chosen)


def rungs_text(run: Run) -> str:
    """The rungs as a table, the kept one marked, each with its course of training as a line of blocks."""
    from gradatim.ladder.verdict import plus_minus

    curves = [blocks(course_of(tried)) for tried in run.rungs]
    header = ("", "rung", f"{run.metrics['metric']} ± s.e.", "parameters", "seconds", "by epoch" if any(curves) else "")
    rows = [
        (
            "→" if tried.rung.name == run.verdict.chosen else "",
            tried.rung.name,
            plus_minus(tried.score.value, tried.score.standard_error),
            f"{tried.model.parameter_count:,}",
            f"{tried.seconds:.1f}",
            curve,
        )
        for tried, curve in zip(run.rungs, curves, strict=True)
    ]
    return columns([header, *rows], right={3, 4})


def course_of(tried: TriedRung) -> Sequence[float]:
    """A network's validation metric by epoch; nothing of a model that is solved: its iterations are no epochs.

    It is that of the first fold, or of the one holdout: a model that is trained once more has no validation. Of an
    ensemble it is that of the first network.
    """
    from gradatim.model.ensemble import networks_of

    history = networks_of(tried.scored[0])[0].history_
    return list(history[history.judged_by or "training_loss"]) if tried.rung.is_network and len(history) > 1 else []


NOT_AGAIN = ("seed", "budget", "steps")
"""Arguments that the same command on other rows leaves out."""


def next_text(run: Run, data: str, arguments: Mapping[str, Any], width: int = WIDTH) -> str:
    """Where the run is, and two commands to go on with; one where rows have an order: no seed changes their split."""
    if run.folder is None:
        return ""
    folder = str(run.folder)
    query = [] if arguments.get("query") is None else ["--query", arguments["query"]]
    predict = shlex.join(["gradatim", "predict", folder, without_password(data), *query, "--out", "predictions.csv"])
    if arguments.get("order") is not None:
        return f"The run is in {shlex.quote(folder)}. Next: predict.\n  {predict}"
    same = {name: value for name, value in arguments.items() if name not in NOT_AGAIN}
    again = shlex.join(fit_words(data, run.reading.targets, {**same, "seed": run.metrics["seed"] + 1}))
    next_ones = f"The run is in {shlex.quote(folder)}. Next: predict, or see whether the verdict holds on other rows."
    return wrapped(next_ones, width) + f"\n  {predict}\n  {again}"
