"""Would more data help? The score of each rung by the number of rows that it was trained on.

Conventions
-----------
* Rows to train on are halved at random, three times: each set holds the smaller ones. Classes stay in proportion and
  groups whole. The rows that score, and choose epochs and penalties, are the same for all sizes.
* With folds every fold is halved, and a score is over the rows of all of them.

Source:
    Cortes, Jackel, Solla, Vapnik & Denker 1993, "Learning curves: asymptotic values and rate of convergence".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradatim.errors import DivergedError
from gradatim.formulas.metrics import Metric
from gradatim.ladder.footing import Footing
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Score, gain, plus_minus
from gradatim.ladder.watcher import Watcher
from gradatim.model.preparation import Roles, number_target
from gradatim.tables import NumberTarget
from gradatim.training.split import group_codes, hold_out, strata

HALVINGS = 3

FEWEST_ROWS = 20
"""No fewer rows are trained on: what they give is chance."""


@dataclass(frozen=True)
class CurvePoint:
    """A rung at one size.

    Attributes:
        rows: that it was trained on; of folds their mean, rounded.
        score: on the rows that every size is scored on.
    """

    rows: int
    score: Score


@dataclass(frozen=True)
class LearningCurve:
    """A rung at all sizes.

    Attributes:
        rung: its name.
        title: as in a sentence.
        points: from the fewest rows to all.
    """

    rung: str
    title: str
    points: tuple[CurvePoint, ...]

    def more_rows(self, metric: Metric) -> str:
        """Whether more rows would help, by what the last doubling brought."""
        if len(self.points) < 2:
            return f"Too few rows to say whether more would help the {self.title}."
        half, whole = self.points[-2:]
        by, error = gain(metric, whole.score, half.score), whole.score.against(half.score)
        doubling = f"from {half.rows:,} to {whole.rows:,} rows the {self.title}"
        if not abs(by) > error:
            change = plus_minus(by, error)
            return f"More rows would hardly help: {doubling} changed by no more than its error ({change})."
        if by < 0:
            return f"More rows did not help: {doubling} got worse by {plus_minus(-by, error)} {metric.name}."
        return f"More rows would help: {doubling} got better by {plus_minus(by, error)} {metric.name}."


@dataclass(frozen=True)
class LearningCurves:
    """The rungs at all sizes.

    Attributes:
        metric: of the scores.
        curves: the simplest rung first.
        chosen: the name of the rung that is kept.
    """

    metric: Metric
    curves: tuple[LearningCurve, ...]
    chosen: str

    @property
    def sentence(self) -> str:
        """Whether more rows would help the rung that is kept."""
        return next(curve for curve in self.curves if curve.rung == self.chosen).more_rows(self.metric)

    def __str__(self) -> str:
        return self.sentence


def learning_curves(
    ladder: Ladder, tried: Sequence[TriedRung], chosen: str, watcher: Watcher | None = None
) -> LearningCurves:
    """Climb again with a half, a quarter and an eighth of the rows to train on.

    Args:
        ladder: that was climbed.
        tried: what came of it, which is the score of all rows.
        chosen: the name of the rung that is kept.
        watcher: is told how it goes.
    """
    points = {one.rung.name: [CurvePoint(_rows(ladder), one.score)] for one in tried}
    smaller = ladder
    for _ in range(HALVINGS):
        if min(footing.n_train for footing in smaller.footings) < 2 * FEWEST_ROWS:
            break
        smaller = _halved(smaller)
        for one in tried:
            try:
                score = smaller.score(one.rung, watcher)
            except DivergedError:
                continue  # a place that is empty says so itself
            points[one.rung.name].insert(0, CurvePoint(_rows(smaller), score))
    curves = (LearningCurve(one.rung.name, one.rung.title, tuple(points[one.rung.name])) for one in tried)
    return LearningCurves(ladder.metric, tuple(curves), chosen)


def _rows(ladder: Ladder) -> int:
    return round(float(np.mean([footing.n_train for footing in ladder.footings])))


def _halved(ladder: Ladder) -> Ladder:
    """The same ladder on half of the rows that train, without anything kept on the way."""
    return replace(ladder, footings=tuple(map(_half, ladder.footings)), checkpoints=None, diverged={})


def _half(footing: Footing) -> Footing:
    examples, target, rows = footing.examples, footing.target, footing.roles.train
    numbers = isinstance(target, NumberTarget)
    classes = None if numbers else strata(np.asarray(examples.y[rows].to_numpy()))
    groups = None if examples.groups is None else group_codes(examples.groups[rows], len(rows))
    rng = np.random.default_rng([footing.settings.random_state or 0, len(rows)])
    if groups is not None and groups.max() < 1:
        groups = None  # one group alone has nothing to be parted from
    kept, _ = hold_out(rows, 0.5, rng, classes, groups)
    if numbers:
        target = number_target(examples, kept, footing.resolved(footing.settings).network)
    return Footing(examples, Roles(kept, footing.roles.held_out), target, footing.settings, footing.networks)
