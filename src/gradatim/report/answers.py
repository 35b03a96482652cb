"""What the model says of the test rows beside what happened in them, as facts.

Conventions
-----------
* Curves, tables and scores are scikit-learn's. Of long curves some points are kept; areas are of the whole.
* Classes are in the order of their codes: of two, the positive one is the last.
* Intervals of numbers are split-conformal, of all test rows: where rows chose the epoch, residuals are too small.
  Whether they hold is not measured by halves of the test rows. A half with small residuals makes narrow ones for the
  other, and is held by wide ones itself: the mean of both is the level, whatever the model is worth. The law of the
  coverage of new rows stands there instead.

Source: split-conformal intervals: Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018 (arXiv 1604.04173), section 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from gradatim.certainty.coverage import conformal_quantile, spread
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import METRICS
from gradatim.model.fitted import Fitted
from gradatim.model.outcomes import observed, predicted
from gradatim.report.tested import (
    CalibrationFacts,
    ClassCurves,
    ClassFacts,
    ClassScore,
    CoverageFacts,
    NumberFacts,
    ThresholdFacts,
)
from gradatim.tables import ClassTarget, NumberTarget
from gradatim.tables.targets import label_text

MOST_CLASSES = 30
"""With more classes than these no matrix could be read: the most frequent confusions stand alone."""

MOST_CURVES = 8
MOST_POINTS = 120
MOST_MISTAKES = 10
MOST_TARGETS = 6
MOST_PAIRS = 500
BINS = 30
FEWEST_CALIBRATED = 50
THRESHOLDS = tuple(k / 10 for k in range(1, 10))
LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Answers:
    """What happened in the test rows, and what the model says.

    Attributes:
        names: of the classes by code, of the labels, of the targets.
        observed: (m,) codes; (m, k) labels of 0 and 1; (m, k) numbers.
        predicted: (m, K) probabilities by code; (m, k) probabilities of the labels; (m, k) numbers.
        several: whether a row has several labels.
    """

    names: tuple[str, ...]
    observed: Array
    predicted: Array
    several: bool = False

    @classmethod
    def of(cls, model: Fitted, y: Any, outputs: Array) -> Answers:
        """From the targets of the test rows and the model's A[L] on them."""
        target = model.target
        happened, said = observed(target, y), predicted(target, METRICS["log_loss"], outputs)
        if isinstance(target, NumberTarget):
            columns = len(target.names)
            return cls(target.names, happened.reshape(-1, columns), said.reshape(-1, columns))
        if not isinstance(target, ClassTarget):
            return cls(target.names, happened, said, several=True)
        classes = target.classes
        if len(classes) == 2 and target.positive == classes[0]:
            classes = classes[::-1]
        return cls(tuple(map(label_text, classes)), happened, said)

    @property
    def indicated(self) -> Array:
        """(m, K) of 0 and 1: which classes or labels are true."""
        return self.observed if self.several else np.eye(len(self.names), dtype=np.intp)[self.observed]

    @property
    def losses(self) -> Array:
        """(m,) how wrong each row is: its log loss; of numbers the size of its residual, in spreads of the target."""
        if self.observed.dtype.kind == "f":
            spread = self.observed.std(axis=0)
            return np.asarray((np.abs(self.observed - self.predicted) / np.where(spread > 0, spread, 1.0)).sum(axis=1))
        p = np.where(self.indicated == 1, self.predicted, 1 - self.predicted)
        if not self.several:
            p = np.take_along_axis(self.predicted, self.observed[:, None], axis=1)
        return np.asarray(-np.log(np.clip(p, 1e-300, None)).sum(axis=1))


def class_facts(answers: Answers) -> ClassFacts:
    """Predicted classes or labels beside the true ones."""
    from sklearn.metrics import confusion_matrix

    P, names = answers.predicted, answers.names
    labels = (P > 0.5).astype(np.intp) if answers.several else P.argmax(axis=1)
    if answers.several:
        counts = np.zeros((0, 0), dtype=int)
    else:
        counts = confusion_matrix(answers.observed, labels, labels=range(len(names)))
    binary = len(names) == 2 and not answers.several
    return ClassFacts(
        names=names,
        confusion=tuple(tuple(map(int, row)) for row in counts) if len(names) <= MOST_CLASSES else (),
        mistaken=_mistaken(counts, names),
        scores=_scores(answers.observed, labels, names),
        curves=_curves(answers, [1] if binary else range(len(names))),
        calibration=_calibration(answers, labels),
        thresholds=_thresholds(answers.observed, P[:, 1]) if binary else (),
    )


def _mistaken(counts: Array, names: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    off = counts - np.diag(np.diag(counts)) if counts.size else counts
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_MISTAKES]
    places = [divmod(int(place), len(names)) for place in order]
    return tuple((names[i], names[j], int(off[i, j])) for i, j in places if off[i, j] > 0)


def _scores(y: Array, labels: Array, names: Sequence[str]) -> tuple[ClassScore, ...]:
    from sklearn.metrics import precision_recall_fscore_support

    found = precision_recall_fscore_support(y, labels, labels=range(len(names)), zero_division=0.0)
    scores = [
        ClassScore(name, int(rows), float(precision), float(recall), float(f1))
        for name, precision, recall, f1, rows in zip(names, *found, strict=True)
    ]
    if len(scores) > MOST_CLASSES:
        scores = sorted((score for score in scores if score.rows), key=lambda score: score.recall)[:MOST_CLASSES]
    return tuple(scores)


def _curves(answers: Answers, wanted: Sequence[int]) -> tuple[ClassCurves, ...]:
    """Of many classes the frequent ones that are told apart worst; none of a class that no test row has."""
    Y, P = answers.indicated, answers.predicted
    rows = Y.sum(axis=0)
    there = [k for k in wanted if 0 < rows[k] < len(Y)]
    frequent = sorted(sorted(there, key=lambda k: -rows[k])[:MOST_CLASSES])
    found = [_curve(answers.names[k], Y[:, k], P[:, k]) for k in frequent]
    if len(found) <= MOST_CURVES:
        return tuple(found)
    return tuple(sorted(found, key=lambda curve: curve.roc_auc)[:MOST_CURVES])


def _curve(name: str, y: Array, p: Array) -> ClassCurves:
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

    false_positive, true_positive, _ = roc_curve(y, p)
    precision, recall, _ = precision_recall_curve(y, p)
    of_roc, of_recall = _kept(false_positive + true_positive), _kept(-recall)
    return ClassCurves(
        name,
        false_positive_rate=tuple(rounded(false_positive[of_roc])),
        true_positive_rate=tuple(rounded(true_positive[of_roc])),
        roc_auc=float(auc(false_positive, true_positive)),
        precision=tuple(rounded(precision[of_recall])),
        recall=tuple(rounded(recall[of_recall])),
        average_precision=float(average_precision_score(y, p)),
        share=float(y.mean()),
    )


def _kept(way: Array) -> Array:
    """Which points of a long curve to keep: spread evenly over a way that rises along it, the first and the last too.

    Every so many rows would not do: of a rare class nearly all of the curve lies in the few most probable rows.
    """
    if len(way) <= MOST_POINTS:
        return np.arange(len(way))
    stops = np.linspace(way[0], way[-1], MOST_POINTS)
    return np.unique([0, *np.searchsorted(way, stops, side="right") - 1])


def _calibration(answers: Answers, labels: Array) -> CalibrationFacts | None:
    """Of two classes the probability of the positive one; of more, that of the class that is predicted."""
    from sklearn.calibration import calibration_curve

    if answers.several or len(labels) < FEWEST_CALIBRATED:
        return None
    if len(answers.names) == 2:
        said, happened, of = answers.predicted[:, 1], answers.observed, answers.names[1]
    else:
        said, happened, of = answers.predicted.max(axis=1), (labels == answers.observed).astype(np.intp), ""
    bins = 10 if len(labels) >= 200 else 5
    true, mean = calibration_curve(happened, said, n_bins=bins, strategy="quantile", pos_label=1)
    edges = np.percentile(said, np.linspace(0, 100, bins + 1))  # as scikit-learn cuts them, to count what is in each
    rows = np.bincount(np.searchsorted(edges[1:-1], said), minlength=bins)
    return CalibrationFacts(of, tuple(rounded(mean)), tuple(rounded(true)), tuple(map(int, rows[rows > 0])))


def _thresholds(y: Array, p: Array) -> tuple[ThresholdFacts, ...]:
    return tuple(_threshold(y == 1, p > threshold, threshold) for threshold in THRESHOLDS)


def _threshold(y: Array, called: Array, threshold: float) -> ThresholdFacts:
    hits, positives = int((y & called).sum()), int(called.sum())
    right = int((y == called).sum())
    rejected = right - hits
    there, absent = int(y.sum()), int((~y).sum())
    return ThresholdFacts(
        threshold,
        positives,
        hits / positives if positives else None,
        hits / there if there else None,
        rejected / absent if absent else None,
        right / len(y),
        2 * hits / (positives + there) if positives + there else None,
    )


def number_facts(answers: Answers) -> tuple[NumberFacts, ...]:
    """Predicted numbers beside the true ones, of the first few targets."""
    facts = []
    for k, name in enumerate(answers.names[:MOST_TARGETS]):
        y, said = answers.observed[:, k], answers.predicted[:, k]
        residuals = y - said
        chosen = np.random.default_rng(0).permutation(len(y))[:MOST_PAIRS]
        counts, edges = np.histogram(residuals, min(BINS, max(5, len(y) // 5)), _range_of(residuals, y))
        facts.append(
            NumberFacts(
                name,
                tuple(rounded(y[chosen])),
                tuple(rounded(said[chosen])),
                tuple(rounded(edges)),
                tuple(map(int, counts)),
                coverage(residuals),
            )
        )
    return tuple(facts)


def _range_of(residuals: Array, y: Array) -> tuple[float, float]:
    """The range of a histogram; some width where residuals differ by rounding alone."""
    low, high = float(residuals.min()), float(residuals.max())
    rounding = 1e-9 * (float(np.abs(y).max()) or 1.0)
    return (low, high) if high - low > rounding else (low - rounding, high + rounding)


def coverage(residuals: Array) -> tuple[CoverageFacts, ...]:
    """Intervals for new rows, and between which shares of these they hold.

    Args:
        residuals: (m,) of rows that nothing was chosen by.

    Returns:
        By level; without the levels that so few rows cannot promise.

    Example:
        >>> [(fact.level, fact.half_width) for fact in coverage(np.arange(-9.0, 1.0))]
        [(0.5, 5.0), (0.8, 8.0), (0.9, 9.0)]
    """
    widths = {level: conformal_quantile(np.abs(residuals), level) for level in LEVELS}
    return tuple(
        CoverageFacts(level, width, *spread(len(residuals), level)) for level, width in widths.items() if width < inf
    )


def rounded(values: Any, digits: int = 6) -> list[float]:
    """Numbers to so many significant digits: what a chart can show, in half of the bytes."""
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=np.float64).tolist()]
