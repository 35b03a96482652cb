"""What is held out: whole groups, near the share asked for, with every class left to train on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError, ShapeError
from gradatim.training.split import group_codes, hold_out, parts_of, rows_to_train_and_judge, strata


@given(st.lists(st.integers(0, 8), min_size=2, max_size=80), st.floats(0.05, 0.6), st.integers(0, 9), st.booleans())
def test_no_group_is_on_both_sides(groups, share, seed, stratified):
    groups = np.array(groups)
    rows = np.arange(len(groups)) + 100
    classes = rows % 3 if stratified else None
    if len(set(groups)) < 2:
        with pytest.raises(InputError, match="2 different groups"):
            hold_out(rows, share, np.random.default_rng(seed), classes, groups)
        return
    kept, held = hold_out(rows, share, np.random.default_rng(seed), classes, groups)
    assert sorted([*kept, *held]) == rows.tolist()
    assert len(kept)
    assert len(held)
    assert not set(groups[kept - 100]) & set(groups[held - 100])
    again = hold_out(rows, share, np.random.default_rng(seed), classes, groups)
    assert np.array_equal(again[1], held)


@given(st.integers(1, 6), st.integers(6, 60), st.integers(0, 9), st.booleans())
def test_parts_hold_each_row_once_with_classes_in_proportion_and_groups_whole(count, m, seed, grouped):
    rows = np.arange(m) + 100
    classes, groups = rows % 2, (np.arange(m) // 2 if grouped else None)
    if grouped and len(set(groups)) < count:
        with pytest.raises(InputError, match="different groups"):
            parts_of(rows, count, np.random.default_rng(seed), classes, groups)
        return
    parts = parts_of(rows, count, np.random.default_rng(seed), classes, groups)
    assert len(parts) == count
    assert np.array_equal(np.sort(np.concatenate(parts)), rows)
    if grouped:
        assert sum(len(set(groups[part - 100])) for part in parts) == len(set(groups))
    else:
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
        assert all(abs(np.sum(part % 2) - len(part) / 2) <= 1.5 for part in parts)


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_rows_and_classes_are_near(seed):
    """60 groups of 1 to 30 rows, of which some hold one class and some all three."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), rng.integers(1, 31, 60))
    classes = np.where(groups % 2, rng.integers(0, 3, len(groups)), groups // 2 % 3)
    _, held = hold_out(np.arange(len(groups)), 0.2, rng, classes, groups)
    assert len(held) / len(groups) == pytest.approx(0.2, abs=0.03)
    for k in range(3):
        assert np.sum(classes[held] == k) / np.sum(classes == k) == pytest.approx(0.2, abs=0.05)


def test_a_class_keeps_a_group_where_it_has_two():
    """Class 1 stands in groups 0 and 1 alone: one of them, at least, trains."""
    groups = np.repeat(np.arange(10), 4)
    classes = (groups < 2).astype(int)
    for seed in range(30):
        kept, _ = hold_out(np.arange(40), 0.4, np.random.default_rng(seed), classes, groups)
        assert classes[kept].any()


def test_groups_that_must_stay_do():
    """Of groups of 90, 5 and 5 rows, two stay for what is held out next."""
    groups = np.repeat([0, 1, 2], [90, 5, 5])
    for seed in range(20):
        kept, held = hold_out(np.arange(100), 0.2, np.random.default_rng(seed), groups=groups, keep=2)
        assert len(set(groups[kept])) == 2
        assert len(held) == 5


def test_another_seed_holds_out_other_groups():
    groups = np.repeat(np.arange(20), 5)
    found = {tuple(hold_out(np.arange(100), 0.2, np.random.default_rng(s), groups=groups)[1]) for s in range(10)}
    assert len(found) >= 8
    assert {len(held) for held in found} == {20}


def test_more_groups_than_parcels_stay_whole():
    groups = np.arange(200_000) // 2
    kept, held = hold_out(np.arange(len(groups)), 0.2, np.random.default_rng(0), groups % 7, groups)
    assert not set(groups[kept]) & set(groups[held])
    assert len(held) == pytest.approx(40_000, abs=300)


def test_rows_that_are_given_go_before_groups():
    train, held = rows_to_train_and_judge(4, None, 0.5, [3], np.random.default_rng(0), np.array([0, 0, 1, 1]))
    assert (train.tolist(), held.tolist()) == ([0, 1, 2], [3])
    train, held = rows_to_train_and_judge(4, None, 0.5, None, np.random.default_rng(0), ["a", "b", "b", "a"])
    assert sorted([train.tolist(), held.tolist()]) == [[0, 3], [1, 2]]


def test_a_missing_group_is_one_of_its_own():
    expected = [0, 1, 0, 2]
    for values in (
        ["a", None, "a", None],
        pl.Series(["a", None, "a", None]),
        np.array([1.5, np.nan, 1.5, np.nan]),
        [("x", 1), None, ("x", 1), float("nan")],
    ):
        assert group_codes(values, 4).tolist() == expected


def test_groups_of_pandas():
    pd = pytest.importorskip("pandas")
    assert group_codes(pd.Series(["a", pd.NA, "a", None]), 4).tolist() == [0, 1, 0, 2]
    assert group_codes(pd.Series(pd.to_datetime(["2020-01-01", None, "2020-01-01"])), 3).tolist() == [0, 1, 0]


def test_groups_are_one_hashable_value_a_row():
    with pytest.raises(ShapeError, match=r"one value for each of the 3 rows\. Got 2"):
        group_codes([1, 2], 3)
    with pytest.raises(ShapeError, match=r"one column.*Got shape \(3, 2\)"):
        group_codes(np.zeros((3, 2)), 3)
    with pytest.raises(InputError, match="unhashable"):
        group_codes([[1], [2], [3]], 3)


def test_labels_of_several_columns_are_kept_by_combination():
    """01 and 10 stand in many rows; 11 and 00 are rare, and one stratum together."""
    labels = np.array([[0, 1]] * 10 + [[1, 0]] * 6 + [[1, 1]] * 2 + [[0, 0]])
    codes = strata(labels)
    assert len(set(codes[:10])) == len(set(codes[10:16])) == len(set(codes[16:])) == 1
    assert len(set(codes)) == 3
    assert np.array_equal(strata(pl.DataFrame(labels)), codes)
    assert set(strata(np.eye(4))) == {0}
