"""Which rows do what: sizes, proportions, and the same rows for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.ladder.splits import split_rows


@given(st.integers(5, 400), st.integers(0, 5), st.floats(0.05, 0.6), st.booleans())
def test_every_row_has_one_place(n_rows, seed, share, stratified):
    labels = np.arange(n_rows) % 3 if stratified else None
    split = split_rows(n_rows, labels, test=share, seed=seed)
    everything = np.concatenate([split.train, split.validation, split.test])
    assert sorted(everything) == list(range(n_rows))
    assert min(len(split.train), len(split.validation), len(split.test)) >= 1
    assert abs(len(split.test) - share * n_rows) <= 1
    assert np.array_equal(split.development[split.validation_of_development], split.validation)


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
