"""What a model's settings say of judging: the metric of the history is scikit-learn's, on the rows held out."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS, metric_for
from gradatim.model.judging import validation_by
from gradatim.model.outcomes import observed, predicted
from gradatim.model.preparation import Roles, prepare
from gradatim.model.training import train_model
from gradatim.settings import Settings
from gradatim.tables import ClassTarget, Encoding, NumberTarget
from gradatim.tables.examples import Examples

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
    data = SimpleNamespace(weights=None)
    table = SimpleNamespace(roles=SimpleNamespace(held_out=HELD), target=target, observed=NUMBERS[HELD], data=data)
    validation = validation_by(bias, table)
    assert (validation.name, validation.greater_is_better) == ("bias", True)
    assert validation.score(None, Y[HELD] + 1) == pytest.approx(NUMBERS[:150].std(), rel=1e-6)


def of_classes(metric, *, own=False, **about):
    """How outputs of 0.25, 0.5 and 0.5 for "b" are judged beside the truths a, a, b.

    Six rows of a and two of b train: balanced, a row of a weighs 8 / (2 · 6) = 2/3, and one of b 8 / (2 · 2) = 2.
    """
    y, held = ["a"] * 6 + ["b"] * 2, ["a", "a", "b"]
    target = ClassTarget.fit(y)
    if own:
        examples, roles = Examples.of(np.zeros((8, 1)), y), Roles(np.arange(8), None)
        about["validation"] = Examples.of(np.zeros((3, 1)), held)
    else:
        weights = about.pop("weights", None)
        examples, roles = Examples.of(np.zeros((11, 1)), y + held, weights), Roles(np.arange(8), np.arange(8, 11))
    validation = validation_by(metric, prepare(examples, roles, target, Encoding(), **about))
    return validation.score(None, np.array([[0.25], [0.5], [0.5]]))


@pytest.mark.parametrize("own", [False, True], ids=["of the same table", "of your own"])
def test_weights_of_classes_count_where_the_epoch_is_chosen(own):
    """(2/3 · ln 4/3 + 2/3 · ln 2 + 2 · ln 2) / (2/3 + 2/3 + 2); and the two a are found, the b is not: 4/3 of 10/3."""
    balanced = {"class_weight": "balanced", "own": own}
    assert of_classes("log_loss", **balanced) == pytest.approx((np.log(4 / 3) + 4 * np.log(2)) / 5)
    assert of_classes("accuracy", **balanced) == pytest.approx(0.4)
    assert of_classes("log_loss", class_weight={"b": 8.0}, own=own) == pytest.approx(
        (np.log(4 / 3) + 9 * np.log(2)) / 10
    )
    assert of_classes("accuracy", own=own) == pytest.approx(2 / 3)


def test_weights_of_rows_count_times_those_of_their_classes():
    """Row weights of 3, 1 and 1 where b counts twice: the right ones weigh 3 + 1 of 3 + 1 + 2."""
    weights = np.array([1.0] * 8 + [3.0, 1.0, 1.0])
    assert of_classes("accuracy", class_weight={"b": 2.0}, weights=weights) == pytest.approx(4 / 6)


def test_a_function_that_takes_weights_is_given_them():
    seen = []

    def plain(y, p):
        return 1.0

    def weighted(y, p, sample_weight=None):
        seen.append(sample_weight)
        return 1.0

    for function in (plain, weighted):
        assert of_classes(metric_for(function, "classification"), class_weight="balanced") == 1.0
    assert seen[-1] == pytest.approx([2 / 3, 2 / 3, 2])


def test_rows_to_choose_by_of_which_none_counts_are_refused():
    with pytest.raises(InputError, match="weight above 0 must be among those that choose the epoch"):
        of_classes("log_loss", weights=np.array([1.0] * 8 + [0.0] * 3))


@pytest.mark.parametrize("metric", ["log_loss", None])
def test_the_epoch_that_is_kept_is_the_best_where_classes_count_the_same(metric):
    """One in eight is ill. Scored by scikit-learn with its own weights, from the recorded network of each epoch."""
    ill = X[:, 0] + rng.logistic(size=m) > 2.2
    settings = {"hidden_widths": (16,), "learning_rate": 0.03, "max_epochs": 30, "patience_epochs": None}
    arguments = {"class_weight": "balanced", "metric": metric, "record": "epochs", "random_state": 0}
    model = train_model(Settings("plain", **settings, **arguments), X, ill, validation_rows=HELD)
    share = ill[:150].mean()
    weights = np.where(ill[HELD], 1 / share, 1 / (1 - share))
    p = [model.at(epoch=epoch).predict_proba(X[HELD]) for epoch in range(1, 31)]
    balanced = [metrics.log_loss(ill[HELD], each, sample_weight=weights) for each in p]
    assert model.training.best_epoch == 1 + np.argmin(balanced)
    assert model.training.best_epoch != 1 + np.argmin([metrics.log_loss(ill[HELD], each) for each in p])
    assert model.history_["validation_loss"] == pytest.approx(balanced, rel=1e-5)


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
