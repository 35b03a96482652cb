"""How many steps a budget of seconds allows each network.

The number is fixed before the first network begins, and kept beside the checkpoints: a run that goes on after a kill
takes as many steps as it would have taken, whatever the clock says by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
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

STEPS = "steps"

SHARE_OF_WATCH, MOST_WATCH = 0.05, 0.5
"""So much of the time that is left goes into measuring how long steps take, and as much for epochs; at most so many
seconds for each network."""

SHARE_OF_TRAINING = 0.9
"""Of the rest so much is planned for. What was not measured fills it up: histories, checkpoints, progress, scores."""


def planned_epochs(settings: Settings, rows: int) -> int:
    """How many epochs so many training rows are trained for at most; with `max_steps` the last may be a part of one."""
    return -(-total_steps(settings, rows) // steps_per_epoch(settings, rows))


def kept_steps(folder: Path | None, count: Callable[[], int]) -> int:
    """A number of steps that is counted once, however often the run is killed.

    Args:
        folder: of the checkpoints, in which the number is kept; None counts anew.
        count: such as `steps_until`.
    """
    kept = None if folder is None else folder / STEPS
    if kept is not None and kept.is_file():
        return int(kept.read_text())
    steps = count()
    if kept is not None:
        with whole_file(kept) as file:
            file.write(str(steps).encode())
    return steps


def steps_until(
    footing: Footing,
    networks: Sequence[Rung],
    used: Sequence[Settings],
    metric: Metric,
    ends: float,
    trainings: int,
) -> int:
    """As many steps for each training as all of them can take together until then; no more than their epochs have.

    The networks of an ensemble train side by side, a thread each. They count as often as they follow one another.

    Args:
        footing: on which the pace is measured.
        networks: that are to be trained.
        used: their settings, resolved.
        metric: that judges epochs.
        ends: the moment, by `perf_counter`.
        trainings: of each network, and each ensemble.
    """
    watch = min(MOST_WATCH, SHARE_OF_WATCH * max(ends - perf_counter(), 0.0) / len(used))
    paces = [_pace(footing, rung, settings, metric, watch) for rung, settings in zip(networks, used, strict=True)]
    an_epoch = steps_per_epoch(used[0], footing.n_train)
    step, around = (sum(parts) for parts in zip(*paces, strict=True))
    left = SHARE_OF_TRAINING * max(ends - perf_counter(), 0.0) / trainings
    return min(planned_epochs(used[0], footing.n_train) * an_epoch, steps_within(left, step, around, an_epoch))


def _pace(footing: Footing, rung: Rung, settings: Settings, metric: Metric, watch: float) -> tuple[float, float]:
    """How many seconds a step of all networks of a rung takes, and an epoch beside its steps."""
    numbers = footing.numbers_for(rung, settings)
    if not rung.is_ensemble:
        return pace_of(numbers, settings, metric, watch=watch)
    step, around = pace_of(numbers, replace(settings, n_threads=1), metric, watch=watch)
    rounds = rounds_of(networks_of_an_ensemble(), settings)
    return rounds * step, rounds * around
