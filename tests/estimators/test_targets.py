"""What can be predicted: two classes, many, several labels, one number, several; in every form that people hold."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier

from gradatim.errors import InputError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from tests.estimators.examples import LABELS, QUICK, X, goods, y


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (y > 0, [False, True]),
        (np.where(y > 0, 1, -1), [-1, 1]),
        (np.where(y > 0, "yes", "no"), ["no", "yes"]),
        (np.array(["c", "a", "b"])[y], ["a", "b", "c"]),
        (pd.Series(np.array(["low", "mid", "high"])[y], dtype="category"), ["high", "low", "mid"]),
        (pl.Series(["low", "mid", "high"])[y], ["high", "low", "mid"]),
        ((10 * y).tolist(), [0, 10, 20]),
    ],
    ids=["booleans", "minus one", "texts", "three", "pandas", "Polars", "list"],
)
def test_classes_come_back_in_their_own_type(labels, classes):
    classifier = NetworkClassifier(**QUICK | {"max_epochs": 60}).fit(X, labels)
    assert classifier.classes_.tolist() == classes
    P = classifier.predict_proba(X)
    assert P.shape == (150, len(classes))
    assert P.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(classifier.predict(X), classifier.classes_[P.argmax(axis=1)])
    assert classifier.score(X, labels) > 0.9


def frame_of_words(values):
    return pd.DataFrame(np.where(values, "yes", "no"), columns=["left", "right"])


@pytest.mark.parametrize(
    ("form", "back"),
    [
        (np.asarray, np.asarray),
        (lambda Y: Y.astype(bool), lambda Y: Y.astype(bool)),
        (sparse.csr_matrix, np.asarray),
        (sparse.csc_array, np.asarray),
        (lambda Y: Y.tolist(), np.asarray),
        (lambda Y: pd.DataFrame(Y, columns=["left", "right"]), np.asarray),
        (lambda Y: pl.DataFrame({"left": Y[:, 0], "right": Y[:, 1]}), np.asarray),
        (frame_of_words, lambda Y: frame_of_words(Y).to_numpy(dtype=object)),
    ],
    ids=["array", "booleans", "csr", "csc", "list", "pandas", "Polars", "words"],
)
def test_several_labels_in_every_form(form, back):
    """The same network whatever the form, and labels in the form's own words."""
    usual = NetworkClassifier(**QUICK | {"max_epochs": 60}).fit(X, LABELS)
    classifier = NetworkClassifier(**QUICK | {"max_epochs": 60}).fit(X, form(LABELS))
    P = classifier.predict_proba(X)
    assert P.shape == (150, 2)
    assert P.tolist() == usual.predict_proba(X).tolist()
    assert np.array_equal(classifier.predict(X), back((P > 0.5).astype(int)))
    assert [labels.tolist() for labels in classifier.classes_] in (
        [[0, 1]] * 2,
        [[False, True]] * 2,
        [["no", "yes"]] * 2,
    )
    assert accuracy_score(LABELS, P > 0.5) > 0.85


def test_the_score_of_several_labels_is_scikit_learns():
    """A row counts where all of its labels are right."""
    classifier = NetworkClassifier(**QUICK).fit(X, LABELS)
    right = (classifier.predict(X) == LABELS).all(axis=1).mean()
    assert classifier.score(X, LABELS) == pytest.approx(right)
    assert classifier.score(X, sparse.csr_matrix(LABELS)) == pytest.approx(right)


@pytest.mark.parametrize("dtype", [int, bool, float])
@pytest.mark.parametrize("value", [0, 1])
def test_a_label_may_be_the_same_in_every_row(dtype, value):
    """As in scikit-learn's MLP: 0 and 1 are known to be the two classes, and the network learns which one it is."""
    constant = np.column_stack([LABELS[:, 0], np.full(150, value)]).astype(dtype)
    settings = {"max_epochs": 60, "validation": (X, constant)}
    classifier = NetworkClassifier(**QUICK | settings).fit(X, constant)
    assert (classifier.predict(X)[:, 1] == value).all()
    assert abs(classifier.predict_proba(X)[:, 1] - value).max() < 0.2
    assert [labels.tolist() for labels in classifier.classes_] == [[0, 1], [0, 1]]
    with pytest.raises(InputError, match=r"'right' must hold two classes or more\. Got one class, 'no'"):
        NetworkClassifier(**QUICK).fit(X, frame_of_words(np.column_stack([LABELS[:, 0], np.zeros(150)])))


def test_cross_validation_of_a_rare_label():
    """Sorted rows: each of three folds trains without one of the labels; MLP takes that as well."""
    rare = np.column_stack([LABELS, np.arange(150) < 3])
    for classifier in (NetworkClassifier(**QUICK), MLPClassifier((8,), solver="lbfgs", random_state=0)):
        scores = cross_val_score(classifier, X, rare, cv=3, error_score="raise")
        assert np.isfinite(scores).all()


def test_several_numbers():
    """Each in its own units, with the names of its columns; R² is scikit-learn's mean over them."""
    targets = pd.DataFrame({"length": X[:, 2], "area": 1000 * X[:, 2] * X[:, 3]})
    regressor = NetworkRegressor(**QUICK | {"max_epochs": 60}).fit(X[:, :2], targets, sample_weight=np.ones(150))
    assert regressor.predict(X[:, :2]).shape == (150, 2)
    assert regressor.model_.target.names == ("length", "area")
    error = ((regressor.predict(X[:, :2]) - targets) ** 2).mean() / targets.var(ddof=0)
    assert regressor.score(X[:, :2], targets) == pytest.approx(1 - error.mean())
    assert error.max() < 0.3


def test_a_target_keeps_its_name():
    assert NetworkClassifier(**QUICK).fit(X, pd.Series(y, name="churn")).model_.target.name == "churn"
    assert NetworkRegressor(**QUICK).fit(X, pl.Series("price", X[:, 0])).model_.target.names == ("price",)
    assert NetworkClassifier(**QUICK).fit(X, pd.Series(y)).model_.target.name == "y"
    assert NetworkClassifier(**QUICK).fit(X, LABELS).model_.target.names == ("y_1", "y_2")
    assert NetworkRegressor(**QUICK).fit(X, X[:, 0].tolist()).model_.target.names == ("y",)


def test_a_weight_of_nothing_is_no_row():
    weights = (y > 0).astype(float)
    classifier = NetworkClassifier(**QUICK | {"validation": None}).fit(X, y, sample_weight=weights)
    assert classifier.model_.rows["train"] == 100


@pytest.mark.parametrize("weights", ["balanced", [{0: 1, 1: 2}, {0: 1, 1: 3}]])
def test_weights_of_classes_have_no_place_with_several_labels(weights):
    with pytest.raises(InputError, match="class_weight must be"):
        NetworkClassifier(**QUICK, class_weight=weights).fit(X, LABELS)
    with pytest.raises(InputError, match="class_weight must be"):
        NetworkRegressor(**QUICK, class_weight=weights).fit(X, X[:, 0])


@pytest.mark.parametrize("form", [pd.DataFrame, pl.DataFrame])
def test_texts_missing_values_and_dataframes(form):
    table, labels = goods(form=form)
    classifier = NetworkClassifier(**QUICK | {"max_epochs": 100, "learning_rate": 0.03}).fit(table, labels)
    assert classifier.score(table, labels) > 0.95
    assert set(classifier.predict(table)) == {"cheap", "dear"}


@pytest.mark.parametrize("form", [np.asarray, list, pd.Series, pl.Series], ids=["array", "list", "pandas", "Polars"])
def test_classes_are_not_amounts_nor_amounts_classes(form):
    """In whatever form they come; whole numbers written with a point are classes."""
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        NetworkClassifier(**QUICK).fit(X, form(X[:, 0] + 0.01))
    assert NetworkClassifier(**QUICK).fit(X, form(y.astype(float))).classes_.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(InputError, match=r"y must hold numbers .* Got texts: NetworkClassifier predicts classes"):
        NetworkRegressor(**QUICK).fit(X, form(np.where(y, "dear", "cheap")))
    with pytest.raises(InputError, match=r"y must hold numbers .* Got booleans"):
        NetworkRegressor(**QUICK).fit(X, form(y > 0))
