"""A trained model: everything that turns a raw row into a prediction, in one piece.

Conventions
-----------
* Rows come in (any table, or where to read one), columns go to the network, rows come out.
* Predictions are computed in float64 whatever the parameters' type, so that `Model.network_` gives the same to 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.engines.contract import ALL_ROWS, Data, Rows
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array, as_slice
from gradatim.formulas.losses import Loss
from gradatim.model.fitted import Fitted
from gradatim.model.predictor import Predictor
from gradatim.network import Architecture
from gradatim.settings import Settings
from gradatim.tables import Table, TableEncoder, table_of
from gradatim.tables.reading.pictures import as_one_picture
from gradatim.tables.targets import Target
from gradatim.training import History, TrainingResult

if TYPE_CHECKING:
    from gradatim.course import Network
    from gradatim.model.ensemble import Ensemble

NUMBERS_AT_ONCE = 2**24
"""Predicting encodes as many rows at once as make this many numbers, so that memory does not grow with the table."""


@dataclass(frozen=True, eq=False, repr=False)
class Model(Fitted):
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

    def table_of(self, rows: Any, *, query: str | None = None) -> Table:
        """A table as this model reads it.

        Pictures from files are brought to the size that it was trained on. An array of the very shape of one of its
        pictures is one picture, and not many of another shape.

        Args:
            rows: a `Table`, any dataframe or array, a path, or ``sample:NAME``.
            query: what to ask of a database.
        """
        shape = None if self.encoder.pixels is None else self.encoder.pixels.image_shape
        if shape is None:
            return table_of(rows, query=query)
        return as_one_picture(table_of(rows, image_shape=shape), shape)

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
        encoded = self.encoder.encode_few(rows)
        if encoded is not None:
            return self._predictor(*encoded)
        table = self.encoder.checked(self.table_of(rows))
        pieces = [self._predictor(*self.encoder.encode_checked(piece)) for piece in self._pieces(table)]
        return np.concatenate(pieces) if pieces else np.zeros((0, self.architecture.output.units))

    def outputs_of(self, data: Data, rows: Rows = ALL_ROWS) -> Array:
        """The same, of rows that are encoded already."""
        wanted = np.arange(data.m)[rows]
        pieces = []
        for start in range(0, len(wanted), self._at_once):
            some = wanted[start : start + self._at_once]
            piece: Rows = as_slice(some) or some
            codes = None if data.codes is None else data.codes[piece]
            pieces.append(self._predictor(data.X[piece], codes))
        return np.concatenate(pieces) if pieces else np.zeros((0, self.architecture.output.units))

    def compiled_predictor(self, dtype: str | None = None) -> Predictor:
        """The network made ready to predict: a function from encoded rows to A[L], near the speed of bare products.

        Args:
            dtype: "float32" or "float64" of the computation; None takes that of the parameters. In float32 it is twice
                as quick, and differs from `outputs` by some 1e-7 of the size of the scores.

        Example:
            >>> from gradatim.model import Settings, train_model
            >>> rows = np.arange(20.0).reshape(10, 2)
            >>> model = train_model(Settings(max_epochs=1, engine="textbook"), rows, rows[:, 0])
            >>> predict, (X, codes) = model.compiled_predictor(), model.encoder.encode(rows)
            >>> predict(X, codes).shape, predict.dtype
            ((10, 1), dtype('float32'))
        """
        return Predictor(self.architecture, self.vector, dtype or str(self.vector.dtype), self.settings_.n_threads)

    @cached_property
    def _predictor(self) -> Predictor:
        return self.compiled_predictor("float64")

    @property
    def _at_once(self) -> int:
        return max(NUMBERS_AT_ONCE // (self.architecture.members * max(self.architecture.n)), 1)

    def _pieces(self, table: Table) -> Iterator[Table]:
        yield from (table.take(slice(start, start + self._at_once)) for start in range(0, table.n_rows, self._at_once))

    @property
    def parameter_count(self) -> int:
        """P, the length of the vector."""
        return self.architecture.size

    def at(self, epoch: int | None = None, step: int | None = None) -> Model:
        """The model as it was after an epoch, or a step, of its training; 0 is before the first.

        Args:
            epoch: counted from 1.
            step: counted from 1, instead.

        Raises:
            InputError: if the training kept no such parameters: it needs ``record="epochs"`` or ``"steps"``. A model
                from a file has none, for a file keeps those of the best epoch only.
        """
        if self.training is None:
            raise InputError(
                "at(epoch=…) must be asked of a model that was trained just now. Got one from a file: a saved model "
                "keeps the parameters of its best epoch only."
            )
        recorded = self.training.recorded
        if recorded is None:
            raise InputError(
                "at(epoch=…) must be asked of a model that kept its epochs. Got one without: train it with "
                'record="epochs", or record="steps".'
            )
        return replace(self, vector=recorded.at(epoch=epoch, step=step))

    def summary(self) -> str:
        """Target and inputs, then the network layer by layer, with shapes and numbers of parameters."""
        from gradatim.model.summary import describe_model  # it needs the course's words, and predicting does not

        return describe_model(self).text()

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        from gradatim.model.summary import line

        return line(self)

    def _repr_html_(self) -> str:
        from gradatim.model.summary import describe_model

        return describe_model(self).html()

    def save(self, path: str | PathLike[str]) -> None:
        """Write one safetensors file, whole or not at all. `gradatim.load` reads it back.

        Raises:
            InputError: if the folder does not exist, or `path` is one.
        """
        from gradatim.exchange.model_file import save_model  # it reads models back, so it stands below this package

        save_model(self, path)


def load(path: str | PathLike[str]) -> Model | Ensemble:
    """Read a model file. No code in it is run, and scikit-learn is not needed.

    Args:
        path: written by `Model.save`, or by `Ensemble.save`.

    Raises:
        InputError: if there is no such file.
        ExchangeError: if it is damaged, no model of ours, or written by a later version.
    """
    from gradatim.exchange.model_file import load_model

    return load_model(path)
