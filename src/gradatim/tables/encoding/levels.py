"""Categories as numbers: one-hot columns, or codes for learned embeddings.

Conventions
-----------
* Code 0 is the missing or unknown level, 1 … K are the known ones, in sorted order (true before false).
* K = 2 gives one column: +1 for the first level, -1 for the second, 0 for neither. Otherwise K columns of 0 and 1;
  missing and unknown are 0 in all of them.
* In a column of near-identifiers, rare levels count as unknown: embeddings of their own would learn the training rows
  by heart, and the unknown level, which new rows will mostly have, would stay untrained.
* With the robust scale these columns are scaled and clipped as numbers are. Every level then has a fixed row of
  numbers, so that encoding is to look up rows of a table (K + 1, columns).

Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3 and appendix A.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from gradatim.tables.encoding.columns import Feature, texts_of
from gradatim.tables.encoding.scaling import scaled, spread_of_counts
from gradatim.tables.table import Table

LEAST_ROWS, NAMES, MANY_LEVELS = 5, 0.5, 20
"""A column of many levels holds near-identifiers, such as names, where so large a part of its rows have a level that
fewer rows than these have."""


@dataclass(frozen=True, eq=False)
class Category:
    """One category, ready to encode.

    Attributes:
        feature: what it reads.
        levels: (K,) known levels as texts.
        center: (columns,) subtracted from the one-hot columns.
        scale: (columns,) multiplied then.
        clip: bound of the smooth clip, or None.
    """

    feature: Feature
    levels: tuple[str, ...]
    center: np.ndarray
    scale: np.ndarray
    clip: float | None

    @property
    def columns(self) -> int:
        """How many columns of X these are."""
        return one_hot_columns(len(self.levels))

    @cached_property
    def rows(self) -> np.ndarray:
        """(K + 1, columns) float64: the encoded row of every code."""
        return scaled(one_hot(len(self.levels)), self.center, self.scale, self.clip)

    def codes(self, table: Table) -> np.ndarray:
        """(m,) int32: 0 for missing or unknown, 1 … K."""
        texts = texts_of(table.levels_column(self.feature.raw), *self.feature)
        if texts.dtype == pl.Null:
            return np.zeros(len(texts), dtype=np.int32)
        known = pl.Series(self.levels, dtype=pl.String)
        numbers = pl.Series(range(1, len(self.levels) + 1), dtype=pl.Int32)
        found = texts.replace_strict(known, numbers, default=0, return_dtype=pl.Int32).fill_null(0)
        return found.to_numpy()

    def encode(self, table: Table, out: np.ndarray) -> None:
        """Write the encoded rows into out (m, columns)."""
        out[...] = self.rows.astype(out.dtype)[self.codes(table)]

    @property
    def output_names(self) -> list[str]:
        """The name of each one-hot column: city=Rome; sex=female/male for a column of +1 and -1."""
        if len(self.levels) == 2:
            return [f"{self.feature.name}={self.levels[0]}/{self.levels[1]}"]
        return [f"{self.feature.name}={level}" for level in self.levels]


class Categories(NamedTuple):
    """All categories of a table, and what is to be told of them.

    Attributes:
        one_hot: those that become columns.
        embedded: those that become codes.
        cut: name of each that kept only some of its levels, how many it had, and how many it kept.
        rare: name of each embedded one with levels too rare to learn of, how many it had, and how many it kept.
        lacking: names of those that were missing in some training rows.
    """

    one_hot: tuple[Category, ...]
    embedded: tuple[Category, ...]
    cut: tuple[tuple[str, int, int], ...]
    rare: tuple[tuple[str, int, int], ...]
    lacking: tuple[str, ...]


def fit_categories(
    training: Table, features: Sequence[Feature], *, most: int, embed_above: int | None, scale: bool, clip: float | None
) -> Categories:
    """Learn the levels of categories.

    Args:
        training: the training rows.
        features: what to read.
        most: levels of a one-hot category, at most.
        embed_above: categories of more levels are embedded; None none.
        scale: whether one-hot columns get the robust scale.
        clip: bound of the smooth clip behind that scale, or None.
    """
    one_hot, embedded, cut, rare, lacking = [], [], [], [], []
    for feature in features:
        series = training.levels_column(feature.raw)
        levels, counts = levels_of(texts_of(series, *feature), true_first=series.dtype == pl.Boolean)
        if counts.sum() < training.n_rows and not feature.part:  # a date's year tells of its missing ones
            lacking.append(feature.name)
        if embed_above is not None and len(levels) > embed_above:
            known = without_rare(levels, counts)
            if len(known) < len(levels):
                rare.append((feature.name, len(levels), len(known)))
            if known:
                embedded.append(embedded_category(feature, known))
            continue
        kept, counts = most_frequent(levels, counts, most)
        if len(kept) < len(levels):
            cut.append((feature.name, len(levels), len(kept)))
        one_hot.append(fit_category(feature, kept, counts, training.n_rows, clip=clip, scale=scale))
    return Categories(tuple(one_hot), tuple(embedded), tuple(cut), tuple(rare), tuple(lacking))


def levels_of(texts: pl.Series, *, true_first: bool = False) -> tuple[tuple[str, ...], np.ndarray]:
    """The levels in sorted order (descending for booleans: true, false), and how often each stands there."""
    counted = (
        texts.drop_nulls().cast(pl.String).alias("level").value_counts(name="rows").sort("level", descending=true_first)
    )
    return tuple(counted["level"].to_list()), counted["rows"].cast(pl.Int64).to_numpy()


def most_frequent(levels: tuple[str, ...], counts: np.ndarray, most: int) -> tuple[tuple[str, ...], np.ndarray]:
    """At most so many levels, the most frequent (the first in order among equals); order stays."""
    kept = np.sort(np.argsort(-counts, kind="stable")[:most])
    return tuple(levels[k] for k in kept), counts[kept]


def without_rare(levels: tuple[str, ...], counts: np.ndarray) -> tuple[str, ...]:
    """The levels that an embedding can learn of: all, or in a column of near-identifiers the frequent ones.

    Args:
        levels: (K,) in order.
        counts: (K,) training rows of each.

    Example:
        >>> names = tuple("abcdefghijklmnopqrstuvwxyz")
        >>> len(without_rare(names, np.array([40] + 25 * [1]))), without_rare(names, np.array([25] + 25 * [1]))
        (26, ('a',))
    """
    is_rare = counts < LEAST_ROWS
    if len(levels) < MANY_LEVELS or counts[is_rare].sum() < NAMES * counts.sum():
        return levels
    return tuple(level for level, rare in zip(levels, is_rare, strict=True) if not rare)


def embedded_category(feature: Feature, levels: tuple[str, ...]) -> Category:
    """A category that becomes codes: it has no columns to scale."""
    return Category(feature, levels, np.empty(0), np.empty(0), None)


def fit_category(
    feature: Feature, levels: tuple[str, ...], counts: np.ndarray, m: int, *, clip: float | None, scale: bool
) -> Category:
    """A category over m training rows, of which counts[k] hold levels[k]."""
    columns = one_hot_columns(len(levels))
    if not scale:
        return Category(feature, levels, np.zeros(columns), np.ones(columns), None)
    if len(levels) == 2:
        signed = np.array([[counts[1]], [m - counts.sum()], [counts[0]]])
    else:
        signed = np.stack([np.zeros(columns, dtype=np.int64), m - counts, counts])
    return Category(feature, levels, *spread_of_counts(signed), clip)


def one_hot_columns(K: int) -> int:
    """How many columns K levels make: one for two of them, else one each."""
    return 1 if K == 2 else K


def one_hot(K: int) -> np.ndarray:
    """(K + 1, columns): the plain row of every code, 0 for missing first."""
    if K == 2:
        return np.array([[0.0], [1.0], [-1.0]])
    return np.eye(K + 1)[:, 1:]
