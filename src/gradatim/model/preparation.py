"""From a table and its targets to the numbers that a training takes, and which of the rows are for what.

Conventions
-----------
* Classes are those of all rows. Encoding, and the scale of numbers, are fitted on the training rows only.
* Rows of weight 0 take no part: they neither train nor are drawn to choose the epoch. Weights of rows, and of their
  classes, count where the epoch is chosen as they do in training.
* The rows of a validation table of its own stand below the others in one `Data`, and are held out there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from gradatim.engines.contract import Data
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.model.outcomes import observed
from gradatim.settings import NetworkOptions
from gradatim.tables import ClassTarget, Encoding, LabelTarget, NumberTarget, TableEncoder, task_of
from gradatim.tables.conversion import as_series
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training.split import rows_to_train_and_judge, strata
from gradatim.training.weights import class_weights


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
class PreparedTable:
    """A table as numbers, how it became so, and what its rows are for.

    Attributes:
        encoder: fitted on the training rows.
        target: likewise.
        data: all rows, those of a validation table last.
        roles: of the rows of `data`.
        observed: what happened in the rows held out, as metrics take it; None where there are none.
    """

    encoder: TableEncoder
    target: Target
    data: Data
    roles: Roles
    observed: Array | None = None

    def without_validation(self) -> PreparedTable:
        """The same, with nothing to choose an epoch by."""
        return replace(self, roles=replace(self.roles, held_out=None), observed=None)


def classes_of(
    examples: Examples, task: str, positive: Any, labels: Any = None, *, constants: bool = False
) -> ClassTarget | LabelTarget | None:
    """The classes of the target, or of each target; None where numbers are to be predicted.

    Args:
        examples: all rows.
        task: "classification", "regression", or "auto" to go by the values.
        positive: see `ClassTarget.fit`.
        labels: of all classes, where the rows may lack some; of several targets the two of each. None takes those of
            the rows.
        constants: see `LabelTarget.fit`.
    """
    if task_of(examples.y, task)[0] == "regression":
        return None
    if examples.several:
        Y = examples.y if labels is None else _labels_of_each(labels, examples.names)
        return LabelTarget.fit(Y, names=examples.names, positive=positive, constants=constants)
    return ClassTarget.fit(examples.y if labels is None else labels, name=examples.target, positive=positive)


def _labels_of_each(labels: Any, names: Sequence[str]) -> pl.DataFrame:
    """The two labels of each target, as `classes_` has them, as a table of two rows."""
    if len(labels) != len(names) or any(np.shape(both) != (2,) for both in labels):
        raise InputError(
            f"classes must be a list of two labels for each of the {len(names)} targets, such as "
            f"{[[0, 1]] * len(names)}. Got {labels!r}."
        )
    return pl.DataFrame([as_series(both, name) for name, both in zip(names, labels, strict=True)])


def roles_of(examples: Examples, target: Target | None, share: Any, given: Any, rng: np.random.Generator) -> Roles:
    """Which rows train, and which choose the epoch; see `rows_to_train_and_judge`.

    Raises:
        InputError: if all rows that count are given to choose the epoch.
    """
    # A batch of rows that count nothing has no mean loss. They go before the draw: no seed may leave none to train on.
    counting = np.arange(examples.n_rows) if examples.weights is None else np.flatnonzero(examples.weights > 0)
    if given is not None:
        train, held_out = rows_to_train_and_judge(examples.n_rows, None, None, given, rng)
        train = np.intersect1d(train, counting)
        if not len(train):
            raise InputError(
                "Rows of weight above 0 must be left to train on. Got none: validation_rows takes all of them. Choose "
                "the epoch by fewer rows, or weigh others."
            )
        return Roles(train, held_out)
    classes = None if target is None or isinstance(target, NumberTarget) else strata(target.codes(examples.y)[counting])
    groups = None if examples.groups is None else examples.groups[counting]
    train, drawn = rows_to_train_and_judge(len(counting), classes, share, None, rng, groups)
    return Roles(counting[train], None if drawn is None else counting[drawn])


def number_target(examples: Examples, rows: Array, network: NetworkOptions) -> NumberTarget:
    """The numbers of the training rows: their scale is that of the network's outputs.

    Args:
        examples: all rows.
        rows: the training rows.
        network: resolved. What its last layer cannot reach below 0 is scaled, but not centred; with its clip,
            predictions stay within the range of the training rows.

    Raises:
        InputError: for targets that are no numbers, and negative ones that such an output cannot reach, in any row.
    """
    centred = network.output_activation == "identity"
    if not centred:  # asked of all rows, so that the message can name the caller's, and none slips into validation
        NumberTarget.fit(examples.y, names=examples.names, centred=False)
    return NumberTarget.fit(examples.y[rows], names=examples.names, centred=centred, clip=network.clip)


def prepare(
    examples: Examples,
    roles: Roles,
    target: Target,
    encoding: Encoding | TableEncoder,
    *,
    rows: Array | None = None,
    dtype: str = "float32",
    class_weight: Any = None,
    validation: Examples | None = None,
) -> PreparedTable:
    """Fit the encoding and encode.

    Args:
        examples: all rows of the table.
        roles: of these rows; where `rows` are given, places among those.
        target: fitted.
        encoding: settings, or an encoder that is fitted already.
        rows: which become numbers, in this order; None takes all as they stand.
        dtype: of the numbers.
        class_weight: None, "balanced", or a dictionary label → weight. It weighs the rows of `validation` too.
        validation: rows of their own to choose the epoch by.

    Raises:
        InputError: for columns, targets or class weights that cannot be used.
    """
    train = roles.train if rows is None else rows[roles.train]
    if isinstance(encoding, Encoding):
        encoding = TableEncoder.fit(examples.table, train, encoding)
    of_class = _weights_of_classes(examples, train, target, class_weight)
    data = _data(encoding, target, _weighted(examples, target, of_class), dtype, rows)
    if validation is None:
        held = roles.held_out if rows is None or roles.held_out is None else rows[roles.held_out]
        return PreparedTable(
            encoding, target, data, roles, None if held is None else observed(target, examples.y[held])
        )
    own = _data(encoding, target, _weighted(validation, target, of_class), dtype)
    held_out = np.arange(data.m, data.m + own.m)
    happened = observed(target, validation.y)
    return PreparedTable(encoding, target, _stacked(data, own), replace(roles, held_out=held_out), happened)


def _weights_of_classes(examples: Examples, train: Array, target: Target, class_weight: Any) -> Array | None:
    """(K,) by code; None where all classes count the same."""
    if class_weight is None:
        return None
    if not isinstance(target, ClassTarget):
        what = "numbers" if isinstance(target, NumberTarget) else "several targets"
        cure = "weigh rows by sample_weight, or predict each target by a model of its own"
        raise InputError(
            f"class_weight must be None where {what} are predicted. Got {class_weight!r}"
            f"{'.' if isinstance(target, NumberTarget) else f': a row has several classes at once; {cure}.'}"
        )
    return class_weights(class_weight, target.classes, target.codes(examples.y)[train])


def _weighted(examples: Examples, target: Target, of_class: Array | None) -> Examples:
    """The same rows, their weights times those of their classes."""
    if of_class is None:
        return examples
    assert isinstance(target, ClassTarget)
    weights = of_class[target.codes(examples.y)]
    return replace(examples, weights=weights if examples.weights is None else weights * examples.weights)


def _data(encoder: TableEncoder, target: Target, examples: Examples, dtype: str, rows: Array | None = None) -> Data:
    encoded = encoder.encode(examples.table, rows)
    y, weights = examples.y, examples.weights
    if rows is not None:
        y, weights = y[rows], None if weights is None else weights[rows]
    Y = target.encode(y).astype(dtype)
    weights = None if weights is None else weights.astype(dtype)
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
