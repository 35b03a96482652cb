"""A trained model: everything that turns a raw row into a prediction, in one piece.

Conventions
-----------
* Rows come in (any table, or where to read one), columns go to the network, rows come out.
* Predictions are computed in float64 whatever the parameters' type, so that `Model.network_` gives the same to 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.engines import engine
from gradatim.engines.contract import Data
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import Loss
from gradatim.network import Architecture
from gradatim.settings import Settings, Task
from gradatim.tables import ClassTarget, Table, TableEncoder, table_of
from gradatim.tables.pictures import as_one_picture
from gradatim.tables.targets import Target
from gradatim.training import History, TrainingResult

if TYPE_CHECKING:
    from gradatim.course import Network

NUMBERS_AT_ONCE = 2**24
"""Predicting encodes as many rows at once as make this many numbers, so that memory does not grow with the table."""


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """Encoder, network and target in one piece. `train_model` makes one, `load` reads one back.

    Attributes:
        encoder: from a table to numbers and codes.
        architecture: of the network.
        vector: (P,) its parameters, float32 or float64.
        target: from outputs to labels or numbers.
        loss: that the network was trained to make small.
        settings_: as used: nothing is left to a preset, and the seed is there.
        training: how it came about: history, best epoch, why it stopped. None for a model read from a file.
        rows: how many rows trained ("train") and chose the epoch ("validation").
    """

    encoder: TableEncoder
    architecture: Architecture
    vector: Array
    target: Target
    loss: Loss
    settings_: Settings
    training: TrainingResult | None = None
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """Whether it predicts classes or numbers."""
        return "classification" if isinstance(self.target, ClassTarget) else "regression"

    @property
    def classes_(self) -> Array:
        """(K,) the labels, in the order of `predict_proba`'s columns.

        Raises:
            InputError: for a model of numbers.
        """
        if not isinstance(self.target, ClassTarget):
            raise InputError(
                f"classes_ must be asked of a model of classes. Got one of the number {self.target.names[0]!r}."
            )
        return self.target.labels

    @property
    def history_(self) -> History:
        """A row per epoch; empty for a model read from a file."""
        return History() if self.training is None else self.training.history

    @cached_property
    def network_(self) -> Network:
        """The network to open: its forward pass on `encode(rows)` gives what `predict_proba` gives.

        For numbers its outputs are standardized: y = output · standard deviation + mean of the training rows.
        """
        from gradatim.course import Network

        return Network.from_architecture(self.architecture, self.vector, self.loss)

    def table_of(self, rows: Any) -> Table:
        """A table as this model reads it.

        Pictures from files are brought to the size that it was trained on. An array of the very shape of one of its
        pictures is one picture, and not many of another shape.

        Args:
            rows: a `Table`, any dataframe or array, a path, or ``sample:NAME``.
        """
        pixels = self.encoder.pixels
        if pixels is None:
            return table_of(rows)
        return as_one_picture(table_of(rows, image_shape=pixels.image_shape), pixels.image_shape)

    def encode(self, rows: Any) -> Array:
        """Rows as the network's input.

        Args:
            rows: as for `table_of`, with the columns of training; others are left aside.

        Returns:
            (inputs, m) float64 columns, with one more line of codes below for each embedded category column.
        """
        encoded = self.encoder.encode(self.table_of(rows))
        X = encoded.X.toarray() if hasattr(encoded.X, "toarray") else encoded.X
        columns = [X.T] if encoded.codes is None else [X.T, encoded.codes.T]
        return np.vstack(columns).astype(np.float64)

    def outputs(self, rows: Any) -> Array:
        """A[L] as rows: (m, outputs) float64, before labels are chosen or numbers take their units back."""
        vector, computes = self.vector.astype(np.float64), engine(self.settings_.engine)
        pieces = [
            computes.predict(self.architecture, vector, Data(encoded.X.astype(np.float64), encoded.codes))
            for encoded in map(self.encoder.encode, self._pieces(self.table_of(rows)))
        ]
        return np.concatenate(pieces) if pieces else np.zeros((0, self.architecture.output.units))

    def _pieces(self, table: Table) -> Iterator[Table]:
        at_once = max(NUMBERS_AT_ONCE // max(self.architecture.n), 1)
        if table.n_rows <= at_once:
            yield table
        else:
            yield from (table.take(slice(start, start + at_once)) for start in range(0, table.n_rows, at_once))

    def predict(self, rows: Any) -> Array:
        """Labels in their own type, or numbers in their own units.

        Args:
            rows: as for `table_of`, with the columns of training, m rows.

        Returns:
            (m,); (m, k) for k > 1 targets.
        """
        decoded = self.target.decode(self.outputs(rows))
        return decoded[:, 0] if decoded.ndim == 2 and decoded.shape[1] == 1 else decoded

    def predict_proba(self, rows: Any) -> Array:
        """How probable each class is.

        Args:
            rows: as for `table_of`, with the columns of training, m rows.

        Returns:
            (m, K) float64, in the order of `classes_`; rows sum to 1.

        Raises:
            InputError: for a model of numbers.
        """
        if not isinstance(self.target, ClassTarget):
            raise InputError(
                f"predict_proba must be asked of a model of classes. Got one of the number {self.target.names[0]!r}: "
                "use predict."
            )
        return self.target.probabilities(self.outputs(rows))

    @property
    def parameter_count(self) -> int:
        """P, the length of the vector."""
        return self.architecture.size

    def summary(self) -> str:
        """What the network is, layer by layer, with shapes and numbers of parameters."""
        lines = [f"{self._what()}: {self.parameter_count:,} parameters, {self.vector.dtype}"]
        lines.append(f"  A[0] {self.architecture.n[0]} encoded inputs")
        lines += [f"  {block} {block.size:,} parameters" for block in self._blocks_before_layers()]
        return "\n".join(lines + [self._layer_line(l) for l in range(1, self.architecture.L + 1)])

    def _layer_line(self, l: int) -> str:
        layer, rate = self.architecture.dense[l - 1], self.architecture.dropout[l - 1]
        own = [block for block in self.architecture.blocks if block.name in (f"W{l}", f"b{l}", f"slope{l}")]
        dropped = f", dropout {rate:g}" if rate else ""
        parameters = f"{sum(block.size for block in own):,} parameters"
        return f"  layer {l}: {layer.units} × {layer.activation}{dropped}: {' · '.join(map(str, own))}, {parameters}"

    def _what(self) -> str:
        if isinstance(self.target, ClassTarget):
            return f"Classification of {self.target.name!r} into {len(self.target.classes)} classes"
        return f"Regression of {', '.join(map(repr, self.target.names))}"

    def _blocks_before_layers(self) -> list[Any]:
        first = self.architecture.block["W1"].start
        return [block for block in self.architecture.blocks if block.start < first]

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Model({self._what()}, n={self.architecture.n}, {self.parameter_count} parameters)"

    def save(self, path: str | PathLike[str]) -> None:
        """Write one safetensors file, whole or not at all. `gradatim.load` reads it back.

        Raises:
            InputError: if the folder does not exist, or `path` is one.
        """
        from gradatim.exchange.model_file import save_model  # it reads models back, so it stands below this package

        save_model(self, path)


def load(path: str | PathLike[str]) -> Model:
    """Read a model file. No code in it is run, and scikit-learn is not needed.

    Args:
        path: written by `Model.save`.

    Raises:
        InputError: if there is no such file.
        ExchangeError: if it is damaged, no model of ours, or written by a later version.
    """
    from gradatim.exchange.model_file import load_model

    return load_model(path)
