"""Columns of numbers: means for what is missing, marks of it, one scale a column.

Conventions
-----------
* Centre, scale and mean are those of the values that are there, before anything is filled in.
* A mark is a column of 0 and 1, 1 where the number was missing; a number has one if training rows lacked it. Whether
  a mark is written 0/1 or -1/+1 makes no difference to the robust scale: it takes the same two values out of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import sparse

from gradatim.errors import InputError
from gradatim.tables.dates import dates_of
from gradatim.tables.encoding.columns import Feature, is_plain_number, numbers_of
from gradatim.tables.encoding.scaling import (
    BEYOND,
    TINY,
    Spread,
    robust,
    scaled,
    spread_of_counts,
)
from gradatim.tables.table import Table
from gradatim.tables.threads import CELLS_AT_ONCE, each

ROWS_AT_ONCE = 512
"""So many rows are written at once, so that what is reckoned on the way stays in cache: twice as quick."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """k columns of numbers and the marks behind them, ready to encode.

    Attributes:
        features: (k,) what they read.
        center: (k,) subtracted.
        scale: (k,) multiplied then.
        mean: (k,) what stands for a missing number.
        marked: which of them have a mark.
        mark_center: the same for the marks.
        mark_scale: the same for the marks.
        clip: bound of the smooth clip of numbers, or None.
        mark_clip: the same for the marks.
    """

    features: tuple[Feature, ...]
    center: np.ndarray
    scale: np.ndarray
    mean: np.ndarray
    marked: tuple[int, ...]
    mark_center: np.ndarray
    mark_scale: np.ndarray
    clip: float | None
    mark_clip: float | None

    @classmethod
    def fit(
        cls,
        spread: Spread,
        m: int,
        features: Sequence[Feature],
        how: str,
        clip: float | None,
        lacking: Sequence[bool] = (),
    ) -> Numbers:
        """Learn from the spread of the numbers in m training rows.

        Args:
            spread: of k columns.
            m: how many rows there were, with values or without.
            features: (k,) what the columns read.
            how: "robust", "standard" or "none".
            clip: bound of the smooth clip, or None; "none" is never clipped.
            lacking: (k,) which of them have texts among their numbers, in whatever rows: they get a mark, too.
        """
        missing = m - spread.count
        marked = np.flatnonzero(((missing > 0) | (np.asarray(lacking or missing) > 0)) & (spread.count > 0))
        center, scale = _center_and_scale(spread, how)
        counts = np.stack([np.zeros(len(marked), dtype=np.int64), spread.count[marked], missing[marked]])
        nothing, unit = np.zeros(len(marked)), np.ones(len(marked))
        mark_center, mark_scale = spread_of_counts(counts) if how == "robust" else (nothing, unit)
        return cls(
            tuple(features),
            center,
            scale,
            np.nan_to_num(spread.mean),
            tuple(marked.tolist()),
            mark_center,
            mark_scale,
            clip=None if how == "none" else clip,
            mark_clip=clip if how == "robust" else None,
        )

    @classmethod
    def fit_sparse(cls, X: sparse.csr_array, features: Sequence[Feature], how: str) -> Numbers:
        """Learn from sparse training rows: one factor a column, by `sparse_factors`, and nothing else."""
        nothing, none = np.zeros(X.shape[1]), np.empty(0)
        return cls(tuple(features), nothing, sparse_factors(X, how), nothing, (), none, none, clip=None, mark_clip=None)

    @property
    def columns(self) -> int:
        """How many columns of X these are, marks included."""
        return len(self.features) + len(self.marked)

    def encode(self, X: np.ndarray, out: np.ndarray) -> None:
        """Write X (m, k) float64, NaN for missing, into out (m, k + marks), without NaN."""
        for start in range(0, len(X), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            self._encode(X[rows], out[rows])

    def _encode(self, X: np.ndarray, out: np.ndarray) -> None:
        there = np.abs(X) <= BEYOND  # false for NaN, too
        Z = scaled(np.where(there, X, self.mean), self.center, self.scale, self.clip)
        if self.clip is None:
            np.clip(Z, -BEYOND, BEYOND, out=Z)  # a row far outside of training must not become infinite in float32
        k = len(self.features)
        out[:, :k] = Z
        if self.marked:
            marks = (~there[:, list(self.marked)]).astype(np.float64)
            out[:, k:] = scaled(marks, self.mark_center, self.mark_scale, self.mark_clip)


def _center_and_scale(spread: Spread, how: str) -> tuple[np.ndarray, np.ndarray]:
    nothing = np.zeros(len(spread.count))
    if how == "none":
        return nothing, nothing + 1
    if how == "standard":
        center, scale = spread.mean, np.divide(1, spread.std, out=nothing.copy(), where=spread.std > 0)
    else:
        center, scale = spread.median, robust(spread.low, spread.quartile_1, spread.quartile_3, spread.high)
    return np.nan_to_num(center), np.nan_to_num(scale, posinf=0.0)


def sparse_factors(X: sparse.csr_array, how: str) -> np.ndarray:
    """(n,) what each column of a sparse X is multiplied by: one over its largest size, or over its deviation, or 1.

    Nothing is subtracted, so that zeros stay zeros.

    Raises:
        InputError: for NaN or infinity: means would fill the zeros.
    """
    refuse_unfinite(X)
    if how == "none":
        return np.ones(X.shape[1])
    X = X.astype(np.float64, copy=False)  # sums and squares of bytes are no bytes, and -(-128) is none of int8
    if how == "robust":
        size = abs(X).max(axis=0).toarray().ravel()
    else:
        square = np.asarray(X.multiply(X).sum(axis=0)).ravel() / X.shape[0]
        size = np.sqrt(np.maximum(square - (np.asarray(X.sum(axis=0)).ravel() / X.shape[0]) ** 2, 0))
    factors = np.zeros(X.shape[1])
    np.divide(1, size, out=factors, where=size > TINY)
    return factors


def refuse_unfinite(X: sparse.csr_array) -> None:
    """Refuse a sparse table with holes.

    Raises:
        InputError: if there are any.
    """
    if not np.isfinite(X.data).all():
        raise InputError(
            "A sparse table must hold finite numbers only. Got NaN or infinity: fill them in, or make it dense."
        )


def spread_of(table: Table, features: Sequence[Feature]) -> Spread:
    """The spread of what these features read, by a few columns at a time."""
    few = max(1, CELLS_AT_ONCE // max(1, table.n_rows))
    blocks = [features[start : start + few] for start in range(0, len(features), few)] or [features]
    return Spread.joined(each(lambda block: Spread.of(number_matrix(table, block)), blocks))


def number_matrix(table: Table, features: Sequence[Feature]) -> np.ndarray:
    """What these features read, as (m, k) float64 with NaN for missing."""
    direct = np.array([reads_directly(table, feature) for feature in features], dtype=bool)
    if direct.all():
        return table.matrix([feature.raw for feature in features])
    matrix = np.empty((table.n_rows, len(features)))
    matrix[:, direct] = table.matrix([feature.raw for feature, plain in zip(features, direct, strict=True) if plain])
    for j, feature in enumerate(features):
        if not direct[j]:
            matrix[:, j] = numbers_of(table.column(feature.raw), *feature)
    return matrix


def with_texts_read(table: Table, features: Sequence[Feature]) -> Table:
    """The table with numbers and dates in place of the texts that these features read.

    Raises:
        InputError: for texts that are neither, with the first rows of them; for dates that `dates_of` refuses.
    """
    read: dict[str, pl.Series] = {}
    for feature in features:
        raw = feature.raw
        if raw not in read and raw in table.schema and not reads_directly(table, feature):
            written = table.frame[raw]
            read[raw] = (
                dates_of(written, raw, feature.first, feature.zone).alias(raw)
                if feature.part
                else pl.Series(raw, numbers_of(written, raw))
            )
    return replace(table, frame=table.frame.with_columns(read.values())) if read else table


def reads_directly(table: Table, feature: Feature) -> bool:
    """Whether a column is already what the feature reads: numbers, no text to parse and no part of a date."""
    if feature.part:
        return False
    return feature.raw in table.place or is_plain_number(table.schema[feature.raw])
