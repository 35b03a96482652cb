"""``gradatim doctor``: what is wrong with a run, from what its folder holds, and from the data where they are given."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from gradatim.glass.doctor import Course, Findings, examine
from gradatim.glass.doctor.examination import look_at_all, patient_of
from gradatim.ladder.rungs import RUNGS
from gradatim.model import Model, load
from gradatim.model.ensemble import networks_of
from gradatim.report.gathering import facts_of_folder, histories_of
from gradatim.run_folder import HISTORY
from gradatim.run_folder import RUNGS as RUNGS_FOLDER
from gradatim.tables.examples import Examples, examples_of
from gradatim.training.history import History


def findings_of(run: str | PathLike[str], data: Any = None, *, query: str | None = None) -> Findings:
    """What is wrong with a run, or with a model.

    A run keeps in ``report.json`` what was found when it ended, in the rows that trained and chose. Where it kept
    nothing (``--no-report``), weights and histories are looked at; and with data all that can be looked for in these.

    Args:
        run: the folder of a run, or a model file.
        data: rows with their target, best those of the run; as for `gradatim.fit`.
        query: what to ask of a database.

    Raises:
        InputError: if it is no run and no model, or the rows lack a column.
        ExchangeError: if a file is damaged.
    """
    folder = Path(run)
    if not folder.is_dir():
        model = load(run)
        return examine(model) if data is None else examine(model, model.table_of(data, query=query))
    facts = facts_of_folder(folder)  # refuses what is no run
    if data is None and facts.health is not None:
        return facts.health.findings
    return look_at_all(
        (name, patient_of(model, _examples(model, data, query), course))
        for name, model, course in _networks(folder, facts.chosen)
    )


def _examples(model: Model, data: Any, query: str | None) -> Examples | None:
    return None if data is None else examples_of(model.table_of(data, query=query), model.target.names)


def _networks(folder: Path, chosen: str) -> Iterator[tuple[str, Model, Course | None]]:
    """Every network of a run and the model that is kept, each with the course of its training."""
    histories = histories_of(folder / HISTORY)
    for path in sorted((folder / RUNGS_FOLDER).glob("*.safetensors"), key=lambda path: list(RUNGS).index(path.stem)):
        rung = RUNGS[path.stem]
        if not rung.is_network and rung.name != chosen:
            continue
        models = networks_of(load(path))
        for k, model in enumerate(models, start=1):
            several, trainings = len(models) > 1, histories.get(rung.name, {})
            # After one holdout the model may have been trained once more, with no row that could tell of its training.
            on_holdout = 1 if set(trainings) == {1, None} else None
            rows = trainings.get(k if several else on_holdout, [])
            course = Course(History(tuple(rows))) if rows else None
            yield rung.title + (f", network {k}" if several else ""), model, course
