"""The arithmetic of the page.

A ratio is theirs over ours: above 1, gradatim is quicker. It is taken turn by turn, the median of their turn over the
median of ours that came just before or after it, and the median of those: what slows the machine down for a minute
slows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from statistics import median, quantiles

from benchmarks.speed.results import Record, Results
from benchmarks.speed.systems import FLOORS, OURS, SYSTEMS, YARDSTICKS

LOST = 1.05
"""Who is slower by more than this has lost."""


def seconds(record: Record) -> float:
    """The median of all that was measured."""
    return median(_all(record))


def quartiles(record: Record) -> tuple[float, float]:
    """What a quarter of the measurements is below, and what a quarter is above."""
    values = _all(record)
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _all(record: Record) -> list[float]:
    return [value for turn in record["turns"] for value in turn]


def ratio(theirs: Record, ours: Record) -> float:
    """Theirs over ours."""
    turns = zip(theirs["turns"], ours["turns"], strict=False)
    return float(median(median(a) / median(b) for a, b in turns))


def geometric_mean(values: Iterable[float]) -> float:
    """The number whose logarithm is the mean of the logarithms."""
    logarithms = [log(value) for value in values]
    return exp(sum(logarithms) / len(logarithms))


@dataclass(frozen=True)
class Figure:
    """All records of one figure at one number of threads.

    Attributes:
        cases: by name, the records by system; what was skipped is not among them.
    """

    cases: Mapping[str, Mapping[str, Record]]

    @classmethod
    def of(cls, results: Results, name: str, threads: int, order: Sequence[str]) -> Figure:
        """Those of the results, in that order of cases; of several floors the quicker one is the floor."""
        cases: dict[str, dict[str, Record]] = {case: {} for case in order}
        for record in results["records"]:
            if (record["figure"], record["threads"]) == (name, threads) and "turns" in record and record["turns"]:
                cases.get(record["case"], {})[record["system"]] = record
        for found in cases.values():
            floors = [found.pop(floor) for floor in FLOORS if floor in found]
            if floors:
                found[FLOORS[0]] = min(floors, key=seconds)
        return cls({case: found for case, found in cases.items() if found})

    @cached_property
    def systems(self) -> list[str]:
        """Who took part in any case, in the order of the page."""
        return [system for system in SYSTEMS if any(system in found for found in self.cases.values())]

    def ratios(self, system: str) -> dict[str, float]:
        """Of each case that both took part in."""
        return {
            case: ratio(found[system], found[OURS])
            for case, found in self.cases.items()
            if system in found and OURS in found
        }

    def mean_ratio(self, system: str) -> float | None:
        """Their geometric mean; None without any."""
        ratios = self.ratios(system)
        return geometric_mean(ratios.values()) if ratios else None

    @property
    def rivals(self) -> list[str]:
        """Who is no yardstick and none of ours."""
        return [system for system in self.systems if system not in (OURS, "compiled", "train_model", *YARDSTICKS)]

    @property
    def losses(self) -> list[tuple[str, str, float]]:
        """Case, rival, and how many times as long ours took, where that is more than 1.05; the worst first."""
        found = [
            (case, rival, 1 / r) for rival in self.rivals for case, r in self.ratios(rival).items() if 1 / r > LOST
        ]
        return sorted(found, key=lambda loss: -loss[2])
