"""The arithmetic of the page.

Conventions
-----------
* An error is the log loss, or the root mean squared error over the standard deviation of what was to be predicted, so
  that tables compare. Less is better. Over seeds it is a mean before anything else happens.
* A ratio is ours over theirs, of means over the splits that both have: below 1, gradatim is better.
* Ratios of two errors near 0 say little and weigh much. Plain ratios count an error below 0.001 as 0.001; shifted ones
  add 0.01 to both errors, as Holzmüller, Grinsztajn & Steinwart (2024) do.
* A standard error is that of a mean: s/√n with n − 1 in s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum, log, sqrt
from statistics import fmean, geometric_mean, median, stdev
from typing import Self

import numpy as np
from scipy.stats import rankdata

from benchmarks.accuracy.results import Record

LEAST_ERROR = 1e-3
SHIFT = 1e-2

BySplit = Mapping[int, float]
ByTable = Mapping[str, BySplit]
"""A number for each split of each table."""


def error(record: Record) -> float:
    """What is compared."""
    return float(record["log_loss"] if "log_loss" in record else record["rmse"] / (record["spread"] or 1.0))


def label_error(record: Record) -> float | None:
    """The share of rows with a wrong label; None for amounts."""
    return 1 - record["accuracy"] if "accuracy" in record else None


def collected(records: Iterable[Record], of: Callable[[Record], float | None]) -> dict[str, ByTable]:
    """A number of each fit, as means over seeds.

    Args:
        records: of any contestants.
        of: the number; None leaves a fit out.

    Returns:
        By contestant, table and split.
    """
    seeds: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for record in records:
        value = of(record)
        if value is not None:
            seeds[record["contestant"], record["table"], record["split"]].append(value)
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for (contestant, table, split), values in seeds.items():
        found[contestant][table][split] = fmean(values)
    return {contestant: dict(tables) for contestant, tables in found.items()}


def standard_error(values: Iterable[float]) -> float | None:
    """Of their mean; None for fewer than two."""
    values = list(values)
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else None


@dataclass(frozen=True)
class Comparison:
    """Ours beside one rival.

    Attributes:
        pairs: our error and theirs on each split that both have, by table.
    """

    pairs: Mapping[str, list[tuple[float, float]]]

    @classmethod
    def of(cls, ours: ByTable, theirs: ByTable) -> Self:
        """On what both have."""
        pairs = {
            table: [(error, theirs[table][split]) for split, error in splits.items() if split in theirs[table]]
            for table, splits in ours.items()
            if table in theirs
        }
        return cls({table: found for table, found in pairs.items() if found})

    @cached_property
    def means(self) -> dict[str, tuple[float, float]]:
        """Our error and theirs by table."""
        return {
            table: (fmean(ours for ours, _ in found), fmean(theirs for _, theirs in found))
            for table, found in self.pairs.items()
        }

    @property
    def ratios(self) -> list[float]:
        """One for each table."""
        return [max(ours, LEAST_ERROR) / max(theirs, LEAST_ERROR) for ours, theirs in self.means.values()]

    @property
    def shifted_ratios(self) -> list[float]:
        """One for each table."""
        return [(ours + SHIFT) / (theirs + SHIFT) for ours, theirs in self.means.values()]

    @property
    def geometric_mean(self) -> float:
        return geometric_mean(self.ratios)

    @property
    def median(self) -> float:
        return median(self.ratios)

    @property
    def shifted_mean(self) -> float:
        """The geometric mean of shifted ratios."""
        return geometric_mean(self.shifted_ratios)

    @property
    def shifted_error(self) -> float | None:
        """The standard error over tables of `shifted_mean`: that of the logarithms, times it."""
        of_logarithm = standard_error(map(log, self.shifted_ratios))
        return None if of_logarithm is None else self.shifted_mean * of_logarithm

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """``win``, ``tie`` or ``loss`` by table: a tie is a mean difference of at most its standard error over splits.

        With one split there is none, and who is ahead has won.
        """
        found = {}
        for table, pairs in self.pairs.items():
            differences = [ours - theirs for ours, theirs in pairs]
            mean = fmean(differences)
            tied = abs(mean) <= (standard_error(differences) or 0.0)
            found[table] = "tie" if tied else "win" if mean < 0 else "loss"
        return found

    def count(self, outcome: str) -> int:
        """On how many tables it came to that."""
        return sum(found == outcome for found in self.outcomes.values())


def shared_splits(errors: Mapping[str, ByTable]) -> dict[str, list[int]]:
    """The splits that everybody has, of each table that has any."""
    if not errors:
        return {}
    first, *others = errors.values()
    found = {
        table: [split for split in splits if all(split in tables.get(table, {}) for tables in others)]
        for table, splits in first.items()
    }
    return {table: splits for table, splits in found.items() if splits}


def mean_ranks(errors: Mapping[str, ByTable]) -> dict[str, float]:
    """By contestant, over the tables that all share: 1 is the best; equal errors have the mean of their ranks."""
    means = [
        [fmean(tables[table][split] for split in splits) for tables in errors.values()]
        for table, splits in shared_splits(errors).items()
    ]
    if not means:
        return {}
    ranks = np.mean([rankdata(row) for row in means], axis=0)
    return dict(zip(errors, ranks.tolist(), strict=True))


def per_thousand_rows(records: Iterable[Record], seconds: str = "cpu_seconds") -> float:
    """Seconds of all fits over all rows that they trained on, times 1,000."""
    records = list(records)
    return 1_000 * fsum(record[seconds] for record in records) / sum(int(record["rows"]) for record in records)
