"""Several labels, of which any number may be true of a row: multi-label classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError
from gradatim.tables.targets.class_target import ClassTarget
from gradatim.tables.targets.labels import Label, listed, matching
from gradatim.tables.targets.target_columns import Output, columns_of, outputs_of


@dataclass(frozen=True)
class LabelTarget:
    """Columns of two classes each, as columns of 0 and 1, and back.

    Attributes:
        columns: (k,) the target of each column, of two classes.

    Example:
        >>> target = LabelTarget.fit([["yes", "no"], ["no", "no"], ["no", "yes"]], names=("sport", "politics"))
        >>> target.encode([["no", "yes"]])
        array([[0., 1.]])
        >>> target.decode([[0.8, 0.3]]).tolist()
        [['yes', 'no']]

    Source: Nam et al. 2014 (arXiv 1312.5419, Large-scale multi-label text classification: revisiting neural
    networks): a sigmoid and a log loss for each label, above hidden layers that all labels share.
    """

    columns: tuple[ClassTarget, ...]

    @classmethod
    def fit(
        cls, values: Any, *, names: Sequence[str] = ("target",), positive: Any = None, constants: bool = False
    ) -> LabelTarget:
        """Learn the two classes of every column of training rows, none of which is missing.

        Args:
            values: (m, k) labels, k two or more: a dataframe, an array (0 and 1, booleans, texts), a list of rows.
            names: of the k columns. With a single name, those of the dataframe, or numbers behind it.
            positive: the class that 1 stands for in each column, as text, too; one that all columns hold. The last
                class of each without.
            constants: whether a column of 0 and 1, or of booleans, may hold one of the two alone: which the other is
                goes without saying. The part of a table that cross-validation trains on may lack a rare label.

        Raises:
            InputError: for a single column, for one that does not hold two classes, and for a positive class that a
                column lacks.
        """
        columns = columns_of(values, names)
        if len(columns) < 2:
            raise InputError(
                f"Several labels must be two columns or more, of two classes each. Got one, {columns[0].name!r}."
            )
        found = []
        for column in columns:
            both = _indicated(column) if constants else None
            target = ClassTarget.fit(column if both is None else both, name=column.name)
            if len(target.classes) > 2:
                raise InputError(
                    f"Each of several targets must hold two classes. Got {len(target.classes):,} in {column.name!r}: "
                    f"{listed(target.classes)}. Predict it alone, or make a column of yes and no for each of them."
                )
            if positive is not None:
                label = matching(positive, target.classes, f"positive, in {column.name!r},")
                target = replace(target, positive=label)
            found.append(target)
        return cls(tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """(k,) of the target columns."""
        return tuple(column.name for column in self.columns)

    @property
    def classes(self) -> tuple[tuple[Label, ...], ...]:
        """(k,) the two classes of each column, in order."""
        return tuple(column.classes for column in self.columns)

    @property
    def positive(self) -> tuple[Label, ...]:
        """(k,) the class of each column that 1 stands for."""
        return tuple(column.classes[-1] if column.positive is None else column.positive for column in self.columns)

    @property
    def labels(self) -> list[np.ndarray]:
        """(k,) the classes of each column as an array (2,) of their own type, as scikit-learn has ``classes_``."""
        return [column.labels for column in self.columns]

    @property
    def outputs(self) -> int:
        """Columns of the encoded target: k."""
        return len(self.columns)

    @property
    def output(self) -> Output:
        """A sigmoid for each label: one says nothing against another."""
        return "sigmoid"

    def codes(self, values: Any) -> np.ndarray:
        """The place of each label among the classes of its column: (m, k) int64, -1 for missing or unknown."""
        return np.column_stack([target.codes(column) for target, column in self._pairs(values)])

    def encode(self, values: Any) -> np.ndarray:
        """Labels as numbers: (m, k) of 0 and 1.

        Raises:
            InputError: for a label that was not seen in training, or a missing one; with the column's name.
            ShapeError: for another number of columns.
        """
        return np.hstack([target.encode(column) for target, column in self._pairs(values)])

    def probabilities(self, A: Any) -> np.ndarray:
        """The probability of each label's positive class: (m, k) float64, as scikit-learn's networks give it."""
        return outputs_of(A, self.outputs)

    def decode(self, A: Any, threshold: float = 0.5) -> np.ndarray:
        """Labels, (m, k), in their own type; as objects where columns differ in type.

        Args:
            A: (m, k) the probability of each positive class.
            threshold: a probability above it makes the positive class.
        """
        P = outputs_of(A, self.outputs)
        columns = [target.decode(P[:, [j]], threshold) for j, target in enumerate(self.columns)]
        alike = len({column.dtype for column in columns}) == 1
        return np.column_stack(columns if alike else [column.astype(object) for column in columns])

    def to_json(self) -> dict[str, Any]:
        """What a file keeps."""
        return {"kind": "labels", "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> LabelTarget:
        """The target that `to_json` described."""
        return cls(tuple(ClassTarget.from_json(column) for column in facts["columns"]))

    def _pairs(self, values: Any) -> Any:
        return zip(self.columns, columns_of(values, self.names), strict=True)


def _indicated(column: pl.Series) -> pl.Series | None:
    """The two classes of a column that says yes or no by 0 and 1; None for any other."""
    indicates = column.dtype == pl.Boolean or (
        column.dtype.is_numeric() and bool(((column == 0) | (column == 1)).all())
    )
    if not indicates:
        return None
    return pl.Series(column.name, [0, 1]).cast(column.dtype)
