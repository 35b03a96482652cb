"""L-BFGS: where the network is a model that others solved, numbers meet."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, QuantileRegressor, Ridge

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem, State
from gradatim.errors import DivergedError, InputError
from gradatim.formulas.initializers import initializer
from gradatim.formulas.losses import AbsoluteError, CategoricalLogLoss, HalfSquaredError, LogLoss
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L1, L2
from gradatim.network import Architecture, Dense, Parameters
from gradatim.settings import Settings
from gradatim.training import Checkpoint, Validation, fit_parameters, initial_vector

rng = np.random.default_rng(1)
m = 200
X = rng.standard_normal((m, 4)) @ rng.standard_normal((4, 4))
labels = (X @ [1.0, -1.0, 0.5, 0.0] + rng.logistic(size=m) > 0.3).astype(float)
three = np.argmax(X @ rng.standard_normal((4, 3)) + rng.gumbel(size=(m, 3)), axis=1)
values = X @ [2.0, 0.0, -1.0, 0.3] + 5 + rng.standard_normal(m)
ALL = np.arange(m)


def solve(Y, output, loss, penalties=(), start="zeros", rows=ALL, X=X, weights=None, **settings):
    architecture = Architecture(X.shape[1], output=output)
    problem = Problem(architecture, loss, penalties, LBFGS(**settings))
    vector = initial_vector(architecture, initializer(start), np.random.default_rng(3))
    settings = Settings(optimizer="lbfgs", dtype="float64", encoding=None)
    task = "regression" if output.activation == "identity" else "classification"
    used = settings.resolved(task, output=output.activation, rows=len(rows))
    result = fit_parameters(problem, vector, Data(X, None, Y, weights), rows, used, np.random.default_rng(0), textbook)
    return Parameters(architecture, result.vector), result


def test_logistic_regression_without_penalty():
    ours, result = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss())
    theirs = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(X, labels)
    assert ours.W[1] == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.b[1].ravel() == pytest.approx(theirs.intercept_, abs=1e-6)
    assert result.stopped_because == "converged"


def test_logistic_regression_with_l2():
    """scikit-learn charges C · Σ losses + ½ Σ w², which is our J + (strength/2) Σ w² for strength = 1/(C m)."""
    ours, _ = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss(), (L2(1 / (0.3 * m)),))
    theirs = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-12).fit(X, labels)
    assert ours.W[1] == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.b[1].ravel() == pytest.approx(theirs.intercept_, abs=1e-6)


def test_softmax_regression_with_l2():
    ours, _ = solve(np.eye(3)[three], Dense(3, "softmax"), CategoricalLogLoss(), (L2(1 / m),))
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12).fit(X, three)
    assert ours.W[1] == pytest.approx(theirs.coef_, abs=1e-6)


def test_least_squares():
    ours, _ = solve(values[:, None], Dense(1, "identity"), HalfSquaredError())
    solution = np.linalg.lstsq(np.column_stack([X, np.ones(m)]), values, rcond=None)[0]
    assert ours.vector == pytest.approx(solution, abs=1e-6)
    assert ours.W[1].ravel() == pytest.approx(LinearRegression().fit(X, values).coef_, abs=1e-6)


def test_ridge():
    ours, _ = solve(values[:, None], Dense(1, "identity"), HalfSquaredError(), (L2(7 / m),))
    theirs = Ridge(alpha=7.0).fit(X, values)
    assert ours.W[1].ravel() == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.b[1].item() == pytest.approx(theirs.intercept_, abs=1e-6)


def test_weights_of_rows_are_those_of_scikit_learn():
    weights = np.random.default_rng(2).uniform(0, 3, m)
    ours, _ = solve(values[:, None], Dense(1, "identity"), HalfSquaredError(), weights=weights)
    assert ours.W[1].ravel() == pytest.approx(LinearRegression().fit(X, values, weights).coef_, abs=1e-6)


def test_zero_and_random_starts_reach_the_same_optimum():
    zero, _ = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss(), start="zeros")
    random, _ = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss(), start="small_normal(3)")
    assert zero.vector == pytest.approx(random.vector, abs=1e-6)


def test_only_the_training_rows_count():
    some = np.arange(0, m, 2)
    ours, _ = solve(values[:, None], Dense(1, "identity"), HalfSquaredError(), rows=some)
    assert ours.W[1].ravel() == pytest.approx(LinearRegression().fit(X[some], values[some]).coef_, abs=1e-6)


def test_a_network_without_inputs_learns_the_log_odds():
    ours, _ = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss(), X=np.zeros((m, 0)))
    p = labels.mean()
    assert ours.vector == pytest.approx([np.log(p / (1 - p))], abs=1e-7)


def test_iterations_end_where_they_are_told_to():
    _, result = solve(labels[:, None], Dense(1, "sigmoid"), LogLoss(), max_iterations=2)
    assert (result.stopped_because, len(result.history)) == ("max_epochs", 2)
    assert "not yet at the optimum" in result.message


def test_the_history_has_losses_without_the_penalty():
    penalties = (L2(0.1),)
    ours, result = solve(values[:, None], Dense(1, "identity"), HalfSquaredError(), penalties)
    problem = Problem(ours.architecture, HalfSquaredError(), penalties)
    J = textbook.evaluate(problem, ours.vector, Data(X, None, values[:, None]))
    assert result.history["training_loss"][-1] == pytest.approx(J, rel=1e-9)


def test_validation_is_recorded_and_chooses_nothing():
    architecture = Architecture(4, output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), (), LBFGS())
    used = Settings(optimizer="lbfgs").resolved("regression", output="identity", rows=100)
    scores = iter(range(1000))  # the first is the best
    validation = Validation(np.arange(100, m), "rising", lambda θ, A: float(next(scores)))
    data = Data(X, None, values[:, None])
    args = (problem, np.zeros(5), data, np.arange(100), used, np.random.default_rng(0), textbook)
    with_it, without = fit_parameters(*args, validation), fit_parameters(*args)
    assert np.array_equal(with_it.vector, without.vector)
    assert with_it.history["validation_rising"].tolist() == list(range(len(with_it.history)))


def test_a_callback_stops_the_iterations():
    class Stop:
        def on_epoch_end(self, progress):
            return progress.epoch < 3

    architecture = Architecture(4, output=Dense(1, "sigmoid"))
    problem = Problem(architecture, LogLoss(), (), LBFGS())
    used = Settings(optimizer="lbfgs").resolved("classification", output="sigmoid", rows=m)
    data = Data(X, None, labels[:, None])
    rng = np.random.default_rng(0)
    result = fit_parameters(problem, np.zeros(5), data, ALL, used, rng, textbook, None, [Stop()])
    assert (result.stopped_because, len(result.history)) == ("callback", 3)


def test_a_callback_stops_newtons_steps_too():
    class Stop:
        def __init__(self, after):
            self.after = after

        def on_epoch_end(self, progress):
            return progress.epoch < self.after

    architecture = Architecture(4, output=Dense(1, "sigmoid"))
    problem = Problem(architecture, LogLoss(), (), LBFGS())
    used = Settings(optimizer="lbfgs").resolved("classification", output="sigmoid", rows=m)
    args = (problem, np.zeros(5), Data(X, None, labels[:, None]), ALL, used, np.random.default_rng(0), textbook, None)
    last_but_one = len(fit_parameters(*args).history) - 1
    result = fit_parameters(*args, [Stop(last_but_one)])
    assert (result.stopped_because, len(result.history)) == ("callback", last_but_one)


def test_a_search_that_stalls_says_so():
    """On the kinks of the absolute error; the optimum is scikit-learn's, by linear programming."""
    few = np.arange(20)
    _, result = solve(values[few, None], Dense(1, "identity"), AbsoluteError(), X=X[few], rows=few)
    best = QuantileRegressor(alpha=0).fit(X[few], values[few]).predict(X[few])
    assert result.history["training_loss"][-1] > 1.001 * np.mean(np.abs(best - values[few]))
    assert result.stopped_because == "stalled"
    assert "no lower loss" in result.message


def test_a_tolerance_that_is_met_is_no_stall():
    few = np.arange(20)
    loose = {"relative_tolerance": 0.1}
    _, result = solve(values[few, None], Dense(1, "identity"), AbsoluteError(), X=X[few], rows=few, **loose)
    assert result.stopped_because == "converged"


def test_units_of_the_columns_do_not_change_the_path_of_a_network():
    """Metres or millimetres, from 0 or from 1000: from the same function on, every iteration has the same loss."""
    architecture = Architecture(4, layers=(Dense(3, "tanh"),), output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), (), LBFGS(max_iterations=20))
    used = Settings(optimizer="lbfgs").resolved("regression", output="identity", rows=m)
    start = initial_vector(architecture, initializer("glorot"), np.random.default_rng(3))

    def losses(unit, origin):
        first = Parameters(architecture, start.copy())
        first.W[1] = first.W[1] / unit
        first.b[1] = -first.W[1] @ origin[:, None]
        data = Data(X * unit + origin, None, np.sin(values[:, None]))
        result = fit_parameters(problem, first.vector, data, ALL, used, np.random.default_rng(0), textbook)
        return result.history["training_loss"]

    plain = losses(np.ones(4), np.zeros(4))
    assert losses(np.array([1e4, 1.0, 1e-4, 10.0]), np.array([1e5, 0.0, 0.0, 50.0])) == pytest.approx(plain, rel=1e-4)
    assert plain[-1] < 0.9 * plain[0]


def test_l1_is_refused_with_the_reason():
    with pytest.raises(InputError, match="penalty must be L2"):
        solve(values[:, None], Dense(1, "identity"), HalfSquaredError(), (L1(0.1),))


def test_numbers_beyond_all_bounds_are_refused():
    with pytest.raises(DivergedError, match="finite at the start"):
        solve(np.full((m, 1), 1e200), Dense(1, "identity"), HalfSquaredError())


def line(record=None, checkpoint=None, callbacks=(), start=None):
    """A logistic regression, some rows held out."""
    problem = Problem(Architecture(4, output=Dense(1, "sigmoid")), LogLoss(), (), LBFGS())
    used = Settings(optimizer="lbfgs", record=record).resolved("classification", output="sigmoid", rows=150)
    validation = Validation(np.arange(150, m), "p", lambda θ, A: float(np.mean(A)))
    args = (Data(X, None, labels[:, None]), np.arange(150), used, np.random.default_rng(0), textbook, validation)
    return fit_parameters(problem, np.zeros(5) if start is None else start, *args, callbacks, checkpoint)


@pytest.mark.parametrize("by", ["epochs", "steps"])
def test_every_iteration_is_recorded(by):
    vectors = []

    class Keep:
        def on_epoch_end(self, progress):
            vectors.append(progress.vector.copy())

    result = line(by, callbacks=[Keep()])
    recorded = result.recorded
    assert recorded.epochs == recorded.steps == tuple(range(len(result.history) + 1))
    assert not recorded.at(epoch=0).any()
    assert all(np.array_equal(recorded.at(epoch=i), vector) for i, vector in enumerate(vectors, start=1))
    assert np.array_equal(recorded.at(epoch=result.best_epoch), result.vector)


def test_both_curves_are_in_the_history():
    result = line()
    assert result.history.names == ("epoch", "training_loss", "validation_loss", "validation_p", "seconds")
    p = 1 / (1 + np.exp(-(X[150:] @ result.vector[:4] + result.vector[4])))
    y = labels[150:]
    expected = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert result.history["validation_loss"][-1] == pytest.approx(expected)


def test_only_the_result_is_kept_on_the_way(tmp_path):
    class Killed(BaseException):
        pass

    class Kill:
        def on_epoch_end(self, progress):
            raise Killed

    checkpoint = Checkpoint(tmp_path / "line", every_seconds=0)
    with pytest.raises(Killed):
        line("epochs", checkpoint, [Kill()])
    assert not checkpoint.path.exists()
    alone, kept = line("epochs"), line("epochs", checkpoint)
    again = line("epochs", checkpoint, [Kill()])
    for result in (kept, again):
        assert result.vector.tobytes() == alone.vector.tobytes()
        assert (result.message, result.best_epoch, result.state) == (alone.message, alone.best_epoch, None)
        assert result.recorded.epochs == alone.recorded.epochs
    assert again.history.rows == kept.history.rows


def test_of_a_state_the_parameters_are_taken():
    near = line().vector
    assert len(line(start=State(near, (near, near), 9)).history) < len(line().history)
