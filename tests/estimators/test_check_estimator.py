"""scikit-learn's own list of what an estimator must do."""

import pytest
from sklearn.utils.estimator_checks import (
    check_estimator,
    check_sample_weight_equivalence_on_dense_data,
)

from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L2

ROWS_COUNT_ONCE = (
    "A weight of two is a row twice to the loss, but not to what is drawn or measured before: the rows that choose the "
    "epoch are drawn at random, and the encoding and the scale of numbers are those of the rows, each counted once."
)
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": ROWS_COUNT_ONCE,
    "check_sample_weight_equivalence_on_sparse_data": ROWS_COUNT_ONCE,
}
IT_GOES_ON = "These checks call fit twice and expect the same; with warm_start=True the second call trains on."
WITH_WARM_START = {
    **EXPECTED_FAILED_CHECKS,
    "check_supervised_y_2d": IT_GOES_ON,
    "check_classifiers_multilabel_representation_invariance": IT_GOES_ON,
}
OPTIMUM = LBFGS(gradient_tolerance=1e-12, relative_tolerance=1e-15)


def checked(estimator, expected):
    """How many checks passed, and which did not."""
    results = check_estimator(estimator, expected_failed_checks=expected, on_skip=None)
    failed = {result["check_name"] for result in results if result["status"] == "xfail"}
    return sum(result["status"] == "passed" for result in results), failed


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (NetworkClassifier("plain", max_epochs=20, random_state=0), EXPECTED_FAILED_CHECKS),
        (NetworkRegressor("plain", max_epochs=20, random_state=0), EXPECTED_FAILED_CHECKS),
        (NetworkClassifier(max_epochs=20, random_state=0), EXPECTED_FAILED_CHECKS),
        (NetworkRegressor(max_epochs=20, random_state=0), EXPECTED_FAILED_CHECKS),
    ],
    ids=["plain classifier", "plain regressor", "strong classifier", "strong regressor"],
)
def test_scikit_learns_checks_pass_but_for_those_with_a_reason(estimator, expected):
    passed, failed = checked(estimator, expected)
    assert passed > 50
    assert failed == set(expected)


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_a_linear_optimum_passes_them_all(kind):
    """No row is held out, no number is scaled, and one optimum is found: a weight of two is a row twice."""
    estimator = kind(hidden_widths=(), optimizer="lbfgs", penalty=L2(0.1), encoding=None)
    passed, failed = checked(estimator, {})
    assert passed > 45
    assert failed == set()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"encoding": None, "learning_rate": 0.05}, EXPECTED_FAILED_CHECKS),
        ({"warm_start": True}, WITH_WARM_START),
        ({"validation": None}, EXPECTED_FAILED_CHECKS),
        ({"record": "steps", "dtype": "float64", "dropout": 0.1, "learning_rate": 0.02}, EXPECTED_FAILED_CHECKS),
        ({"hidden_widths": (), "optimizer": "lbfgs", "max_epochs": "preset"}, EXPECTED_FAILED_CHECKS),
    ],
    ids=["no encoding", "warm start", "no validation", "recorded", "lbfgs"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # classes may part without a penalty
def test_other_settings_pass_as_well(kind, settings, expected):
    passed, failed = checked(kind(**{"max_epochs": 20, "random_state": 0, **settings}), expected)
    assert passed > 45
    assert failed <= set(expected)


@pytest.mark.parametrize(
    "estimator",
    [
        NetworkClassifier("plain", max_epochs=20, batch_size=None, validation=None, encoding=None, dtype="float64"),
        NetworkClassifier(hidden_widths=(), optimizer=OPTIMUM, penalty=L2(0.1), validation=None, encoding=None),
        NetworkRegressor(hidden_widths=(), optimizer=OPTIMUM, penalty=L2(0.1), validation=None, encoding=None),
    ],
    ids=["classifier", "linear classifier", "linear regressor"],
)
def test_the_reason_is_the_true_one(estimator):
    """Where nothing is drawn or measured before, the check passes; the scale of y does not move a linear optimum."""
    check_sample_weight_equivalence_on_dense_data(type(estimator).__name__, estimator)
