"""The quick engine: the same contract and the same numbers as the textbook engine, compiled, over a good BLAS.

Read `program` (a network as numbers), `layout` (where everything lies), `passes` (a block of rows forward and back),
`descent` (the steps, and threads that share them); beside them `matrices` (products), `activations`, `losses`, `front`,
`dropout`, `sparse`, `mathematics` (exp and its like), `barrier` (where threads meet), `compiling`. This package has the
functions of `gradatim.engines.contract.Engine`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from gradatim.engines.contract import ALL_ROWS, Data, DropoutDraw, Plan, Problem, State
from gradatim.engines.contract import Rows as RowIndices
from gradatim.engines.fast import descent
from gradatim.engines.fast.barrier import barrier, give_up
from gradatim.engines.fast.compiling import announced
from gradatim.engines.fast.data import Draw, Rows, Table
from gradatim.engines.fast.layout import aligned, layout_of
from gradatim.engines.fast.matrices import Array
from gradatim.engines.fast.memory import Workspace, order_of, own, rows_of_a_block, table_of
from gradatim.engines.fast.program import program_of, unsupported
from gradatim.engines.textbook import evaluate, initial_state, penalty, predict
from gradatim.engines.textbook.objective import penalty_gradient
from gradatim.errors import InputError

__all__ = [
    "evaluate",
    "initial_state",
    "loss_and_gradients",
    "penalty",
    "predict",
    "train",
    "unsupported",
    "workspace",
]

Result = TypeVar("Result")

LONGEST_SPAN = 0.25
"""Seconds in one call of a kernel, about: as long as Ctrl-C may have to wait."""


def workspace(problem: Problem, n_threads: int | None = None) -> Workspace:
    """What a training keeps between spans: memory, and the data as kernels read it."""
    return Workspace(problem, n_threads)


def train(
    problem: Problem, state: State, data: Data, plan: Plan, start: int, stop: int, workspace: Any = None
) -> tuple[State, float, int | None]:
    """See `gradatim.engines.contract.Engine.train`. The state that is handed in stays as it is."""
    kept = workspace or Workspace(problem, 1)
    training = _Training(problem, data, plan, kept, state)
    at = start
    while at < stop:
        until = min(stop, at + kept.steps_at_once)
        began = perf_counter()
        fault = training.run(at, until)
        if fault is not None:  # the numbers are spoiled: once more, up to the step before
            state, loss_sum, _ = train(problem, state, data, plan, start, fault, kept)
            return state, loss_sum, fault
        kept.steps_at_once = max(1, int(LONGEST_SPAN / max((perf_counter() - began) / (until - at), 1e-9)))
        at = until
    return training.state(), training.loss_sum, None


class _Training:
    """One call of `train`: what is read, and what the steps change."""

    def __init__(self, problem: Problem, data: Data, plan: Plan, kept: Workspace, state: State) -> None:
        dtype, threads = state.vector.dtype, kept.threads(plan.batch_size)
        self.plan, self.before, self.step, self.loss_sum = plan, state, state.step, 0.0
        self.p, self.rule, self.table = kept.program(dtype), kept.rule(plan.factors), kept.table(data, dtype)
        order, first, count = order_of(plan.order, data.m)
        self.layout = kept.layout(dtype, -(-plan.batch_size // threads), gathers=gathers(order, self.table))
        if count < plan.rows:
            raise InputError(f"Plan: order must name {plan.rows} rows. Got {count}.")
        self.rows = Rows(order, first, plan.rows)
        self.schedules = [
            np.asarray(values, dtype=np.float64) for values in (plan.learning_rate, plan.decay, plan.dropout)
        ]
        size = state.vector.size
        moments = aligned(len(state.moments) * size, dtype).reshape(len(state.moments), size)
        for moment, was in zip(moments, state.moments, strict=True):
            moment[...] = was
        self.walk = descent.Walk(
            θ=_copy(state.vector),
            moments=moments,
            averaged=_copy(state.vector[:0] if state.averaged is None else state.averaged),
            gradients=kept.gradients(dtype, threads),
            memories=kept.memories(dtype, self.layout, threads),
            sums=np.zeros((threads, descent.SUMS)),
            meeting=barrier(),
        )

    def run(self, start: int, stop: int) -> int | None:
        """Steps start … stop - 1 of the epoch; the step with a fault, or None."""
        span = descent.Span(
            self.rows, self.plan.batch_size, start, stop, self.step, key_of(self.plan.dropout_key), *self.schedules
        )

        def work(thread: int) -> tuple[float, int]:
            with np.errstate(all="ignore"):  # where kernels run as ordinary Python
                found: tuple[float, int] = descent.train(
                    self.p, self.layout, self.rule, self.table, span, self.walk, self.loss_sum, thread
                )
            return found

        with announced(descent.train, self.walk.θ.dtype):
            self.loss_sum, fault = together(work, len(self.walk.gradients), self.walk.meeting)[0]
        self.step += stop - start
        return None if fault < 0 else fault

    def state(self) -> State:
        """Where it stands when all steps are done."""
        averaged = None if self.before.averaged is None else self.walk.averaged
        return State(self.walk.θ, tuple(self.walk.moments), self.step, averaged)


def loss_and_gradients(
    problem: Problem, vector: Array, data: Data, rows: RowIndices = ALL_ROWS, dropout: DropoutDraw | None = None
) -> tuple[Array, Array]:
    """J and the derivative of J + penalties by every parameter; see `gradatim.engines.textbook`."""
    architecture, dtype = problem.architecture, vector.dtype
    p, chosen = program_of(architecture, dtype, problem.loss), order_of(rows, data.m)
    table = table_of(architecture, data, dtype)
    gathered = gathers(chosen.order, table)
    layout = layout_of(p, max(1, min(chosen.m, rows_of_a_block(p, gathers=gathered))), gathers=gathered)
    drawn = dropout or DropoutDraw(0, 0, 0.0)
    draw = Draw(key_of(drawn.key), drawn.step, float(drawn.factor), 0, chosen.m)
    G = np.empty(vector.size, dtype=dtype)
    with np.errstate(all="ignore"):
        J = descent.loss_gradient(p, layout, table, chosen, draw, own(vector, dtype), aligned(layout.size, dtype), G)
    return np.asarray(J, dtype=dtype)[()], G + penalty_gradient(problem, vector) if problem.penalties else G


def together(work: Callable[[int], Result], threads: int, meeting: Array) -> list[Result]:
    """What `work` gives for each thread; the first one is the caller's own.

    Ctrl-C reaches the caller alone, perhaps before it has come to where the others wait for it.
    """
    if threads == 1:
        return [work(0)]
    with ThreadPoolExecutor(threads - 1) as pool:
        try:
            others = [pool.submit(work, thread) for thread in range(1, threads)]
            return [work(0), *(other.result() for other in others)]
        except BaseException:
            give_up(meeting)
            raise


def _copy(vector: Array) -> Array:
    copy = aligned(vector.size, vector.dtype)
    copy[...] = vector
    return copy


def gathers(order: Array, table: Table) -> bool:
    """Whether rows of X are gathered, or read where they lie: those that follow one another, and sparse ones."""
    return len(order) > 0 and not len(table.starts)


def key_of(key: int) -> Any:
    """The 64 bits of a key of dropout, as kernels take them."""
    return np.uint64(key % 2**64)
