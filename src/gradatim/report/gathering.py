"""Where the facts come from: a run that has just ended, or the folder of one.

A folder whose run kept no facts (``--no-report``, or an earlier version) still gives all but what the table alone
could tell: how it was read, and what the model says of the test rows.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.errors import ExchangeError, InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.ladder.reading import Reading
from gradatim.ladder.rungs import RUNGS
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Score, Verdict, gain
from gradatim.ladder.yardstick import Yardstick
from gradatim.model import Ensemble, Model, load
from gradatim.model.ensemble import networks_of
from gradatim.model.summary import describe_ensemble, describe_model
from gradatim.report.answers import Answers, class_facts, number_facts
from gradatim.report.facts import (
    ColumnFacts,
    Course,
    CurveFacts,
    Facts,
    LayerFacts,
    LearningCurve,
    NetworkFacts,
    ReadingFacts,
    RungFacts,
)
from gradatim.report.health import health_of_run
from gradatim.report.importance import MOST_ROWS, importance_facts
from gradatim.report.papers import INTERVALS, OF_THE_RUN, papers_of
from gradatim.report.pictures import picture_of_weights
from gradatim.report.worst import worst_facts
from gradatim.run_folder import HISTORY, METRICS, MODEL, json_text
from gradatim.run_folder import RUNGS as RUNGS_FOLDER
from gradatim.tables import NumberTarget, Table
from gradatim.tables.examples import Examples
from gradatim.training.history import judged_by

FACTS = "report.json"

MOST_COLUMNS = 200
MOST_NOTES = 60
MOST_EPOCHS = 300

Histories = dict[int | None, list[dict[str, float]]]
"""The rows of each training by fold; None is the training of the model itself."""


@dataclass(frozen=True)
class Evidence:
    """What a report needs of a run beside what came out of it.

    Attributes:
        examples: all rows but those of a test file.
        test: the rows that test, or None.
        metric: by which rungs were chosen.
        command: that repeats the run.
        development: places of the rows that trained or chose; None where all did.
    """

    examples: Examples
    test: Examples | None
    metric: Metric
    command: str = ""
    development: Array | None = None


def facts_of_run(
    tried: Sequence[TriedRung],
    verdict: Verdict,
    metrics: Mapping[str, Any],
    reading: Reading,
    evidence: Evidence,
    yardsticks: Sequence[Yardstick] = (),
) -> Facts:
    """The facts of a run that has just ended.

    Args:
        tried: every rung.
        verdict: which of them is kept.
        metrics: the content of ``metrics.json``.
        reading: how the table was understood.
        evidence: its rows, and what they were judged by.
        yardsticks: that were measured beside the rungs.
    """
    test, metric = evidence.test, evidence.metric
    model = next(one.model for one in tried if one.rung.name == verdict.chosen)
    histories = {one.rung.name: _courses(one) for one in tried if one.rung.is_network}
    models = [one.model for one in tried]
    known = _known(model, json.loads(json_text(metrics)), histories, models)
    known["curves"] = _with_endings(known["curves"], tried)
    scores = {one.rung.name: one.score for one in tried} | {one.name: one.score for one in yardsticks}
    for kind in ("rungs", "yardsticks"):
        known[kind] = _with_gains(known[kind], scores, metric, verdict.chosen)
    known |= {"verdict": verdict.sentence, "remarks": verdict.remarks}
    known |= {"reading": _reading(reading, evidence.examples), "source": reading.source}
    known["command"] = evidence.command
    known["health"] = health_of_run(tried, verdict.chosen, evidence.examples, evidence.development)
    if test is not None:
        known |= _of_test_rows(model, test, metric)
    known["papers"] += OF_THE_RUN if known.get("importance") else OF_THE_RUN[:1]
    known["papers"] += (INTERVALS,) if known.get("numbers") else ()
    return Facts.from_json(Facts(**known).to_json())  # as they will be read again: the same page, byte for byte


def facts_of_folder(folder: Path) -> Facts:
    """The facts of a run from what its folder holds.

    Raises:
        InputError: if it is not the folder of a run.
        ExchangeError: if a file in it is damaged.
    """
    if not (folder / METRICS).is_file():
        raise InputError(f"RUN must be the folder of a run. Got {str(folder)!r}, which holds no {METRICS}.")
    if (folder / FACTS).is_file():
        return Facts.from_json((folder / FACTS).read_text(encoding="utf-8"))
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        models = [load(folder / RUNGS_FOLDER / f"{rung['name']}.safetensors") for rung in metrics["rungs"]]
        known = _known(load(folder / MODEL), metrics, histories_of(folder / HISTORY), models)
        known["papers"] += OF_THE_RUN[:1]
        return Facts.from_json(Facts(**known).to_json())
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, InputError | ExchangeError):
            raise
        raise ExchangeError(f"The folder of a run must hold what gradatim wrote. Got {fault!r}.") from fault


def _known(
    model: Model | Ensemble,
    metrics: Mapping[str, Any],
    histories: Mapping[str, Histories],
    models: Iterable[Model | Ensemble],
) -> dict[str, Any]:
    """What metrics, histories and models tell without the table."""
    target = metrics["target"]
    return {
        "source": "",
        "targets": (target,) if isinstance(target, str) else tuple(target),
        "task": metrics["task"],
        "metric": metrics["metric"],
        "rows": dict(metrics["rows"]),
        "chosen": metrics["chosen"],
        "verdict": metrics["verdict"],
        "remarks": (),
        "folds": metrics.get("folds", 1),
        "tested": dict(metrics["test"]),
        "rungs": tuple(map(_rung, metrics["rungs"])),
        "yardsticks": tuple(map(_rung, metrics.get("yardstick", ()))),
        "learning_curves": tuple(
            LearningCurve(rung, *(tuple(point[key] for point in points) for key in ("rows", "score", "standard_error")))
            for rung, points in metrics.get("learning_curves", {}).items()
        ),
        "diverged": dict(metrics["diverged"]),
        "seconds": metrics["seconds"],
        "seed": metrics["seed"],
        "settings": settings_in_words(metrics["settings"]),
        "versions": dict(metrics["versions"]),
        "command": "",
        "papers": papers_of(one for model in models for one in networks_of(model)),
        "network": _network(model),
        "curves": tuple(_curves(name, rows) for name, rows in histories.items() if rows),
        "weights": picture_of_weights(networks_of(model)[0]),
    }


def _rung(form: Mapping[str, Any]) -> RungFacts:
    """A rung of ``metrics.json``, or a yardstick, which has no parameters that could be counted."""
    name = form["name"]
    title = RUNGS[name].title if name in RUNGS else name.replace("_", " ")
    return RungFacts(name, title, form["score"], form["standard_error"], form["seconds"], form.get("parameters"))


def settings_in_words(form: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Settings as names and values; those that are off are left out.

    Args:
        form: of `gradatim.exchange.json_form.to_json`.

    Example:
        >>> settings_in_words({"type": "Settings", "dropout": None, "optimizer": {"type": "Adam", "beta1": 0.9}})
        (('optimizer', 'Adam(beta1=0.9)'),)
    """
    return tuple((name, _words(value)) for name, value in form.items() if name != "type" and value not in (None, []))


def _words(value: Any) -> str:
    if isinstance(value, Mapping) and value.get("type") == "dict":
        return "{" + ", ".join(f"{_words(key)}: {_words(item)}" for key, item in value["items"]) + "}"
    if isinstance(value, Mapping):
        parts = (f"{key}={_words(item)}" for key, item in value.items() if key != "type" and item is not None)
        return f"{value.get('type', '')}({', '.join(parts)})"
    if isinstance(value, list):
        return f"({', '.join(map(_words, value))})"
    return str(value)


def _courses(tried: TriedRung) -> Histories:
    return {number: list(model.history_) for number, model in tried.trainings.items() if len(model.history_)}


def histories_of(path: Path) -> dict[str, Histories]:
    """The rows of ``history.csv`` by rung, and by fold or network of an ensemble; simpler rungs have no epochs."""
    found: dict[str, Histories] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name, fold, model = row.pop("rung"), row.pop("fold", ""), row.pop("model", "")
            if name in RUNGS and RUNGS[name].is_network and not (fold and model):
                rows = found.setdefault(name, {}).setdefault(int(fold or model) if fold or model else None, [])
                rows.append({key: float(value) for key, value in row.items() if value})
    return found


def _curves(rung: str, histories: Histories) -> CurveFacts:
    measured = next((name for rows in histories.values() if (name := judged_by(rows[0]))), "")
    courses = tuple(_course(fold, rows, measured) for fold, rows in histories.items())
    each = "network" if RUNGS[rung].is_ensemble else "fold"
    return CurveFacts(rung, measured.removeprefix("validation_"), courses, each=each)


def _course(fold: int | None, rows: Sequence[Mapping[str, float]], measured: str) -> Course:
    """Every so many epochs of a long training, the last among them."""
    kept = sorted({*range(0, len(rows), -(-len(rows) // MOST_EPOCHS)), len(rows) - 1})
    chosen = [rows[place] for place in kept]
    validation = [row.get(measured) for row in chosen] if measured in rows[0] else []
    return Course(
        fold,
        tuple(int(row["epoch"]) for row in chosen),
        tuple(_short(row["training_loss"]) for row in chosen),
        tuple(map(_short, validation)),
    )


def _with_endings(curves: Iterable[CurveFacts], tried: Sequence[TriedRung]) -> tuple[CurveFacts, ...]:
    """With the epochs that were kept, and why the training ended."""
    by_name = {one.rung.name: one for one in tried}
    return tuple(_with_ending(curve, by_name[curve.rung]) for curve in curves)


def _with_ending(curve: CurveFacts, tried: TriedRung) -> CurveFacts:
    trainings = {number: model.training for number, model in tried.trainings.items()}
    best = {number: training.best_epoch for number, training in trainings.items() if training is not None}
    courses = tuple(replace(one, best_epoch=best[one.fold]) if one.validation else one for one in curve.courses)
    last = trainings.get(None)
    return replace(curve, courses=courses, message="" if last is None else last.message)


def _with_gains(
    rungs: Iterable[RungFacts], scores: Mapping[str, Score], metric: Metric, chosen: str
) -> tuple[RungFacts, ...]:
    """With the difference of each to the kept one, row by row."""
    kept = scores[chosen]
    return tuple(
        rung
        if rung.name == chosen
        else replace(
            rung,
            gain=_finite(gain(metric, scores[rung.name], kept)),
            gain_error=_finite(scores[rung.name].against(kept)),
        )
        for rung in rungs
    )


def _network(model: Model | Ensemble) -> NetworkFacts:
    """Of an ensemble the first network, and how many there are."""
    described = describe_ensemble(model) if isinstance(model, Ensemble) else describe_model(model)
    architecture = networks_of(model)[0].architecture
    codes = architecture.code_columns
    layers = [LayerFacts("input", architecture.inputs + codes, f"+ {codes} codes" if codes else "X")]
    if architecture.front:
        layers.append(LayerFacts("front", architecture.n[0], "A[0]"))
    last = architecture.L
    for l, layer in enumerate(architecture.dense, start=1):
        layers.append(LayerFacts("output" if l == last else f"layer {l}", layer.units, layer.activation))
    drawn = tuple(layer for layer in layers if layer.units)
    return NetworkFacts(described.title, described.facts, tuple(described.table()), drawn)


def _reading(reading: Reading, examples: Examples) -> ReadingFacts:
    columns = tuple(
        ColumnFacts(
            column.name, column.kind, column.reason, reading.levels.get(column.name), _gaps(examples.table, column.name)
        )
        for column in reading.columns[:MOST_COLUMNS]
    )
    return ReadingFacts(
        reading.source,
        reading.n_rows,
        columns,
        len(reading.columns) - len(columns),
        reading.left_out,
        reading.why,
        reading.positive,
        reading.split,
        reading.notes[:MOST_NOTES],
    )


def _gaps(table: Table, name: str) -> int:
    """How many values of a column are missing; of pictures, whose pixels are one column to the reading, none is."""
    if name not in table.names:
        return 0
    series = table.column(name)
    return int(series.null_count() + (series.is_nan().sum() if series.dtype.is_float() else 0))


def _of_test_rows(model: Model | Ensemble, test: Examples, metric: Metric) -> dict[str, Any]:
    outputs = model.outputs(test.table)
    answers = Answers.of(model, test.y, outputs)
    chosen = np.sort(np.random.default_rng(0).permutation(test.n_rows)[:MOST_ROWS])
    encoded = [network.encoder.encode(test.table, chosen) for network in networks_of(model)]
    importance = importance_facts(model, encoded, test.y[chosen], metric)
    first = [] if importance is None else [column.name for column in importance.columns]
    found: dict[str, Any] = {"importance": importance, "worst": worst_facts(model, test, answers, outputs, first)}
    if isinstance(model.target, NumberTarget):
        return {**found, "numbers": number_facts(answers)}
    return {**found, "classes": class_facts(answers)}


def _short(value: float | None) -> float | None:
    """To six digits: what a curve can show."""
    return None if value is None or not isfinite(value) else float(f"{value:.6g}")


def _finite(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)
