"""From a table and its targets to the numbers that a training takes, and which of the rows are for what.

Conventions
-----------
* Classes are those of all rows. Encoding, and the scale of numbers, are fitted on the training rows only.
* Rows of weight 0 do not train; among the rows that choose the epoch every row counts once.
* The rows of a validation table of its own stand below the others in one `Data`, and are held out there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from gradatim.engines.contract import Data
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.settings import Settings
from gradatim.tables import ClassTarget, NumberTarget, Table, TableEncoder, task_of
from gradatim.tables.conversion import as_series
from gradatim.tables.targets import Target, present
from gradatim.training.split import rows_to_train_and_judge
from gradatim.training.weights import checked_weights, class_weights


@dataclass(frozen=True)
class Roles:
    """What rows are for, as sorted row indices.

    Attributes:
        train: rows that steps are taken on, and that encoding and scale are fitted on.
        held_out: rows that choose the epoch, or None.
    """

    train: Array
    held_out: Array | None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each role."""
        return {"train": len(self.train), "validation": 0 if self.held_out is None else len(self.held_out)}


@dataclass(frozen=True)
class LabelledRows:
    """Rows, what happened in each, and how much each counts.

    Attributes:
        table: (m rows) to predict from.
        y: (m,) a series of labels or numbers, or (m, k) numbers; row indices can be taken of it.
        weights: (m,) float64; None counts each row once.
    """

    table: Table
    y: Any
    weights: Array | None = None

    @classmethod
    def of(cls, X: Any, y: Any, weights: Any = None) -> LabelledRows:
        """Rows from whatever people hold.

        Args:
            X: anything that `Table.from_any` takes, m rows.
            y: (m,), (m, 1) or (m, k).
            weights: (m,) numbers of 0 or more, or None.

        Raises:
            ShapeError: where lengths differ.
            InputError: for a table or weights that are none, or a y that is missing somewhere.
        """
        table, y = Table.from_any(X), _column(y)
        if len(y) != table.n_rows:
            raise ShapeError(f"y must have one value for each of the {table.n_rows} rows of X. Got {len(y)}.")
        _require_present(y)
        return cls(table, y, None if weights is None else checked_weights(weights, table.n_rows))

    def classes(self, task: str, name: str, positive: Any) -> ClassTarget | None:
        """The classes of y; None where y is to be predicted as numbers.

        Args:
            task: "classification", "regression", or "auto" to go by the values.
            name: of the target.
            positive: see `ClassTarget.fit`.
        """
        several_numbers = getattr(self.y, "ndim", 1) > 1
        if several_numbers or task_of(self.y, task)[0] == "regression":
            return None
        return ClassTarget.fit(self.y, name=name, positive=positive)

    def roles(self, classes: ClassTarget | None, share: Any, given: Any, rng: np.random.Generator) -> Roles:
        """Which rows train, and which choose the epoch; see `rows_to_train_and_judge`."""
        strata = None if classes is None else classes.codes(self.y)
        train, held_out = rows_to_train_and_judge(self.table.n_rows, strata, share, given, rng)
        if self.weights is not None:
            train = train[self.weights[train] > 0]  # a batch of rows that count nothing has no mean loss
        return Roles(train, held_out)


@dataclass(frozen=True)
class PreparedTable:
    """A table as numbers, how it became so, and what its rows are for.

    Attributes:
        encoder: fitted on the training rows.
        target: likewise.
        data: all rows, those of a validation table last.
        roles: of the rows of `data`.
    """

    encoder: TableEncoder
    target: Target
    data: Data
    roles: Roles


def prepare(
    examples: LabelledRows, roles: Roles, target: Target, settings: Settings, validation: LabelledRows | None = None
) -> PreparedTable:
    """Fit the encoding and encode.

    Args:
        examples: all rows of the table.
        roles: of these rows.
        target: fitted.
        settings: resolved, the encoding too; encoding, class_weight and dtype are read.
        validation: rows of their own to choose the epoch by.

    Raises:
        InputError: for columns, targets or class weights that cannot be used.
    """
    encoder = TableEncoder.fit(examples.table, roles.train, settings.encoding)
    weighted = replace(examples, weights=_weights(examples, roles, target, settings.class_weight))
    data = _data(encoder, target, weighted, settings.dtype)
    if validation is None:
        return PreparedTable(encoder, target, data, roles)
    own = _data(encoder, target, validation, settings.dtype)
    held_out = np.arange(data.m, data.m + own.m)
    return PreparedTable(encoder, target, _stacked(data, own), replace(roles, held_out=held_out))


def number_target(examples: LabelledRows, roles: Roles, name: str) -> NumberTarget:
    """The numbers of the training rows: their scale is that of the network's outputs."""
    return NumberTarget.fit(examples.y[roles.train], names=(name,), clip=False)


def _require_present(y: Any) -> None:
    """Asked here, before rows are drawn, so that the message can name the caller's rows."""
    several = getattr(y, "ndim", 1) > 1
    there = np.isfinite(np.asarray(y, dtype=np.float64)).all(axis=1) if several else present(y)
    if not there.all():
        lost = np.flatnonzero(~there)
        raise InputError(
            f"y must hold a finite number or a label in every row. Got missing, NaN or inf in {len(lost):,} of "
            f"{len(y):,} rows, first in row {lost[0]} (counted from 0). Leave those rows out: they teach nothing."
        )


def _column(y: Any) -> Any:
    """The target as something that row indices can be taken of."""
    if getattr(y, "ndim", 1) == 2 or (hasattr(y, "columns") and hasattr(y, "to_numpy")):
        values = np.asarray(y)
        return values if values.shape[1] > 1 else as_series(values[:, 0])
    return as_series(y)


def _weights(examples: LabelledRows, roles: Roles, target: Target, class_weight: Any) -> Array | None:
    """Weights of rows times those of their classes."""
    if class_weight is None:
        return examples.weights
    if not isinstance(target, ClassTarget):
        raise InputError(f"class_weight must be None where numbers are predicted. Got {class_weight!r}.")
    of_class = class_weights(class_weight, target.classes, target.codes(examples.y), roles.train)
    return of_class if examples.weights is None else of_class * examples.weights


def _data(encoder: TableEncoder, target: Target, rows: LabelledRows, dtype: str) -> Data:
    encoded = encoder.encode(rows.table)
    Y = target.encode(rows.y).astype(dtype)
    weights = None if rows.weights is None else rows.weights.astype(dtype)
    return Data(encoded.X.astype(dtype, copy=False), encoded.codes, Y, weights)


def _stacked(*parts: Data) -> Data:
    """Rows of all parts, one below the other; a part without weights counts each row once."""
    X = [part.X for part in parts]
    codes = [part.codes for part in parts if part.codes is not None]
    Y = [part.Y for part in parts if part.Y is not None]
    weights = [np.ones(part.m) if part.weights is None else part.weights for part in parts]
    return Data(
        sparse.vstack(X, format="csr") if sparse.issparse(X[0]) else np.vstack(X),
        np.vstack(codes) if codes else None,
        np.vstack(Y),
        np.concatenate(weights).astype(Y[0].dtype),
    )
