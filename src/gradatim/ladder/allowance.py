"""What a budget of seconds allows each network: a number of steps, and a moment at which its training has to end.

The number is fixed before the first network begins, and kept beside the checkpoints: a run that goes on after a kill
takes as many steps as it would have taken, whatever the clock says by then. The clock ends a training only where the
machine has become slower than it was when its steps were measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

from gradatim.formulas.metrics import Metric
from gradatim.ladder.footing import Footing, networks_of_an_ensemble
from gradatim.ladder.rungs import Rung
from gradatim.model.bagging import rounds_of
from gradatim.model.training import pace_of
from gradatim.settings import Settings
from gradatim.training import steps_per_epoch, steps_within
from gradatim.training.plan import total_steps
from gradatim.whole_file import whole_file

ALLOWANCE = "allowance.json"

SHARE_OF_WATCH, MOST_WATCH = 0.05, 0.5
"""So much of the time that is left goes into measuring how long steps take, and as much for epochs; at most so many
seconds for each network."""

SHARE_OF_TRAINING = 0.92
"""Of the rest so much is planned for. What was not measured fills it up: histories, checkpoints, progress, scores."""


@dataclass(frozen=True)
class Trainings:
    """How often networks are trained.

    Attributes:
        each: of them.
        once_more: whether one of them, which is not known yet, is trained after all others.
    """

    each: int
    once_more: bool = False


@dataclass(frozen=True)
class Allowance:
    """What each training of a network may take.

    Attributes:
        steps: at most.
        seconds: that one training takes with these steps, by what was measured, for each rung that is a network.
    """

    steps: int
    seconds: dict[str, float]


def planned_epochs(settings: Settings, rows: int) -> int:
    """How many epochs so many training rows are trained for at most; with `max_steps` the last may be a part of one."""
    return -(-total_steps(settings, rows) // steps_per_epoch(settings, rows))


def kept_allowance(folder: Path | None, measure: Callable[[], Allowance]) -> Allowance:
    """What was measured once, however often the run is killed.

    Args:
        folder: of the checkpoints, in which it is kept; None measures anew.
        measure: such as `allowance_until`.
    """
    kept = None if folder is None else folder / ALLOWANCE
    if kept is not None and kept.is_file():
        return Allowance(**json.loads(kept.read_text()))
    allowance = measure()
    if kept is not None:
        with whole_file(kept) as file:
            file.write(json.dumps(asdict(allowance)).encode())
    return allowance


def allowance_until(
    footing: Footing,
    networks: Sequence[Rung],
    used: Sequence[Settings],
    metric: Metric,
    ends: float,
    trainings: Trainings,
) -> Allowance:
    """As many steps for each training as all of them can take together until then; no more than their epochs have.

    The networks of an ensemble train side by side, a thread each. They count as often as they follow one another.

    Args:
        footing: on which the pace is measured.
        networks: that are to be trained.
        used: their settings, resolved.
        metric: that judges epochs.
        ends: the moment, by `perf_counter`.
        trainings: how often networks are trained, and ensembles. For the one that is trained once more, seconds are
            left as if it was that which takes the longest.
    """
    watch = min(MOST_WATCH, SHARE_OF_WATCH * max(ends - perf_counter(), 0.0) / len(used))
    paces = [_pace(footing, rung, settings, metric, watch) for rung, settings in zip(networks, used, strict=True)]
    an_epoch = steps_per_epoch(used[0], footing.n_train)
    counted = [*trainings.each * paces, *([max(paces)] if trainings.once_more else [])]
    step, around = (sum(parts) for parts in zip(*counted, strict=True))
    left = SHARE_OF_TRAINING * max(ends - perf_counter(), 0.0)
    steps = min(planned_epochs(used[0], footing.n_train) * an_epoch, steps_within(left, step, around, an_epoch))
    epochs = -(-steps // an_epoch)
    seconds = {
        rung.name: steps * a_step + epochs * an_end for rung, (a_step, an_end) in zip(networks, paces, strict=True)
    }
    return Allowance(steps, seconds)


def _pace(footing: Footing, rung: Rung, settings: Settings, metric: Metric, watch: float) -> tuple[float, float]:
    """How many seconds a step of all networks of a rung takes, and an epoch beside its steps."""
    numbers = footing.numbers_for(rung, settings)
    if not rung.is_ensemble:
        return pace_of(numbers, settings, metric, watch=watch)
    step, around = pace_of(numbers, replace(settings, n_threads=1), metric, watch=watch)
    rounds = rounds_of(networks_of_an_ensemble(), settings)
    return rounds * step, rounds * around
