"""All that the report says, as frozen data that JSON can hold; of the test rows `tested` has the parts.

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
from gradatim.glass.doctor import Diagnosis, Findings
from gradatim.report.forms import built, defined
from gradatim.report.tested import ClassFacts, ImportanceFacts, Number, NumberFacts, Picture, WorstFacts

FORMAT = 1
"""Raised when an older version could not read what a newer one writes."""


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
    """One training by epoch: the training loss, and what was measured on the rows held out.

    Attributes:
        fold: its number, of folds or of the networks of an ensemble; 1 on one holdout, where the network was then
            trained once more; None for that of the model.
        epochs: counted from 1.
        training: the loss.
        validation: the metric on the rows held out; empty if none are.
        best_epoch: that was kept.
    """

    fold: int | None
    epochs: tuple[int, ...]
    training: tuple[Number, ...]
    validation: tuple[Number, ...]
    best_epoch: int | None = None


@dataclass(frozen=True)
class CurveFacts:
    """The trainings of one network: those that were scored, if others than the model, and its own; or of an ensemble.

    Attributes:
        rung: its name.
        measured: the metric on the rows held out; empty if none are.
        courses: of the trainings.
        message: why the last one stopped.
        each: what there are several trainings for, if there are: "fold", or "network" of an ensemble.
    """

    rung: str
    measured: str
    courses: tuple[Course, ...]
    message: str = ""
    each: str = "fold"

    @property
    def title(self) -> str:
        """What was trained."""
        return "networks of the ensemble" if self.each == "network" else f"{self.rung} network"


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
class HealthFacts:
    """What the doctor found in the networks and in the model that is kept.

    Attributes:
        looked_for: names of the conditions that could be judged.
        found: the worst first.
    """

    looked_for: tuple[str, ...]
    found: tuple[Diagnosis, ...]

    @property
    def findings(self) -> Findings:
        """The same as `gradatim.examine` gives them."""
        return Findings(self.found, self.looked_for)


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
        health: of the networks; None where nobody looked, as in earlier versions.
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
    health: HealthFacts | None = None
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
