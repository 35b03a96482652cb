"""On which rows candidates are scored."""

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.ladder.folds import cut_folds
from gradatim.tables.examples import Examples

CUT = {"classes": False, "share": 0.2, "seed": 0}


def examples(rows, y=None, **rest):
    table = Examples.of({"x": np.arange(float(rows))}, np.arange(float(rows)) if y is None else y)
    return Examples(table.table, table.y, **rest)


@pytest.mark.parametrize("folds", [2, 3, 7])
def test_each_row_is_scored_once_and_every_other_one_trains_or_chooses(folds):
    cut = cut_folds(examples(50), folds, **CUT)
    assert np.array_equal(np.sort(np.concatenate([fold.scored for fold in cut])), np.arange(50))
    for fold in cut:
        parts = [fold.roles.train, fold.roles.held_out, fold.scored]
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(50))
        assert abs(len(fold.scored) - 50 / folds) < 1
        assert len(fold.roles.held_out) == round(0.2 * (50 - len(fold.scored)))


def test_a_seed_gives_the_same_folds_and_another_others():
    first, again, other = (cut_folds(examples(50), 3, **{**CUT, "seed": seed})[0].scored for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_classes_are_in_proportion():
    y = ["rare"] * 9 + ["common"] * 81
    for fold in cut_folds(examples(90, y), 3, **{**CUT, "classes": True}):
        assert np.sum(fold.scored < 9) == 3
        assert np.sum(fold.roles.train < 9) in (4, 5)


def test_groups_stay_whole():
    groups = pl.Series("who", np.arange(60) // 4)
    for fold in cut_folds(examples(60, groups=groups), 3, **CUT):
        parts = [set(groups[rows].to_list()) for rows in (fold.roles.train, fold.roles.held_out, fold.scored)]
        assert sum(map(len, parts)) == 15


def test_in_order_every_fold_scores_what_is_later_than_all_that_it_knows():
    days = np.random.default_rng(0).permutation(40)
    order = pl.Series("day", [f"{1 + day % 28:02d}/{1 + day // 28:02d}/2024" for day in days])  # 13/01 tells the order
    cut = cut_folds(examples(40, order=order), 3, **CUT)
    assert [len(fold.scored) for fold in cut] == [10, 10, 10]
    for number, fold in enumerate(cut, start=1):
        assert sorted(days[fold.scored]) == list(range(10 * number, 10 * number + 10))
        assert days[fold.roles.train].max() < days[fold.roles.held_out].min()
        assert days[fold.roles.held_out].max() < days[fold.scored].min()


@pytest.mark.parametrize("folds", [1, 0, -1, 2.0, True, "3", None])
def test_folds_are_a_whole_number_of_two_or_more(folds):
    with pytest.raises(InputError, match=r"folds must be a whole number of 2 or more\. Got "):
        cut_folds(examples(40), folds, **CUT)


def test_too_few_rows_or_groups_are_refused():
    with pytest.raises(InputError, match=r"folds must be at most 4 where 6 rows do not test: .* Got 5\."):
        cut_folds(examples(6), 5, **CUT)
    with pytest.raises(InputError, match=r"folds must be fewer than the groups, .* Got 3 folds and 3 groups"):
        cut_folds(examples(30, groups=pl.Series(np.arange(30) % 3)), 3, **CUT)
