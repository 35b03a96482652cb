"""Everything that is decided before the first rung is trained; refused now, not after minutes of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from gradatim.errors import InputError
from gradatim.ladder.building import ladder_over
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.reading import Reading, reading_of
from gradatim.ladder.rungs import Rung
from gradatim.ladder.splits import Split, refuse_few_rows, split_rows
from gradatim.ladder.suspicions import suspicions
from gradatim.settings import Settings, Task
from gradatim.tables import Encoding, task_of
from gradatim.tables.examples import Examples, examples_of
from gradatim.tables.tasks import refuse_classes_of_one_row, refuse_constants

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Understood:
    """A table, understood.

    Attributes:
        ladder: over the rows that train and choose.
        split: which these are, and which test.
        test: the rows that test, or None.
        reading: what is told about it all.
    """

    ladder: Ladder
    split: Split
    test: Examples | None
    reading: Reading


def understood(
    examples: Examples,
    settings: Settings,
    rungs: Sequence[Rung],
    *,
    task: str = "auto",
    positive: Any = None,
    test: float | str | PathLike[str] | None = None,
    folds: int | str | None = None,
) -> Understood:
    """Decide task, split, metric and rungs, and what rungs are compared on.

    Args:
        examples: all rows with a target.
        settings: of the networks.
        rungs: that are wanted.
        task: see `task_of`.
        positive: see `ClassTarget.fit`.
        test: share of the rows to test on, or a file that holds them; None takes what the source holds back, or 0.2.
        folds: see `folds_to_compare_on`.

    Raises:
        InputError: with what must be mended.
    """
    _refuse_kinds_of_targets(examples, settings)
    classified, why = _task(examples, task, positive)
    own_test, share = _own_test(examples, test)
    split = split_rows(
        examples.n_rows,
        examples.y if classified else None,
        test=share,
        seed=settings.random_state or 0,
        groups=examples.groups,
        order=examples.order,
    )
    found: Task = "classification" if classified else "regression"
    ladder, notes = ladder_over(examples, split, settings, rungs, task=found, positive=positive, folds=folds)
    drawn = examples.take(split.test) if own_test is None and len(split.test) else None
    held = own_test or drawn
    _refuse_what_no_rung_can_do(ladder, held, own_test)
    rows = {**ladder.roles.counts, "test": 0 if held is None else held.n_rows}
    doubts = suspicions(
        examples.table,
        examples.y,
        replace(split, train=split.development, validation=split.validation[:0]) if ladder.in_folds else split,
        ladder.encoder.columns,
        target=examples.target,
        classes=classified,
        ordered=examples.order is not None,
        grouped=examples.groups is not None,
        own_test=own_test,
    )
    told = (*notes, *split.notes, *doubts)
    reading = reading_of(examples, ladder.encoder, ladder.target, why, rows, told, folds=len(ladder.footings))
    return Understood(ladder, split, held, reading)


def _refuse_kinds_of_targets(examples: Examples, settings: Settings) -> None:
    """Refuse kinds for what is predicted: asked here, where the target is still known to be a column."""
    kinds = settings.encoding.kinds if isinstance(settings.encoding, Encoding) else None
    for name in kinds or ():
        if name in examples.names:
            raise InputError(
                f"The column in kinds must not be the target. Got {name!r}. Whether it is a number or a class is "
                f'said with task="regression" or task="classification".'
            )


def _task(examples: Examples, task: str, positive: Any) -> tuple[bool, str]:
    """Whether classes are predicted, and why."""
    refuse_few_rows(examples.n_rows)
    found, why = task_of(examples.y, task)
    if found == "classification" and not examples.several:
        refuse_classes_of_one_row(examples.y, examples.target)
    if found == "regression":
        refuse_constants(examples.y)
        if positive is not None:
            raise InputError(f"positive must be left out where the target is a number. Got {positive!r}.")
    return found == "classification", why


def _refuse_what_no_rung_can_do(ladder: Ladder, held: Examples | None, own_test: Examples | None) -> None:
    """Refuse a table without columns, and test rows that a model of the training rows could not predict."""
    encoder = ladder.encoder
    if not encoder.reads_columns and any(rung.reads_columns for rung in ladder.rungs):
        raise InputError(f"The table must hold a column to predict from. Got none. {' '.join(encoder.notes)}".rstrip())
    if held is not None:
        ladder.target.encode(held.y)  # refuses classes that no training row has
    if own_test is not None:
        encoder.encode(own_test.table)  # refuses missing columns, and texts where numbers were


def _own_test(examples: Examples, test: float | str | PathLike[str] | None) -> tuple[Examples | None, float]:
    """Test rows that are a table of their own, or else the share of rows to draw."""
    if test is None:
        return (None, TEST_SHARE) if examples.held_out is None else (examples.held_out, 0.0)
    if isinstance(test, int | float):
        return None, float(test)
    return examples_of(str(test), examples.names), 0.0
