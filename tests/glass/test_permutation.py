"""Shuffled columns, against scikit-learn shuffling the dataframe itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection

import gradatim as gd
from gradatim.errors import InputError
from gradatim.glass.permutation import permutation_importance
from gradatim.model import Settings, train_ensemble, train_model


@pytest.fixture(scope="module")
def mixed():
    """Numbers, gaps, categories of one column and embedded ones, dates of three parts, and one that is left out."""
    rng = np.random.default_rng(2)
    m = 120
    x = rng.normal(size=m)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, m), unit="D")
    frame = pd.DataFrame(
        {
            "x": x,
            "holes": np.where(rng.random(m) < 0.3, np.nan, x + rng.normal(size=m)),
            "sex": rng.choice(["f", "m"], m),
            "same": 1.0,
            "city": rng.choice([f"city {k}" for k in range(12)], m),
            "when": days,
        }
    )
    return frame, x + (frame["sex"] == "f") + days.month / 6


def by_sklearn(estimator, frame, y, scoring, names):
    """Of all columns, as scikit-learn reads the estimator and the dataframe."""
    found = inspection.permutation_importance(estimator, frame, y, scoring=scoring, n_repeats=3, random_state=7)
    return found.importances[[list(frame.columns).index(name) for name in names]]


@pytest.mark.parametrize("preset", ["plain", "strong", "best"])
def test_numbers_are_those_of_scikit_learn_with_the_same_seed(mixed, preset):
    frame, y = mixed
    regressor = gd.NetworkRegressor(preset, hidden_widths=(8,), max_epochs=3, random_state=0).fit(frame, y)
    found = permutation_importance(regressor, frame, y, n_repeats=3, random_state=7)
    assert found.names == ("x", "holes", "sex", "city", "when")
    expected = by_sklearn(regressor, frame, y, "neg_root_mean_squared_error", found.names)
    assert found.importances == pytest.approx(expected, abs=1e-9)
    assert found.score == pytest.approx(np.sqrt(np.mean((regressor.predict(frame) - y) ** 2)))
    assert found.values == pytest.approx(expected.mean(axis=1))
    assert found.deviations == pytest.approx(expected.std(axis=1))


@pytest.mark.parametrize(("metric", "scoring"), [("accuracy", "accuracy"), (None, "neg_log_loss"), ("roc_auc",) * 2])
def test_of_classes_by_any_metric(mixed, metric, scoring):
    frame, y = mixed
    label = np.where(y > y.median(), "high", "low")
    model = gd.NetworkClassifier("plain", hidden_widths=(), max_epochs=5, random_state=0).fit(frame, label)
    found = permutation_importance(model, frame, label, metric=metric, n_repeats=3, random_state=7)
    expected = by_sklearn(model, frame, label, scoring, found.names)
    assert found.importances == pytest.approx(expected, abs=1e-9)


def test_the_target_may_stand_in_the_table_and_columns_be_chosen(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=3, random_state=0), frame, y, target_name="sum")
    aside = permutation_importance(model, frame, y, columns=["sex", "x"])
    assert aside.names == ("sex", "x")
    within = permutation_importance(model, frame.assign(sum=y), columns=["sex", "x"])
    assert within.importances == pytest.approx(aside.importances)


def test_several_targets_and_sparse_tables_have_one_as_well():
    from scipy import sparse

    X = sparse.random(60, 4, density=0.5, random_state=0, format="csr")
    Y = np.column_stack([X.toarray()[:, 0], X.toarray()[:, 1]])
    model = train_model(Settings(hidden_widths=(), optimizer="lbfgs", validation=None), X, Y)
    found = permutation_importance(model, X, Y)
    assert set(np.flatnonzero(found.values > 0.01)) == {0, 1}


def test_an_ensemble_is_asked_for_its_mean(mixed):
    frame, y = mixed
    ensemble = train_ensemble(Settings("plain", max_epochs=2, random_state=0), frame, y, models=2)
    found = permutation_importance(ensemble, frame, y, metric="mae")
    assert found.score == pytest.approx(np.abs(ensemble.predict(frame) - y).mean())


def test_print_begins_with_what_matters_most(mixed):
    frame, _ = mixed
    y = 3 * frame["x"]
    model = train_model(Settings(hidden_widths=(), optimizer="lbfgs", validation=None), frame, y)
    found = permutation_importance(model, frame, y)
    title, header, first, *rest = str(found).splitlines()
    assert title.startswith("rmse is ")
    assert title.endswith("on 120 rows; with a column shuffled it is worse by")
    assert (header.split(), first.split()[0], len(rest)) == (["column", "worse", "by", "sd"], "x", 4)
    assert "<td>x</td>" in found._repr_html_()


def test_what_cannot_be_shuffled_is_refused(mixed):
    frame, y = mixed
    model = train_model(Settings("plain", max_epochs=1), frame, y)
    with pytest.raises(InputError, match=r"left out: It is 1 in every training row"):
        permutation_importance(model, frame, y, columns=["same"])
    with pytest.raises(InputError, match=r"Got 'sexx'\. Did you mean 'sex'\?"):
        permutation_importance(model, frame, y, columns=["sexx"])
    with pytest.raises(InputError, match=r"The metric must be defined on these rows. Got r2"):
        permutation_importance(model, frame, np.ones(120), metric="r2")
    constant = train_model(Settings("plain", max_epochs=1), np.zeros((9, 1)), [1.0, 2.0, 3.0] * 3)
    with pytest.raises(InputError, match="reads columns"):
        permutation_importance(constant, np.zeros((9, 1)), [1.0, 2.0, 3.0] * 3)
