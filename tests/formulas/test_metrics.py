"""Metrics against scikit-learn's, and the rows that their standard errors are taken from."""

import copy
import subprocess
import sys
from math import isnan, log

import numpy as np
import pytest
import sklearn.metrics as judge
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS, metric, require_defined

M = 200


def example(name, classes=2, outputs=1, dtype=np.float64):
    """y, a prediction of the kind that the metric needs, and weights (some are 0)."""
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 4, size=M).astype(float)
    y = rng.integers(classes, size=M)
    probabilities = rng.dirichlet(np.ones(classes), size=M) + 0.5 * np.eye(classes)[y]
    probabilities = (probabilities / probabilities.sum(axis=1, keepdims=True)).astype(dtype)
    if METRICS[name].needs == "labels":
        return y, probabilities.argmax(axis=1), weights
    if METRICS[name].needs == "probabilities":
        return y, probabilities, weights
    values = rng.normal(size=(M, outputs)).squeeze()
    if name == "mean_poisson_deviance":
        return rng.poisson(np.exp(values)), np.exp(values).astype(dtype), weights
    return values * 3 + 1, (values * 3 + 1 + rng.normal(size=values.shape)).astype(dtype), weights


THEIRS = {
    "accuracy": judge.accuracy_score,
    "balanced_accuracy": judge.balanced_accuracy_score,
    "f1": lambda y, p, **more: judge.f1_score(y, p, average="binary" if set(y) == {0, 1} else "macro", **more),
    "roc_auc": lambda y, p, **more: judge.roc_auc_score(
        y, p[:, 1] if p.shape[1] == 2 else p, multi_class="ovr", **more
    ),
    "log_loss": judge.log_loss,
    "mae": judge.mean_absolute_error,
    "median_absolute_error": judge.median_absolute_error,
    "rmse": judge.root_mean_squared_error,
    "r2": judge.r2_score,
    "average_precision": lambda y, p, **more: judge.average_precision_score(
        y, p[:, 1] if p.shape[1] == 2 else p, average="macro", **more
    ),
    "mean_poisson_deviance": lambda y, p, **more: np.mean(
        [judge.mean_poisson_deviance(*column, **more) for column in zip(np.c_[y].T, np.c_[p].T, strict=True)]
    ),
    "mean_pinball_loss": judge.mean_pinball_loss,
}


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("name", METRICS)
def test_equal_to_scikit_learn(name, several):
    """Two and four classes, one and three outputs; with weights and without."""
    y, prediction, weights = example(name, classes=4 if several else 2, outputs=3 if several else 1)
    ours, theirs = METRICS[name].value, THEIRS[name]
    assert ours(y, prediction) == pytest.approx(theirs(y, prediction), rel=1e-12)
    assert ours(y, prediction, weights) == pytest.approx(theirs(y, prediction, sample_weight=weights), rel=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_columns_of_predictions_are_flattened(name):
    """A network hands out (m, 1)."""
    y, prediction, _ = example(name)
    column = prediction[:, 1:] if METRICS[name].needs == "probabilities" else prediction[:, None]
    assert METRICS[name].value(y, column) == pytest.approx(METRICS[name].value(y, prediction), rel=1e-12)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("name", [name for name, entry in METRICS.items() if entry.per_row])
def test_the_mean_over_rows_is_the_metric(name, several):
    y, prediction, _ = example(name, classes=4 if several else 2, outputs=3 if several else 1)
    rows = METRICS[name].per_row(y, prediction)
    assert rows.shape == (M,)
    assert rows.dtype == np.float64
    assert rows.mean() == pytest.approx(METRICS[name].value(y, prediction), rel=1e-12)


def test_the_standard_error_of_rmse():
    """Errors N(0, 1) in m = 400 rows: rmse has a standard error of 1/√(2m), whose mean over draws we meet."""
    rng = np.random.default_rng(1)
    rows = [METRICS["rmse"].per_row(np.zeros(400), rng.normal(size=400)) for _ in range(200)]
    errors = [row.std() / 20 for row in rows]
    assert np.mean(errors) == pytest.approx(1 / np.sqrt(800), rel=0.02)


def test_a_perfect_regression():
    y = np.array([1.0, 2.0, 3.0])
    perfect = {name: METRICS[name].value(y, y) for name in ("mae", "median_absolute_error", "rmse", "r2")}
    assert perfect == {"mae": 0, "median_absolute_error": 0, "rmse": 0, "r2": 1}
    np.testing.assert_array_equal(METRICS["rmse"].per_row(y, y), [0, 0, 0])


def test_what_is_not_defined_is_nan():
    assert isnan(METRICS["r2"].value([2.0, 2.0], [1.0, 2.0]))
    assert isnan(METRICS["roc_auc"].value([1, 1], [0.3, 0.6]))
    assert isnan(METRICS["roc_auc"].value([0, 1], [[0.3, 0.6, 0.1], [0.2, 0.2, 0.6]]))
    assert METRICS["f1"].value([0, 0], [0, 0]) == 0


def test_three_classes_stay_three_in_rows_that_lack_one():
    """By hand. Class 0: precision 1/2, recall 1/1, so 2/3. Class 1: precision 2/2, recall 2/3, so 4/5."""
    y, labels = np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])
    f1, of_three = METRICS["f1"], METRICS["f1"].among(3)
    assert f1.value(y, labels) == f1.among(2).value(y, labels) == pytest.approx(4 / 5, rel=1e-12)
    assert of_three.value(y, labels) == pytest.approx((2 / 3 + 4 / 5) / 2, rel=1e-12)
    assert of_three.value(y, labels, np.ones(4)) == pytest.approx((2 / 3 + 4 / 5) / 2, rel=1e-12)
    assert of_three.value([0, 0], [0, 0]) == 1  # one class occurs, and it is found
    assert f1.among(2).value([0, 0], [0, 0]) == 0  # here class 1 is looked for


def test_other_metrics_know_or_need_no_number_of_classes():
    """Accuracy is of rows; balanced accuracy of the classes that occur; probabilities bring a column a class."""
    for name, entry in METRICS.items():
        assert (entry.among(3, names=["a", "b", "c"]) is entry) is (name != "f1")
    y = np.array([0, 1, 1, 1])
    assert METRICS["balanced_accuracy"].value(y, [0, 1, 1, 0]) == pytest.approx((1 + 2 / 3) / 2, rel=1e-12)
    assert isnan(METRICS["roc_auc"].value(y, np.full((4, 3), 1 / 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_certain_mistake_is_dear_but_not_infinite(dtype):
    value = METRICS["log_loss"].value([1], np.array([0.0], dtype))
    assert value == pytest.approx(-log(np.finfo(dtype).eps), rel=1e-12)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_balanced_accuracy_of_any_table(pairs):
    """Only classes that occur in y count; scikit-learn warns where a prediction names another one."""
    y, labels = np.array(pairs).T
    expected = np.mean([(labels[y == k] == k).mean() for k in set(y)])
    assert METRICS["balanced_accuracy"].value(y, labels) == pytest.approx(expected, rel=1e-12)


def test_training_needs_no_scikit_learn():
    """The metrics that training watches are plain NumPy."""
    script = """
import sys
from gradatim.formulas.metrics import METRICS
for name in ("accuracy", "balanced_accuracy", "log_loss"):
    METRICS[name].value([0, 1], [0, 1])
for name in ("mae", "rmse", "r2"):
    METRICS[name].value([0.0, 1.0], [0.0, 1.0])
assert not any(name.split(".")[0] == "sklearn" for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_names():
    assert metric("root_mean_squared_error") is METRICS["rmse"]
    assert metric("mean_absolute_error") is METRICS["mae"]
    assert metric(METRICS["r2"]) is METRICS["r2"]
    assert list(METRICS) == [entry.name for entry in METRICS.values()]
    with pytest.raises(InputError, match=r"Got 'acuracy'\. Did you mean 'accuracy'\?"):
        metric("acuracy")


def test_direction_is_that_of_scikit_learn():
    """An error's scorer is called neg_…, a score's is not."""
    long = {"rmse": "root_mean_squared_error", "mae": "mean_absolute_error"}
    scorers = set(judge.get_scorer_names())
    for name, entry in METRICS.items():
        if name == "mean_pinball_loss":  # which has no scorer of its own: it asks for a quantile
            continue
        assert (f"neg_{long.get(name, name)}" in scorers) is not entry.greater_is_better
        assert (name in scorers) is entry.greater_is_better


def test_r2_of_equal_numbers_is_not_defined_whatever_their_mean_is_rounded_to():
    """0.1 + 0.1 + 0.1 is no multiple of 0.1: the mean is off by 1e-17, and r2 was -5e31."""
    assert isnan(METRICS["r2"].value(np.full(3, 0.1), np.full(3, 0.2)))


@pytest.mark.parametrize("name", METRICS)
def test_metrics_that_are_not_defined_everywhere(name):
    alike = np.zeros(4) if METRICS[name].task == "regression" else np.zeros(4, dtype=int)
    different = np.array([0, 1, 2, 1])
    require_defined(METRICS[name], different, classes=3)
    if name in ("r2", "roc_auc", "average_precision"):
        with pytest.raises(InputError, match=f"Got {name} and 4 rows"):
            require_defined(METRICS[name], alike, classes=3)
    else:
        require_defined(METRICS[name], alike, classes=3)


# Counts and quantiles


def test_counts_that_were_held_impossible_cost_infinitely_much():
    """scikit-learn raises there; 0 beside 0 costs nothing."""
    deviance = METRICS["mean_poisson_deviance"]
    assert deviance.value([2.0, 1.0], [2.0, 0.0]) == np.inf
    assert deviance.value([0.0, 1.0], [-0.1, 1.0]) == np.inf
    assert deviance.value([0.0, 1.0], [0.0, 1.0]) == 0
    with pytest.raises(InputError, match="it needs rows whose targets are 0 or more"):
        require_defined(deviance, np.array([1.0, -1.0]))


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_the_pinball_loss_of_a_quantile(quantile):
    y, values, weights = example("mean_pinball_loss", outputs=3)
    entry = metric(f"mean_pinball_loss({quantile})")
    assert entry.value(y, values, weights) == pytest.approx(
        judge.mean_pinball_loss(y, values, sample_weight=weights, alpha=quantile), rel=1e-12
    )
    assert entry.per_row(y, values).mean() == pytest.approx(entry.value(y, values), rel=1e-12)


def test_a_quantile_is_least_at_its_pinball_loss():
    y = np.arange(101.0)
    entry = metric("mean_pinball_loss(0.9)")
    assert min(range(101), key=lambda guess: entry.value(y, np.full(101, guess))) == 90


def test_the_name_of_a_quantile_brings_back_the_same_value():
    entry = metric("mean_pinball_loss(0.9)")
    assert entry.name == "mean_pinball_loss(0.9)"
    assert metric(entry.name).value == copy.deepcopy(entry).value == entry.value
    assert metric("mean_pinball_loss(0.5)").name == "mean_pinball_loss"
    with pytest.raises(InputError, match=r"quantile must be a number in \(0, 1\)\. Got 1\.5"):
        metric("mean_pinball_loss(1.5)")
