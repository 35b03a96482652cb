"""One of two or more classes: 0 and 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.conversion import as_series
from gradatim.tables.targets.labels import Label, as_texts, classes_in, label_column, label_text, listed, matching
from gradatim.tables.targets.target_columns import Output, outputs_of


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
        series = label_column(values, name)
        classes = classes_in(series)
        if len(classes) < 2:
            got = f"one class, {listed(classes)}" if classes else "none"
            raise InputError(f"The target {name!r} must hold two classes or more. Got {got}: nothing to tell apart.")
        if positive is not None and len(classes) > 2:
            raise InputError(
                f"positive must be left out with more than two classes. Got {positive!r} and {listed(classes)}."
            )
        if len(classes) > 2:
            return cls(name, classes)
        return cls(name, classes, classes[-1] if positive is None else matching(positive, classes))

    @property
    def names(self) -> tuple[str, ...]:
        """(1,) of the target column, as `NumberTarget.names` has them."""
        return (self.name,)

    @property
    def outputs(self) -> int:
        """Columns of the encoded target: 1 for two classes, else one a class."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    @property
    def output(self) -> Output:
        """One sigmoid for two classes, a softmax for more."""
        return "sigmoid" if self.outputs == 1 else "softmax"

    def codes(self, values: Any) -> np.ndarray:
        """The place of each row's class in `classes`: (m,) int64, -1 for missing or unknown."""
        series = label_column(values, self.name)
        known = pl.Series(self.classes, strict=False)
        if series.dtype.is_numeric() != known.dtype.is_numeric():
            series, known = as_texts(series), pl.Series([label_text(label) for label in self.classes])
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
                f"The target {self.name!r} must hold one of {listed(self.classes)}. Got {listed(unknown)}."
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
        P = outputs_of(A, self.outputs)
        if len(self.classes) > 2:
            return P
        return np.hstack([P, 1 - P] if self.classes.index(self._positive) == 0 else [1 - P, P])

    def decode(self, A: Any, threshold: float = 0.5) -> np.ndarray:
        """Labels, (m,), in their own type.

        Args:
            A: (m, 1) the probability of the positive class, or (m, K): the largest wins, the first among equals.
            threshold: a probability above it makes the positive class. With two classes only.
        """
        P = outputs_of(A, self.outputs)
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
