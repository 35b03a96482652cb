"""Every real table, by `gradatim.fit` as it comes and by scikit-learn's MLP in a pipeline, on the same test rows.

    python -m benchmarks.tables [TABLE …] [--data FOLDER] [--results FILE] [--seed 0] [--most-rows N]

The pipeline is the usual one: medians for missing numbers with an indicator, standardized numbers, one-hot categories,
MLPClassifier or MLPRegressor with its defaults; numbers to predict are standardized, too. It trains on our training
*and* validation rows, as it needs none to choose by. Both are judged by the same metric on test rows that neither has
seen.

A result is a line of JSON, written as soon as it is there: a run that was stopped goes on where it was. The table in
Markdown comes at the end.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from math import exp, log
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import gradatim as gd
from gradatim.ladder.examples import Examples, examples_of
from gradatim.ladder.splits import split_rows
from gradatim.tables import Table

SHARED = Path(os.environ.get("GRADATIM_SHARED", Path(__file__).parents[2] / "shared"))
SCORES = {"classification": ("log_loss", "accuracy"), "regression": ("rmse", "r2")}


def manifest(folder: Path) -> dict[str, dict[str, str]]:
    """What ``manifest.csv`` says of each table of a folder, by the table's name."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        entries = {row["file"].removesuffix(".parquet"): row for row in csv.DictReader(file)}
    return {name: entry for name, entry in sorted(entries.items()) if (folder / f"{name}.parquet").is_file()}


def examples_from(path: Path, entry: dict[str, str], most_rows: int | None, seed: int) -> Examples:
    """A table with its target; of a long one a random part, if asked for."""
    table = pl.read_parquet(path)
    if most_rows and table.height > most_rows:
        table = table.sample(most_rows, seed=seed)
    return examples_of(Table.from_any(table), entry["target"])


def measured(examples: Examples, task: str, seed: int) -> dict[str, Any]:
    """Both contestants on one table."""
    table = examples.table.to_polars().with_columns(examples.y.rename(examples.target))
    run = gd.fit(table, examples.target, task=task, seed=seed)
    labels = examples.y.to_numpy() if task == "classification" else None
    split = split_rows(examples.n_rows, labels, seed=seed)
    started = perf_counter()
    scores, epochs = pipeline_scores(examples.take(split.development), examples.take(split.test), task, seed)
    return {
        "rows": examples.n_rows,
        "columns": len(examples.table.names),
        "chosen": run.metrics["chosen"],
        "verdict": run.metrics["verdict"],
        "rungs": {rung["name"]: rung["score"] for rung in run.metrics["rungs"]},
        "ours": {name: run.metrics["test"][name] for name in SCORES[task]},
        "ours_seconds": run.metrics["seconds"],
        "mlp": scores,
        "mlp_seconds": perf_counter() - started,
        "mlp_epochs": epochs,
    }


def pipeline_scores(train: Examples, test: Examples, task: str, seed: int) -> tuple[dict[str, float], int]:
    """The pipeline's scores on the test rows, and how many epochs it took."""
    frame = plain(train.table)
    network = MLPClassifier if task == "classification" else MLPRegressor
    model: Any = make_pipeline(preparation(frame), network(random_state=seed))
    if task == "regression":
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    y, y_test = (np.asarray(examples.y.to_list()) for examples in (train, test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 200 epochs are its default, enough or not
        model.fit(frame, y)
    predicted = model.predict(plain(test.table))
    if task == "regression":
        scores = {"rmse": root_mean_squared_error(y_test, predicted), "r2": r2_score(y_test, predicted)}
        return scores, model.regressor_[-1].n_iter_
    probabilities = model.predict_proba(plain(test.table))
    scores = {
        "log_loss": log_loss(y_test, probabilities, labels=model[-1].classes_),
        "accuracy": accuracy_score(y_test, predicted),
    }
    return scores, model[-1].n_iter_


def plain(table: Table) -> pl.DataFrame:
    """A table as scikit-learn wants it: numbers with NaN, texts with the word missing, dates as numbers."""
    frame = table.to_polars()
    columns = []
    for column in frame.get_columns():
        if column.dtype.is_temporal():
            column = column.to_physical()
        if column.dtype.is_numeric():
            columns.append(column.cast(pl.Float64).fill_null(float("nan")))
        else:
            columns.append(column.cast(pl.String).fill_null("missing"))
    return pl.DataFrame(columns)


def preparation(frame: pl.DataFrame) -> ColumnTransformer:
    """Numbers imputed, marked and standardized; categories one-hot, the hundred most frequent levels."""
    numbers: Pipeline = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=100, sparse_output=False)
    is_number = {name: dtype.is_numeric() for name, dtype in frame.schema.items()}
    return ColumnTransformer(
        [
            ("numbers", numbers, [name for name, number in is_number.items() if number]),
            ("categories", categories, [name for name, number in is_number.items() if not number]),
        ]
    )


def results(file: Path) -> Iterator[dict[str, Any]]:
    """The results so far. A line that was cut off in the middle is no result."""
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def markdown(found: Iterable[dict[str, Any]]) -> str:
    """A line for each table, and what they come to together."""
    lines = [
        "| table | rows × columns | kept | metric | gradatim | sklearn MLP | ratio | seconds | MLP seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for result in found:
        if "error" in result:
            lines.append(f"| {result['table']} | | | | failed: {result['error']} | | | | |")
            continue
        metric = SCORES[result["task"]][0]
        ours, theirs = result["ours"][metric], result["mlp"][metric]
        ratios.append(max(ours, 1e-9) / max(theirs, 1e-9))
        size = f"{result['rows']:,} × {result['columns']:,}"
        scores = f"{ours:.4g} | {theirs:.4g} | {ratios[-1]:.3f}"
        seconds = f"{result['ours_seconds']:.1f} | {result['mlp_seconds']:.1f}"
        lines.append(f"| {result['table']} | {size} | {result['chosen']} | {metric} | {scores} | {seconds} |")
    if ratios:
        mean = exp(sum(map(log, ratios)) / len(ratios))
        lines += [
            "",
            f"{len(ratios)} tables; gradatim better on {sum(ratio < 1 for ratio in ratios)}; ratio of errors: "
            f"geometric mean {mean:.3f}, median {sorted(ratios)[len(ratios) // 2]:.3f}.",
        ]
    return "\n".join(lines)


def main(tokens: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet, then print all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help="names of tables; all without")
    parser.add_argument("--data", type=Path, default=SHARED / "data")
    parser.add_argument("--results", type=Path, default=Path("benchmarks-tables.jsonl"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-rows", type=int, default=None)
    arguments = parser.parse_args(tokens)
    entries = manifest(arguments.data)
    wanted = arguments.tables or list(entries)
    settings = {"seed": arguments.seed, "most_rows": arguments.most_rows}
    shown = {result["table"]: result for result in results(arguments.results) if settings.items() <= result.items()}
    done = {name for name, result in shown.items() if "error" not in result}  # what failed is tried again
    for name in wanted:
        if name in done:
            continue
        task = "regression" if entries[name]["task"] == "regression" else "classification"
        result: dict[str, Any] = {"table": name, "task": task, **settings}
        try:
            path = arguments.data / f"{name}.parquet"
            examples = examples_from(path, entries[name], arguments.most_rows, arguments.seed)
            result |= measured(examples, task, arguments.seed)
        except Exception as error:  # a table that fails is a result, too
            traceback.print_exc()
            result["error"] = f"{type(error).__name__}: {error}"
        with arguments.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        print(name, result.get("chosen", "failed"), f"{result.get('ours_seconds', 0):.1f} s", flush=True)
    shown = {result["table"]: result for result in results(arguments.results) if settings.items() <= result.items()}
    print(markdown(shown[name] for name in wanted if name in shown))


if __name__ == "__main__":
    main()
