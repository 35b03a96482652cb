"""scikit-learn's tools around our estimators: pipelines, searches, wrappers, displays."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  # it is the import that enables
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import DecisionBoundaryDisplay, PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingRandomSearchCV,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gradatim as gd
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from tests.estimators.examples import LABELS, QUICK, X, goods, y

LONGER = QUICK | {"max_epochs": 60}
TUMOURS = load_breast_cancer(return_X_y=True)


def test_pipelines_and_cross_validation():
    pipeline = make_pipeline(
        make_column_transformer((StandardScaler(), [0, 1]), remainder="passthrough"), NetworkClassifier(**LONGER)
    )
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    assert pipeline.fit(X, y)[:-1].transform(X).shape == (150, 4)


def test_a_grid_finds_the_rate_that_learns():
    grid = GridSearchCV(NetworkRegressor(**QUICK), {"learning_rate": [1e-6, 1e-2], "activation": ["tanh"]}, cv=2)
    assert grid.fit(X[:, :3], X[:, 3]).best_params_["learning_rate"] == 1e-2
    objects = GridSearchCV(
        NetworkClassifier(**QUICK), {"optimizer": ["adam", gd.Adam(beta2=0.95), gd.Nesterov()]}, cv=2
    )
    assert set(map(type, objects.fit(X, y).cv_results_["param_optimizer"][1:])) == {gd.Adam, gd.Nesterov}


@pytest.mark.parametrize(
    "resource",
    [
        {"resource": "n_samples", "min_resources": 40},
        {"resource": "max_epochs", "min_resources": 2, "max_resources": 8},
    ],
    ids=["rows", "epochs"],
)
def test_halving_searches(resource):
    """More rows, or more epochs, for the better half of the candidates."""
    settings = {name: value for name, value in QUICK.items() if name != resource["resource"]}
    search = HalvingRandomSearchCV(
        NetworkClassifier(**settings),
        {"learning_rate": [1e-6, 1e-5, 0.01, 0.03]},
        factor=2,
        cv=2,
        random_state=0,
        **resource,
    ).fit(X, y)
    assert search.best_params_["learning_rate"] >= 0.01
    assert len(search.n_resources_) > 1
    if resource["resource"] == "max_epochs":
        assert search.best_estimator_.settings_.max_epochs == search.n_resources_[-1]


@pytest.mark.slow
def test_a_search_over_processes_finds_the_same():
    alone, shared = (
        GridSearchCV(NetworkClassifier(**QUICK), {"learning_rate": [1e-5, 0.01]}, cv=2, n_jobs=n).fit(X, y)
        for n in (1, 2)
    )
    assert alone.cv_results_["mean_test_score"].tolist() == shared.cv_results_["mean_test_score"].tolist()
    assert np.array_equal(alone.predict_proba(X), shared.predict_proba(X))


GROUPS = np.random.default_rng(0).integers(0, 10, 150)


def test_groups_of_a_cross_validation():
    scores = cross_val_score(NetworkClassifier(**LONGER), X, y, cv=GroupKFold(3), groups=GROUPS)
    assert scores.min() > 0.8


def test_weights_and_groups_are_routed():
    """Into fit, through pipelines and searches: rows of weight 0 do not train, and groups are held out whole."""
    weights = (np.arange(150) % 5 > 0).astype(float)
    with config_context(enable_metadata_routing=True):
        network = NetworkClassifier(**QUICK).set_fit_request(sample_weight=True, groups=True)
        network.set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, network).fit(X, y, sample_weight=weights, groups=GROUPS)
        rows = pipeline[-1].model_.rows
        pairs = [np.isin(GROUPS, (i, j)) for i in range(10) for j in range(i)]  # a fifth of ten groups
        expected = [{"train": int(weights[~held].sum()), "validation": int(weights[held].sum())} for held in pairs]
        assert rows in expected

        alone = NetworkClassifier(**QUICK).fit(StandardScaler().fit_transform(X), y, weights, GROUPS)
        assert np.array_equal(pipeline.predict_proba(X), alone.predict_proba(StandardScaler().fit_transform(X)))

        search = GridSearchCV(pipeline, {"networkclassifier__learning_rate": [1e-6, 0.01]}, cv=GroupKFold(2))
        search.fit(X, y, sample_weight=weights, groups=GROUPS)
        assert search.best_params_ == {"networkclassifier__learning_rate": 0.01}
        again = search.best_estimator_[-1].model_
        assert again.vector.tobytes() == pipeline[-1].model_.vector.tobytes()

        params = {"sample_weight": weights, "groups": GROUPS}
        assert len(cross_validate(network, X, y, cv=GroupKFold(2), params=params)["test_score"]) == 2


@pytest.mark.parametrize(("form", "frames"), [(pd.DataFrame, "pandas"), (pl.DataFrame, "polars")])
def test_frames_come_through_a_pipeline_with_their_names(form, frames):
    """Texts and gaps stay as they are: the network encodes them itself."""
    table, labels = goods(form=form)
    scaled = make_column_transformer(
        (StandardScaler(), ["size"]), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform=frames)
    pipeline = make_pipeline(scaled, NetworkClassifier(**LONGER | {"learning_rate": 0.03})).fit(table, labels)
    assert pipeline[-1].feature_names_in_.tolist() == ["size", "colour", "noise"]
    assert pipeline.score(table, labels) > 0.9


@pytest.mark.parametrize("settings", [{}, {"hidden_widths": (), "optimizer": "lbfgs", "max_epochs": "preset"}])
def test_copies_are_the_same_and_go_on_the_same(tmp_path, settings):
    """Also what was recorded, and what the optimizer remembers."""
    usual = QUICK | {"record": "epochs", "warm_start": True, "max_epochs": 3} | settings
    usual |= {"learning_rate": "preset"} if settings else {}
    fitted = NetworkRegressor(**usual).fit(X[:, :3], X[:, 3])
    joblib.dump(fitted, tmp_path / "model.joblib")
    copies = [pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted), joblib.load(tmp_path / "model.joblib")]
    then = fitted.at(epoch=1).predict(X[:, :3])
    before = fitted.predict(X[:, :3])
    for again in copies:
        assert np.array_equal(again.predict(X[:, :3]), before)
        assert np.array_equal(again.at(epoch=1).predict(X[:, :3]), then)
        assert again.get_params().keys() == fitted.get_params().keys()
    fitted.fit(X[:, :3], X[:, 3])
    assert np.array_equal(copies[0].fit(X[:, :3], X[:, 3]).predict(X[:, :3]), fitted.predict(X[:, :3]))


def test_a_lambda_cannot_be_pickled_but_its_model_can():
    """An estimator keeps its parameters as given, and Python pickles no lambda. The model has its name alone."""
    classifier = NetworkClassifier(**QUICK, metric=lambda y, p: np.mean(y == p)).fit(X, y)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(classifier)
    assert np.array_equal(pickle.loads(pickle.dumps(classifier.model_)).predict(X), classifier.predict(X))
    assert np.array_equal(copy.deepcopy(classifier).predict(X), classifier.predict(X))


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(method):
    """A fifth of the labels is wrong: a network that learned them by heart is too sure, until other rows mend it."""
    A, b = TUMOURS
    b = np.where(np.random.default_rng(0).random(len(b)) < 0.2, 1 - b, b)
    parts = [(A[start::3], b[start::3]) for start in range(3)]
    sure = NetworkClassifier(**QUICK | {"hidden_widths": (32,), "max_epochs": 100, "validation": None}).fit(*parts[0])
    mended = CalibratedClassifierCV(FrozenEstimator(sure), method=method).fit(*parts[1])
    before, after = (model.predict_proba(parts[2][0]) for model in (sure, mended))
    assert after.sum(axis=1) == pytest.approx(1)
    if method == "sigmoid":  # the other gives probabilities of 0, of which a single wrong one has an infinite loss
        assert log_loss(parts[2][1], after) < 0.8 * log_loss(parts[2][1], before)
    crossed = CalibratedClassifierCV(NetworkClassifier(**QUICK), method=method, cv=2).fit(*TUMOURS)
    assert crossed.score(*TUMOURS) > 0.9


def test_a_tuned_threshold():
    A, b = TUMOURS
    tuned = TunedThresholdClassifierCV(NetworkClassifier(**QUICK), cv=2, scoring="f1", thresholds=20).fit(A, b == 0)
    P = tuned.estimator_.predict_proba(A)[:, 1]
    assert np.array_equal(tuned.predict(A), P >= tuned.best_threshold_)
    assert f1_score(b == 0, tuned.predict(A)) > 0.9


def test_permutations_tell_which_columns_of_a_frame_matter():
    """Texts with gaps are shuffled like numbers; the column of noise is no matter."""
    table, labels = goods(300)
    fitted = NetworkClassifier(**LONGER | {"learning_rate": 0.03}).fit(table, labels)
    size, colour, noise = permutation_importance(fitted, table, labels, random_state=0, n_repeats=3).importances_mean
    assert min(size, colour) > 0.15
    assert abs(noise) < 0.05


def test_ensembles():
    linear = LogisticRegression(max_iter=1000)
    stack = StackingClassifier([("network", NetworkClassifier(**LONGER)), ("linear", linear)], cv=2)
    vote = VotingClassifier([("network", NetworkClassifier(**LONGER)), ("linear", linear)], voting="soft")
    bag = BaggingClassifier(NetworkClassifier(**LONGER), 3, random_state=0)
    for ensemble in (stack, vote, bag):
        assert ensemble.fit(X, y).score(X, y) > 0.9
    assert (
        BaggingRegressor(NetworkRegressor(**LONGER), 2, random_state=0).fit(X[:, :3], X[:, 3]).score(X[:, :3], X[:, 3])
        > 0.8
    )


def test_wrappers_over_classes_and_targets():
    classifier, regressor = NetworkClassifier(**LONGER), NetworkRegressor(**LONGER)
    assert OneVsRestClassifier(classifier).fit(X, y).score(X, y) > 0.8
    assert OneVsOneClassifier(classifier).fit(X, y).score(X, y) > 0.9
    assert MultiOutputClassifier(classifier).fit(X, LABELS).score(X, LABELS) > 0.8
    assert ClassifierChain(classifier).fit(X, LABELS).score(X, LABELS) > 0.8
    for wrapper in (MultiOutputRegressor(regressor), RegressorChain(regressor)):
        assert wrapper.fit(X[:, :2], X[:, 2:]).score(X[:, :2], X[:, 2:]) > 0.7
    logarithm = TransformedTargetRegressor(regressor, func=np.log1p, inverse_func=np.expm1).fit(X[:, :3], X[:, 3])
    assert logarithm.predict(X[:, :3]).min() > -1


def test_curves_and_choices():
    sizes, _, scores = learning_curve(
        NetworkClassifier(**LONGER), X, y, cv=2, shuffle=True, random_state=0, train_sizes=[0.2, 1.0]
    )
    assert sizes.tolist() == [15, 75]
    assert scores[1].mean() > 0.8
    chosen = SequentialFeatureSelector(NetworkRegressor(**QUICK), n_features_to_select=1, cv=2).fit(X[:, :3], X[:, 3])
    assert chosen.get_support().tolist() == [False, False, True], "petals' width follows their length"


def test_displays():
    boundary = DecisionBoundaryDisplay.from_estimator(
        NetworkClassifier(**QUICK).fit(X[:, :2], y), X[:, :2], grid_resolution=5
    )
    assert boundary.response.shape[:2] == (5, 5)
    table, labels = goods()
    table = table.fillna({"colour": "none", "size": 0.0})  # the display makes its grid itself, and knows no gaps
    fitted = NetworkClassifier(**LONGER | {"learning_rate": 0.03}).fit(table, labels)
    display = PartialDependenceDisplay.from_estimator(
        fitted, table, ["size", "colour"], categorical_features=["colour"], grid_resolution=5
    )
    of_size, of_colour = (result["average"][0] for result in display.pd_results)
    assert of_size[-1] > of_size[0] + 0.2, "large ones are dear"
    assert of_colour.argmax() == list(display.pd_results[1]["grid_values"][0]).index("red"), "and so are red ones"
