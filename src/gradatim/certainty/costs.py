"""From probabilities to decisions: what mistakes cost decides where "yes" begins.

Conventions
-----------
* costs (K, K): row the class that is true, column the class that is decided for, both in the order of ``classes_``.
* The decision of a row is the class of the smallest expected cost, Σ_true p(true) · cost(true, decided). Of two classes
  it is a threshold on the probability of the positive one: positive above it, negative at it and below.
* That rule needs probabilities that are true. Calibrate first; and do not train with ``class_weight`` as well, which
  makes the rare class more probable than it is: the costs would count twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np

from gradatim.certainty.evidence import labels_of, of_classes, positive_of, probabilities
from gradatim.errors import InputError, ShapeError, number
from gradatim.formulas.arrays import Array

PARTS = 10
"""The threshold of one's own rows is judged on a tenth of them, chosen on the others, ten times."""


@dataclass(frozen=True)
class MeanCost:
    """What a rule costs a row, in the unit of the costs.

    Attributes:
        mean: over rows.
        standard_error: of the mean, sd / √m; NaN of a single row.
    """

    mean: float
    standard_error: float

    @classmethod
    def of(cls, costs: Array) -> MeanCost:
        """Mean and standard error of (m,) costs."""
        error = costs.std(ddof=1) / sqrt(len(costs)) if len(costs) > 1 else np.nan
        return cls(float(costs.mean()), float(error))

    def __str__(self) -> str:
        return f"{self.mean:.4g} ± {self.standard_error:.2g}"


@dataclass(frozen=True, eq=False)
class Decision:
    """A model that decides by what mistakes cost. `threshold` makes one.

    Attributes:
        model: that is asked.
        costs: (K, K) of deciding for the column where the row is true.
        positive: of two classes the positive label; None with more.
        threshold: on its probability, that `predict` goes by; None with more.
        bayes_threshold: that follows from the costs alone; None with more.
        empirical_threshold: of the smallest cost on the rows handed over; None with more.
        bayes: what these rows cost by the probabilities and the costs.
        empirical: what they cost by the empirical threshold, each row by one that was chosen without it; None with
            more.
        usual: what they cost where the most probable class is decided for.
        rows: how many they were.
    """

    model: Any = field(repr=False)
    costs: Array
    positive: Any
    threshold: float | None
    bayes_threshold: float | None
    empirical_threshold: float | None
    bayes: MeanCost
    empirical: MeanCost | None
    usual: MeanCost
    rows: int

    @property
    def classes_(self) -> Array:
        """(K,) the labels, in the order of `predict_proba`'s columns."""
        return np.asarray(self.model.classes_)

    def predict_proba(self, rows: Any) -> Array:
        """The model's own, (m, K)."""
        return probabilities(self.model, rows)

    def predict(self, rows: Any) -> Array:
        """The labels decided for, (m,)."""
        P = self.predict_proba(rows)
        if self.threshold is None:
            return np.asarray(self.classes_[_cheapest(P, self.costs)])
        positive = positive_of(self.model, self.positive)
        return np.asarray(self.classes_[np.where(P[:, positive] > self.threshold, positive, 1 - positive)])

    def __str__(self) -> str:
        lines = [f"Cost of a row, on {self.rows:,} rows:", f"  {self.bayes}  by probabilities and costs"]
        if self.bayes_threshold is not None and self.empirical_threshold is not None:
            lines[1] += f": {self.positive!r} above {self.bayes_threshold:.4g}"
            lines.append(
                f"  {self.empirical}  by the best threshold of these rows: above {self.empirical_threshold:.4g}"
            )
        return "\n".join([*lines, f"  {self.usual}  by the most probable class"])


def threshold(
    model: Any,
    rows: Any,
    y: Any,
    *,
    cost_of_false_positive: float | None = None,
    cost_of_false_negative: float | None = None,
    costs: Any = None,
    positive: Any = None,
    choose: str = "bayes",
    cv: Any = None,
) -> Decision:
    """The decisions of the smallest cost, where mistakes do not cost the same.

    Of two classes: positive above t = c_fp / (c_fp + c_fn). If a missed case costs nine times a false alarm, t = 0.1.

    Args:
        model: of classes, fitted; best `calibrated` before, on other rows. With `cv` an estimator.
        rows: (m rows) of your own, that neither trained the model nor chose its epoch. They do not move the Bayes
            threshold; they say what it costs, and find the empirical one.
        y: (m,) their labels.
        cost_of_false_positive: above 0, of saying positive where it is not; what is right costs nothing.
        cost_of_false_negative: above 0, of missing a positive.
        costs: instead of both, for two classes or more: (K, K), of deciding for the column where the row is true, in
            the order of ``classes_``.
        positive: which of two classes is the positive one; None takes the model's own, or the last.
        choose: "bayes" predicts by the threshold that follows from the costs, right where probabilities are;
            "empirical" by the one of the smallest cost on these rows, where probabilities are not to be trusted and
            there are many rows.
        cv: None; or folds, a number or a splitter, to train clones on where no rows can be spared.

    Returns:
        What decides in the model's place, and what the rules cost on these rows.

    Raises:
        InputError: for costs that are lacking, negative, or make one decision the best in every case.
        ShapeError: for costs of another shape.

    Example:
        >>> class Model:
        ...     classes_ = np.array(["ill", "well"])
        ...     def predict_proba(self, rows):
        ...         return np.column_stack([rows, 1 - np.array(rows)])
        >>> decision = threshold(
        ...     Model(), [0.05, 0.2, 0.3, 0.8], ["well", "ill", "well", "ill"],
        ...     cost_of_false_positive=1, cost_of_false_negative=9, positive="ill",
        ... )
        >>> decision.threshold, decision.predict([0.05, 0.15]).tolist()
        (0.1, ['well', 'ill'])
        >>> decision.bayes.mean, decision.usual.mean
        (0.25, 2.25)

    Source: Elkan 2001 (The foundations of cost-sensitive learning), equations 1 and 2.
    """
    if choose not in ("bayes", "empirical"):
        raise InputError(f'choose must be "bayes" or "empirical". Got {choose!r}.')
    model, said, codes = of_classes(model, rows, y, cv)
    place = positive_of(model, positive)
    C = _costs(costs, (cost_of_false_positive, cost_of_false_negative), labels_of(model), place)
    of_rows = C[codes]  # (m, K): what each decision would cost
    every = np.arange(len(codes))
    bayes = MeanCost.of(of_rows[every, _cheapest(said, C)])
    usual = MeanCost.of(of_rows[every, said.argmax(axis=1)])
    if len(C) > 2:
        if choose == "empirical" or positive is not None:
            raise InputError(
                'choose must be "bayes" with more than two classes, where there is no single threshold, and positive '
                f"None. Got {choose!r} and {positive!r}."
            )
        return Decision(model, C, None, None, None, None, bayes, None, usual, len(codes))
    t = _bayes_threshold(C, place)
    p, if_yes, if_no = said[:, place], of_rows[:, place], of_rows[:, 1 - place]
    bayes = MeanCost.of(np.where(p > t, if_yes, if_no))
    own = best_threshold(p, if_yes, if_no)
    empirical = MeanCost.of(_judged_by_others(p, if_yes, if_no))
    chosen = t if choose == "bayes" else own
    return Decision(model, C, labels_of(model).tolist()[place], chosen, t, own, bayes, empirical, usual, len(codes))


def best_threshold(p: Array, if_yes: Array, if_no: Array) -> float:
    """The threshold of the smallest cost on these rows; halfway between two probabilities, the highest among equals.

    Args:
        p: (m,) probabilities of the positive class.
        if_yes: (m,) what it costs to decide for it.
        if_no: (m,) what it costs to decide against it.

    Example:
        Three alarms, one of them false, cost less than a miss:

        >>> p, ill = np.array([0.9, 0.6, 0.3, 0.1]), np.array([1, 0, 1, 0])
        >>> best_threshold(p, 1.0 - ill, 5.0 * ill)
        0.2
    """
    order = np.argsort(-p, kind="stable")
    falling, extra = p[order], (if_yes - if_no)[order]
    totals = np.concatenate([[0.0], extra.cumsum()])  # of deciding for the first k rows, less that of none
    below = np.append(falling, 0.0)
    above = np.concatenate([[1.0], falling])
    possible = above > below  # rows of equal probability are decided alike
    possible[0] = True
    k = int(np.where(possible, totals, np.inf).argmin())
    return float((above[k] + below[k]) / 2)


def _judged_by_others(p: Array, if_yes: Array, if_no: Array) -> Array:
    """(m,) what each row costs at a threshold that was chosen without it."""
    parts = np.arange(len(p)) % PARTS
    costs = np.empty(len(p))
    for part in range(min(PARTS, len(p))):
        held = parts == part
        t = best_threshold(p[~held], if_yes[~held], if_no[~held])
        costs[held] = np.where(p[held] > t, if_yes[held], if_no[held])
    return costs


def _cheapest(P: Array, costs: Array) -> Array:
    """(m,) the decision of the smallest expected cost."""
    return np.asarray((P @ costs).argmin(axis=1))


def _bayes_threshold(costs: Array, positive: int) -> float:
    """Where both decisions cost the same: p · (what a miss adds) = (1 - p) · (what a false alarm adds)."""
    false_positive = costs[1 - positive, positive] - costs[1 - positive, 1 - positive]
    false_negative = costs[positive, 1 - positive] - costs[positive, positive]
    return float(false_positive / (false_positive + false_negative))


def _costs(given: Any, of_two: Sequence[float | None], labels: Array, positive: int) -> Array:
    """(K, K), each row of which has its smallest cost on the diagonal."""
    K = len(labels)
    if len([cost for cost in of_two if cost is not None]) != (2 if given is None else 0):
        raise InputError(
            "cost_of_false_positive and cost_of_false_negative must both be given, or costs instead of them. Got "
            f"{of_two[0]}, {of_two[1]} and {'none' if given is None else 'costs'}."
        )
    if given is not None:
        C = np.asarray(given, dtype=np.float64)
    elif K > 2:
        raise InputError(f"costs must be given, a matrix ({K}, {K}), with more than two classes. Got {K} classes.")
    else:
        C = np.zeros((2, 2))
        for name, cost in zip(("cost_of_false_positive", "cost_of_false_negative"), of_two, strict=True):
            number("threshold", name, cost, above=True)
        C[1 - positive, positive], C[positive, 1 - positive] = of_two
    if C.shape != (K, K):
        raise ShapeError(f"costs must have shape ({K}, {K}), a row and a column for each class. Got {C.shape}.")
    mistakes = ~np.eye(K, dtype=bool)
    if not np.isfinite(C).all() or (C <= np.diag(C)[:, None])[mistakes].any():
        raise InputError(
            "costs must be finite, and every mistake cost more than the right decision, which stands on the diagonal. "
            f"Got {C.tolist()}."
        )
    return C
