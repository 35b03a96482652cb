"""Tree ensembles beside the rungs: on the same rows, with raw columns, and never kept."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss

import gradatim as gd
from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.building import ladder_over
from gradatim.ladder.rungs import rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.ladder.verdict import Score, Standing
from gradatim.ladder.yardstick import Yardstick, measure
from gradatim.settings import Settings
from gradatim.tables.examples import examples_of


@pytest.fixture(scope="module")
def table():
    """Numbers with a missing value, and a category whose levels are in no order."""
    rng = np.random.default_rng(0)
    x, city = rng.normal(size=90), rng.choice(["Rome", "Oslo", "Lima"], 90)
    y = np.where(x > 0, 3.0, 0.0) + 2.0 * (city == "Oslo") + rng.normal(scale=0.1, size=90)
    x[7] = np.nan
    return {"x": x, "city": city, "y": y, "c": np.where(y > 2.5, "high", "low")}


def ladder_of(source, target, task, folds):
    examples = examples_of({name: source[name] for name in ("x", "city", target)}, target)
    split = split_rows(examples.n_rows, None if task == "regression" else examples.y, seed=0)
    settings = Settings("plain", random_state=0)
    return ladder_over(examples, split, settings, rungs_named("constant"), task=task, folds=folds)[0]


def by_hand(table, ladder, y, model, predict):
    """scikit-learn's own on the same folds; levels numbered by hand, in whatever order."""
    codes = {"Rome": 0.0, "Oslo": 1.0, "Lima": 2.0}
    X = np.column_stack([table["x"], [codes[city] for city in table["city"]]])
    said, rows = [], []
    for footing in ladder.footings:
        train, held = footing.roles.train, footing.roles.held_out
        fitted = model(categorical_features=[False, True], random_state=0).fit(X[train], y[train])
        said.append(getattr(fitted, predict)(X[held]))
        rows.append(held)
    return np.concatenate(said), np.concatenate(rows)


def test_numbers_are_those_of_scikit_learn_on_the_same_folds(table):
    ladder = ladder_of(table, "y", "regression", 3)
    (found,) = measure(ladder, ["histogram_boosting"])
    said, rows = by_hand(table, ladder, table["y"], HistGradientBoostingRegressor, "predict")
    assert found.score.value == pytest.approx(np.sqrt(np.mean((said - table["y"][rows]) ** 2)), rel=1e-6)


def test_probabilities_are_those_of_scikit_learn_on_the_holdout(table):
    ladder = ladder_of(table, "c", "classification", 1)
    (found,) = measure(ladder, ["histogram_boosting"])
    said, rows = by_hand(table, ladder, table["c"], HistGradientBoostingClassifier, "predict_proba")
    assert found.score.value == pytest.approx(log_loss(table["c"][rows], said), rel=1e-6)


def test_nothing_is_prepared_where_nothing_is_asked_for():
    class Untouched:
        @property
        def footings(self):
            raise AssertionError("a copy of the table, for nothing")

    assert measure(Untouched(), []) == ()


def test_the_verdict_says_that_trees_suit_the_table_and_keeps_a_rung(table):
    """Steps, which a line cannot follow."""
    source = {name: table[name] for name in ("x", "city", "y")}
    run = gd.fit(source, "y", rungs="constant,linear", yardstick="histogram_boosting", folds=3)
    assert run.verdict.chosen in ("constant", "linear")
    assert "Histogram boosting scored" in str(run.verdict)
    (told,) = run.metrics["yardstick"]
    assert told["name"] == "histogram_boosting"
    assert told["score"] == run.yardsticks[0].score.value
    assert "yardstick" not in gd.fit(source, "y", rungs="constant", folds=1).metrics


def standing(value, noise):
    return Standing("linear", "linear model", False, Score(value, np.array(noise)))


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        (0.5, "better than what was kept by 0.50 ± 0.10; a tree ensemble suits this table."),
        (1.5, "worse than what was kept by 0.50 ± 0.10."),
        (1.05, "no different from what was kept (by -0.05 ± 0.10)."),
    ],
)
def test_the_sentence_goes_by_the_standard_error_of_the_difference(value, ending):
    """The noises differ by ±0.0707, whose standard deviation is 0.1."""
    kept = standing(1.0, [0.0, 0.0])
    found = Yardstick("histogram_boosting", "Histogram boosting", Score(value, np.array([0.0707107, -0.0707107])), 0.1)
    assert found.against(kept, METRICS["rmse"]).endswith(ending)


@pytest.mark.parametrize(
    ("name", "said"), [("histogram_bosting", "Did you mean"), ("catboost", "pip install catboost")]
)
def test_what_is_not_there_is_refused_before_anything_is_read(name, said, monkeypatch):
    monkeypatch.setattr("gradatim.ladder.yardstick.find_spec", lambda module: None)
    with pytest.raises(InputError, match=said):
        gd.fit("no such file.csv", "y", yardstick=name)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "catboost"])
def test_other_libraries_are_measured_where_they_are_installed(table, name):
    """Of four times the rows: LightGBM makes no leaf of fewer than 20."""
    pytest.importorskip(name)
    long = {column: np.tile(values, 4) for column, values in table.items()}
    for target, task in (("y", "regression"), ("c", "classification")):
        ladder = ladder_of(long, target, task, 2)
        (constant,) = ladder.climb()
        (found,) = measure(ladder, [name])
        assert found.score.value < constant.score.value
