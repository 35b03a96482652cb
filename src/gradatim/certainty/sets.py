"""Sets of classes that hold the right one as often as asked: split-conformal classification.

Two scores of a class k in a row with probabilities p:

* ``"lac"``: 1 - p_k. The smallest sets on average, of all that cover as much; rows that are hard may be covered less.
* ``"aps"``: the probabilities of all classes above k, added up. Sets are no smaller on average; their size follows
  more closely how hard a row is. The most probable class has the score 0, so that no set is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradatim.certainty.coverage import check, conformal_quantile, spread
from gradatim.certainty.evidence import labels_of, of_classes, probabilities
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """A model of classes that answers with sets. `prediction_sets` makes one.

    Attributes:
        model: that is asked.
        coverage: that was asked for.
        method: "lac" or "aps".
        quantiles: (K,) the highest score that still belongs; the same for all classes, unless each has its own.
        rows: of your own, that the quantiles are of.
        per_class: whether each class has its own quantile.
        allow_empty: whether a set may be empty.
        seed: of the random numbers of randomized scores; None where there are none.
    """

    model: Any = field(repr=False)
    coverage: float
    method: str
    quantiles: Array
    rows: int
    per_class: bool
    allow_empty: bool
    seed: int | None

    @property
    def classes_(self) -> Array:
        """(K,) the labels, in the order of `contains`' columns."""
        return np.asarray(self.model.classes_)

    def contains(self, rows: Any) -> Array:
        """Which classes are in the set of each row: (m, K) booleans."""
        return self._inside(probabilities(self.model, rows))

    def sets(self, rows: Any) -> list[Array]:
        """The labels of each row's set, the most probable first: m arrays."""
        P = probabilities(self.model, rows)
        falling = np.argsort(-P, axis=1, kind="stable")
        return [self.classes_[order[kept[order]]] for order, kept in zip(falling, self._inside(P), strict=True)]

    def predict(self, rows: Any) -> Array:
        """The model's own labels, (m,)."""
        return np.asarray(self.model.predict(rows))

    def spread(self, share: float = 0.9) -> tuple[float, float]:
        """Between which numbers the true coverage lies, for this share of all draws of own rows.

        Of sets that may be empty; the others cover more where the model is more often right than was asked.

        Raises:
            InputError: where each class has its own quantile, and so its own spread.
        """
        if self.per_class:
            raise InputError("spread must be asked of sets with one quantile. Got one for each class.")
        return spread(self.rows, self.coverage, share)

    def _inside(self, P: Array) -> Array:
        inside = strangeness(P, self.method, _drawn(self.seed, len(P), 1)) <= self.quantiles
        if not self.allow_empty:
            inside[np.arange(len(P)), P.argmax(axis=1)] = True
        return np.asarray(inside)


def prediction_sets(
    model: Any,
    rows: Any,
    y: Any,
    *,
    coverage: float = 0.9,
    method: str = "lac",
    per_class: bool = False,
    allow_empty: bool = False,
    randomized: bool = False,
    random_state: int = 0,
    cv: Any = None,
) -> PredictionSets:
    """Sets of classes, of which a share `coverage` holds the right class: on new rows, whatever the model is worth.

    Args:
        model: of classes, fitted. With `cv` an estimator.
        rows: (m rows) of your own, that neither trained the model nor chose its epoch.
        y: (m,) their labels.
        coverage: in (0, 1).
        method: "lac", for the smallest sets; or "aps", for sets whose size follows how hard a row is.
        per_class: promise the coverage within every class, by a quantile of its own. A class with fewer rows than
            coverage / (1 - coverage) is in every set: nothing less can be promised of it.
        allow_empty: leave a set empty where even the most probable class is too strange. By default that class is in
            the set; then sets cover more than asked where the model is more often right than that.
        randomized: with "aps" alone, a random share of the class's own probability is added. Equal scores of 0 fall
            apart, so that sets cover exactly as asked; they depend on `random_state` and on the place of the row, and
            may be empty.
        random_state: the seed of that.
        cv: None; or folds, a number or a splitter, to train clones on where no rows can be spared. The coverage is then
            mostly near, but no theorem.

    Returns:
        What answers in the model's place.

    Raises:
        InputError: for another method, a coverage outside (0, 1), and rows too few to promise it.

    Example:
        Nineteen rows, and k = ⌈20 · 0.9⌉ = 18: the right class had probability 0.2 at the second lowest.

        >>> class Model:
        ...     classes_ = np.array(["a", "b"])
        ...     def predict_proba(self, rows):
        ...         return np.column_stack([rows, 1 - np.array(rows)])
        >>> sets = prediction_sets(Model(), [0.1, 0.2, *[0.9] * 17], ["a"] * 19)
        >>> [labels.tolist() for labels in sets.sets([0.7, 0.95])]
        [['a', 'b'], ['a']]

    Source: lac: Sadinle, Lei & Wasserman 2019 (arXiv 1609.00451). aps: Romano, Sesia & Candès 2020 (arXiv 2006.02544).
    Per class: Vovk 2012.
    """
    if method not in ("lac", "aps"):
        raise InputError(f'method must be "lac" or "aps". Got {method!r}.')
    if randomized and method == "lac":
        raise InputError('randomized must be False with the method "lac", whose scores need no chance. Got True.')
    check("prediction_sets", coverage, len(y))
    model, said, codes = of_classes(model, rows, y, cv)
    seed = random_state if randomized else None
    scores = strangeness(said, method, _drawn(seed, len(said), 0))[np.arange(len(codes)), codes]
    if per_class:
        quantiles = [conformal_quantile(scores[codes == k], coverage) for k in range(len(labels_of(model)))]
    else:
        quantiles = [conformal_quantile(scores, coverage)] * len(labels_of(model))
    return PredictionSets(model, coverage, method, np.array(quantiles), len(codes), per_class, allow_empty, seed)


def strangeness(P: Array, method: str, U: Array | None = None) -> Array:
    """The score of every class of every row, (m, K).

    Args:
        P: (m, K) probabilities.
        method: "lac" or "aps".
        U: (m, 1) which share of a class's own probability is added to "aps"; None adds none.

    Example:
        >>> strangeness(np.array([[0.2, 0.5, 0.3]]), "aps")
        array([[0.8, 0. , 0.5]])
    """
    if method == "lac":
        return 1 - P
    falling = np.argsort(-P, axis=1, kind="stable")
    sums = np.take_along_axis(P, falling, axis=1).cumsum(axis=1)
    sums = np.hstack([np.zeros((len(P), 1)), sums[:, :-1]])
    above = np.empty_like(P)
    np.put_along_axis(above, falling, sums, axis=1)
    # Down to k and k itself, as some have it, would be 1 for the last class of every row: a model of two classes that
    # is wrong more often than asked would put both into every set.
    return above if U is None else above + U * P


def _drawn(seed: int | None, rows: int, which: int) -> Array | None:
    """(m, 1) in [0, 1), others for own rows (0) than for new ones (1)."""
    return None if seed is None else np.random.default_rng([seed, which]).random((rows, 1))
