"""How an epoch is judged, on rows that no step has seen.

Two numbers: the validation loss, which is J there, in the units of the training loss, so that the two curves can be
laid over one another; and the metric that chooses the epoch, which may be the loss itself.

Weights of rows count in both as they do in training: what a training makes small is what its epochs are judged by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gradatim.engines.contract import Data, Engine, Problem, Rows
from gradatim.engines.textbook import loss_values
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array

LOSS = "loss"


@dataclass(frozen=True)
class Validation:
    """Rows held out, and what is measured on them.

    Attributes:
        rows: row indices of `Data`.
        name: of the metric, for the history: ``validation_<name>``.
        score: from the parameters (P,) and the network's outputs A[L] on `rows`, (k, outputs), to a number. None takes
            the loss, J.
        greater_is_better: whether a larger score is a better one.
        keeps_outputs: whether the outputs on `rows` are kept after each epoch, so that another epoch than the one these
            rows choose can be scored on them.
    """

    rows: Rows
    name: str = LOSS
    score: Callable[[Array, Array], float] | None = None
    greater_is_better: bool = False
    keeps_outputs: bool = False


@dataclass(frozen=True)
class Judgement:
    """What the rows held out say of some parameters.

    Attributes:
        finite: whether all outputs are. If not, nothing was measured.
        score: of the metric.
        columns: for the history.
        outputs: (k, outputs) the network's A[L] on these rows.
    """

    finite: bool
    score: float
    columns: dict[str, float]
    outputs: Array


class Judge:
    """Measures parameters on the rows held out.

    Args:
        problem: network and loss.
        data: the whole encoded table.
        engine: computes.
        validation: rows and metric; None where no row is held out.
    """

    def __init__(self, problem: Problem, data: Data, engine: Engine, validation: Validation | None) -> None:
        self.problem, self.engine, self.validation = problem, engine, validation
        self.data = data
        architecture = problem.architecture
        self.g = activation(architecture.output.activation)
        self.without_g = replace(architecture, output=replace(architecture.output, activation="identity"))

    def __call__(self, vector: Array) -> Judgement | None:
        """Judge (P,) parameters; None where no row is held out."""
        validation = self.validation
        if validation is None:
            return None
        A, loss = self._outputs_and_loss(vector, validation.rows)
        finite = bool(np.isfinite(A).all())
        if not finite:
            loss = score = float("nan")
        else:
            score = loss if validation.score is None else float(validation.score(vector, A))
        return Judgement(finite, score, {f"validation_{LOSS}": loss, f"validation_{validation.name}": score}, A)

    def finite_on(self, vector: Array, rows: Rows) -> bool:
        """Whether the network's outputs are finite on these rows."""
        return bool(np.isfinite(self.engine.predict(self.problem.architecture, vector, self.data, rows)).all())

    def _outputs_and_loss(self, vector: Array, rows: Rows) -> tuple[Array, float]:
        """A[L] as rows and J, in one pass: from the scores Z[L] both follow, from A the loss would not.

        Members are the exception: their outputs are the mean of probabilities, their J is the mean of losses.
        """
        if self.problem.architecture.members > 1:
            A = self.engine.predict(self.problem.architecture, vector, self.data, rows)
            return A, self.engine.evaluate(self.problem, vector, self.data, rows)
        assert self.data.Y is not None
        Z = self.engine.predict(self.without_g, vector, self.data, rows).T
        L = np.sum(loss_values(self.problem.loss, self.g, Z, self.data.Y[rows].T), axis=0, dtype=np.float64)
        weights = self.data.weights
        return self.g.value(Z).T, float(np.average(L, weights=None if weights is None else weights[rows]))
