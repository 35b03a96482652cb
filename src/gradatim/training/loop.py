"""The training loop: epochs of steps, each judged on the rows held out, until one of the reasons to stop.

Every random number of a training is drawn here, from one generator, and handed to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.engines.contract import Data, Engine, Plan, Problem, State
from gradatim.errors import DivergedError, EngineUnavailableError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.settings import Settings
from gradatim.training.advice import on_divergence, on_rise, on_standstill
from gradatim.training.astray import place_of_the_fault
from gradatim.training.callbacks import Beginning, Callback, Progress, asks_to_stop, tell
from gradatim.training.checkpoint import Checkpoint, Keeper, Standing
from gradatim.training.fingerprint import fingerprint
from gradatim.training.history import StoppedBecause, TrainingResult
from gradatim.training.initial import first_state
from gradatim.training.lbfgs import solve
from gradatim.training.plan import block_factors, epoch_plan, steps_per_epoch, total_steps
from gradatim.training.recording import By, Recording
from gradatim.training.steps import parameters_of, take_steps
from gradatim.training.stopping import WAVE, BestSoFar, ends_of_waves
from gradatim.training.threads import blas_threads
from gradatim.training.validation import Judge, Validation

ROWS_OF_THE_START = 8192
"""So many rows, at most, say how large the loss was before the first step."""


def fit_parameters(
    problem: Problem,
    start: Array | State,
    data: Data,
    train_rows: Array,
    settings: Settings,
    rng: np.random.Generator,
    engine: Engine,
    validation: Validation | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
) -> TrainingResult:
    """Train until epochs, steps or patience run out, a callback asks for the end, or numbers are no longer finite.

    Args:
        problem: architecture, loss, penalties and optimizer.
        start: (P,) initial parameters; or the state that a training left (`TrainingResult.state`), whose moments and
            number of steps the optimizer then goes on with. L-BFGS takes the parameters alone.
        data: the whole encoded table.
        train_rows: (k,) the rows that steps are taken on.
        settings: resolved.
        rng: draws the order of the rows and the key of dropout.
        engine: computes.
        validation: rows and metric that choose the epoch; None keeps the last.
        callbacks: called after each epoch.
        checkpoint: where the training is kept on the way. If the file is there, the training goes on from it and ends
            with the same bytes as one that was never cut off; one that had ended gives its result at once, without
            callbacks. L-BFGS keeps its result only. After Ctrl-C the training can still be gone on with.

    Returns:
        The best parameters, in `settings.dtype`, and how they came about. Ctrl-C counts as a reason to stop, once there
        is an epoch to keep.

    Raises:
        DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        EngineUnavailableError: if steps are to be taken that the engine cannot run.
        InputError: for a start of another network or optimizer, and for a checkpoint of another training.
    """
    workspace = engine.workspace(problem, settings.n_threads)
    with (
        blas_threads(settings.n_threads if workspace is None else 1),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        searches = isinstance(problem.optimizer, LBFGS)
        if not searches:
            refuse_unsupported(problem, settings.engine, engine)
        elif isinstance(start, State):
            start = start.vector
        state = first_state(problem, start, settings.dtype, engine)
        judge = Judge(problem, data, engine, validation)
        kept = checkpoint is not None
        of_this = fingerprint(problem, state, data, train_rows, settings, rng, validation) if kept else ""
        keeper = Keeper(checkpoint, of_this)
        found = keeper.read()
        if found is not None and found.ended is not None:
            return found.result()
        tell(callbacks, "on_training_begin", Beginning(problem, data, train_rows, settings))
        if searches:
            recording = _recording(settings, state.vector)
            result = solve(problem, state.vector, data, train_rows, engine, judge, callbacks, recording)
            if result.stopped_because != "interrupted":
                keeper.write(Standing.of_result(result))
        else:
            result = _Training(data, train_rows, settings, rng, judge, callbacks, keeper, workspace).run(state, found)
        tell(callbacks, "on_training_end", result)
        return result


def refuse_unsupported(problem: Problem, name: str, engine: Engine) -> None:
    """Raise `EngineUnavailableError` for a problem whose steps the engine of that name cannot take."""
    reason = engine.unsupported(problem)
    if reason is not None:
        raise EngineUnavailableError(
            f'engine must be one that can run this problem. Got {name!r}: {reason}. Try engine="textbook".'
        )


def _recording(settings: Settings, vector: Array) -> Recording | None:
    by: By | None = settings.record  # type: ignore[assignment]  # resolved: one of them
    return None if by is None else Recording.start(by, vector)


class _Training:
    """One call of `fit_parameters`: what does not change over its epochs, and where it stands."""

    def __init__(
        self,
        data: Data,
        train_rows: Array,
        settings: Settings,
        rng: np.random.Generator,
        judge: Judge,
        callbacks: Sequence[Callback],
        keeper: Keeper,
        workspace: Any = None,
    ) -> None:
        self.data, self.train_rows, self.settings, self.rng = data, train_rows, settings, rng
        self.judge, self.validation, self.callbacks, self.keeper = judge, judge.validation, callbacks, keeper
        self.workspace = workspace
        self.problem, self.engine = judge.problem, judge.engine
        self.factors = block_factors(self.problem, settings.descent)
        self.steps_per_epoch = steps_per_epoch(settings, len(train_rows))
        self.epochs = -(-total_steps(settings, len(train_rows)) // self.steps_per_epoch)
        by_waves = settings.patience_epochs == WAVE
        self.waves = ends_of_waves(settings.schedule, self.epochs) if by_waves else ()

    def run(self, start: State, found: Standing | None) -> TrainingResult:
        """From the start, or from where a checkpoint found it."""
        self.start = start
        self.at = at = self._beginning(start) if found is None else found
        if found is not None:
            self.rng.bit_generator.state = found.rng
        self.epoch = len(at.rows)
        self.started = perf_counter() - (at.rows[-1]["seconds"] if at.rows else 0.0)
        try:
            return self._ended(*self._epochs())
        except KeyboardInterrupt:
            if not at.best.epoch:
                raise
            at.ended = "interrupted", self._message("interrupted", f"Interrupted in epoch {self.epoch}.")
            return at.result()

    def _beginning(self, start: State) -> Standing:
        key = int(self.rng.integers(2**63))
        patience = None if self.settings.patience_epochs == WAVE else self.settings.patience_epochs
        best = BestSoFar(self.validation is not None and self.validation.greater_is_better, patience)
        judged: list[Array] | None = [] if self.validation is not None and self.validation.keeps_outputs else None
        return Standing(start, best, [], key, _recording(self.settings, parameters_of(start)), judged)

    def _ended(self, reason: StoppedBecause, message: str) -> TrainingResult:
        self.at.ended = reason, self._message(reason, message)
        self.keeper.write(self.at)
        return self.at.result()

    def _epochs(self) -> tuple[StoppedBecause, str]:
        """One after another, until there is a reason to stop."""
        while self.epoch < self.epochs:
            self.epoch += 1
            ended = self._epoch(self.epoch)
            if ended is not None:
                return ended
            if self.epoch < self.epochs:  # the last one is written with the reason why it was the last
                self.at.rng = self.rng.bit_generator.state
                self.keeper.after_epoch(self.at)
        if self.settings.max_steps is not None:
            return "max_steps", f"Trained for {self.settings.max_steps} steps, as many as were allowed."
        return "max_epochs", f"Trained for {len(self.at.rows)} epochs, as many as were allowed."

    def _epoch(self, epoch: int) -> tuple[StoppedBecause, str] | None:
        at = self.at
        self.plan = plan = epoch_plan(self.settings, self.train_rows, epoch, self.rng, at.dropout_key, self.factors)
        assert at.state is not None
        state, loss_sum, bad_step = take_steps(
            self.engine, self.problem, at.state, self.data, plan, epoch, at.recording, self.workspace
        )
        if bad_step is not None:
            return self._diverged(epoch, bad_step, state.vector)
        vector = parameters_of(state)
        judgement = self.judge(vector)
        if judgement is not None and not judgement.finite:
            return self._diverged(epoch, plan.steps - 1, vector)
        at.state = state
        # Its row first: wherever Ctrl-C strikes below, the best epoch is one that the history has.
        self._record(epoch, loss_sum / self._weight(plan), {} if judgement is None else judgement.columns)
        if judgement is not None and at.judged is not None:
            at.judged.append(judgement.outputs)
        at.best.offer(epoch, None if judgement is None else judgement.score, vector)
        if at.recording is not None:
            if at.recording.by == "epochs":
                at.recording.add((epoch - 1) * self.steps_per_epoch + plan.steps, epoch, vector)
            if at.best.epoch == epoch:
                at.recording.mark_best()
        asked = asks_to_stop(self.callbacks, Progress(epoch, self.epochs, at.rows[-1], at.best.epoch, vector))
        if asked is not None:
            return asked
        if self.validation is not None:
            in_vain = at.best.waited_a_wave(self.waves)
            if in_vain:
                first, last = in_vain
                return (
                    "patience",
                    f"No better validation {self.validation.name} in the wave from epoch {first} to {last}.",
                )
            if at.best.waited_enough:
                return "patience", f"No better validation {self.validation.name} in {at.best.patience_epochs} epochs."
        return None

    def _weight(self, plan: Plan) -> float:
        """Of the rows of the epoch: all of them, in an order that does not change, but for an epoch cut short."""
        rows = self.train_rows if plan.rows == len(self.train_rows) else plan.order
        return float(plan.rows if self.data.weights is None else np.sum(self.data.weights[rows]))

    def _record(self, epoch: int, loss: float, judged: dict[str, float]) -> None:
        row = {"epoch": epoch, "training_loss": loss, **judged, "learning_rate": float(self.plan.learning_rate[-1])}
        self.at.rows.append({**row, "seconds": perf_counter() - self.started})

    def _message(self, reason: StoppedBecause, message: str) -> str:
        """The same, and what was kept.

        Raises:
            DivergedError: if what was kept gives outputs that are not finite.
        """
        best, epochs = self.at.best, len(self.at.rows)
        # Without validation nothing has looked at the outputs behind the last step yet.
        if self.validation is None and not self.judge.finite_on(best.vector, self.train_rows):
            raise DivergedError(
                message if reason == "diverged" else self._divergence(best.epoch, self.plan.steps - 1, best.vector)
            )
        kept = f" Kept epoch {best.epoch}." if best.epoch != epochs else ""
        if self.validation is not None and isnan(best.score):
            kept = f" Kept the last epoch: no validation {self.validation.name} was a number."
        return message + kept + self._standstill() + self._rise()

    def _standstill(self) -> str:
        """Whether the network that is kept is the one that was drawn."""
        moved = not np.array_equal(self.at.best.vector, parameters_of(self.start))
        return "" if moved else on_standstill(self.plan)

    def _rise(self) -> str:
        """Whether the loss is worse than it was before the first step, on some of the rows."""
        rows = self.train_rows[:: -(-len(self.train_rows) // ROWS_OF_THE_START)]
        before = self.engine.evaluate(self.problem, parameters_of(self.start), self.data, rows)
        best = self.at.best.epoch
        return on_rise(before, self.at.rows[best - 1]["training_loss"], best, self.settings)

    def _diverged(self, epoch: int, bad_step: int, vector: Array) -> tuple[StoppedBecause, str]:
        message = self._divergence(epoch, bad_step, vector)
        if not self.at.rows:
            raise DivergedError(message)
        return "diverged", message

    def _divergence(self, epoch: int, bad_step: int, vector: Array) -> str:
        """What went astray, where and why; the vector is that before the step, or what the epoch came to."""
        place = place_of_the_fault(self.problem, vector, self.data, self.plan.batch(bad_step))
        return on_divergence(epoch, bad_step, self.plan, self.settings, self.data.X, place)
