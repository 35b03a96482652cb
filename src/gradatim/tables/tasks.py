"""Classes or numbers: which task a target asks for, and whether it can be learned."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.conversion import as_series
from gradatim.tables.targets import present, words_for
from gradatim.tables.texts import without_missing

TASKS = ("classification", "regression")
LARGEST_CODE = 20
ROWS_PER_CLASS = 5


def task_of(values: Any, task: str = "auto") -> tuple[Literal["classification", "regression"], str]:
    """Which task a target asks for, and why.

    Texts and booleans are classes; numbers with fractions are amounts. Whole numbers are classes if there are two of
    them, or if they run from 0 or 1 to at most 20 and have two rows each or more, five on average; otherwise they are
    amounts.

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
            _refuse_texts_beside_numbers(series, series.name)
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
    if rows >= ROWS_PER_CLASS * K and low in (0, 1) and high <= LARGEST_CODE and _rarest(series) > 1:
        return (
            "classification",
            f"The target holds {K} different whole numbers from {low} to {high}, each in several rows. If they are "
            f"amounts, say that the task is regression.",
        )
    return "regression", f"The target holds {K} different whole numbers, too large, too many or too rare to be classes."


def _rarest(series: pl.Series) -> int:
    """In how many rows the rarest value stands."""
    return int(series.unique_counts().to_numpy().min())


def _refuse_texts_beside_numbers(series: pl.Series, name: str) -> None:
    """Refuse texts that are numbers but for some: with the first that is none, and its row."""
    if series.dtype != pl.String:
        return
    texts = without_missing(series)
    numbers = texts.cast(pl.Float64, strict=False)
    others = (numbers.is_null() & texts.is_not_null()).arg_true()
    if not 0 < len(others) < len(numbers) - numbers.null_count():
        return
    row, more = int(others[0]), f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    raise InputError(
        f"The target{f' {name!r}' if name else ''} holds numbers but for {series[row]!r} (row {row + 1}){more}: it "
        f"must hold numbers alone, or classes. Write numbers there, or leave the cells empty: rows without a target "
        f"are left out."
    )


def refuse_classes_of_one_row(values: Any, name: str) -> None:
    """Refuse classes that hardly any two rows share: there is nothing to learn about each.

    Args:
        values: (m,) labels.
        name: of the target.

    Raises:
        InputError: for more than 20 classes with fewer than two rows each, on average. Where most are numbers, it names
            the first text that is none.
    """
    series = as_series(values, name)
    K, rows = series.n_unique(), len(series)
    if K > LARGEST_CODE and 2 * K > rows:
        numeric = series.dtype.is_numeric()
        _refuse_texts_beside_numbers(series, name)
        fix = 'Did you mean task="regression"?' if numeric else "Choose a column whose values come again."
        raise InputError(
            f"The target {name!r} must hold classes, each in several rows. Got {K:,} different values in {rows:,} "
            f"rows: almost each would be a class of its own. {fix}"
        )
