"""What predicts: it has outputs, and a target that makes labels, numbers and probabilities of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.settings import Task
from gradatim.tables import NumberTarget
from gradatim.tables.targets import Target


class Fitted(ABC):
    """What a `Model` and an `Ensemble` of them have in common.

    Attributes:
        target: from outputs to labels or numbers.
    """

    target: Target

    @abstractmethod
    def outputs(self, rows: Any) -> Array:
        """(m, outputs) float64, before labels are chosen or numbers take their units back."""

    @property
    def task(self) -> Task:
        """Whether it predicts classes or numbers."""
        return "regression" if isinstance(self.target, NumberTarget) else "classification"

    @property
    def classes_(self) -> Array:
        """(K,) the labels, in the order of `predict_proba`'s columns; of several targets a list of two labels each.

        Raises:
            InputError: for a model of numbers.
        """
        if isinstance(self.target, NumberTarget):
            raise InputError(
                f"classes_ must be asked of a model of classes. Got one of the number {self.target.names[0]!r}."
            )
        return self.target.labels

    def predict(self, rows: Any) -> Array:
        """Labels in their own type, or numbers in their own units.

        Args:
            rows: as for `table_of`, with the columns of training, m rows.

        Returns:
            (m,); (m, k) for k > 1 targets.
        """
        decoded = self.target.decode(self.outputs(rows))
        return decoded[:, 0] if decoded.ndim == 2 and decoded.shape[1] == 1 else decoded

    def predict_proba(self, rows: Any) -> Array:
        """How probable each class is.

        Args:
            rows: as for `table_of`, with the columns of training, m rows.

        Returns:
            (m, K) float64, in the order of `classes_`; rows sum to 1. Of several targets (m, k): how probable the
            positive class of each is.

        Raises:
            InputError: for a model of numbers.
        """
        if isinstance(self.target, NumberTarget):
            raise InputError(
                f"predict_proba must be asked of a model of classes. Got one of the number {self.target.names[0]!r}: "
                "use predict."
            )
        return self.target.probabilities(self.outputs(rows))
