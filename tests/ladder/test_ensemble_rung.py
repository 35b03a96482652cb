"""The rung of several networks: its scores and its model are those that `train_ensemble` gives on the same rows."""

from __future__ import annotations

import _thread
import csv
import json
import time
from functools import partial

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.building import ladder_over
from gradatim.ladder.rungs import rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.ladder.watcher import Watcher
from gradatim.model import Ensemble, train_ensemble
from gradatim.model.fitted import Fitted
from gradatim.report.gathering import facts_of_folder
from gradatim.settings import Settings
from gradatim.tables.examples import examples_of
from gradatim.training import Checkpoint

FEW = {"preset": "plain", "epochs": 3, "hidden": (6, 5)}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(2, 120))
    y = 3 * x1 - x2 + np.sin(3 * x2) + rng.normal(size=120)
    return {"x1": x1, "x2": x2, "y": y, "sign": np.where(y > 0, "plus", "minus").tolist()}


def settings(seed=1):
    return Settings("plain", random_state=seed, hidden_widths=(6, 5), max_epochs=3)


def ladder_of(table, target, folds, rungs="ensemble"):
    examples = examples_of({name: table[name] for name in ("x1", "x2", target)}, target)
    task = "regression" if target == "y" else "classification"
    split = split_rows(examples.n_rows, None if target == "y" else examples.y, seed=1)
    return ladder_over(examples, split, settings(), rungs_named(rungs), task=task, folds=folds)[0], split


def by_hand(table, target, rows, seed=1):
    columns = {name: np.asarray(table[name])[rows] for name in ("x1", "x2")}
    return train_ensemble(settings(seed), columns, np.asarray(table[target])[rows], models=5)


def said_by(model: Fitted, table, target, rows):
    columns = {name: np.asarray(table[name])[rows] for name in ("x1", "x2")}
    return model.predict(columns) if target == "y" else model.predict_proba(columns)


def error_of(said, table, target, rows):
    """Root mean squared error, or log loss, by their definitions."""
    happened = np.asarray(table[target])[rows]
    if target == "y":
        return np.sqrt(np.mean((happened - said) ** 2))
    return -np.mean(np.log(said[np.arange(len(rows)), np.where(happened == "plus", 1, 0)]))


@pytest.mark.parametrize("target", ["y", "sign"])
def test_on_one_holdout_the_ensemble_that_is_scored_is_kept(table, target):
    ladder, split = ladder_of(table, target, folds=1)
    (tried,) = ladder.climb()
    expected = by_hand(table, target, split.train)
    everywhere = np.arange(120)
    same = said_by(tried.model, table, target, everywhere), said_by(expected, table, target, everywhere)
    assert np.array_equal(*same)
    error = error_of(said_by(expected, table, target, split.validation), table, target, split.validation)
    assert tried.score.value == pytest.approx(error)
    assert tried.scored == (tried.model,)


@pytest.mark.parametrize("target", ["y", "sign"])
def test_in_folds_each_row_is_scored_by_networks_that_never_saw_it(table, target):
    ladder, split = ladder_of(table, target, folds=3)
    (tried,) = ladder.climb()
    rows, said = [], []
    for number, footing in enumerate(ladder.footings):
        expected = by_hand(table, target, footing.roles.train, seed=1 + number)
        rows.append(footing.roles.held_out)
        said.append(said_by(expected, table, target, footing.roles.held_out))
    error = error_of(np.concatenate(said), table, target, np.concatenate(rows))
    assert tried.score.value == pytest.approx(error)
    assert [len(ensemble.models) for ensemble in tried.folds] == [5, 5, 5]
    kept = by_hand(table, target, split.development)
    everywhere = np.arange(120)
    assert np.array_equal(said_by(tried.model, table, target, everywhere), said_by(kept, table, target, everywhere))


def test_rows_that_networks_held_out_are_rows_of_the_whole_table(table):
    ladder, split = ladder_of(table, "y", folds=1)
    (tried,) = ladder.climb()
    assert np.array_equal(np.sort(np.concatenate(tried.model.held_out)), split.train)
    columns = {name: table[name] for name in ("x1", "x2")}
    judged = np.isfinite(tried.model.outputs_out_of_fold(columns)[:, 0])
    assert np.array_equal(np.flatnonzero(judged), split.train)


def test_nobody_gets_an_ensemble_unasked(table):
    assert [tried.rung.name for tried in gd.fit(table, "y", **FEW).rungs] == ["constant", "linear", "shallow", "deep"]


def test_best_adds_the_ensemble_of_strong_networks(table):
    run = gd.fit(table, "y", preset="best", rungs="linear", choose="ensemble", epochs=1, hidden=(4,), folds=1)
    assert [tried.rung.name for tried in run.rungs] == ["linear", "ensemble"]
    assert isinstance(run.model, Ensemble)
    assert {model.settings_.preset for model in run.model.models} == {"strong"}


def test_without_hidden_layers_there_is_no_ensemble(table):
    run = gd.fit(table, "y", preset="best", hidden=(), folds=1)
    assert [tried.rung.name for tried in run.rungs] == ["constant", "linear"]
    note = "The ensemble of networks is left out: it needs 1 hidden layer or more, and there are 0 hidden layers."
    assert note in run.reading.notes


def test_the_watcher_is_told_of_all_networks_as_of_one_training(table):
    class Epochs(Watcher):
        def __init__(self):
            self.told = []

        def epoch(self, rung, progress):
            self.told.append((rung.name, progress.epoch, progress.max_epochs))

    watcher = Epochs()
    ladder, _ = ladder_of(table, "y", folds=1)
    ladder.climb(watcher)
    assert watcher.told == [("ensemble", epoch, 15) for epoch in range(1, 16)]


def test_networks_that_diverge_leave_the_rung_out(table):
    wild = {**FEW, "learning_rate": 1e30}
    run = gd.fit(table, "y", rungs="linear,ensemble", folds=1, **wild)
    assert run.verdict.chosen == "linear"
    assert "ensemble" in run.metrics["diverged"]


def test_what_is_asked_of_one_network_is_refused_with_the_way_to_it(table):
    run = gd.fit(table, "y", rungs="deep,ensemble", choose="ensemble", record="epochs", folds=1, **FEW)
    with pytest.raises(InputError, match=r"ask models\[0\]\.at\(epoch=…\)"):
        run.at(epoch=1)
    assert run.model.models[0].at(epoch=1).parameter_count == run.at(epoch=1, rung="deep").parameter_count
    with pytest.raises(InputError, match=r'Ask \.at\(epoch=…, rung="deep"\)'):
        gd.fit(table, "y", rungs="linear,deep,ensemble", choose="linear", record="epochs", folds=1, **FEW).at(epoch=1)


def test_a_budget_fixes_the_steps_of_every_network(table):
    run = gd.fit(
        table, "y", rungs="deep,ensemble", choose="ensemble", budget=0.2, folds=2, preset="plain", hidden=(4, 4)
    )
    assert run.metrics["steps"] >= 1
    assert {model.settings_.max_steps for model in run.model.models} == {run.metrics["steps"]}


def test_a_verdict_tells_where_the_networks_learned_and_what_trees_and_more_rows_do(table):
    asked = {"yardstick": "histogram_boosting", "learning_curves": True, "folds": 2}
    run = gd.fit(table, "y", rungs="linear,ensemble", choose="ensemble", **asked, **FEW)
    again = "trained once more, on all 96 rows, of which each of its networks held out another part to choose its epoch"
    assert again in str(run.verdict)
    assert "Histogram boosting scored" in str(run.verdict)
    curve = run.learning_curves.curves[1]
    assert (curve.rung, [point.rows for point in curve.points]) == ("ensemble", [24, 48])


def test_a_verdict_tells_that_single_networks_are_flattered_where_there_are_both(table):
    told = "The rows that score a single network also chose its epoch; those of the ensemble did not"
    assert told in str(gd.fit(table, "y", rungs="deep,ensemble", folds=1, **FEW).verdict)
    assert told not in str(gd.fit(table, "y", rungs="linear,ensemble", folds=1, **FEW).verdict)
    assert told not in str(gd.fit(table, "y", rungs="linear,deep", folds=1, **FEW).verdict)
    assert told not in str(gd.fit(table, "y", rungs="deep,ensemble", folds=2, **FEW).verdict)


class CutOff(Watcher):
    """Presses Ctrl-C in the first epoch of an ensemble that it hears of, and waits until the main thread has heard."""

    def __init__(self):
        self.pressed = False

    def epoch(self, rung, progress):
        if rung.is_ensemble and not self.pressed:
            self.pressed = True
            _thread.interrupt_main()
            time.sleep(0.3)


@pytest.mark.parametrize("folds", [1, 2])
def test_a_run_that_was_cut_off_goes_on_network_by_network_to_the_same_bytes(table, tmp_path, monkeypatch, folds):
    monkeypatch.setattr("gradatim.ladder.ladder.Checkpoint", partial(Checkpoint, every_seconds=0.0))
    how = {"rungs": "linear,ensemble", "choose": "ensemble", "report": False, "folds": folds, **FEW, "epochs": 9}
    gd.fit(table, "y", out=tmp_path / "alone", **how)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            gd.fit(table, "y", out=tmp_path / "run", resume=True, progress=CutOff(), **how)
    kept = {path.name for path in (tmp_path / "run.partial" / "checkpoints").glob("ensemble-*")}
    assert kept >= ({"ensemble-0"} if folds == 1 else {"ensemble-0-fold-0"})
    gd.fit(table, "y", out=tmp_path / "run", resume=True, **how)
    alone, run = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("alone", "run"))
    assert alone == run


@pytest.mark.parametrize("folds", [1, 2])
def test_the_folder_of_an_ensemble_is_whole(table, tmp_path, folds):
    run = gd.fit(
        table, "sign", ignore="y", rungs="linear,ensemble", choose="ensemble", folds=folds, out=tmp_path / "run", **FEW
    )
    model = gd.load(tmp_path / "run")
    assert isinstance(model, Ensemble)
    assert np.array_equal(model.predict_proba(table), run.model.predict_proba(table))
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["rung"] == "ensemble"]
    kept = [row for row in rows if not row.get("fold")]
    assert [row["model"] for row in kept] == [str(number) for number in range(1, 6) for _ in range(3)]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["rungs"][1]["parameters"] == sum(one.parameter_count for one in model.models)
    happened = np.asarray(table["sign"])
    found = gd.evaluate(tmp_path / "run", table)["test"]
    assert found["accuracy"] == pytest.approx(np.mean(model.predict(table) == happened))


def test_the_report_shows_each_network_and_says_which_one_is_drawn(table, tmp_path):
    run = gd.fit(table, "sign", ignore="y", rungs="linear,ensemble", choose="ensemble", out=tmp_path / "run", **FEW)
    facts = run.report().facts
    (curve,) = facts.curves
    assert (curve.title, [course.fold for course in curve.courses]) == ("networks of the ensemble", [1, 2, 3, 4, 5])
    for course, model in zip(curve.courses, run.model.models, strict=True):
        assert course.best_epoch == model.training.best_epoch
    assert facts.network.title.endswith("by the mean of 5")
    assert {column.name for column in facts.importance.columns} == {"x1", "x2"}
    html = (tmp_path / "run" / "report.html").read_text()
    assert "The networks of the ensemble" in html
    assert "(each network)" in html
    (tmp_path / "run" / "report.json").unlink()
    (again,) = facts_of_folder(tmp_path / "run").curves
    assert [course.training for course in again.courses] == [course.training for course in curve.courses]


def test_the_metric_of_the_ladder_chooses_the_epochs(table):
    examples = examples_of({name: table[name] for name in ("x1", "x2", "y")}, "y")
    split = split_rows(120, seed=1)
    asked = Settings("plain", random_state=1, hidden_widths=(6,), max_epochs=3, metric="mae")
    ladder, _ = ladder_over(examples, split, asked, rungs_named("ensemble"), task="regression", folds=1)
    (tried,) = ladder.climb()
    assert ladder.metric is METRICS["mae"]
    assert tried.model.history_.judged_by == "validation_mae"
