"""What is measured beside the climb, where it was asked for: tree ensembles, and scores by number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradatim.ladder.curves import LearningCurves, learning_curves
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.watcher import Watcher
from gradatim.ladder.yardstick import Yardstick, measure


@dataclass(frozen=True)
class Beside:
    """What was measured.

    Attributes:
        yardsticks: tree ensembles on the rows of the ladder.
        curves: the rungs by number of rows, or None.
        remarks: a sentence on each.
    """

    yardsticks: tuple[Yardstick, ...] = ()
    curves: LearningCurves | None = None
    remarks: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """For ``metrics.json``: what was asked for, and no more."""
        facts: dict[str, Any] = {}
        if self.yardsticks:
            facts["yardstick"] = [
                {
                    "name": found.name,
                    "score": found.score.value,
                    "standard_error": found.score.standard_error,
                    "seconds": found.seconds,
                }
                for found in self.yardsticks
            ]
        if self.curves is not None:
            facts["learning_curves"] = {
                curve.rung: [
                    {"rows": p.rows, "score": p.score.value, "standard_error": p.score.standard_error}
                    for p in curve.points
                ]
                for curve in self.curves.curves
            }
        return facts


def beside(
    ladder: Ladder,
    tried: Sequence[TriedRung],
    kept: TriedRung,
    yardsticks: Sequence[str],
    *,
    curves: bool,
    watcher: Watcher | None = None,
) -> Beside:
    """Measure it.

    Args:
        ladder: that was climbed.
        tried: what came of it.
        kept: the rung that is kept.
        yardsticks: by name.
        curves: whether the ladder is climbed again on fewer rows.
        watcher: is told how it goes.
    """
    measured = measure(ladder, yardsticks)
    drawn = learning_curves(ladder, tried, kept.rung.name, watcher) if curves else None
    remarks = [found.against(kept.standing, ladder.metric) for found in measured]
    return Beside(measured, drawn, (*remarks, *([] if drawn is None else [drawn.sentence])))
