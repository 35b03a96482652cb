"""A budget of seconds becomes a number of steps, and that number repeats the run."""

from __future__ import annotations

import json
from math import inf
from time import process_time

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from benchmarks.kill_and_resume import content
from gradatim.cli import main
from gradatim.engines import fast, textbook
from gradatim.errors import InputError
from gradatim.ladder.watcher import Watcher


def noisy(rows, columns=20):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    y = np.sin(3 * X[:, 0]) * X[:, 1] + X[:, 2] ** 2 + 0.3 * rng.normal(size=rows)
    return pl.DataFrame({f"x{i}": X[:, i] for i in range(columns)}).with_columns(y=pl.Series(y))


class Interrupts(Watcher):
    """Ctrl-C in the first epoch of the deep network."""

    def epoch(self, rung, progress):
        if rung.name == "deep":
            raise KeyboardInterrupt


def test_a_budget_fixes_the_steps_and_steps_repeat_it(tmp_path, no_clock):
    table = noisy(300, 3)
    run = gd.fit(table, "y", budget=0.4, out=tmp_path / "run")
    steps = run.metrics["steps"]
    assert steps >= 1
    assert run.model.settings_.max_steps in (steps, None)  # None where the linear model is kept
    gd.fit(table, "y", steps=steps, out=tmp_path / "again")
    assert content(tmp_path / "run") == content(tmp_path / "again")


def test_a_resumed_run_keeps_the_steps_that_were_fixed(tmp_path, no_clock):
    table = noisy(300, 3)
    with pytest.raises(KeyboardInterrupt):
        gd.fit(table, "y", budget=0.4, out=tmp_path / "run", progress=Interrupts())
    steps = json.loads((tmp_path / "run.partial" / "checkpoints" / "allowance.json").read_text())["steps"]
    run = gd.fit(table, "y", budget=50, out=tmp_path / "run", resume=True)
    assert run.metrics["steps"] == steps
    gd.fit(table, "y", steps=steps, out=tmp_path / "again")
    assert content(tmp_path / "run") == content(tmp_path / "again")


def test_epochs_are_the_most_that_a_budget_buys():
    """300 rows, of which 192 train in batches of 32: 6 steps an epoch."""
    run = gd.fit(noisy(300, 3), "y", rungs="shallow", budget=1000, epochs=2, preset="plain")
    assert run.metrics["settings"]["batch_size"] == 32
    assert run.metrics["steps"] == 12


def test_a_budget_too_small_for_the_simple_rungs_gives_one_step_and_says_so(tmp_path, capsys):
    path, out = tmp_path / "table.csv", tmp_path / "run"
    noisy(100, 3).write_csv(path)
    assert main(["fit", str(path), "--target", "y", "--budget", "1e-9", "--quiet", "--out", str(out)]) == 0
    assert "Each network had 1 step, which tells nothing" in capsys.readouterr().out
    assert json.loads((out / "metrics.json").read_text())["steps"] == 1
    assert main(["fit", str(path), "--target", "y", "--steps", "3", "--quiet", "--out", str(out), "--replace"]) == 0
    assert "Each network had 3 steps at most: --steps 3 repeats this run." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"budget": 1, "steps": 5}, "budget must be left out where steps are given"),
        ({"steps": 5, "epochs": 5}, "steps must be left out where epochs are given"),
        ({"budget": 0}, "budget must be a number of seconds above 0"),
        ({"budget": inf}, "budget must be a number of seconds above 0"),
    ],
)
def test_lengths_that_contradict_each_other_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        gd.fit("sample:iris", **given)


class Clockwork:
    """The fast engine by a clock of its own: of a call 4 ms, of each step 1 ms, of each prediction 10 ms."""

    now = 0.0

    def __getattr__(self, name):
        return getattr(fast, name)

    def train(self, problem, state, data, plan, start, stop, workspace=None):
        self.now += 0.004 + 0.001 * (stop - start)
        return fast.train(problem, state, data, plan, start, stop, workspace)

    def predict(self, *arguments):
        self.now += 0.01
        return fast.predict(*arguments)


CLOCKS = [
    f"gradatim.{module}.perf_counter"
    for module in ("ladder.ladder", "ladder.allowance", "ladder.clock", "training.budget")
]


@pytest.mark.parametrize("seconds", [5.0, 15.0])
def test_a_climb_takes_its_budget_and_no_more(seconds, monkeypatch):
    """1,280 rows train, in 40 steps an epoch: 4 + 40 + 10 ms. One by one each step would take 5 ms."""
    engine = Clockwork()
    for clock in CLOCKS:
        monkeypatch.setattr(clock, lambda: engine.now)
    monkeypatch.setattr("gradatim.model.training.engine", lambda name: textbook if name == "textbook" else engine)
    monkeypatch.setattr("gradatim.training.stopping.BestSoFar.waited_enough", property(lambda best: False))
    quick = {"preset": "plain", "hidden": (4, 4), "folds": 1, "report": False, "epochs": 10_000}
    run = gd.fit(noisy(2000, 3), "y", budget=seconds, **quick)
    assert run.metrics["rows"]["train"] == 1280
    assert 0.8 * seconds <= engine.now <= 1.1 * seconds


class Climb(Watcher):
    """What a climb takes, the measuring of steps included."""

    def read(self, reading):
        self.began = process_time()

    def ends(self, tried):
        self.taken = process_time() - self.began


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "seconds"), [(20_000, 10.0), (20_000, 5.0), (1000, 6.0), (200, 4.0)])
def test_a_climb_takes_about_its_budget(rows, seconds, monkeypatch):
    """Where nothing ends a training before: patience is switched off.

    By a clock that other programs do not stop. They make it run slower or faster all the same, through caches and
    memory that are shared: hence the wide bounds.
    """
    for clock in CLOCKS:
        monkeypatch.setattr(clock, process_time)
    monkeypatch.setattr("gradatim.training.stopping.BestSoFar.waited_enough", property(lambda best: False))
    monkeypatch.setattr("gradatim.training.stopping.BestSoFar.waited_a_wave", lambda best, ends: None)
    climb = Climb()
    gd.fit(noisy(rows), "y", budget=seconds, epochs=100_000, report=False, progress=climb)
    assert 0.6 * seconds < climb.taken < 1.7 * seconds
