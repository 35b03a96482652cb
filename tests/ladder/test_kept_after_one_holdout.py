"""After one holdout the network that is kept is trained once more, on all rows that do not test."""

from __future__ import annotations

import csv
import filecmp
import sys
from dataclasses import replace
from functools import partial
from time import perf_counter

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.errors import DivergedError
from gradatim.ladder import allowance
from gradatim.ladder.allowance import SHARE_OF_TRAINING, Allowance, Trainings, allowance_until
from gradatim.ladder.clock import Clock
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.rungs import rungs_named
from gradatim.ladder.watcher import Watcher
from gradatim.report.charts import course
from gradatim.report.checkup import findings_of
from gradatim.settings import Settings
from gradatim.terminal.progress import Lines
from gradatim.training import Checkpoint

PLAIN = {"preset": "plain", "folds": 1, "hidden": (6, 5), "epochs": 30, "learning_rate": 0.05, "seed": 1}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(2, 150))
    return {"x1": x1, "x2": x2, "y": np.sin(3 * x2) + x1**2 + rng.normal(size=150)}


@pytest.fixture(scope="module")
def run(table):
    return gd.fit(table, "y", rungs="linear,shallow,deep", choose="shallow", **PLAIN)


def test_it_is_the_network_that_training_on_all_rows_alone_gives(table, run):
    """By an estimator, on the rows that do not test, for as many epochs: the plain preset's rate is constant."""
    _, shallow, _ = run.rungs
    (scored,) = shallow.folds
    rows = run.evidence.development
    alone = gd.NetworkRegressor(
        "plain",
        validation=None,
        hidden_widths=(6,),
        max_epochs=scored.training.best_epoch,
        learning_rate=0.05,
        random_state=1,
    ).fit(pl.DataFrame({name: table[name][rows] for name in ("x1", "x2")}), table["y"][rows])
    assert np.array_equal(alone.model_.vector, run.model.vector)
    assert run.model.rows == {"train": 120, "validation": 0}


def test_the_score_is_that_of_the_training_that_had_not_seen_the_rows(table, run):
    _, shallow, deep = run.rungs
    (scored,) = shallow.folds
    assert scored.rows == {"train": 96, "validation": 24}
    assert run.metrics["rows"] == {"train": 96, "validation": 24, "test": 30}
    assert shallow.score.value == pytest.approx(min(scored.history_["validation_rmse"]), rel=1e-6)
    assert deep.folds == ()
    assert deep.model.rows == {"train": 96, "validation": 24}


def test_the_verdict_says_for_how_long_and_on_what(run):
    epochs = run.rungs[1].folds[0].training.best_epoch
    assert (
        f"The model that is kept was trained once more, on all 120 rows, for {epochs} epochs, about as long as the "
        "one that was scored did best with."
    ) in run.verdict.remarks
    assert run.model.training.message.startswith(
        f"Trained for {epochs} epochs, about as long as the training that was scored did best with."
    )


def test_a_linear_model_stays_the_one_that_was_scored(table):
    run = gd.fit(table, "y", rungs="linear,shallow", choose="linear", **PLAIN)
    assert run.rungs[0].folds == ()
    assert run.model.rows["train"] == 96
    assert "once more" not in str(run.verdict)


def test_an_estimator_keeps_it_too(table):
    X = pl.DataFrame({name: table[name] for name in ("x1", "x2")})
    ladder = gd.LadderRegressor("plain", rungs="linear,shallow", choose="shallow", folds=1, max_epochs=5)
    ladder.set_params(random_state=0).fit(X, table["y"])
    assert ladder.model_.rows == {"train": 150, "validation": 0}
    assert ladder.best_estimator_.model_ is ladder.model_ is ladder.rungs_[1].model
    assert "once more, on all 150 rows" in str(ladder.verdict_)


def at_once(*_):
    raise DivergedError("The numbers are not finite.")


def after_an_epoch(ladder, rung, footing, scored, *_):
    return replace(scored[0], training=replace(scored[0].training, stopped_because="diverged"))


@pytest.mark.parametrize("diverges", [at_once, after_an_epoch])
def test_where_it_diverges_the_model_that_was_scored_stays(table, monkeypatch, diverges):
    monkeypatch.setattr(Ladder, "_trained_once_more", diverges)
    run = gd.fit(table, "y", rungs="linear,shallow", choose="shallow", **PLAIN)
    assert run.model.rows["train"] == 96
    assert run.model.training.stopped_because != "diverged"
    assert "The model that is kept is the one that was scored: the training once more diverged." in run.verdict.remarks


class CutOff(Watcher):
    """Ctrl-C in the third epoch of the training once more."""

    seen = 0
    again = False

    def once_more(self, rung):
        self.again = True

    def epoch(self, rung, progress):
        self.seen += self.again
        if self.seen == 3:
            raise KeyboardInterrupt


def test_a_run_that_was_cut_off_in_it_ends_with_the_same_bytes(table, tmp_path, monkeypatch):
    monkeypatch.setattr("gradatim.ladder.ladder.Checkpoint", partial(Checkpoint, every_seconds=0.0))
    how = {"rungs": "linear,shallow", "choose": "shallow", "report": False, **PLAIN}
    gd.fit(table, "y", out=tmp_path / "alone", **how)
    with pytest.raises(KeyboardInterrupt):
        gd.fit(table, "y", out=tmp_path / "run", resume=True, progress=CutOff(), **how)
    kept = {path.name for path in (tmp_path / "run.partial" / "checkpoints").iterdir()}
    assert {"shallow-0", "shallow-0-all-rows"} <= kept
    gd.fit(table, "y", out=tmp_path / "run", resume=True, **how)
    assert filecmp.cmp(tmp_path / "alone" / "model.safetensors", tmp_path / "run" / "model.safetensors", shallow=False)


def test_the_history_has_both_trainings(run, table, tmp_path):
    gd.fit(table, "y", rungs="linear,shallow", choose="shallow", out=tmp_path / "run", report=False, **PLAIN)
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["rung"] == "shallow"]
    scored, kept = ([row for row in rows if row["fold"] == fold] for fold in ("1", ""))
    assert len(scored) == len(run.rungs[1].folds[0].history_)
    assert len(kept) == len(run.model.history_)
    assert {row["validation_rmse"] for row in kept} == {""}


def test_the_report_draws_the_training_that_was_scored(run):
    facts = next(curve for curve in run.report().facts.curves if curve.rung == "shallow")
    assert [one.fold for one in facts.courses] == [1, None]
    svg = course(facts)
    assert "each fold" not in svg
    assert "validation rmse" in svg


def test_health_is_told_by_the_course_that_had_rows_held_out(run, table, tmp_path):
    """Only rows held out can tell of overfitting, and the model that is kept had none."""
    assert "overfitting" not in gd.examine(run.model).looked_for
    assert "overfitting" in run.report().facts.health.looked_for
    how = {"rungs": "shallow", "report": False, "out": tmp_path / "run", **PLAIN}
    gd.fit(table, "y", **how)
    assert "overfitting" in findings_of(tmp_path / "run").looked_for


class TestBudget:
    def test_seconds_are_left_for_the_slowest_network(self, monkeypatch):
        """Steps of 1 and 3 ms, one training of each, and once more the slower one: 7 ms for each step there may be."""
        paces = iter([(0.001, 0.0), (0.003, 0.0)])
        monkeypatch.setattr(allowance, "pace_of", lambda *a, watch, **k: next(paces))
        footing = type("Footing", (), {"n_train": 6400, "numbers_for": lambda *a: None})()
        used = Settings("strong", hidden_widths=(8,)).resolved("regression", output="identity", rows=6400)
        networks = rungs_named("shallow,deep")
        monkeypatch.setattr(allowance, "perf_counter", lambda: 0.0)
        found = allowance_until(footing, networks, [used, used], None, 10.0, Trainings(1, once_more=True))
        assert found.steps == pytest.approx(SHARE_OF_TRAINING * 10.0 / 0.007, abs=1.0)

    def test_the_last_gets_all_that_is_left(self):
        measured = Allowance(5, {"shallow": 1.0, "deep": 3.0})
        clock = Clock(perf_counter() + 70.0, measured, ["shallow", "deep"], Trainings(1, once_more=True))
        assert clock.for_the_next("shallow") == pytest.approx(1.08 * 10.0, rel=0.01)
        assert clock.for_the_next("deep") == pytest.approx(1.08 * 35.0, rel=0.01)
        assert clock.for_the_last() == pytest.approx(70.0, rel=0.01)

    def test_it_is_kept(self, table):
        started = perf_counter()
        how = {**PLAIN, "epochs": 100_000, "rungs": "shallow,deep", "choose": "deep"}
        run = gd.fit(table, "y", budget=1.5, **how)
        assert run.model.rows["train"] == 120
        assert perf_counter() - started < 4.0


def test_progress_says_what_is_waited_for(table, capsys):
    gd.fit(table, "y", rungs="shallow", progress=Lines(sys.stderr, sys.stderr), **PLAIN)
    assert "shallow network: once more, on all rows\n" in capsys.readouterr().err
