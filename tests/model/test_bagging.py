"""How an ensemble is trained: each model on other rows, the same whatever else goes on."""

import _thread
import threading
import time

import numpy as np
import pytest

from gradatim.errors import DivergedError, InputError
from gradatim.formulas.metrics import METRICS
from gradatim.model import Settings, train_ensemble, train_model
from gradatim.model.bagging import ensemble_of, models_of, parts_held_out, rounds_of
from gradatim.tables import ClassTarget
from gradatim.tables.examples import Examples
from gradatim.training import Checkpoint

rng = np.random.default_rng(4)
X = rng.normal(size=(60, 3))
number = 3 * X[:, 0] + rng.normal(size=60)
two = np.where(X[:, 1] > 0, "yes", "no")


def settings(**changes):
    return Settings(**{"preset": "plain", "hidden_widths": (4,), "max_epochs": 3, "random_state": 1} | changes)


def vectors(ensemble):
    return [model.vector for model in ensemble.models]


# --- which rows -------------------------------------------------------------------------------------------------------


def test_each_row_is_held_out_once_and_classes_are_in_proportion():
    ensemble = train_ensemble(settings(), X, two, models=5)
    assert np.array_equal(np.sort(np.concatenate(ensemble.held_out)), np.arange(60))
    share = np.mean(two == "yes")
    for model, held in zip(ensemble.models, ensemble.held_out, strict=True):
        assert model.rows == {"train": 48, "validation": 12}
        assert abs(np.mean(two[held] == "yes") - share) < 1 / 12


def test_the_share_says_how_many_parts_there_are_and_more_models_cut_anew():
    ensemble = train_ensemble(settings(validation=1 / 3), X, number, models=5)
    held = ensemble.held_out
    assert [len(part) for part in held] == [20] * 5
    assert len(np.unique(np.concatenate(held[:3]))) == 60
    assert len(np.unique(np.concatenate(held[3:]))) == 40
    assert not any(np.array_equal(held[3], part) for part in held[:3])


def test_groups_are_held_out_whole():
    groups = np.arange(60) // 4
    for held in train_ensemble(settings(), X, number, models=5, groups=groups).held_out:
        assert not set(groups[held]) & set(np.delete(groups, held))


def test_rows_of_weight_0_take_no_part():
    weights = (np.arange(60) % 3 > 0).astype(float)
    ensemble = train_ensemble(settings(), X, number, models=5, weights=weights)
    assert np.array_equal(np.sort(np.concatenate(ensemble.held_out)), np.flatnonzero(weights))
    assert {sum(model.rows.values()) for model in ensemble.models} == {40}


def test_fewer_rows_than_parts_are_held_out_one_by_one_and_a_single_row_trains():
    three = Examples.of(X[:3], number[:3])
    parts = parts_held_out(three, None, 0.2, 5, np.random.default_rng(0))
    assert [len(part) for part in parts] == [1] * 5
    assert sorted(np.concatenate(parts[:3]).tolist()) == [0, 1, 2]
    alone = train_ensemble(settings(), X[:1], number[:1], task="regression", models=2)
    assert [model.rows for model in alone.models] == [{"train": 1, "validation": 0}] * 2


@pytest.mark.parametrize(
    ("changes", "rest"),
    [({"validation": None}, {}), ({}, {"validation": (X[:10], number[:10])})],
    ids=["none", "rows of their own"],
)
def test_without_a_share_all_train_on_all_rows_and_differ_by_their_seeds(changes, rest):
    ensemble = train_ensemble(settings(**changes), X, number, models=2, **rest)
    assert [model.rows["train"] for model in ensemble.models] == [60, 60]
    assert ensemble.held_out is None
    assert not np.array_equal(*vectors(ensemble))


def test_parts_may_be_given():
    target = ClassTarget.fit(two)
    parts = [np.array([5, 3]), np.arange(20, 40)]
    ensemble = ensemble_of(Examples.of(X, two), settings(), target, parts=parts)
    assert [held.tolist() for held in ensemble.held_out] == [[3, 5], list(range(20, 40))]
    with pytest.raises(InputError, match=r"models must be at most the 2 parts that are held out\. Got 3"):
        ensemble_of(Examples.of(X, two), settings(), target, parts=parts, models=3)


# --- the same models --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [number, two], ids=["numbers", "classes"])
def test_each_model_is_what_train_model_makes_of_its_rows_and_seed(y):
    ensemble = train_ensemble(settings(), X, y, models=3)
    for model, held in zip(ensemble.models, ensemble.held_out, strict=True):
        alone = settings(random_state=model.settings_.random_state, n_threads=1)
        assert np.array_equal(model.vector, train_model(alone, X, y, validation_rows=held).vector)


def test_what_comes_out_does_not_depend_on_how_many_train_at_a_time():
    one, many = (train_ensemble(settings(n_threads=threads), X, two, models=4) for threads in (1, 4))
    assert all(np.array_equal(a, b) for a, b in zip(vectors(one), vectors(many), strict=True))
    assert [model.settings_.n_threads for model in many.models] == [4] * 4


def test_as_many_train_at_a_time_as_there_are_threads():
    training, most, lock = set(), [], threading.Lock()

    class Watch:
        def __init__(self, number):
            self.number = number

        def on_epoch_end(self, progress):
            with lock:
                training.add(self.number)
                most.append(len(training))
                if progress.epoch == progress.max_epochs:
                    training.discard(self.number)
            time.sleep(0.01)

    train_ensemble(settings(n_threads=2), X, number, models=5, callbacks_of=lambda number: [Watch(number)])
    assert max(most) == 2


def test_the_first_models_stay_where_more_are_asked_for():
    few, more = (train_ensemble(settings(), X, two, models=models) for models in (2, 7))
    assert all(np.array_equal(a, b) for a, b in zip(vectors(few), vectors(more)[:2], strict=True))


def test_seeds_that_are_neighbours_share_no_model():
    one, other = (train_ensemble(settings(random_state=seed), X, two, models=3) for seed in (1, 2))
    seeds = [{model.settings_.random_state for model in ensemble.models} for ensemble in (one, other)]
    assert not seeds[0] & seeds[1]
    assert (one.settings_.random_state, other.settings_.random_state) == (1, 2)


def test_a_seed_that_was_drawn_can_be_used_again():
    drawn = train_ensemble(settings(random_state=None), X, two, models=2)
    again = train_ensemble(settings(random_state=drawn.settings_.random_state), X, two, models=2)
    assert all(np.array_equal(a, b) for a, b in zip(vectors(drawn), vectors(again), strict=True))


def test_a_training_that_was_kept_is_not_trained_again(tmp_path):
    """Of three models two are there already when the third is asked for: they are read, and call nothing back."""
    examples, called = Examples.of(X, number), []

    class Count:
        def __init__(self, number):
            self.number = number

        def on_epoch_end(self, progress):
            called.append(self.number)

    def kept(models):
        return ensemble_of(
            examples,
            settings(n_threads=1),
            None,
            models=models,
            callbacks_of=lambda number: [Count(number)],
            checkpoint_of=lambda number: Checkpoint(tmp_path / f"model-{number}"),
        )

    kept(2)
    called.clear()
    three = kept(3)
    assert called == [2, 2, 2]
    fresh = train_ensemble(settings(), X, number, models=3)
    assert all(np.array_equal(a, b) for a, b in zip(vectors(three), vectors(fresh), strict=True))


def test_another_metric_may_choose_the_epochs():
    ensemble = ensemble_of(Examples.of(X, number), settings(), None, models=2, metric=METRICS["mae"])
    assert ensemble.history_.judged_by == "validation_mae"


# --- settings ---------------------------------------------------------------------------------------------------------


def test_best_is_several_strong_networks_and_without_hidden_layers_one():
    assert [models_of(Settings(preset), "classification") for preset in ("plain", "strong", "best")] == [1, 1, 5]
    assert models_of(Settings("best", hidden_widths=()), "regression") == 1
    best, strong = (
        Settings(preset).resolved("regression", output="identity", rows=60) for preset in ("best", "strong")
    )
    assert {name for name, value in vars(best).items() if value != getattr(strong, name)} == {"preset"}


def test_the_preset_says_how_many_models_there_are():
    ensemble = train_ensemble(settings(preset="best", max_epochs=1), X, two)
    assert len(ensemble.models) == 5


@pytest.mark.parametrize("models", [0, -1, 2.5, "two", True])
def test_a_number_of_models_that_is_none_is_refused(models):
    with pytest.raises(InputError, match="models must be a whole number of 1 or more"):
        train_ensemble(settings(), X, two, models=models)


def test_a_share_of_more_than_half_is_refused():
    with pytest.raises(InputError, match=r"validation must be a share of at most 0\.5 in an ensemble\. Got 0\.6"):
        train_ensemble(settings(validation=0.6), X, two, models=2)


def test_a_line_has_an_ensemble_too():
    """L-BFGS chooses no epoch: all rows train, and all models find the same optimum."""
    lines = train_ensemble(settings(hidden_widths=(), optimizer="lbfgs", max_epochs="preset"), X, number, models=2)
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), number, rcond=None)[0]
    assert lines.predict(X) == pytest.approx(np.column_stack([X, np.ones(60)]) @ expected, abs=1e-3)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_is_told_of_and_the_others_end():
    with pytest.raises(DivergedError):
        train_ensemble(settings(learning_rate=1e30, optimizer="gradient_descent"), X, number, models=3)


class Interrupt:
    """Presses Ctrl-C when its model is at this epoch, and waits until the main thread has heard it."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_end(self, progress):
        if progress.epoch == self.epoch:
            _thread.interrupt_main()
            time.sleep(0.3)


def test_after_ctrl_c_the_models_that_are_whole_are_kept():
    def callbacks_of(number):
        return [Interrupt(1)] if number == 2 else []

    ensemble = train_ensemble(settings(n_threads=1), X, number, models=5, callbacks_of=callbacks_of)
    assert len(ensemble.models) == len(ensemble.held_out) == 2
    assert ensemble.message == "Interrupted: 2 of 5 models were trained, and are kept."
    whole = train_ensemble(settings(n_threads=1), X, number, models=2)
    assert all(np.array_equal(a, b) for a, b in zip(vectors(ensemble), vectors(whole), strict=True))


def test_a_training_that_ctrl_c_cut_off_can_go_on(tmp_path):
    """The one that Ctrl-C struck ends after its epoch, and is not taken for one that had ended."""
    examples = Examples.of(X, number)

    def trained(callbacks_of=None):
        def checkpoint_of(number):
            return Checkpoint(tmp_path / f"model-{number}", every_seconds=0)

        how = {"models": 2, "callbacks_of": callbacks_of, "checkpoint_of": checkpoint_of}
        return ensemble_of(examples, settings(n_threads=1), None, **how)

    assert len(trained(lambda number: [Interrupt(2)] if number == 1 else []).models) == 1
    assert (tmp_path / "model-1").exists()
    fresh = train_ensemble(settings(), X, number, models=2)
    assert all(np.array_equal(a, b) for a, b in zip(vectors(trained()), vectors(fresh), strict=True))


def test_trainings_that_follow_one_another_are_counted():
    assert [rounds_of(5, settings(n_threads=threads)) for threads in (1, 2, 3, 5, 9)] == [5, 3, 2, 1, 1]


def test_ctrl_c_before_any_model_is_whole_is_passed_on():
    with pytest.raises(KeyboardInterrupt):
        train_ensemble(settings(n_threads=1), X, number, models=2, callbacks_of=lambda number: [Interrupt(1)][number:])
