"""Steps down the gradient: clip, decay, the optimizer's rule, the running mean of the parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.engines.contract import BlockFactors, Data, DropoutDraw, Plan, Problem, State
from gradatim.engines.textbook.objective import batch_loss_and_gradients, batch_of
from gradatim.formulas.arrays import Array, namespace
from gradatim.formulas.optimizers import LBFGS
from gradatim.network import Architecture


def unsupported(problem: Problem) -> str | None:
    """The textbook engine runs every problem whose optimizer goes step by step."""
    if isinstance(problem.optimizer, LBFGS):
        return f"{problem.optimizer.name} does not go step by step: it needs whole-table losses and gradients"
    return None


def initial_state(problem: Problem, vector: Array) -> State:
    """The state before the first step: moments at zero, the running mean at the initial parameters."""
    xp = namespace(vector)
    names = problem.optimizer.moments if problem.optimizer is not None else ()
    return State(
        vector=xp.asarray(vector, copy=True),
        moments=tuple(xp.zeros_like(vector) for _ in names),
        averaged=None if problem.averaging is None else xp.asarray(vector, copy=True),
    )


def workspace(problem: Problem, n_threads: int | None = None) -> None:
    """Nothing: this engine keeps nothing between calls, and its threads are those of BLAS."""


def train(
    problem: Problem, state: State, data: Data, plan: Plan, start: int, stop: int, workspace: Any = None
) -> tuple[State, float, int | None]:
    """Steps start … stop - 1 of the plan, each: gradient, clip, decay, optimizer, running mean.

    Args:
        problem: what is to be made small.
        state: where training stands.
        data: the table.
        plan: the epoch.
        start: first step of the span, counted within the epoch.
        stop: one behind its last step.
        workspace: not used; this engine keeps nothing between calls.

    Returns:
        The new state; Σ w·L over the batches, each before its step; the first step whose loss, gradient or new
        parameters were not finite, or None. The state then is the one before it.
    """
    rate_factor, epsilon_factor, decay_factor = _spread_factors(problem.architecture, plan.factors, state.vector)
    loss_sum = 0.0
    # A diverging step is found and reported below; NumPy's warnings on the way there would only hide that message.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for s in range(start, stop):
            draw = DropoutDraw(plan.dropout_key, state.step, float(plan.dropout[s]))
            batch = batch_of(problem, state.vector, data, plan.batch(s))
            J, gradient = batch_loss_and_gradients(problem, state.vector, batch, draw)
            xp = namespace(gradient)
            if not (bool(xp.isfinite(J)) and bool(xp.all(xp.isfinite(gradient)))):
                return state, loss_sum, s
            if problem.clip_norm is not None:
                gradient = clip(gradient, problem.clip_norm)
            rate, decay = float(plan.learning_rate[s]), float(plan.decay[s])
            vector = state.vector * (1 - rate * decay * decay_factor) if decay else state.vector
            new = _step(problem, replace(state, vector=vector), gradient, rate * rate_factor, epsilon_factor)
            if not bool(xp.all(xp.isfinite(new.vector))):
                return state, loss_sum, s
            state, loss_sum = new, loss_sum + batch.weight * float(J)
    return state, loss_sum, None


def _step(problem: Problem, state: State, gradient: Array, rate: Any, epsilon_factor: Any) -> State:
    assert problem.optimizer is not None
    assert not isinstance(problem.optimizer, LBFGS)
    t = state.step + 1
    vector, moments = problem.optimizer.step(state.vector, gradient, state.moments, t, rate, epsilon_factor)
    β = problem.averaging
    averaged = None if β is None or state.averaged is None else β * state.averaged + (1 - β) * vector
    return State(vector, moments, t, averaged)


def clip(gradient: Array, norm: float) -> Array:
    """The gradient, scaled down to length `norm` if it is longer. Source: Pascanu et al. 2013, algorithm 1."""
    length = float(namespace(gradient).linalg.vector_norm(gradient))
    return gradient * (norm / length) if length > norm else gradient


def _spread_factors(architecture: Architecture, factors: tuple[BlockFactors, ...] | None, like: Array) -> list[Any]:
    """Rate, epsilon and decay factors per parameter, (P,) each; a plain 1.0 where all blocks agree on it."""
    if factors is None:
        factors = tuple(BlockFactors(decay=float(block.role == "weight")) for block in architecture.blocks)
    sizes = [block.size for block in architecture.blocks]
    spread: list[Any] = []
    for values in ([f.rate for f in factors], [f.epsilon for f in factors], [f.decay for f in factors]):
        same = all(value == values[0] for value in values)
        spread.append(values[0] if same else namespace(like).asarray(np.repeat(values, sizes), dtype=like.dtype))
    return spread
