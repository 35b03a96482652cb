"""Metrics where any number of labels may be true of a row, against scikit-learn's."""

from math import isnan, log

import numpy as np
import pytest
import sklearn.metrics as judge

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS, require_defined

M, k = 150, 4
OF_LABELS = [name for name, entry in METRICS.items() if entry.defined_for("labels")]


def example(name):
    """Targets (m, k) of 0 and 1, a prediction of the kind that the metric needs, and weights (some are 0)."""
    rng = np.random.default_rng(0)
    y = (rng.random((M, k)) < [0.5, 0.2, 0.8, 0.4]).astype(int)
    probabilities = np.clip(0.3 * y + 0.7 * rng.random((M, k)), 0.01, 0.99)
    prediction = (probabilities > 0.5).astype(int) if METRICS[name].needs == "labels" else probabilities
    return y, prediction, rng.integers(0, 4, size=M).astype(float)


def mean_log_loss(y, p, **more):
    return np.mean([judge.log_loss(y[:, j], p[:, j], **more) for j in range(k)])


THEIRS = {
    "accuracy": judge.accuracy_score,
    "f1": lambda y, p, **more: judge.f1_score(y, p, average="macro", **more),
    "roc_auc": judge.roc_auc_score,
    "average_precision": judge.average_precision_score,
    "log_loss": mean_log_loss,
}


@pytest.mark.parametrize("name", OF_LABELS)
def test_equal_to_scikit_learn(name):
    y, prediction, weights = example(name)
    ours, theirs = METRICS[name].for_labels().value, THEIRS[name]
    assert ours(y, prediction) == pytest.approx(theirs(y, prediction), rel=1e-12)
    assert ours(y, prediction, weights) == pytest.approx(theirs(y, prediction, sample_weight=weights), rel=1e-12)


@pytest.mark.parametrize("name", ["accuracy", "log_loss"])
def test_the_mean_over_rows_is_the_metric(name):
    y, prediction, _ = example(name)
    entry = METRICS[name].for_labels()
    rows = entry.per_row(y, prediction)
    assert (rows.shape, rows.dtype) == ((M,), np.float64)
    assert rows.mean() == pytest.approx(entry.value(y, prediction), rel=1e-12)


@pytest.mark.parametrize("name", OF_LABELS)
def test_the_form_for_labels_is_the_same_metric_else(name):
    entry = METRICS[name]
    of_labels = entry.for_labels()
    assert of_labels.value is not entry.value
    for field in ("name", "task", "greater_is_better", "needs", "defined_on"):
        assert getattr(of_labels, field) == getattr(entry, field)
    assert "2014" in of_labels.source


def test_what_a_metric_is_defined_for():
    assert set(OF_LABELS) == set(THEIRS)
    assert METRICS["mae"].defined_for("numbers")
    assert not METRICS["mae"].defined_for("classes")
    assert not METRICS["f1"].defined_for("numbers")
    assert METRICS["balanced_accuracy"].defined_for("classes")
    with pytest.raises(
        InputError, match=r"metric must be one of several labels\. Got balanced_accuracy: take log_loss"
    ):
        METRICS["balanced_accuracy"].for_labels()
    with pytest.raises(InputError, match=r"Got rmse"):
        METRICS["rmse"].for_labels()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_certain_mistake_about_one_label_is_dear_but_not_infinite(dtype):
    """One of two labels: half the price of one certain mistake."""
    value = METRICS["log_loss"].for_labels().value([[1, 0]], np.array([[0.0, 0.0]], dtype))
    assert value == pytest.approx(-log(np.finfo(dtype).eps) / 2, rel=1e-12)


@pytest.mark.parametrize("name", OF_LABELS)
def test_labels_that_are_true_of_no_row(name):
    """A curve needs both kinds of rows; average precision needs one that is true."""
    entry = METRICS[name].for_labels()
    none, every = np.array([[0, 0], [0, 1]]), np.array([[1, 0], [1, 1]])
    require_defined(entry, np.array([[1, 0], [0, 1]]))
    if name in ("roc_auc", "average_precision"):
        assert isnan(entry.value(none, none))
        with pytest.raises(InputError, match=f"Got {name} and 2 rows: it needs rows of every class"):
            require_defined(entry, none)
    else:
        require_defined(entry, none)
    assert isnan(entry.value(every, every)) is (name == "roc_auc")
