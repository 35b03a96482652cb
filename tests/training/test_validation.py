"""Both curves: the loss on the rows held out, in the units of the training loss, beside the metric."""

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem
from gradatim.formulas.losses import AbsoluteError, CategoricalLogLoss, HalfSquaredError, LogLoss
from gradatim.network import Architecture, Dense
from gradatim.training import Validation
from gradatim.training.history import judged_by
from gradatim.training.validation import Judge
from tests.training.trainings import HELD, RMSE, Training, Y

rng = np.random.default_rng(2)
m = 30
X = rng.standard_normal((m, 3))
ROWS = np.arange(10, 25)
KINDS = {
    "numbers": (Dense(2, "identity"), HalfSquaredError(), rng.standard_normal((m, 2))),
    "two classes": (Dense(1, "sigmoid"), LogLoss(), rng.integers(0, 2, (m, 1)).astype(float)),
    "three classes": (Dense(3, "softmax"), CategoricalLogLoss(), np.eye(3)[rng.integers(0, 3, m)]),
    "no pair": (Dense(1, "relu"), AbsoluteError(), rng.standard_normal((m, 1))),
}


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_outputs_are_those_of_the_engine(kind, members):
    output, loss, Y = KINDS[kind]
    architecture = Architecture(3, layers=(Dense(4, "tanh"),), output=output, members=members)
    problem, seen = Problem(architecture, loss), []
    vector = rng.standard_normal(architecture.size)
    data = Data(X, None, Y, np.linspace(0.0, 1.0, m))
    judge = Judge(problem, data, textbook, Validation(ROWS, "seen", lambda θ, A: seen.append((θ, A)) or 7.0))
    judgement = judge(vector)
    assert judgement.columns["validation_loss"] == pytest.approx(textbook.evaluate(problem, vector, data, ROWS))
    assert seen[0][0] is vector
    assert seen[0][1] == pytest.approx(textbook.predict(architecture, vector, data, ROWS))
    assert (judgement.finite, judgement.score, judgement.columns["validation_seen"]) == (True, 7.0, 7.0)


def test_a_certain_mistake_has_a_finite_loss():
    """The output rounds to 1 where the truth is 0; from the score of 800 the loss is 800."""
    architecture = Architecture(1, output=Dense(1, "sigmoid"))
    data = Data(np.ones((2, 1)), None, np.zeros((2, 1)))
    judge = Judge(Problem(architecture, LogLoss()), data, textbook, Validation(np.arange(2)))
    assert judge(np.array([800.0, 0.0])).score == 800.0


def test_a_pass_over_the_rows_is_made_once():
    class Counts:
        def __init__(self):
            self.predictions = 0

        def __getattr__(self, name):
            assert name != "evaluate"
            return getattr(textbook, name)

        def predict(self, *arguments):
            self.predictions += 1
            return textbook.predict(*arguments)

    output, loss, Y = KINDS["three classes"]
    engine, architecture = Counts(), Architecture(3, output=output)
    judge = Judge(Problem(architecture, loss), Data(X, None, Y), engine, Validation(ROWS, "any", lambda θ, A: 0.0))
    judge(np.zeros(architecture.size))
    assert engine.predictions == 1


def test_the_history_has_both_curves():
    history = Training()().history
    assert history.names == (
        "epoch", "training_loss", "validation_loss", "validation_rmse", "learning_rate", "seconds",
    )  # fmt: skip
    assert history["validation_loss"] == pytest.approx(history["validation_rmse"] ** 2 / 2, rel=1e-5)
    assert history.judged_by == "validation_rmse"


def test_where_the_loss_is_the_metric_there_is_one_column():
    history = Training(validation=Validation(HELD))().history
    assert history.names == ("epoch", "training_loss", "validation_loss", "learning_rate", "seconds")
    assert history["validation_loss"].tolist() == Training(validation=RMSE)().history["validation_loss"].tolist()
    assert history.judged_by == "validation_loss"
    assert judged_by(Training(validation=None)().history.names) is None


def test_the_best_epoch_is_the_metrics_and_not_the_losss():
    worst_is_best = Validation(HELD, "upside_down", lambda θ, A: float(np.mean((A - Y[HELD]) ** 2)), True)
    result = Training(validation=worst_is_best)()
    assert result.best_epoch == 1 + int(np.argmax(result.history["validation_loss"]))
    assert result.best_epoch != Training(validation=Validation(HELD))().best_epoch


def test_outputs_that_are_not_finite_are_not_measured():
    def measure(θ, A):
        raise AssertionError

    architecture = Architecture(1, output=Dense(1, "identity"))
    data = Data(np.ones((2, 1)), None, np.zeros((2, 1)))
    judge = Judge(Problem(architecture, HalfSquaredError()), data, textbook, Validation(np.arange(2), "any", measure))
    judgement = judge(np.array([np.inf, 0.0]))
    assert not judgement.finite
    assert np.isnan(judgement.columns["validation_any"])
