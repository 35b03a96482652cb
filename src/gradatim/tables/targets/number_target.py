"""One number, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.targets.target_columns import Output, columns_of, outputs_of, words_for


@dataclass(frozen=True)
class NumberTarget:
    """Numbers, standardized for training, and back.

    Attributes:
        names: (k,) of the target columns.
        mean: (k,) what is subtracted: the mean of the training rows, or 0.
        std: (k,) what is divided by: the population standard deviation of the training rows, or their mean where 0 is
            subtracted; 1 where that would be 0.
        low: (k,) smallest value of the training rows.
        high: (k,) largest value of the training rows.
        clip: keep predictions within low … high.

    Example:
        >>> target = NumberTarget.fit([1.0, 2.0, 3.0], names=("y",))
        >>> target.decode(target.encode([3.0, 1.0])).ravel().tolist()
        [3.0, 1.0]

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3: standardize, and clip to the range of training.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    clip: bool = False

    @classmethod
    def fit(
        cls, values: Any, *, names: Sequence[str] = ("target",), clip: bool = False, centred: bool = True
    ) -> NumberTarget:
        """Learn mean, spread and range of training rows, none of which is missing.

        Args:
            values: (m,) or (m, k) numbers: a column, an array, a dataframe.
            names: of the k columns. With a single name, those of the dataframe, or numbers behind it.
            clip: keep predictions within the range of training.
            centred: False for a network's output that cannot be negative (exp, relu): y is divided by its mean, so
                that 0 stays 0 and the scaled target has mean 1.

        Raises:
            InputError: for no rows, or values that are no finite numbers; with centred=False for negative ones.

        Example:
            >>> NumberTarget.fit([0, 2, 4], centred=False).encode([0, 1]).ravel().tolist()
            [0.0, 0.5]
        """
        columns = columns_of(values, names)
        names = tuple(column.name for column in columns)
        Y = _numbers(columns)
        if not len(Y):
            raise InputError(f"The target {names[0]!r} must hold finite numbers in every training row. Got no rows.")
        _refuse("finite numbers in every training row", "", ~np.isfinite(Y), columns)
        if not centred:
            cure = " Leave such rows out, or take an output of identity."
            _refuse("numbers of 0 or more where the network's output cannot be negative", cure, Y < 0, columns)
        centre, spread = _centre_and_spread(Y) if centred else (np.zeros(Y.shape[1]), Y.mean(axis=0))
        facts = (centre, np.where(spread == 0, 1.0, spread), Y.min(axis=0), Y.max(axis=0))
        mean, std, low, high = (tuple(fact.tolist()) for fact in facts)
        return cls(names, mean, std, low, high, clip)

    def widened(self, values: Any) -> NumberTarget:
        """The same scale with a range that holds these numbers too: for a training that goes on with other rows.

        Args:
            values: (m,) or (m, k) finite numbers.

        Example:
            >>> target = NumberTarget.fit([1.0, 2.0, 3.0], clip=True).widened([5.0])
            >>> target.decode(target.encode([5.0, 9.0])).ravel().tolist()
            [5.0, 5.0]
        """
        Y = _numbers(columns_of(values, self.names, exactly=True))
        low, high = np.minimum(Y.min(axis=0), self.low), np.maximum(Y.max(axis=0), self.high)
        return replace(self, low=tuple(low.tolist()), high=tuple(high.tolist()))

    @property
    def outputs(self) -> int:
        """Columns of the encoded target."""
        return len(self.names)

    @property
    def output(self) -> Output:
        """Scores as they are, unless a network is asked for outputs that cannot be negative."""
        return "identity"

    def encode(self, values: Any) -> np.ndarray:
        """(y - mean) / std, as (m, k) float64.

        Raises:
            InputError: for values that are no numbers.
            ShapeError: for another number of columns.
        """
        Y = _numbers(columns_of(values, self.names, exactly=True))
        return np.asarray((Y - np.array(self.mean)) / np.array(self.std))

    def decode(self, A: Any) -> np.ndarray:
        """A·std + mean, within the range of training if `clip`: (m, k) float64."""
        Y = outputs_of(A, self.outputs) * np.array(self.std) + np.array(self.mean)
        return np.asarray(np.clip(Y, self.low, self.high) if self.clip else Y)

    def to_json(self) -> dict[str, Any]:
        """What a file keeps; Python writes and reads the numbers back to the last bit."""
        columns = {name: list(getattr(self, name)) for name in ("names", "mean", "std", "low", "high")}
        return {"kind": "numbers", **columns, "clip": self.clip}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> NumberTarget:
        """The target that `to_json` described."""
        names, mean, std, low, high = (tuple(facts[name]) for name in ("names", "mean", "std", "low", "high"))
        return cls(names, mean, std, low, high, facts["clip"])


def _numbers(columns: Sequence[pl.Series]) -> np.ndarray:
    """(m, k) float64, NaN where a value is missing."""
    for column in columns:
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            raise InputError(
                f"The target {column.name!r} must hold numbers for regression. Got {words_for(column.dtype)}."
            )
    return np.column_stack([column.cast(pl.Float64).to_numpy() for column in columns])


def _centre_and_spread(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and population standard deviation; no spread for equal values, whose mean can round away from them."""
    return Y.mean(axis=0), np.where(Y.min(axis=0) == Y.max(axis=0), 0.0, Y.std(axis=0))


def _refuse(must: str, cure: str, bad: np.ndarray, columns: Sequence[pl.Series]) -> None:
    """Refuse marked values: with the first column that has some, the first row of it, and how many rows there are."""
    for column, marked in zip(columns, bad.T, strict=True):
        rows = np.flatnonzero(marked)
        if len(rows):
            value = "a missing value" if column[int(rows[0])] is None else f"{column[int(rows[0])]}"
            raise InputError(
                f"The target {column.name!r} must hold {must}. Got {value} in row {rows[0] + 1} "
                f"({len(rows):,} {'row' if len(rows) == 1 else 'rows'} in all).{cure}"
            )
