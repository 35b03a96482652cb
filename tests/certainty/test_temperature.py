"""One temperature: where its value can be written down, where scikit-learn finds the same, and what it leaves alone."""

import subprocess
import sys
from math import log

import numpy as np
import pytest
import sklearn
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_predict

from gradatim.certainty import calibrated
from gradatim.certainty.evidence import of_classes
from gradatim.certainty.temperature import at_temperature, best_temperature, log_loss_at
from gradatim.errors import InputError, ShapeError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from tests.certainty.models import Told, drawn, simplex

THREE = Told("a", "b", "c")


@given(st.floats(0.6, 0.99), st.integers(60, 99))
def test_two_classes_by_hand(said, right):
    """The same p in every row, right in a share f of them: sigmoid(ln(p / (1 - p)) / T) = f."""
    P = np.array([[said, 1 - said]] * 100)
    codes = np.array([0] * right + [1] * (100 - right))
    logit = [log(p / (1 - p)) for p in (said, right / 100)]
    if not 0.05 < logit[0] / logit[1] < 20:
        return
    assert best_temperature(P, codes) == pytest.approx(logit[0] / logit[1], rel=1e-5)


def test_three_classes_by_hand():
    """Odds of 8 : 1 : 1 become 2 : 1 : 1 at T = 3."""
    model = calibrated(THREE, [[0.8, 0.1, 0.1]] * 4, ["a", "a", "b", "c"])
    assert model.temperature == pytest.approx(3.0, rel=1e-5)
    assert model.predict_proba([[0.8, 0.1, 0.1]])[0] == pytest.approx([0.5, 0.25, 0.25], abs=1e-6)
    assert model.log_loss_before == pytest.approx(-(log(0.8) + log(0.1)) / 2)
    assert model.log_loss_after == pytest.approx(1.5 * log(2))
    assert model.rows == 4
    assert "Temperature 3: log loss 1.263 → 1.04 on the 4 rows" in str(model)


@given(st.integers(0, 2**32 - 1), st.floats(0.4, 2.5), st.integers(2, 5))
def test_scores_divided_before_are_divided_less_after(seed, T, K):
    """T of probabilities that stand at T₀ already is T / T₀; and nothing is worse than the best."""
    rng = np.random.default_rng(seed)
    P = simplex(rng, 60, K)
    codes = drawn(rng, P)
    best = best_temperature(P, codes)
    for other in (0.9 * best, 1.1 * best, 1.0):
        assert log_loss_at(P, codes, best) <= log_loss_at(P, codes, other) + 1e-12
    if 0.1 < best < 10:
        assert best_temperature(at_temperature(P, T), codes) == pytest.approx(best / T, rel=1e-3)


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 5.0))
def test_a_temperature_changes_no_order_of_classes(seed, T):
    P = simplex(np.random.default_rng(seed), 20, 4)
    hot = at_temperature(P, T)
    assert hot.sum(axis=1) == pytest.approx(np.ones(20))
    np.testing.assert_array_equal(np.argsort(hot, axis=1), np.argsort(P, axis=1))


def test_the_log_loss_is_scikit_learns():
    rng = np.random.default_rng(0)
    P = simplex(rng, 50, 3)
    codes = drawn(rng, P)
    assert log_loss_at(P, codes, 1.0) == pytest.approx(sklearn.metrics.log_loss(codes, P, labels=[0, 1, 2]))


def test_a_certain_mistake_costs_36_and_no_infinity():
    """The sigmoid is exactly 1 from a score of 37 on; a rounding error is all that is known of the rest."""
    assert log_loss_at(np.array([[0.0, 1.0]]), np.array([0]), 1.0) == pytest.approx(-log(2.0**-52))


@pytest.mark.parametrize("classes", [2, 3])
def test_scikit_learn_finds_the_same_temperature(classes):
    if tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 8):
        pytest.skip("scikit-learn has temperatures from 1.8 on")
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    rng = np.random.default_rng(classes)
    X = rng.normal(size=(400, 4))
    y = drawn(rng, simplex(rng, 400, classes)) * (X[:, 0] > 0)
    sure = LogisticRegression(C=1e3).fit(X[:60], y[:60])
    ours = calibrated(sure, X[60:], y[60:])
    # ensemble=False, so that one temperature is found on all rows, as ours is.
    theirs = CalibratedClassifierCV(FrozenEstimator(sure), method="temperature", ensemble=False).fit(X[60:], y[60:])
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-4)
    assert abs(ours.temperature - 1) > 0.05, "there was something to find"


@pytest.mark.parametrize("classes", [2, 3])
def test_the_scores_of_a_network_are_divided(classes):
    """softmax(Z / T), sigmoid(Z / T), with the Z of the network itself."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(320, 3))
    scores = 3 * X[:, :1] * np.arange(classes)
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = np.array(["no", "perhaps", "yes"])[drawn(rng, P)]
    network = NetworkClassifier("plain", hidden_widths=(4,), learning_rate=0.03, max_epochs=20, random_state=0).fit(
        X[:200], y[:200]
    )
    for model in (network, network.model_):
        cooler = calibrated(model, X[200:300], y[200:300])
        Z = network.network_.forward(network.model_.encode(X[300:])).Z[2] / cooler.temperature
        scores = np.vstack([np.zeros_like(Z), Z]) if classes == 2 else Z
        expected = np.exp(scores) / np.exp(scores).sum(axis=0)
        assert cooler.predict_proba(X[300:]) == pytest.approx(expected.T, abs=1e-9)
        assert cooler.predict(X[300:]).tolist() == network.predict(X[300:]).tolist()
        assert cooler.classes_.tolist() == sorted(set(y))
        assert cooler.log_loss_after <= cooler.log_loss_before


def test_without_rows_to_spare_clones_are_asked():
    """Temperature of out-of-fold probabilities, as scikit-learn makes them, for a model of all rows."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(90, 8))
    y = np.array(["one", "three", "two"])[drawn(rng, simplex(rng, 90, 3)) * (X[:, 0] > 0)]
    estimator, folds = LogisticRegression(C=100.0), KFold(3, shuffle=True, random_state=0)
    ours = calibrated(estimator, X, y, cv=folds)
    held = cross_val_predict(estimator, X, y, cv=folds, method="predict_proba")
    codes = np.searchsorted(["one", "three", "two"], y)
    assert ours.temperature == pytest.approx(best_temperature(held, codes), rel=1e-6)
    everything = LogisticRegression(C=100.0).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(at_temperature(everything.predict_proba(X), ours.temperature))
    assert not hasattr(estimator, "classes_"), "what was handed over is left as it was"
    assert ours.temperature > 1.1, "eight columns of noise and 60 rows: surer than right"


def test_class_weights_reach_the_clones_by_label():
    """Labels 1 and 2: as codes, 1 would be the other class."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(60, 1)), np.repeat([1, 2], 30)
    weighted, folds = LogisticRegression(class_weight={1: 9.0, 2: 1.0}), KFold(3, shuffle=True, random_state=0)
    final, said, codes = of_classes(weighted, X, y, folds)
    for train, held in folds.split(X):
        expected = clone(weighted).fit(X[train], y[train]).predict_proba(X[held])
        assert said[held] == pytest.approx(expected)
    assert said[:, 0].min() > 0.7, "nine times the weight"
    assert codes.tolist() == (y - 1).tolist()
    assert final.classes_.tolist() == [1, 2]


def test_a_temperature_at_the_end_of_its_range_is_told():
    with pytest.warns(UserWarning, match="right about every row, of which there are 2"):
        assert calibrated(Told(0, 1), [[0.9, 0.1], [0.2, 0.8]], [0, 1]).temperature < 0.03
    with pytest.warns(UserWarning, match="no better than chance about these rows"):
        assert calibrated(Told(0, 1), [[0.9, 0.1], [0.2, 0.8]], [1, 0]).temperature > 49


LINE = NetworkRegressor("plain", max_epochs=1, hidden_widths=(), random_state=0)
X, PAIRS = np.arange(20.0)[:, None], np.array([[0, 1], [1, 0], [1, 1], [0, 0]] * 5)


@pytest.mark.parametrize(
    ("fault", "call", "message"),
    [
        (
            InputError,
            lambda: calibrated(THREE, [[1, 0, 0]], ["d"]),
            r"classes, a, b, c, in every row\. .* in row 1 \(1",
        ),
        (InputError, lambda: calibrated(THREE, [[1, 0, 0]] * 2, ["a", None]), r"Got another, or none, in row 2"),
        (ShapeError, lambda: calibrated(THREE, [[1, 0, 0]], ["a", "b"]), "one value for each of the 1 rows. Got 2"),
        (InputError, lambda: calibrated(LINE.fit(X, X[:, 0]), X, X[:, 0]), "for a model of numbers there is pred"),
        (
            InputError,
            lambda: calibrated(NetworkClassifier("plain", max_epochs=1, random_state=0).fit(X, PAIRS), X, PAIRS),
            "must predict one target. Got 2",
        ),
        (InputError, lambda: calibrated(THREE, [[1, 0, 0]], ["a"], cv=2), "With cv the model must be an estimator"),
        (
            InputError,
            lambda: calibrated(LogisticRegression(), X, ["a"] * 9 + ["b"] * 9 + ["c"] * 2, cv=KFold(2)),
            "Got a fold without 'a'",
        ),
    ],
)
def test_what_is_refused(fault, call, message):
    with pytest.raises(fault, match=message):
        call()


def test_predicting_needs_no_scikit_learn():
    code = (
        "import sys, numpy as np\nfrom gradatim.certainty import calibrated\nfrom tests.certainty.models import Told\n"
        "calibrated(Told(0, 1), [[.9, .1]] * 3, [0, 0, 1]).predict_proba([[.9, .1]])\nprint('sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
