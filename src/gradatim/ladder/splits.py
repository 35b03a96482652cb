"""Which rows train, which choose, and which are kept for the end.

Conventions
-----------
* Test rows are drawn first, validation rows from the rest: by default 64 % train, 16 % choose, 20 % test.
* A seed gives the same rows in every run and for every rung. Row indices come sorted: training draws its own order.
* For classes every part has them in proportion (stratified), and every class keeps a row to train on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.training import hold_out

Indices = np.ndarray[Any, np.dtype[np.intp]]

FEWEST_ROWS = 5

VALIDATION_SHARE = 0.2
"""Of the rows that do not test, those that choose."""


@dataclass(frozen=True)
class Split:
    """Row indices of one table, disjoint and sorted.

    Attributes:
        train: rows that parameters and encodings are fitted on.
        validation: rows that choose the epoch and the rung.
        test: rows that nothing is chosen by; empty where the test rows are a table of their own.
    """

    train: Indices
    validation: Indices
    test: Indices

    @property
    def development(self) -> Indices:
        """Training and validation rows, sorted: all that a training may see."""
        return np.union1d(self.train, self.validation)

    @property
    def validation_of_development(self) -> Indices:
        """Where the validation rows stand within `development`."""
        return np.searchsorted(self.development, self.validation)


def split_rows(n_rows: int, labels: Any = None, *, test: float = 0.2, seed: int = 0) -> Split:
    """Draw test rows, then validation rows from the rest.

    Args:
        n_rows: rows of the table, at least 5.
        labels: (n_rows,) classes to keep in proportion, or None.
        test: share of the rows to test on; 0 draws none.
        seed: of the draw.

    Returns:
        The split.

    Raises:
        InputError: for fewer than 5 rows, or a share outside [0, 1).

    Example:
        >>> split = split_rows(10, seed=1)
        >>> len(split.train), len(split.validation), len(split.test)
        (6, 2, 2)
    """
    if not 0 <= test < 1:
        raise InputError(f"test must be a share of the rows in [0, 1), such as 0.2, or a file. Got {test!r}.")
    if n_rows < FEWEST_ROWS:
        raise InputError(
            f"The table must have {FEWEST_ROWS} rows with a target or more, to train, choose and test. Got {n_rows}."
        )
    rng = np.random.default_rng(seed)
    classes = None if labels is None else np.unique(labels, return_inverse=True)[1]
    rest, held = hold_out(np.arange(n_rows), test, rng, classes) if test else (np.arange(n_rows), np.arange(0))
    train, chosen = hold_out(rest, VALIDATION_SHARE, rng, None if classes is None else classes[rest])
    return Split(train, chosen, held)
