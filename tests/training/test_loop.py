"""The training loop: what it keeps, why it stops, what it says."""

from dataclasses import replace

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Plan, Problem
from gradatim.errors import DivergedError, EngineUnavailableError
from gradatim.formulas.initializers import initializer
from gradatim.formulas.losses import HalfSquaredError
from gradatim.network import Architecture, Dense, Dropout
from gradatim.settings import Settings
from gradatim.tables import Encoding
from gradatim.training import StopTraining, Validation, fit_parameters, initial_vector
from gradatim.training.advice import on_divergence

m = 60
X = np.random.default_rng(5).standard_normal((m, 3))
Y = (X @ np.array([[1.0], [-2.0], [0.5]])) ** 2
TRAIN, HELD = np.arange(40), np.arange(40, 60)


def train(validation=None, callbacks=(), engine=textbook, seed=0, **changes):
    usual = {"max_epochs": 6, "batch_size": 8, "hidden_widths": (5,), "dtype": "float64", "patience_epochs": None}
    settings = Settings(**{"preset": "plain"} | usual | changes).resolved("regression", output="identity", rows=40)
    layers = (Dense(5, "tanh"), *((Dropout(settings.dropout),) if settings.dropout else ()))
    problem = Problem(
        Architecture(3, layers=layers, output=Dense(1, "identity")), settings.loss, (), settings.optimizer
    )
    rng = np.random.default_rng(seed)
    vector = initial_vector(problem.architecture, initializer("he"), rng)
    return fit_parameters(problem, vector, Data(X, None, Y), TRAIN, settings, rng, engine, validation, callbacks)


class Keep:
    """Copies of the parameters after each epoch."""

    def __init__(self):
        self.vectors = []

    def on_epoch_end(self, progress):
        self.vectors.append(progress.vector.copy())


def scripted(scores, **settings):
    remaining = iter(scores)
    return Validation(HELD, "scripted", lambda θ, A: next(remaining), **settings)


def test_the_parameters_of_the_best_epoch_come_back():
    keep = Keep()
    result = train(scripted([5, 3, 4, 3, 6, 9]), [keep])
    assert result.best_epoch == 4
    assert np.array_equal(result.vector, keep.vectors[3])
    assert not np.array_equal(result.vector, keep.vectors[5])
    assert result.history["validation_scripted"].tolist() == [5, 3, 4, 3, 6, 9]
    assert result.message == "Trained for 6 epochs, as many as were allowed. Kept epoch 4."


def test_patience_ends_a_training():
    result = train(scripted([5, 3, 4, 4, 1, 1]), patience_epochs=2)
    assert (result.stopped_because, len(result.history), result.best_epoch) == ("patience", 4, 2)


def test_patience_without_validation_never_ends_one():
    assert len(train(patience_epochs=1).history) == 6


def test_validation_sees_the_rows_held_out():
    seen = []
    train(Validation(HELD, "shape", lambda θ, A: seen.append((θ.shape, A.shape)) or 1.0))
    assert seen == [((26,), (20, 1))] * 6


def test_the_training_loss_is_the_mean_over_rows():
    """At a learning rate of next to nothing every batch sees the initial parameters."""
    first = train(learning_rate=1e-12, max_epochs=1)
    problem = Problem(Architecture(3, layers=(Dense(5, "tanh"),), output=Dense(1, "identity")), HalfSquaredError())
    expected = textbook.evaluate(problem, first.vector, Data(X, None, Y), TRAIN)
    assert first.history["training_loss"][0] == pytest.approx(expected, rel=1e-6)


def test_same_seed_same_parameters_and_another_seed_others():
    assert np.array_equal(train(seed=3, dropout=0.3).vector, train(seed=3, dropout=0.3).vector)
    assert not np.array_equal(train(seed=3, dropout=0.3).vector, train(seed=4, dropout=0.3).vector)


def test_rows_that_do_not_train_change_nothing():
    """Targets of the other rows may be anything."""
    result = train()
    before = Y[HELD].copy()
    try:
        Y[HELD] = 1e9
        assert np.array_equal(train().vector, result.vector)
    finally:
        Y[HELD] = before


class Stop:
    def __init__(self, at, by):
        self.at, self.by = at, by

    def on_epoch_end(self, progress):
        if progress.epoch == self.at:
            if self.by is False:
                return False
            raise self.by
        return None


@pytest.mark.parametrize("by", [False, StopTraining()])
def test_a_callback_stops_a_training(by):
    result = train(callbacks=[Stop(3, by)])
    assert (result.stopped_because, len(result.history)) == ("callback", 3)


def test_an_interrupt_keeps_the_best_so_far():
    keep = Keep()
    result = train(scripted([2, 1, 3, 4, 5, 6]), [keep, Stop(4, KeyboardInterrupt())])
    assert (result.stopped_because, result.best_epoch) == ("interrupted", 2)
    assert np.array_equal(result.vector, keep.vectors[1])


class Broken:
    """The textbook engine, whose loss is no number from some epoch on."""

    def __init__(self, first_bad_epoch):
        self.calls, self.first = 0, first_bad_epoch

    def __getattr__(self, name):
        return getattr(textbook, name)

    def train(self, problem, state, data, plan, start, stop, workspace=None):
        self.calls += 1
        if self.calls >= self.first:
            data = replace(data, Y=np.full_like(data.Y, np.nan))
        return textbook.train(problem, state, data, plan, start, stop, workspace)


def test_a_step_that_is_not_finite_keeps_the_best_so_far():
    result = train(scripted([3, 1, 2]), engine=Broken(4))
    assert (result.stopped_because, result.best_epoch, len(result.history)) == ("diverged", 2, 3)
    assert "epoch 4, step 1 of 5" in result.message
    assert "Usual cause: learning_rate=0.001 is too large. Try learning_rate=0.0001." in result.message


def test_a_first_epoch_that_is_not_finite_is_an_error():
    with pytest.raises(DivergedError, match=r"epoch 1, step \d+ of 5"):
        train(learning_rate=1e100, optimizer="gradient_descent")


@pytest.mark.parametrize(
    ("rate", "encoding", "largest", "said"),
    [
        (1e30, "auto", 3, "Usual cause: learning_rate=1e+30 is too large. Try learning_rate=0.001."),
        (1.2, "auto", 3, "Usual cause: learning_rate=1.2 is too large. Try learning_rate=0.12."),
        (1e-3, Encoding(), 3, "Usual cause: learning_rate=0.001 is too large. Try learning_rate=0.0001."),
        (
            *(0.5, None, 40),
            "Usual causes: learning_rate=0.5 is too large, or X is not scaled (largest |X| = 40). "
            'Try learning_rate=0.05, or encoding="auto".',
        ),
        (
            *(1e6, Encoding(numbers="none"), 3000),
            "Usual causes: learning_rate=1e+06 is too large, or X is not scaled (largest |X| = 3e+03). "
            'Try learning_rate=0.001, or encoding="auto".',
        ),
        (
            *(0.5, Encoding(clip=None), 3000),
            "Usual causes: learning_rate=0.5 is too large, or X has outliers (largest scaled |X| = 3e+03). "
            "Try learning_rate=0.05, or encoding=Encoding(clip=3).",
        ),
    ],
    ids=["wild rate", "the course's rate", "usual rate", "no encoding", "numbers as they are", "outliers"],
)
def test_the_advice_fits_rate_and_scale(rate, encoding, largest, said):
    """A tenth of a wild rate is wild, and scaled numbers need no scaling."""
    settings = Settings("plain", learning_rate=rate, encoding=encoding).resolved(
        "regression", output="identity", rows=8
    )
    plan = Plan(np.arange(8), 8, 8, [rate], [0.0], [1.0])
    table = np.array([[-largest], [1.0]])
    assert on_divergence(1, 0, plan, settings, table, "forward").endswith(said)


def test_progress_and_history_tell_the_same():
    rows = []

    class Look:
        def on_epoch_end(self, progress):
            rows.append((progress.epoch, progress.max_epochs, progress.row))

    result = train(callbacks=[Look()])
    assert [row for _, _, row in rows] == list(result.history)
    assert [(epoch, last) for epoch, last, _ in rows] == [(epoch, 6) for epoch in range(1, 7)]
    assert result.seconds == result.history["seconds"][-1] > 0


def test_an_unknown_column_of_the_history_is_named():
    with pytest.raises(ValueError, match="Did you mean 'training_loss'"):
        train().history["trainings_loss"]


def test_blas_pools_are_held_and_given_back():
    from threadpoolctl import threadpool_info

    before = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    during = []

    class Look:
        def on_epoch_end(self, progress):
            during.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})

    train(callbacks=[Look()], max_epochs=1)
    assert during == [{1}]
    assert [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"] == before


def test_a_score_that_is_never_a_number_keeps_the_last_epoch_and_says_so():
    keep = Keep()
    result = train(scripted([np.nan] * 6), [keep])
    assert (result.best_epoch, len(result.history)) == (6, 6)
    assert np.array_equal(result.vector, keep.vectors[-1])
    assert result.message.endswith("Kept the last epoch: no validation scripted was a number.")


class Leaps:
    """The textbook engine, whose parameters leap far away, but not to infinity, at the end of some epoch."""

    def __init__(self, epoch):
        self.calls, self.epoch = 0, epoch

    def __getattr__(self, name):
        return getattr(textbook, name)

    def train(self, *arguments):
        state, loss_sum, bad_step = textbook.train(*arguments)
        self.calls += 1
        far = state.vector * 0 + 1e308 if self.calls == self.epoch else state.vector
        return replace(state, vector=far), loss_sum, bad_step


@pytest.mark.parametrize("judge", [None, Validation(HELD, "never asked", lambda θ, A: float("nan"))])
def test_outputs_that_are_not_finite_behind_the_last_step_are_an_error(judge):
    with pytest.raises(DivergedError, match="epoch 1, step 5 of 5"):
        train(judge, engine=Leaps(1), max_epochs=1)


def test_outputs_that_are_not_finite_behind_a_later_epoch_keep_the_best_so_far():
    keep = Keep()
    result = train(scripted([3, 1]), [keep], engine=Leaps(3), max_epochs=3)
    assert (result.stopped_because, result.best_epoch, len(result.history)) == ("diverged", 2, 2)
    assert "epoch 3, step 5 of 5" in result.message
    assert np.array_equal(result.vector, keep.vectors[1])


def test_without_validation_an_epoch_whose_outputs_were_not_finite_is_not_kept():
    """The next epoch finds out at its first step; what is kept then is what was wrong already."""
    with pytest.raises(DivergedError, match="epoch 2, step 1 of 5"):
        train(engine=Leaps(1))


@pytest.mark.parametrize(
    "changes", [{"validation": None}, {"validation": Validation(HELD, "mean", lambda θ, A: np.mean(A))}]
)
def test_parameters_that_become_infinite_in_the_only_step_are_an_error(changes):
    with pytest.raises(DivergedError, match="epoch 1, step 1 of 1"):
        train(learning_rate=1e308, optimizer="gradient_descent", batch_size=None, max_epochs=1, **changes)


class Declines:
    """The textbook engine, if it could not run anything."""

    def __getattr__(self, name):
        return getattr(textbook, name)

    def unsupported(self, problem):
        return "it knows no tanh"


def test_an_engine_may_decline_in_a_sentence():
    with pytest.raises(EngineUnavailableError, match=r"engine must be one .* Got '.*': it knows no tanh\."):
        train(engine=Declines())


# ---- a number of steps


@pytest.mark.parametrize(("steps", "epochs"), [(1, 1), (5, 1), (12, 3), (30, 6)])
def test_a_training_ends_after_so_many_steps(steps, epochs):
    counted = Counts()
    result = train(engine=counted, max_steps=steps, max_epochs=None)
    assert counted.steps == result.state.step == steps
    assert (result.stopped_because, len(result.history)) == ("max_steps", epochs)
    assert result.message == f"Trained for {steps} steps, as many as were allowed."


def test_as_many_steps_as_epochs_have_are_the_same_training():
    schedule = {"schedule": "cosine", "dropout": 0.2}
    in_steps, in_epochs = train(max_steps=30, max_epochs=None, **schedule), train(max_epochs=6, **schedule)
    assert np.array_equal(in_steps.vector, in_epochs.vector)


def test_the_loss_of_a_part_of_an_epoch_is_the_mean_over_its_rows():
    """At a rate of next to nothing, two of five batches; the rows are those that the plan drew first."""
    seen = Counts()
    result = train(engine=seen, max_steps=2, max_epochs=None, learning_rate=1e-12)
    problem = Problem(Architecture(3, layers=(Dense(5, "tanh"),), output=Dense(1, "identity")), HalfSquaredError())
    expected = textbook.evaluate(problem, result.vector, Data(X, None, Y), seen.rows)
    assert len(seen.rows) == 16
    assert result.history["training_loss"][0] == pytest.approx(expected, rel=1e-6)


def test_patience_may_end_it_before():
    result = train(scripted([1, 2, 3, 4]), max_steps=100, max_epochs=None, patience_epochs=2)
    assert (result.stopped_because, len(result.history)) == ("patience", 3)


def test_progress_counts_the_epochs_that_the_steps_make():
    last = []

    class Look:
        def on_epoch_end(self, progress):
            last.append((progress.epoch, progress.max_epochs))

    train(callbacks=[Look()], max_steps=12, max_epochs=None)
    assert last == [(1, 3), (2, 3), (3, 3)]


class Counts:
    """The textbook engine, and what it was asked to do."""

    def __init__(self):
        self.steps, self.rows = 0, ()

    def __getattr__(self, name):
        return getattr(textbook, name)

    def train(self, problem, state, data, plan, start, stop, workspace=None):
        self.steps += stop - start
        self.rows = plan.order
        return textbook.train(problem, state, data, plan, start, stop, workspace)


# ---- a rate that is too large, and yet nothing is infinite


def test_a_loss_that_rises_is_said():
    result = train(learning_rate=30.0)
    assert result.stopped_because == "max_epochs"
    assert result.history["training_loss"][-1] > 2 * train(learning_rate=1e-9).history["training_loss"][0]
    assert "The loss rose: it was" in result.message
    assert result.message.endswith("learning_rate=30 is too large. Try learning_rate=0.001.")


@pytest.mark.parametrize("rate", [1e-9, 1e-3, 0.1])
def test_a_loss_that_falls_or_stands_still_is_not_scolded(rate):
    assert "rose" not in train(learning_rate=rate, dropout=0.2).message
