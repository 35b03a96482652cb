"""What is to be predicted, as numbers that a network can aim at, and back.

Conventions
-----------
* Targets are rows here, (m, k): one column for two classes, one for each of K > 2 classes, one for each number.
* Two classes are one column of 0 and 1, always; 1 stands for the positive class, the last one in order unless said
  otherwise.
* Classes keep their type (text, whole number, boolean) and stand in sorted order; a column that brings an order of
  its own (Polars' Enum, as read from a file that lists its classes) keeps that.
* Numbers are standardized by mean and population standard deviation of the training rows.
* Rows without a target are the caller's to drop: `present` tells which have one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, ShapeError, did_you_mean
from gradatim.tables.conversion import as_series

Label = str | int | bool | float


def present(values: Any) -> np.ndarray:
    """Which rows have a target: (m,) booleans, False for missing, NaN and infinite ones.

    Example:
        >>> present([1.0, None, float("nan")])
        array([ True, False, False])
    """
    series = as_series(values)
    there = series.is_not_null()
    if series.dtype.is_float():
        there = there & series.is_finite().fill_null(False)
    return there.to_numpy()


def rows_without(names: Sequence[str], columns: Sequence[Any]) -> tuple[np.ndarray, list[str]]:
    """Which rows have every target, and a sentence on those that lack one, or where one is infinite.

    Example:
        >>> rows_without(["y"], [[1.0, None, float("inf")]])[1]
        ['1 row without y is left out.', '1 row whose y is infinite is left out.']
    """
    there = np.logical_and.reduce([present(values) for values in columns])
    infinite = ~there & np.logical_or.reduce([_infinite(values) for values in columns])
    title, notes = ", ".join(names), []
    for rows, lacking in ((~there & ~infinite, f"without {title}"), (infinite, f"whose {title} is infinite")):
        lost = int(rows.sum())
        if lost:
            notes.append(f"{lost:,} {f'row {lacking} is' if lost == 1 else f'rows {lacking} are'} left out.")
    return there, notes


def _infinite(values: Any) -> np.ndarray:
    series = as_series(values)
    if not series.dtype.is_float():
        return np.zeros(len(series), dtype=bool)
    return series.is_infinite().fill_null(False).to_numpy()


def words_for(dtype: pl.DataType) -> str:
    """What values of no number are called."""
    if dtype == pl.Boolean:
        return "booleans"
    return "dates" if dtype.is_temporal() else "texts"


@dataclass(frozen=True)
class ClassTarget:
    """Classes as columns of 0 and 1, and back.

    Attributes:
        name: of the target column.
        classes: in order; the columns of `probabilities`.
        positive: the class that 1 stands for where there are two; None with more.

    Example:
        >>> target = ClassTarget.fit(["no", "yes", "no"], name="churn")
        >>> target.encode(["yes", "no"]).ravel()
        array([1., 0.])
        >>> target.decode([[0.8], [0.3]]).tolist()
        ['yes', 'no']
    """

    name: str
    classes: tuple[Label, ...]
    positive: Label | None = None

    @classmethod
    def fit(cls, values: Any, *, name: str = "target", positive: Any = None) -> ClassTarget:
        """Learn the classes of training rows, none of which is missing.

        Args:
            values: (m,) labels.
            name: of the target column.
            positive: the class that 1 stands for; as text, too ("1" finds 1). The last class without.

        Raises:
            InputError: for fewer than two classes, or a positive class that is none or stands beside more than one
                other.
        """
        series = _labels(values, name)
        classes = _classes(series)
        if len(classes) < 2:
            got = f"one class, {_list(classes)}" if classes else "none"
            raise InputError(f"The target {name!r} must hold two classes or more. Got {got}: nothing to tell apart.")
        if positive is not None and len(classes) > 2:
            raise InputError(
                f"positive must be left out with more than two classes. Got {positive!r} and {_list(classes)}."
            )
        if len(classes) > 2:
            return cls(name, classes)
        return cls(name, classes, classes[-1] if positive is None else _matching(positive, classes))

    @property
    def names(self) -> tuple[str, ...]:
        """(1,) of the target column, as `NumberTarget.names` has them."""
        return (self.name,)

    @property
    def outputs(self) -> int:
        """Columns of the encoded target: 1 for two classes, else one a class."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    def codes(self, values: Any) -> np.ndarray:
        """The place of each row's class in `classes`: (m,) int64, -1 for missing or unknown."""
        series = _labels(values, self.name)
        known = pl.Series(self.classes, strict=False)
        if series.dtype.is_numeric() != known.dtype.is_numeric():
            series, known = _texts(series), pl.Series([label_text(label) for label in self.classes])
        numbers = pl.Series(range(len(self.classes)), dtype=pl.Int64)
        codes: np.ndarray = (
            series.replace_strict(known, numbers, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        )
        return codes

    def encode(self, values: Any) -> np.ndarray:
        """Labels as numbers: (m, 1) of 0 and 1 for two classes, (m, K) with one 1 a row for more.

        Raises:
            InputError: for a label that was not seen in training, or a missing one.
        """
        codes = self.codes(values)
        if (codes < 0).any():
            series = as_series(values, self.name)
            unknown = series.filter(pl.Series(codes < 0)).unique(maintain_order=True).head(5).to_list()
            named = isinstance(self.classes[0], str) and all(isinstance(label, int | float) for label in unknown)
            raise InputError(
                f"The target {self.name!r} must hold one of {_list(self.classes)}. Got {_list(unknown)}."
                f"{self._how_to_name_codes() if named else ''}"
            )
        one_hot = np.eye(len(self.classes))[codes]
        columns = slice(None) if len(self.classes) > 2 else [self.classes.index(self._positive)]
        return np.asarray(one_hot[:, columns])

    def _how_to_name_codes(self) -> str:
        """Codes are not read as places in `classes`: the file may count its classes in another order."""
        return (
            " The classes have names, and which number is which is not known: write the names as the target, or, in "
            "a .npz or .h5 file, beside it as the array class_names, in the order of the numbers."
        )

    def probabilities(self, A: Any) -> np.ndarray:
        """One column a class, in the order of `classes`: (m, K) float64 that sums to 1 in each row.

        Args:
            A: (m, 1) the probability of the positive class, or (m, K).
        """
        P = _columns(A, self.outputs)
        if len(self.classes) > 2:
            return P
        return np.hstack([P, 1 - P] if self.classes.index(self._positive) == 0 else [1 - P, P])

    def decode(self, A: Any, threshold: float = 0.5) -> np.ndarray:
        """Labels, (m,), in their own type.

        Args:
            A: (m, 1) the probability of the positive class, or (m, K): the largest wins, the first among equals.
            threshold: a probability above it makes the positive class. With two classes only.
        """
        P = _columns(A, self.outputs)
        if len(self.classes) > 2:
            places = P.argmax(axis=1)
        else:
            place = self.classes.index(self._positive)
            places = np.where(P[:, 0] > threshold, place, 1 - place)
        return np.asarray(self.labels[places])

    @property
    def labels(self) -> np.ndarray:
        """(K,) the classes as an array of their own type; texts as objects, which no longer text cuts short."""
        return np.array(self.classes, dtype=object if isinstance(self.classes[0], str) else None)

    @property
    def _positive(self) -> Label:
        return self.classes[-1] if self.positive is None else self.positive

    def to_json(self) -> dict[str, Any]:
        """What a file keeps. Labels keep their type: JSON has text, whole numbers, booleans and fractions."""
        return {"kind": "classes", "name": self.name, "classes": list(self.classes), "positive": self.positive}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> ClassTarget:
        """The target that `to_json` described."""
        return cls(facts["name"], tuple(facts["classes"]), facts["positive"])


@dataclass(frozen=True)
class NumberTarget:
    """Numbers, standardized for training, and back.

    Attributes:
        names: (k,) of the target columns.
        mean: (k,) of the training rows.
        std: (k,) population standard deviation of the training rows; 1 for a constant column.
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
    clip: bool = True

    @classmethod
    def fit(cls, values: Any, *, names: Sequence[str] = ("target",), clip: bool = True) -> NumberTarget:
        """Learn mean, spread and range of training rows, none of which is missing.

        Args:
            values: (m,) or (m, k) numbers.
            names: of the k columns; a single name is numbered where there are more.
            clip: keep predictions within the range of training.

        Raises:
            InputError: for no rows, or values that are no finite numbers.
        """
        Y = _numbers(values, names[0])
        k = Y.shape[1]
        names = tuple(names) if len(names) == k else tuple(f"{names[0]}_{j}" for j in range(1, k + 1))
        if not len(Y) or not np.isfinite(Y).all():
            raise InputError(
                f"The target {names[0]!r} must hold finite numbers in every training row. Got {_first_bad(Y)}."
            )
        mean, std = Y.mean(axis=0), Y.std(axis=0)
        constant = Y.min(axis=0) == Y.max(axis=0)  # a mean can round away from equal values, and their deviation from 0
        std = np.where(constant | (std == 0), 1.0, std)
        mean, std, low, high = (tuple(column.tolist()) for column in (mean, std, Y.min(axis=0), Y.max(axis=0)))
        return cls(names, mean, std, low, high, clip)

    @property
    def outputs(self) -> int:
        """Columns of the encoded target."""
        return len(self.names)

    def encode(self, values: Any) -> np.ndarray:
        """(y - mean) / std, as (m, k) float64.

        Raises:
            InputError: for values that are no numbers.
            ShapeError: for another number of columns.
        """
        Y = _numbers(values, self.names[0])
        if Y.shape[1] != self.outputs:
            raise ShapeError(f"The target must have {self.outputs} columns: {', '.join(self.names)}. Got {Y.shape[1]}.")
        return np.asarray((Y - np.array(self.mean)) / np.array(self.std))

    def decode(self, A: Any) -> np.ndarray:
        """A·std + mean, within the range of training if `clip`: (m, k) float64."""
        Y = _columns(A, self.outputs) * np.array(self.std) + np.array(self.mean)
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


Target = ClassTarget | NumberTarget


def target_from_json(facts: Mapping[str, Any]) -> Target:
    """The target that `to_json` of either kind described."""
    return ClassTarget.from_json(facts) if facts["kind"] == "classes" else NumberTarget.from_json(facts)


def _labels(values: Any, name: str) -> pl.Series:
    series = as_series(values, name)
    if series.dtype.is_temporal():
        return series.cast(pl.String)
    return series.cast(pl.String) if series.dtype == pl.Categorical else series


def _classes(series: pl.Series) -> tuple[Label, ...]:
    seen = series.drop_nulls().unique()
    if isinstance(series.dtype, pl.Enum):
        held = set(seen.to_list())
        return tuple(label for label in series.dtype.categories.to_list() if label in held)
    return tuple(seen.sort().to_list())


def _matching(positive: Any, classes: tuple[Label, ...]) -> Label:
    for label in classes:
        if label == positive or str(label).lower() == str(positive).lower():
            return label
    guess = did_you_mean(str(positive), map(str, classes))
    raise InputError(f"positive must be one of the classes {_list(classes)}. Got {positive!r}.{guess}")


def _texts(series: pl.Series) -> pl.Series:
    return pl.Series(
        series.name, [None if value is None else label_text(value) for value in series.to_list()], dtype=pl.String
    )


def label_text(label: Any) -> str:
    """A label as a file would have it: true and false for booleans.

    Example:
        >>> label_text(True), label_text(3)
        ('true', '3')
    """
    return str(label).lower() if isinstance(label, bool) else str(label)


def _numbers(values: Any, name: str) -> np.ndarray:
    if isinstance(values, pl.DataFrame):
        return np.hstack([_numbers(column, column.name) for column in values.get_columns()])
    if hasattr(values, "__array__") and getattr(values, "ndim", 1) == 2:
        values = np.asarray(values)
    if isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype.kind in "buif":
        return np.asarray(values, dtype=np.float64)
    series = as_series(values, name)
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise InputError(f"The target {name!r} must hold numbers for regression. Got {words_for(series.dtype)}.")
    return series.cast(pl.Float64).to_numpy().reshape(-1, 1)


def _columns(A: Any, outputs: int) -> np.ndarray:
    columns: np.ndarray = np.asarray(A, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.shape[1] != outputs:
        raise ShapeError(f"Predictions must have shape (m, {outputs}). Got {columns.shape}.")
    return columns


def _first_bad(Y: np.ndarray) -> str:
    rows = np.flatnonzero(~np.isfinite(Y).all(axis=1)) + 1
    return f"another value in row {rows[0]} ({len(rows)} rows in all)" if len(rows) else "no rows"


def _list(labels: Sequence[Any]) -> str:
    return ", ".join(map(repr, labels[:10])) + (", …" if len(labels) > 10 else "")
