"""The score by the number of rows: nested sets of them, the same rows that score, and a sentence."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.building import ladder_over
from gradatim.ladder.curves import CurvePoint, LearningCurve, _halved
from gradatim.ladder.rungs import rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.ladder.verdict import Score
from gradatim.settings import Settings
from gradatim.tables.examples import examples_of


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(2, 250))
    return {"x1": x1, "x2": x2, "y": 3 * x1 - x2 + rng.normal(size=250)}


def test_halves_are_nested_and_scored_on_the_same_rows(table):
    examples = examples_of(table, "y")
    split = split_rows(250, seed=0)
    settings = Settings("plain", random_state=0)
    whole, _ = ladder_over(examples, split, settings, rungs_named("linear"), task="regression", folds=2)
    half = _halved(whole)
    for large, small in zip(whole.footings, half.footings, strict=True):
        assert np.isin(small.roles.train, large.roles.train).all()
        assert len(small.roles.train) == len(large.roles.train) / 2
        assert np.array_equal(small.roles.held_out, large.roles.held_out)
        assert small.target.mean == pytest.approx(table["y"][small.roles.train].mean())


def test_a_run_has_a_curve_for_each_rung_that_ends_at_its_score(table):
    run = gd.fit(table, "y", rungs="constant,linear", learning_curves=True, folds=1)
    constant, linear = run.learning_curves.curves
    assert [point.rows for point in linear.points] == [20, 40, 80, 160]
    assert linear.points[-1].score.value == run.rungs[1].score.value
    assert [point["rows"] for point in run.metrics["learning_curves"]["constant"]] == [20, 40, 80, 160]
    # a mean hardly depends on the number of rows that it is taken of
    assert constant.points[0].score.value == pytest.approx(constant.points[-1].score.value, rel=0.1)
    assert run.learning_curves.sentence in str(run.verdict)


def test_each_point_is_what_a_ladder_on_these_rows_scores(table):
    """The constant rung is the mean of the rows that train: by hand for the half."""
    examples = examples_of(table, "y")
    split = split_rows(250, seed=0)
    rungs = rungs_named("constant")
    whole, _ = ladder_over(examples, split, Settings("plain", random_state=0), rungs, task="regression", folds=1)
    half = _halved(whole)
    mean = table["y"][half.footings[0].roles.train].mean()
    expected = np.sqrt(np.mean((table["y"][split.validation] - mean) ** 2))
    assert half.score(rungs[0]).value == pytest.approx(expected, abs=1e-6)


def point(rows, value, noise):
    return CurvePoint(rows, Score(value, np.array(noise)))


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([(100, 1.0), (200, 0.5)], "More rows would help: from 100 to 200 rows the linear model got better by 0.50"),
        ([(100, 1.0), (200, 0.99)], "More rows would hardly help"),
        ([(100, 0.5), (200, 1.0)], "More rows did not help"),
        ([(30, 1.0)], "Too few rows"),
    ],
)
def test_the_sentence_goes_by_the_last_doubling(points, sentence):
    """The noise of the difference is ±0.0707, whose standard deviation is 0.1."""
    noises = [[0.0, 0.0], [0.0707107, -0.0707107]]
    found = tuple(point(rows, value, noise) for (rows, value), noise in zip(points, noises, strict=False))
    assert LearningCurve("linear", "linear model", found).more_rows(METRICS["rmse"]).startswith(sentence)


def test_the_picture_has_a_line_for_each_rung(table):
    run = gd.fit(table, "y", rungs="constant,linear", learning_curves=True, folds=1)
    (ax,) = gd.plot.learning_curves(run.learning_curves).axes
    lines = [container.lines[0] for container in ax.containers]
    assert [list(line.get_xdata()) for line in lines] == [[20, 40, 80, 160]] * 2
    assert list(lines[1].get_ydata()) == [point.score.value for point in run.learning_curves.curves[1].points]
