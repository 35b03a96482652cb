"""The commands. Heavy modules are imported inside them, so that ``gradatim --help`` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from gradatim import __version__
from gradatim.cli.values import folds_of, kinds_of, several, share_or_file, whole, widths_of
from gradatim.errors import InputError

app = App(
    name="gradatim",
    help="The simplest neural network that your table needs, and a sentence on whether it was worth it.",
    version=__version__,
    help_format="plaintext",
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)

Data = Annotated[str, Parameter(allow_leading_hyphen=True)]  # - is standard input
Flag = Annotated[bool, Parameter(negative=())]
Whole = Annotated[int, Parameter(converter=whole)]
Names = Annotated[list[str] | None, Parameter(negative=())]


@app.command
def fit(
    data: Data,
    /,
    *,
    target: Names = None,
    out: str | None = None,
    replace: Flag = False,
    resume: Flag = False,
    task: Literal["auto", "classification", "regression"] = "auto",
    positive: str | None = None,
    rungs: str = "constant,linear,shallow,deep",
    choose: str = "simplest",
    folds: str = "auto",
    metric: str | None = None,
    hidden: str | None = None,
    activation: str | None = None,
    learning_rate: float | None = None,
    epochs: Whole | None = None,
    steps: Whole | None = None,
    budget: float | None = None,
    preset: str = "strong",
    kind: Names = None,
    ignore: Names = None,
    weight: str | None = None,
    group: str | None = None,
    order: str | None = None,
    query: str | None = None,
    test: str | None = None,
    yardstick: Flag = False,
    learning_curves: Flag = False,
    seed: Whole = 0,
    no_report: Flag = False,
    json: Flag = False,
    quiet: Flag = False,
) -> None:
    """Train the ladder of models on a table, and keep the simplest that does.

    Args:
        data: A file (.csv .tsv .json .jsonl .parquet .arrow .xlsx .npz .npy .h5, also .gz or .zst), a database with
            --query, a folder of pictures with one folder a class, - for standard input, or sample:NAME.
        target: The column to predict; may be given several times.
        out: The folder to write to [default: runs/<data>-<target>].
        replace: Replace the run in that folder.
        resume: Go on with the run that was killed or interrupted there.
        task: What to predict: a class or a number.
        positive: The class that counts as 1, where there are two.
        rungs: Which models to try, with commas. An ensemble, of five networks, is tried if it is named here.
        choose: The model to keep: simplest (within one standard error of the best), best, or a rung's name.
        folds: In how many parts of the rows models are compared, each scored by trainings on the others: auto (5 for
            fewer than 3,000 rows in no order, else 1), or a number; 1 is one holdout.
        metric: What models are chosen by [default: log_loss for classes, rmse for numbers].
        hidden: Units of each hidden layer of the deep network, with commas: 20,7,5. The shallow one has the first.
        activation: Of the hidden layers: relu, tanh, sigmoid …
        learning_rate: Of the networks.
        epochs: How often a network sees each training row, at most.
        steps: How many steps a network takes, at most; instead of --epochs.
        budget: Seconds for all trainings together; fixes --steps.
        preset: The other settings of the networks: strong or plain; best is strong, and tries an ensemble as well.
        kind: NAME=KIND, where a column is not what it seems: number, category, boolean, date, pixel, identifier …;
            may be given several times. A name may be a pattern: 'px*=pixel'.
        ignore: A column to leave out; may be given several times.
        weight: The column that says how much each row counts in training.
        group: The column whose equal values mark rows that belong together: they are split as one.
        order: The column that orders the rows, such as a date: the last rows test.
        query: What to ask of a database: SQL, or the name of a table.
        test: The share of rows to test on, or a file with test rows [default: 0.2].
        yardstick: Also measure tree ensembles on the same rows: scikit-learn's histogram boosting, and LightGBM,
            XGBoost and CatBoost where they are installed. They are never kept.
        learning_curves: Also train on fewer rows, and say whether more would help.
        seed: Of the split and of every training.
        no_report: Write no report.html.
        json: Print metrics.json, and nothing else, on standard output.
        quiet: Show no progress, and not how the table was understood.
    """
    from gradatim.terminal import layout
    from gradatim.terminal.progress import run_progress

    arguments: dict[str, Any] = {
        "task": task,
        "positive": positive,
        "rungs": rungs,
        "choose": choose,
        "folds": folds_of(folds),
        "metric": metric,
        "hidden": widths_of(hidden),
        "activation": activation,
        "learning_rate": learning_rate,
        "epochs": epochs,
        "steps": steps,
        "budget": budget,
        "preset": preset,
        "kinds": kinds_of(kind),
        "ignore": ignore or (),
        "weight": weight,
        "group": group,
        "order": order,
        "query": query,
        "test": share_or_file(test),
        "seed": seed,
    }
    with run_progress(sys.stderr, quiet=quiet, readings_to=sys.stderr if json else sys.stdout) as progress:
        from gradatim.run_folder import json_text
        from gradatim.runs import fit as fit_run
        from gradatim.terminal.run import run_text

        where: dict[str, Any] = {"out": out or "auto", "replace": replace, "resume": resume, "report": not no_report}
        aside: dict[str, Any] = {"yardstick": yardstick, "learning_curves": learning_curves}
        run = fit_run(data, target, **arguments, **where, **aside, progress=progress)
    if json:
        _write(json_text(run.metrics))
    else:
        _write(run_text(run, data, arguments, layout.width_of(sys.stdout)) + "\n")


@app.command(name="try")
def try_(
    data: Data,
    /,
    *,
    target: Names = None,
    learning_rate: str | None = None,
    hidden: str | None = None,
    activation: str | None = None,
    epochs: str | None = None,
    preset: str = "strong",
    folds: Whole = 3,
    metric: str | None = None,
    task: Literal["auto", "classification", "regression"] = "auto",
    positive: str | None = None,
    kind: Names = None,
    ignore: Names = None,
    weight: str | None = None,
    group: str | None = None,
    order: str | None = None,
    query: str | None = None,
    test: str | None = None,
    seed: Whole = 0,
    budget: float | None = None,
    jobs: Whole | None = None,
    json: Flag = False,
    quiet: Flag = False,
) -> None:
    """Try values: score every combination on the same rows, and print the best command. Test rows stay untouched.

    Args:
        data: As for fit.
        target: As for fit.
        learning_rate: Learning rates, with commas: 0.1,0.01,0.001 [default where no values are named at all:
            0.03,0.01,0.003,0.001].
        hidden: Units of each hidden layer, with semicolons between candidates: "20;20,7,5;". An empty one is the linear
            model.
        activation: Activations of the hidden layers, with commas: relu,tanh.
        epochs: How often a network sees each training row, at most, with commas: 50,200.
        preset: As for fit.
        folds: Parts that the rows are cut into; each is scored by trainings on the others.
        metric: What epochs are chosen and candidates are compared by [default: log_loss for classes, rmse for numbers].
        task: As for fit.
        positive: As for fit.
        kind: As for fit.
        ignore: As for fit.
        weight: As for fit.
        group: As for fit.
        order: The column that orders the rows: each fold scores rows that are later than all it trains on.
        query: As for fit.
        test: As for fit: these rows are set aside, and not touched.
        seed: Of the split, the folds and every training.
        budget: Seconds for all trainings together: when they are used up, no further one begins.
        jobs: How many trainings at a time [default: one for each core].
        json: Print JSON, and nothing else, on standard output.
        quiet: Show no progress, and not how the table was understood.
    """
    from gradatim.terminal.layout import width_of
    from gradatim.terminal.progress import trial_progress

    about: dict[str, Any] = {
        "task": task,
        "positive": positive,
        "metric": metric,
        "preset": preset,
        "kinds": kinds_of(kind),
        "ignore": ignore or (),
        "weight": weight,
        "group": group,
        "order": order,
        "query": query,
        "test": share_or_file(test),
        "seed": seed,
    }
    values: dict[str, Any] = {
        "learning_rate": several("--learning-rate", learning_rate, float, "numbers with commas, such as 0.1,0.01"),
        "hidden": None if hidden is None else [widths_of(widths) for widths in hidden.split(";")],
        "activation": several("--activation", activation, str.strip, "names with commas, such as relu,tanh"),
        "epochs": several("--epochs", epochs, int, "whole numbers with commas, such as 50,200"),
    }
    readings_to = sys.stderr if json else sys.stdout
    with trial_progress(sys.stderr, quiet=quiet, readings_to=readings_to) as progress:
        from gradatim.run_folder import json_text
        from gradatim.terminal.trials import fit_command, trials_text
        from gradatim.trials.trying import try_values

        trials = try_values(data, target, **values, **about, folds=folds, budget=budget, jobs=jobs, progress=progress)
    command = fit_command(data, trials, about)
    if json:
        _write(json_text({**trials.facts, "command": command}))
    else:
        _write(trials_text(trials, command, width_of(sys.stdout)) + "\n")
    if trials.interrupted:
        raise KeyboardInterrupt("Interrupted. Shown is what was done until then.")


@app.command
def predict(model: str, data: Data, /, *, out: str | None = None, query: str | None = None) -> None:
    """Predict every row of a table, or one picture.

    Writes all input columns, <target>_predicted and, for classes, p_<class>. Where an input column has that name, the
    new one ends in _2.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit; or one picture.
        out: A file to write, .csv or .parquet [default: CSV on standard output].
        query: As for fit.
    """
    from gradatim.model import load
    from gradatim.predictions import for_csv, predicted, write_table

    if out is not None and Path(out).suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"--out must end in .csv or .parquet. Got {out!r}.")
    if out is not None and Path(out).resolve() == Path(data).resolve():
        raise InputError(f"--out must be another file than DATA, which it would replace. Got {out!r} for both.")
    frame, notes = predicted(load(model), data, query=query)
    if out is not None:
        write_table(frame, Path(out))
    for note in notes:
        print(note, file=sys.stderr)
    if out is None:
        _write(for_csv(frame).write_csv())


@app.command
def evaluate(model: str, data: Data, /, *, query: str | None = None, json: Flag = False) -> None:
    """Measure how well a model predicts rows whose target is known.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit, with the column of the target.
        query: As for fit.
        json: Print JSON on standard output.
    """
    from gradatim.model import load
    from gradatim.run_folder import json_text
    from gradatim.runs import evaluate as evaluate_model
    from gradatim.terminal.run import evaluation_text

    found = evaluate_model(load(model), data, query=query)
    if json:
        _write(json_text(found))
    else:
        for note in found["notes"]:
            print(note, file=sys.stderr)
        _write(evaluation_text(found) + "\n")


@app.command
def report(run: str, /, *, out: str | None = None) -> None:
    """Write the report of a run once more: one page of HTML, from what its folder holds. The data are not needed.

    Args:
        run: The folder of a run.
        out: A file to write [default: report.html in that folder].
    """
    from gradatim.report.report import PAGE, Report

    written = Path(run) / PAGE if out is None else Path(out)
    Report.of(run).save(written)
    _write(f"{written}\n")


@app.command
def cite(model: str, /) -> None:
    """Print the papers behind the methods that were used.

    Args:
        model: The folder of a run, or a .safetensors file.
    """
    from gradatim.report.papers import papers_behind
    from gradatim.terminal.layout import columns

    _write(columns([(paper.role, paper.method, paper.source) for paper in papers_behind(model)]) + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()  # a pipe that was closed says so here, and not when Python ends
