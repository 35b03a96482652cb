"""The steps of one epoch, in one span or one by one."""

from __future__ import annotations

from typing import Any

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
        state: before the first step.
        data: the table.
        plan: of the epoch.
        epoch: counted from 1.
        recording: gets the parameters after each step, if it wants steps.
        workspace: what the engine keeps between spans.

    Returns:
        What `Engine.train` returns.
    """
    if recording is None or recording.by == "epochs":
        return engine.train(problem, state, data, plan, 0, plan.steps, workspace)
    assert recording.last is not None
    done, loss_sum = recording.last.step, 0.0
    for s in range(plan.steps):
        state, loss, bad_step = engine.train(problem, state, data, plan, s, s + 1, workspace)
        if bad_step is not None:
            return state, loss_sum, bad_step
        loss_sum += loss
        recording.add(done + s + 1, epoch if s + 1 == plan.steps else None, parameters_of(state))
    return state, loss_sum, None
