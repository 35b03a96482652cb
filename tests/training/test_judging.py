"""What a model's settings say of judging: the metric of the history is scikit-learn's, on the rows held out."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS
from gradatim.model.judging import validation_by
from gradatim.model.outcomes import observed, predicted
from gradatim.model.training import train_model
from gradatim.settings import Settings
from gradatim.tables import ClassTarget, NumberTarget

rng = np.random.default_rng(4)
m = 200
X = rng.standard_normal((m, 4))
HELD = np.arange(150, m)
NUMBERS = 100 + 20 * X[:, 0] + rng.standard_normal(m)
TWO = np.where(X[:, 0] + rng.logistic(size=m) > 0, "yes", "no")
THREE = np.array(["a", "b", "c"])[np.argmax(X[:, :3] + rng.gumbel(size=(m, 3)), axis=1)]
LABELS = (X[:, :2] + rng.standard_normal((m, 2)) > 0).astype(int)


def judged(y, metric, **arguments):
    """The first epoch's score, and the model as it was then."""
    settings = Settings("plain", metric=metric, max_epochs=1, hidden_widths=(8,), random_state=0)
    model = train_model(settings, X, y, validation_rows=HELD, **arguments)
    name = metric if isinstance(metric, str) else metric.name
    return model.history_[f"validation_{name}"][0], model


def test_numbers_are_in_their_own_units():
    score, model = judged(NUMBERS, "rmse")
    expected = metrics.root_mean_squared_error(NUMBERS[HELD], model.predict(X[HELD]))
    assert score == pytest.approx(expected, rel=1e-5)
    assert score > 5


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_classes_by_label(y):
    score, model = judged(y, "accuracy")
    assert score == pytest.approx(metrics.accuracy_score(y[HELD], model.predict(X[HELD])))


@pytest.mark.parametrize("positive", ["yes", "no"])
def test_the_positive_class_is_the_one_asked_for(positive):
    score, model = judged(TWO, "f1", positive=positive)
    assert score == pytest.approx(metrics.f1_score(TWO[HELD], model.predict(X[HELD]), pos_label=positive))


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_classes_by_probability(y):
    score, model = judged(y, "log_loss")
    assert score == pytest.approx(metrics.log_loss(y[HELD], model.predict_proba(X[HELD])), rel=1e-5)


def test_several_labels():
    score, model = judged(LABELS, "accuracy")
    assert score == pytest.approx(metrics.accuracy_score(LABELS[HELD], model.predict(X[HELD])))


def test_a_metric_of_ones_own():
    """It is shown by its name, and the sign that it has decides."""
    bias = replace(METRICS["mae"], name="bias", greater_is_better=True, value=lambda y, a: float(np.mean(a - y)))

    target = judged(NUMBERS, "rmse")[1].target
    Y = target.encode(NUMBERS)
    table = SimpleNamespace(roles=SimpleNamespace(held_out=HELD), target=target, observed=NUMBERS[HELD])
    validation = validation_by(bias, table)
    assert (validation.name, validation.greater_is_better) == ("bias", True)
    assert validation.score(None, Y[HELD] + 1) == pytest.approx(NUMBERS[:150].std(), rel=1e-6)


def test_a_metric_that_is_no_number_here_is_refused():
    with pytest.raises(InputError, match="metric must be defined on the validation rows"):
        train_model(Settings("plain", metric="r2", max_epochs=1), X, NUMBERS, validation_rows=[3])


def test_the_truth_is_what_the_rows_hold_and_not_what_float32_makes_of_it():
    """Numbers near 1e9 lie 64 apart in float32; and a truth beyond the training rows is not pulled back to them."""
    y = 1e9 + np.arange(200.0)
    seen = []

    def spy(truth, predicted):
        seen.append(truth)
        return 0.0

    train_model(
        Settings("plain", metric=spy, max_epochs=1, hidden_widths=(3,), random_state=0), X, y, validation_rows=HELD
    )
    assert all(np.array_equal(np.ravel(truth), y[HELD]) for truth in seen)


def test_one_way_from_outputs_to_what_a_metric_needs():
    target = ClassTarget.fit(["no", "yes"], positive="no")
    A = np.array([[0.9], [0.2]])
    assert observed(target, pl.Series(["no", "yes"])).tolist() == [1, 0]
    assert predicted(target, METRICS["accuracy"], A).tolist() == [1, 0]
    assert predicted(target, METRICS["log_loss"], A) == pytest.approx(np.array([[0.1, 0.9], [0.8, 0.2]]))
    numbers = NumberTarget.fit([1.0, 3.0])
    assert predicted(numbers, METRICS["rmse"], [[0.0], [1.0]]).tolist() == [2.0, 3.0]
