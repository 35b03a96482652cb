"""What every engine takes, gives and promises. The seam between *what* to compute and *how*.

Conventions
-----------
* Rows at the door (`Data`), columns inside. Training and validation are row indices into one `Data`, never copies.
* The seam is a span of steps of one epoch's `Plan`. However an epoch is cut into spans, the parameters come out the
  same, byte for byte.
* Engines draw no random numbers: order, initial parameters and the key of dropout are handed in.
* `State` goes in and comes out; the old one is spent (an engine may reuse its memory).
* J = Σ w·L / Σ w over the rows of a batch (and over members), where L is summed over outputs; without penalties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import Loss
from gradatim.formulas.optimizers import LBFGS, Optimizer
from gradatim.formulas.penalties import Penalty
from gradatim.network import Architecture

Rows = Array | slice
"""Row indices (a rank-1 array of integers), or a slice: a slice costs no copy."""

ALL_ROWS = slice(None)


@dataclass(frozen=True)
class Data:
    """A table as numbers, rows first.

    Attributes:
        X: (m, inputs) dense array, or a SciPy CSR matrix.
        codes: (m, code columns) int32 category codes, 0 for missing or unknown; None without category embeddings.
        Y: (m, outputs) targets; None where only predictions are wanted.
        weights: (m,) non-negative weights of the examples; None counts each once.
    """

    X: Array
    codes: Array | None = None
    Y: Array | None = None
    weights: Array | None = None

    @property
    def m(self) -> int:
        """The number of rows."""
        return int(self.X.shape[0])


@dataclass(frozen=True)
class Problem:
    """What is to be made small, and by which rule.

    Attributes:
        architecture: the network.
        loss: per output and example, from scores Z[L] or from A[L].
        penalties: added to J in the gradient, over the weights only.
        optimizer: the rule of one step.
        clip_norm: gradients longer than this (Euclidean norm over all parameters) are scaled down to it; None never.
        averaging: β of the running mean of parameters, mean ← β·mean + (1 - β)·parameters; None keeps no mean.
    """

    architecture: Architecture
    loss: Loss
    penalties: tuple[Penalty, ...] = ()
    optimizer: Optimizer | LBFGS | None = None
    clip_norm: float | None = None
    averaging: float | None = None


@dataclass(frozen=True)
class State:
    """Where a training stands: everything that the next step depends on, and nothing else.

    Attributes:
        vector: (P,) the parameters.
        moments: what the optimizer remembers, each (P,).
        step: steps done since the start of training.
        averaged: (P,) the running mean of the parameters, or None.
    """

    vector: Array
    moments: tuple[Array, ...] = ()
    step: int = 0
    averaged: Array | None = None


@dataclass(frozen=True)
class BlockFactors:
    """How one block departs from the plan: its rate, its epsilon and its decay are the plan's times these."""

    rate: float = 1.0
    epsilon: float = 1.0
    decay: float = 0.0


@dataclass(frozen=True)
class Plan:
    """One epoch: which rows in which order, and the settings of each step.

    Attributes:
        order: (k,) row indices into `Data`, cut into batches from the front; a slice takes rows as they stand.
        rows: k, the number of rows in `order`.
        batch_size: rows per step; the last batch holds what is left.
        learning_rate: (steps,) per step.
        decay: (steps,) decoupled weight decay per step (θ ← θ·(1 - rate·decay) before the optimizer's step).
        dropout: (steps,) factor on every layer's dropout rate.
        factors: one per block of the architecture, in order; None leaves every block alone and decays weights only.
        dropout_key: 64-bit key of the dropout masks of this training.

    Raises:
        InputError: if a schedule does not have one value per step.
    """

    order: Rows
    rows: int
    batch_size: int
    learning_rate: Sequence[float]
    decay: Sequence[float]
    dropout: Sequence[float]
    factors: tuple[BlockFactors, ...] | None = None
    dropout_key: int = 0

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.rows < 1:
            raise InputError(f"Plan: rows and batch_size must be 1 or more. Got {self.rows} and {self.batch_size}.")
        if isinstance(self.order, slice) and self.order.step not in (None, 1):
            raise InputError(f"Plan: a slice of rows must have step 1. Got {self.order}.")
        for name in ("learning_rate", "decay", "dropout"):
            values = len(getattr(self, name))
            if values != self.steps:
                raise InputError(f"Plan: {name} must have one value for each of the {self.steps} steps. Got {values}.")

    @property
    def steps(self) -> int:
        """How many batches the epoch has."""
        return -(-self.rows // self.batch_size)

    def batch(self, step: int) -> Rows:
        """The rows of a step of this epoch, counted from 0."""
        start, stop = step * self.batch_size, min((step + 1) * self.batch_size, self.rows)
        if isinstance(self.order, slice):
            first = self.order.start or 0
            return slice(first + start, first + stop)
        return self.order[start:stop]


@dataclass(frozen=True)
class DropoutDraw:
    """Which masks to draw: `key` of the training, global `step`, and the `factor` on every layer's rate."""

    key: int
    step: int
    factor: float = 1.0


class Engine(Protocol):
    """The functions of a module such as `gradatim.engines.textbook`."""

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot run the problem, in a sentence; None if it can."""

    def initial_state(self, problem: Problem, vector: Array) -> State:
        """The state before the first step, with moments at zero. The vector is copied."""

    def predict(self, architecture: Architecture, vector: Array, data: Data, rows: Rows = ALL_ROWS) -> Array:
        """A[L] as rows, (m, outputs): probabilities or values, the mean over members."""

    def evaluate(self, problem: Problem, vector: Array, data: Data, rows: Rows = ALL_ROWS) -> float:
        """J on these rows, in evaluation (no dropout)."""

    def loss_and_gradients(
        self, problem: Problem, vector: Array, data: Data, rows: Rows = ALL_ROWS, dropout: DropoutDraw | None = None
    ) -> tuple[Array, Array]:
        """(J, ∂(J + penalties)/∂vector) on these rows."""

    def penalty(self, problem: Problem, vector: Array) -> Array:
        """The penalties over all weights: what is added to J."""

    def workspace(self, problem: Problem, n_threads: int | None = None) -> Any:
        """What the engine keeps between the spans of one training; None where it keeps nothing.

        An engine that keeps something has at most `n_threads` threads of its own, and wants none from BLAS. None leaves
        their number to the engine.
        """

    def train(
        self, problem: Problem, state: State, data: Data, plan: Plan, start: int, stop: int, workspace: Any = None
    ) -> tuple[State, float, int | None]:
        """Run the plan's steps start … stop - 1. The state that is handed in stays as it is.

        Returns the new state, Σ w·L over their batches (each before its step; divided by Σ w it is the epoch's mean
        loss), and the first step whose loss, gradient or new parameters were not finite, or None. The state then is the
        one before that step, so that what comes back is finite if what went in was.
        """
