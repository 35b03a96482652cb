"""``gradatim fit``: from a table to a verdict.

Conventions
-----------
* Rows without a target are dropped before anything is drawn. Test rows are then set aside, validation rows or folds
  drawn from the rest, and every rung sees the same ones. Test rows are touched once, by the rung that is kept.
* Nothing is written unless `out` says where, and then whole or not at all. Until then trainings are kept in
  ``out.partial``, so that a run that was killed can go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace as changed
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from platform import python_version
from time import perf_counter
from typing import Any, Literal
from warnings import warn

from gradatim import __version__
from gradatim.errors import InputError
from gradatim.exchange.json_form import to_json
from gradatim.ladder.climb import Climb
from gradatim.ladder.folds import require_folds
from gradatim.ladder.reading import Reading
from gradatim.ladder.rungs import UNASKED, climbed_with
from gradatim.ladder.scoring import report_metrics
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Verdict, require_choice
from gradatim.ladder.watcher import Watcher
from gradatim.ladder.yardstick import yardsticks_named
from gradatim.report.command import command_of
from gradatim.report.gathering import Evidence
from gradatim.run_folder import (
    CHECKPOINTS,
    default_folder,
    folder_named,
    partial_of,
    refuse_taken,
    whole_or_not_at_all,
    write_run,
)
from gradatim.runs.problem import Understood, understood
from gradatim.runs.run import Run
from gradatim.settings import Settings, seed_of
from gradatim.tables import Encoding
from gradatim.tables.examples import examples_of

Task = Literal["auto", "classification", "regression"]

ARGUMENTS = {"hidden_widths": "hidden", "max_epochs": "epochs", "max_steps": "steps", "random_state": "seed"}
"""The settings that `fit` has another name for."""

SETTINGS = ("hidden_widths", "activation", "learning_rate", "max_epochs", "max_steps", "metric", "record")
"""The settings that `fit` takes, but for preset and seed."""

NOT_OF_THE_RUN = (
    *("source", "target", "out", "replace", "resume", "report", "progress"),
    *("yardstick", "learning_curves"),
)
"""Arguments of `fit` that the command to repeat a run says otherwise, or not at all."""

Source = Any
"""A path, ``sample:NAME``, a Table, or any dataframe."""


def fit(
    source: Source,
    target: str | Sequence[str] | None = None,
    *,
    task: Task = "auto",
    positive: Any = None,
    rungs: str | Iterable[str] = UNASKED,
    choose: str = "simplest",
    folds: int | str | None = "auto",
    metric: Any = None,
    hidden: Sequence[int] | None = None,
    activation: str | None = None,
    learning_rate: float | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    budget: float | None = None,
    preset: str = "strong",
    kinds: Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    weight: str | None = None,
    group: str | None = None,
    order: str | None = None,
    query: str | None = None,
    test: float | str | PathLike[str] | None = None,
    record: str | None = None,
    yardstick: bool | str | Iterable[str] = False,
    learning_curves: bool = False,
    seed: int | None = 0,
    out: str | PathLike[str] | None = None,
    replace: bool = False,
    resume: bool = False,
    report: bool = True,
    progress: Watcher | None = None,
) -> Run:
    """Climb the ladder on a table and keep the simplest rung that does.

    Args:
        source: a path (CSV, Parquet, pictures …), ``sample:NAME``, a `Table`, or any dataframe.
        target: the column to predict, or several: numbers, or columns of two classes each. Sources that mark their own
            target need none.
        task: "classification", "regression", or "auto": texts, booleans and few whole numbers are classes.
        positive: the class that counts as 1 where there are two; the last in order without.
        rungs: some of constant, linear, shallow, deep and, if asked for, ensemble: five of the deep networks, which
            predict by their mean. It takes five times as long as the deep one, over all cores; with the five folds of a
            small table that is 30 trainings.
        choose: "simplest" (within one standard error of the best), "best", or a rung's name.
        folds: in how many parts of the rows that do not test rungs are compared, each scored by trainings on the
            others. 1 or None: on one holdout. "auto": 5 for fewer than 3,000 rows in no order, else one holdout. What
            is kept is then trained once more on all of them; after one holdout only if it is a network.
        metric: by which epochs and rungs are chosen; log_loss for classes, rmse for numbers without.
        hidden: units of each hidden layer of the deep network; the shallow one has the first of them.
        activation: of the hidden layers.
        learning_rate: of the networks.
        epochs: how often the networks see each training row, at most.
        steps: how many steps each network takes, at most, instead of epochs.
        budget: seconds for all trainings together. The number of steps that fits is measured, fixed before the first
            network begins, and stands in the metrics: ``steps=`` repeats it. Networks of an ensemble have as many each.
        preset: the networks' other settings: "strong" or "plain". "best" is "strong" with the rung ensemble above those
            that are named; `choose` decides as ever whether it is kept.
        kinds: of columns, where they are not what they seem: ``{"zip": "category", "px*": "pixel"}``.
        ignore: columns that are not to be predicted from.
        weight: column that says how much each row counts in training; it is not predicted from.
        group: column whose equal values mark rows that must not be parted, such as those of one patient; it is not
            predicted from.
        order: column that orders the rows, such as a date: the last test, those before them choose.
        query: what to ask of a database: SQL, or the name of a table.
        test: share of the rows to test on, or a file that holds the test rows. Without, the part that the source itself
            holds back, or 0.2.
        record: "epochs" or "steps" keeps the parameters after each, for `Run.at`.
        yardstick: True measures tree ensembles on the same rows: scikit-learn's histogram boosting, and LightGBM,
            XGBoost and CatBoost where they are installed; names, such as "histogram_boosting,lightgbm", measure these.
            The verdict tells how they did; they are never kept. Their time is not in the budget.
        learning_curves: also train each rung on a half, a quarter and an eighth of the rows, and say whether more rows
            would help; nor is this in the budget.
        seed: of the split and of every training; None draws one, and the metrics have it.
        out: folder to write to; "auto" is ``runs/<data>-<target>``, numbered if taken. None writes nothing.
        replace: whether a run in `out` may be replaced.
        resume: go on with the run that was killed or interrupted on its way to `out`; with the same arguments, it ends
            with the same bytes. Where there is none, begin.
        report: whether the folder gets ``report.html``, one page about the run, and ``report.json``, its facts.
        progress: is told how it goes.

    Returns:
        The run: its model, verdict, metrics and rungs.

    Raises:
        InputError: with what must be mended, before anything is written.
        DivergedError: if no rung, or not the one that is to be kept, has an epoch whose numbers are finite.

    Example:
        >>> run = fit("sample:iris", rungs="constant,linear")
        >>> run.verdict.chosen, run.metrics["rows"], run.metrics["folds"]
        ('linear', {'train': 120, 'validation': 0, 'test': 30}, 5)
        >>> fit("sample:iris", rungs="linear", folds=1).metrics["rows"]
        {'train': 96, 'validation': 24, 'test': 30}
    """
    arguments, started = dict(locals()), perf_counter()
    watcher = progress or Watcher()
    if out is not None and out != "auto":
        refuse_taken(folder_named(out), replace=replace, resume=resume)
    networks, wanted = climbed_with(preset, rungs)
    require_folds(folds)
    yardsticks = yardsticks_named(yardstick)
    require_one_length(budget, steps, epochs)
    with named_as_arguments():
        seed = seed_of(seed)
        settings = _settings(networks, seed, arguments)
        examples = examples_of(source, target, ignore, weight=weight, group=group, order=order, query=query)
        problem = understood(examples, settings, wanted, task=task, positive=positive, test=test, folds=folds)
    ladder = problem.ladder
    require_choice(choose, [rung.name for rung in ladder.rungs])
    folder, reading = _folder(out, resume, problem.reading)
    watcher.read(reading)
    with nullcontext() if folder is None else whole_or_not_at_all(folder, replace=replace, resume=resume) as partial:
        if partial is not None:
            ladder.checkpoints = partial / CHECKPOINTS
        climb = Climb.of(ladder, choose, yardsticks=yardsticks, curves=learning_curves, watcher=watcher, seconds=budget)
        tried, verdict, aside, model = climb.tried, climb.verdict, climb.aside, climb.kept.model
        tested = {} if problem.test is None else report_metrics(model, problem.test)
        spent = {"seconds": perf_counter() - started, "seed": seed, "steps": ladder.settings.max_steps}
        used = {"settings": to_json(model.settings_), "versions": versions()}
        metrics = {**_facts(problem, tried, verdict), **aside.facts, "test": tested, **spent, **used}
        again = {name: value for name, value in arguments.items() if name not in NOT_OF_THE_RUN}
        if spent["steps"] is not None:
            again |= {"steps": spent["steps"], "budget": None}
        command = command_of(source, reading.targets, {**again, "seed": seed})
        evidence = Evidence(ladder.examples, problem.test, ladder.metric, command, problem.split.development)
        run = Run(model, verdict, metrics, folder, tried, reading, evidence, aside.yardsticks, aside.curves)
        if partial is not None:
            write_run(partial, verdict.chosen, tried, metrics)
            if report:
                _keep_report(run, partial)
    return run


def _keep_report(run: Run, partial: Path) -> None:
    try:
        run.report().keep(partial)
    except Exception as fault:  # whatever it is, no fault of a chart may cost a training
        warn(f"The run is whole, but has no report. Got {type(fault).__name__}: {fault}", stacklevel=3)


def _settings(preset: str, seed: int, arguments: Mapping[str, Any]) -> Settings:
    """The settings of the networks: what was said of them, under their own names."""
    names = {name: ARGUMENTS.get(name, name) for name in SETTINGS}
    asked = {name: arguments[argument] for name, argument in names.items() if arguments[argument] is not None}
    if arguments["kinds"]:
        asked["encoding"] = Encoding(kinds=arguments["kinds"])
    return Settings(preset, random_state=seed, **asked)


def require_one_length(budget: Any, steps: int | None, epochs: int | None) -> None:
    """Refuse what contradicts itself. A budget may go with epochs: whichever is used up first ends a training."""
    if steps is not None and epochs is not None:
        raise InputError(f"steps must be left out where epochs are given. Got {steps!r} and {epochs!r}.")
    if budget is None:
        return
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 < budget < float("inf"):
        raise InputError(f"budget must be a number of seconds above 0, or None. Got {budget!r}.")
    if steps is not None:
        raise InputError(f"budget must be left out where steps are given, which it would choose. Got {budget!r}.")


@contextmanager
def named_as_arguments() -> Iterator[None]:
    """Messages about settings, in the words of `fit`. Each begins with its subject: who must be what."""
    try:
        yield
    except InputError as error:
        who, _, rest = str(error).partition(" ")
        if who not in ARGUMENTS:
            raise
        raise InputError(f"{ARGUMENTS[who]} {rest}") from error


def _folder(out: str | PathLike[str] | None, resume: bool, reading: Reading) -> tuple[Path | None, Reading]:
    """Where the run goes, and the reading with a note where there is nothing to go on with."""
    if out is None:
        folder = None
    else:
        folder = default_folder(reading.source, reading.target, resume=resume) if out == "auto" else folder_named(out)
    if resume and (folder is None or not partial_of(folder).is_dir()):
        reading = changed(reading, notes=(*reading.notes, "There was nothing to resume: this run begins anew."))
    return folder, reading


def _facts(problem: Understood, tried: Sequence[TriedRung], verdict: Verdict) -> dict[str, Any]:
    """The part of ``metrics.json`` that is known before the test rows are touched."""
    return {
        "task": problem.reading.task,
        "target": problem.reading.target if len(problem.reading.targets) == 1 else list(problem.reading.targets),
        "metric": problem.ladder.metric.name,
        "rows": dict(problem.reading.rows),
        "folds": problem.reading.folds,
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
        "verdict": str(verdict),
        "diverged": dict(problem.ladder.diverged),
    }


def versions() -> dict[str, str]:
    """What a run depends on: Python, gradatim, and the libraries whose version can move a number."""
    libraries = ("numpy", "polars", "scikit-learn", "scipy")
    return {"python": python_version(), "gradatim": __version__, **{name: version(name) for name in libraries}}
