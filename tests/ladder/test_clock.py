"""The clock behind a budget."""

from time import perf_counter, sleep

import numpy as np
import pytest

import gradatim as gd
from gradatim.ladder import allowance
from gradatim.ladder.allowance import Allowance, Trainings
from gradatim.ladder.clock import GRACE, Clock, TimeIsUp, Until
from gradatim.ladder.watcher import Watcher
from gradatim.training import Progress


def progress(epoch):
    return Progress(epoch, 10, {}, epoch, None)


def test_a_training_ends_at_the_epoch_nearest_to_the_moment():
    """Epochs of 0.1 s until 0.32 s: the third ends at 0.3, and the fourth would at 0.4."""
    until = Until(perf_counter() + 0.32)

    def train():
        for epoch in range(1, 11):
            sleep(0.1)
            until.on_epoch_end(progress(epoch))

    with pytest.raises(TimeIsUp, match="after epoch 3 of 10"):
        train()


def test_what_one_leaves_the_others_get():
    clock = Clock(perf_counter() + 10.0, Allowance(5, {"shallow": 1.0, "deep": 3.0}), ["shallow", "deep"], Trainings(1))
    assert clock.for_the_next("shallow") == pytest.approx(GRACE * 2.5, rel=0.01)
    assert clock.for_the_next("deep") == pytest.approx(GRACE * 10.0, rel=0.01)


def test_a_part_of_the_time():
    assert Until(30.0, began=10.0).part(0.25).moment == 15.0


@pytest.mark.parametrize("rungs", ["shallow,deep", "ensemble"])
def test_a_machine_that_became_slow_costs_no_more_seconds(monkeypatch, rungs):
    """Steps seem to take a thousandth of their time: without a clock this would take minutes."""
    monkeypatch.setattr(allowance, "pace_of", lambda *a, watch, **k: (1e-6, 1e-6))
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    table = {"x": x.tolist(), "y": np.sin(5 * x).tolist()}
    started = perf_counter()
    run = gd.fit(table, "y", rungs=rungs, budget=1.5, preset="plain", hidden=(256, 256), folds=1, epochs=5000)
    assert perf_counter() - started < 6.0
    reasons = {m.training.stopped_because for t in run.rungs for m in getattr(t.model, "models", [t.model])}
    assert "budget" in reasons


class Cut(Watcher):
    """Ctrl-C in the third epoch."""

    def epoch(self, rung, progress):
        if progress.epoch == 3:
            raise KeyboardInterrupt


def test_a_run_goes_on_with_a_rung_that_was_not_measured(tmp_path):
    asked = {"preset": "plain", "folds": 1, "report": False, "out": tmp_path / "run", "budget": 1.0}
    with pytest.raises(KeyboardInterrupt):
        gd.fit("sample:concrete", "strength", rungs="shallow", progress=Cut(), **asked)
    run = gd.fit("sample:concrete", "strength", rungs="shallow,deep", resume=True, **asked)
    assert [tried.rung.name for tried in run.rungs] == ["shallow", "deep"]
