"""Decisions by cost: Bayes's rule by hand, and the best threshold of one's rows against all thresholds there are."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import gradatim as gd
from gradatim.certainty import calibrated, threshold
from gradatim.certainty.costs import best_threshold
from gradatim.errors import InputError, ShapeError
from gradatim.model import train_model
from tests.certainty.models import Told, drawn, simplex

WELL_OR_ILL = Told("ill", "well")
ROWS = [[0.05, 0.95], [0.2, 0.8], [0.3, 0.7], [0.8, 0.2]]
HAPPENED = ["well", "ill", "well", "ill"]


def nine(**rest):
    costs = {"cost_of_false_positive": 1, "cost_of_false_negative": 9}
    return threshold(WELL_OR_ILL, ROWS, HAPPENED, **costs, positive="ill", **rest)


def test_by_hand():
    """The threshold is 1 / 10. Below it the first row alone; of the others one is a false alarm: costs 0, 0, 1, 0."""
    decision = nine()
    assert decision.threshold == decision.bayes_threshold == 0.1
    assert decision.predict(ROWS).tolist() == ["well", "ill", "ill", "ill"]
    assert decision.predict([[0.1, 0.9], [0.11, 0.89]]).tolist() == ["well", "ill"], "positive above it, not at it"
    assert decision.bayes.mean == 0.25
    assert decision.bayes.standard_error == pytest.approx(np.std([0, 0, 1, 0], ddof=1) / 2)
    assert decision.usual.mean == 9 / 4, "the most probable class misses the second row"
    assert decision.empirical_threshold == 0.125, "halfway between 0.05 and 0.2"
    assert decision.costs.tolist() == [[0, 9], [1, 0]]
    assert (decision.positive, decision.rows) == ("ill", 4)
    assert decision.predict_proba(ROWS).tolist() == ROWS
    assert str(decision).splitlines()[1] == "  0.25 ± 0.25  by probabilities and costs: 'ill' above 0.1"


def test_each_row_is_judged_by_a_threshold_that_others_chose():
    """Leaving out one of the four in turn; the thresholds are found by hand.

    Without 1: all of 0.2 0.3 0.8 are called ill, above 0.1: the left out row, 0.05, is not. Cost 0.
    Without 2: 0.05 well, 0.3 well, 0.8 ill: above 0.55, so that 0.2, which is ill, is missed. Cost 9.
    Without 3: 0.05 well, 0.2 and 0.8 ill: above 0.125, so that 0.3 is a false alarm. Cost 1.
    Without 4: 0.05 well, 0.2 ill, 0.3 well: above 0.125, so that 0.8 is found. Cost 0.
    """
    decision = nine(choose="empirical")
    assert decision.empirical.mean == 10 / 4
    assert decision.empirical.standard_error == pytest.approx(np.std([0, 9, 1, 0], ddof=1) / 2)
    assert decision.threshold == decision.empirical_threshold == 0.125
    assert decision.predict([[0.12, 0.88], [0.13, 0.87]]).tolist() == ["well", "ill"]


def test_the_last_class_is_positive_unless_said_otherwise():
    decision = threshold(WELL_OR_ILL, ROWS, HAPPENED, cost_of_false_positive=1, cost_of_false_negative=3)
    assert (decision.positive, decision.threshold) == ("well", 0.25)
    assert decision.predict([[0.7, 0.3], [0.8, 0.2]]).tolist() == ["well", "ill"]


def test_a_model_knows_its_positive_class():
    """Also inside a calibrated one, and that inside another."""
    X = np.arange(40.0)[:, None]
    y = np.where(X[:, 0] % 4 < X[:, 0] / 10, "ill", "well")
    model = train_model(gd.Settings("plain", hidden_widths=(), random_state=0), X, y, positive="ill")
    for wrapped in (model, calibrated(model, X, y), calibrated(calibrated(model, X, y), X, y)):
        decision = threshold(wrapped, X, y, cost_of_false_positive=1, cost_of_false_negative=4)
        assert decision.positive == "ill"
        expected = np.where(wrapped.predict_proba(X)[:, 0] > 0.2, "ill", "well")
        assert decision.predict(X).tolist() == expected.tolist()


@given(
    arrays("float64", 12, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0])),
    arrays("bool", 12),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_no_threshold_costs_less_on_these_rows(p, yes, false_positive, false_negative):
    if_yes, if_no = np.where(yes, 0.0, false_positive), np.where(yes, false_negative, 0.0)

    def cost(t):
        return np.where(p > t, if_yes, if_no).sum()

    everywhere = np.linspace(0, 1, 201)
    assert cost(best_threshold(p, if_yes, if_no)) == min(map(cost, everywhere))


@given(st.integers(1, 20), st.integers(1, 20))
def test_no_threshold_costs_less_than_bayes_where_probabilities_are_true(false_positive, false_negative):
    """Rows with p = 0.005, 0.015, …, a share p of them positive: the expected cost of each threshold, added up."""
    p = np.arange(0.005, 1, 0.01)
    ours = threshold(
        Told(0, 1),
        np.column_stack([1 - p, p]),
        (p > 0.5).astype(int),
        cost_of_false_positive=false_positive,
        cost_of_false_negative=false_negative,
    )

    def expected(yes):
        return np.where(yes, (1 - p) * false_positive, p * false_negative).sum()

    decided = ours.predict(np.column_stack([1 - p, p])) == 1
    assert expected(decided) <= min(expected(p > t) for t in np.arange(0, 1.01, 0.01)) + 1e-9


@given(st.integers(0, 2**32 - 1))
def test_many_classes_take_the_smallest_expected_cost(seed):
    rng = np.random.default_rng(seed)
    costs = rng.integers(1, 9, size=(3, 3)).astype(float)
    np.fill_diagonal(costs, 0)
    P = simplex(rng, 15, 3)
    codes = drawn(rng, P)
    labels = np.array(["a", "b", "c"])
    decision = threshold(Told(*labels), P, labels[codes], costs=costs)
    expected = [min(range(3), key=lambda j: sum(p[i] * costs[i, j] for i in range(3))) for p in P]
    assert decision.predict(P).tolist() == labels[expected].tolist()
    paid = [costs[i, j] for i, j in zip(codes, expected, strict=True)]
    assert decision.bayes.mean == pytest.approx(np.mean(paid))
    assert decision.bayes.standard_error == pytest.approx(np.std(paid, ddof=1) / sqrt(15))
    assert decision.usual.mean == pytest.approx(np.mean([costs[i, j] for i, j in zip(codes, P.argmax(1), strict=True)]))
    assert decision.threshold is decision.empirical is decision.empirical_threshold is None


def test_a_matrix_of_two_classes_is_a_threshold():
    """Only what a mistake adds counts: (6 - 1) / (6 - 1 + 12 - 2) = 1/3, for the last class."""
    decision = threshold(WELL_OR_ILL, ROWS, HAPPENED, costs=[[1, 6], [12, 2]])
    assert decision.threshold == pytest.approx(1 / 3)
    assert decision.bayes.mean == pytest.approx((2 + 6 + 2 + 1) / 4)


@pytest.mark.parametrize(
    ("fault", "asked", "message"),
    [
        (InputError, {}, "must both be given, or costs instead of them. Got None, None and none"),
        (InputError, {"cost_of_false_positive": 1}, "must both be given"),
        (InputError, {"cost_of_false_positive": 1, "costs": [[0, 1], [1, 0]]}, "must both be given, or costs instead"),
        (InputError, {"cost_of_false_positive": 1, "cost_of_false_negative": 0}, "negative must be a number above 0"),
        (InputError, {"cost_of_false_positive": 1, "cost_of_false_negative": np.inf}, "costs must be finite"),
        (ShapeError, {"costs": [[0, 1]]}, r"costs must have shape \(2, 2\)"),
        (InputError, {"costs": [[1, 1], [1, 0]]}, "every mistake cost more than the right decision"),
        (InputError, {"costs": [[0, 1], [1, 0]], "choose": "best"}, 'choose must be "bayes" or "empirical"'),
        (InputError, {"costs": [[0, 1], [1, 0]], "positive": "dead"}, "one of the model's classes, ill, well"),
    ],
)
def test_what_is_refused(fault, asked, message):
    with pytest.raises(fault, match=message):
        threshold(WELL_OR_ILL, ROWS, HAPPENED, **asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"cost_of_false_positive": 1, "cost_of_false_negative": 1}, r"costs must be given, a matrix \(3, 3\)"),
        ({"costs": 1 - np.eye(3), "choose": "empirical"}, 'choose must be "bayes" with more than two classes'),
        ({"costs": 1 - np.eye(3), "positive": "b"}, "and positive None. Got 'bayes' and 'b'"),
    ],
)
def test_what_is_refused_of_three_classes(asked, message):
    with pytest.raises(InputError, match=message):
        threshold(Told("a", "b", "c"), [[1, 0, 0]], ["a"], **asked)
