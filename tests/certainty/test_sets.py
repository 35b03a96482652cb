"""Prediction sets: by hand, by their definition, and how often they hold the right class of fresh rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, kstest
from sklearn.linear_model import LogisticRegression

from gradatim.certainty import prediction_sets
from gradatim.certainty.coverage import conformal_quantile, rank
from gradatim.certainty.sets import strangeness
from gradatim.errors import InputError
from tests.certainty.models import Told, drawn, simplex

LABELS = np.array(["a", "b", "c"])
MODEL = Told(*LABELS)


def said_and_happened(rng, m):
    """A model that is too sure: classes are drawn from flatter probabilities than it says."""
    true = simplex(rng, m, 3)
    said = true**2 / (true**2).sum(axis=1, keepdims=True)
    return said, drawn(rng, true)


def held(sets, P, codes):
    return sets.contains(P)[np.arange(len(P)), codes]


@given(st.integers(0, 2**32 - 1), st.sampled_from(["lac", "aps"]))
def test_by_definition(seed, method):
    """A class is kept if its score is at most the ⌈(n + 1) coverage⌉-th smallest of the right classes of own rows."""
    rng = np.random.default_rng(seed)
    own, happened = said_and_happened(rng, 30)
    new = simplex(rng, 8, 3)

    def score(p, k):
        return 1 - p[k] if method == "lac" else sum(q for q in p if q > p[k])

    scores = sorted(score(p, k) for p, k in zip(own, happened, strict=True))
    q = scores[25 - 1] + 1e-12  # ⌈31 · 0.8⌉ = 25; sums may be added in another order
    sets = prediction_sets(MODEL, own, LABELS[happened], coverage=0.8, method=method, allow_empty=True)
    expected = [[LABELS[k] for k in np.argsort(-p) if score(p, k) <= q] for p in new]
    assert [labels.tolist() for labels in sets.sets(new)] == expected
    full = prediction_sets(MODEL, own, LABELS[happened], coverage=0.8, method=method)
    expected = [labels or [LABELS[p.argmax()]] for labels, p in zip(expected, new, strict=True)]
    assert [labels.tolist() for labels in full.sets(new)] == expected


@pytest.mark.parametrize("asked", [{"method": "lac"}, {"method": "aps", "randomized": True}], ids=["lac", "aps"])
def test_the_coverage_of_fresh_rows_follows_its_law(asked):
    """2000 times forty own rows, and the true coverage on 40,000 fresh ones: Beta(k, n + 1 - k).

    The scores of fresh rows are as good as continuous beside those of forty rows; the law then has mean k / (n + 1).
    """
    rng = np.random.default_rng(0)
    n, coverage = 40, 0.85
    P, codes = said_and_happened(rng, 40_000)
    U = np.random.default_rng(1).random((len(P), 1)) if "randomized" in asked else None
    scores = np.sort(strangeness(P, asked["method"], U)[np.arange(len(P)), codes])
    true = []
    for _ in range(2000):
        own, happened = said_and_happened(rng, n)
        noise = rng.random((n, 1)) if U is not None else None
        of_own = strangeness(own, asked["method"], noise)[np.arange(n), happened]
        true.append(np.searchsorted(scores, conformal_quantile(of_own, coverage), side="right") / len(scores))
    k = rank(n, coverage)
    law = beta(k, n + 1 - k)
    assert np.mean(true) == pytest.approx(k / (n + 1), abs=0.007)  # 3 standard errors of 40,000 rows and 2000 draws
    assert np.std(true) == pytest.approx(law.std(), rel=0.06)
    assert kstest(np.array(true) + (k / (n + 1) - np.mean(true)), law.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "lac"},
        {"method": "aps"},
        {"method": "aps", "randomized": True, "random_state": 3},
        {"method": "lac", "per_class": True},
    ],
    ids=str,
)
def test_fresh_rows_are_held_as_often_as_asked(asked):
    """The model is wrong about its certainty, and at 0.8 itself less often right than asked."""
    rng = np.random.default_rng(5)
    own, happened = said_and_happened(rng, 3000)
    new, fresh = said_and_happened(rng, 20_000)
    assert np.mean(new.argmax(axis=1) == fresh) < 0.7
    sets = prediction_sets(MODEL, own, LABELS[happened], coverage=0.8, allow_empty=True, **asked)
    assert held(sets, new, fresh).mean() == pytest.approx(0.8, abs=0.025)  # 3 standard deviations of Beta, n = 3000
    if "per_class" not in asked:
        low, high = sets.spread(0.998)
        assert low < held(sets, new, fresh).mean() < high


def test_the_coverage_within_classes_is_promised_by_quantiles_of_their_own():
    """A rare class that the model always underrates is left out by one quantile for all."""
    rng = np.random.default_rng(6)

    def rows(m):
        codes = drawn(rng, np.tile([0.6, 0.35, 0.05], (m, 1)))
        scores = rng.normal(size=(m, 3)) + 1.5 * np.eye(3)[codes] + [0.5, 0.5, -2.5]
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), codes

    (own, happened), (new, fresh) = rows(6000), rows(20_000)
    one = prediction_sets(MODEL, own, LABELS[happened], coverage=0.9, allow_empty=True)
    each = prediction_sets(MODEL, own, LABELS[happened], coverage=0.9, allow_empty=True, per_class=True)
    assert held(one, new, fresh)[fresh == 2].mean() < 0.5
    for k in range(3):
        assert held(each, new, fresh)[fresh == k].mean() == pytest.approx(0.9, abs=0.06)  # 300 rows of the rare one
    with pytest.raises(InputError, match="spread must be asked of sets with one quantile"):
        each.spread()


def test_a_class_with_too_few_rows_is_in_every_set():
    rng = np.random.default_rng(7)
    own, happened = said_and_happened(rng, 200)
    happened[happened == 2] = 0
    happened[:3] = 2
    sets = prediction_sets(MODEL, own, LABELS[happened], coverage=0.8, per_class=True)
    assert sets.quantiles[2] == np.inf
    assert sets.contains(simplex(rng, 50, 3))[:, 2].all()


def test_the_smallest_sets_are_those_of_the_default():
    """Where the probabilities are true, that is: the theorem of its source."""
    rng = np.random.default_rng(8)
    own, new = simplex(rng, 3000, 8), simplex(rng, 3000, 8)
    happened = drawn(rng, own)
    sizes = [
        prediction_sets(Told(*range(8)), own, happened, coverage=0.8, **asked).contains(new).sum(axis=1).mean()
        for asked in ({}, {"method": "aps", "randomized": True}, {"method": "aps"})
    ]
    assert sizes[0] < min(sizes[1:]) - 0.02


def test_randomized_sets_are_the_same_each_time_and_others_with_another_seed():
    rng = np.random.default_rng(9)
    own, happened = said_and_happened(rng, 100)
    new = simplex(rng, 100, 3)
    asked = {"method": "aps", "randomized": True}
    one, same, other = (
        prediction_sets(MODEL, own, LABELS[happened], **asked, random_state=seed).contains(new) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_clones_are_asked_where_no_rows_can_be_spared():
    rng = np.random.default_rng(10)
    X = rng.normal(size=(2400, 2))
    y = LABELS[(X[:, 0] + rng.normal(size=2400) > 0).astype(int) + (X[:, 1] + rng.normal(size=2400) > 1)]
    sets = prediction_sets(LogisticRegression(), X[:400], y[:400], coverage=0.8, cv=5, allow_empty=True)
    inside = sets.contains(X[400:])[np.arange(2000), np.searchsorted(LABELS, y[400:])]
    assert inside.mean() == pytest.approx(0.8, abs=0.06)
    assert sets.predict(X).tolist() == LogisticRegression().fit(X[:400], y[:400]).predict(X).tolist()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "raps"}, 'method must be "lac" or "aps"'),
        ({"randomized": True}, "randomized must be False with"),
        ({"coverage": 1.0}, r"prediction_sets: coverage must be a number in \(0, 1\)"),
        ({"coverage": 0.95}, "must have 19 rows of your own or more. Got 9"),
    ],
)
def test_what_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        prediction_sets(MODEL, [[0.5, 0.3, 0.2]] * 9, ["a"] * 9, **asked)


def test_two_classes_of_which_the_wrong_one_comes_first_too_often():
    """Right in 3 of 4 rows, asked for 90 %: both classes where the model is unsure, one where it is sure."""
    rng = np.random.default_rng(11)
    p = rng.uniform(0.5, 1, size=(4000, 1))
    P, codes = np.hstack([p, 1 - p]), (rng.random(4000) > p[:, 0]).astype(int)
    for asked in ({"method": "aps"}, {"method": "lac"}):
        sets = prediction_sets(Told("a", "b"), P[:2000], np.array(["a", "b"])[codes[:2000]], **asked)
        assert held(sets, P[2000:], codes[2000:]).mean() == pytest.approx(0.9, abs=0.03)
        assert sets.contains([[0.99, 0.01], [0.51, 0.49]]).tolist() == [[True, False], [True, True]]
