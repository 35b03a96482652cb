"""Rows as networks read them, in which columns of the table take other values.

Conventions
-----------
* A column is changed as the table has it: all that was made of it (levels of a category, parts of a date, marks of
  gaps) changes together, and the encoding of one column knows nothing of the others. So encoded columns are put in the
  place of others, and nothing is encoded anew.
* Each network of an ensemble reads the rows in a way of its own; what they say is their mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.arrays import Array
from gradatim.model import Ensemble, Model
from gradatim.model.ensemble import networks_of
from gradatim.model.predictor import Predictor
from gradatim.tables import Encoded, Table, TableEncoder
from gradatim.tables.encoding.columns import LEFT_OUT


class Others(NamedTuple):
    """Values from other rows.

    Attributes:
        encoded: those rows, as each network reads them.
        rows: which of them: (m,), or a single one for all.
    """

    encoded: Sequence[Encoded]
    rows: Array | int


@dataclass(frozen=True)
class ReadRows:
    """Rows as a model reads them, dense.

    Attributes:
        model: that is asked.
        encoded: the rows, as each of its networks reads them.
        dtype: "float32" or "float64" of the computation.
    """

    model: Model | Ensemble
    encoded: tuple[Encoded, ...]
    dtype: str = "float64"

    @classmethod
    def of(cls, model: Model | Ensemble, table: Table, dtype: str = "float64") -> ReadRows:
        """Rows of a table."""
        return cls(model, encoded_by_each(model, table), dtype)

    @property
    def m(self) -> int:
        """How many rows."""
        return int(self.encoded[0].X.shape[0])

    @cached_property
    def _predictors(self) -> list[Predictor]:
        return [network.compiled_predictor(self.dtype) for network in networks_of(self.model)]

    def outputs(self, changed: Mapping[str, Others]) -> Array:
        """A[L], (m, outputs) float64, where columns have other values: their names → these values."""
        said = []
        for place, (network, predict) in enumerate(zip(networks_of(self.model), self._predictors, strict=True)):
            X, codes = self.encoded[place]
            if changed:
                X, codes = X.copy(), None if codes is None else codes.copy()
            for raw, others in changed.items():
                there, rows = others.encoded[place], np.atleast_1d(others.rows)
                of_X = np.flatnonzero([output.raw == raw for output in network.encoder.outputs])
                of_codes = np.flatnonzero([one.feature.raw == raw for one in network.encoder.embedded])
                X[:, of_X] = there.X[np.ix_(rows, of_X)]
                if codes is not None and there.codes is not None:
                    codes[:, of_codes] = there.codes[np.ix_(rows, of_codes)]
            said.append(np.asarray(predict(X, codes), dtype=np.float64))
        return self.model.mean_of(said) if isinstance(self.model, Ensemble) else said[0]


def encoded_by_each(model: Model | Ensemble, table: Table) -> tuple[Encoded, ...]:
    """Rows of a table as each network reads them; sparse ones made dense."""
    read = [network.encoder.encode(table) for network in networks_of(model)]
    return tuple(Encoded(X.toarray() if hasattr(X, "toarray") else X, codes) for X, codes in read)


def columns_read(encoder: TableEncoder) -> tuple[str, ...]:
    """The columns that the model reads, in the table's order; pictures aside."""
    read = set(encoder.inputs)
    return tuple(column.name for column in encoder.columns if column.name in read)


def require_read(encoder: TableEncoder, name: Any) -> str:
    """Refuse a column that the model does not read.

    Raises:
        InputError: with the reason why it was left out, or the name that was probably meant.
    """
    read = columns_read(encoder)
    if name in read:
        return str(name)
    for column in encoder.columns:
        if column.name == name and column.kind in LEFT_OUT:
            raise InputError(f"The column must be one that the model reads. Got {name!r}, left out: {column.reason}")
    listed = ", ".join(read[:12]) + (", …" if len(read) > 12 else "")
    known = listed or "none, as it reads pictures, or is constant"
    raise InputError(f"The column must be one that the model reads: {known}. Got {name!r}.{did_you_mean(name, read)}")
