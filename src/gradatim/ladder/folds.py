"""On which rows rungs and candidates are scored: parts of the rows that do not test, each held out in turn.

Conventions
-----------
* Folds are the same for all that are compared. Drawn ones have classes in proportion and groups whole; each row is
  scored once.
* In order, each fold scores rows that come later than all that it trains on, and the first rows are scored by none
  (rolling forecasting origin: Tashman 2000, International Journal of Forecasting 16, section 3).
* Within a fold the epoch is chosen by a share of its training rows; without a share, by the rows that the other folds
  score (`gradatim.ladder.epochs`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.ladder.splits import sortable, split_rows
from gradatim.model.preparation import Roles
from gradatim.tables.conversion import as_series
from gradatim.tables.examples import Examples
from gradatim.training.split import group_codes, hold_out, parts_of, strata

AUTO = "auto"

FOLDS, FEW_ROWS = 5, 3000
"""Below so many rows that do not test, rungs are compared in so many folds; from there on by one holdout."""


@dataclass(frozen=True)
class Fold:
    """Sorted row indices, disjoint.

    Attributes:
        roles: the rows that train, and those that choose the epoch.
        scored: the rows that score.
    """

    roles: Roles
    scored: Array

    def among(self, rows: Array) -> Fold:
        """The same, where it was cut of these rows of a larger table."""
        held_out = None if self.roles.held_out is None else rows[self.roles.held_out]
        return Fold(Roles(rows[self.roles.train], held_out), rows[self.scored])


def folds_to_compare_on(
    examples: Examples,
    rows: Array,
    folds: int | str | None,
    *,
    classes: bool,
    seed: int,
    require: Callable[[Any], None],
) -> tuple[Fold, ...]:
    """The folds that rungs are compared on: in each, rows score that do not train.

    Args:
        examples: all rows.
        rows: those of them that do not test.
        folds: how many; 1 or None for one holdout; "auto" decides by the number of rows. Rows in order then have one
            holdout, the last ones, since of folds the first would train on a sixth of the rows; and so have rows that
            are too few, of too few groups, or leave a fold on which the metric is not defined.
        classes: whether the target's values are to be kept in proportion.
        seed: of the draw.
        require: refuses, by an InputError, values of the target that no metric can be taken of.

    Returns:
        Folds of these rows; none where one holdout is to be used.

    Raises:
        InputError: for a number that is none, or folds that cannot be cut or scored.
    """
    require_folds(folds)
    if folds in (None, 1) or (folds == AUTO and (len(rows) >= FEW_ROWS or examples.order is not None)):
        return ()
    number = FOLDS if folds == AUTO else int(folds or 1)
    try:
        cut = cut_folds(examples.take(rows), number, classes=classes, share=None, seed=seed)
        for fold in cut:
            require(examples.y[rows[fold.scored]])
    except InputError:
        if folds == AUTO:
            return ()
        raise
    return tuple(fold.among(rows) for fold in cut)


def require_folds(folds: Any) -> None:
    """Refuse what is no number of folds; asked before anything is read.

    Raises:
        InputError: for anything but "auto", None, or a whole number of 1 or more.
    """
    whole = isinstance(folds, int | np.integer) and not isinstance(folds, bool)
    if not (folds is None or folds == AUTO or (whole and folds >= 1)):
        raise InputError(f'folds must be "auto", or a whole number, where 1 is one holdout. Got {folds!r}.')


def cut_folds(examples: Examples, folds: int, *, classes: bool, share: float | None, seed: int) -> tuple[Fold, ...]:
    """Cut the folds.

    Args:
        examples: the rows that do not test.
        folds: how many.
        classes: whether the target's values are to be kept in proportion.
        share: of a fold's training rows, to choose the epoch by; None leaves that to the rows that score.
        seed: of the draw.

    Raises:
        InputError: for fewer than two folds, or too few rows, groups or moments for them.

    Example:
        >>> examples = Examples.of({"x": range(12)}, [0, 1] * 6)
        >>> folds = cut_folds(examples, 3, classes=True, share=0.25, seed=0)
        >>> [len(fold.scored) for fold in folds], len(folds[0].roles.train), len(folds[0].roles.held_out)
        ([4, 4, 4], 6, 2)
    """
    if isinstance(folds, bool) or not isinstance(folds, int | np.integer) or folds < 2:
        raise InputError(f"folds must be a whole number of 2 or more. Got {folds!r}.")
    if examples.n_rows < folds + 2:
        raise InputError(
            f"folds must be at most {max(examples.n_rows - 2, 0)} where {examples.n_rows} rows do not test: two must "
            f"be left to train and to choose the epoch. Got {folds}."
        )
    cut = _drawn(examples, folds, classes, share, seed) if examples.order is None else _in_order(examples, folds)
    return tuple(
        Fold(Roles(train, chosen), scored)
        if share is not None
        else Fold(Roles(np.union1d(train, chosen), scored), scored)
        for train, chosen, scored in cut
    )


Parts = tuple[Array, Array, Array]
"""Rows that train, that choose the epoch, and that score."""


def _drawn(examples: Examples, folds: int, classes: bool, share: float | None, seed: int) -> list[Parts]:
    rows = np.arange(examples.n_rows)
    labels = strata(examples.y.to_numpy()) if classes else None
    groups = None if examples.groups is None else group_codes(examples.groups, examples.n_rows)
    if groups is not None and groups.max() < folds:
        raise InputError(
            f"folds must be fewer than the groups, of which each stays whole. Got {folds} folds and "
            f"{groups.max() + 1} groups in the rows that do not test."
        )
    rng = np.random.default_rng([seed, 1])  # not the numbers again by which the test rows were drawn
    parts = parts_of(rows, folds, rng, labels, groups)
    others = [np.setdiff1d(rows, part) for part in parts]
    if share is None:
        return [(rest, part[:0], part) for rest, part in zip(others, parts, strict=True)]
    codes = ([None if of_all is None else of_all[rest] for of_all in (labels, groups)] for rest in others)
    drawn = (hold_out(rest, share, rng, *of_rest) for rest, of_rest in zip(others, codes, strict=True))
    return [(*pair, part) for pair, part in zip(drawn, parts, strict=True)]


def _in_order(examples: Examples, folds: int) -> list[Parts]:
    """Cut off the last moments as one fold, then the last of what is left as the one before."""
    # Values are understood once: dates of a part alone might be read in another order of day and month.
    series = as_series(examples.order, "order")
    moments = sortable(series, series.name or "order")[0].rank("dense").alias(series.name)
    parts, rest = [], np.arange(examples.n_rows)
    for left in range(folds, 0, -1):
        split = split_rows(len(rest), test=1 / (left + 1), order=moments[rest])
        parts.append((rest[split.train], rest[split.validation], rest[split.test]))
        rest = rest[split.development]
    return parts[::-1]
