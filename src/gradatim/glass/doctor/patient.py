"""What is examined: a network, rows to send through it, and how its training went.

Conventions
-----------
* Rows are a sample at even distances of those that were given: an examination costs one pass forward and one back.
* The passes are the textbook engine's, in float64 and without dropout, whichever engine trained.
* A part that is not there (no rows, no history) is None, and conditions that need it are not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Plan, Problem
from gradatim.engines.textbook.objective import Batch, batch_of
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS, Adam, AdamW
from gradatim.glass.doctor.constant import constant_loss
from gradatim.network import Architecture, Parameters
from gradatim.settings import PRESETS, Settings
from gradatim.tables.encoding.columns import Column
from gradatim.tables.examples import Examples
from gradatim.training.history import History
from gradatim.training.plan import block_factors

MOST_ROWS = 2000
"""Shares of rows and of units are then right to one in a hundred, and a pass through 3×256 units takes 50 ms."""

MOST_CELLS = 2**22
"""Fewer rows of a table with very many columns: 32 MB of float64."""

FEWEST_ROWS = 20
"""On fewer rows units are silent, and classes not predicted, by chance."""


@dataclass(frozen=True)
class Course:
    """How a training went.

    Attributes:
        history: a row per epoch, or every so many.
        best_epoch: whose parameters were kept; None where that is not known.
        stopped_because: as in `TrainingResult`; "" where that is not known.
        unit: what the history counts: "epoch" or "iteration".
    """

    history: History
    best_epoch: int | None = None
    stopped_because: str = ""
    unit: str = "epoch"


@dataclass(frozen=True)
class Origin:
    """The table behind the numbers: its rows with their target, and the columns as they are read."""

    examples: Examples
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Patient:
    """Everything that is known of a network.

    Attributes:
        problem: architecture, loss, penalties and optimizer.
        vector: (P,) parameters, float64.
        data: the rows that are sent through, encoded, with targets; or None.
        course: of the training, or None.
        settings: of the training, resolved; None for a `gradatim.Network`, which has none.
        learning_rate: of the training; None where it is not known.
        inputs: names of the columns of X; () where they have none.
        classes: names of the classes, in the order of the outputs; () where numbers are predicted, or none is known.
        origin: the table, or None.
    """

    problem: Problem
    vector: Array
    data: Data | None = None
    course: Course | None = None
    settings: Settings | None = None
    learning_rate: float | None = None
    inputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = field(default=())
    origin: Origin | None = None

    @property
    def architecture(self) -> Architecture:
        """Of the network."""
        return self.problem.architecture

    @property
    def is_solved(self) -> bool:
        """Whether L-BFGS takes its steps: they have no rate, and an iteration is no epoch."""
        return isinstance(self.problem.optimizer, LBFGS)

    @property
    def predicts_classes(self) -> bool:
        """Whether each row has one class, of two or more."""
        output = self.architecture.output
        return output.activation == "softmax" or (output.activation == "sigmoid" and output.units == 1)

    @cached_property
    def parameters(self) -> Parameters:
        """By name of the block."""
        return Parameters(self.architecture, self.vector)

    @cached_property
    def batch(self) -> Batch:
        """The rows as columns."""
        assert self.data is not None
        return batch_of(self.problem, self.vector, self.data, slice(None))

    @cached_property
    def forward(self) -> textbook.Pass:
        """Every Z and A."""
        return textbook.forward(self.architecture, self.vector, self.batch.X, self.batch.codes)

    @cached_property
    def backward(self) -> textbook.BackwardPass:
        """Every dZ, of the mean loss of the rows without penalties."""
        g, (Z, A) = activation(self.architecture.output.activation), (self.forward.Z[-1], self.forward.A[-1])
        dZ = self.batch.share * textbook.loss_slopes(self.problem.loss, g, Z, A, self.batch.Y)
        return textbook.backward(self.architecture, self.vector, self.forward, dZ)

    @cached_property
    def loss(self) -> float:
        """J of the rows, without penalties."""
        g = activation(self.architecture.output.activation)
        return float(
            np.sum(self.batch.share * textbook.loss_values(self.problem.loss, g, self.forward.Z[-1], self.batch.Y))
        )

    @cached_property
    def constant_loss(self) -> float:
        """J of the best constant prediction for the rows."""
        return constant_loss(self.problem, self.batch)

    @cached_property
    def step_sizes(self) -> dict[int, float] | None:
        """‖ΔW[l]‖ / ‖W[l]‖ of one step from here, on all rows, by an optimizer that remembers nothing; None without.

        Adam's first step moves every weight by the rate, as far as it ever does.
        """
        if self.data is None or self.learning_rate is None or self.is_solved:
            return None
        rows = self.data.m
        factors = None if self.settings is None else block_factors(self.problem, self.settings.descent)
        plan = Plan(slice(0, rows), rows, rows, (self.learning_rate,), (0.0,), (0.0,), factors)
        moved, _, bad = textbook.train(
            self.problem, textbook.initial_state(self.problem, self.vector), self.data, plan, 0, 1
        )
        if bad is not None:
            return None
        Δ = Parameters(self.architecture, moved.vector - self.vector)
        sizes = {l: float(np.linalg.norm(self.parameters.W[l])) for l in range(1, self.architecture.L + 1)}
        return {l: float(np.linalg.norm(Δ.W[l])) / size for l, size in sizes.items() if size > 0}

    # --- what to change, in the words of who asks -------------------------------------------------------------------

    @property
    def slower(self) -> str:
        """A smaller learning rate: a tenth, and of adaptive ones no more than ten times what the preset has."""
        rate = self.learning_rate
        if self.is_solved:
            return "other weights to begin with, random_state=1"
        if rate is None:
            return "a tenth of the learning rate"
        better = rate / 10
        if self.settings is not None and isinstance(self.problem.optimizer, Adam | AdamW):
            usual = min(float(preset["learning_rate"]) for preset in PRESETS[self.settings.preset].values())
            better = min(better, 10 * usual)
        return f"learning_rate={better:.2g} in place of {rate:.2g}"

    def initializer(self, name: str) -> str:
        """Other weights to begin with."""
        setting = f'initializer="{name}"'
        return setting if self.settings is None else f"network=NetworkOptions({setting})"

    def activation(self, name: str) -> str:
        """Another activation of the hidden layers."""
        return f'activations=["{name}", …]' if self.settings is None else f'activation="{name}"'


def sampled(data: Data, at_most: int = MOST_ROWS, rows: Array | None = None) -> Data:
    """Rows at even distances, of all or of these, dense and in float64."""
    most = min(at_most, most_rows(data.X.shape[1]))
    rows = places(data.m, most) if rows is None else rows[places(len(rows), most)]
    X = data.X[rows]
    X = X.toarray() if hasattr(X, "toarray") else X
    parts = (None if part is None else part[rows] for part in (data.Y, data.weights))
    Y, weights = (None if part is None else np.asarray(part, dtype=np.float64) for part in parts)
    codes = None if data.codes is None else data.codes[rows]
    return replace(data, X=np.asarray(X, dtype=np.float64), codes=codes, Y=Y, weights=weights)


def most_rows(columns: int) -> int:
    """So many rows of so many columns are looked at."""
    return max(min(MOST_ROWS, MOST_CELLS // max(columns, 1)), FEWEST_ROWS)


def places(rows: int, at_most: int) -> Array:
    """So many places of `rows` at even distances; all of them where they are fewer."""
    return np.arange(rows) if rows <= at_most else np.linspace(0, rows - 1, at_most).astype(np.intp)


def named_inputs(patient: Patient, wanted: Sequence[int], most: int = 5) -> str:
    """The first of some inputs by name: columns of a table, or rows of X."""
    names = [repr(patient.inputs[k]) if patient.inputs else f"input {k + 1}" for k in wanted[:most]]
    more = len(wanted) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def finite(**measured: Any) -> dict[str, float]:
    """Numbers by name, those that are not finite left out."""
    return {name: float(value) for name, value in measured.items() if np.isfinite(value)}
