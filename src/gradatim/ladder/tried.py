"""A rung after its training: the model, the score, and what was trained for them."""

from __future__ import annotations

from dataclasses import dataclass

from gradatim.ladder.rungs import Rung
from gradatim.ladder.verdict import Score, Standing
from gradatim.model import Ensemble, Model


@dataclass(frozen=True)
class TriedRung:
    """A rung, trained and scored.

    Attributes:
        rung: which one.
        model: that is kept of it. Where there are folds, or it is a network that is kept after one holdout, it was
            trained once more, on all rows.
        score: on the validation rows; where there are folds, on all of their rows, each predicted by the training that
            did not see it.
        seconds: that training took.
        folds: the models that were scored, one a fold, and one of one holdout; empty where `model` itself was.
    """

    rung: Rung
    model: Model | Ensemble
    score: Score
    seconds: float
    folds: tuple[Model | Ensemble, ...] = ()

    @property
    def standing(self) -> Standing:
        """What the verdict needs of it."""
        return Standing(self.rung.name, self.rung.title, self.rung.is_network, self.score)

    @property
    def scored(self) -> tuple[Model | Ensemble, ...]:
        """The models that the score is of: those of the folds, or the one that is kept."""
        return self.folds or (self.model,)

    @property
    def trainings(self) -> dict[int | None, Model]:
        """Those of the folds by number, from 1, and that of the model under None; of an ensemble only its networks."""
        if isinstance(self.model, Ensemble):
            return dict(enumerate(self.model.models, 1))
        folds = (model for model in self.folds if isinstance(model, Model))
        return {**dict(enumerate(folds, 1)), None: self.model}
