"""Dropout's bits: a function of where they are used, and fair."""

from zlib import crc32

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from gradatim.engines.dropout import keep_mask, random_bits


def test_bits_depend_only_on_key_step_layer_column_and_unit():
    whole = random_bits(key=7, step=3, layer=2, columns=50, units=11)
    again = random_bits(key=7, step=3, layer=2, columns=20, units=11)
    np.testing.assert_array_equal(again, whole[:, :20])


@pytest.mark.parametrize("other", [{"key": 8}, {"step": 4}, {"layer": 1}, {"key": 7 + 2**40}])
def test_another_key_step_or_layer_gives_unrelated_bits(other):
    place = {"key": 7, "step": 3, "layer": 2}
    a = random_bits(**place, columns=200, units=100)
    b = random_bits(**(place | other), columns=200, units=100)
    agreeing_bits = 32 - np.bitwise_count(a ^ b).mean()
    # Each of 640,000 bits agrees with probability 1/2: the mean number of 32 has standard error 0.02.
    assert agreeing_bits == pytest.approx(16, abs=0.1)


@pytest.mark.parametrize("rate", [0.1, 0.15, 0.5, 0.9])
def test_share_kept_is_one_minus_rate_within_sampling_error(rate):
    m, n = 1000, 64
    kept = keep_mask(key=5, step=11, layer=1, columns=m, units=n, rate=rate).mean()
    assert abs(kept - (1 - rate)) < 4 * np.sqrt(rate * (1 - rate) / (m * n))


def test_bits_are_uniform_over_steps_columns_and_units():
    draws = np.stack([random_bits(key=1, step=step, layer=1, columns=32, units=32) for step in range(64)])
    assert kstest((draws.ravel() / 2**32)[:20_000], "uniform").pvalue > 1e-3
    low_bytes = np.bincount((draws.ravel() & 255).astype(int), minlength=256)
    assert chisquare(low_bytes).pvalue > 1e-3
    kept = draws >= 2**31
    for axis in range(3):
        per_place = kept.sum(axis=tuple(a for a in range(3) if a != axis))
        assert chisquare(per_place).pvalue > 1e-3


def test_neighbours_are_uncorrelated():
    kept = keep_mask(key=3, step=0, layer=1, columns=2000, units=100, rate=0.5).astype(float) - 0.5
    for shifted in (np.roll(kept, 1, axis=0), np.roll(kept, 1, axis=1)):
        # 200,000 products of ±1/2: standard error of their mean is 0.25/√200000 = 0.00056.
        assert abs((kept * shifted).mean()) < 4 * 0.00056


@pytest.mark.parametrize(
    ("rate", "sum_of_bytes"), [(0.1, 358316473), (0.25, 1931075894), (0.5, 598948510), (0.9, 2355215420)]
)
def test_a_mask_stays_what_it_was(rate, sum_of_bytes):
    """A model that was trained with dropout comes out again only if its masks do."""
    kept = keep_mask(key=2**40 + 7, step=3, layer=2, columns=50, units=11, rate=rate)
    assert crc32(np.packbits(kept).tobytes()) == sum_of_bytes


@pytest.mark.parametrize(
    ("rate", "share"), [(0.0, 1.0), (1 - 2**-32, 0.0), (1 - 1e-12, 0.0), (np.nextafter(1, 0), 0.0)]
)
def test_rates_up_to_the_ends_are_right(rate, share):
    assert keep_mask(key=5, step=1, layer=1, columns=300, units=50, rate=float(rate)).mean() == share
