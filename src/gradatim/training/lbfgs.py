"""L-BFGS over the whole training set: for networks whose optimum others know too, logistic and linear regression.

Everything is float64. SciPy minimizes J + R over the flat vector; J is the mean loss, R the penalties over the weights.

Source: Byrd, Lu, Nocedal & Zhu 1995; Zhu et al. 1997 (algorithm 778, L-BFGS-B).
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from gradatim.engines.contract import Data, Engine, Problem
from gradatim.errors import DivergedError, InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L1
from gradatim.training.callbacks import Callback, Progress, wants_to_stop
from gradatim.training.history import History, StoppedBecause, TrainingResult
from gradatim.training.stopping import Validation


def solve(
    problem: Problem,
    vector: Array,
    data: Data,
    train_rows: Array,
    engine: Engine,
    validation: Validation | None = None,
    callbacks: Sequence[Callback] = (),
) -> TrainingResult:
    """Go to the optimum. Validation is recorded but chooses nothing: the last iteration is kept.

    Args:
        problem: with the optimizer `LBFGS`.
        vector: (P,) where to begin.
        data: the whole encoded table.
        train_rows: (k,) the rows whose mean loss is made small.
        engine: gives losses and gradients.
        validation: rows and metric to record after each iteration.
        callbacks: called after each iteration.

    Returns:
        The optimum (float64), with one row of history per iteration.

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
    recorder = _Recorder(problem, data, engine, validation, callbacks, optimizer.max_iterations)
    start = np.asarray(vector, dtype=np.float64)
    rows = slice(None) if len(train_rows) == data.m else train_rows  # a slice costs no copy at every evaluation

    def objective(θ: Array) -> tuple[float, Array]:
        J, gradient = engine.loss_and_gradients(problem, θ, data, rows)
        return float(J) + _penalty(problem, θ), np.asarray(gradient, dtype=np.float64)

    if not np.isfinite(objective(start)[0]):
        raise DivergedError('The loss must be finite at the start. It is not: is X scaled? Try encoding="auto".')
    options = {
        **optimizer.options,
        "maxls": 50,
    }  # as in scikit-learn: near the optimum 20 trials of a step can be too few
    try:
        found = minimize(objective, start, jac=True, method="L-BFGS-B", callback=recorder, options=options)
    except KeyboardInterrupt:
        if recorder.vector is None:
            raise
        return recorder.result(recorder.vector, "interrupted", "Interrupted.")
    if recorder.stopped:
        return recorder.result(found.x, "callback", "Stopped by a callback.")
    if found.status == 1:
        return recorder.result(
            found.x, "max_epochs", f"L-BFGS stopped at its {found.nit} iterations, not yet at the optimum."
        )
    return recorder.result(found.x, "converged", f"L-BFGS converged in {found.nit} iterations.")


class _Recorder:
    """SciPy's callback: a row of history per iteration, and the parameters so far."""

    def __init__(
        self,
        problem: Problem,
        data: Data,
        engine: Engine,
        validation: Validation | None,
        callbacks: Sequence[Callback],
        max_iterations: int,
    ) -> None:
        self.problem, self.data, self.engine = problem, data, engine
        self.validation, self.callbacks, self.max_iterations = validation, callbacks, max_iterations
        self.rows: list[dict[str, float]] = []
        self.vector: Array | None = None
        self.stopped = False
        self.started = perf_counter()

    def __call__(self, intermediate_result: OptimizeResult) -> None:
        self.vector = intermediate_result.x.copy()
        self.rows.append(self._row(self.vector, float(intermediate_result.fun)))
        iteration = len(self.rows)
        progress = Progress(iteration, self.max_iterations, self.rows[-1], iteration, self.vector)
        if wants_to_stop(self.callbacks, progress):
            self.stopped = True
            raise StopIteration

    def _row(self, vector: Array, objective: float) -> dict[str, float]:
        row = {"epoch": len(self.rows) + 1, "training_loss": objective - _penalty(self.problem, vector)}
        if self.validation is not None:
            outputs = self.engine.predict(self.problem.architecture, vector, self.data, self.validation.rows)
            row[f"validation_{self.validation.name}"] = float(self.validation.score(outputs))
        return {**row, "seconds": perf_counter() - self.started}

    def result(self, vector: Array, reason: StoppedBecause, message: str) -> TrainingResult:
        return TrainingResult(np.asarray(vector), History(tuple(self.rows)), len(self.rows), reason, message)


def _penalty(problem: Problem, vector: Array) -> float:
    weights = [vector[block.start : block.stop] for block in problem.architecture.blocks if block.role == "weight"]
    return float(sum(penalty.value(W) for penalty in problem.penalties for W in weights))
