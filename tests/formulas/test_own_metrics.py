"""Functions of one's own, and scikit-learn's scorers, as metrics: what they are handed and what they may give."""

import copy
import pickle

import numpy as np
import pytest
import sklearn.metrics as judge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import make_scorer

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS, metric_for, metric_from_function, metric_from_scorer, require_defined

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
SCORES = X @ [1.0, -2.0, 0.5] + RNG.normal(size=120)


def spread_of_errors(y_true, y_pred):
    assert y_true.shape == y_pred.shape
    return np.std(y_true - y_pred)


def seen(y_true, y_pred):
    """The function's own arguments, kept."""
    seen.arguments = y_true, y_pred
    return 0.5


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize(
    "scorer",
    [
        make_scorer(judge.cohen_kappa_score),
        make_scorer(judge.fbeta_score, beta=2, average="macro"),
        make_scorer(judge.hamming_loss, greater_is_better=False),
        make_scorer(judge.log_loss, greater_is_better=False, response_method="predict_proba"),
        make_scorer(judge.roc_auc_score, response_method="predict_proba", multi_class="ovr"),
        judge.get_scorer("accuracy"),
    ],
    ids=str,
)
def test_a_scorer_gives_its_own_number(scorer, K):
    """Up to the sign, what scikit-learn's scorer says of its own classifier."""
    y = np.digitize(SCORES, [0, 1][: K - 1])
    model = LogisticRegression().fit(X, y)
    entry = metric_from_scorer(scorer, "classification").among(K)
    prediction = model.predict(X) if entry.needs == "labels" else model.predict_proba(X)
    sign = 1 if entry.greater_is_better else -1
    assert sign * entry.value(y, prediction) == pytest.approx(scorer(model, X, y), rel=1e-12)
    require_defined(entry, y, classes=K)


def test_a_scorer_of_decisions_or_probabilities_gets_probabilities():
    """The order of two classes is the same by both."""
    y = (SCORES > 0).astype(int)
    model = LogisticRegression().fit(X, y)
    for name in ("roc_auc", "average_precision"):
        scorer = judge.get_scorer(name)
        own = metric_for(scorer, "classification").value(y, model.predict_proba(X))
        assert own == pytest.approx(scorer(model, X, y), rel=1e-12)
        assert own == pytest.approx(METRICS[name].value(y, model.predict_proba(X)), rel=1e-12)


def test_labels_are_handed_over_by_name_where_names_are_told():
    names = np.array(["no", "yes"], dtype=object)
    y = (SCORES > 0).astype(int)
    model = LogisticRegression().fit(X, names[y])
    scorer = make_scorer(judge.f1_score, pos_label="no")
    entry = metric_from_scorer(scorer, "classification").among(2, names=names)
    codes = (model.predict(X) == "yes").astype(int)
    assert entry.value(y, codes) == pytest.approx(scorer(model, X, names[y]), rel=1e-12)
    metric_from_function(seen, "classification").among(2, names=["no", "yes"]).value([0, 1], [[1], [1]])
    assert [argument.tolist() for argument in seen.arguments] == [["no", "yes"], ["yes", "yes"]]
    metric_from_function(seen, "classification").among(2).value([0, 1], [1, 1])
    assert [argument.tolist() for argument in seen.arguments] == [[0, 1], [1, 1]]


def test_a_scorer_of_numbers():
    scorer = make_scorer(judge.mean_absolute_percentage_error, greater_is_better=False)
    model = Ridge().fit(X, SCORES)
    entry = metric_from_scorer(scorer, "regression")
    assert (entry.name, entry.needs, entry.greater_is_better) == ("mean_absolute_percentage_error", "values", False)
    assert -entry.value(SCORES, model.predict(X)) == pytest.approx(scorer(model, X, SCORES), rel=1e-12)


def test_single_columns_are_flattened():
    """A network hands out (m, 1): beside (m,) a plain function would draw up a table of m × m errors."""
    entry = metric_from_function(spread_of_errors, "regression", greater_is_better=False)
    assert entry.value(SCORES[:, None], X[:, :1]) == entry.value(SCORES, X[:, 0]) == np.std(SCORES - X[:, 0])
    assert entry.value(X, X + np.arange(1, 4)) == pytest.approx(np.sqrt(2 / 3), rel=1e-12)


def test_probabilities_of_two_classes_are_those_of_class_1():
    entry = metric_from_function(judge.brier_score_loss, "classification", needs="probabilities")
    y, P = [0, 1], np.array([[0.75, 0.25], [0.5, 0.5]])
    assert entry.value(y, P) == entry.value(y, P[:, 1:]) == (0.25**2 + 0.5**2) / 2
    assert not entry.names_classes


def test_several_labels_are_handed_over_as_they_are():
    y, P = np.array([[0, 1], [1, 1]]), np.array([[0.2, 0.6], [0.4, 0.7]])
    hamming = metric_from_function(judge.hamming_loss, "classification").for_labels()
    assert hamming.value(y, (P > 0.5).astype(int)) == 1 / 4
    ranking = metric_from_function(judge.coverage_error, "classification", needs="probabilities").for_labels()
    assert ranking.value(y, P) == judge.coverage_error(y, P)
    require_defined(ranking, y)


def test_weights_are_handed_on():
    entry = metric_from_function(judge.mean_squared_error, "regression")
    assert entry.value([0.0, 0.0], [1.0, 2.0], np.array([3.0, 1.0])) == 7 / 4


def test_what_is_meant_by_a_metric():
    assert metric_for("mae", "regression") is METRICS["mae"]
    assert metric_for(METRICS["f1"], "classification") is METRICS["f1"]
    assert metric_for(spread_of_errors, "regression").name == "spread_of_errors"
    assert metric_for(lambda y, p: 0.0, "regression").name == "metric"
    assert metric_for(judge.get_scorer("neg_log_loss"), "classification").needs == "probabilities"
    with pytest.raises(InputError, match=r"of a classification must be one of accuracy.*Got 'rmse', of a regression"):
        metric_for("rmse", "classification")
    own = metric_from_function(seen, "classification", name="mae")
    with pytest.raises(InputError, match=r"of a regression must be one of mae.*Got 'mae', of a classification"):
        metric_for(own, "regression")
    with pytest.raises(InputError, match=r"Got 3\."):
        metric_for(3, "regression")
    with pytest.raises(InputError, match="Did you mean 'log_loss'"):
        metric_for("neg_log_loss", "classification")


@pytest.mark.parametrize("error", [judge.max_error, judge.hamming_loss, judge.mean_gamma_deviance])
def test_an_error_is_not_taken_for_a_score(error):
    """It would be made as large as can be: training would keep the worst epoch."""
    with pytest.raises(InputError, match=rf"Got {error.__name__}.*make_scorer\({error.__name__}, greater_is_better=F"):
        metric_for(error, "regression")
    assert not metric_for(make_scorer(error, greater_is_better=False), "regression").greater_is_better


@pytest.mark.parametrize("result", [np.zeros(2), "0.5", None, 1j])
def test_a_function_must_give_one_number(result):
    with pytest.raises(InputError, match=r"metric must give one number\. Got .* from poor"):
        metric_from_function(lambda y, p: result, "regression", name="poor").value([0.0], [0.0])


@pytest.mark.parametrize("result", [1, True, np.float32(1), np.array(1.0), np.int64(1)])
def test_any_kind_of_number_will_do(result):
    value = metric_from_function(lambda y, p: result, "regression").value([0.0], [0.0])
    assert (type(value), value) == (float, 1.0)


def test_scorers_that_ask_for_what_there_is_not():
    with pytest.raises(InputError, match=r"scorer of predict or predict_proba\. Got decision_function"):
        metric_from_scorer(make_scorer(judge.hinge_loss, response_method="decision_function"), "classification")
    with pytest.raises(InputError, match=r"of a regression must be a scorer of predict\. Got predict_proba"):
        metric_from_scorer(judge.get_scorer("neg_log_loss"), "regression")
    with pytest.raises(InputError, match=r"without pos_label .* Got pos_label='yes'"):
        metric_from_scorer(
            make_scorer(judge.brier_score_loss, response_method="predict_proba", pos_label="yes"), "classification"
        )
    with pytest.raises(InputError, match="scorer of scikit-learn's make_scorer"):
        metric_from_scorer(spread_of_errors, "regression")
    with pytest.raises(InputError, match=r"needs must be labels or probabilities for a classification\. Got 'values'"):
        metric_from_function(seen, "classification", needs="values")


def test_a_function_of_ones_own_survives_copies():
    """Estimators are cloned, and sent to other processes."""
    entry = metric_from_function(spread_of_errors, "regression")
    assert entry == copy.deepcopy(entry) == pickle.loads(pickle.dumps(entry))


def test_rows_on_which_a_function_is_no_number_are_refused():
    entry = metric_from_function(lambda y, p: float("nan"), "regression", name="nothing")
    with pytest.raises(InputError, match="Got nothing and 3 rows: it needs rows on which your function gives a finite"):
        require_defined(entry, np.zeros(3))
