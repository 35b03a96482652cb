"""The steps of one epoch, in one span or one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.engines.contract import Data, Engine, Plan, Problem, State
from gradatim.formulas.arrays import Array
from gradatim.training.recording import Recording


def parameters_of(state: State) -> Array:
    """(P,) what predicts: the running mean, if there is one."""
    return state.vector if state.averaged is None else state.averaged


def take_steps(
    engine: Engine,
    problem: Problem,
    state: State,
    data: Data,
    plan: Plan,
    epoch: int,
    recording: Recording | None,
    workspace: Any = None,
) -> tuple[State, float, int | None]:
    """All steps of an epoch: one span, or spans of one step where each is recorded. The bytes are the same.

    Args:
        engine: computes.
        problem: what is to be made small.
        state: before the first step; it stays as it is.
        data: the table.
        plan: of the epoch.
        epoch: counted from 1.
        recording: gets the parameters after each step, if it wants steps.
        workspace: what the engine keeps between spans.

    Returns:
        What `Engine.train` returns.
    """
    state, loss_sum = _copy(state), 0.0
    if recording is None or recording.by == "epochs":
        return engine.train(problem, state, data, plan, 0, plan.steps, workspace)
    assert recording.last is not None
    done = recording.last.step
    for s in range(plan.steps):
        state, loss, bad_step = engine.train(problem, state, data, plan, s, s + 1, workspace)
        if bad_step is not None:
            return state, loss_sum, bad_step
        loss_sum += loss
        recording.add(done + s + 1, epoch if s + 1 == plan.steps else None, parameters_of(state))
    return state, loss_sum, None


def _copy(state: State) -> State:
    """For an engine, which may reuse the memory of what it is given: where the training stands is still asked for."""
    averaged = None if state.averaged is None else np.array(state.averaged)
    moments = tuple(np.array(moment) for moment in state.moments)
    return replace(state, vector=np.array(state.vector), moments=moments, averaged=averaged)
