"""Fits one after another in a process of their own: what `fits` starts, in whatever environment a contestant lives.

    python -m benchmarks.accuracy.fitting MODULE PACKAGE …

The first line of its answer has the versions of the packages, or why it cannot take part. Then each line of JSON on its
standard input is a fit, and it answers with seconds and scores, or with what went wrong.

A module has a function for each contestant: ``fit(X, y, task, seed, threads)`` takes the training rows of a table as
they are, and classes as 0, 1, …; it returns what predicts. Nothing of gradatim is imported here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import packages_distributions, version
from time import perf_counter, process_time
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from benchmarks.accuracy.scores import scores
from benchmarks.speed.playing import answers, reason_of

Predict: TypeAlias = Callable[[pl.DataFrame], np.ndarray]
"""Rows of a table to (m, classes) probabilities, or (m,) amounts."""
Fit: TypeAlias = Callable[[pl.DataFrame, np.ndarray, str, int, int], Predict]


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """One fit, or what went wrong, which is a result, too."""
    try:
        return _measured(asked)
    except Exception as fault:  # whatever it is, the other tables are still to be measured
        return {"error": reason_of(fault)}


def _measured(asked: dict[str, Any]) -> dict[str, Any]:
    table, target, task = pl.read_parquet(asked["path"]), asked["target"], asked["task"]
    train, test = table[asked["train"]], table[asked["test"]]
    y, y_test = targets(train[target], test[target], task)
    fit: Fit = getattr(import_module(asked["module"]), asked["contestant"])
    _warm_up(fit, task, asked["threads"])
    X, X_test = train.drop(target), test.drop(target)
    began, cpu_began = perf_counter(), process_time()
    predict = fit(X, y, task, asked["seed"], asked["threads"])
    ended, cpu_ended = perf_counter(), process_time()
    found = scores(task, y_test, predict(X_test))
    return {
        "rows": len(train),
        "columns": X.width,
        "seconds": ended - began,
        "cpu_seconds": cpu_ended - cpu_began,
        "predict_seconds": perf_counter() - ended,
        **found,
    }


def targets(train: pl.Series, test: pl.Series, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Amounts as they are; classes as 0, 1, … in the order of those that train, which are all."""
    if task == "regression":
        return train.cast(pl.Float64).to_numpy(), test.cast(pl.Float64).to_numpy()
    classes, codes = np.unique(train.cast(pl.String).to_numpy(), return_inverse=True)
    return codes, np.searchsorted(classes, test.cast(pl.String).to_numpy())


@lru_cache
def _warm_up(fit: Fit, task: str, threads: int) -> None:
    """A small fit that does not count: libraries load and compile at the first, and only then."""
    x = np.arange(64.0)
    table = pl.DataFrame({"number": np.sin(x), "text": ["u", "v"] * 32})
    fit(table, (x % 3 < 1).astype(np.int64) if task == "classification" else np.cos(x), task, 0, threads)(table)


def versions_of(packages: list[str]) -> dict[str, str]:
    """Of what is imported under these names."""
    homes = packages_distributions()
    return {
        package: version(homes[package][0]) if package in homes else import_module(package).__version__
        for package in packages
    }


def main(module: str, *packages: str) -> None:
    """Say who is here, then fit as long as there are lines."""
    with answers() as out:

        def say(what: dict[str, Any]) -> None:
            out.write(json.dumps(what) + "\n")
            out.flush()

        try:
            import_module(module)
            say({"versions": versions_of(list(packages))})
        except ImportError as fault:
            say({"missing": reason_of(fault)})
            return
        for line in sys.stdin:
            say(answer(json.loads(line)))


if __name__ == "__main__":
    main(*sys.argv[1:])
