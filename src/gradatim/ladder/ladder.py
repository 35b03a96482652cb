"""The climb: every rung is trained on the same rows, and scored on the same rows.

Conventions
-----------
* A ladder stands on one footing, rows that train and rows held out, or on several, the folds. The rows held out choose
  the epoch of a network in each, and all of them together the penalty of the linear model and the rung.
* On one footing the model that was scored is kept. With folds each rung is trained once more, on all their rows: with
  the penalty that the folds chose, for the mean of their best epochs, as shares of the epochs there could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.errors import DivergedError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.ladder.allowance import kept_steps, planned_epochs, steps_until
from gradatim.ladder.folds import Fold
from gradatim.ladder.footing import Footing
from gradatim.ladder.rungs import Rung
from gradatim.ladder.scoring import pooled_score
from gradatim.ladder.splits import Split
from gradatim.ladder.verdict import Score, Standing, better, gain
from gradatim.ladder.watcher import Watcher
from gradatim.model import Model
from gradatim.model.preparation import PreparedTable, Roles, number_target
from gradatim.model.training import train_prepared
from gradatim.settings import Settings
from gradatim.tables import NumberTarget, TableEncoder
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training import Checkpoint, Progress

WORTH_GOING_ON = 0.1
"""Weaker penalties are tried while each gains more than this part of a standard error: on many rows none matters, and
each takes longer to solve than the one before."""


@dataclass(frozen=True)
class TriedRung:
    """A rung, trained and scored.

    Attributes:
        rung: which one.
        model: trained on the training rows; where there are folds, on all of their rows.
        score: on the validation rows; where there are folds, on all of their rows, each predicted by the training that
            did not see it.
        seconds: that training took.
        folds: the models that were scored, one a fold; empty where `model` itself was.
    """

    rung: Rung
    model: Model
    score: Score
    seconds: float
    folds: tuple[Model, ...] = ()

    @property
    def standing(self) -> Standing:
        """What the verdict needs of it."""
        return Standing(self.rung.name, self.rung.title, self.rung.is_network, self.score)

    @property
    def scored(self) -> tuple[Model, ...]:
        """The models that the score is of: those of the folds, or the one that is kept."""
        return self.folds or (self.model,)


@dataclass(frozen=True)
class _Relay:
    """Hands the epochs of one training to the watcher, and ends it after so many."""

    watcher: Watcher
    rung: Rung
    epochs: int | None = None

    def on_epoch_end(self, progress: Progress) -> bool:
        self.watcher.epoch(self.rung, progress)
        return self.epochs is None or progress.epoch < self.epochs


@dataclass(frozen=True)
class _Compared:
    """A candidate of a rung: its number, its model on each footing, and their common score."""

    place: int
    models: tuple[Model, ...]
    score: Score


@dataclass(eq=False)
class Ladder:
    """Everything that the rungs share.

    Attributes:
        footings: the rows that train and those held out; several are folds.
        kept: the rows that a rung is trained on once more; None keeps the model of the one footing.
        settings: of the networks.
        widths: of their hidden layers.
        metric: by which epochs and rungs are chosen.
        rungs: to be climbed, the simplest first.
        diverged: why networks had no epoch to keep, by the name of the rung; filled by `climb`.
        checkpoints: an existing folder, in which trainings are kept and from which they go on, so that a run can be
            killed; None keeps none.
    """

    footings: tuple[Footing, ...]
    kept: Footing | None
    settings: Settings
    widths: tuple[int, ...]
    metric: Metric
    rungs: tuple[Rung, ...]
    checkpoints: Path | None = None
    diverged: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        examples: Examples,
        split: Split,
        *,
        target: Target,
        settings: Settings,
        rungs: tuple[Rung, ...],
        folds: Sequence[Fold] = (),
        **rest: Any,
    ) -> Ladder:
        """The ladder over the rows of a split that do not test.

        Args:
            examples: all rows.
            split: of them.
            target: fitted on the training rows, or, with folds, on all that do not test.
            settings: of the networks.
            rungs: to be climbed.
            folds: of all rows that do not test; without, the split says which rows train and which are held out.
            rest: widths and metric.
        """
        networks = any(rung.is_network for rung in rungs)

        def footing(roles: Roles, target: Target) -> Footing:
            return Footing(examples, roles, target, settings, networks)

        if not folds:
            held_out = footing(Roles(split.train, split.validation), target)
            return cls((held_out,), None, settings, rungs=rungs, **rest)
        kept = footing(Roles(split.development, None), target)
        options = kept.resolved(settings).network

        def target_of(rows: Array) -> Target:
            return number_target(examples, rows, options) if isinstance(target, NumberTarget) else target

        footings = tuple(footing(fold.roles, target_of(fold.roles.train)) for fold in folds)
        return cls(footings, kept, settings, rungs=rungs, **rest)

    @classmethod
    def on(cls, prepared: PreparedTable, examples: Examples, settings: Settings, rung: Rung, **rest: Any) -> Ladder:
        """One rung, on rows that are numbers already."""
        footing = Footing(examples, prepared.roles, prepared.target, settings, rung.is_network, given=prepared)
        return cls((footing,), None, settings, rungs=(rung,), **rest)

    @property
    def _last(self) -> Footing:
        return self.kept or self.footings[0]

    @property
    def examples(self) -> Examples:
        """All rows."""
        return self._last.examples

    @property
    def roles(self) -> Roles:
        """What rows are for in the training whose model is kept."""
        return self._last.roles

    @property
    def target(self) -> Target:
        """Of the models that are kept."""
        return self._last.target

    @property
    def encoder(self) -> TableEncoder:
        """Of the networks that are kept; where there is no network, of the linear model."""
        return self._last.encoder

    def climb(self, watcher: Watcher | None = None, *, seconds: float | None = None) -> tuple[TriedRung, ...]:
        """Train and score each rung, in order. One whose training diverges at once is left out, and told of.

        Args:
            watcher: is told how it goes.
            seconds: for all rungs together. What the simple ones leave is shared out to the networks, as one number of
                steps for each of their trainings, which `settings.max_steps` then holds.

        Raises:
            DivergedError: if no rung is left.
        """
        watcher = watcher or Watcher()
        ends = None if seconds is None else perf_counter() + seconds
        simple = [tried for rung in self.rungs if not rung.is_network for tried in self._tried(rung, watcher)]
        networks = [rung for rung in self.rungs if rung.is_network]
        if ends is not None and networks:
            steps = kept_steps(self.checkpoints, partial(self._steps_until, ends, networks))
            self.settings = replace(self.settings, max_steps=steps, max_epochs="preset")
        all_tried = (*simple, *(tried for rung in networks for tried in self._tried(rung, watcher)))
        if not all_tried:
            raise DivergedError(" ".join(dict.fromkeys(self.diverged.values())))
        return all_tried

    def _steps_until(self, ends: float, networks: Sequence[Rung]) -> int:
        used = [self._used(rung, self.footings[0]) for rung in networks]
        trainings = len(self.footings) + (self.kept is not None)
        return steps_until(self.footings[0], networks, used, self.metric, ends, trainings)

    def _tried(self, rung: Rung, watcher: Watcher) -> list[TriedRung]:
        """The rung; nothing where it diverged before there was an epoch to keep."""
        watcher.begins(rung)
        started = perf_counter()
        try:
            compared = self._compared(rung, watcher)
            if self.kept is None:
                tried = TriedRung(rung, compared.models[0], compared.score, perf_counter() - started)
            else:
                model = self._trained_once_more(rung, compared, watcher)
                tried = TriedRung(rung, model, compared.score, perf_counter() - started, compared.models)
        except DivergedError as error:
            self.diverged[rung.name] = str(error)
            return []
        watcher.ends(tried)
        return [tried]

    def score(self, rung: Rung, watcher: Watcher | None = None) -> Score:
        """The score of a rung alone, without a model to keep.

        Raises:
            DivergedError: if a training of it had no epoch to keep.
        """
        return self._compared(rung, watcher or Watcher()).score

    def _compared(self, rung: Rung, watcher: Watcher) -> _Compared:
        """The best candidate of a rung."""
        prepared = [footing.numbers_for(rung, self._used(rung, footing)) for footing in self.footings]
        best: _Compared | None = None
        for place in range(len(self._candidates(rung, self.footings[0]))):
            models = []
            for number, (footing, numbers) in enumerate(zip(self.footings, prepared, strict=True)):
                if len(prepared) > 1:
                    watcher.fold(rung, number + 1, len(prepared))
                start = None if best is None else best.models[number]
                models.append(self._trained(rung, footing, numbers, place, number, _Relay(watcher, rung), start))
            parts = zip(self.footings, models, prepared, strict=True)
            outcomes = [footing.outcome(model, numbers) for footing, model, numbers in parts]
            found = _Compared(place, tuple(models), pooled_score(outcomes, self.metric))
            before = best
            if best is None or better(self.metric, found.score, best.score):
                best = found
            if before is not None and not self._worth_going_on(found.score, before.score):
                break
        assert best is not None
        return best

    def _worth_going_on(self, score: Score, before: Score) -> bool:
        return gain(self.metric, score, before) > WORTH_GOING_ON * score.against(before)

    def _trained_once_more(self, rung: Rung, compared: _Compared, watcher: Watcher) -> Model:
        """On the rows of all folds."""
        assert self.kept is not None
        footing = self.kept
        used = self._used(rung, footing)
        epochs = None
        if rung.is_network:
            epochs = max(round(self._share_of_epochs(compared.models) * planned_epochs(used, footing.n_train)), 1)
        relay = _Relay(watcher, rung, epochs)
        model = self._trained(rung, footing, footing.numbers_for(rung, used), compared.place, None, relay)
        if epochs is None or model.training is None or model.training.stopped_because != "callback":
            return model
        message = f"Trained for {epochs} epochs, as long as the folds did best with."
        return replace(model, training=replace(model.training, message=message))

    def _share_of_epochs(self, models: Sequence[Model]) -> float:
        """Where the best epochs lie, on average, in the epochs there could be: rates and decay follow these."""
        planned = [planned_epochs(model.settings_, model.rows["train"]) for model in models]
        best = [model.training.best_epoch for model in models if model.training is not None]
        return float(np.mean([epoch / epochs for epoch, epochs in zip(best, planned, strict=True)]))

    def _trained(
        self,
        rung: Rung,
        footing: Footing,
        prepared: PreparedTable,
        place: int,
        fold: int | None,
        relay: _Relay,
        start: Model | None = None,
    ) -> Model:
        """One candidate on one footing; the fold is None for the model of all folds' rows."""
        settings = self._candidates(rung, footing)[place]
        whole = fold is None or len(self.footings) == 1
        name = f"{rung.name}-{place}" if whole else f"{rung.name}-{place}-fold-{fold}"
        # A network needs rows held out to choose its epoch by; the others see training rows only.
        model = train_prepared(
            prepared if rung.is_network else prepared.without_validation(),
            footing.resolved(settings),
            np.random.default_rng((settings.random_state or 0) + (fold or 0)),
            metric=self.metric if rung.is_network else None,
            start=None if start is None else start.vector,
            callbacks=(relay,),
            checkpoint=None if self.checkpoints is None else Checkpoint(self.checkpoints / name),
        )
        if model.training is not None and model.training.stopped_because == "interrupted":
            raise KeyboardInterrupt
        return model

    def _candidates(self, rung: Rung, footing: Footing) -> tuple[Settings, ...]:
        return rung.candidates(self.settings, self.widths, footing.n_train)

    def _used(self, rung: Rung, footing: Footing) -> Settings:
        return footing.resolved(self._candidates(rung, footing)[0])
