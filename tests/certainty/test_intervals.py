"""Prediction intervals: by hand, and how often they hold y of fresh rows from distributions that are known."""

import numpy as np
import pytest
from scipy.stats import beta, kstest, norm
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold

from gradatim.certainty import prediction_intervals
from gradatim.certainty.coverage import rank
from gradatim.errors import InputError, ShapeError
from tests.certainty.models import Said, Told


class Ends:
    """A model of two quantiles whose rows are its answers."""

    quantiles = (0.1, 0.9)

    def predict(self, rows):
        return np.asarray(rows, dtype=float)


def test_absolute_errors_by_hand():
    """Errors 1 … 9, k = ⌈10 · 0.8⌉ = 8."""
    own = np.zeros((9, 1))
    wrapped = prediction_intervals(Said(), own, [1, -2, 3, -4, 5, -6, 7, -8, 9], coverage=0.8)
    assert (wrapped.method, wrapped.quantile, wrapped.rows) == ("absolute", 8.0, 9)
    assert wrapped.intervals([[10.0], [-1.0]]).tolist() == [[2.0, 18.0], [-9.0, 7.0]]
    assert wrapped.predict([[10.0]]).tolist() == [10.0]


def test_normalized_errors_by_hand():
    """Errors 2, 8, 3 beside sizes 1, 2, 3: scores 2, 4, 1, of which the third (k = ⌈4 · 0.75⌉) is 4."""
    rows = np.column_stack([np.zeros(3), [1.0, 2.0, 3.0]])
    wrapped = prediction_intervals(Said(), rows, [2, -8, 3], coverage=0.75, scale=Said(1))
    assert (wrapped.method, wrapped.quantile) == ("normalized", 4.0)
    assert wrapped.intervals([[5.0, 0.5]]).tolist() == [[3.0, 7.0]]


def test_quantiles_by_hand():
    """Scores max(low - y, y - high) of y = 5, 0, 3, -3 within 0 … 4: 1, 0, -1, 3; the fourth (⌈5 · 0.8⌉) is 3."""
    rows = np.tile([0.0, 4.0], (4, 1))
    wrapped = prediction_intervals(Ends(), rows, [5, 0, 3, -3], coverage=0.8)
    assert (wrapped.method, wrapped.quantile) == ("quantiles", 3.0)
    assert wrapped.intervals([[1.0, 2.0]]).tolist() == [[-2.0, 5.0]]
    assert wrapped.intervals([[2.0, 1.0]]).tolist() == [[-2.0, 5.0]], "ends that crossed are sorted first"


def test_ends_that_move_past_each_other_meet():
    """All y lie in the middle of 0 … 10, so that the ends move inwards by 5; of 0 … 2 nothing would be left."""
    rows = np.tile([0.0, 10.0], (9, 1))
    wrapped = prediction_intervals(Ends(), rows, [5.0] * 9, coverage=0.8)
    assert wrapped.quantile == -5.0
    assert wrapped.intervals([[0.0, 2.0], [0.0, 12.0]]).tolist() == [[1.0, 1.0], [5.0, 7.0]]


def test_the_true_coverage_follows_its_law():
    """Standard normal around a prediction of 0: the coverage of ± q is 2 Φ(q) - 1, without any fresh rows."""
    rng = np.random.default_rng(0)
    n, coverage = 30, 0.9
    true = []
    for _ in range(2000):
        q = prediction_intervals(Said(), np.zeros((n, 1)), rng.normal(size=n), coverage=coverage).quantile
        true.append(2 * norm.cdf(q) - 1)
    k = rank(n, coverage)
    assert kstest(true, beta(k, n + 1 - k).cdf).pvalue > 0.01


def noisy(rng, m):
    """Columns x and the size of the noise; y is normal with that standard deviation around 0."""
    x = rng.uniform(size=m)
    return np.column_stack([np.zeros(m), 0.2 + 2 * x]), rng.normal(size=m) * (0.2 + 2 * x)


@pytest.mark.parametrize("kind", ["absolute", "normalized", "quantiles"])
def test_fresh_rows_are_held_as_often_as_asked(kind):
    """Everywhere on average; and where the noise is small and large alike, only if the width may follow it."""
    rng = np.random.default_rng(1)
    (own, y), (new, fresh) = noisy(rng, 3000), noisy(rng, 20_000)
    if kind == "quantiles":  # narrower than the 1.645 that it would take
        own, new = (np.outer(rows[:, 1], [-1.2, 1.2]) for rows in (own, new))
    wrapped = prediction_intervals(
        Ends() if kind == "quantiles" else Said(), own, y, scale=Said(1) if kind == "normalized" else None
    )
    low, high = wrapped.intervals(new).T
    held = (low <= fresh) & (fresh <= high)
    assert held.mean() == pytest.approx(0.9, abs=0.018)  # 3 standard deviations of Beta, n = 3000
    least, most = wrapped.spread(0.998)
    assert least < held.mean() < most
    order = np.argsort(np.abs(new).sum(axis=1))
    quiet, loud = held[order[:5000]].mean(), held[order[-5000:]].mean()
    if kind == "absolute":
        assert quiet > 0.98
        assert loud < 0.8
    elif kind == "normalized":
        assert quiet == pytest.approx(loud, abs=0.03)
    else:
        assert quiet > loud > 0.83, "moved by the same amount everywhere: nearer, but not the same"


def test_clones_are_asked_where_no_rows_can_be_spared():
    """Errors of rows that trained a boosted model are too small by far; those of rows that did not are not."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(1300, 3))
    y = X[:, 0] + rng.normal(size=1300)
    boosted = GradientBoostingRegressor(n_estimators=100, max_depth=5, random_state=0)
    train, fresh = slice(300), slice(300, None)

    def covered(wrapped):
        low, high = wrapped.intervals(X[fresh]).T
        return np.mean((low <= y[fresh]) & (y[fresh] <= high))

    folds = KFold(5, shuffle=True, random_state=0)
    assert covered(prediction_intervals(boosted, X[train], y[train], cv=folds)) == pytest.approx(0.9, abs=0.06)
    assert covered(prediction_intervals(boosted.fit(X[train], y[train]), X[train], y[train])) < 0.5


def test_out_of_fold_predictions_stand_in_their_own_rows():
    """Sorted rows, two folds: each half is judged by the line through the other one."""
    X = np.arange(20.0)[:, None]
    y = np.where(X[:, 0] < 10, 0.0, X[:, 0])
    errors = np.concatenate(
        [
            np.abs(y[:10] - LinearRegression().fit(X[10:], y[10:]).predict(X[:10])),
            np.abs(y[10:] - LinearRegression().fit(X[:10], y[:10]).predict(X[10:])),
        ]
    )
    wrapped = prediction_intervals(LinearRegression(), X, y, coverage=0.5, cv=2)
    assert wrapped.quantile == pytest.approx(np.sort(errors)[11 - 1])


@pytest.mark.parametrize(
    ("fault", "call", "message"),
    [
        (
            InputError,
            lambda rows, y: prediction_intervals(Said(), rows, y, coverage=0.95),
            "must have 19 rows .* Got 9",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Said(), rows, ["a"] * 9, coverage=0.5),
            "y must be numbers",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Said(), rows, [np.nan] * 9, coverage=0.5),
            "finite .* Got nan",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Told("a", "b"), rows, y, coverage=0.5),
            "What the model predicts must be numbers, one for each row. Got others",
        ),
        (ShapeError, lambda rows, y: prediction_intervals(Said(), rows[:8], y, coverage=0.5), "of the 8 rows. Got 9"),
        (
            InputError,
            lambda rows, y: prediction_intervals(LinearRegression().fit(rows, rows), rows, y, coverage=0.5),
            "must predict one number. Got 2 targets",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Said(), rows, y, coverage=0.5, scale=Said(1)),
            "scale must predict one number above 0",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Ends(), rows, y, coverage=0.5, scale=Said(1)),
            "scale must be None with a model of quantiles",
        ),
        (
            InputError,
            lambda rows, y: prediction_intervals(Said(), rows, y, coverage=0.5, scale=Said(1), cv=2),
            "scale must be None with cv",
        ),
    ],
)
def test_what_is_refused(fault, call, message):
    with pytest.raises(fault, match=message):
        call(np.zeros((9, 2)), np.arange(9.0))
