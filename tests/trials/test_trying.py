"""Trials from a table: their numbers, and what those do not depend on."""

from weakref import ref

import numpy as np
import polars as pl
import pytest

import gradatim as gd
import gradatim.trials.trying as trying
import gradatim.trials.workers as workers
from gradatim.errors import InputError
from gradatim.ladder.folds import cut_folds
from gradatim.ladder.splits import split_rows
from gradatim.model import train_model
from gradatim.settings import Settings
from gradatim.tables.examples import Examples
from gradatim.trials.watcher import TrialWatcher

GRID = {"learning_rate": [0.03, 0.001], "hidden": [(6,), ()], "epochs": 4, "folds": 3}


def table(rows=120, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    y = x[:, 0] * x[:, 1] + x[:, 2] + 0.1 * rng.normal(size=rows)
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "kind": np.where(x[:, 2] > 0, "up", "down"), "y": y})


@pytest.fixture(scope="module")
def trials():
    return gd.try_values(table(), "y", **GRID, jobs=1)


def scores(trials):
    return {trial.candidate: (trial.score.value, trial.score.standard_error) for trial in trials.trials}


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_numbers_are_those_of_a_loop_written_out(task):
    frame = table()
    if task == "classification":
        frame = frame.with_columns(y=pl.Series(np.where(frame["y"].to_numpy() > 0, "yes", "no")))
    found = gd.try_values(frame, "y", learning_rate=[0.03, 0.001], hidden=(6,), epochs=4, seed=5, jobs=1)
    classes = task == "classification"
    split = split_rows(120, frame["y"].to_numpy() if classes else None, seed=5)
    seen = frame[split.development]
    folds = cut_folds(Examples.of(seen.drop("y"), seen["y"]), 3, classes=classes, share=0.2, seed=5)
    for trial in found.trials:
        rate, losses = trial.candidate.learning_rate, []
        for number, fold in enumerate(folds):
            rest = np.setdiff1d(np.arange(96), fold.scored)
            settings = Settings(hidden_widths=(6,), learning_rate=rate, max_epochs=4, random_state=5 + number)
            chosen = np.searchsorted(rest, fold.roles.held_out)
            model = train_model(settings, seen[rest].drop("y"), seen["y"][rest], validation_rows=chosen)
            scored = seen[fold.scored]
            if classes:
                right = model.predict_proba(scored)[np.arange(32), (scored["y"] == "yes").cast(int).to_numpy()]
                losses.append(-np.log(right))
            else:
                losses.append((model.predict(scored) - scored["y"].to_numpy()) ** 2)
        mean = float(np.mean(np.concatenate(losses)))
        assert trial.score.value == pytest.approx(mean if classes else np.sqrt(mean), rel=1e-9)
    assert found.metric.name == ("log_loss" if classes else "rmse")


def test_the_linear_model_is_solved_and_tried_once():
    frame = table().with_columns(y=2 * pl.col("a") - pl.col("b") + (pl.col("kind") == "up") + 0.1 * pl.col("y"))
    found = gd.try_values(frame, "y", learning_rate=[0.1, 0.2], hidden=(), jobs=1)
    (linear,) = found.trials
    assert (linear.parameters, linear.epochs) == (1 + 2 + 1, 0.0)  # a bias, two numbers, a category of two
    seen = frame[split_rows(120, seed=0).development]
    A = seen.select("a", "b", up=pl.col("kind") == "up", one=1.0).cast(pl.Float64).to_numpy()
    y, squares = seen["y"].to_numpy(), []
    for fold in cut_folds(Examples.of(seen.drop("y"), seen["y"]), 3, classes=False, share=0.2, seed=0):
        θ = np.linalg.lstsq(A[fold.roles.train], y[fold.roles.train], rcond=None)[0]
        squares.append((A[fold.scored] @ θ - y[fold.scored]) ** 2)
    assert linear.score.value == pytest.approx(
        np.sqrt(np.mean(np.concatenate(squares))), rel=0.05
    )  # its penalty is chosen


def test_the_number_of_processes_changes_nothing(trials):
    assert scores(gd.try_values(table(), "y", **GRID, jobs=2)) == scores(trials)


def test_what_else_is_tried_changes_nothing(trials):
    alone = gd.try_values(table(), "y", learning_rate=0.03, hidden=(6,), epochs=4, jobs=1)
    assert scores(alone).items() <= scores(trials).items()


def test_test_rows_are_those_of_fit_and_are_not_touched(trials):
    frame = table()
    test = split_rows(120, seed=0).test
    spoilt = frame.with_row_index().with_columns(
        a=pl.when(pl.col("index").is_in(test)).then(1e6).otherwise(pl.col("a")),
        y=pl.when(pl.col("index").is_in(test)).then(-1e6).otherwise(pl.col("y")),
    )
    assert scores(gd.try_values(spoilt.drop("index"), "y", **GRID, jobs=1)) == scores(trials)
    assert trials.reading.rows == {"tried": 96, "test": 24}
    assert gd.fit(frame, "y", rungs="constant").metrics["rows"]["test"] == 24


def test_the_best_is_first_and_what_is_close_is_within_one_standard_error(trials):
    values = [trial.score.value for trial in trials.trials]
    assert values == sorted(values)
    best = trials.best
    assert (best.behind, best.close) == (0.0, True)
    for trial in trials.trials[1:]:
        assert trial.behind == pytest.approx(trial.score.value - best.score.value)
        assert trial.behind_error == pytest.approx(np.std(trial.score.noise - best.score.noise, ddof=1))
        assert trial.close == (trial.behind <= trial.behind_error)


def test_a_metric_that_is_better_when_greater_sorts_the_other_way():
    found = gd.try_values(table(), "y", **GRID, jobs=1, metric="r2")
    values = [trial.score.value for trial in found.trials]
    assert values == sorted(values, reverse=True)
    assert found.trials[-1].behind > 0


def test_a_function_of_ones_own_is_a_metric_in_other_processes_too():
    def steadiness(y, predicted):
        return float(-np.max(np.abs(y - predicted)))

    one, two = (gd.try_values(table(), "y", hidden=[(3,), (4,)], epochs=2, metric=steadiness, jobs=j) for j in (1, 2))
    assert scores(one) == scores(two)


def test_a_candidate_that_diverges_stands_last_with_the_reason():
    wild = {"hidden": (6,), "epochs": 3, "preset": "plain", "jobs": 1}
    found = gd.try_values(table(), "y", learning_rate=[1e30, 0.01], **wild)
    assert [trial.candidate.learning_rate for trial in found.trials] == [0.01, 1e30]
    assert np.isnan(found.trials[-1].score.value)
    assert "learning_rate=1e+30 is too large" in found.trials[-1].message
    assert not found.trials[-1].close
    nothing = gd.try_values(table(), "y", learning_rate=1e30, **wild)
    assert nothing.best is None
    assert nothing.sentence.startswith("No candidate has a score")


class Clock:
    """Seconds that pass by one whenever somebody looks."""

    def __init__(self):
        self.now = -1.0

    def __call__(self):
        self.now += 1.0
        return self.now


@pytest.mark.parametrize(
    ("budget", "done", "compared", "ranked"), [(1, 1, (0,), 1), (3, 3, (0,), 3), (5, 5, (0,), 3), (7, 7, (0, 1), 3)]
)
def test_within_a_budget_trainings_begin_fold_by_fold(monkeypatch, trials, budget, done, compared, ranked):
    monkeypatch.setattr(workers, "monotonic", Clock())
    found = gd.try_values(table(), "y", **GRID, jobs=1, budget=budget)
    assert (found.done, found.of, found.compared, len(found.trials)) == (done, 9, compared, ranked)
    assert found.left_out == 3 - ranked
    assert f"The budget was used up after {done} of 9 trainings" in found.sentence
    assert ("left aside" in found.sentence) == (done not in (1, 3))
    again = gd.try_values(table(), "y", **GRID, jobs=1)
    assert scores(again) == scores(trials)


def test_after_ctrl_c_there_is_what_was_done():
    class Impatient(TrialWatcher):
        def trained(self, done, of):
            if done == 4:
                raise KeyboardInterrupt

    found = gd.try_values(table(), "y", **GRID, jobs=1, progress=Impatient())
    assert (found.interrupted, found.done, found.compared) == (True, 4, (0,))
    assert "Interrupted after 4 of 9 trainings" in found.sentence


def test_the_end_of_the_learning_rates_is_said():
    rates = {"hidden": (6,), "epochs": 3, "jobs": 1, "preset": "plain"}
    assert "is the largest that was tried: try larger ones" in str(
        gd.try_values(table(), "y", learning_rate=[1e-3, 1e-5], **rates)
    )
    assert "is the smallest that was tried: try smaller ones" in str(
        gd.try_values(table(), "y", learning_rate=[0.03, 1e4], **rates)
    )
    inside = gd.try_values(table(), "y", learning_rate=[1e-5, 0.03, 1e4], **rates)
    assert (inside.best.candidate.learning_rate, "that was tried" in str(inside)) == (0.03, False)


def test_fit_takes_the_best_candidates_arguments(trials):
    run = gd.fit(table(), "y", **trials.best.candidate.arguments)
    assert run.verdict.chosen == trials.best.candidate.rung.name
    assert run.model.settings_.hidden_widths == trials.best.candidate.hidden


def test_trials_are_a_dataframe_too(trials):
    frame = trials.to_frame()
    assert frame["score"].to_list() == [trial.score.value for trial in trials.trials]
    assert set(frame["hidden"]) == {"6", ""}


def test_groups_order_weights_and_several_targets_are_tried_as_well():
    frame = table().with_columns(
        who=pl.Series(np.arange(120) // 5), day=pl.Series(np.arange(120)), w=pl.Series([1.0, 0.0] * 60), z=pl.col("a")
    )
    quick = {"hidden": [(4,), ()], "epochs": 2, "jobs": 1}
    assert gd.try_values(frame, "y", group="who", weight="w", **quick).rows == 48
    ordered = gd.try_values(frame, "y", order="day", **quick)
    assert (ordered.rows, ordered.compared) == (72, (0, 1, 2))  # 24 test, and the first 24 are scored by no fold
    assert gd.try_values(frame, ["y", "z"], **quick).facts["target"] == ["y", "z"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"learning_rate": [0.1, 0]}, r"learning_rate must be a finite number above 0\. Got 0\."),
        ({"hidden": [(5,), (0,)]}, "hidden must be whole numbers"),
        ({"activation": ["relu", "rleu"]}, r"activation must be .* Did you mean 'relu'\?"),
        ({"epochs": [5, 0]}, r"epochs must be a whole number of 1 or more\. Got 0\."),
        ({"jobs": 0}, r"jobs must be a whole number of 1 or more, or None for all cores\. Got 0\."),
        ({"budget": 0}, r"budget must be a number of seconds above 0, or None\. Got 0\."),
        ({"folds": 1}, r"folds must be a whole number of 2 or more\. Got 1\."),
        ({"metric": "accuracy"}, "metric of a regression must be"),
        ({"seed": -1}, "seed must be"),
        ({"preset": "stron"}, "Did you mean 'strong'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(monkeypatch, asked, message):
    monkeypatch.setattr(workers, "train_on_fold", None)
    with pytest.raises(InputError, match=message):
        gd.try_values(table(), "y", **asked)


def test_of_the_folds_tables_two_are_alive_at_most(monkeypatch):
    """Nothing is encoded before its turn, and a fold's table goes when the next fold's is there."""
    made, alive, events = [], [], []
    make, train = trying.fold_table, workers.train_on_fold

    def watched_table(*arguments):
        found = make(*arguments)
        made.append(ref(found))
        alive.append(sum(table() is not None for table in made))
        events.append("table")
        return found

    def watched_training(task):
        events.append("training")
        return train(task)

    monkeypatch.setattr(trying, "fold_table", watched_table)
    monkeypatch.setattr(workers, "train_on_fold", watched_training)
    gd.try_values(table(), "y", learning_rate=[0.03, 0.01], hidden=(3,), epochs=1, folds=5, jobs=1)
    assert events == ["table", "training", "training"] * 5
    assert max(alive) <= 2


def test_a_metric_that_one_fold_does_not_allow_is_refused_before_anything_is_trained(monkeypatch):
    """The rows that choose the epoch of one of the folds are of one class alone."""
    monkeypatch.setattr(workers, "train_on_fold", None)
    frame = table(60).with_columns(
        day=pl.Series(np.arange(60)), y=pl.Series(["yes", "no"] * 5 + ["no"] * 27 + ["yes", "no"] * 11 + ["no"])
    )
    with pytest.raises(InputError, match="metric must be defined on the validation rows"):
        gd.try_values(frame, "y", order="day", metric="roc_auc", hidden=(3,), epochs=1, jobs=1)


def test_a_fault_while_a_fold_is_prepared_is_heard_from_other_processes_too(monkeypatch):
    make = trying.fold_table

    def broken(examples, fold, *rest):
        if made:
            raise ValueError("this fold is broken")
        made.append(fold)
        return make(examples, fold, *rest)

    made = []
    monkeypatch.setattr(trying, "fold_table", broken)
    with pytest.raises(ValueError, match="this fold is broken"):
        gd.try_values(table(), "y", learning_rate=[0.1, 0.2, 0.3, 0.4], hidden=(3,), epochs=1, jobs=2)
