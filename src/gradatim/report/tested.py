"""What the report says of the test rows, as frozen data that JSON can hold: classes, numbers, columns, worst rows.

A number that is not defined (infinite, or NaN) is None.
"""

from __future__ import annotations

from dataclasses import dataclass

Number = float | None


@dataclass(frozen=True)
class Picture:
    """A PNG, and what it shows."""

    png: str
    width: int
    height: int
    says: str


@dataclass(frozen=True)
class ClassCurves:
    """One class (or label) against the others, as thresholds fall."""

    name: str
    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    roc_auc: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    average_precision: float
    share: float


@dataclass(frozen=True)
class ClassScore:
    """How well one class (or label) is told from the others, labels as they are predicted."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class CalibrationFacts:
    """How often it happens (y) where it is said to be this probable (x), by groups of equally many rows."""

    of: str
    said: tuple[float, ...]
    happened: tuple[float, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class ThresholdFacts:
    """What comes of calling positive whatever is more probable than this."""

    threshold: float
    positives: int
    precision: Number
    recall: Number
    specificity: Number
    accuracy: float
    f1: Number


@dataclass(frozen=True)
class ClassFacts:
    """Predicted classes, or labels, beside those of the test rows.

    Attributes:
        names: of the classes in the order of the matrix; of the labels.
        confusion: rows of the matrix are true classes, columns are predicted ones; empty of labels and many classes.
        mistaken: the most frequent confusions: the true class, the predicted one, how often.
        scores: by class; the worst recalls of many.
        curves: by class; of two classes the positive one; the worst told apart of many.
        calibration: None for too few rows.
        thresholds: of two classes.
    """

    names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistaken: tuple[tuple[str, str, int], ...]
    scores: tuple[ClassScore, ...]
    curves: tuple[ClassCurves, ...]
    calibration: CalibrationFacts | None
    thresholds: tuple[ThresholdFacts, ...]


@dataclass(frozen=True)
class CoverageFacts:
    """An interval of prediction ± half_width, which is to hold a share `level` of new rows.

    Which share it does hold depends on the rows that made it: nine times in ten one between `low` and `high`.
    """

    level: float
    half_width: float
    low: float
    high: float


@dataclass(frozen=True)
class NumberFacts:
    """Predicted numbers beside those of the test rows, of one target.

    Attributes:
        name: of the target.
        observed: of some of the rows.
        predicted: of the same ones.
        residual_edges: (bins + 1,) of all residuals, observed less predicted.
        residual_counts: (bins,).
        coverage: by level; empty for too few rows.
    """

    name: str
    observed: tuple[float, ...]
    predicted: tuple[float, ...]
    residual_edges: tuple[float, ...]
    residual_counts: tuple[int, ...]
    coverage: tuple[CoverageFacts, ...]


@dataclass(frozen=True)
class ColumnImportance:
    """What a column is worth: how much worse the metric gets with its values shuffled; its share of the gradients."""

    name: str
    share: Number
    loss: Number = None
    spread: Number = None


@dataclass(frozen=True)
class ImportanceFacts:
    """What the model looks at.

    Attributes:
        columns: the most important first.
        further: how many more columns there are.
        metric: that gets worse.
        rows: test rows that were shuffled.
        repeats: how often.
        picture: of pictures, where their pixels matter.
    """

    columns: tuple[ColumnImportance, ...]
    further: int
    metric: str
    rows: int
    repeats: int
    picture: Picture | None = None


@dataclass(frozen=True)
class WorstRow:
    """A test row that was predicted badly.

    Attributes:
        place: among the test rows, from 1.
        observed: what happened.
        predicted: what the model says.
        probability: of several classes, that of what happened; else None.
        values: of the columns that are shown.
        picture: where the row is one.
    """

    place: int
    observed: str
    predicted: str
    probability: Number
    values: tuple[str, ...]
    picture: Picture | None = None


@dataclass(frozen=True)
class WorstFacts:
    """The worst-predicted test rows, the worst first.

    Attributes:
        by: what makes a row bad, in words.
        columns: that are shown.
        further: how many columns are not shown.
        rows: of the table.
    """

    by: str
    columns: tuple[str, ...]
    further: int
    rows: tuple[WorstRow, ...]
