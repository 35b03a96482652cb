"""A climb from the lowest rung to the verdict: what was tried, which of it is kept, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradatim.errors import DivergedError
from gradatim.ladder.beside import Beside, beside
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.remarks import remarks_on
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Verdict, decide
from gradatim.ladder.watcher import Watcher


@dataclass(frozen=True)
class Climb:
    """What came of a ladder.

    Attributes:
        tried: every rung, in order.
        kept: the one of them that is kept.
        verdict: which that is, why, and what it rests on.
        aside: what was measured beside it.
    """

    tried: tuple[TriedRung, ...]
    kept: TriedRung
    verdict: Verdict
    aside: Beside

    @classmethod
    def of(
        cls,
        ladder: Ladder,
        choose: str,
        *,
        yardsticks: Sequence[str] = (),
        curves: bool = False,
        watcher: Watcher | None = None,
        seconds: float | None = None,
    ) -> Climb:
        """Climb a ladder.

        Args:
            ladder: over the rows that do not test.
            choose: a rule, or the name of one of its rungs; see `decide`.
            yardsticks: measured beside it, by name.
            curves: whether it is climbed again on fewer rows.
            watcher: is told how it goes.
            seconds: for all trainings but those of yardsticks and curves.

        Raises:
            DivergedError: if no rung, or not the one that is to be kept, has an epoch whose numbers are finite.
        """
        tried = ladder.climb(watcher, seconds=seconds)
        if choose in ladder.diverged:
            raise DivergedError(ladder.diverged[choose])
        verdict = decide([each.standing for each in tried], ladder.metric, choose)
        place = next(place for place, each in enumerate(tried) if each.rung.name == verdict.chosen)
        kept = ladder.keep(tried[place], watcher)
        tried = (*tried[:place], kept, *tried[place + 1 :])
        aside = beside(ladder, tried, kept, yardsticks, curves=curves, watcher=watcher)
        return cls(tried, kept, replace(verdict, remarks=(*remarks_on(ladder, kept), *aside.remarks)), aside)
