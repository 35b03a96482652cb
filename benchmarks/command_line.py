"""``gradatim fit``, ``predict`` and ``evaluate`` on one source, with their promises checked.

What is checked: every exit status is 0; every row is predicted, in its order, by a number that is finite or by a class
and probabilities; the evaluation is what the predictions come to; the test score is what those of the test rows come
to.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.processes import Ran, ran
from benchmarks.sources import Source, score, split_of

HERE = Path(__file__).parents[1]
"""Where `benchmarks` is found, from whatever folder it is run."""

SCORED = {"classification": "accuracy", "regression": "rmse"}


class NotAsPromised(Exception):
    """A command that failed, or an answer that is wrong."""


def succeeded(command: Sequence[str | Path]) -> Ran:
    """Run ``python -m COMMAND``.

    Raises:
        NotAsPromised: with what it said, if its exit status is not 0.
    """
    found_in = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    done = ran([sys.executable, "-m", *command], {"PYTHONPATH": found_in})
    if done.status:
        said = " ".join(done.errors.split())[-600:]
        raise NotAsPromised(f"{' '.join(map(str, command[:2]))} ended with {done.status}: {said}")
    return done


def fitted_predicted_evaluated(source: Source, folder: Path, seed: int) -> tuple[dict[str, Any], dict[str, Ran]]:
    """All three commands on one source.

    Args:
        source: which.
        folder: to write the run and the predictions to.
        seed: of the fit.

    Returns:
        The metrics of the run, and what each command took.

    Raises:
        NotAsPromised: for the first thing that is wrong.
    """
    run, predictions = folder / "run", folder / "predictions.parquet"
    named = () if source.pictures else ("--target", source.target, "--task", source.task)
    fit = ("gradatim", "fit", source.path, *named, "--seed", str(seed), "--out", run, "--quiet", *source.options)
    commands = {
        "fit": succeeded(fit),
        "predict": succeeded(("gradatim", "predict", run, source.path, "--out", predictions)),
        "evaluate": succeeded(("gradatim", "evaluate", run, source.path, "--json")),
    }
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    check(source, metrics, json.loads(commands["evaluate"].output), pl.read_parquet(predictions), seed)
    return metrics, commands


def check(
    source: Source, metrics: dict[str, Any], evaluation: dict[str, Any], predictions: pl.DataFrame, seed: int
) -> None:
    """Hold the three answers against the source, and against each other.

    Raises:
        NotAsPromised: for the first that is wrong.
    """
    given = predictions.select(source.target) if source.pictures else pl.read_parquet(source.path)
    require(predictions.columns[: given.width] == given.columns, "the columns of the source come first", predictions)
    require(predictions.select(given.columns).equals(given), "rows and their order are those of the source", None)
    predicted = predictions[:, given.width]
    require(predicted.null_count() == 0, "every row is predicted", predicted.null_count())
    require_finite(predictions[:, given.width + int(source.task == "classification") :], source.task)
    there = given[source.target].is_not_null()
    truth, predicted = given[source.target].filter(there), predicted.filter(there)
    require(evaluation["rows"] == len(truth), "all rows with a target are evaluated", evaluation["rows"])
    require_equal(score(truth, predicted, source.task), evaluation["test"], source.task, "evaluate")
    if not source.pictures:
        test = split_of(truth, source.task, seed).test
        require(metrics["rows"]["test"] == len(test), "fit tests on the rows of the split", metrics["rows"])
        require_equal(score(truth[test], predicted[test], source.task), metrics["test"], source.task, "fit")


def require(holds: bool, promise: str, got: Any) -> None:
    """Refuse a promise that is not kept."""
    if not holds:
        raise NotAsPromised(f"It must be so that {promise}. Got {got}.")


def require_finite(numbers: pl.DataFrame, task: str) -> None:
    """Predicted amounts must be finite; probabilities must be at least 0 and come to 1."""
    values = numbers.to_numpy()
    require(bool(np.isfinite(values).all()), "every number is finite", np.count_nonzero(~np.isfinite(values)))
    if task == "classification":
        sums = values.sum(axis=1)
        require(bool((values >= 0).all() and np.allclose(sums, 1, atol=1e-5)), "probabilities come to 1", sums)


def require_equal(by_hand: float, said: dict[str, float], task: str, command: str) -> None:
    """A score must be what its predictions come to."""
    got = said[SCORED[task]]
    require(isclose(got, by_hand, rel_tol=1e-6), f"{SCORED[task]} of {command} is {by_hand}", got)
