"""The commands that train."""

from __future__ import annotations

import sys
from typing import Any, Literal

from gradatim.cli.app import Data, Flag, Names, Whole, app, write
from gradatim.cli.values import folds_of, kinds_of, several, share_or_file, widths_of


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
        write(json_text(run.metrics))
    else:
        write(run_text(run, data, arguments, layout.width_of(sys.stdout)) + "\n")


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
        write(json_text({**trials.facts, "command": command}))
    else:
        write(trials_text(trials, command, width_of(sys.stdout)) + "\n")
    if trials.interrupted:
        raise KeyboardInterrupt("Interrupted. Shown is what was done until then.")
