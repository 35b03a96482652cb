"""What a rung stands on: which rows train and which are held out, and the table as numbers for the two.

A table becomes numbers once for all networks, and once for all candidates of the linear rung, whose numbers are not
bent (`Encoding.of`). The networks of an ensemble see other rows each, and read the table themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.ladder.rungs import BEST, Rung
from gradatim.ladder.scoring import Outcome
from gradatim.model import Ensemble, Model
from gradatim.model.bagging import CallbacksOf, CheckpointOf, Classes, ensemble_of, models_of
from gradatim.model.preparation import PreparedTable, Roles, prepare
from gradatim.model.training import encoding_for, resolved
from gradatim.settings import Settings, Task
from gradatim.tables import Encoding, NumberTarget, TableEncoder
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target


@dataclass(eq=False)
class Footing:
    """Rows of a table, and what they are as numbers.

    Attributes:
        examples: all rows.
        roles: which of them train, and which are held out: those score, and judge the epochs of a single network. None
            are, where a model is only to be trained.
        target: fitted on the training rows.
        settings: of the networks; their encoding and number type are read.
        networks: whether any model here has hidden layers.
        given: the table, where it has become numbers already, for all rungs alike; None makes them.
    """

    examples: Examples
    roles: Roles
    target: Target
    settings: Settings
    networks: bool = True
    given: PreparedTable | None = None

    @cached_property
    def encoder(self) -> TableEncoder:
        """The networks'; where there is no network, the linear model's."""
        dtype = self.settings.dtype if self.networks else "float64"
        task: Task = "regression" if isinstance(self.target, NumberTarget) else "classification"
        encoding = encoding_for(self.settings, task, linear=not self.networks, dtype=dtype)
        return TableEncoder.fit(self.examples.table, self.roles.train, encoding)

    @property
    def n_train(self) -> int:
        """How many rows train."""
        return len(self.roles.train)

    @property
    def classes(self) -> Classes | None:
        """The target where classes are predicted, None for numbers."""
        return None if isinstance(self.target, NumberTarget) else self.target

    def resolved(self, settings: Settings) -> Settings:
        """Settings as a training on these rows uses them."""
        return resolved(settings, self.classes, self.n_train)

    def numbers_for(self, rung: Rung, used: Settings) -> PreparedTable:
        """The rows as such a rung reads them.

        Args:
            rung: which one.
            used: resolved settings of one of its candidates, which all read the same.
        """
        if self.given is not None:
            return self.given
        if rung.is_network:
            return self._for_networks
        examples, encoding = self.examples, used.encoding
        if not rung.reads_columns:
            examples = replace(examples, table=examples.table.drop(examples.table.names))
        elif encoding == self.encoder.encoding:
            encoding = self.encoder
        target = self.target
        if isinstance(target, NumberTarget):  # the networks' clip would bend a line that goes on beyond its rows
            target = replace(target, clip=used.network.clip)
        return self._numbers(examples, target, encoding, used.dtype)

    @cached_property
    def _for_networks(self) -> PreparedTable:
        return self._numbers(self.examples, self.target, self.encoder, self.settings.dtype)

    def _numbers(
        self, examples: Examples, target: Target, encoding: Encoding | TableEncoder, dtype: str
    ) -> PreparedTable:
        """The rows that train as one block, below it those held out: L-BFGS takes the block without a copy."""
        train, held_out = self.roles.train, self.roles.held_out
        rows = train if held_out is None else np.concatenate([train, held_out])
        below = None if held_out is None else np.arange(len(train), len(rows))
        places = Roles(np.arange(len(train)), below)
        return prepare(examples, places, target, encoding, rows=rows, dtype=dtype)

    def ensemble(
        self,
        settings: Settings,
        metric: Metric,
        callbacks_of: CallbacksOf,
        checkpoint_of: CheckpointOf,
    ) -> Ensemble:
        """Networks of the rows that train: of these each holds out another part, which chooses its epoch.

        Args:
            settings: of each network.
            metric: that chooses their epochs.
            callbacks_of: see `ensemble_of`.
            checkpoint_of: see `ensemble_of`.

        Returns:
            The ensemble. The rows that its networks held out are those of the whole table.

        Raises:
            DivergedError: if one of the trainings diverges before there is an epoch to keep.
            KeyboardInterrupt: after Ctrl-C, also where all are whole: a run has more to do.
        """
        rows = self.roles.train
        found = ensemble_of(
            self.examples.take(rows),
            settings,
            self.classes,
            models=networks_of_an_ensemble(),
            metric=metric,
            callbacks_of=callbacks_of,
            checkpoint_of=checkpoint_of,
        )
        if found.message:
            raise KeyboardInterrupt
        held_out = None if found.held_out is None else tuple(rows[part] for part in found.held_out)
        return replace(found, held_out=held_out)

    def outcome(self, model: Model, prepared: PreparedTable) -> Outcome:
        """What a model that was trained here says about the rows held out."""
        return self._outcome(model, model.outputs_of(prepared.data, prepared.roles.held_out))

    def outcome_at(self, model: Model, epoch: int) -> Outcome:
        """What it said about them after that epoch of its training, which kept all it said."""
        assert model.training is not None
        return self._outcome(model, model.training.judged[epoch - 1].astype(np.float64))

    def outcome_of_ensemble(self, ensemble: Ensemble) -> Outcome:
        """What an ensemble that was trained here says about the rows held out, which none of its networks saw."""
        return self._outcome(ensemble, ensemble.outputs(self.examples.table.take(self.roles.held_out)))

    def _outcome(self, model: Model | Ensemble, outputs: Array) -> Outcome:
        return Outcome(model.target, self.examples.y[self.roles.held_out], outputs)


def networks_of_an_ensemble() -> int:
    """How many the preset "best" has."""
    return models_of(Settings(BEST), "classification")
