"""L-BFGS over the whole training set: for networks whose optimum others know too, logistic and linear regression.

Everything is float64. SciPy minimizes J + R over the flat vector; J is the mean loss, R the penalties over the weights.
It searches in `Coordinates` in which raw columns are no obstacle. Where there is no hidden layer, Newton's method adds
the last digits: near the optimum L-BFGS sees only differences of J, and half of float64's digits are lost in them.

Source: Byrd, Lu, Nocedal & Zhu 1995; Zhu et al. 1997 (algorithm 778, L-BFGS-B).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from gradatim.engines.contract import Data, Engine, Problem
from gradatim.errors import DivergedError, InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L1
from gradatim.training.callbacks import Callback, Progress, asks_to_stop
from gradatim.training.coordinates import Coordinates, pieces, shares
from gradatim.training.history import History, StoppedBecause, TrainingResult
from gradatim.training.newton import Objective, has_hessian, newton
from gradatim.training.recording import Recording
from gradatim.training.validation import Judge

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

NEWTON_TAKES_OVER = 1e-6
"""Once an iteration of L-BFGS gains less than this share of J."""

FLAT = 1e-6
"""A gradient in coordinates without an entry above this: J differs from its minimum by some 1e-12, as far as float64
shows it. A line search that fails there is at its end; one that fails with a larger gradient is stuck."""


def solve(
    problem: Problem,
    vector: Array,
    data: Data,
    train_rows: Array,
    engine: Engine,
    judge: Judge,
    callbacks: Sequence[Callback] = (),
    recording: Recording | None = None,
) -> TrainingResult:
    """Go to the optimum. Validation is recorded but chooses nothing: the last iteration is kept.

    Args:
        problem: with the optimizer `LBFGS`.
        vector: (P,) where to begin.
        data: the whole encoded table.
        train_rows: (k,) the rows whose mean loss is made small.
        engine: gives losses and gradients.
        judge: measures each iteration on the rows held out.
        callbacks: called after each iteration.
        recording: gets the parameters after each iteration.

    Returns:
        The optimum (float64), with one row of history per iteration, Newton's among them. It stopped because it
        "converged", for "max_epochs" (its iterations ran out) or because it "stalled" (no step leads lower, and yet
        the gradient is not 0).

    Raises:
        InputError: for the penalty L1, whose kink at 0 L-BFGS cannot pass.
        DivergedError: if the loss at the start is not finite.
    """
    optimizer = problem.optimizer
    assert isinstance(optimizer, LBFGS)
    if any(isinstance(penalty, L1) for penalty in problem.penalties):
        raise InputError(
            "penalty must be L2(…) with the optimizer lbfgs. Got L1, which has no slope at 0: use adam for it."
        )
    training = _only(data, train_rows)
    coordinates = Coordinates.of(problem, training)

    share = shares(training)
    parts = [(rows, float(np.sum(share[rows]))) for rows in pieces(training.X)]

    def objective(θ: Array) -> tuple[float, Array]:
        own = coordinates.back(θ)
        value, gradient = float(engine.penalty(problem, own)), np.zeros_like(own)
        for rows, part in parts:  # each part's gradient has that of R in it; the parts sum to 1
            J, g = engine.loss_and_gradients(problem, own, training, rows)
            value, gradient = value + part * float(J), gradient + part * g
        return value, coordinates.gradient(gradient)

    start = coordinates.into(vector)
    loss = objective(start)[0]
    if not np.isfinite(loss):
        raise DivergedError(f'The loss must be finite at the start. Got {loss}: is X scaled? Try encoding="auto".')
    recorder = _Recorder(problem, engine, judge, callbacks, coordinates, recording)
    try:
        return _search(problem, objective, start, training, recorder)
    except KeyboardInterrupt:
        if recorder.vector is None:
            raise
        return recorder.result("interrupted", "Interrupted.")


def _only(data: Data, rows: Array) -> Data:
    """These rows, once and for all: gathering them anew at every evaluation would cost more than the products."""
    if len(rows) == data.m:
        return data
    parts = (data.X, data.codes, data.Y, data.weights)
    first = slice(len(rows)) if np.array_equal(rows, np.arange(len(rows))) else rows  # the first ones need no copy
    return Data(*(None if part is None else part[first] for part in parts))


def _search(problem: Problem, objective: Objective, θ: Array, data: Data, recorder: _Recorder) -> TrainingResult:
    """L-BFGS, then Newton's method where there is a Hessian; and what to say of where they ended."""
    from scipy.optimize import minimize  # here, as predicting passes by this module and has no use for it

    optimizer = recorder.optimizer
    finish = optimizer.newton_steps if has_hessian(problem) else 0
    options = optimizer.options
    if finish:
        options["ftol"] = max(options["ftol"], NEWTON_TAKES_OVER)
    found = minimize(objective, θ, jac=True, method="L-BFGS-B", callback=recorder, options=options)
    recorder.vector = recorder.coordinates.back(found.x)
    largest = np.max(np.abs(found.jac), initial=0.0)
    # A tolerance below float64's rounding, as the default, is met where J stands still: at an optimum or at a kink.
    settled = found.status == 0 and not finish and optimizer.relative_tolerance > np.finfo(np.float64).eps
    if not recorder.stopped and largest > optimizer.gradient_tolerance:
        steps = newton(problem, objective, found.x, data, recorder.coordinates)
        for θ, value, g in islice(steps, min(finish, optimizer.max_iterations - len(recorder.rows))):
            largest = np.max(np.abs(g))
            if not recorder.record(θ, value) or largest <= optimizer.gradient_tolerance:
                break
    iterations = len(recorder.rows)
    if recorder.stopped:
        return recorder.result(*recorder.stopped)
    if settled or largest <= max(optimizer.gradient_tolerance, FLAT):
        return recorder.result("converged", f"L-BFGS converged in {iterations} iterations.")
    where = f"{iterations} iterations, not yet at the optimum (largest |gradient| {largest:.2g})"
    if iterations >= optimizer.max_iterations:
        more = f"Try LBFGS(max_iterations={10 * iterations}), or a penalty."
        return recorder.result("max_epochs", f"L-BFGS stopped at its {where}. {more}")
    reason = "A kink (relu, absolute_error) or numbers of a huge scale can do that"
    advice = 'try adam, or encoding="auto"'
    return recorder.result(
        "stalled", f"L-BFGS stalled after {where}: it found no lower loss along its line. {reason}: {advice}."
    )


class _Recorder:
    """A row of history per iteration, and the parameters so far. As SciPy's callback it can end the search."""

    def __init__(
        self,
        problem: Problem,
        engine: Engine,
        judge: Judge,
        callbacks: Sequence[Callback],
        coordinates: Coordinates,
        recording: Recording | None,
    ) -> None:
        assert isinstance(problem.optimizer, LBFGS)
        self.problem, self.engine, self.optimizer = problem, engine, problem.optimizer
        self.judge, self.callbacks, self.coordinates, self.recording = judge, callbacks, coordinates, recording
        self.rows: list[dict[str, float]] = []
        self.vector: Array | None = None
        self.stopped: tuple[StoppedBecause, str] | None = None
        self.started = perf_counter()

    def __call__(self, intermediate_result: OptimizeResult) -> None:
        if not self.record(intermediate_result.x, float(intermediate_result.fun)):
            raise StopIteration

    def record(self, θ: Array, objective: float) -> bool:
        """Keep this iteration; False if a callback wants it to be the last."""
        self.vector = self.coordinates.back(θ)
        self.rows.append(self._row(self.vector, objective))
        iteration = len(self.rows)
        if self.recording is not None:
            self.recording.add(iteration, iteration, self.vector)
            self.recording.mark_best()
        progress = Progress(iteration, self.optimizer.max_iterations, self.rows[-1], iteration, self.vector)
        self.stopped = asks_to_stop(self.callbacks, progress)
        return self.stopped is None

    def _row(self, vector: Array, objective: float) -> dict[str, float]:
        loss = objective - float(self.engine.penalty(self.problem, vector))
        judgement = self.judge(vector)
        judged = {} if judgement is None else judgement.columns
        seconds = perf_counter() - self.started
        return {"epoch": len(self.rows) + 1, "training_loss": loss, **judged, "seconds": seconds}

    def result(self, reason: StoppedBecause, message: str) -> TrainingResult:
        """What came out, with the last iteration's parameters."""
        history = History(tuple(self.rows))
        return TrainingResult(self.vector, history, len(self.rows), reason, message, recorded=self.recording)
