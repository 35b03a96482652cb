"""Scores with their noise, the choice of a rung, and the sentence, against numbers worked by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.errors import InputError
from gradatim.formulas.metrics import METRICS, metric_for
from gradatim.ladder.verdict import Score, Standing, decide, plus_minus, score

RMSE, LOG_LOSS, ACCURACY = METRICS["rmse"], METRICS["log_loss"], METRICS["accuracy"]
TITLES = {"constant": "constant model", "linear": "linear model", "shallow": "shallow network", "deep": "deep network"}


def ladder(metric=RMSE, **errors):
    """Standings whose score is the mean of the numbers given, one a row, with the noise of a mean."""
    standings = []
    for name, rows in errors.items():
        rows = np.array(rows, dtype=float)
        noise = (rows - rows.mean()) / sqrt(len(rows))
        standings.append(Standing(name, TITLES[name], name in ("shallow", "deep"), Score(float(rows.mean()), noise)))
    return standings


def test_standard_error_of_a_log_loss_is_that_of_a_mean():
    """Right classes at 0.5, 0.25, 0.5, 0.25: losses ln 2, ln 4, …; mean 1.5 ln 2, sd ln 2 / √3, error ln 2 / √12."""
    scored = score(LOG_LOSS, np.array([0, 0, 1, 1]), np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]))
    assert scored.value == pytest.approx(1.5 * np.log(2))
    assert scored.standard_error == pytest.approx(np.log(2) / sqrt(12))


def test_standard_error_of_an_rmse_by_the_delta_method():
    """Errors 1, 1, 1, 3: squares 1, 1, 1, 9, mean 3, sd 4; rmse √3; error (4/√4) / (2√3) = 1/√3."""
    scored = score(RMSE, np.zeros(4), np.array([1.0, -1.0, 1.0, 3.0]))
    assert scored.value == pytest.approx(sqrt(3))
    assert scored.standard_error == pytest.approx(1 / sqrt(3))


def test_rmse_error_agrees_with_redrawing_the_rows():
    """The delta method against the spread of rmse over 2,000 fresh samples of 400 rows."""
    rng = np.random.default_rng(1)
    fresh = [score(RMSE, np.zeros(400), rng.normal(size=400)).value for _ in range(2000)]
    assert score(RMSE, np.zeros(400), rng.normal(size=400)).standard_error == pytest.approx(np.std(fresh), rel=0.1)


def test_bootstrap_serves_metrics_without_losses_per_row():
    """balanced_accuracy of 50 + 50 rows with 20 % wrong: variance 0.16 / 100, so an error near 0.04."""
    y = np.repeat([0, 1], 50)
    predicted = np.where(np.arange(100) % 5 == 0, 1 - y, y)
    scored = score(METRICS["balanced_accuracy"], y, predicted)
    assert scored.value == pytest.approx(0.8)
    assert scored.standard_error == pytest.approx(0.04, rel=0.15)


def test_two_scores_on_the_same_rows_are_compared_row_by_row():
    """Errors that differ by 1 in every row: each mean is uncertain, their difference is not."""
    hard_rows = np.array([0.0, 5.0, 1.0, 9.0])
    first, second = (score(METRICS["mae"], np.zeros(4), hard_rows + shift) for shift in (1.0, 2.0))
    assert first.standard_error == pytest.approx(np.std(hard_rows, ddof=1) / 2)
    assert first.against(second) == pytest.approx(0.0, abs=1e-12)


def test_paired_error_by_hand():
    """Differences 1, 2, 3, 4 in four rows: sd √(5/3), error √(5/12)."""
    standings = ladder(linear=[2, 4, 6, 8], deep=[1, 2, 3, 4])
    assert standings[0].score.against(standings[1].score) == pytest.approx(sqrt(5 / 12))


def test_a_network_that_is_worth_it():
    """Linear 5, deep 2.5: the difference is 2.5 ± √(5/12) = 0.6455."""
    verdict = decide(ladder(constant=[9, 9, 9, 9], linear=[2, 4, 6, 8], deep=[1, 2, 3, 4]), RMSE)
    assert verdict.chosen == verdict.best == "deep"
    assert str(verdict) == "The deep network is better than the linear model by 2.50 ± 0.65 rmse; keep it."


def test_two_networks_are_each_measured_against():
    verdict = decide(ladder(constant=[9] * 4, linear=[2, 4, 6, 8], shallow=[2, 3, 4, 5], deep=[1, 2, 2, 3]), RMSE)
    assert str(verdict) == (
        "The deep network is better than the linear model by 3.00 ± 0.91 rmse and than the shallow network "
        "by 1.50 ± 0.29; keep it."
    )


def test_a_network_that_is_not_worth_it():
    verdict = decide(ladder(constant=[9] * 4, linear=[1, 2, 3, 4], shallow=[2, 2, 4, 5], deep=[3, 3, 3, 5]), RMSE)
    assert (verdict.chosen, verdict.best) == ("linear", "linear")
    assert str(verdict) == "No network beats the linear model here; keep it."


def test_simplest_keeps_the_lower_rung_within_one_standard_error():
    """Linear 2.5, deep 2.0; differences 2, 0, 2, -2: mean 0.5, sd √(11/3), error 0.957."""
    standings = ladder(constant=[9] * 4, linear=[3, 2, 3, 2], deep=[1, 2, 1, 4])
    verdict = decide(standings, RMSE)
    assert (verdict.chosen, verdict.best) == ("linear", "deep")
    assert str(verdict) == (
        "No network clearly beats the linear model here; keep it. The deep network would have scored 2.00 instead of "
        "2.50 rmse: a difference of 0.50 ± 0.96, within one standard error."
    )


def test_best_keeps_the_best_and_names_the_simpler_one_that_would_do():
    standings = ladder(constant=[9] * 4, linear=[3, 2, 3, 2], deep=[1, 2, 1, 4])
    verdict = decide(standings, RMSE, "best")
    assert verdict.chosen == "deep"
    assert str(verdict) == (
        "The deep network is better than the linear model by 0.50 ± 0.96 rmse; keep it. "
        "The linear model is simpler, and within one standard error of it."
    )


def test_a_rung_by_name_is_kept_and_the_price_is_said():
    standings = ladder(constant=[9] * 4, linear=[2, 4, 6, 8], deep=[1, 2, 3, 4])
    assert str(decide(standings, RMSE, "linear")) == (
        "The linear model was kept because you asked for it. The deep network would have scored 2.50 instead of 5.00 "
        "rmse: a difference of 2.50 ± 0.65, more than one standard error."
    )
    worse = ladder(linear=[1, 2, 3, 4], deep=[2, 4, 6, 8])
    assert str(decide(worse, RMSE, "deep")).startswith(
        "The deep network is worse than the linear model by 2.50 ± 0.65 rmse; kept because you asked for it."
    )


def test_without_networks_the_linear_model_is_measured_against_the_constant_one():
    verdict = decide(ladder(constant=[2, 4, 6, 8], linear=[1, 2, 3, 4]), RMSE)
    assert str(verdict) == "The linear model is better than the constant model by 2.50 ± 0.65 rmse; keep it."
    verdict = decide(ladder(constant=[1, 2, 3, 4], linear=[2, 4, 6, 8]), RMSE)
    assert str(verdict) == "No other rung beats the constant model here; keep it."


def test_one_rung_is_its_own_verdict():
    verdict = decide(ladder(deep=[1, 2, 3, 4]), RMSE)
    assert str(verdict) == "Only the deep network was tried: 2.50 ± 0.65 rmse on rows that it was not trained on."


def test_a_rung_that_a_simpler_one_beats_is_never_kept():
    """Shallow is within its (large) error of deep, but worse than linear, which is not within its (small) one."""
    linear = np.array([2.1, 2.2, 2.1, 2.2])
    deep = linear - [0.2, 0.1, 0.2, 0.1]
    shallow = np.array([0.0, 5.0, 0.0, 5.0])
    verdict = decide(ladder(linear=linear, shallow=shallow, deep=deep), RMSE)
    assert verdict.chosen == "deep"


def test_greater_is_better_where_the_metric_says_so():
    right = {"constant": [1, 0, 0, 0] * 25, "linear": [1, 1, 1, 0] * 25, "deep": [1, 1, 1, 1] * 25}
    verdict = decide(ladder(ACCURACY, **right), ACCURACY)
    assert str(verdict) == "The deep network is better than the linear model by 0.250 ± 0.044 accuracy; keep it."


def test_a_score_that_is_not_a_number_is_never_kept():
    standings = ladder(constant=[np.nan] * 4, linear=[1, 2, 3, 4], deep=[np.nan] * 4)
    assert decide(standings, RMSE).chosen == "linear"


def test_unknown_choice_is_refused_with_a_guess():
    with pytest.raises(InputError, match=r"choose must be .* Got 'simpelst'\. Did you mean 'simplest'\?"):
        decide(ladder(linear=[1.0, 2.0]), RMSE, "simpelst")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.3071, 0.4489, "4.31 ± 0.45"),
        (0.0996, 0.0996, "0.10 ± 0.10"),
        (31234.5, 1234.5, "31,200 ± 1,200"),
        (0.5, 0.0, "0.5 ± 0"),
        (2.0, 9.96, "2 ± 10"),
        (-0.00012347, 0.0000049, "-0.0001235 ± 0.0000049"),
    ],
)
def test_errors_have_two_digits(value, error, text):
    assert plus_minus(value, error) == text


losses = arrays(np.float64, 12, elements=st.floats(0.0, 10.0))


@given(st.lists(losses, min_size=2, max_size=4))
def test_what_is_kept_is_no_worse_than_anything_simpler_and_near_the_best(rows):
    """The rule, from its own words, on any ladder."""
    standings = ladder(**dict(zip(TITLES, rows, strict=False)))
    verdict = decide(standings, RMSE)
    by_name = {standing.name: standing.score for standing in standings}
    chosen, best = by_name[verdict.chosen], by_name[verdict.best]
    assert best.value == min(scored.value for scored in by_name.values())
    assert chosen.value - best.value <= best.against(chosen)
    simpler = list(by_name)[: list(by_name).index(verdict.chosen)]
    assert all(chosen.value < by_name[name].value for name in simpler)


def test_one_row_cannot_tell_rungs_apart():
    """With a single validation row the error of a difference is unknown, so the simplest rung is kept."""
    alone = np.zeros(1)
    assert Score(0.4, alone).standard_error == np.inf
    standings = [
        Standing("constant", "constant model", False, Score(0.9, alone)),
        Standing("deep", "deep network", True, Score(0.1, alone)),
    ]
    assert decide(standings, METRICS["rmse"], "simplest").chosen == "constant"


def correlation(y, predicted):
    """A metric of one's own, which is NaN for a constant prediction."""
    with np.errstate(invalid="ignore"):
        centred = predicted - predicted.mean()
        return float(centred @ (y - y.mean()) / np.sqrt(centred @ centred * ((y - y.mean()) @ (y - y.mean()))))


def test_a_metric_that_is_no_number_for_one_rung_leaves_the_others_comparable():
    """All 200 places stay, so that noises are paired; only the two that are numbers have an error between them."""
    own = metric_for(correlation, "regression")
    y = np.random.default_rng(0).normal(size=30)
    constant, linear, deep = (score(own, y, guess) for guess in (np.zeros(30), y + np.cos(3 * y), y**3))
    assert len(constant.noise) == len(linear.noise) == 200
    assert (constant.standard_error, constant.against(linear), linear.against(constant)) == (np.inf,) * 3
    assert linear.against(deep) == pytest.approx(np.std(linear.noise - deep.noise, ddof=1))
    scores = {"constant": constant, "linear": linear, "deep": deep}
    standings = [Standing(name, TITLES[name], name == "deep", scored) for name, scored in scores.items()]
    assert decide(standings, own).chosen in ("linear", "deep")
    two = standings[:2]
    assert str(decide(two, own)) == "The linear model is better than the constant model (no score); keep it."
    asked = str(decide(two, own, "constant"))
    assert "kept because you asked for it. It has no score; the linear model scored 0." in asked


def test_resamplings_without_a_score_are_left_aside_in_pairs():
    """By hand: places 0 and 3 are numbers in both, with differences 1 and 3: sd √2."""
    first, second = Score(0.0, np.array([1.0, np.nan, 5.0, 4.0])), Score(0.0, np.array([0.0, 2.0, np.inf, 1.0]))
    assert first.against(second) == pytest.approx(sqrt(2))
    assert first.standard_error == pytest.approx(np.std([1, 5, 4], ddof=1))
    assert Score(0.0, np.array([np.nan, 1.0])).standard_error == np.inf
