"""The words about a run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gradatim.terminal.run import steps_text


def network(ended):
    return SimpleNamespace(training=SimpleNamespace(stopped_because=ended), models=())


def run_of(*ended, steps=400):
    """A rung whose folds, and whose kept network, ended for these reasons."""
    *folds, kept = map(network, ended)
    rung = SimpleNamespace(title="deep network", is_network=True)
    return SimpleNamespace(metrics={"steps": steps}, rungs=(SimpleNamespace(rung=rung, folds=folds, model=kept),))


@pytest.mark.parametrize(
    ("ended", "early"),
    [
        (("max_steps", "max_steps", "callback"), ""),
        (("patience", "max_steps", "patience"), " 2 of 3 trainings ended before that, for want of a better score."),
    ],
)
def test_steps_tell_which_trainings_did_not_need_them(ended, early):
    (said,) = steps_text(run_of(*ended), width=200)
    assert said == f"Each network had 400 steps at most: --steps 400 repeats this run.{early}"


def test_nothing_is_said_of_steps_that_nobody_gave():
    assert steps_text(run_of("patience", steps=None)) == []
