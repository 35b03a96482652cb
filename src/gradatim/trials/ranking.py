"""What comes out: candidates, the best first, compared on the same rows.

Conventions
-----------
* A score is the metric over the rows of all folds together, each predicted by the training that did not see it. ± is
  one standard error, over rows, as in `gradatim.ladder.verdict`; it leaves out how far another seed would move it.
* Two candidates are compared row by row. Close means within one standard error of that difference.
* Where trainings are missing, only folds that every candidate went through are compared; without any such fold, the
  candidates that went through the first.
* A candidate of which one training gave no predictions has no score (NaN), and stands last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, isnan, nan
from typing import Any, Literal

import numpy as np
import polars as pl

from gradatim.course.summary import counted
from gradatim.formulas.metrics import Metric
from gradatim.ladder.reading import Reading
from gradatim.ladder.verdict import Score, gain, plus_minus, score
from gradatim.trials.grid import Candidate
from gradatim.trials.training import FoldResult

Varied = Literal["hidden", "learning_rate", "activation", "epochs"]
VARIED: tuple[Varied, ...] = ("learning_rate", "hidden", "activation", "epochs")


@dataclass(frozen=True)
class Trial:
    """A candidate and how it did.

    Attributes:
        candidate: the values.
        score: over the rows of the folds that are compared; NaN where a training diverged.
        behind: by how much it is worse than the best, in the metric's units; 0 for the best.
        behind_error: one standard error of that.
        parameters: how many the model has.
        epochs: trained, on average over the folds.
        seconds: that its trainings took, one after the other.
        message: why a training broke off; empty where none did.
    """

    candidate: Candidate
    score: Score
    behind: float
    behind_error: float
    parameters: int
    epochs: float
    seconds: float
    message: str = ""

    @property
    def close(self) -> bool:
        """Whether it is within one standard error of the best. The best itself is."""
        return self.behind <= self.behind_error


@dataclass(frozen=True)
class Trials:
    """What a search among values found. `gradatim.try_values` makes one.

    Attributes:
        trials: the best first.
        metric: that they are compared by.
        reading: how the table was understood.
        folds: how many were cut.
        compared: numbers of the folds, counted from 0, that the scores are over.
        rows: how many those have.
        done: trainings that were done.
        of: trainings that all candidates on all folds would be.
        left_out: candidates of which too little was done to compare them.
        interrupted: whether the search was, by Ctrl-C.
        seconds: that it took.
        seed: of split, folds and trainings.
    """

    trials: tuple[Trial, ...]
    metric: Metric
    reading: Reading
    folds: int
    compared: tuple[int, ...]
    rows: int
    done: int
    of: int
    left_out: int
    interrupted: bool
    seconds: float
    seed: int

    @property
    def best(self) -> Trial | None:
        """The first; None where no candidate has a score."""
        return None if isnan(self.trials[0].score.value) else self.trials[0]

    @cached_property
    def varied(self) -> tuple[Varied, ...]:
        """The settings in which candidates differ; of a single one those that were named."""
        if len(self.trials) == 1:
            return tuple(name for name in VARIED if getattr(self.trials[0].candidate, name) not in (None, ()))
        networks = [trial.candidate for trial in self.trials if trial.candidate.hidden]
        several = {name for name in VARIED if len({getattr(candidate, name) for candidate in networks}) > 1}
        linear = {"hidden"} if len(networks) < len(self.trials) else set()
        return tuple(name for name in VARIED if name in several | linear)

    def words(self, trial: Trial) -> str:
        """A candidate, by what sets it apart from the others: ``Hidden 20,7, learning rate 0.01``."""
        if not trial.candidate.hidden:
            return "The linear model"
        said = {name: getattr(trial.candidate, name) for name in self.varied}
        if "hidden" in said:
            said["hidden"] = ",".join(map(str, trial.candidate.hidden))
        text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said.items())
        return text[0].upper() + text[1:]

    @property
    def sentence(self) -> str:
        """Which values are best, how sure that is, and what was not done."""
        return " ".join(filter(None, (self._verdict(), self._edge(), self._missing())))

    def __str__(self) -> str:
        return self.sentence

    def _verdict(self) -> str:
        if self.best is None:
            return "No candidate has a score: see why below, and try smaller learning rates."
        found = plus_minus(self.best.score.value, self.best.score.standard_error)
        rows = f"{self.rows:,} rows, in {counted(len(self.compared), 'fold')}"
        if len(self.trials) == 1:
            return f"{self.words(self.best)} has {found} {self.metric.name} over {rows}."
        close = sum(trial.close for trial in self.trials[1:])
        others = "1 other is" if close == 1 else f"{close} others are"
        sure = f"{others} within one standard error of it" if close else "No other is within one standard error of it"
        return f"{self.words(self.best)} did best: {found} {self.metric.name} over {rows}. {sure}."

    def _edge(self) -> str:
        """Whether the best learning rate is the smallest or largest that was tried: a better one may lie beyond."""
        rates = {t.candidate.learning_rate for t in self.trials if t.candidate.learning_rate is not None}
        rate = None if self.best is None else self.best.candidate.learning_rate
        if rate is None or len(rates) == 1 or min(rates) < rate < max(rates):
            return ""
        end, further = ("smallest", "smaller") if rate == min(rates) else ("largest", "larger")
        return f"Its learning rate is the {end} that was tried: try {further} ones as well."

    def _missing(self) -> str:
        if self.done == self.of:
            return ""
        cause = "Interrupted after" if self.interrupted else "The budget was used up after"
        aside = self.done - len(self.trials) * len(self.compared)
        parts = [
            f"{cause} {self.done} of {counted(self.of, 'training')}: candidates are compared on "
            f"{counted(len(self.compared), 'fold')} of {self.folds}."
        ]
        if self.left_out:
            parts.append(f"{counted(self.left_out, 'candidate')} {'was' if self.left_out == 1 else 'were'} not tried.")
        if aside:
            parts.append(f"What {counted(aside, 'training')} of an unfinished fold found is left aside.")
        return " ".join(parts)

    def to_frame(self) -> pl.DataFrame:
        """A row a candidate, the best first: its values, score, distance to the best, size and time."""
        return pl.DataFrame([{**row, "hidden": ",".join(map(str, row["hidden"]))} for row in self.facts["candidates"]])

    @property
    def facts(self) -> dict[str, Any]:
        """All of it as plain numbers and texts, for JSON."""
        return {
            "task": self.reading.task,
            "target": self.reading.target if len(self.reading.targets) == 1 else list(self.reading.targets),
            "metric": self.metric.name,
            "rows": dict(self.reading.rows),
            "folds": self.folds,
            "compared": {"folds": list(self.compared), "rows": self.rows},
            "trainings": {"done": self.done, "of": self.of},
            "left_out": self.left_out,
            "candidates": [_facts(trial) for trial in self.trials],
            "verdict": self.sentence,
            "interrupted": self.interrupted,
            "seconds": self.seconds,
            "seed": self.seed,
        }


def _facts(trial: Trial) -> dict[str, Any]:
    candidate = trial.candidate
    return {
        "learning_rate": candidate.learning_rate,
        "hidden": list(candidate.hidden),
        "activation": candidate.activation,
        "epochs": candidate.epochs,
        "score": trial.score.value,
        "standard_error": trial.score.standard_error,
        "behind": trial.behind,
        "behind_error": trial.behind_error,
        "close": trial.close,
        "parameters": trial.parameters,
        "epochs_trained": trial.epochs,
        "seconds": trial.seconds,
        "message": trial.message,
    }


def folds_to_compare(done: Mapping[tuple[int, int], Any], candidates: int, folds: int) -> tuple[int, ...]:
    """The folds that every candidate went through; where there is none, the first that any did."""
    whole = tuple(fold for fold in range(folds) if all((place, fold) in done for place in range(candidates)))
    return whole or (min(fold for _, fold in done),)


def ranked(
    candidates: Sequence[Candidate],
    results: Mapping[tuple[int, int], FoldResult],
    observed: Mapping[int, Any],
    metric: Metric,
) -> tuple[Trial, ...]:
    """Score candidates and sort them.

    Args:
        candidates: all of them.
        results: by number of candidate and fold.
        observed: what happened in the rows of each fold to compare, by its number.
        metric: told which classes there are.

    Returns:
        Those that went through all these folds, the best first; of equals the one with fewer parameters.
    """
    y = np.concatenate(list(observed.values()))
    tried = {
        candidate: [results[place, fold] for fold in observed]
        for place, candidate in enumerate(candidates)
        if all((place, fold) in results for fold in observed)
    }
    scores = {candidate: _score(metric, y, parts) for candidate, parts in tried.items()}

    def place(candidate: Candidate) -> tuple[bool, float, int]:
        value = scores[candidate].value
        known = not isnan(value)
        worse = -value if metric.greater_is_better else value
        return not known, worse if known else 0.0, max(part.parameters for part in tried[candidate])

    order = sorted(tried, key=place)
    best = scores[order[0]]
    return tuple(_trial(candidate, scores[candidate], tried[candidate], best, metric) for candidate in order)


def _score(metric: Metric, y: Any, parts: Sequence[FoldResult]) -> Score:
    if any(part.predicted is None or not np.isfinite(part.predicted).all() for part in parts):
        return Score(nan, np.full(len(y), nan))
    return score(metric, y, np.concatenate([part.predicted for part in parts]))


def _trial(candidate: Candidate, own: Score, parts: Sequence[FoldResult], best: Score, metric: Metric) -> Trial:
    known = isfinite(own.value)
    return Trial(
        candidate,
        own,
        behind=gain(metric, best, own) if known else nan,
        behind_error=best.against(own) if known else nan,
        parameters=max(part.parameters for part in parts),
        epochs=float(np.mean([part.epochs for part in parts])),
        seconds=sum(part.seconds for part in parts),
        message=next((part.message for part in parts if part.message), ""),
    )
