"""Whether the strong preset is what it is modelled on: RealMLP-TD, on ten tables with five seeds of each.

Seeds change what each draws, on the same rows. Two means agree if they differ by at most the standard error of the
difference, √(s₁² + s₂²). Of tables where nothing differs but the draws, about two thirds do: all ten would be luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from statistics import fmean

from benchmarks.accuracy.results import Record
from benchmarks.accuracy.standings import standard_error

PAIR = ("strong", "realmlp")
SEEDS = 5
TABLES = (
    "credit_g",
    "telco_churn",
    "spambase",
    "penguins",
    "car_evaluation",
    "segment",
    "concrete",
    "abalone",
    "kin8nm",
    "ames_housing",
)
"""Two classes, several, amounts; categories, missing values, neither; from 300 rows to 5,000."""


@dataclass(frozen=True)
class Parity:
    """Of one table.

    Attributes:
        table: its name.
        metric: "log_loss" or "rmse".
        ours: a score for each seed.
        theirs: a score for each seed.
    """

    table: str
    metric: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def difference(self) -> float:
        """Of the means, ours less theirs."""
        return fmean(self.ours) - fmean(self.theirs)

    @property
    def standard_error(self) -> float:
        """Of the difference."""
        return hypot(*(standard_error(scores) or 0.0 for scores in (self.ours, self.theirs)))

    @property
    def agree(self) -> bool:
        """Within one standard error."""
        return abs(self.difference) <= self.standard_error


def parities(records: Sequence[Record]) -> list[Parity]:
    """Of each table of which split 0 has two seeds or more of both."""
    scores: dict[str, dict[str, list[float]]] = {}
    for record in records:
        if record["split"] == 0 and record["contestant"] in PAIR:
            found = scores.setdefault(record["table"], {name: [] for name in PAIR})
            found[record["contestant"]].append(record["log_loss" if "log_loss" in record else "rmse"])
    metrics = {record["table"]: "log_loss" if "log_loss" in record else "rmse" for record in records}
    return [
        Parity(table, metrics[table], *(tuple(found[name]) for name in PAIR))
        for table, found in scores.items()
        if min(map(len, found.values())) > 1
    ]
