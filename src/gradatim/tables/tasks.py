"""Classes or numbers: which task a target asks for, and whether it can be learned."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.conversion import as_series
from gradatim.tables.targets import present, words_for

TASKS = ("classification", "regression")
LARGEST_CODE = 20
ROWS_PER_CLASS = 5


def task_of(values: Any, task: str = "auto") -> tuple[Literal["classification", "regression"], str]:
    """Which task a target asks for, and why.

    Texts and booleans are classes; numbers with fractions are amounts. Whole numbers are classes if there are two of
    them, or if they run from 0 or 1 to at most 20 and have five rows each on average; otherwise they are amounts.

    Args:
        values: (m,) the target, missing values allowed.
        task: "classification" or "regression" to overrule the rule; "auto".

    Returns:
        The task, and the reason as a sentence.

    Raises:
        InputError: for an unknown task, or for "regression" where the values are no numbers.

    Example:
        >>> task_of([3.5, 4.25, 7.0])
        ('regression', 'The target holds numbers with fractions.')
        >>> task_of(["cat", "dog", "cat"])[0]
        'classification'
    """
    if task not in ("auto", *TASKS):
        raise InputError(f"task must be auto, classification or regression. Got {task!r}.{did_you_mean(task, TASKS)}")
    series = as_series(values, "target")
    if not series.dtype.is_numeric():
        if task == "regression":
            raise InputError(
                f"task must be classification where the target holds {words_for(series.dtype)}. Got regression: "
                f"choose a column of numbers, or leave task at auto."
            )
        return "classification", f"The target holds {words_for(series.dtype)}."
    if task != "auto":
        return ("classification" if task == "classification" else "regression"), f"You asked for {task}."
    return _task_of_numbers(series.filter(pl.Series(present(series))))


def _task_of_numbers(series: pl.Series) -> tuple[Literal["classification", "regression"], str]:
    if series.dtype.is_float() and bool((series != series.floor()).any()):
        return "regression", "The target holds numbers with fractions."
    K, rows = series.n_unique(), len(series)
    if K == 2:
        return "classification", "The target holds two different whole numbers."
    low, high = (int(series.to_numpy().min()), int(series.to_numpy().max())) if rows else (-1, -1)
    if rows >= ROWS_PER_CLASS * K and low in (0, 1) and high <= LARGEST_CODE:
        return (
            "classification",
            f"The target holds {K} different whole numbers from {low} to {high}, each in several rows.",
        )
    return "regression", f"The target holds {K} different whole numbers, too large, too many or too rare to be classes."


def refuse_classes_of_one_row(values: Any, name: str) -> None:
    """Refuse classes that hardly any two rows share: there is nothing to learn about each.

    Args:
        values: (m,) labels.
        name: of the target.

    Raises:
        InputError: for more than 20 classes with fewer than two rows each, on average.
    """
    series = as_series(values, name)
    K, rows = series.n_unique(), len(series)
    if K > LARGEST_CODE and 2 * K > rows:
        numeric = series.dtype.is_numeric()
        fix = 'Did you mean task="regression"?' if numeric else "Choose a column whose values come again."
        raise InputError(
            f"The target {name!r} must hold classes, each in several rows. Got {K:,} different values in {rows:,} "
            f"rows: almost each would be a class of its own. {fix}"
        )
