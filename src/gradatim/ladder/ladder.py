"""The climb: every rung is trained on the same rows, and scored on the same rows.

A table becomes numbers once for all networks, and once for all candidates of the linear rung, whose numbers are not
bent (`Encoding.of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.errors import DivergedError
from gradatim.formulas.metrics import Metric
from gradatim.ladder.rungs import Rung
from gradatim.ladder.scoring import Outcome
from gradatim.ladder.splits import Split
from gradatim.ladder.verdict import Score, Standing, better, gain
from gradatim.ladder.watcher import Watcher
from gradatim.model import Model
from gradatim.model.preparation import PreparedTable, Roles, prepare
from gradatim.model.training import pace_of, resolved, train_prepared
from gradatim.settings import Settings
from gradatim.tables import Encoding, NumberTarget, TableEncoder
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training import Checkpoint, Progress, steps_per_epoch, steps_within
from gradatim.whole_file import whole_file

STEPS = "steps"

SHARE_OF_WATCH, MOST_WATCH = 0.05, 0.5
"""So much of the time that is left goes into measuring how long steps take, and as much for epochs; at most so many
seconds for each network."""

SHARE_OF_TRAINING = 0.9
"""Of the rest so much is planned for. What was not measured fills it up: histories, checkpoints, progress, scores."""

WORTH_GOING_ON = 0.1
"""Weaker penalties are tried while each gains more than this part of a standard error: on many rows none matters, and
each takes longer to solve than the one before."""


@dataclass(frozen=True)
class TriedRung:
    """A rung, trained and scored.

    Attributes:
        rung: which one.
        model: trained on the training rows.
        score: on the validation rows.
        seconds: that training took.
    """

    rung: Rung
    model: Model
    score: Score
    seconds: float

    @property
    def standing(self) -> Standing:
        """What the verdict needs of it."""
        return Standing(self.rung.name, self.rung.title, self.rung.is_network, self.score)


@dataclass(frozen=True)
class _Relay:
    """Hands the epochs of one rung's training to the watcher."""

    watcher: Watcher
    rung: Rung

    def on_epoch_end(self, progress: Progress) -> bool:
        self.watcher.epoch(self.rung, progress)
        return True


@dataclass(eq=False)
class Ladder:
    """Everything that the rungs share.

    Attributes:
        examples: all rows.
        roles: which of them train, and which choose.
        target: fitted on the training rows.
        settings: of the networks.
        widths: of their hidden layers.
        metric: by which epochs and rungs are chosen.
        rungs: to be climbed, the simplest first.
        diverged: why networks had no epoch to keep, by the name of the rung; filled by `climb`.
        checkpoints: an existing folder, in which trainings are kept and from which they go on, so that a run can be
            killed; None keeps none.
        prepared: the table, where it has become numbers already, for all rungs alike; None makes them for each.
    """

    examples: Examples
    roles: Roles
    target: Target
    settings: Settings
    widths: tuple[int, ...]
    metric: Metric
    rungs: tuple[Rung, ...]
    checkpoints: Path | None = None
    diverged: dict[str, str] = field(default_factory=dict)
    prepared: PreparedTable | None = None

    @classmethod
    def of(cls, examples: Examples, split: Split, **rest: Any) -> Ladder:
        """The ladder over the rows of a split."""
        return cls(examples, Roles(split.train, split.validation), **rest)

    @cached_property
    def encoder(self) -> TableEncoder:
        """The networks'; where there is no network, the linear model's."""
        linear = not any(rung.is_network for rung in self.rungs)
        dtype = "float64" if linear else self.settings.dtype
        encoding = Encoding.of(self.settings.encoding, dtype, linear=linear)
        return TableEncoder.fit(self.examples.table, self.roles.train, encoding)

    def climb(self, watcher: Watcher | None = None, *, seconds: float | None = None) -> tuple[TriedRung, ...]:
        """Train and score each rung, in order. One whose training diverges at once is left out, and told of.

        Args:
            watcher: is told how it goes.
            seconds: for all rungs together. What the simple ones leave is shared out to the networks, as one number of
                steps for each, which `settings.max_steps` then holds.

        Raises:
            DivergedError: if no rung is left.
        """
        watcher = watcher or Watcher()
        ends = None if seconds is None else perf_counter() + seconds
        simple = [tried for rung in self.rungs if not rung.is_network for tried in self._tried(rung, watcher)]
        networks = [rung for rung in self.rungs if rung.is_network]
        if ends is not None and networks:
            self._limit_steps(networks, ends)
        all_tried = (*simple, *(tried for rung in networks for tried in self._tried(rung, watcher)))
        if not all_tried:
            raise DivergedError(" ".join(dict.fromkeys(self.diverged.values())))
        return all_tried

    def _limit_steps(self, networks: Sequence[Rung], ends: float) -> None:
        """Fix how many steps each network takes. What was fixed before a kill stays, whatever the clock says now."""
        kept = None if self.checkpoints is None else self.checkpoints / STEPS
        if kept is not None and kept.is_file():
            steps = int(kept.read_text())
        else:
            steps = self._steps_until(ends, networks)
            if kept is not None:
                with whole_file(kept) as file:
                    file.write(str(steps).encode())
        self.settings = replace(self.settings, max_steps=steps, max_epochs="preset")

    def _steps_until(self, ends: float, networks: Sequence[Rung]) -> int:
        """As many steps for each network as they can take together until then; no more than their epochs have."""
        used, prepared = [self._used(rung) for rung in networks], self._numbers_for_networks
        watch = min(MOST_WATCH, SHARE_OF_WATCH * max(ends - perf_counter(), 0.0) / len(used))
        paces = [pace_of(prepared, settings, self.metric, watch=watch) for settings in used]
        an_epoch = steps_per_epoch(used[0], len(self.roles.train))
        step, around = (sum(parts) for parts in zip(*paces, strict=True))
        left = SHARE_OF_TRAINING * max(ends - perf_counter(), 0.0)
        return min(used[0].max_epochs * an_epoch, steps_within(left, step, around, an_epoch))

    def _tried(self, rung: Rung, watcher: Watcher) -> list[TriedRung]:
        """The rung; nothing where it diverged before there was an epoch to keep."""
        try:
            return [self._best(rung, watcher)]
        except DivergedError as error:
            self.diverged[rung.name] = str(error)
            return []

    def _best(self, rung: Rung, watcher: Watcher) -> TriedRung:
        watcher.begins(rung)
        started = perf_counter()
        prepared = self._prepared(rung)
        best: tuple[Model, Score] | None = None
        for place, settings in enumerate(rung.candidates(self.settings, self.widths, len(self.roles.train))):
            model = self._trained(rung, settings, prepared, place, watcher, None if best is None else best[0])
            found = model, self._outcome(model, prepared).score(self.metric)
            before = best
            if best is None or better(self.metric, found[1], best[1]):
                best = found
            if before is not None and not self._worth_going_on(found[1], before[1]):
                break
        assert best is not None
        tried = TriedRung(rung, *best, seconds=perf_counter() - started)
        watcher.ends(tried)
        return tried

    def _worth_going_on(self, score: Score, before: Score) -> bool:
        return gain(self.metric, score, before) > WORTH_GOING_ON * score.against(before)

    def _trained(
        self,
        rung: Rung,
        settings: Settings,
        prepared: PreparedTable,
        place: int,
        watcher: Watcher,
        start: Model | None,
    ) -> Model:
        # A network needs validation rows to choose its epoch by; the others see training rows only.
        model = train_prepared(
            prepared if rung.is_network else prepared.without_validation(),
            self._resolved(settings),
            np.random.default_rng(settings.random_state),
            metric=self.metric if rung.is_network else None,
            start=None if start is None else start.vector,
            callbacks=(_Relay(watcher, rung),),
            checkpoint=None if self.checkpoints is None else Checkpoint(self.checkpoints / f"{rung.name}-{place}"),
        )
        if model.training is not None and model.training.stopped_because == "interrupted":
            raise KeyboardInterrupt
        return model

    def _outcome(self, model: Model, prepared: PreparedTable) -> Outcome:
        outputs = model.outputs_of(prepared.data, prepared.roles.held_out)
        return Outcome(self.target, self.examples.y[self.roles.held_out], outputs)

    def _resolved(self, settings: Settings) -> Settings:
        classes = None if isinstance(self.target, NumberTarget) else self.target
        return resolved(settings, classes, len(self.roles.train))

    def _used(self, rung: Rung) -> Settings:
        return self._resolved(rung.candidates(self.settings, self.widths, len(self.roles.train))[0])

    @cached_property
    def _numbers_for_networks(self) -> PreparedTable:
        return self._numbers(self.examples, self.encoder, self.settings.dtype)

    def _prepared(self, rung: Rung) -> PreparedTable:
        if self.prepared is not None:
            return self.prepared
        if rung.is_network:
            return self._numbers_for_networks
        used = self._used(rung)
        examples = self.examples
        if not rung.reads_columns:
            examples = replace(examples, table=examples.table.drop(examples.table.names))
        same = rung.reads_columns and used.encoding == self.encoder.encoding
        encoding = self.encoder if same else used.encoding
        return self._numbers(examples, encoding, used.dtype)

    def _numbers(self, examples: Examples, encoding: Encoding | TableEncoder, dtype: str) -> PreparedTable:
        """The rows that train as one block, below it those that choose: L-BFGS takes the block without a copy."""
        train, held_out = self.roles.train, self.roles.held_out
        assert held_out is not None
        rows = np.concatenate([train, held_out])
        places = Roles(np.arange(len(train)), np.arange(len(train), len(rows)))
        return prepare(examples, places, self.target, encoding, rows=rows, dtype=dtype)
