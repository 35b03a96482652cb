"""Which rows of a table train and which test: the same for every contestant.

Split k of a table depends on its name, its labels and k, on nothing else. Three quarters train and a quarter tests, at
most 5,000 rows each, and each class has its share of both where every class has two rows. A class without a training
row does not test: nobody could know of it. Whoever needs rows to choose an epoch by takes them from those that train.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from sklearn.model_selection import train_test_split

from benchmarks.sources import Source, labelled

MOST_ROWS = 5_000
"""To train on, and to test on."""
TEST_SHARE = 0.25

Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Split:
    """Disjoint rows of a file, sorted.

    Attributes:
        train: what a contestant may see with its labels.
        test: what it is scored by.
    """

    train: Rows
    test: Rows

    @property
    def mark(self) -> int:
        """A number that other rows would not have: results compare only where it is the same."""
        return crc32(self.test.tobytes(), crc32(self.train.tobytes()))


@lru_cache(maxsize=8)
def split_of(source: Source, number: int) -> Split:
    """Split ``number`` of a table."""
    target = pl.read_parquet(source.path, columns=[source.target]).rename({source.target: "y"}).with_row_index("row")
    there = labelled(target, "y")
    split = drawn(source.name, there["y"], source.task, number)
    rows = there["row"].to_numpy().astype(np.int64)
    return Split(rows[split.train], rows[split.test])


def drawn(name: str, y: pl.Series, task: str, number: int) -> Split:
    """Split ``number`` of a table of that name.

    Args:
        name: of the table.
        y: (m,) its labels or amounts, none missing.
        task: "classification" or "regression".
        number: from 0.
    """
    tested = min(MOST_ROWS, round(TEST_SHARE * len(y)))
    trained = min(MOST_ROWS, len(y) - tested)
    classes = y.rank("dense").to_numpy() if task == "classification" else None
    train, test = train_test_split(
        np.arange(len(y)),
        train_size=trained,
        test_size=tested,
        stratify=classes if classes is None or _has_shares(classes, tested) else None,
        random_state=crc32(f"{name}/{number}".encode()),
    )
    if classes is not None:
        test = test[np.isin(classes[test], classes[train])]
    return Split(np.sort(train).astype(np.int64), np.sort(test).astype(np.int64))


def _has_shares(classes: np.ndarray, tested: int) -> bool:
    """Whether scikit-learn can keep the classes in proportion: two rows of each, and a test row for each."""
    _, counts = np.unique(classes, return_counts=True)
    return bool(counts.min() >= 2 and tested >= len(counts))
