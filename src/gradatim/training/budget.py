"""From seconds to steps: how long a step takes here, and how many of them a budget pays for.

Steps are counted in advance and not stopped by a clock: a training of so many steps can be repeated to the last byte, a
training of so many seconds cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np

from gradatim.engines.contract import Data, Engine, Problem, State
from gradatim.formulas.arrays import Array
from gradatim.settings import Settings
from gradatim.training.initial import first_state
from gradatim.training.loop import refuse_unsupported
from gradatim.training.plan import block_factors, epoch_plan
from gradatim.training.threads import blas_threads
from gradatim.training.validation import Judge, Validation

WARM_UP = 3
"""Steps before the watch runs: the first ones touch memory for the first time."""

FEWEST = 3
"""Steps, or epochs, that are measured at least, however long they take."""


def seconds_per_step(
    problem: Problem,
    start: Array | State,
    data: Data,
    train_rows: Array,
    settings: Settings,
    engine: Engine,
    validation: Validation | None = None,
    *,
    watch: float = 0.25,
) -> tuple[float, float]:
    """Measure some steps, and some judgements of an epoch, on parameters that are thrown away.

    Args:
        problem: as of `fit_parameters`, and so are the others. The start is left as it is, no random number of the
            training is drawn.
        start: parameters or state.
        data: the whole encoded table.
        train_rows: (k,) the rows that steps are taken on.
        settings: resolved.
        engine: computes.
        validation: rows and metric, or None.
        watch: seconds to measure steps for, about, and as many for what is beside them.

    Returns:
        Seconds of a step, and seconds of what an epoch takes beside its steps: its plan and its judgement. Both are
        means: where other programs have the processor half of the time, a median would not see them. Steps are taken
        in spans, as a training takes them, a whole epoch at once: one by one they take up to nine times as long.

    Raises:
        EngineUnavailableError: if the engine cannot run it; nor has L-BFGS steps.
    """
    refuse_unsupported(problem, settings.engine, engine)
    rng = np.random.default_rng(0)
    plan = epoch_plan(settings, train_rows, 1, rng, factors=block_factors(problem, settings.descent))
    judge, workspace = Judge(problem, data, engine, validation), engine.workspace(problem, settings.n_threads)
    state, at = first_state(problem, start, settings.dtype, engine), 0

    def steps(length: int) -> int:
        nonlocal state, at
        until = min(at + length, plan.steps)
        state, _, _ = engine.train(problem, state, data, plan, at, until, workspace)
        taken, at = until - at, until % plan.steps
        return taken

    def around() -> int:
        epoch_plan(settings, train_rows, 1, rng, factors=plan.factors)
        judge(state.vector)
        return 1

    with (
        blas_threads(settings.n_threads if workspace is None else 1),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        for _ in range(WARM_UP):
            steps(1)
        length = _length_of_a_span(steps, plan.steps, watch)
        return _mean_seconds(partial(steps, length), watch), _mean_seconds(around, watch)


def steps_within(seconds: float, per_step: float, per_judgement: float, steps_per_epoch: int) -> int:
    """How many steps fit, with a judgement after each epoch and one after the last step.

    Args:
        seconds: there are.
        per_step: seconds of a step, above 0.
        per_judgement: seconds of a judgement.
        steps_per_epoch: steps from one judgement to the next.

    Returns:
        1 at least, even if that takes longer.

    Example:
        Two epochs of 10 steps take 2 · (10 · 0.1 + 0.5) = 3 seconds; then 4 steps and a judgement take 0.9.

        >>> steps_within(3.95, per_step=0.1, per_judgement=0.5, steps_per_epoch=10)
        24
    """
    epochs, rest = divmod(seconds, steps_per_epoch * per_step + per_judgement)
    left = min(max((rest - per_judgement) // per_step, 0), steps_per_epoch - 1)
    return max(int(epochs) * steps_per_epoch + int(left), 1)


def _length_of_a_span(steps: Callable[[int], int], epoch: int, watch: float) -> int:
    """How many steps to take at once: of the epoch as many as take a quarter of the watch, about."""
    length, took = 1, 0.0
    while length < epoch and took < watch / 4:
        length, started = min(2 * length, epoch), perf_counter()
        steps(length)
        took = perf_counter() - started
    return length


def _mean_seconds(take: Callable[[], int], watch: float) -> float:
    """Of one, where `take` takes some and says how many."""
    done, started = 0, perf_counter()
    while done < FEWEST or perf_counter() - started < watch:
        done += take()
    return max((perf_counter() - started) / done, 1e-9)  # a coarse clock may stand still
