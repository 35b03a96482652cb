"""From seconds to steps: how long a step takes here, and how many of them a budget pays for.

Steps are counted in advance and not stopped by a clock: a training of so many steps can be repeated to the last byte, a
training of so many seconds cannot.
"""

from __future__ import annotations

from collections.abc import Callable
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
"""Measurements: at least so many, then until the time for them has passed."""


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
        watch: seconds to measure steps for, and judgements.

    Returns:
        Seconds of a step, and seconds of what an epoch takes beside its steps: its plan and its judgement. Both are
        means: where other programs have the processor half of the time, a median would not see them.

    Raises:
        EngineUnavailableError: if the engine cannot run it; nor has L-BFGS steps.
    """
    refuse_unsupported(problem, settings.engine, engine)
    rng = np.random.default_rng(0)
    plan = epoch_plan(settings, train_rows, 1, rng, factors=block_factors(problem, settings.descent))
    judge, workspace = Judge(problem, data, engine, validation), engine.workspace(problem, settings.n_threads)
    state, done = first_state(problem, start, settings.dtype, engine), 0

    def step() -> None:
        nonlocal state, done
        s = done % plan.steps
        state, _, _ = engine.train(problem, state, data, plan, s, s + 1, workspace)
        done += 1

    def around() -> None:
        epoch_plan(settings, train_rows, 1, rng, factors=plan.factors)
        judge(state.vector)

    with (
        blas_threads(settings.n_threads if workspace is None else 1),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        for _ in range(WARM_UP):
            step()
        per_step = _mean_seconds(step, watch)
        per_epoch = _mean_seconds(around, watch)
    return per_step, per_epoch


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


def _mean_seconds(once: Callable[[], object], watch: float) -> float:
    count, started = 0, perf_counter()
    while count < FEWEST or perf_counter() - started < watch:
        once()
        count += 1
    return max((perf_counter() - started) / count, 1e-9)  # a coarse clock may stand still
