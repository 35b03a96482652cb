"""What each trick of the strong preset is worth: it without the trick, against it as it is.

    python -m benchmarks.accuracy.ablation [TRICK …] [--data FOLDER] [--tables …] [--splits 1] [--seeds 1]
                                           [--threads 1] [--results FILE]

The same rows as `benchmarks.accuracy` takes. The error is the log loss, or RMSE; the change is the geometric mean over
tables of (error without) / (error with), beside the one that the paper has (Holzmüller et al. 2024, table B.1, which
measures the share of wrong labels, and tunes the rate anew each time). Results are lines of JSON, and go on where they
were.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from math import exp, log, sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import polars as pl

import gradatim as gd
from benchmarks.accuracy.__main__ import SHARED
from benchmarks.accuracy.fitting import targets
from benchmarks.accuracy.scores import scores
from benchmarks.accuracy.splits import split_of
from benchmarks.accuracy.standings import LEAST_ERROR
from benchmarks.sources import Source, sources_in


class Trick(NamedTuple):
    """What to change, and by how much the paper's errors rose, in percent, of classes and of numbers."""

    without: Mapping[str, Any]
    paper: tuple[float | None, float | None] = (None, None)


def _network(**options: Any) -> dict[str, Any]:
    return {"network": gd.NetworkOptions(**options)}


def _descent(**options: Any) -> dict[str, Any]:
    return {"descent": gd.DescentOptions(**options)}


TRICKS: dict[str, Trick] = {
    "embedded numbers": Trick(_network(embed_numbers=False), (2.3, 20.6)),
    "scale per input": Trick(_network(scale=False), (1.4, 1.0)),
    "learned slopes": Trick(_network(learned_slope=False), (0.5, 4.8)),
    "selu, mish: relu instead": Trick({"activation": "relu"}, (0.5, 0.7)),
    "standardized start: he instead": Trick(_network(initializer="he"), (0.9, 1.2)),
    "short memory of squares: β₂ = 0.999 instead": Trick({"optimizer": gd.Adam()}, (2.0, 22.8)),
    "waves of the rate: cosine instead": Trick({"schedule": "cosine"}, (1.1, 0.4)),
    "waves of the rate: constant instead": Trick({"schedule": "constant"}, (1.8, 13.4)),
    "dropout": Trick({"dropout": None}, (0.8, 0.8)),
    "dropout that ends: constant instead": Trick(_descent(dropout_schedule=None), (-0.1, 3.6)),
    "last parameters: their running mean instead": Trick(_descent(averaging=0.99)),
    "weight decay": Trick({"weight_decay": None}, (0.8, 0.9)),
    "decay that ends: constant instead": Trick(_descent(decay_schedule=None), (-0.3, 3.1)),
    "embedded categories: one-hot instead": Trick({"encoding": gd.Encoding(embed_above=None)}, (0.0, 0.0)),
    "robust scale, clip: standardized instead": Trick({"encoding": gd.Encoding("standard", clip=None)}, (2.1, 8.7)),
    "numbers clipped to the range of training": Trick(_network(clip=False)),
    "an end where a wave brings nothing": Trick({"patience_epochs": None}),
}
"""By name."""


def error_of(source: Source, number: int, seed: int, threads: int, changes: Mapping[str, Any]) -> float:
    """The test error of one fit."""
    split, table = split_of(source, number), pl.read_parquet(source.path)
    train, test = table[split.train], table[split.test]
    y, y_test = targets(train[source.target], test[source.target], source.task)
    network = gd.NetworkClassifier if source.task == "classification" else gd.NetworkRegressor
    model: Any = network(random_state=seed, n_threads=threads, **changes).fit(train.drop(source.target), y)
    predict = model.predict_proba if source.task == "classification" else model.predict
    found = scores(source.task, y_test, predict(test.drop(source.target)))
    return found["log_loss"] if source.task == "classification" else found["rmse"] / found["spread"]


def measured(asked: argparse.Namespace, sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
    """A record for each fit that is not there yet."""
    there = (
        {json.loads(line)["key"] for line in asked.results.read_text().splitlines()} if asked.results.exists() else ()
    )
    for source in sources:
        for number in range(asked.splits):
            for seed in range(asked.seeds):
                for name in ("", *asked.tricks):
                    key = f"{source.name}/{number}/{seed}/{name}"
                    if key not in there:
                        changes = TRICKS[name].without if name else {}
                        error = error_of(source, number, seed, asked.threads, changes)
                        yield {"key": key, "table": source.name, "task": source.task, "trick": name, "error": error}


def changes_of(records: Sequence[Mapping[str, Any]], trick: str, task: str) -> tuple[float, float, int] | None:
    """Geometric mean of the error without the trick over that with it, its standard error as a share, tables."""
    with_it = {r["key"].rsplit("/", 1)[0]: r for r in records if r["trick"] == "" and r["task"] == task}
    logs: dict[str, list[float]] = {}
    for record in records:
        place = record["key"].rsplit("/", 1)[0]
        if record["trick"] == trick and place in with_it:
            errors = (max(r["error"], LEAST_ERROR) for r in (record, with_it[place]))
            without, full = errors
            logs.setdefault(record["table"], []).append(log(without / full))
    means = [fmean(values) for values in logs.values()]
    if len(means) < 2:
        return None
    return exp(fmean(means)), stdev(means) / sqrt(len(means)), len(means)


def markdown(records: Sequence[Mapping[str, Any]]) -> str:
    """The table."""
    lines = ["| Without | classes | paper | numbers | paper |", "|---|---|---|---|---|"]
    for name, trick in TRICKS.items():
        cells = []
        for task, paper in zip(("classification", "regression"), trick.paper, strict=True):
            found = changes_of(records, name, task)
            cells.append("" if found is None else f"{100 * (found[0] - 1):+.1f} ± {100 * found[1]:.1f} %")
            cells.append("" if paper is None else f"{paper:+.1f} %")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(tokens: Sequence[str] | None = None) -> None:
    """Measure what is not there yet, then print the table."""
    options = argparse.ArgumentParser(
        "python -m benchmarks.accuracy.ablation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("tricks", nargs="*", metavar="TRICK", help=f"all without: {'; '.join(TRICKS)}")
    options.add_argument("--data", type=Path, default=SHARED / "data")
    options.add_argument("--tables", nargs="+", default=None)
    options.add_argument("--splits", type=int, default=1)
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--results", type=Path, default=Path("benchmarks-ablation.jsonl"))
    asked = options.parse_args(tokens)
    asked.tricks = asked.tricks or list(TRICKS)  # with choices and "*", argparse refuses its own default
    unknown = [name for name in asked.tricks if name not in TRICKS]
    if unknown:
        options.error(f"TRICK must be one of {'; '.join(TRICKS)}. Got {unknown[0]}")
    sources = [s for name, s in sources_in(asked.data).items() if not s.pictures and name in (asked.tables or [name])]
    for record in measured(asked, sources):
        with asked.results.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
        print(f"{record['key']}: {record['error']:.4g}", flush=True)
    print(markdown([json.loads(line) for line in asked.results.read_text().splitlines()]))


if __name__ == "__main__":
    main()
