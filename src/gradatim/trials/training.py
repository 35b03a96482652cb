"""One candidate on one fold: trained on its training rows, and asked for the rows that score.

Everything here goes to other processes: the table as numbers, in arrays that joblib maps into memory once, and no
dataframe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradatim.errors import DivergedError
from gradatim.formulas.metrics import Metric
from gradatim.ladder.folds import Fold
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.rungs import Rung
from gradatim.model import Model
from gradatim.model.outcomes import predicted
from gradatim.model.preparation import PreparedTable, number_target, prepare
from gradatim.model.training import resolved
from gradatim.settings import Settings
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.trials.grid import Candidate


@dataclass(frozen=True)
class FoldTable:
    """A fold as numbers. Encoding, and the scale of numbers, are those of its training rows.

    Attributes:
        fold: which rows do what.
        prepared: all rows.
        examples: all rows, their columns left out.
        metric: by which epochs are chosen and rows are scored.
    """

    fold: Fold
    prepared: PreparedTable
    examples: Examples
    metric: Metric


@dataclass(frozen=True)
class FoldResult:
    """What came of it.

    Attributes:
        predicted: (m,) or (m, K) of the fold's rows, as the metric needs it; None where the training diverged.
        parameters: how many the model has.
        epochs: how many were trained; 0 of a linear model, which is solved.
        seconds: that training took.
        message: why a training broke off; empty where it did not.
    """

    predicted: Any
    parameters: int
    epochs: int
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class Task:
    """A training that is to be done.

    Attributes:
        candidate: the number of the candidate.
        fold: the number of the fold.
        table: the fold.
        rung: that the candidate stands on.
        settings: of the candidate, with the seed of the fold.
        widths: of its hidden layers.
    """

    candidate: int
    fold: int
    table: FoldTable
    rung: Rung
    settings: Settings
    widths: tuple[int, ...]

    @property
    def key(self) -> tuple[int, int]:
        """Candidate and fold."""
        return self.candidate, self.fold


def fold_table(
    examples: Examples, fold: Fold, classes: Target | None, candidate: Candidate, settings: Settings, metric: Metric
) -> FoldTable:
    """Make numbers of a fold, for a candidate and all others of its kind: with hidden layers, or without."""
    rows = len(fold.roles.train)
    trained = candidate.rung.candidates(candidate.settings(settings), candidate.hidden, rows)[0]
    used = resolved(trained, classes, rows)
    target = classes or number_target(examples, fold.roles.train, used.network)
    prepared = prepare(examples, fold.roles, target, used.encoding, dtype=used.dtype)
    bare = Examples(examples.table.drop(examples.table.names), examples.y)
    return FoldTable(fold, prepared, bare, metric)


def train_on_fold(task: Task) -> FoldResult:
    """Train one candidate on one fold."""
    table, prepared = task.table, task.table.prepared
    ladder = Ladder.on(prepared, table.examples, task.settings, task.rung, widths=task.widths, metric=table.metric)
    try:
        (tried,) = ladder.climb()
    except DivergedError as error:
        return FoldResult(None, 0, 0, 0.0, str(error))
    model, scored = tried.model, table.fold.scored
    assert isinstance(model, Model)  # no candidate is an ensemble
    training = model.training
    broke_off = training is not None and training.stopped_because == "diverged"
    return FoldResult(
        predicted(prepared.target, table.metric, model.outputs_of(prepared.data, scored)),
        model.parameter_count,
        len(model.history_) if task.rung.is_network else 0,
        tried.seconds,
        training.message if training is not None and broke_off else "",
    )
