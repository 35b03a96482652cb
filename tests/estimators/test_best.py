"""The preset "best" behind scikit-learn's face: an ensemble in the place of a model."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_estimator

from gradatim.errors import InputError
from gradatim.estimators import NetworkClassifier, NetworkRegressor, QuantileRegressor
from gradatim.model import Ensemble, Model, load
from tests.estimators.test_check_estimator import EXPECTED_FAILED_CHECKS

SMALL = {"hidden_widths": (4,), "max_epochs": 3, "patience_epochs": None, "random_state": 0}
X, y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def classifier():
    return NetworkClassifier("best", **SMALL).fit(X, y)


def test_a_classifier_answers_by_the_mean_of_five(classifier, tmp_path):
    assert isinstance(classifier.model_, Ensemble)
    P = np.mean([model.predict_proba(X) for model in classifier.model_.models], axis=0)
    assert classifier.predict_proba(X) == pytest.approx(P, abs=1e-15)
    assert np.array_equal(classifier.predict(X), P.argmax(axis=1))
    assert classifier.classes_.tolist() == [0, 1, 2]
    assert classifier.n_iter_ == len(classifier.history_) == 15
    assert classifier.settings_.preset == "best"
    classifier.save(tmp_path / "m")
    assert np.array_equal(load(tmp_path / "m").predict_proba(X), classifier.predict_proba(X))
    assert np.array_equal(pickle.loads(pickle.dumps(classifier)).predict_proba(X), classifier.predict_proba(X))
    assert "by the mean of 5" in str(classifier)


def test_a_regressor_does_too():
    X, y = load_diabetes(return_X_y=True)
    regressor = NetworkRegressor("best", **SMALL).fit(X, y)
    assert regressor.predict(X) == pytest.approx(
        np.mean([model.predict(X) for model in regressor.model_.models], axis=0)
    )
    quantiles = QuantileRegressor((0.1, 0.9), NetworkRegressor("best", **SMALL)).fit(X, y)
    assert len(quantiles.regressor_.model_.models) == 5
    assert (np.diff(quantiles.predict(X)) >= 0).all()


def test_without_hidden_layers_there_is_one_model():
    assert isinstance(NetworkClassifier("best", **SMALL | {"hidden_widths": ()}).fit(X, y).model_, Model)


def test_rows_of_their_own_choose_all_epochs():
    classifier = NetworkClassifier("best", validation=(X[::5], y[::5]), **SMALL).fit(X, y)
    assert [model.rows for model in classifier.model_.models] == [{"train": 150, "validation": 30}] * 5


def test_what_goes_on_from_one_network_is_refused(classifier):
    with pytest.raises(InputError, match="A training must go on from one network"):
        NetworkClassifier("best", warm_start=True, **SMALL).fit(X, y)
    assert not hasattr(NetworkClassifier("best"), "partial_fit")
    changed = clone(classifier).fit(X, y).set_params(preset="plain", warm_start=True)
    for go_on in (changed.fit, changed.partial_fit):
        with pytest.raises(InputError, match="Got an ensemble, which the preset"):
            go_on(X, y)
    with pytest.raises(InputError, match=r"open models\[0\]\.network_"):
        classifier.network_  # noqa: B018
    with pytest.raises(InputError, match=r"ask models\[0\]\.at"):
        classifier.at(epoch=1)


def test_callbacks_are_refused_and_lines_have_the_number_of_the_model(capsys):
    class Idle:
        def on_epoch_end(self, progress):
            pass

    with pytest.raises(InputError, match="callbacks must be none with the preset"):
        NetworkClassifier("best", callbacks=[Idle()], **SMALL).fit(X, y)
    NetworkClassifier("best", verbose=1, **SMALL | {"max_epochs": 1}).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split("  ")[:2] for line in lines) == [[f"model {k}", "epoch 1/1"] for k in range(1, 6)]


def test_each_model_that_diverges_after_some_epochs_is_told_of():
    """The loss leaves float32 in the second epoch or later: the first is kept."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 2))
    settings = {**SMALL, "learning_rate": 3.0, "optimizer": "gradient_descent", "max_epochs": 60}
    network = NetworkRegressor("best", network="preset", batch_size=None, encoding=None, **settings)
    with pytest.warns(ConvergenceWarning):
        network.fit(rows * 1e3, rows[:, 0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_scikit_learns_checks_pass_but_for_those_with_a_reason(kind):
    estimator = kind("best", max_epochs=20, hidden_widths=(64, 64), random_state=0)
    results = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILED_CHECKS, on_skip=None)
    assert {result["check_name"] for result in results if result["status"] == "xfail"} == set(EXPECTED_FAILED_CHECKS)
    assert sum(result["status"] == "passed" for result in results) > 45
