"""The climb: every rung is trained on the same rows, and scored on the same rows.

Conventions
-----------
* A ladder stands on one footing, rows that train and rows held out, or on several, the folds. The rows held out choose
  the rung, all of them together, and before that the penalty of the linear model and the epoch of a network: of one
  footing its own, and in each of several folds the one that the others find best.
* On one footing the model that was scored is kept. With folds each rung is trained once more, on all their rows: with
  the penalty that the folds chose, for the mean of their best epochs, as shares of the epochs there could be.
* The networks of an ensemble hold out parts of the rows that train, drawn at random even where rows have an order, and
  choose their epochs by those. So the rows that score it choose nothing of it: beside it a single network, whose epoch
  they choose, stands too well, on few rows by much.
* An ensemble is five trainings on each footing, and with folds five more on all rows: 30 with five folds. On one
  footing the one that was scored is kept, as of every rung, and was trained on 64 % of the rows that do not test,
  network for network; `gradatim.model.train_ensemble` takes all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.errors import DivergedError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.ladder.allowance import Allowance, allowance_until, kept_allowance, planned_epochs
from gradatim.ladder.clock import SHARE_OF_SIMPLE, Clock, Until
from gradatim.ladder.epochs import epochs_by_others, share_of_epochs
from gradatim.ladder.folds import Fold
from gradatim.ladder.footing import Footing, networks_of_an_ensemble
from gradatim.ladder.relays import JointRelay, Relay
from gradatim.ladder.rungs import Rung
from gradatim.ladder.scoring import Outcome, pooled_score
from gradatim.ladder.splits import Split
from gradatim.ladder.verdict import Score, Standing, better, gain
from gradatim.ladder.watcher import Watcher
from gradatim.model import Ensemble, Model
from gradatim.model.bagging import rounds_of
from gradatim.model.preparation import PreparedTable, Roles, number_target
from gradatim.model.training import train_prepared
from gradatim.settings import Settings
from gradatim.tables import NumberTarget, TableEncoder
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training import Callback, Checkpoint

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
    model: Model | Ensemble
    score: Score
    seconds: float
    folds: tuple[Model | Ensemble, ...] = ()

    @property
    def standing(self) -> Standing:
        """What the verdict needs of it."""
        return Standing(self.rung.name, self.rung.title, self.rung.is_network, self.score)

    @property
    def scored(self) -> tuple[Model | Ensemble, ...]:
        """The models that the score is of: those of the folds, or the one that is kept."""
        return self.folds or (self.model,)

    @property
    def trainings(self) -> dict[int | None, Model]:
        """Those of the folds by number, from 1, and that of the model under None; of an ensemble only its networks."""
        if isinstance(self.model, Ensemble):
            return dict(enumerate(self.model.models, 1))
        folds = (model for model in self.folds if isinstance(model, Model))
        return {**dict(enumerate(folds, 1)), None: self.model}


@dataclass(frozen=True)
class _Compared:
    """A candidate of a rung: its number, its model on each footing, and their common score."""

    place: int
    models: tuple[Model, ...]
    score: Score


@dataclass(frozen=True)
class _ComparedEnsembles:
    """An ensemble on each footing, and their common score."""

    models: tuple[Ensemble, ...]
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
    _simple_ends: float | None = field(default=None, init=False)
    _clock: Clock | None = field(default=None, init=False)

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
                steps for each of their trainings, which `settings.max_steps` then holds. A training that takes longer
                than was measured is ended by the clock.

        Raises:
            DivergedError: if no rung is left.
        """
        watcher = watcher or Watcher()
        ends = None if seconds is None else perf_counter() + seconds
        networks = [rung for rung in self.rungs if rung.is_network]
        if ends is not None and seconds is not None:
            self._simple_ends = ends - (1 - SHARE_OF_SIMPLE) * seconds if networks else ends
        simple = [tried for rung in self.rungs if not rung.is_network for tried in self._tried(rung, watcher)]
        if ends is not None and networks:
            allowance = kept_allowance(self.checkpoints, partial(self._allowance_until, ends, networks))
            self.settings = replace(self.settings, max_steps=allowance.steps, max_epochs="preset")
            self._clock = Clock(ends, allowance, [rung.name for rung in networks], self._trainings)
        all_tried = (*simple, *(tried for rung in networks for tried in self._tried(rung, watcher)))
        if not all_tried:
            raise DivergedError(" ".join(dict.fromkeys(self.diverged.values())))
        return all_tried

    @property
    def _trainings(self) -> int:
        """Of each network."""
        return len(self.footings) + (self.kept is not None)

    def _allowance_until(self, ends: float, networks: Sequence[Rung]) -> Allowance:
        used = [self._used(rung, self.footings[0]) for rung in networks]
        return allowance_until(self.footings[0], networks, used, self.metric, ends, self._trainings)

    def _until(self, rung: Rung) -> Until | None:
        """What ends the next training of a rung in time; None without a budget."""
        if rung.is_network:
            return None if self._clock is None else Until(perf_counter() + self._clock.for_the_next(rung.name))
        return None if self._simple_ends is None else Until(self._simple_ends)

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

    def _compared(self, rung: Rung, watcher: Watcher) -> _Compared | _ComparedEnsembles:
        return (self._compared_ensembles if rung.is_ensemble else self._best_candidate)(rung, watcher)

    def _compared_ensembles(self, rung: Rung, watcher: Watcher) -> _ComparedEnsembles:
        told = self._told(rung, watcher)
        ensembles = tuple(self._ensemble(rung, footing, number, watcher) for number, footing in told)
        pairs = zip(self.footings, ensembles, strict=True)
        outcomes = [footing.outcome_of_ensemble(ensemble) for footing, ensemble in pairs]
        return _ComparedEnsembles(ensembles, pooled_score(outcomes, self.metric))

    def _best_candidate(self, rung: Rung, watcher: Watcher) -> _Compared:
        """The candidate of a rung that does best; they are tried while each is worth it."""
        prepared = [footing.numbers_for(rung, self._used(rung, footing)) for footing in self.footings]
        best: _Compared | None = None
        for place in range(len(self._candidates(rung, self.footings[0]))):
            models = []
            for number, footing in self._told(rung, watcher):
                start = None if best is None else best.models[number]
                relay = Relay(watcher, rung)
                models.append(self._trained(rung, footing, prepared[number], place, number, relay, start))
            found = _Compared(place, tuple(models), pooled_score(self._outcomes(models, prepared), self.metric))
            before = best
            if best is None or better(self.metric, found.score, best.score):
                best = found
            if before is not None and not self._worth_going_on(found.score, before.score):
                break
            if self._simple_ends is not None and perf_counter() > self._simple_ends:
                break
        assert best is not None
        return best

    def _outcomes(self, models: Sequence[Model], prepared: Sequence[PreparedTable]) -> list[Outcome]:
        """What models say about the rows held out; with folds, of networks at epochs that other rows chose."""
        trainings = [model.training for model in models if model.training is not None]
        if len(models) == 1 or any(training.judged is None for training in trainings):
            parts = zip(self.footings, models, prepared, strict=True)
            return [footing.outcome(model, numbers) for footing, model, numbers in parts]
        epochs = epochs_by_others(trainings, greater_is_better=self.metric.greater_is_better)
        chosen = zip(self.footings, models, epochs, strict=True)
        return [footing.outcome_at(model, epoch) for footing, model, epoch in chosen]

    def _told(self, rung: Rung, watcher: Watcher) -> Iterator[tuple[int, Footing]]:
        """The footings by number, and a word to the watcher before each of several."""
        for number, footing in enumerate(self.footings):
            if len(self.footings) > 1:
                watcher.fold(rung, number + 1, len(self.footings))
            yield number, footing

    def _worth_going_on(self, score: Score, before: Score) -> bool:
        return gain(self.metric, score, before) > WORTH_GOING_ON * score.against(before)

    def _trained_once_more(
        self, rung: Rung, compared: _Compared | _ComparedEnsembles, watcher: Watcher
    ) -> Model | Ensemble:
        """On the rows of all folds."""
        assert self.kept is not None
        footing = self.kept
        if isinstance(compared, _ComparedEnsembles):
            return self._ensemble(rung, footing, None, watcher)
        used = self._used(rung, footing)
        epochs = None
        if rung.is_network:
            epochs = max(round(share_of_epochs(compared.models) * planned_epochs(used, footing.n_train)), 1)
        relay = Relay(watcher, rung, epochs)
        model = self._trained(rung, footing, footing.numbers_for(rung, used), compared.place, None, relay)
        if epochs is None or model.training is None or model.training.stopped_because != "callback":
            return model
        message = f"Trained for {epochs} epochs, as long as the folds did best with."
        return replace(model, training=replace(model.training, message=message))

    def _trained(
        self,
        rung: Rung,
        footing: Footing,
        prepared: PreparedTable,
        place: int,
        fold: int | None,
        relay: Relay,
        start: Model | None = None,
    ) -> Model:
        """One candidate on one footing; the fold is None for the model of all folds' rows."""
        settings = self._candidates(rung, footing)[place]
        until = self._until(rung)
        # A network needs rows held out to choose its epoch by; the others see training rows only.
        model = train_prepared(
            prepared if rung.is_network else prepared.without_validation(),
            footing.resolved(settings),
            np.random.default_rng((settings.random_state or 0) + (fold or 0)),
            metric=self.metric if rung.is_network else None,
            start=None if start is None else start.vector,
            callbacks=(relay,) if until is None else (relay, until),
            checkpoint=self._checkpoint(f"{rung.name}-{place}", fold),
            keeps_outputs=rung.is_network and self.kept is not None and fold is not None,
        )
        if model.training is not None and model.training.stopped_because == "interrupted":
            raise KeyboardInterrupt
        return model

    def _ensemble(self, rung: Rung, footing: Footing, fold: int | None, watcher: Watcher) -> Ensemble:
        """An ensemble on one footing; the fold is None for that of all folds' rows."""
        settings = self._candidates(rung, footing)[0]
        networks, until = networks_of_an_ensemble(), self._until(rung)
        relay, rounds = JointRelay(watcher, rung, networks), rounds_of(networks, settings)

        def callbacks(number: int) -> tuple[Callback, ...]:
            return (relay,) if until is None else (relay, until.part((number * rounds // networks + 1) / rounds))

        return footing.ensemble(
            replace(settings, random_state=(settings.random_state or 0) + (fold or 0)),
            self.metric,
            callbacks,
            lambda number: self._checkpoint(f"{rung.name}-{number}", fold),
        )

    def _checkpoint(self, training: str, fold: int | None) -> Checkpoint | None:
        """Where a training is kept; on one footing it is the only one of its name."""
        if self.checkpoints is None:
            return None
        of_fold = "" if fold is None or len(self.footings) == 1 else f"-fold-{fold}"
        return Checkpoint(self.checkpoints / f"{training}{of_fold}")

    def _candidates(self, rung: Rung, footing: Footing) -> tuple[Settings, ...]:
        return rung.candidates(self.settings, self.widths, footing.n_train)

    def _used(self, rung: Rung, footing: Footing) -> Settings:
        return footing.resolved(self._candidates(rung, footing)[0])
