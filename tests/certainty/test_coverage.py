"""The finite-sample quantile, exactly; and the law of the coverage that it leads to."""

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, kstest

from gradatim.certainty.coverage import check, conformal_quantile, rank, spread
from gradatim.errors import InputError

UNITS = st.floats(0, 1, allow_subnormal=False)


@given(st.integers(1, 5000), st.integers(1, 99))
def test_the_rank_is_exact(rows, percent):
    """⌈(n + 1) percent / 100⌉ in whole numbers."""
    assert rank(rows, percent / 100) == -(-(rows + 1) * percent // 100)


def test_where_floating_point_would_go_one_too_far():
    assert 100 * 0.07 > 7, "that is the trap"
    assert rank(99, 0.07) == 7


@given(st.lists(UNITS, min_size=1, max_size=60), st.integers(1, 99))
def test_the_quantile_is_the_smallest_score_that_enough_do_not_exceed(scores, percent):
    q, needed = conformal_quantile(np.array(scores), percent / 100), Fraction(percent, 100) * (len(scores) + 1)
    if needed > len(scores):
        assert q == inf
        return
    assert sum(score <= q for score in scores) >= needed
    assert sum(score < q for score in scores) < needed


@pytest.mark.parametrize(("rows", "coverage"), [(9, 0.9), (50, 0.9), (200, 0.75)])
def test_the_law_of_the_coverage_is_beta(rows, coverage):
    """Scores uniform in (0, 1): given own rows, the true coverage is the quantile itself."""
    rng = np.random.default_rng(rows)
    true = [conformal_quantile(rng.random(rows), coverage) for _ in range(4000)]
    k = rank(rows, coverage)
    assert kstest(true, beta(k, rows + 1 - k).cdf).pvalue > 0.01
    assert kstest(true, beta(k - 1, rows + 2 - k).cdf).pvalue < 1e-6, "one rank less is another law"
    low, high = spread(rows, coverage, share=0.8)
    inside = np.mean([low <= c <= high for c in true])
    assert inside == pytest.approx(0.8, abs=3 * 0.4 / 4000**0.5)


@given(st.integers(1, 99))
def test_as_many_rows_as_are_asked_for_are_enough_and_one_less_is_not(percent):
    with pytest.raises(InputError, match=r"rows of your own or more\. Got 0") as told:
        check("sets", percent / 100, 0)
    needed = int(str(told.value).split("must have ")[1].split()[0])
    check("sets", percent / 100, needed)
    with pytest.raises(InputError, match="everything would have to be held"):
        check("sets", percent / 100, needed - 1)


@pytest.mark.parametrize("coverage", [0, 1, 1.5, -0.1, "0.9", None, float("nan")])
def test_a_coverage_is_between_0_and_1(coverage):
    with pytest.raises(InputError, match=r"sets: coverage must be a number in \(0, 1\)"):
        check("sets", coverage, 1000)
