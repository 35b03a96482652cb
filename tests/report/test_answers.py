"""What the report says of the test rows, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, norm
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

import gradatim as gd
from gradatim.report.answers import MOST_CLASSES, MOST_CURVES, MOST_POINTS, Answers, class_facts, coverage, number_facts
from tests.report.tables import QUICK, run_with_holes


@pytest.mark.parametrize("positive", [None, "<no>"])
def test_two_classes_meet_scikit_learn(positive):
    run = run_with_holes(positive=positive)
    facts, test = run.report().facts.classes, run.evidence.test
    names = ["<no>", "_yes & more"] if positive is None else ["_yes & more", "<no>"]
    assert list(facts.names) == names
    y, said = test.y.to_list(), run.model.predict(test.table)
    p = run.model.predict_proba(test.table)[:, list(run.model.classes_).index(names[1])]
    assert np.array_equal(facts.confusion, confusion_matrix(y, said, labels=names))
    (curve,) = facts.curves
    happened = np.array(y) == names[1]
    assert (curve.name, curve.share) == (names[1], pytest.approx(happened.mean()))
    assert curve.roc_auc == pytest.approx(roc_auc_score(happened, p))
    assert curve.average_precision == pytest.approx(average_precision_score(happened, p))
    for one in facts.thresholds:
        called = p > one.threshold
        assert one.positives == called.sum()
        assert one.accuracy == pytest.approx(accuracy_score(happened, called))
        assert one.recall == pytest.approx(recall_score(happened, called))
        assert one.specificity == pytest.approx(recall_score(~happened, ~called))
        assert one.f1 == pytest.approx(f1_score(happened, called))
        if called.any():
            assert one.precision == pytest.approx(precision_score(happened, called))
    scores = {one.name: one for one in facts.scores}
    assert scores[names[1]].recall == pytest.approx(recall_score(y, said, pos_label=names[1]))
    assert sum(one.rows for one in facts.scores) == len(y)


def test_curves_end_where_all_rows_are_called_positive():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 5000), rng.random(5000)
    (curve,) = class_facts(Answers(("no", "yes"), y, np.column_stack([1 - p, p]))).curves
    assert len(curve.false_positive_rate) <= MOST_POINTS + 1
    assert (curve.false_positive_rate[0], curve.true_positive_rate[0]) == (0, 0)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1, 1)
    assert curve.recall[0] == 1


def test_curves_of_a_rare_class_keep_their_shape():
    """Nearly all of both curves lies in the few most probable rows: areas of what is drawn are those of the whole."""
    rng = np.random.default_rng(0)
    y = (rng.random(20_000) < 0.005).astype(int)
    p = 1 / (1 + np.exp(5 - 3 * y - rng.normal(size=20_000)))
    (curve,) = class_facts(Answers(("no", "yes"), y, np.column_stack([1 - p, p]))).curves
    assert len(curve.recall) <= MOST_POINTS + 1
    steps = -np.diff(curve.recall) * curve.precision[:-1]
    assert steps.sum() == pytest.approx(curve.average_precision, abs=0.005)
    assert np.trapezoid(curve.true_positive_rate, curve.false_positive_rate) == pytest.approx(curve.roc_auc, abs=0.001)
    assert np.diff(curve.recall).min() > -0.02, "no stretch of it is left out"


def test_calibration_counts_what_happens_in_groups():
    """Where 0.2 and 0.8 are said and are true, the groups say so."""
    said = np.repeat([0.2, 0.8], 100)
    y = np.concatenate([np.arange(100) < 20, np.arange(100) < 80]).astype(int)
    facts = class_facts(Answers(("no", "yes"), y, np.column_stack([1 - said, said]))).calibration
    assert facts.of == "yes"
    assert facts.said == pytest.approx([0.2, 0.8])
    assert facts.happened == pytest.approx([0.2, 0.8])
    assert facts.rows == (100, 100)


def test_of_many_classes_the_confusions_and_the_worst_curves_are_left():
    rng = np.random.default_rng(1)
    K = MOST_CLASSES + 12
    y = np.concatenate([np.arange(K), rng.integers(0, K, 800)])
    scores = rng.normal(size=(len(y), K)) + 2 * np.eye(K)[y]
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    names = tuple(f"class {k}" for k in range(K))
    facts = class_facts(Answers(names, y, P))
    assert facts.confusion == ()
    assert (len(facts.scores), len(facts.curves)) == (MOST_CLASSES, MOST_CURVES)
    said = P.argmax(axis=1)
    true, wrong, count = facts.mistaken[0]
    assert count == sum((y == names.index(true)) & (said == names.index(wrong)))
    areas = sorted(roc_auc_score(y == k, P[:, k]) for k in np.argsort(-np.bincount(y), kind="stable")[:MOST_CLASSES])
    assert [curve.roc_auc for curve in facts.curves] == pytest.approx(areas[:MOST_CURVES])


def test_a_class_that_no_test_row_has_gives_no_curve():
    P = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    facts = class_facts(Answers(("a", "b", "c"), np.array([0, 1]), P))
    assert [curve.name for curve in facts.curves] == ["a", "b"]
    assert facts.calibration is None  # two rows calibrate nothing


def test_labels_are_judged_one_by_one():
    Y = np.array([[0, 1], [1, 1], [0, 0], [1, 0]])
    P = np.array([[0.1, 0.9], [0.8, 0.4], [0.6, 0.2], [0.7, 0.3]])
    answers = Answers(("sport", "politics"), Y, P, several=True)
    facts = class_facts(answers)
    assert facts.confusion == facts.mistaken == facts.thresholds == ()
    assert [(one.name, one.rows, one.precision, one.recall) for one in facts.scores] == [
        ("sport", 2, pytest.approx(2 / 3), 1.0),
        ("politics", 2, 1.0, 0.5),
    ]
    assert answers.losses[0] == pytest.approx(-np.log(0.9) - np.log(0.9))


def test_intervals_by_hand():
    """Sizes 1 … 9, k = ⌈10 · level⌉: the fifth, the eighth, the ninth; a tenth, for 0.95, there is not."""
    facts = coverage(np.array([1.0, -2, 3, -4, 5, -6, 7, -8, 9]))
    assert [(fact.level, fact.half_width) for fact in facts] == [(0.5, 5.0), (0.8, 8.0), (0.9, 9.0)]
    for fact, k in zip(facts, (5, 8, 9), strict=True):
        assert (fact.low, fact.high) == pytest.approx(beta.ppf([0.05, 0.95], k, 10 - k))


def test_intervals_hold_as_many_new_rows_as_they_say():
    """Normal residuals, so that the share of new ones within ± q is known; nine times in ten it is where it should."""
    rng = np.random.default_rng(0)
    found = [coverage(rng.normal(0, 3, 80)) for _ in range(1000)]
    for facts in zip(*found, strict=True):
        held = [2 * norm.cdf(fact.half_width / 3) - 1 for fact in facts]
        inside = [fact.low <= share <= fact.high for fact, share in zip(facts, held, strict=True)]
        assert np.mean(inside) == pytest.approx(0.9, abs=3 * (0.09 / 1000) ** 0.5)


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_intervals_of_any_residuals_grow_with_their_level(residuals):
    facts = coverage(np.array(residuals, dtype=float))
    widths = [fact.half_width for fact in facts]
    assert widths == sorted(widths)
    assert all(0 <= fact.low < fact.high <= 1 for fact in facts)


def test_numbers_meet_the_model():
    run = gd.fit("sample:concrete", **QUICK)
    (facts,) = run.report().facts.numbers
    test = run.evidence.test
    residuals = test.y.to_numpy() - run.model.predict(test.table)
    assert sum(facts.residual_counts) == test.n_rows
    assert facts.residual_edges[0] == pytest.approx(residuals.min(), rel=1e-5)
    shown = np.array(facts.observed) - np.array(facts.predicted)
    assert np.sort(shown) == pytest.approx(np.sort(residuals), abs=1e-3)


def test_several_numbers_are_told_apart():
    rng = np.random.default_rng(0)
    Y = rng.normal(size=(40, 2)) * [1, 100]
    answers = Answers(("small", "large"), Y, Y + np.array([0.5, 1.0]))
    assert [facts.name for facts in number_facts(answers)] == ["small", "large"]
    assert number_facts(answers)[1].coverage[0].half_width == pytest.approx(1.0)
    # a residual counts by the spread of its target
    assert answers.losses == pytest.approx(0.5 / Y[:, 0].std() + 1 / Y[:, 1].std())


def test_the_worst_rows_have_the_largest_loss():
    run = run_with_holes()
    facts, test = run.report().facts.worst, run.evidence.test
    P, classes = run.model.predict_proba(test.table), list(run.model.classes_)
    p = np.array([row[classes.index(y)] for row, y in zip(P, test.y.to_list(), strict=True)])
    places = np.argsort(p, kind="stable")[:8]
    assert [row.place - 1 for row in facts.rows] == places.tolist()
    assert [row.probability for row in facts.rows] == pytest.approx(p[places])
    assert [row.observed for row in facts.rows] == [test.y[int(place)] for place in places]
    city = facts.columns.index("city")
    assert [row.values[city] for row in facts.rows] == [test.table.column("city")[int(place)] for place in places]
