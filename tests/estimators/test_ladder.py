"""The ladder as an estimator of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import check_estimator

import gradatim as gd
from gradatim.errors import InputError
from gradatim.estimators import LadderClassifier, LadderRegressor, NetworkClassifier, NetworkRegressor
from tests.estimators.examples import X, y

ROWS_COUNT_ONCE = "A weight of two is a row twice to the loss, but not to what is drawn or measured before."
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": ROWS_COUNT_ONCE,
    "check_sample_weight_equivalence_on_sparse_data": ROWS_COUNT_ONCE,
}
QUICK = {"preset": "plain", "hidden_widths": (4,), "max_epochs": 3, "random_state": 0}


@pytest.mark.parametrize("kind", [LadderClassifier, LadderRegressor])
def test_scikit_learns_checks_pass_but_for_those_with_a_reason(kind):
    longer = {**QUICK, "learning_rate": 0.03, "max_epochs": 20}  # some of the checks want a good score
    ladder = kind(rungs="linear,shallow", folds=2, choose="shallow", **longer)
    results = check_estimator(ladder, expected_failed_checks=EXPECTED_FAILED_CHECKS, on_skip=None)
    assert {r["check_name"] for r in results if r["status"] == "xfail"} <= set(EXPECTED_FAILED_CHECKS)
    assert sum(r["status"] == "passed" for r in results) > 45


def test_rungs_verdict_and_best_estimator_are_those_of_the_climb():
    ladder = LadderClassifier(rungs="constant,linear,shallow", folds=3, **QUICK).fit(X, y)
    assert [tried.rung.name for tried in ladder.rungs_] == ["constant", "linear", "shallow"]
    assert ladder.verdict_.chosen == "linear"
    assert ladder.model_ is ladder.rungs_[1].model
    assert ladder.model_.rows["train"] == len(X)
    assert np.array_equal(ladder.predict_proba(X), ladder.model_.predict_proba(X))
    assert "Compared in 3 folds, over 150 rows" in str(ladder)


@pytest.mark.parametrize("choose", ["linear", "shallow"])
def test_the_best_estimator_would_train_its_rung(choose):
    ladder = LadderClassifier(rungs="linear,shallow", choose=choose, folds=2, **QUICK).fit(X, y)
    best = ladder.best_estimator_
    assert isinstance(best, NetworkClassifier)
    again = clone(best).fit(X, y)
    assert again.model_.architecture.n == ladder.model_.architecture.n
    if choose == "linear":  # one optimum, whoever searches for it
        assert again.predict_proba(X) == pytest.approx(ladder.predict_proba(X), abs=1e-4)


def test_best_climbs_on_to_five_strong_networks():
    quick = {"hidden_widths": (4,), "max_epochs": 1, "random_state": 0, "folds": 1}
    ladder = LadderClassifier("best", rungs="linear", choose="ensemble", **quick).fit(X, y)
    assert [tried.rung.name for tried in ladder.rungs_] == ["linear", "ensemble"]
    assert np.array_equal(ladder.predict_proba(X), ladder.model_.predict_proba(X))
    again = clone(ladder.best_estimator_).fit(X, y).model_
    assert [model.architecture.n for model in again.models] == [model.architecture.n for model in ladder.model_.models]
    assert {model.settings_.preset for model in ladder.model_.models} == {"strong"}


def test_best_where_one_network_is_kept_is_strong():
    quick = {"hidden_widths": (4,), "max_epochs": 1, "random_state": 0, "folds": 1}
    ladder = LadderClassifier("best", rungs="shallow", choose="shallow", **quick).fit(X, y)
    assert ladder.best_estimator_.preset == "strong"
    assert clone(ladder.best_estimator_).fit(X, y).model_.architecture.n == ladder.model_.architecture.n


def test_numbers_are_those_of_ridge_regression():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(80, 2))
    b = A @ [3.0, -1.0] + 2 + 0.1 * rng.normal(size=80)
    ladder = LadderRegressor("plain", rungs="linear", folds=4, random_state=0).fit(A, b)
    assert isinstance(ladder.best_estimator_, NetworkRegressor)
    assert ladder.predict(A) == pytest.approx(Ridge(alpha=0.01).fit(A, b).predict(A), abs=0.02)


def test_rows_of_one_group_are_never_parted():
    groups = np.repeat(np.arange(30), 5)
    ladder = LadderClassifier(rungs="linear", folds=3, **QUICK).fit(X, y, groups=groups)
    assert ladder.verdict_.chosen == "linear"
    with pytest.raises(InputError, match="groups"):
        LadderClassifier(rungs="linear", folds=3, **QUICK).fit(X, y, groups=np.repeat([0, 1], 75))


def test_a_weight_of_zero_is_a_row_that_is_not_there():
    weights = np.ones(150)
    weights[::7] = 0
    kept = weights > 0
    weighed = LadderClassifier(rungs="linear", folds=2, **QUICK).fit(X, y, sample_weight=weights)
    without = LadderClassifier(rungs="linear", folds=2, **QUICK).fit(X[kept], y[kept], sample_weight=weights[kept])
    assert np.array_equal(weighed.predict_proba(X), without.predict_proba(X))


def test_a_yardstick_is_told_of_and_not_kept():
    ladder = LadderClassifier(rungs="constant,linear", folds=2, yardstick="histogram_boosting", **QUICK).fit(X, y)
    assert [found.name for found in ladder.yardsticks_] == ["histogram_boosting"]
    assert "Histogram boosting scored" in str(ladder.verdict_)
    assert ladder.verdict_.chosen == "linear"


def test_it_saves_the_model_that_is_kept(tmp_path):
    ladder = LadderClassifier(rungs="linear", folds=1, **QUICK)
    with pytest.raises(NotFittedError):
        ladder.save(tmp_path / "model.safetensors")
    ladder.fit(X, y).save(tmp_path / "model.safetensors")
    assert np.array_equal(gd.load(tmp_path / "model.safetensors").predict(X), ladder.predict(X))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"rungs": "steep"}, "rungs must be"), ({"choose": "depe"}, "choose must be"), ({"folds": 0}, "folds must be")],
)
def test_arguments_that_cannot_be_are_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        LadderClassifier(**{**QUICK, **arguments}).fit(X, y)
