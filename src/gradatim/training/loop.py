"""The training loop: epochs of steps, each judged on the rows held out, until one of the reasons to stop.

Every random number of a training is drawn here, from one generator, and handed to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from time import perf_counter

import numpy as np

from gradatim.engines.contract import Data, Engine, Problem, Rows, State
from gradatim.errors import DivergedError, EngineUnavailableError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.settings import Settings
from gradatim.training.callbacks import Callback, Progress, wants_to_stop
from gradatim.training.history import History, StoppedBecause, TrainingResult
from gradatim.training.lbfgs import solve
from gradatim.training.plan import block_factors, epoch_plan
from gradatim.training.stopping import BestSoFar, Validation
from gradatim.training.threads import blas_threads


def fit_parameters(
    problem: Problem,
    vector: Array,
    data: Data,
    train_rows: Array,
    settings: Settings,
    rng: np.random.Generator,
    engine: Engine,
    validation: Validation | None = None,
    callbacks: Sequence[Callback] = (),
) -> TrainingResult:
    """Train until the epochs or the patience run out, a callback asks for the end, or numbers are no longer finite.

    Args:
        problem: architecture, loss, penalties and optimizer.
        vector: (P,) initial parameters.
        data: the whole encoded table.
        train_rows: (k,) the rows that steps are taken on.
        settings: resolved.
        rng: draws the order of the rows and the key of dropout.
        engine: computes.
        validation: rows and metric that choose the epoch; None keeps the last.
        callbacks: called after each epoch.

    Returns:
        The best parameters, in `settings.dtype`, and how they came about. Ctrl-C counts as a reason to stop, once there
        is an epoch to keep.

    Raises:
        DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        EngineUnavailableError: if steps are to be taken that the engine cannot run.
    """
    vector = np.asarray(vector, dtype=settings.dtype)
    with blas_threads(settings.n_threads), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if isinstance(problem.optimizer, LBFGS):
            return solve(problem, vector, data, train_rows, engine, validation, callbacks)
        _refuse_unsupported(problem, settings.engine, engine)
        return _Training(problem, data, train_rows, settings, rng, engine, validation, callbacks).run(vector)


def _refuse_unsupported(problem: Problem, name: str, engine: Engine) -> None:
    reason = engine.unsupported(problem)
    if reason is not None:
        raise EngineUnavailableError(
            f'engine must be one that can run this problem. Got {name!r}: {reason}. Try engine="textbook".'
        )


class _Training:
    """One call of `fit_parameters`: what does not change over its epochs, and the rows of its history."""

    def __init__(
        self,
        problem: Problem,
        data: Data,
        train_rows: Array,
        settings: Settings,
        rng: np.random.Generator,
        engine: Engine,
        validation: Validation | None,
        callbacks: Sequence[Callback],
    ) -> None:
        self.problem, self.data, self.train_rows, self.settings = problem, data, train_rows, settings
        self.rng, self.engine, self.validation, self.callbacks = rng, engine, validation, callbacks
        self.weight = float(len(train_rows) if data.weights is None else np.sum(data.weights[train_rows]))
        self.dropout_key = int(rng.integers(2**63))
        self.factors = block_factors(problem)
        self.best = BestSoFar(validation is not None and validation.greater_is_better, settings.patience_epochs)
        self.rows: list[dict[str, float]] = []

    def run(self, vector: Array) -> TrainingResult:
        self.started = perf_counter()
        state = self.engine.initial_state(self.problem, vector)
        for epoch in range(1, self.settings.max_epochs + 1):
            try:
                state, stop = self._epoch(epoch, state)
            except KeyboardInterrupt:
                if not self.rows:
                    raise
                return self._result("interrupted", f"Interrupted in epoch {epoch}.")
            if stop is not None:
                return stop
        return self._result("max_epochs", f"Trained for {len(self.rows)} epochs, as many as were allowed.")

    def _epoch(self, epoch: int, state: State) -> tuple[State, TrainingResult | None]:
        self.plan = plan = epoch_plan(self.settings, self.train_rows, epoch, self.rng, self.dropout_key, self.factors)
        state, loss_sum, bad_step = self.engine.train(self.problem, state, self.data, plan, 0, plan.steps)
        if bad_step is not None:
            return state, self._diverged(epoch, bad_step)
        vector = state.vector if state.averaged is None else state.averaged
        outputs = None if self.validation is None else self._outputs(vector, self.validation.rows)
        if outputs is not None and not np.isfinite(outputs).all():
            return state, self._diverged(epoch, plan.steps - 1)
        score = None if self.validation is None else float(self.validation.score(vector, outputs))
        self.best.offer(epoch, score, vector)
        self._record(epoch, loss_sum / self.weight, score, float(plan.learning_rate[-1]))
        if wants_to_stop(
            self.callbacks, Progress(epoch, self.settings.max_epochs, self.rows[-1], self.best.epoch, vector)
        ):
            return state, self._result("callback", f"Stopped by a callback after epoch {epoch}.")
        if self.validation is not None and self.best.waited_enough:
            patience = self.settings.patience_epochs
            return state, self._result("patience", f"No better validation {self.validation.name} in {patience} epochs.")
        return state, None

    def _outputs(self, vector: Array, rows: Rows) -> Array:
        return self.engine.predict(self.problem.architecture, vector, self.data, rows)

    def _record(self, epoch: int, loss: float, score: float | None, rate: float) -> None:
        judged = {} if self.validation is None or score is None else {f"validation_{self.validation.name}": score}
        seconds = perf_counter() - self.started
        self.rows.append({"epoch": epoch, "training_loss": loss, **judged, "learning_rate": rate, "seconds": seconds})

    def _result(self, reason: StoppedBecause, message: str) -> TrainingResult:
        best = self.best
        # Without validation nothing has looked at the outputs behind the last step yet.
        if self.validation is None and not np.isfinite(self._outputs(best.vector, self.train_rows)).all():
            raise DivergedError(message if reason == "diverged" else self._divergence(best.epoch, self.plan.steps - 1))
        kept = f" Kept epoch {best.epoch}." if best.epoch != len(self.rows) else ""
        if self.validation is not None and isnan(best.score):
            kept = f" Kept the last epoch: no validation {self.validation.name} was a number."
        return TrainingResult(best.vector, History(tuple(self.rows)), best.epoch, reason, message + kept)

    def _diverged(self, epoch: int, bad_step: int) -> TrainingResult:
        message = self._divergence(epoch, bad_step)
        if not self.rows:
            raise DivergedError(message)
        return self._result("diverged", message)

    def _divergence(self, epoch: int, bad_step: int) -> str:
        rate = float(self.plan.learning_rate[bad_step])
        return (
            f"The loss must stay finite. It became infinite or NaN in epoch {epoch}, step {bad_step + 1} of "
            f"{self.plan.steps}. "
            f"Usual causes: learning_rate={rate:.3g} is too large, or X is not scaled (largest |X| = "
            f"{_largest(self.data.X):.3g}). Try learning_rate={self.settings.learning_rate / 10:.3g}, "
            'or encoding="auto".'
        )


def _largest(X: Array) -> float:
    return float(abs(X).max()) if X.shape[0] and X.shape[1] else 0.0
