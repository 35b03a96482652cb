"""Several models that answer together: the mean of what they say.

Conventions
-----------
* Of classes the mean is that of probabilities, of numbers that of predictions in their own units.
* The models may have seen different rows, and then read and scale them each in its own way. What they predict, and the
  columns that they read, are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any, NoReturn

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.model.fitted import Fitted
from gradatim.model.model import Model
from gradatim.settings import Settings
from gradatim.tables import NumberTarget, Table, TableEncoder
from gradatim.tables.targets import Target
from gradatim.training import History


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble(Fitted):
    """Models that predict by their mean. `train_ensemble` makes one, `load` reads one back.

    Attributes:
        models: one or more, of the same target and the same columns.
        settings_: as used by each; the seed is that of the whole.
        held_out: for each model the rows of the table that it did not train on, as sorted indices; None for an ensemble
            from a file, or where all trained on all rows.
        message: that Ctrl-C ended the trainings, and how many models were whole by then; empty where it did not.
        target: from outputs to labels or numbers. The outputs of numbers are in their own units already.

    Source: Breiman 1996, "Bagging predictors"; Krogh & Vedelsby 1995, who let each network leave out other rows, and
        show that the mean errs less than the networks do on average, by as much as they disagree.
    """

    models: tuple[Model, ...]
    settings_: Settings
    held_out: tuple[Array, ...] | None = None
    message: str = ""
    target: Target = field(init=False)

    def __post_init__(self) -> None:
        _refuse_others(self.models)
        targets = [model.target for model in self.models]
        numbers = [target for target in targets if isinstance(target, NumberTarget)]
        object.__setattr__(self, "target", _in_own_units(numbers) if numbers else targets[0])

    @property
    def encoder(self) -> TableEncoder:
        """Of the first model: which columns are read. The others read the same ones, each with its own scales."""
        return self.models[0].encoder

    @property
    def parameter_count(self) -> int:
        """Of all models together."""
        return sum(model.parameter_count for model in self.models)

    @property
    def history_(self) -> History:
        """A row per epoch of each model, one model after another; ``model`` counts them from 1."""
        return History(
            tuple({"model": number, **row} for number, model in enumerate(self.models, 1) for row in model.history_)
        )

    @property
    def network_(self) -> NoReturn:
        """Refused: there are several.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"network_ must be asked of one model. Got an ensemble of {len(self.models)}: open models[0].network_."
        )

    def at(self, epoch: int | None = None, step: int | None = None) -> NoReturn:
        """Refused: each model chose an epoch of its own.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"at(epoch=…) must be asked of one model. Got an ensemble of {len(self.models)}, each of which chose an "
            f"epoch of its own: ask models[0].at(epoch=…)."
        )

    def table_of(self, rows: Any, *, query: str | None = None) -> Table:
        """A table as these models read it; see `Model.table_of`."""
        return self.models[0].table_of(rows, query=query)

    def outputs(self, rows: Any) -> Array:
        """The mean of what the models say: (m, outputs) float64.

        Args:
            rows: as for `Model.table_of`, with the columns of training, m rows.

        Returns:
            Of classes probabilities A[L]; of numbers, otherwise than a model's, predictions in their own units.
        """
        # Read once, whatever it is. An array is left as it is: of a few rows each model makes numbers without a table.
        table = rows if isinstance(rows, np.ndarray) else self.table_of(rows)
        return self.mean_of([model.outputs(table) for model in self.models])

    def mean_of(self, outputs: Sequence[Array]) -> Array:
        """What the models say together, from what each of them says.

        Args:
            outputs: A[L] of each model, (m, outputs), on the same rows.
        """
        said = (_in_units_of(model.target, A) for model, A in zip(self.models, outputs, strict=True))
        return np.asarray(sum(said) / len(self.models))

    def outputs_out_of_fold(self, rows: Any) -> Array:
        """What the models say of the rows of training, each row asked of those that did not train on it.

        A row is judged by one model, as a rule, and not by the mean of all: the ensemble is better than this. But the
        row also helped to choose the epoch of that model, and so it is a little flattered: compare ensembles on rows,
        or folds, that none of their models has seen, and calibrate there.

        Args:
            rows: the table of training, whole and in the same order.

        Returns:
            (m, outputs) as `outputs` has them; NaN in rows that every model trained on.

        Raises:
            InputError: where it is not known which rows were held out, and for a table that is too short.

        Example:
            >>> from gradatim.model import Settings, train_ensemble
            >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
            >>> ensemble = train_ensemble(Settings("plain", max_epochs=2, random_state=0), X, X[:, 0], models=4)
            >>> ensemble.outputs_out_of_fold(X).shape
            (40, 1)
        """
        if self.held_out is None:
            raise InputError(
                "outputs_out_of_fold must be asked of an ensemble that was trained just now, and held rows out. Got "
                "one from a file, or one whose epochs were chosen by rows of their own, or by none."
            )
        table = self.table_of(rows)
        last = max(int(held.max()) for held in self.held_out)
        if last >= table.n_rows:
            raise InputError(f"rows must be those of training, {last + 1:,} or more. Got {table.n_rows:,}.")
        total, count = np.zeros((table.n_rows, self.target.outputs)), np.zeros((table.n_rows, 1))
        for model, held in zip(self.models, self.held_out, strict=True):
            total[held] += _in_units_of(model.target, model.outputs(table.take(held)))
            count[held] += 1
        return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)

    def summary(self) -> str:
        """How many models there are, and the first of them."""
        from gradatim.model.summary import describe_ensemble

        return describe_ensemble(self).text()

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Ensemble({len(self.models)} × {self.models[0]!r})"

    def _repr_html_(self) -> str:
        from gradatim.model.summary import describe_ensemble

        return describe_ensemble(self).html()

    def save(self, path: str | PathLike[str]) -> None:
        """Write all models into one safetensors file, whole or not at all. `gradatim.load` reads it back.

        Raises:
            InputError: if the folder does not exist, or `path` is one.
        """
        from gradatim.exchange.model_file import save_model  # it reads models back, so it stands below this package

        save_model(self, path)


def networks_of(model: Model | Ensemble) -> tuple[Model, ...]:
    """The models of an ensemble; one that stands alone is its own."""
    return model.models if isinstance(model, Ensemble) else (model,)


def _in_units_of(target: Target, outputs: Array) -> Array:
    """The outputs of a model in the units of its target: models that saw other rows have other scales."""
    return target.decode(outputs) if isinstance(target, NumberTarget) else outputs


def _in_own_units(targets: Sequence[NumberTarget]) -> NumberTarget:
    """A target whose outputs are the numbers themselves, within the range that any of the models has seen."""
    k = len(targets[0].names)
    low = tuple(map(min, zip(*(target.low for target in targets), strict=True)))
    high = tuple(map(max, zip(*(target.high for target in targets), strict=True)))
    return replace(targets[0], mean=(0.0,) * k, std=(1.0,) * k, low=low, high=high, clip=False)


def _refuse_others(models: Sequence[Model]) -> None:
    """Refuse models whose answers have no mean."""
    if not models:
        raise InputError("models must be one or more. Got none.")
    for name, of in (("predict the same", _predicted), ("read the same columns", _read)):
        first, *others = [of(model) for model in models]
        for number, other in enumerate(others, 2):
            if other != first:
                raise InputError(
                    f"models must {name}. Got another in model {number} than in the first: "
                    f"{other:.200} and {first:.200}."
                )


def _predicted(model: Model) -> str:
    """As text, in which 1 is not True. Of numbers the scale may differ, of classes nothing."""
    return repr(("numbers", model.target.names) if isinstance(model.target, NumberTarget) else model.target)


def _read(model: Model) -> str:
    encoder = model.encoder
    shape = None if encoder.pixels is None else encoder.pixels.image_shape
    return repr(([column.name for column in encoder.columns], encoder.is_sparse, shape))
