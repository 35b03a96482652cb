"""The climb: every rung is trained on the same rows, and scored on the same rows.

Conventions
-----------
* A ladder stands on one footing, rows that train and rows held out, or on several, the folds. The rows held out choose
  the rung, all of them together, and before that the penalty of the linear model and the epoch of a network: of one
  footing its own, and in each of several folds the one that the others say.
* With folds each rung is trained once more, on all their rows: with the penalty that the folds chose, for as long as
  their networks did best with (`gradatim.ladder.epochs`).
* On one footing only what is kept is trained once more, and only if it is a network (`Ladder.keep`). A linear model is
  hardly better for a fourth more of so many rows.
* The networks of an ensemble hold out parts of the rows that train, drawn at random even where rows have an order, and
  choose their epochs by those. So the rows that score it choose nothing of it: beside it a single network, whose epoch
  they choose, stands too well, on few rows by much.
* An ensemble is five trainings on each footing, and five more on all rows: 30 with five folds, 10 on one footing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.course.summary import counted
from gradatim.errors import DivergedError
from gradatim.formulas.metrics import Metric
from gradatim.ladder.allowance import Allowance, Trainings, allowance_until, kept_allowance
from gradatim.ladder.clock import SHARE_OF_SIMPLE, Clock, Until
from gradatim.ladder.epochs import epochs_by_others, epochs_once_more
from gradatim.ladder.folds import Fold
from gradatim.ladder.footing import Footing, networks_of_an_ensemble
from gradatim.ladder.relays import JointRelay, Relay
from gradatim.ladder.rungs import Rung
from gradatim.ladder.scoring import Outcome, pooled_score
from gradatim.ladder.splits import Split
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Score, better, gain
from gradatim.ladder.watcher import Watcher
from gradatim.model import Ensemble, Model
from gradatim.model.bagging import Classes, rounds_of
from gradatim.model.preparation import PreparedTable, Roles, number_target
from gradatim.model.training import resolved, train_prepared
from gradatim.settings import Settings
from gradatim.tables import TableEncoder
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training import Callback, Checkpoint

WORTH_GOING_ON = 0.1
"""Weaker penalties are tried while each gains more than this part of a standard error: on many rows none matters, and
each takes longer to solve than the one before."""


@dataclass(frozen=True)
class _Compared:
    """A candidate of a rung: its number, its model on each footing, and their common score."""

    place: int
    models: tuple[Model, ...]
    score: Score


@dataclass(frozen=True)
class _ComparedEnsembles:
    """An ensemble on each footing, and their common score. It has one candidate."""

    models: tuple[Ensemble, ...]
    score: Score
    place: int = 0


@dataclass(eq=False)
class Ladder:
    """Everything that the rungs share.

    Attributes:
        footings: the rows that train and those held out; several are folds.
        all_rows: those of the footings together, without any held out, on which models are trained once more; None
            keeps the model of the one footing.
        settings: of the networks.
        widths: of their hidden layers.
        metric: by which epochs and rungs are chosen.
        rungs: to be climbed, the simplest first.
        diverged: why networks had no epoch to keep, by the name of the rung; filled by `climb`.
        checkpoints: an existing folder, in which trainings are kept and from which they go on, so that a run can be
            killed; None keeps none.
    """

    footings: tuple[Footing, ...]
    all_rows: Footing | None
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
        classes: Classes | None,
        settings: Settings,
        rungs: tuple[Rung, ...],
        folds: Sequence[Fold] = (),
        **rest: Any,
    ) -> Ladder:
        """The ladder over the rows of a split that do not test.

        Args:
            examples: all rows.
            split: of them.
            classes: the target where classes are predicted, fitted on all rows that do not test; None for numbers.
            settings: of the networks.
            rungs: to be climbed.
            folds: of all rows that do not test; without, the split says which rows train and which are held out.
            rest: widths and metric.
        """
        networks = any(rung.is_network for rung in rungs)
        options = resolved(settings, classes, examples.n_rows).network

        def footing(roles: Roles) -> Footing:
            target = classes or number_target(examples, roles.train, options)
            return Footing(examples, roles, target, settings, networks)

        compared = [fold.roles for fold in folds] or [Roles(split.train, split.validation)]
        all_rows = footing(Roles(split.development, None))
        return cls(tuple(map(footing, compared)), all_rows, settings, rungs=rungs, **rest)

    @classmethod
    def on(cls, prepared: PreparedTable, examples: Examples, settings: Settings, rung: Rung, **rest: Any) -> Ladder:
        """One rung, on rows that are numbers already."""
        footing = Footing(examples, prepared.roles, prepared.target, settings, rung.is_network, given=prepared)
        return cls((footing,), None, settings, rungs=(rung,), **rest)

    @property
    def in_folds(self) -> bool:
        """Whether rungs are compared on several footings."""
        return len(self.footings) > 1

    @property
    def _last(self) -> Footing:
        return self.all_rows if self.in_folds and self.all_rows else self.footings[0]

    @property
    def examples(self) -> Examples:
        """All rows."""
        return self._last.examples

    @property
    def roles(self) -> Roles:
        """What rows are for: with folds, in the training on all of them."""
        return self._last.roles

    @property
    def target(self) -> Target:
        """Fitted on the rows that train; with folds, on all of them."""
        return self._last.target

    @property
    def encoder(self) -> TableEncoder:
        """Of the networks, fitted on the rows that train; where there is no network, of the linear model."""
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

    def keep(self, tried: TriedRung, watcher: Watcher | None = None) -> TriedRung:
        """The rung that is kept: on one footing its network is trained once more, on all rows.

        Args:
            tried: the rung, as `climb` left it.
            watcher: is told how it goes.

        Returns:
            The same where folds have trained it on all rows, where it has no hidden layers, and where that training
            diverged: what was scored is then the better model, however far the other one came.
        """
        if self.all_rows is None or self.in_folds or not tried.rung.is_network:
            return tried
        watcher = watcher or Watcher()
        watcher.once_more(tried.rung)
        started = perf_counter()
        try:
            model = self._trained_once_more(tried.rung, self.all_rows, tried.scored, 0, watcher)
        except DivergedError:
            return tried
        if isinstance(model, Model) and model.training is not None and model.training.stopped_because == "diverged":
            return tried
        return replace(tried, model=model, seconds=tried.seconds + perf_counter() - started, folds=tried.scored)

    @property
    def _trainings(self) -> Trainings:
        """How often each network is trained, and whether one of them then once more."""
        in_folds = self.in_folds and self.all_rows is not None
        return Trainings(len(self.footings) + in_folds, self.all_rows is not None and not in_folds)

    def _allowance_until(self, ends: float, networks: Sequence[Rung]) -> Allowance:
        used = [self._used(rung, self.footings[0]) for rung in networks]
        return allowance_until(self.footings[0], networks, used, self.metric, ends, self._trainings)

    def _until(self, rung: Rung, fold: int | None) -> Until | None:
        """What ends the next training of a rung in time; None without a budget."""
        if not rung.is_network:
            return None if self._simple_ends is None else Until(self._simple_ends)
        if self._clock is None:
            return None
        last = fold is None and not self.in_folds
        return Until(perf_counter() + (self._clock.for_the_last() if last else self._clock.for_the_next(rung.name)))

    def _tried(self, rung: Rung, watcher: Watcher) -> list[TriedRung]:
        """The rung; nothing where it diverged before there was an epoch to keep."""
        watcher.begins(rung)
        started = perf_counter()
        try:
            compared = self._compared(rung, watcher)
            model: Model | Ensemble = compared.models[0]
            folds: tuple[Model | Ensemble, ...] = ()
            if self.in_folds and self.all_rows is not None:
                folds = compared.models
                model = self._trained_once_more(rung, self.all_rows, folds, compared.place, watcher)
            tried = TriedRung(rung, model, compared.score, perf_counter() - started, folds)
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
        chosen = zip(self.footings, models, epochs_by_others(models), strict=True)
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
        self, rung: Rung, footing: Footing, scored: Sequence[Model | Ensemble], place: int, watcher: Watcher
    ) -> Model | Ensemble:
        """On all rows, as long as the models that were scored did best with."""
        if rung.is_ensemble:
            return self._ensemble(rung, footing, None, watcher)
        used = self._used(rung, footing)
        epochs = None
        if rung.is_network:
            epochs = epochs_once_more([model for model in scored if isinstance(model, Model)], used, footing.n_train)
        relay = Relay(watcher, rung, epochs)
        model = self._trained(rung, footing, footing.numbers_for(rung, used), place, None, relay)
        if epochs is None or model.training is None or model.training.stopped_because != "callback":
            return model
        did_best = "the folds" if self.in_folds else "the training that was scored"
        message = f"Trained for {counted(epochs, 'epoch')}, about as long as {did_best} did best with."
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
        """One candidate on one footing; the fold is None for the model of all rows."""
        settings = self._candidates(rung, footing)[place]
        until = self._until(rung, fold)
        # A network needs rows held out to choose its epoch by; the others see training rows only.
        model = train_prepared(
            prepared if rung.is_network else prepared.without_validation(),
            footing.resolved(settings),
            np.random.default_rng((settings.random_state or 0) + (fold or 0)),
            metric=self.metric if rung.is_network else None,
            start=None if start is None else start.vector,
            callbacks=(relay,) if until is None else (relay, until),
            checkpoint=self._checkpoint(f"{rung.name}-{place}", fold),
            keeps_outputs=rung.is_network and self.in_folds and fold is not None,
        )
        if model.training is not None and model.training.stopped_because == "interrupted":
            raise KeyboardInterrupt
        return model

    def _ensemble(self, rung: Rung, footing: Footing, fold: int | None, watcher: Watcher) -> Ensemble:
        """An ensemble on one footing; the fold is None for that of all rows."""
        settings = self._candidates(rung, footing)[0]
        networks, until = networks_of_an_ensemble(), self._until(rung, fold)
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
        """Where a training is kept."""
        if self.checkpoints is None:
            return None
        rows = "-all-rows" if fold is None else f"-fold-{fold}" if self.in_folds else ""
        return Checkpoint(self.checkpoints / f"{training}{rows}")

    def _candidates(self, rung: Rung, footing: Footing) -> tuple[Settings, ...]:
        return rung.candidates(self.settings, self.widths, footing.n_train)

    def _used(self, rung: Rung, footing: Footing) -> Settings:
        return footing.resolved(self._candidates(rung, footing)[0])
