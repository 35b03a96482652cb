"""Candidates compared by results that were written by hand."""

import numpy as np
import pytest

from gradatim.formulas.metrics import METRICS, metric_for
from gradatim.trials.grid import Candidate
from gradatim.trials.ranking import Trials, folds_to_compare, ranked
from gradatim.trials.training import FoldResult

MAE, R2 = METRICS["mae"], METRICS["r2"]
OBSERVED = {0: np.array([1.0, 2.0]), 1: np.array([3.0, 4.0])}
SLOW, RIGHT, FAST = (Candidate((4,), learning_rate=rate) for rate in (0.001, 0.01, 0.1))


def result(*predicted, parameters=10, **rest):
    """What a training said of its fold; of nothing, that it diverged."""
    return FoldResult(np.array(predicted) if predicted else None, parameters, 3, 0.5, **rest)


def results(*candidates):
    """By candidate and fold, from one pair of results a candidate."""
    return {(place, fold): part for place, parts in enumerate(candidates) for fold, part in enumerate(parts)}


def off_by(*errors, **rest):
    """Both folds, each row as far off as said."""
    first, second = np.split(np.arange(1.0, 5.0) + errors, 2)
    return result(*first, **rest), result(*second, **rest)


def trials_of(trials, **rest):
    facts = {"folds": 2, "compared": (0, 1), "rows": 4, "done": 2 * len(trials), "of": 2 * len(trials), "left_out": 0}
    return Trials(trials, MAE, None, interrupted=False, seconds=1.0, seed=0, **{**facts, **rest})


def test_the_best_first_and_how_far_the_others_are_behind():
    """Mean errors 2, 1 and 1.5; the last differs from the best by 2, 0, 0 and 0: 0.5 ± 1/√4 = 0.5."""
    done = results(off_by(2, 2, 2, 2), off_by(1, 1, 1, 1), off_by(3, 1, 1, 1))
    first, second, third = ranked((SLOW, RIGHT, FAST), done, OBSERVED, MAE)
    assert [trial.candidate for trial in (first, second, third)] == [RIGHT, FAST, SLOW]
    assert (first.score.value, first.behind, first.behind_error) == (1.0, 0.0, 0.0)
    assert (second.behind, second.behind_error) == (0.5, pytest.approx(0.5))
    assert (second.close, third.close, third.behind, third.behind_error) == (True, False, 1.0, 0.0)
    assert (first.epochs, first.seconds, first.parameters) == (3.0, 1.0, 10)


def test_of_equals_the_one_with_fewer_parameters_goes_first():
    done = results(off_by(1, 1, 1, 1, parameters=20), off_by(-1, 1, -1, 1, parameters=5))
    first, second = ranked((SLOW, RIGHT), done, OBSERVED, MAE)
    assert (first.candidate, first.parameters, second.behind, second.close) == (RIGHT, 5, 0.0, True)


def test_what_is_better_when_greater_goes_first():
    first, second = ranked((SLOW, RIGHT), results(off_by(2, 0, 0, 2), off_by(1, 0, 0, 1)), OBSERVED, R2)
    assert (first.candidate, first.score.value, second.score.value) == (RIGHT, pytest.approx(0.6), pytest.approx(-0.6))
    assert second.behind == pytest.approx(1.2)


@pytest.mark.parametrize("lost", [result(message="diverged"), result(3.0, np.nan, message="diverged")])
def test_a_candidate_of_which_one_training_gave_no_predictions_stands_last(lost):
    done = results((result(1.0, 2.0), lost), off_by(9, 9, 9, 9))
    first, last = ranked((SLOW, RIGHT), done, OBSERVED, MAE)
    assert (first.candidate, last.candidate, last.message) == (RIGHT, SLOW, "diverged")
    assert np.isnan([last.score.value, last.behind, last.behind_error]).all()
    assert not last.close


def test_without_any_score_there_is_no_best():
    found = trials_of(ranked((SLOW, RIGHT), results((result(), result()), (result(), result())), OBSERVED, MAE))
    assert found.best is None
    assert str(found) == "No candidate has a score: see why below, and try smaller learning rates."


def test_a_metric_that_is_no_number_for_one_candidate_leaves_the_others_comparable():
    """The spread of a constant prediction is 0: no score of it, and an unknown error to it."""
    own = metric_for(
        lambda y, predicted: float("nan") if np.ptp(predicted) == 0 else float(-np.ptp(predicted)), "regression"
    )
    constant = result(2.0, 2.0), result(2.0, 2.0)
    first, second, last = ranked(
        (SLOW, RIGHT, FAST), results(constant, off_by(0, 0, 0, 0), off_by(-3, 0, 0, 3)), OBSERVED, own
    )
    assert [trial.candidate for trial in (first, second, last)] == [RIGHT, FAST, SLOW]
    assert np.isfinite(second.behind_error)
    assert np.isnan(last.behind)


@pytest.mark.parametrize(
    ("best", "said"),
    [(SLOW, "is the smallest that was tried: try smaller"), (FAST, "is the largest that was tried: try larger")],
)
def test_the_edge_of_the_grid_is_said(best, said):
    grid = (SLOW, RIGHT, FAST)
    done = results(*(off_by(*[1.0 if candidate == best else 2.0] * 4) for candidate in grid))
    assert said in str(trials_of(ranked(grid, done, OBSERVED, MAE)))
    inside = results(*(off_by(*[1.0 if candidate == RIGHT else 2.0] * 4) for candidate in grid))
    assert str(trials_of(ranked(grid, inside, OBSERVED, MAE))) == (
        "Learning rate 0.01 did best: 1 ± 0 mae over 4 rows, in 2 folds. No other is within one standard error of it."
    )


def test_only_folds_that_every_candidate_went_through_are_compared():
    done = results(off_by(1, 1, 0, 0), off_by(2, 2, 0, 0))
    assert folds_to_compare(done, 2, 2) == (0, 1)
    del done[1, 1]
    assert folds_to_compare(done, 2, 2) == (0,)
    assert [trial.score.value for trial in ranked((SLOW, RIGHT), done, {0: OBSERVED[0]}, MAE)] == [1.0, 2.0]
    del done[1, 0]
    assert folds_to_compare(done, 2, 2) == (0,)  # none is whole: the first that any went through
    (only,) = ranked((SLOW, RIGHT), done, {0: OBSERVED[0]}, MAE)
    assert only.candidate == SLOW


def test_candidates_are_called_by_what_sets_them_apart():
    linear, wide = Candidate(()), Candidate((20, 7), learning_rate=0.01)
    found = trials_of(ranked((linear, wide), results(off_by(1, 1, 1, 1), off_by(2, 2, 2, 2)), OBSERVED, MAE))
    assert [found.words(trial) for trial in found.trials] == ["The linear model", "Hidden 20,7"]
