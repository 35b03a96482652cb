"""One layer has one optimum: ours is that of scikit-learn's linear models."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor

from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L2
from tests.estimators.examples import LABELS, RAW_TABLES, SOLVED, X, y


def close_to_the_optimum(C=1.0, **rest):
    return LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12, **rest)


def test_logistic_regression_is_met():
    ours = NetworkClassifier(**SOLVED, penalty=L2(1 / len(X))).fit(X, y)
    theirs = close_to_the_optimum().fit(X, y)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


@pytest.mark.parametrize("name", RAW_TABLES)
def test_linear_regression_is_met_on_raw_columns(name):
    """Columns in thousands beside columns in thousandths, some nearly copies of others; coefficients in units of y."""
    X, y = RAW_TABLES[name]
    ours, theirs = NetworkRegressor(**SOLVED).fit(X, y), LinearRegression().fit(X, y)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), abs=1e-6 * y.std())
    assert ours.network_.W[1][0] * y.std() == pytest.approx(theirs.coef_, rel=1e-6)
    assert ours.model_.training.stopped_because == "converged"


@pytest.mark.parametrize("name", [name for name in RAW_TABLES if name != "diabetes"])
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_logistic_regression_is_met_on_raw_columns(name, C):
    X, y = RAW_TABLES[name]
    ours = NetworkClassifier(**SOLVED, penalty=L2(1 / (C * len(X)))).fit(X, y)
    theirs = close_to_the_optimum(C).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, abs=1e-6)


def test_logistic_regression_without_penalty_is_met_on_raw_columns():
    X, y = RAW_TABLES["breast cancer, 10 columns"]
    ours = NetworkClassifier(**SOLVED).fit(X, y)
    theirs = close_to_the_optimum(np.inf).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, rel=1e-6)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 2.5, 2: 0.5}])
def test_class_weights_are_scikit_learns(class_weight):
    """They weigh the sum, we the mean: strength = 1/(C·Σ w)."""
    rows = np.r_[0:50, 50:80, 100:110]
    few_X, few_y = X[rows], y[rows]
    balanced = len(rows) / (3 * np.bincount(few_y))
    of_class = balanced if class_weight == "balanced" else np.array(list(class_weight.values()))
    strength = 1 / of_class[few_y].sum()
    ours = NetworkClassifier(**SOLVED, class_weight=class_weight, penalty=L2(strength)).fit(few_X, few_y)
    theirs = close_to_the_optimum(class_weight=class_weight).fit(few_X, few_y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_several_labels_are_as_many_logistic_regressions():
    """J is the sum over labels of their mean losses, so that each label has the strength that it would have alone."""
    ours = NetworkClassifier(**SOLVED, penalty=L2(1 / len(X))).fit(X, LABELS)
    for j in range(2):
        theirs = close_to_the_optimum().fit(X, LABELS[:, j])
        assert ours.predict_proba(X)[:, j] == pytest.approx(theirs.predict_proba(X)[:, 1], abs=1e-6)


def test_several_numbers_with_weights_are_as_many_linear_regressions():
    weights = np.random.default_rng(0).random(150)
    targets = X[:, 2:] * [1.0, 1000.0]
    ours = NetworkRegressor(**SOLVED).fit(X[:, :2], targets, sample_weight=weights)
    theirs = LinearRegression().fit(X[:, :2], targets, sample_weight=weights)
    assert ours.predict(X[:, :2]) == pytest.approx(theirs.predict(X[:, :2]), rel=1e-6, abs=1e-6)
    unweighted = LinearRegression().fit(X[:, :2], targets)
    assert ours.predict(X[:, :2]) != pytest.approx(unweighted.predict(X[:, :2]), rel=1e-3)


def counts(m=600, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, 3))
    return X, rng.poisson(np.exp(0.5 + X @ [0.8, -0.5, 0.2])), rng.random(m)


@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_poisson_regression_is_met(alpha):
    """Counts are divided by their mean, weighted or not, which divides the loss by it, and so the strength."""
    X, y, _ = counts()
    ours = NetworkRegressor(**SOLVED, loss="poisson", penalty=L2(alpha / y.mean())).fit(X, y)
    theirs = PoissonRegressor(alpha=alpha, solver="newton-cholesky", tol=1e-12).fit(X, y)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), rel=1e-6)


def test_poisson_regression_with_weights_is_met():
    X, y, weights = counts()
    ours = NetworkRegressor(**SOLVED, loss="poisson").fit(X, y, sample_weight=weights)
    theirs = PoissonRegressor(alpha=0, solver="newton-cholesky", tol=1e-12).fit(X, y, sample_weight=weights)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), rel=1e-6)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_quantile_regression_is_met(quantile):
    """The loss has kinks, so that Adam with a rate that fades finds what L-BFGS could not; to 0.001 of y's spread."""
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(300, 2))
    y = X @ [2, -1] + (0.5 + X[:, 0]) * rng.normal(size=300)
    fading = {"max_epochs": 1000, "learning_rate": 0.03, "schedule": "cosine", "batch_size": None, "validation": None}
    ours = NetworkRegressor(hidden_widths=(), loss=f"quantile({quantile})", random_state=0, **fading).fit(X, y)
    theirs = QuantileRegressor(quantile=quantile, alpha=0).fit(X, y)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), abs=0.001 * y.std())


def test_iterations_that_run_out_are_told():
    few = SOLVED | {"optimizer": LBFGS(max_iterations=3)}
    with pytest.warns(ConvergenceWarning, match="not yet at the optimum"):
        NetworkClassifier(**few).fit(*RAW_TABLES["wine"])
