"""Which rows do what: sizes, proportions, and the same rows for the same seed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError, ShapeError
from gradatim.ladder.splits import split_rows


@given(st.integers(5, 400), st.integers(0, 5), st.floats(0.05, 0.6), st.booleans())
def test_every_row_has_one_place(n_rows, seed, share, stratified):
    labels = np.arange(n_rows) % 3 if stratified else None
    split = split_rows(n_rows, labels, test=share, seed=seed)
    everything = np.concatenate([split.train, split.validation, split.test])
    assert sorted(everything) == list(range(n_rows))
    assert min(len(split.train), len(split.validation), len(split.test)) >= 1
    assert abs(len(split.test) - share * n_rows) <= 1


def test_classes_keep_their_proportions():
    """100 of a, 50 of b, 10 of c: a fifth of each is tested, a fifth of the rest (up to one row) chooses."""
    labels = np.array(["a"] * 100 + ["b"] * 50 + ["c"] * 10)
    split = split_rows(160, labels, seed=3)
    counts = [
        dict(zip(*np.unique(labels[rows], return_counts=True), strict=True)) for rows in (split.test, split.validation)
    ]
    assert counts[0] == {"a": 20, "b": 10, "c": 2}
    assert counts[1]["a"] == 16
    assert counts[1]["b"] == 8
    assert counts[1]["c"] in (1, 2)


def test_every_class_keeps_a_row_to_train_on():
    labels = np.array(["rare", "rarer", "rare"] + ["common"] * 27)
    for seed in range(20):
        split = split_rows(30, labels, seed=seed)
        assert set(labels[split.train]) == {"rare", "rarer", "common"}


def test_a_seed_is_a_split():
    first, again, other = (split_rows(100, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.test, again.test)
    assert np.array_equal(first.validation, again.validation)
    assert not np.array_equal(first.test, other.test)


def test_no_test_rows_where_they_are_a_table_of_their_own():
    split = split_rows(100, test=0.0)
    assert len(split.test) == 0
    assert len(split.validation) == 20


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_a_share_is_a_share(share):
    with pytest.raises(InputError, match=r"^test must be a share"):
        split_rows(100, test=share)


def test_a_handful_of_rows_is_too_few():
    with pytest.raises(InputError, match="5 rows"):
        split_rows(4)


# --- groups ---


@given(st.lists(st.integers(0, 12), min_size=5, max_size=80), st.integers(0, 5), st.floats(0.0, 0.5))
def test_groups_stay_whole(groups, seed, share):
    groups = np.array(groups)
    if len(set(groups)) < (3 if share else 2):
        with pytest.raises(InputError, match="different groups or more, to train"):
            split_rows(len(groups), test=share, seed=seed, groups=groups)
        return
    split = split_rows(len(groups), test=share, seed=seed, groups=groups)
    parts = [set(groups[rows]) for rows in (split.train, split.validation, split.test)]
    assert sorted(np.concatenate([split.train, split.validation, split.test])) == list(range(len(groups)))
    assert sum(map(len, parts)) == len(set(groups))
    assert all(parts) if share else len(parts[0]) and len(parts[1])
    again = split_rows(len(groups), test=share, seed=seed, groups=groups)
    assert np.array_equal(again.test, split.test)


def test_many_groups_meet_the_shares():
    groups = np.repeat(np.arange(50), 20).astype(str)
    split = split_rows(1000, np.arange(1000) % 2, seed=2, groups=groups)
    assert len(split.test) == 200
    assert len(split.validation) == 160


def test_a_group_with_a_name_is_named():
    with pytest.raises(
        InputError, match=r"3 different groups or more, to train, choose and test.*Got 2 in 'patient'\."
    ):
        split_rows(6, groups=pl.Series("patient", [1, 1, 1, 2, 2, 2]))
    with pytest.raises(InputError, match="not both"):
        split_rows(6, groups=[1, 1, 2, 2, 3, 3], order=range(6))


def test_rows_without_a_group_are_said():
    split = split_rows(8, groups=pl.Series("patient", ["a", "a", None, "b", "b", None, "c", "c"]))
    assert split.notes == ("'patient' groups the rows: 2 rows without a value are groups of their own.",)
    split = split_rows(6, groups=np.array([1.0, 1.0, np.nan, 2.0, 2.0, 3.0]))
    assert split.notes == ("'groups' groups the rows: 1 row without a value is a group of its own.",)


def test_a_class_that_no_training_group_holds_is_refused():
    """Of five groups each is a class of its own: whatever is held out, nothing teaches it."""
    groups = np.repeat(["a", "b", "c", "d", "e"], 4)
    with pytest.raises(InputError, match=r"Every class must have a training row\. Got none for '[a-e]', '[a-e]'"):
        split_rows(20, groups, groups=groups)


# --- order ---


@given(st.lists(st.integers(0, 30), min_size=5, max_size=80), st.floats(0.0, 0.6))
def test_what_is_later_measures(moments, share):
    moments = np.array(moments)
    if len(set(moments)) < (3 if share else 2):
        with pytest.raises(InputError, match="different values or more to order the rows by"):
            split_rows(len(moments), test=share, order=moments)
        return
    split = split_rows(len(moments), test=share, order=moments)
    assert sorted(np.concatenate([split.train, split.validation, split.test])) == list(range(len(moments)))
    assert moments[split.train].max() < moments[split.validation].min()
    if share:
        assert moments[split.validation].max() < moments[split.test].min()


def test_rows_in_order_have_the_usual_shares():
    split = split_rows(100, order=np.arange(100)[::-1])
    assert split.test.tolist() == list(range(20))
    assert split.validation.tolist() == list(range(20, 36))
    assert len(split_rows(100, order=range(100), test=0).validation) == 20


def test_rows_of_one_moment_stay_together():
    """Of 4 days of 25 rows the last is nearest to a fifth, and the third to a fifth of the rest."""
    split = split_rows(100, order=np.repeat([1, 2, 3, 4], 25))
    assert split.test.tolist() == list(range(75, 100))
    assert split.validation.tolist() == list(range(50, 75))


@pytest.mark.parametrize(
    "texts",
    [
        ["9", "10", "11", "100", "8"],
        ["2024-01-09", "2024-02-01", "2024-02-02", "2024-12-01", "2023-12-31"],
        ["09/01/2024", "01/02/2024", "02/02/2024", "13/12/2024", "31/12/2023"],
        pl.Series(["b", "c", "d", "e", "a"], dtype=pl.Categorical),
    ],
)
def test_texts_sort_as_what_they_are(texts):
    """The fourth is the last, the fifth the first."""
    split = split_rows(5, order=texts)
    assert split.test.tolist() == [3]
    assert split.train.tolist() == [0, 1, 4]


def test_alphabetical_order_is_said():
    split = split_rows(5, order=pl.Series("quarter", ["Q1", "Q2", "Q3", "Q4", "Q0"]))
    assert split.notes == ("'quarter' orders the rows by its texts, from 'Q0' to 'Q4', as alphabets do.",)
    assert split_rows(5, order=range(5)).notes == ()


def test_dates_that_can_be_read_two_ways_order_nothing():
    with pytest.raises(InputError, match="which is the day"):
        split_rows(5, order=[f"0{day}/02/2024" for day in range(1, 6)])


def test_rows_without_a_moment_train():
    split = split_rows(12, order=pl.Series("when", [None, *range(10), None]))
    assert {0, 11} <= set(split.train)
    assert split.test.tolist() == [9, 10]
    assert split.notes == ("'when' orders the rows: 2 rows without a value train, as nobody knows when they were.",)
    assert {0, 5} <= set(split_rows(6, order=[float("nan"), 1.0, 2.0, 3.0, 4.0, None]).train)


def test_an_order_needs_as_many_values_as_rows():
    with pytest.raises(ShapeError, match=r"each of the 6 rows\. Got 5"):
        split_rows(6, order=range(5))
    with pytest.raises(InputError, match=r"numbers, dates or texts to order the rows by\. Got List"):
        split_rows(5, order=pl.Series([[1], [2], [3], [4], [5]]))


def test_a_class_that_comes_late_is_refused():
    labels = np.array(["a", "b"] * 8 + ["late"] * 4)
    with pytest.raises(InputError, match="Got none for 'late' when the rows are split in order"):
        split_rows(20, labels, order=range(20))
    several = np.column_stack([np.arange(20) % 2, np.arange(20) >= 16])
    with pytest.raises(InputError, match="Got none for '1'"):
        split_rows(20, several, order=range(20))


def test_a_class_without_a_training_row_is_named_as_the_table_has_it():
    labels = pl.Series("y", ["early", "mid", "early", "mid", "early", "mid", "early", "mid", "late", "late"])
    for column in (labels, labels.cast(pl.Categorical), labels.to_numpy()):
        with pytest.raises(InputError, match=r"Got none for 'late' when the rows are split in order"):
            split_rows(10, column, order=range(10))
    with pytest.raises(InputError, match=r"Got none for 'true' when"):
        split_rows(10, labels == "late", order=range(10))


def test_columns_are_split_as_arrays_are():
    labels = np.random.default_rng(0).choice(["b", "a", "c"], 60)
    whole = split_rows(60, labels, seed=3)
    for column in (pl.Series(labels), pl.Series(labels).cast(pl.Categorical)):
        assert split_rows(60, column, seed=3).train.tolist() == whole.train.tolist()
