"""scikit-learn's conventions, and its tools around our estimators."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gradatim as gd
from gradatim.errors import InputError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L2

X, y = load_iris(return_X_y=True)
QUICK = {"max_epochs": 15, "hidden_widths": (8,), "random_state": 0, "learning_rate": 0.01}
SOLVED = {"hidden_widths": (), "optimizer": "lbfgs", "validation": None, "encoding": None, "dtype": "float64"}


def test_fit_stores_what_training_made():
    classifier = NetworkClassifier(**QUICK)
    assert classifier.fit(X, y) is classifier
    assert classifier.classes_.tolist() == [0, 1, 2]
    assert classifier.n_features_in_ == 4
    assert not hasattr(classifier, "feature_names_in_")
    assert classifier.settings_.max_epochs == 15
    assert isinstance(classifier.model_, gd.Model)
    assert len(classifier.history_) <= 15
    assert classifier.network_.shapes()["W1"] == (8, 4)


def test_names_of_columns_are_kept_and_checked():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    classifier = NetworkClassifier(**QUICK).fit(frame, y)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame.rename(columns={"a": "z"}))


def test_before_fit_scikit_learn_speaks():
    for ask in (lambda e: e.predict(X), lambda e: e.network_, lambda e: e.history_, lambda e: e.settings_):
        with pytest.raises(NotFittedError):
            ask(NetworkRegressor())
    with pytest.raises(NotFittedError):
        NetworkClassifier().predict_proba(X)


def test_init_stores_and_checks_nothing():
    odd = NetworkClassifier(learning_rate="never", hidden_widths=object())
    assert odd.get_params()["learning_rate"] == "never"
    with pytest.raises(InputError, match="hidden_widths must be"):
        odd.fit(X, y)
    assert clone(NetworkClassifier(penalty=L2(0.1))).penalty == L2(0.1)
    assert NetworkRegressor().set_params(dropout=0.5).dropout == 0.5


def test_logistic_regression_is_met():
    ours = NetworkClassifier(**SOLVED, penalty=L2(1 / len(X))).fit(X, y)
    theirs = LogisticRegression(solver="newton-cholesky", tol=1e-12).fit(X, y)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_linear_regression_is_met():
    X, y = load_diabetes(return_X_y=True)
    ours = NetworkRegressor(**SOLVED).fit(X, y)
    theirs = LinearRegression().fit(X, y)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), rel=1e-6)


def ten_columns(X, y):
    return X[:, :10], y


RAW_TABLES = {
    "wine": load_wine(return_X_y=True),
    "breast cancer, 30 columns": load_breast_cancer(return_X_y=True),
    "breast cancer, 10 columns": ten_columns(*load_breast_cancer(return_X_y=True)),
    "diabetes": load_diabetes(return_X_y=True),
    "iris": (X, y),
}


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
    theirs = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, abs=1e-6)


def test_logistic_regression_without_penalty_is_met_on_raw_columns():
    X, y = RAW_TABLES["breast cancer, 10 columns"]
    ours = NetworkClassifier(**SOLVED).fit(X, y)
    theirs = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert ours.network_.W[1] == pytest.approx(theirs.coef_, rel=1e-6)


def test_iterations_that_run_out_are_told():
    few = SOLVED | {"optimizer": LBFGS(max_iterations=3)}
    with pytest.warns(ConvergenceWarning, match="not yet at the optimum"):
        NetworkClassifier(**few).fit(*load_wine(return_X_y=True))


def test_sample_weight_is_passed_on():
    weights = (y > 0).astype(float)
    classifier = NetworkClassifier(**QUICK | {"validation": None}).fit(X, y, sample_weight=weights)
    assert classifier.model_.rows["train"] == 100


def test_own_validation_rows():
    classifier = NetworkClassifier(**QUICK, validation=(X[::3], y[::3])).fit(
        np.delete(X, slice(None, None, 3), 0), np.delete(y, slice(None, None, 3))
    )
    assert classifier.model_.rows == {"train": 100, "validation": 50}


def test_texts_missing_values_and_dataframes():
    frame = {"size": [1.0, None, 3.0, 4.0] * 10, "colour": ["red", "blue", None, "red"] * 10}
    labels = ["cheap", "cheap", "dear", "dear"] * 10
    for table in (pd.DataFrame(frame), pl.DataFrame(frame)):
        classifier = NetworkClassifier(**QUICK | {"max_epochs": 60}).fit(table, labels)
        assert classifier.score(table, labels) == 1.0
        assert set(classifier.predict(table)) == {"cheap", "dear"}


def test_pipelines_cross_validation_and_grids():
    pipeline = make_pipeline(
        make_column_transformer((StandardScaler(), [0, 1]), remainder="passthrough"),
        NetworkClassifier(**QUICK | {"max_epochs": 60}),
    )
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    grid = GridSearchCV(NetworkRegressor(**QUICK), {"learning_rate": [1e-6, 1e-2], "activation": ["tanh"]}, cv=2)
    grid.fit(X[:, :3], X[:, 3])
    assert grid.best_params_["learning_rate"] == 1e-2


def test_seeds_and_pickles():
    first, second = (NetworkRegressor(**QUICK).fit(X[:, :3], X[:, 3]) for _ in range(2))
    assert np.array_equal(first.predict(X[:, :3]), second.predict(X[:, :3]))
    again = pickle.loads(pickle.dumps(first))
    assert np.array_equal(again.predict(X[:, :3]), first.predict(X[:, :3]))
    drawn = NetworkRegressor(**QUICK | {"random_state": np.random.RandomState(3)}).fit(X[:, :3], X[:, 3])
    assert drawn.settings_.random_state == np.random.RandomState(3).randint(2**31)


def test_a_generator_of_numpys_gives_the_seed():
    drawn = NetworkRegressor(**QUICK | {"random_state": np.random.default_rng(3)}).fit(X[:, :3], X[:, 3])
    assert drawn.settings_.random_state == np.random.default_rng(3).integers(2**31)


class Counts:
    """Counts epochs."""

    epochs = 0

    def on_epoch_end(self, progress):
        self.epochs += 1


@pytest.mark.parametrize("callbacks", [5, [5], Counts(), [Counts], "stop"])
def test_what_is_no_list_of_callbacks_is_refused(callbacks):
    with pytest.raises(InputError, match=r"callbacks must be a list of objects with on_epoch_end\(progress\)"):
        NetworkClassifier(**QUICK, callbacks=callbacks).fit(X, y)


def test_no_callbacks_and_one():
    assert len(NetworkClassifier(**QUICK, callbacks=None).fit(X, y).history_) > 0
    counts = Counts()
    NetworkClassifier(**QUICK | {"max_epochs": 3}, callbacks=[counts]).fit(X, y)
    assert counts.epochs == 3


def test_verbose_prints_a_line_per_epoch(capsys):
    NetworkClassifier(**QUICK | {"max_epochs": 2}, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert "validation_log_loss" in lines[0]


def test_a_training_that_diverges_warns_and_keeps_the_best():
    class Spoil:
        """After two epochs the parameters jump out of all bounds."""

        def on_epoch_end(self, progress):
            if progress.epoch == 2:
                progress.vector[:] = np.nan

    with pytest.warns(ConvergenceWarning, match="became infinite or NaN in epoch 3"):
        classifier = NetworkClassifier(**QUICK, callbacks=[Spoil()]).fit(X, y)
    assert np.isfinite(classifier.predict_proba(X)).all()
