"""Rungs in folds: each row is scored by a training that did not see it, and what is kept learns from all of them."""

from __future__ import annotations

import filecmp

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS
from gradatim.ladder.building import ladder_over
from gradatim.ladder.folds import FEW_ROWS
from gradatim.ladder.rungs import rungs_named
from gradatim.ladder.splits import split_rows
from gradatim.ladder.watcher import Watcher
from gradatim.model.training import train_prepared
from gradatim.settings import Settings
from gradatim.tables import Encoding, TableEncoder
from gradatim.tables.examples import examples_of

PENALTIES = (100.0, 10.0, 1.0, 0.1, 0.01)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x1, x2 = rng.normal(size=(2, 120))
    return {"x1": x1, "x2": x2, "y": 3 * x1 - x2 + np.sin(3 * x2) + rng.normal(size=120)}


def ladder_of(source, rungs, folds, *, seed=1, task="regression", **settings):
    examples = examples_of(source, "y")
    split = split_rows(examples.n_rows, None if task == "regression" else examples.y, seed=seed)
    asked = Settings("plain", random_state=seed, **{"hidden_widths": (6, 5), "max_epochs": 4, **settings})
    return ladder_over(examples, split, asked, rungs_named(rungs), task=task, folds=folds)[0], split


def rows_of(ladder):
    return [(footing.roles.train, footing.roles.held_out) for footing in ladder.footings]


def test_every_row_that_does_not_test_is_held_out_once(table):
    ladder, split = ladder_of(table, "linear", 4)
    assert np.array_equal(np.sort(np.concatenate([held for _, held in rows_of(ladder)])), split.development)
    for train, held in rows_of(ladder):
        assert np.array_equal(np.union1d(train, held), split.development)
        assert not np.intersect1d(train, held).size
    assert np.array_equal(ladder.roles.train, split.development)
    assert ladder.roles.held_out is None


def test_one_fold_is_the_holdout_of_the_split(table):
    for folds in (1, None):
        ladder, split = ladder_of(table, "linear", folds)
        ((train, held),) = rows_of(ladder)
        assert np.array_equal(train, split.train)
        assert np.array_equal(held, split.validation)


def ridge_on(table, train, held, alpha):
    """scikit-learn's, on the same encoding and the standardized target; predictions in the target's units."""
    from sklearn.linear_model import Ridge

    columns = {name: table[name] for name in ("x1", "x2")}
    X = TableEncoder.fit(columns, train, Encoding(clip=None, dtype="float64")).encode(columns).X
    mean, std = table["y"][train].mean(), table["y"][train].std()
    return Ridge(alpha=alpha).fit(X[train], (table["y"][train] - mean) / std).predict(X[held]) * std + mean


def test_linear_rung_has_the_penalty_that_suits_all_folds_together(table):
    """By hand: Ridge(alpha) in each fold, one alpha for all, scored over all rows; then once more on all of them."""
    ladder, split = ladder_of(table, "linear", 4)
    (tried,) = ladder.climb()
    held = np.concatenate([held for _, held in rows_of(ladder)])
    said = {a: np.concatenate([ridge_on(table, *rows, a) for rows in rows_of(ladder)]) for a in PENALTIES}
    rmse = {a: np.sqrt(np.mean((table["y"][held] - p) ** 2)) for a, p in said.items()}
    best = min(rmse, key=rmse.get)
    assert tried.score.value == pytest.approx(rmse[best], rel=1e-4)
    squares = (table["y"][held] - said[best]) ** 2
    # the delta method: sd of the squares over 2·rmse·√n
    assert tried.score.standard_error == pytest.approx(
        np.std(squares, ddof=1) / (2 * rmse[best] * np.sqrt(len(held))), rel=0.02
    )
    kept = ridge_on(table, split.development, split.test, best)
    rows = {name: table[name][split.test] for name in ("x1", "x2")}
    assert tried.model.predict(rows) == pytest.approx(kept, abs=1e-4)


def test_a_network_is_scored_by_the_trainings_that_did_not_see_the_row(table):
    ladder, _ = ladder_of(table, "deep", 3)
    (tried,) = ladder.climb()
    errors = [
        model.predict({name: table[name][held] for name in ("x1", "x2")}) - table["y"][held]
        for model, (_, held) in zip(tried.folds, rows_of(ladder), strict=True)
    ]
    assert tried.score.value == pytest.approx(np.sqrt(np.mean(np.concatenate(errors) ** 2)), rel=1e-9)
    starts = {model.settings_.random_state for model in tried.folds}
    assert starts == {1}
    assert len({model.vector.tobytes() for model in tried.folds}) == 3


def test_what_is_kept_was_trained_on_all_rows_for_the_mean_of_the_best_epochs(table):
    ladder, split = ladder_of(table, "shallow", 3, max_epochs=12, learning_rate=0.05)
    (tried,) = ladder.climb()
    epochs = round(np.mean([model.training.best_epoch for model in tried.folds]))
    assert len(tried.model.history_) == epochs
    assert tried.model.rows == {"train": len(split.development), "validation": 0}
    footing = ladder.all_rows
    settings = footing.resolved(
        Settings("plain", random_state=1, hidden_widths=(6,), max_epochs=epochs, learning_rate=0.05)
    )
    prepared = footing.numbers_for(tried.rung, settings)
    alone = train_prepared(prepared, settings, np.random.default_rng(1))
    assert np.array_equal(alone.vector, tried.model.vector), "the plain preset's rate is constant"


def test_auto_takes_folds_of_few_rows_and_one_holdout_of_many():
    rng = np.random.default_rng(0)
    few, many = ({"x": rng.normal(size=m), "y": rng.normal(size=m)} for m in (50, FEW_ROWS * 5 // 4))
    assert len(ladder_of(few, "linear", "auto")[0].footings) == 5
    assert len(ladder_of(many, "linear", "auto")[0].footings) == 1
    assert len(ladder_of(many, "linear", 2)[0].footings) == 2


def test_auto_takes_one_holdout_where_folds_cannot_be_scored():
    """Three rows of a class do not reach every one of five folds, in which roc_auc would need both."""
    rare = {"x": np.arange(60.0), "y": ["yes"] * 4 + ["no"] * 56}
    ladder, _ = ladder_of(rare, "linear", "auto", task="classification", metric="roc_auc")
    assert len(ladder.footings) == 1
    with pytest.raises(InputError, match="roc_auc"):
        ladder_of(rare, "linear", 5, task="classification", metric="roc_auc")


def test_rows_in_order_have_one_holdout_unless_folds_are_asked_for():
    table = {"x": np.arange(60.0), "day": np.arange(60.0), "y": np.sin(np.arange(60.0))}
    assert gd.fit(table, "y", rungs="linear", order="day").metrics["folds"] == 1
    assert gd.fit(table, "y", rungs="linear", order="day", folds=3).metrics["folds"] == 3


@pytest.mark.parametrize("folds", [0, -1, 2.5, True, "five"])
def test_what_is_no_number_of_folds_is_refused(folds):
    with pytest.raises(InputError, match="folds must be"):
        gd.fit("sample:iris", rungs="constant", folds=folds)


def test_a_run_says_in_words_and_numbers_what_it_was_compared_on(table):
    folded = gd.fit(table, "y", rungs="linear,shallow", epochs=3, preset="plain", hidden=(4,), folds=3)
    assert folded.metrics["folds"] == 3
    assert folded.metrics["rows"] == {"train": 96, "validation": 0, "test": 24}
    assert "Compared in 3 folds, over 96 rows" in str(folded.verdict)
    assert "trained once more, on all 96 rows" in str(folded.verdict)
    assert str(folded).endswith("Trained on 96, validated in 3 folds of these, tested on 24 rows.")
    held_out = gd.fit(table, "y", rungs="linear", folds=1)
    assert "Compared on one holdout of 19 rows." in held_out.metrics["verdict"]
    assert "once more" not in held_out.metrics["verdict"]


class KilledAt(Watcher):
    """Interrupts the training of one fold."""

    def __init__(self, rung, fold):
        self.rung, self.at, self.now = rung, fold, None

    def fold(self, rung, number, of):
        self.now = (rung.name, number)

    def epoch(self, rung, progress):
        if self.now == (self.rung, self.at) and progress.epoch == 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("fold", [1, 3])
def test_a_run_that_was_cut_off_within_a_fold_goes_on_to_the_same_bytes(table, tmp_path, fold):
    arguments = {"rungs": "linear,shallow,deep", "preset": "plain", "hidden": (6, 5), "epochs": 5, "folds": 3}
    gd.fit(table, "y", out=tmp_path / "whole", **arguments)
    with pytest.raises(KeyboardInterrupt):
        gd.fit(table, "y", out=tmp_path / "cut", progress=KilledAt("shallow", fold), **arguments)
    assert (tmp_path / "cut.partial" / "checkpoints" / "linear-0-fold-2").is_file()
    gd.fit(table, "y", out=tmp_path / "cut", resume=True, **arguments)
    names = ["model.safetensors", *(f"rungs/{name}.safetensors" for name in ("linear", "shallow", "deep"))]
    same, other, lost = filecmp.cmpfiles(tmp_path / "whole", tmp_path / "cut", names, shallow=False)
    assert (sorted(same), other, lost) == (sorted(names), [], [])


def test_a_budget_gives_each_training_of_a_fold_the_same_steps(table, tmp_path, no_clock):
    arguments = {"rungs": "shallow", "preset": "plain", "hidden": (6,), "folds": 3}
    run = gd.fit(table, "y", budget=1.0, out=tmp_path / "run", **arguments)
    assert {model.settings_.max_steps for model in (*run.rungs[0].folds, run.model)} == {run.metrics["steps"]}
    again = gd.fit(table, "y", steps=run.metrics["steps"], **arguments)
    assert np.array_equal(again.model.vector, run.model.vector)


def test_history_tells_folds_apart(table, tmp_path):
    import polars as pl

    arguments = {"rungs": "linear,shallow", "preset": "plain", "hidden": (6,), "epochs": 3, "folds": 2}
    run = gd.fit(table, "y", out=tmp_path / "run", **arguments)
    rows = pl.read_csv(tmp_path / "run" / "history.csv").filter(pl.col("rung") == "shallow")
    assert rows.filter(pl.col("fold") == 2)["validation_rmse"].to_list() == pytest.approx(
        list(run.rungs[1].folds[1].history_["validation_rmse"])
    )
    assert rows.filter(pl.col("fold").is_null()).height == len(run.rungs[1].model.history_)


def test_a_score_over_folds_is_the_metric_over_all_rows_at_once(table):
    from gradatim.ladder.scoring import Outcome, pooled_score
    from gradatim.tables import ClassTarget

    target = ClassTarget.fit(["a", "b"])
    parts = [Outcome(target, ["a", "b"], np.array([[0.2], [0.9]])), Outcome(target, ["b"], np.array([[0.4]]))]
    losses = -np.log([0.8, 0.9, 0.4])
    found = pooled_score(parts, METRICS["log_loss"])
    assert found.value == pytest.approx(losses.mean())
    assert found.standard_error == pytest.approx(np.std(losses, ddof=1) / np.sqrt(3))
