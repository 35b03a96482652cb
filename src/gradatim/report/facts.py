"""All that the report says, as frozen data that JSON can hold.

Conventions
-----------
* A number that is not defined (infinite, or NaN) is None.
* What was not measured is None or empty, and its section is left out of the page: a run without test rows has no worst
  rows, and one that was fitted with ``--no-report`` has no reading.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from gradatim.errors import ExchangeError
from gradatim.report.forms import built, defined

FORMAT = 1
"""Raised when an older version could not read what a newer one writes."""

Number = float | None


@dataclass(frozen=True)
class ColumnFacts:
    """A column as it was understood: kind and reason, how many levels and how many gaps it has."""

    name: str
    kind: str
    reason: str
    levels: int | None
    missing: int


@dataclass(frozen=True)
class ReadingFacts:
    """The data as understood.

    Attributes:
        source: where the rows came from.
        rows: with a target.
        columns: each of them, the first ones where there are very many.
        further: how many more columns there are.
        left_out: how many of all columns are not predicted from.
        why: the task is what it is.
        positive: of two classes the one that counts as 1.
        split: how rows were chosen to train and to test.
        notes: what was decided on the way and what is suspicious, a sentence each.
    """

    source: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    further: int
    left_out: int
    why: str
    positive: str | None
    split: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RungFacts:
    """A rung, or a yardstick: its score on the validation rows, and how much better it is than what is kept, by row."""

    name: str
    title: str
    score: Number
    standard_error: Number
    seconds: float
    parameters: int | None = None
    gain: Number = None
    gain_error: Number = None


@dataclass(frozen=True)
class LearningCurve:
    """The scores of one rung by the number of rows that it was trained on, with their standard errors."""

    rung: str
    rows: tuple[int, ...]
    scores: tuple[Number, ...]
    errors: tuple[Number, ...]


@dataclass(frozen=True)
class Course:
    """One training by epoch: the training loss, and what was measured on the rows held out."""

    fold: int | None
    epochs: tuple[int, ...]
    training: tuple[Number, ...]
    validation: tuple[Number, ...]
    best_epoch: int | None = None


@dataclass(frozen=True)
class CurveFacts:
    """The trainings of one network: one for each fold, if there are folds, and that of the model.

    Attributes:
        rung: its name.
        measured: the metric on the rows held out; empty if none are.
        courses: of the trainings.
        message: why the last one stopped.
    """

    rung: str
    measured: str
    courses: tuple[Course, ...]
    message: str = ""


@dataclass(frozen=True)
class LayerFacts:
    """A layer of the drawn network."""

    name: str
    units: int
    what: str


@dataclass(frozen=True)
class NetworkFacts:
    """The network that is kept.

    Attributes:
        title: what it predicts.
        facts: names and sentences.
        table: header, then a row for the input, each part of the front and each layer.
        layers: to be drawn.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    table: tuple[tuple[str, ...], ...]
    layers: tuple[LayerFacts, ...]


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
    """An interval of prediction ± half_width, which is to hold a share `level` of new rows."""

    level: float
    half_width: float
    covered: float
    standard_error: float


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


@dataclass(frozen=True)
class Paper:
    """A method that was used, and where it comes from."""

    role: str
    method: str
    source: str


@dataclass(frozen=True)
class Facts:
    """Everything on the page.

    Attributes:
        source: the data, as it was named.
        targets: what is predicted.
        task: classification or regression.
        metric: that models were chosen by.
        rows: how many train, validate and test.
        chosen: the name of the rung that is kept.
        verdict: why.
        remarks: what the verdict rests on, a sentence or two each.
        folds: on which rungs were compared; 1 where rows of their own validate.
        tested: metrics on the test rows.
        rungs: the simplest first.
        yardsticks: tree ensembles that were measured beside them.
        learning_curves: of the rungs, where more rows were asked about.
        diverged: why a rung has no score.
        seconds: that the run took.
        seed: of the split and of every training.
        settings: of the model that is kept, name and value.
        versions: of Python and of the libraries.
        command: that repeats the run; empty where it is not known.
        papers: behind the methods.
        network: that is kept.
        reading: the data as understood.
        curves: of the networks.
        weights: of the first layer, of pictures.
        classes: where classes are predicted.
        numbers: where numbers are, of each target.
        importance: of the columns.
        worst: rows.
    """

    source: str
    targets: tuple[str, ...]
    task: str
    metric: str
    rows: dict[str, int]
    chosen: str
    verdict: str
    remarks: tuple[str, ...]
    folds: int
    tested: dict[str, Number]
    rungs: tuple[RungFacts, ...]
    diverged: dict[str, str]
    seconds: float
    seed: int | None
    settings: tuple[tuple[str, str], ...]
    versions: dict[str, str]
    command: str
    papers: tuple[Paper, ...]
    network: NetworkFacts
    yardsticks: tuple[RungFacts, ...] = ()
    learning_curves: tuple[LearningCurve, ...] = ()
    reading: ReadingFacts | None = None
    curves: tuple[CurveFacts, ...] = ()
    weights: Picture | None = None
    classes: ClassFacts | None = None
    numbers: tuple[NumberFacts, ...] = ()
    importance: ImportanceFacts | None = None
    worst: WorstFacts | None = None
    format: int = field(default=FORMAT)

    def to_json(self) -> str:
        """One line of JSON; `from_json` gives the same facts again."""
        return json.dumps(defined(asdict(self)), ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """The facts that `to_json` wrote.

        Raises:
            ExchangeError: for anything else.
        """
        try:
            form = json.loads(text)
            if form["format"] > FORMAT:
                raise ExchangeError(
                    f"The facts of a report must be of format {FORMAT} or earlier. Got {form['format']}: a later "
                    "version of gradatim wrote them. Update gradatim."
                )
            facts: Facts = built(cls, form)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as fault:
            if isinstance(fault, ExchangeError):
                raise
            raise ExchangeError(f"The facts of a report must be what gradatim wrote. Got a fault: {fault!r}.") from None
        return facts
